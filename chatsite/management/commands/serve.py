"""The whole site in one process: web server, WebSockets, and a worker."""

from __future__ import annotations

import daphne.server  # isort: skip  # installs the reactor; must come before anything else of twisted's

import asyncio
import errno
import gc
import logging
import signal
import socket
from argparse import ArgumentParser
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from chatsite import lifecycle, logs, prepare, provider_check, whole_requests
from chatsite.winding_down import OrderlyServer
from conversations import events, prices
from conversations.worker import run_worker

DRAIN_SECONDS = 2.0  # enough for a proxy that asks every second
logger = logging.getLogger(__name__)
reactor: Any = daphne.server.reactor  # a module to type checkers, an object at run time


class Command(BaseCommand):
    help = "Serve the site: pages, API, WebSockets, and a worker that runs the assistant's turns."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="address to listen on (default: HOST)")
        parser.add_argument(
            "--port", type=int, default=settings.PORT, help="0 takes a free one (default: PORT)"
        )
        parser.add_argument("--no-worker", action="store_true", help="leave turns to `manage.py worker`")
        parser.add_argument(
            "--drain",
            type=float,
            metavar="SECONDS",
            help="when told to stop, serve on until a proxy has noticed "
            f"(default: {DRAIN_SECONDS:.0f} with --no-worker, else 0)",
        )

    def handle(self, *, host: str, port: int, no_worker: bool, drain: float | None, **options: Any) -> None:
        logs.adopt_strays()
        if drain is None:
            drain = DRAIN_SECONDS if no_worker else 0.0
        port, reservation = _reserve(host, port)
        prepare.prepare_all(self._say)
        if no_worker:
            prepare.note_what_waits()
        if settings.PUBLIC_URL.endswith(f"//localhost:{settings.PORT}"):
            settings.PUBLIC_URL = f"http://localhost:{port}"
        whole_requests.install()
        self._server = OrderlyServer(
            import_string(settings.ASGI_APPLICATION),
            endpoints=build_endpoint_description_strings(host=host, port=port),
            signal_handlers=False,
            ready_callable=lambda: self._ready(with_worker=not no_worker, drain=drain),
            websocket_timeout=-1,
            server_name="",
            verbosity=2,  # what Twisted has to say goes to the log, not nowhere
        )
        reservation.close()
        self._server.run()
        gc.freeze()  # or the interpreter's last collection, of what goes anyway, takes a second
        if self._server.abort_start:
            raise _port_in_use(port)

    def _ready(self, *, with_worker: bool, drain: float) -> None:
        loop = asyncio.get_event_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop, drain)
        loop.call_soon(events.join_loop)
        self._stop_worker = asyncio.Event()
        self._worker = loop.create_task(run_worker(self._stop_worker)) if with_worker else None
        self._introduce(with_worker)
        provider_check.start()
        lifecycle.tell_supervisor("READY=1")

    def _stop(self, drain: float) -> None:
        if lifecycle.is_stopping():
            return
        lifecycle.stop_soon()
        self._stop_worker.set()
        self._ending = asyncio.ensure_future(self._server.wind_down(drain=drain, worker=self._worker))
        self._ending.add_done_callback(self._stopped)

    def _stopped(self, ending: asyncio.Future[None]) -> None:
        if ending.exception():
            logger.error("The end was not in order", exc_info=ending.exception())
        reactor.stop()

    def _introduce(self, with_worker: bool) -> None:
        self._say(f"Serving on {settings.PUBLIC_URL} (Ctrl-C stops it)")
        if settings.CHAT_PROVIDER == "practice":
            self._say(
                "Replies are canned: set OPENAI_API_KEY or GEMINI_API_KEY in .env for a real assistant."
            )
        else:
            self._say(f"Replies come from {settings.CHAT_PROVIDER}.")
            if settings.CHAT_SITE_DAILY_COST and prices.find_price(settings.CHAT_MODEL) is None:
                self._say(
                    f"CHAT_SITE_DAILY_COST limits nothing: the price of {settings.CHAT_MODEL} isn't known. "
                    "Put it into CHAT_PRICES_FILE."
                )
        if not with_worker:
            self._say("Nobody answers here: run `python manage.py worker` beside it.")
        if prepare.administrators_password().exists():
            self._say(
                f"Staff: {settings.PUBLIC_URL}/admin/ as admin, password in {prepare.administrators_password()}"
            )

    def _say(self, words: str) -> None:
        if settings.LOG_FORMAT == "json":
            logger.info(words)
        else:
            self.stdout.write(words)
            self.stdout.flush()


def _reserve(host: str, port: int) -> tuple[int, socket.socket]:
    """Keep the port for the server while everything else gets ready."""
    if not 0 <= port <= 65535:
        raise lifecycle.CannotStart(f"There is no port {port}: take one from 1 to 65535.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        reservation = socket.socket(family, kind, protocol)
        reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reservation.bind(address)
    except PermissionError:
        raise lifecycle.CannotStart(
            f"Port {port} is for root alone. Take one above 1023: `python manage.py serve --port 8000`."
        ) from None
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno != errno.EADDRINUSE:
            raise lifecycle.CannotStart(
                f"This machine has no address {host!r} to listen on ({error.strerror}). Check HOST or --host."
            ) from None
        raise _port_in_use(port) from None
    return reservation.getsockname()[1], reservation


def _port_in_use(port: int) -> lifecycle.CannotStart:
    return lifecycle.CannotStart(
        f"Port {port} is in use: perhaps the site runs already. Stop the other program, or take another port: "
        f"`PORT={port + 1} make run` or `python manage.py serve --port {port + 1}`."
    )
