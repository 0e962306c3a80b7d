"""What an operator watches, as Prometheus text at /metrics (docs/operations.md).

Figures of the process are counted in its memory; those of the site are asked of the database when they are read.
"""
