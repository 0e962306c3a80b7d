"""The dashboard and the alerts of deploy/monitoring ask for nothing that /metrics doesn't say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
import yaml
from prometheus_client import Metric

from chatsite.metrics.figures import registry
from chatsite.metrics.site import SiteFigures
from tests.find_browser import ROOT

MONITORING = ROOT / "deploy/monitoring"
FROM_PROMETHEUS = {"instance", "job", "le"}  # labels that it adds itself
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}


@pytest.fixture
def metrics(transactional_db: None) -> list[Metric]:
    return [*registry.collect(), *SiteFigures().collect()]


def questions() -> Iterator[tuple[str, str]]:
    """Yield every expression with the name of what asks it."""
    for panel in json.loads((MONITORING / "grafana-dashboard.json").read_text())["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for group in yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


def test_every_metric_that_is_asked_for_is_there(metrics: list[Metric]) -> None:
    there = {f"{each.name}{suffix}" for each in metrics for suffix in SUFFIXES[each.type]} | {"up"}

    asked = {name: where for where, expr in questions() for name in names(expr)}

    assert len(asked) > 25
    assert {name: where for name, where in asked.items() if name not in there} == {}


def test_every_metric_of_ours_is_worth_a_panel_or_an_alert(metrics: list[Metric]) -> None:
    asked = {name for _, expr in questions() for name in names(expr)}

    unused = [
        each.name
        for each in metrics
        if each.name.startswith("chat_")
        and not asked.intersection(f"{each.name}{suffix}" for suffix in SUFFIXES[each.type])
    ]
    assert unused == []


def test_every_label_that_is_asked_for_is_there(metrics: list[Metric]) -> None:
    there = {
        label
        for each in (*registry._collector_to_names, *metrics)
        for label in getattr(each, "_labelnames", ())
    }

    asked = {label: where for where, expr in questions() for label in labels(expr)}

    assert {"status", "code", "route", "model"} <= asked.keys()
    assert {label: where for label, where in asked.items() if label not in there | FROM_PROMETHEUS} == {}


def test_every_figure_and_alert_is_explained() -> None:
    page = (ROOT / "docs/operations.md").read_text()

    alerts = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"][0]["rules"]
    assert [rule["alert"] for rule in alerts if f"`{rule['alert']}`" not in page] == []


def names(expr: str) -> set[str]:
    return set(re.findall(r"\b(?:chat|process)_[a-z_]+\b|\bup\b", re.sub(r'"[^"]*"', "", expr)))


def labels(expr: str) -> set[str]:
    grouped = {word.strip() for group in re.findall(r"by \(([^)]*)\)", expr) for word in group.split(",")}
    return grouped | set(re.findall(r"[{,]\s*(\w+)\s*(?:=~|!=|=)", expr))
