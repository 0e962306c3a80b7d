"""Small assistants: what a team may begin with instead of the airline."""
