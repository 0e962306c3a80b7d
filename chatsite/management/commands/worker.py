"""Workers alone, any number, on any machine that shares the database."""

from __future__ import annotations

import asyncio
import logging
import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chatsite import lifecycle, logs, prepare, provider_check
from chatsite.metrics.server import serve_metrics
from chatsite.watchers import start_watchers
from conversations.worker import CONCURRENCY, run_worker

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Run the assistant's turns; any number of workers may share a database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--concurrency", type=int, default=CONCURRENCY, help="turns at a time (default: %(default)s)"
        )

    def handle(self, *, concurrency: int, **options: Any) -> None:
        logs.adopt_strays()
        start_watchers()
        prepare.check_database()
        prepare.note_what_waits()
        if settings.METRICS_PORT:
            serve_metrics(settings.HOST, settings.METRICS_PORT)
        asyncio.run(self._work(concurrency))

    async def _work(self, concurrency: int) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        if settings.LOG_FORMAT == "json":
            logger.info("Working on turns")
        else:
            self.stdout.write("Working on turns (Ctrl-C stops it)")
            self.stdout.flush()
        provider_check.start()
        lifecycle.tell_supervisor("READY=1")
        await run_worker(stop, concurrency=concurrency)
