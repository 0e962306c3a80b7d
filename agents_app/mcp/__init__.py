"""The Model Context Protocol: our tools offered, and others' used."""
