"""Who watches turns in this process: called where a server or a worker starts."""

from __future__ import annotations

from django.conf import settings

from chatsite.metrics.figures import Counting
from conversations import watching


def start_watchers() -> None:
    """Count from now on, and trace where that is wanted."""
    watching.add(Counting())
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        # Loaded only then: it brings a thread and a third of a second.
        from chatsite.tracing import start_tracing

        start_tracing()
