"""Scripted customers against the configured model: what they achieved, what it cost, how long it took. `make eval`."""
