"""Django's handler of requests, which lets go of one that is over: else each waits in cycles for the collector.

That comes seldom (conversations/jobs.py), so thousands of them were in memory: 11 MB (docs/decisions/0037-memory.md).
"""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest

#: So soon the handler has left all that is in a traceback.
UNWOUND_SECONDS = 1.0
#: What is found out when it is first asked for, by the request, which holds it.
ASKED_LATER = ("user", "auser", "csp_nonce", "_messages")


class Request(ASGIRequest):
    def close(self) -> None:
        """End with the response, behind which nobody asks it anything."""
        super().close()
        for name in ASKED_LATER:
            self.__dict__.pop(name, None)


class Handler(ASGIHandler):
    request_class = Request

    async def listen_for_disconnect(self, receive: Any) -> None:
        """Raise when the client has gone, or has its answer. The traceback holds all of the request, and itself."""
        try:
            await super().listen_for_disconnect(receive)
        except RequestAborted as aborted:
            asyncio.get_running_loop().call_later(UNWOUND_SECONDS, aborted.with_traceback, None)
            raise
