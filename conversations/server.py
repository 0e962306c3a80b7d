"""ChatKit's server over the conversations: its types and reads, our services for every write.

A sending request is one service call; what it streams is read from the log. Importing this imports agents: only
at the first ChatKit request.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from chatkit.actions import Action
from chatkit.server import DEFAULT_PAGE_SIZE, ChatKitServer, NonStreamingResult, StreamingResult
from chatkit.store import NotFoundError
from chatkit.types import (
    AttachmentsCreateReq,
    AttachmentsDeleteReq,
    ChatKitReq,
    ErrorEvent,
    FeedbackKind,
    HiddenContextItem,
    InputTranscribeReq,
    ItemsListReq,
    NonStreamingReq,
    SDKHiddenContextItem,
    StreamingReq,
    SyncCustomActionResponse,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadMetadata,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsDeleteReq,
    ThreadsGetByIdReq,
    ThreadsListReq,
    ThreadsRetryAfterItemReq,
    ThreadsSyncCustomActionReq,
    ThreadStreamEvent,
    ThreadsUpdateReq,
    UserMessageInput,
    UserMessageItem,
    WidgetItem,
    is_streaming_req,
)
from django.conf import settings
from django.utils import translation
from pydantic import TypeAdapter, ValidationError

from conversations import dictation, errors, events, log_ids, services, streams, strict_json
from conversations.models import Item, Turn
from conversations.store import ConversationStore
from conversations.threads import in_database

MAX_PAGE_SIZE = 100
_NOT_FOUND = "There is no conversation or item with this id."
_requests: TypeAdapter[ChatKitReq] = TypeAdapter(ChatKitReq)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and by which name a repeated send is known."""

    user: Any
    idempotency_key: str | None = None
    #: Where this door is, as the page that asks knows it: below it go the bytes of attachments.
    door: str = ""
    #: What that page speaks, by Django's code.
    language: str = ""
    #: With what it asks, if it has a token: a page that has none of the site's cookies uploads with it, too.
    authorization: str = field(default="", repr=False)

    @property
    def user_id(self) -> str:
        return str(self.user.pk)


class Streamed(StreamingResult):
    """A stream whose answer has headers."""

    def __init__(self, stream: AsyncGenerator[bytes, None], headers: dict[str, str] | None = None) -> None:
        super().__init__(stream)
        self.headers = headers or {}


class Answered(NonStreamingResult):
    """JSON whose answer has headers."""

    def __init__(self, result: bytes, headers: dict[str, str] | None = None) -> None:
        super().__init__(result)
        self.headers = headers or {}


class ConversationServer(ChatKitServer[Caller]):
    """Answers the whole protocol. What is wrong before a stream begins is raised as one of our errors."""

    def __init__(self) -> None:
        super().__init__(ConversationStore())

    async def process(self, request: str | bytes | bytearray, context: Caller) -> Streamed | Answered:
        with _in_our_words():
            return await self._answer(_parse(request), context)

    async def _answer(self, request: ChatKitReq, context: Caller) -> Streamed | Answered:
        match request:
            case ThreadsCreateReq() | ThreadsAddUserMessageReq():
                return _follow(await in_database(_send, request, context))
            case ThreadsRetryAfterItemReq():
                return _follow(await in_database(_retry, request, context))
            case ThreadsCustomActionReq() if request.params.action.type == services.APPROVAL_ACTION:
                return _follow(await in_database(_decide, request, context))
            case ThreadsCustomActionReq() | ThreadsSyncCustomActionReq():
                if handler := services.find_action(request.params.action.type):
                    return _acted(request, await in_database(_act, request, handler, context))
            case ThreadsGetByIdReq():
                # The seq first: what comes between the two reads is then seen twice rather than never.
                seq = await in_database(_snapshot_seq, request.params.thread_id, context)
                answer = await self._process_non_streaming(request, context)
                return Answered(answer, {"X-Chat-Seq": str(seq)})
        if is_streaming_req(request):
            return await self._begin(request, context)
        return Answered(await self._process_non_streaming(request, context))

    async def _begin(self, request: StreamingReq, context: Caller) -> Streamed:
        """Start a stream of the SDK's, and wait for its first event: what is wrong until then has a status."""
        stream = self._process_streaming_impl(request, context)
        return Streamed(_guarded(self._chunks(await anext(stream), stream)))

    async def _chunks(
        self, first: ThreadStreamEvent, stream: AsyncGenerator[ThreadStreamEvent, None]
    ) -> AsyncGenerator[bytes, None]:
        yield _line(self._serialize(first).decode())
        async with aclosing(stream):
            async for event in stream:
                if not _has_hidden_item(event):
                    yield _line(self._serialize(event).decode())

    async def _process_non_streaming(self, request: NonStreamingReq, context: Caller) -> bytes:
        match request:
            case ThreadsUpdateReq(params=params):
                await in_database(
                    services.rename_conversation,
                    user=context.user,
                    conversation_id=params.thread_id,
                    title=params.title,
                )
                thread = await self.store.load_thread(params.thread_id, context)
                return self._serialize(self._to_thread_response(thread))
            case ThreadsDeleteReq(params=params):
                await in_database(
                    services.delete_conversation, user=context.user, conversation_id=params.thread_id
                )
                return b"{}"
            case ItemsListReq() | ThreadsListReq():
                limit = request.params.limit or DEFAULT_PAGE_SIZE
                request.params.limit = max(1, min(limit, MAX_PAGE_SIZE))
                if isinstance(request, ItemsListReq):
                    await self.store.load_thread(request.params.thread_id, context)
            case AttachmentsCreateReq(params=params):
                announced = await in_database(
                    services.announce_attachment,
                    user=context.user,
                    name=params.name,
                    size=params.size,
                    media_type=params.mime_type,
                    door=context.door,
                )
                if context.authorization:  # never stored: it is in this answer alone
                    announced["upload_descriptor"]["headers"] = {"Authorization": context.authorization}
                return events.dump(announced).encode()
            case AttachmentsDeleteReq(params=params):
                known = await in_database(
                    services.delete_attachment,
                    user=context.user,
                    attachment_id=events.clean(params.attachment_id),
                )
                if not known:
                    raise errors.NotFound()
                return b"{}"
            case InputTranscribeReq(params=params):
                text = await dictation.write_down(
                    user=context.user, audio_base64=params.audio_base64, mime_type=params.mime_type
                )
                return events.dump({"text": text}).encode()
        return await super()._process_non_streaming(request, context)

    async def add_feedback(
        self, thread_id: str, item_ids: list[str], feedback: FeedbackKind, context: Caller
    ) -> None:
        await self.store.load_thread(thread_id, context)
        await in_database(
            services.give_feedback,
            user=context.user,
            conversation_id=thread_id,
            item_ids=item_ids,
            kind=feedback,
        )

    # What this assistant doesn't have: a clear answer instead of the SDK's exceptions.

    def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: Caller
    ) -> AsyncIterator[ThreadStreamEvent]:
        return _refuse("The assistant can't go on from here. Send a message instead.")

    def action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: Caller
    ) -> AsyncIterator[ThreadStreamEvent]:
        return _refuse("This action is not available here.")

    async def sync_action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: Caller
    ) -> SyncCustomActionResponse:
        raise errors.NotFound("There is no such action.")


server = ConversationServer()


def _parse(body: str | bytes | bytearray) -> ChatKitReq:
    raw = body.encode() if isinstance(body, str) else bytes(body)
    # Speech takes more room than words, and nothing else may.
    limit = dictation.MAX_BODY_BYTES if b'"input.transcribe"' in raw else None
    data = strict_json.read_object(raw, limit=limit)
    try:
        return _requests.validate_python(data)
    except ValidationError as error:
        complaints = error.errors(include_url=False, include_context=False, include_input=False)
    if any(complaint["type"].startswith("union_tag") and not complaint["loc"] for complaint in complaints):
        raise errors.Malformed("There is no request of this type.")
    # A place begins with the request's type, which is nobody's field.
    raise errors.Invalid(
        errors=[
            {"field": ".".join(map(str, complaint["loc"][1:])), "message": complaint["msg"]}
            for complaint in complaints
        ]
    )


def _send(request: ThreadsCreateReq | ThreadsAddUserMessageReq, caller: Caller) -> Turn:
    message = request.params.input
    _check_message(message)
    _check_model(message)
    sent = services.send_message(
        user=caller.user,
        text="".join(part.text for part in message.content),
        conversation_id=None if isinstance(request, ThreadsCreateReq) else request.params.thread_id,
        idempotency_key=caller.idempotency_key,
        extra=message.model_dump(mode="json", exclude_none=True),
        attachment_ids=message.attachments,
        language=caller.language,
    )
    if sent.replayed:
        streams.check_replayable(sent.turn)
    return sent.turn


def _check_message(message: UserMessageInput) -> None:
    if len(message.quoted_text or "") > settings.CHAT_MAX_MESSAGE_CHARS:
        problem = f"must have at most {settings.CHAT_MAX_MESSAGE_CHARS} characters"
        raise errors.Invalid(errors=[{"field": "quoted_text", "message": problem}])


def _check_model(message: UserMessageInput) -> None:
    chosen = message.inference_options.model
    offered = [model.id for model in settings.CHAT_MODELS]
    if chosen and offered and chosen not in offered:
        problem = f"must be one of {', '.join(offered)}"
        raise errors.Invalid(errors=[{"field": "inference_options.model", "message": problem}])


def _retry(request: ThreadsRetryAfterItemReq, caller: Caller) -> Turn:
    return services.retry_after_item(
        user=caller.user,
        conversation_id=request.params.thread_id,
        item_id=request.params.item_id,
        language=caller.language,
    )


def _decide(request: ThreadsCustomActionReq, caller: Caller) -> Turn:
    """Take a card's button for its customer's decision."""
    payload = request.params.action.payload
    match payload:
        case {"turn_id": str(turn_id), "approval_id": str(approval_id), "approve": bool(approve)}:
            return services.decide_approval(
                user=caller.user,
                conversation_id=request.params.thread_id,
                turn_id=events.clean(turn_id),
                approval_id=events.clean(approval_id),
                approve=approve,
            )
    raise errors.Invalid(errors=[{"field": "params.action.payload", "message": "is not a decision"}])


def _act(
    request: ThreadsCustomActionReq | ThreadsSyncCustomActionReq, handler: services.Handler, caller: Caller
) -> list[dict[str, Any]]:
    params = request.params
    with translation.override(caller.language or settings.LANGUAGE_CODE):
        return services.run_action(
            user=caller.user,
            conversation_id=params.thread_id,
            handler=handler,
            item_id=params.item_id,
            payload=params.action.payload,
        )


def _acted(
    request: ThreadsCustomActionReq | ThreadsSyncCustomActionReq, payloads: list[dict[str, Any]]
) -> Streamed | Answered:
    """Give out what an action did: everything as a stream, or the sender alone as it is now."""
    if isinstance(request, ThreadsCustomActionReq):
        return Streamed(_told(payloads))
    changed = [each["item"] for each in payloads if each["type"] == "thread.item.replaced"]
    sender = next((item for item in changed if item["id"] == request.params.item_id), None)
    return Answered(events.dump({"updated_item": sender} if sender else {}).encode())


async def _told(payloads: list[dict[str, Any]]) -> AsyncGenerator[bytes, None]:
    for payload in payloads:
        yield _chunk(payload)


def _snapshot_seq(thread_id: str, caller: Caller) -> int:
    conversation = services.get_conversation(user=caller.user, id=thread_id)
    return services.snapshot_seq(conversation, replay_failure=True)


def _follow(turn: Turn) -> Streamed:
    """Give out what the log has of one turn, from its start to its end."""
    log_ids.note(turn.conversation_id, turn.pk)
    return Streamed(_guarded(_turn_chunks(turn)), streams.turn_headers(turn))


async def _turn_chunks(turn: Turn) -> AsyncGenerator[bytes, None]:
    async with aclosing(streams.turn_events(turn)) as following:
        async for piece in following:
            while piece:
                event = piece.pop(0)
                chunk = b"" if _is_hidden(event.payload) else streams.chatkit_sse(event).encode()
                del event  # or a slow reader would hold it twice
                if chunk:
                    yield chunk


async def _guarded(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Say in the stream what goes wrong once it has begun."""
    try:
        async with aclosing(chunks):
            async for chunk in chunks:
                yield chunk
    except errors.AppError as error:
        yield _chunk(events.error_event(error.detail, allow_retry=False))
    except Exception:
        logger.exception("a stream broke off")
        yield _chunk({"type": "error", "code": "stream.error", "allow_retry": True})


async def _refuse(words: str) -> AsyncIterator[ThreadStreamEvent]:
    yield ErrorEvent(message=words, allow_retry=False)


def _chunk(event: dict[str, Any]) -> bytes:
    return _line(events.dump(event))


def _line(payload: str) -> bytes:
    return f"data: {streams.one_line(payload)}\n\n".encode()


def _is_hidden(payload: str) -> bool:
    if not any(kind in payload for kind in Item.HIDDEN_KINDS):
        return False
    return json.loads(payload).get("item", {}).get("type") in Item.HIDDEN_KINDS


def _has_hidden_item(event: ThreadStreamEvent) -> bool:
    """The SDK looks at `done` alone."""
    return isinstance(
        event, ThreadItemAddedEvent | ThreadItemDoneEvent | ThreadItemReplacedEvent
    ) and isinstance(event.item, HiddenContextItem | SDKHiddenContextItem)


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Turn the SDK's refusals into errors that have a status."""
    try:
        yield
    except NotFoundError:
        raise errors.NotFound(_NOT_FOUND) from None
    except ValidationError:
        raise  # a stored item that can't be read is our own fault, and a ValueError
    except ValueError as error:
        # The SDK's word for a request that doesn't fit what the thread holds now.
        raise errors.Conflict(str(error)) from None
