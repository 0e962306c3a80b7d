"""The proxy with a certificate, before servers whose public address is https."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from deploy.local import Cluster, Process
from tests.contract.client import SECONDS
from tests.deployment.conftest import start_cluster
from tests.deployment.test_files import make_certificate
from tests.fixtures.site import free_port

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificate")
    make_certificate(folder)
    return folder / "site.pem"


@pytest.fixture(scope="module")
def https_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def proxy(certificate: Path, https_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A deployment whose proxy ends TLS."""
    folder = tmp_path_factory.mktemp("tls")
    for cluster in start_cluster(folder, PUBLIC_URL=f"https://localhost:{https_port}"):
        yield from with_certificate(cluster, certificate, https_port)


def with_certificate(cluster: Cluster, certificate: Path, https_port: int) -> Iterator[Process]:
    """Run the proxy once more, as it is with a certificate."""
    more = {
        "HTTP_BIND": f"127.0.0.1:{free_port()}",
        "HTTPS_BIND": f"127.0.0.1:{https_port}",
        "METRICS_BIND": f"127.0.0.1:{free_port()}",
        "TLS_CERTIFICATE": str(certificate),
    }
    up = f"https://localhost:{https_port}/healthz"
    proxy = replace(
        cluster.proxy,
        environment={**cluster.proxy.environment, **more},
        log_file=cluster.folder / "tls-proxy.log",
        is_up=lambda: answers(up, certificate),
    )
    try:
        proxy.start()
        yield proxy
    finally:
        proxy.stop()


def test_plain_http_only_sends_people_to_https(proxy: Process, https_port: int) -> None:
    answer = httpx.get(f"http://{proxy.environment['HTTP_BIND']}/sign-in/", headers={"Host": "localhost"})

    assert answer.status_code == 308
    assert answer.headers["Location"] == "https://localhost/sign-in/"


def test_the_site_knows_that_it_is_reached_by_https(
    proxy: Process, https_port: int, certificate: Path
) -> None:
    with httpx.Client(base_url=f"https://localhost:{https_port}", verify=trusting(certificate)) as visitor:
        page = visitor.get("/sign-in/")
        token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        # Django looks at the Referer of forms, and at the Origin, only where it knows of TLS.
        refused = visitor.post("/sign-in/", data={"csrfmiddlewaretoken": token})
        taken = visitor.post(
            "/sign-in/", data={"csrfmiddlewaretoken": token}, headers={"Referer": str(page.url)}
        )

    assert "max-age=" in page.headers["Strict-Transport-Security"]
    assert "Secure" in page.headers["Set-Cookie"]
    assert (refused.status_code, taken.status_code) == (403, 200)


def test_a_websocket_goes_through_tls(proxy: Process, https_port: int, certificate: Path) -> None:
    url = f"https://localhost:{https_port}"
    person = httpx.post(f"{url}/api/auth/guest", verify=trusting(certificate)).json()

    async def spoken() -> str | None:
        # Not websockets.sync: it reads in one thread and writes in another, and a TLS connection of Python's is not
        # safe for that. One request in some hundred never left.
        async with connect(
            f"wss://localhost:{https_port}/ws/me/",
            ssl=trusting(certificate),
            subprotocols=[Subprotocol("chat.v1"), Subprotocol(f"bearer.{person['access']}")],
            open_timeout=SECONDS,
        ) as socket:
            return socket.subprotocol

    assert asyncio.run(spoken()) == "chat.v1"


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def answers(url: str, certificate: Path) -> bool:
    try:
        return httpx.get(url, verify=trusting(certificate)).status_code == 200
    except httpx.TransportError:
        return False
