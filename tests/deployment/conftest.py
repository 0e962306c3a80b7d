"""The deployment that `python -m deploy.local` starts: proxy, Redis, two servers, two workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import Cluster
from tests import system_packages
from tests.environment import forget_at_power_loss, remove

SIGN_INS_A_MINUTE = 24
NAMED_PAGE = "https://shop.example"


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A running deployment, behind the proxy's configuration that is shipped."""
    yield from start_cluster(tmp_path_factory.mktemp("cluster"))


def start_cluster(folder: Path, **settings: str) -> Iterator[Cluster]:
    """Start a deployment with settings of its own; it ends with the generator."""
    haproxy = system_packages.program("haproxy", "haproxy")
    redis_server = system_packages.program("redis-server", "redis-server")
    forget_at_power_loss(folder / "data")
    usual = {
        "CHAT_RATE_PER_MINUTE": "0",
        "AUTH_RATE_PER_MINUTE": str(SIGN_INS_A_MINUTE),
        "CORS_ALLOWED_ORIGINS": NAMED_PAGE,
    }
    cluster = Cluster(
        folder,
        {**usual, **settings},
        haproxy=haproxy,
        redis_server=redis_server,
    )
    try:
        with cluster.running():
            yield cluster
    finally:
        remove(folder / "data")
