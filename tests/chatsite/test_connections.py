"""What the web server does with its connections, whatever application it serves."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from chatsite.handshakes import CLOSE_SECONDS

# It breaks down in the middle of each answer, and tells who writes by a socket what is left of the requests behind it.
SERVER = """
import daphne.server
import gc, json
import django
django.setup()
from chatsite import whole_requests
from chatsite.handshakes import LeanSocket
from chatsite.winding_down import OrderlyServer

async def application(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"Once upon", "more_body": True})
        raise RuntimeError("broken down")
    asked = len(scope["headers"])
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] == "websocket.receive":
        sockets = [each for each in gc.get_objects() if isinstance(each, LeanSocket)]
        told = {
            "sockets": len(sockets),
            "asked": asked,
            "headers": len(scope["headers"]) + sum(len(each.http_headers) for each in sockets),
            "channels": sum(each.transport.producer is not None for each in sockets),
            "leave": sockets[0].closeHandshakeTimeout,
        }
        await send({"type": "websocket.send", "text": json.dumps(told)})

whole_requests.install()
server = OrderlyServer(application, endpoints=["tcp:port=0:interface=127.0.0.1"])
heard = server.listen_success
def listen_success(port):
    heard(port)
    print(port.getHost().port, flush=True)
server.listen_success = listen_success
server.run()
"""


@pytest.fixture
def address() -> Iterator[str]:
    command = [sys.executable, "-c", SERVER]
    root = Path(__file__).parent.parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as server:
        assert server.stdout is not None
        yield f"127.0.0.1:{server.stdout.readline().strip()}"
        server.kill()


def test_an_open_socket_has_forgotten_its_request(address: str) -> None:
    url = f"ws://{address}/"
    with connect(url) as first, connect(url, additional_headers={"Cookie": "long=" + 4000 * "x"}) as second:
        for each in (first, second):
            each.send("What is there?")
            told = json.loads(each.recv(timeout=60))
            assert told.pop("asked") > 4
            assert told == {"sockets": 2, "headers": 0, "channels": 0, "leave": CLOSE_SECONDS}


def test_an_answer_that_breaks_down_is_cut_off_each_time(address: str) -> None:
    for _ in range(2):  # Daphne's own looked after no connection any more once this had happened
        with httpx.stream("GET", f"http://{address}/", timeout=20) as answer:
            pieces = answer.iter_bytes()
            assert next(pieces) == b"Once upon"
            with pytest.raises(httpx.RemoteProtocolError):
                next(pieces)
