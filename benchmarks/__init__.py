"""What a turn costs here, beside what it costs in the obvious design and in a bare relay. `make bench` runs it."""
