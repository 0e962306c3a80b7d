"""The practice provider: one HTTP server that speaks the model providers' APIs and answers from plain words.

It serves the start without a key, tests and benchmarks alike, so that all of them go the real provider's way.
Nothing in this package needs Django. docs/practice.md lists what it understands.
"""
