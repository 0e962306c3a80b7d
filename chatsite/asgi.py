"""The ASGI application: HTTP by Django, WebSockets by Channels."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

# Django must be set up before these.
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from chatsite.accounts.websocket import AuthMiddleware  # noqa: E402
from chatsite.metrics import counting  # noqa: E402
from chatsite.watchers import start_watchers  # noqa: E402
from conversations.consumers import ConversationConsumer, UnknownConsumer, UserConsumer  # noqa: E402

websockets = URLRouter(
    [
        path("ws/conversations/<str:conversation_id>/", ConversationConsumer.as_asgi()),
        path("ws/me/", UserConsumer.as_asgi()),
        re_path("", UnknownConsumer.as_asgi()),
    ]
)
start_watchers()
application = counting.count_open(ProtocolTypeRouter({"http": http, "websocket": AuthMiddleware(websockets)}))
