"""What the site holds about a person: given to them as a file, and erased."""
