"""/metrics, /healthz and /readyz of a process that serves nothing else: a worker's, in a thread of their own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from socketserver import TCPServer, ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse

from chatsite import health, problems
from chatsite.lifecycle import CannotStart
from chatsite.metrics.views import metrics
from chatsite.middleware import HEADER
from conversations.errors import AppError, NotFound
from conversations.ids import new_id

SILENT_SECONDS = 10
_PAGES: dict[str, Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]]] = {
    "/metrics": metrics,
    "/healthz": health.alive,
    "/readyz": health.ready,
}

logger = logging.getLogger(__name__)


def serve_metrics(host: str, port: int) -> int:
    """Answer until the process ends; return the port, which 0 leaves to the system."""
    try:
        server = _Server((host, port), _Handler)
    except OSError as error:
        raise CannotStart(
            f"METRICS_PORT {port} can't be listened on ({error.strerror}). Give each worker of a machine its own."
        ) from None
    server.set_app(_answer)
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server.server_port


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's would ask the DNS for the machine's name
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        logger.warning("A reader of the figures broke off")


class _Handler(WSGIRequestHandler):
    timeout = SILENT_SECONDS

    def log_message(self, *arguments: object) -> None:
        """Say nothing of each request."""


def _answer(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    request = WSGIRequest(environ)
    request.request_id = new_id("req")  # type: ignore[attr-defined]
    page = _PAGES.get(request.path)
    try:
        response = problems.problem(request, NotFound()) if page is None else asyncio.run(page(request))
    except Exception:
        logger.exception("The figures can't be told")
        response = problems.problem(request, AppError())
    response[HEADER] = problems.request_id_of(request)
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return [response.content]
