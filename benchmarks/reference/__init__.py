"""The obvious design, written as the documentation of its parts shows it: what ours is measured against."""
