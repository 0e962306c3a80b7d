"""Pictures that customers send: announced, uploaded, brought by a message, and deleted with its conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from conversations import errors, events, ids
from conversations.models import Attachment, Conversation, Upload
from conversations.responder import HistoryImage
from conversations.services.saving import get_external_user

MAX_BYTES = 5 * 1024 * 1024
MAX_IN_A_MESSAGE = 10
#: How many may wait to be sent: what is announced takes a row, what is uploaded up to 5 MB.
MAX_WAITING = 20
MAX_NAME_CHARS = 200
KEPT_UNSENT = timedelta(days=1)
_TOO_LARGE = "A picture may have at most 5 MB."
_SENT = gettext_noop("This picture has been sent. Attach another one instead.")
_KINDS = gettext_noop("Only PNG, JPEG, GIF and WebP pictures can be attached.")
_MEDIA_TYPES = ("image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp")


@transaction.atomic
def announce_attachment(*, user: Any, name: str, size: int, media_type: str, door: str) -> dict[str, Any]:
    """Make a place for a picture and say where its bytes go: below `door`, a whole address.

    Raises TooLarge, UnsupportedMediaType, Invalid, RateLimited.
    """
    name = events.clean(name).strip()
    if not name or len(name) > MAX_NAME_CHARS:
        problem = f"must have 1 to {MAX_NAME_CHARS} characters"
        raise errors.Invalid(errors=[{"field": "params.name", "message": problem}])
    if size < 1:
        raise errors.Invalid(errors=[{"field": "params.size", "message": "must be at least 1"}])
    if size > MAX_BYTES:
        raise errors.TooLarge(_TOO_LARGE)
    if media_type.partition(";")[0].strip().lower() not in _MEDIA_TYPES:
        raise errors.UnsupportedMediaType(_KINDS)
    waiting = Attachment.objects.visible_to(user).filter(created_at__gt=timezone.now() - KEPT_UNSENT)
    if waiting.filter(upload__conversation=None).count() >= MAX_WAITING:
        raise errors.RateLimited(
            gettext_noop("Too many pictures wait to be sent. Send or remove some."), retry_after=60
        )
    attachment_id = ids.new_id("atc")
    address = f"{door}/attachments/{attachment_id}"
    payload = {
        "id": attachment_id,
        "type": "image",
        "name": name,
        "mime_type": media_type,
        "preview_url": f"{address}/content",
        "upload_descriptor": {"url": f"{address}/upload", "method": "POST", "headers": {}},
    }
    Attachment.objects.create(user=user, attachment_id=attachment_id, payload=payload)
    return payload


@transaction.atomic
def store_upload(*, user: Any, attachment_id: str, data: bytes) -> dict[str, Any]:
    """Take a picture's bytes, again as long as no message has brought them. Returns the attachment as it is now."""
    attachment = _lock(user, attachment_id)
    if len(data) > MAX_BYTES:
        raise errors.TooLarge(_TOO_LARGE)
    media_type = _look_at(data)
    known = Upload.objects.filter(attachment=attachment).first()
    if known is not None and known.conversation_id is not None:
        raise errors.Conflict(_SENT)
    Upload.objects.update_or_create(attachment=attachment, defaults={"media_type": media_type, "data": data})
    payload = {name: value for name, value in attachment.payload.items() if name != "upload_descriptor"}
    attachment.payload = payload = {**payload, "mime_type": media_type}
    attachment.save(update_fields=["payload"])
    return payload


def read_upload(*, user: Any, attachment_id: str) -> Upload:
    """Return the bytes of the user's own picture. Raises NotFound."""
    found = Upload.objects.filter(
        attachment__user_id=user.pk, attachment__attachment_id=events.clean(attachment_id)
    )
    upload = found.select_related("attachment").first()
    if upload is None:
        raise errors.NotFound()
    return upload


def bring_attachments(
    *, user: Any, conversation: Conversation, attachment_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """Bind uploaded pictures to the conversation of a message; return them as the message shows them."""
    attachment_ids = [events.clean(each) for each in dict.fromkeys(attachment_ids)]
    if len(attachment_ids) > MAX_IN_A_MESSAGE:
        raise _unusable(f"a message may bring at most {MAX_IN_A_MESSAGE}")
    uploads = Upload.objects.filter(attachment__user_id=user.pk, attachment__attachment_id__in=attachment_ids)
    # Locked, so that none is deleted meanwhile.
    rows = uploads.defer("data").select_related("attachment").select_for_update(of=("self",)).order_by("pk")
    found = {each.attachment.attachment_id: each for each in rows}
    for attachment_id in attachment_ids:
        upload = found.get(attachment_id)
        if upload is None:
            raise _unusable(f"{attachment_id[:60]} is unknown, or not uploaded yet")
        if upload.conversation_id not in (None, conversation.pk):
            raise _unusable(f"{attachment_id} was sent in another conversation")
    uploads.update(conversation=conversation)
    return [found[each].attachment.payload for each in attachment_ids]


def read_images(*, attachment_ids: Iterable[str], user_id: str) -> dict[str, HistoryImage]:
    """Return pictures for the assistant, by their ids."""
    uploads = Upload.objects.filter(
        attachment__user_id=user_id, attachment__attachment_id__in=list(attachment_ids)
    )
    return {
        upload.attachment.attachment_id: HistoryImage(
            upload.attachment.payload["name"], upload.media_type, bytes(upload.data)
        )
        for upload in uploads.select_related("attachment")
    }


@transaction.atomic
def save_attachment(*, user_id: str, payload: dict[str, Any]) -> Attachment:
    """Store what an attachment of the user's is, over what was known of it."""
    owner = get_external_user(user_id=user_id)
    attachment, _ = Attachment.objects.update_or_create(
        user=owner, attachment_id=payload["id"], defaults={"payload": payload}
    )
    return attachment


@transaction.atomic
def delete_attachment(*, user: Any, attachment_id: str) -> bool:
    """Forget the user's attachment with its bytes; say whether it was there.

    Raises Conflict for a picture that was sent: it goes with its conversation.
    """
    found = Attachment.objects.visible_to(user).filter(attachment_id=attachment_id)
    uploads = Upload.objects.filter(attachment__in=found).select_for_update()
    if any(uploads.values_list("conversation_id", flat=True)):
        raise errors.Conflict(_SENT)
    deleted, _ = found.delete()
    return bool(deleted)


def delete_attachments_of(conversation_ids: Iterable[str]) -> None:
    """Delete what was sent in conversations that are about to go."""
    Attachment.objects.filter(upload__conversation__in=list(conversation_ids)).delete()


def delete_unsent_attachments() -> int:
    """Delete what was announced or uploaded a day ago and never sent; return how many."""
    old = Attachment.objects.filter(
        created_at__lt=timezone.now() - KEPT_UNSENT,
        attachment_id__startswith="atc_",
        upload__conversation=None,
    )
    # What another ChatKitServer's store saved has no upload descriptor of ours and no upload: it is not ours to judge.
    ours = old.filter(upload__isnull=False) | old.filter(payload__has_key="upload_descriptor")
    return ours.delete()[1].get("conversations.Attachment", 0)


def _lock(user: Any, attachment_id: str) -> Attachment:
    found = Attachment.objects.visible_to(user).filter(attachment_id=events.clean(attachment_id))
    attachment = found.select_for_update().first()
    if attachment is None:
        raise errors.NotFound()
    return attachment


def _look_at(data: bytes) -> str:
    """Return what a picture is by its first bytes, whatever was said of it."""
    for media_type, begins in _SIGNATURES:
        if data.startswith(begins):
            return media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise errors.UnsupportedMediaType(_KINDS)


_SIGNATURES = (
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/gif", b"GIF87a"),
    ("image/gif", b"GIF89a"),
)


def _unusable(problem: str) -> errors.Invalid:
    return errors.Invalid(errors=[{"field": "attachments", "message": problem}])
