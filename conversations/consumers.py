"""The two WebSockets: a conversation's events, and which of a user's conversations changed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from contextlib import aclosing
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.utils import timezone

from conversations import errors, events, log_ids, services
from conversations.events import LoggedEvent
from conversations.models import Conversation
from conversations.streams import READING_SECONDS
from conversations.threads import in_database

logger = logging.getLogger(__name__)

NOT_AUTHENTICATED, FORBIDDEN_ORIGIN, NOT_FOUND, GONE = 4401, 4403, 4404, 4410
RESTART, TRY_AGAIN_LATER = 1012, 1013  # as every WebSocket client knows them
PROTOCOL = "chat.v1"
JOIN_SECONDS = 1.0
MOST_CHANGES = 100
_CLOSE_CODES = {
    "not_authenticated": NOT_AUTHENTICATED,
    "origin": FORBIDDEN_ORIGIN,
    "not_found": NOT_FOUND,
    "gone": GONE,
    "unavailable": TRY_AGAIN_LATER,
}


class _AuthenticatedConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Accepts before it closes, so that a page can read the code; closes when the token runs out."""

    #: What comes, comes by the process's one channel. Channels would take one for each socket, a subscription of
    #: Redis's, before anything else, and drop who comes while it is away.
    channel_layer_alias = None
    _work: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        # What happens once the socket is open must reach it: so the place in the log is taken before.
        refusal = await self._refusal()
        await self.accept(PROTOCOL if PROTOCOL in self.scope["subprotocols"] else None)
        if refusal is not None:
            await self.close(refusal)
        else:
            self._work = asyncio.create_task(self._serve())

    async def _refusal(self) -> int | None:
        if self.scope["user"] is None:
            return _CLOSE_CODES.get(self.scope["auth_failure"], NOT_AUTHENTICATED)
        try:
            await self.prepare()
        except errors.AppError as error:
            return _CLOSE_CODES[error.code]
        except errors.NO_DATABASE:
            return TRY_AGAIN_LATER
        except Exception:
            logger.exception("A WebSocket was refused")
            return TRY_AGAIN_LATER
        return None

    async def disconnect(self, code: int) -> None:
        if self._work is not None:
            work, self._work = self._work, None  # a task that was cancelled holds us, too
            work.cancel()
            await asyncio.wait([work])

    async def _serve(self) -> None:
        try:
            async with asyncio.timeout(self._seconds_left()):
                await self.serve()
            await self.close(RESTART)
        except TimeoutError:  # a page with a session comes back, and is looked at anew
            await self.close(NOT_AUTHENTICATED if self.scope["token_expires_at"] else RESTART)
        except errors.AppError as error:
            await self.close(_CLOSE_CODES[error.code])
        except errors.NO_DATABASE:  # a page that hears it comes back and resumes
            logger.warning("The database can't be reached: a WebSocket is sent away")
            await self.close(TRY_AGAIN_LATER)
        except Exception:
            logger.exception("A WebSocket was given up")
            await self.close(TRY_AGAIN_LATER)

    def _seconds_left(self) -> float:
        expires_at: datetime | None = self.scope["token_expires_at"]
        if expires_at is None:
            return READING_SECONDS
        return max(0.0, (expires_at - timezone.now()).total_seconds())

    async def prepare(self) -> None:
        """Take the place from which to serve, before the socket is open. Raises what the page is told."""

    async def serve(self) -> None:
        """Push what happens, until this process stops."""
        raise NotImplementedError


class ConversationConsumer(_AuthenticatedConsumer):
    """Pushes `{"seq", "turn_id", "event"}`, everything after `after_seq`."""

    async def prepare(self) -> None:
        self._conversation_id = self.scope["url_route"]["kwargs"]["conversation_id"]
        log_ids.note(self._conversation_id)
        self._after_seq = await in_database(self._start, self._conversation_id)

    async def serve(self) -> None:
        async with aclosing(events.follow(self._conversation_id, self._after_seq)) as following:
            async for piece in following:
                while piece:
                    await self.send(text_data=_frame(piece.pop(0)))

    def _start(self, conversation_id: str) -> int:
        if events.clean(conversation_id) != conversation_id:
            raise errors.NotFound()
        conversation = services.get_conversation(user=self.scope["user"], id=conversation_id)
        asked = parse_qs(self.scope["query_string"].decode()).get("after_seq", [""])[0]
        if not asked:
            return services.snapshot_seq(conversation)
        if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
            raise errors.Gone()
        return int(asked)


class UnknownConsumer(_AuthenticatedConsumer):
    """Says that there is nothing at an address."""

    async def prepare(self) -> None:
        raise errors.NotFound()


class UserConsumer(_AuthenticatedConsumer):
    """Pushes `{"type": "conversation.changed", "conversation_id", "seq"}` for all of a user's conversations.

    Who asks for `?effects` gets client effects, too, as they are in a conversation's log, with its `conversation_id`:
    null for what was changed in none, as by an MCP client.
    """

    _channel = ""

    async def prepare(self) -> None:
        events.join_loop()
        asked = parse_qs(self.scope["query_string"].decode(), keep_blank_values=True)
        self._wants_effects = "effects" in asked
        self._group = services.user_group(self.scope["user"].pk)
        await self._join()

    async def serve(self) -> None:
        work = (events.readers_are_sent_away(), self._pass_on(), self._look_after_outages())
        tasks = [asyncio.create_task(each) for each in work]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in done:
            task.result()

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if self._channel:
            with contextlib.suppress(Exception):
                await get_channel_layer().group_discard(self._group, self._channel)

    async def _join(self) -> None:
        """Get a place where the group's messages come to; there is none while the channel layer is away."""
        layer = get_channel_layer()
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                channel = await layer.new_channel()
                await layer.group_add(self._group, channel)
        except Exception:  # whatever the layer's transport raises
            logger.warning("channel layer unreachable, a page is not told of changes", exc_info=True)
        else:
            self._channel = channel

    async def _pass_on(self) -> None:
        came = timezone.now()
        was_late = not self._channel
        while not self._channel:
            await asyncio.sleep(JOIN_SECONDS)
            await self._join()
        if was_late:
            await self._tell_of_changes(came)
        while True:
            message: dict[str, Any] = await get_channel_layer().receive(self._channel)
            if message["type"] == services.ERASED["type"]:
                raise errors.NotAuthenticated()
            if self._wants_effects or message["type"] != "client_effect":
                await self.send(text_data=events.dump(message))

    async def _look_after_outages(self) -> None:
        async with aclosing(events.outages()) as outages:
            async for since in outages:
                await asyncio.sleep(JOIN_SECONDS * random.random())  # noqa: S311  # all pages come at once
                await self._tell_of_changes(since)

    async def _tell_of_changes(self, since: datetime) -> None:
        for changed in await in_database(self._changed_conversations, since):
            await self.send(text_data=events.dump(changed))

    def _changed_conversations(self, since: datetime) -> list[dict[str, Any]]:
        if not type(self.scope["user"]).objects.filter(pk=self.scope["user"].pk).exists():
            raise errors.NotAuthenticated()
        own = Conversation.objects.visible_to(self.scope["user"]).logged_since(since).newest_first()
        return [services.conversation_changed(conversation) for conversation in own[:MOST_CHANGES]]


def _frame(event: LoggedEvent) -> str:
    turn = "null" if event.turn_id is None else events.dump(event.turn_id)  # type: ignore[arg-type]
    return f'{{"seq":{event.seq},"turn_id":{turn},"event":{event.payload}}}'
