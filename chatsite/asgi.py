"""The ASGI application: HTTP by Django, WebSockets by Channels."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

from typing import Any

import django
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries

django.setup(set_prefix=False)

# Django must be set up before these.
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from chatsite.accounts.websocket import AuthMiddleware  # noqa: E402
from chatsite.handler import Handler  # noqa: E402
from chatsite.metrics import counting  # noqa: E402
from chatsite.watchers import start_watchers  # noqa: E402
from conversations.consumers import ConversationConsumer, UnknownConsumer, UserConsumer  # noqa: E402
from conversations.threads import request_threads  # noqa: E402

websockets = URLRouter(
    [
        path("ws/conversations/<str:conversation_id>/", ConversationConsumer.as_asgi()),
        path("ws/me/", UserConsumer.as_asgi()),
        re_path("", UnknownConsumer.as_asgi()),
    ]
)
# Our threads keep their connections and look after them; two switches a request less.
for signal, receiver in (
    (request_started, reset_queries),
    (request_started, close_old_connections),
    (request_finished, close_old_connections),
):
    signal.disconnect(receiver)
django_http = Handler()


async def http(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request; what of it needs a thread shares one of a few with others."""
    async with request_threads():
        await django_http(scope, receive, send)


start_watchers()
application = counting.count_open(ProtocolTypeRouter({"http": http, "websocket": AuthMiddleware(websockets)}))
