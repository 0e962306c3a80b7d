"""The embedded PostgreSQL: made, started, shared and stopped by whoever needs it (docs/decisions/0002).

`DATABASES` names this package as ENGINE, with DATA_DIR beside it: `base.py` is Django's own PostgreSQL backend that
makes sure, before it connects, that the server runs.
"""
