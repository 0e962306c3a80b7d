"""Reading /metrics as Prometheus does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.contract.client import SECONDS


class Reading:
    """What one reading of /metrics said."""

    def __init__(self, text: str) -> None:
        self._samples = [
            sample for family in text_string_to_metric_families(text) for sample in family.samples
        ]

    @property
    def names(self) -> set[str]:
        return {sample.name for sample in self._samples}

    @property
    def labels(self) -> set[str]:
        """Every value of every label."""
        return {value for sample in self._samples for value in sample.labels.values()}

    def value(self, name: str, **labels: str) -> float:
        """Return the sum of what has the name and the labels; 0 when there is nothing."""
        return sum(
            sample.value
            for sample in self._samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


def read_metrics(url: str) -> Reading:
    answer = httpx.get(f"{url}/metrics", timeout=SECONDS)
    assert answer.status_code == 200, answer.text
    return Reading(answer.text)


def await_metrics(url: str, good: Callable[[Reading], bool]) -> Reading:
    """Read until what is counted a moment after the answer has arrived."""
    deadline = time.monotonic() + SECONDS
    while not good(reading := read_metrics(url)):
        assert time.monotonic() < deadline, sorted(reading.names)
        threading.Event().wait(0.02)
    return reading
