"""What a WebSocket keeps of the request that it began as."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

# It answers each message with what there is of the requests behind its open sockets.
SERVER = """
import daphne.server
import gc, json
import django
django.setup()
from chatsite import whole_requests
from chatsite.handshakes import LeanSocket
from chatsite.winding_down import OrderlyServer

async def application(scope, receive, send):
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
def url() -> Iterator[str]:
    command = [sys.executable, "-c", SERVER]
    root = Path(__file__).parent.parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as server:
        assert server.stdout is not None
        yield f"ws://127.0.0.1:{server.stdout.readline().strip()}/"
        server.kill()


def test_an_open_socket_has_forgotten_its_request(url: str) -> None:
    with connect(url) as first, connect(url, additional_headers={"Cookie": "long=" + 4000 * "x"}) as second:
        for each in (first, second):
            each.send("What is there?")
            told = json.loads(each.recv(timeout=60))
            assert told.pop("asked") > 4
            assert told == {"sockets": 2, "headers": 0, "channels": 0}
