"""Everything held about a person as one ZIP, made while it is sent: in memory is a page, or a part of a picture."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Generator, Iterator
from itertools import count
from typing import IO, Any, NamedTuple, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings
from django.db.models import BinaryField, F, Func, OuterRef, QuerySet, Subquery, Value
from django.utils import timezone
from pydantic_core import to_jsonable_python

from chatsite.accounts.models import User
from chatsite.personal_data.holdings import HOLDINGS, Holding
from conversations import errors, exports
from conversations.exports.downloads import PIECE_BYTES
from conversations.models import Attachment, Conversation, Feedback, Upload

PAGE = 100
PART_BYTES = 1024 * 1024
_KINDS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


class Entry(NamedTuple):
    """One file of the archive."""

    name: str
    pieces: Iterator[bytes]
    #: As pictures are: their bytes hardly get smaller.
    is_packed: bool = False


def archive(user: User) -> Generator[bytes]:
    """Yield the archive; nothing, now and then, so that nobody waits long for this thread.

    Broken off it has no directory, and so is no ZIP.
    """
    outlet = _Outlet()
    with _Files(cast("IO[bytes]", outlet), "w") as files:
        for entry in _entries(user):
            info = ZipInfo(entry.name, timezone.now().timetuple()[:6])
            info.compress_type = ZIP_STORED if entry.is_packed else ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            with files.open(info, "w") as file:
                for piece in entry.pieces:
                    file.write(piece)
                    yield from outlet.taken(PIECE_BYTES)
                    yield b""
    yield from outlet.taken(1)


def _entries(user: User) -> Iterator[Entry]:
    yield Entry("README.txt", iter([_readme(user).encode()]))
    for holding in HOLDINGS:
        if holding.file:
            yield Entry(holding.file, _rows(holding, user))
    yield Entry("feedback.json", _list(_feedback(user)))
    yield from _conversations(user)
    yield from _pictures(user)


def _conversations(user: User) -> Iterator[Entry]:
    number = count(1)
    for conversation in _paged(Conversation.objects.visible_to(user).with_last_message()):
        title = conversation.title or "Conversation"
        name = f"conversations/{next(number):04} {exports.safe_name(title)}"
        place: dict[str, Any] = {"user": user, "conversation": conversation}
        yield Entry(f"{name}.json", _as_far_as_there(exports.json_file(**place)))
        yield Entry(f"{name}.md", _as_far_as_there(exports.markdown_file(**place)))


def _pictures(user: User) -> Iterator[Entry]:
    yield Entry("attachments.json", _list(map(_attachment, _paged(_attachments(user)))))
    for attachment in _paged(_attachments(user)):
        if attachment.media_type:
            yield Entry(_picture_name(attachment), _bytes_of(attachment), is_packed=True)


def _bytes_of(attachment: Attachment) -> Iterator[bytes]:
    """Yield a picture in parts: whole, it would be in memory several times over."""
    for start in count(1, PART_BYTES):
        part = Func(
            F("data"), Value(start), Value(PART_BYTES), function="substring", output_field=BinaryField()
        )
        read = Upload.objects.filter(attachment=attachment).values_list(part, flat=True).first()
        yield bytes(read or b"")
        if not read:
            return


def _attachments(user: User) -> QuerySet[Attachment]:
    uploaded = Upload.objects.filter(attachment=OuterRef("pk"))
    return Attachment.objects.visible_to(user).annotate(
        media_type=Subquery(uploaded.values("media_type")), sent_in=Subquery(uploaded.values("conversation"))
    )


def _attachment(attachment: Any) -> dict[str, Any]:
    return {
        "id": attachment.attachment_id,
        "name": attachment.payload.get("name"),
        "media_type": attachment.media_type or attachment.payload.get("mime_type"),
        "conversation_id": attachment.sent_in,
        "created_at": attachment.created_at,
        "file": _picture_name(attachment) if attachment.media_type else None,
    }


def _picture_name(attachment: Any) -> str:
    stem = exports.safe_name(str(attachment.payload.get("name") or "").rpartition(".")[0])
    return f"attachments/{attachment.pk:04} {stem}.{_KINDS.get(attachment.media_type, 'bin')}"


def _feedback(user: User) -> Iterator[dict[str, Any]]:
    for given in _paged(Feedback.objects.filter(item__conversation__user=user).select_related("item")):
        yield {
            "conversation_id": given.item.conversation_id,
            "message_id": given.item.item_id,
            "kind": given.kind,
            "updated_at": given.updated_at,
        }


def _rows(holding: Holding, user: User) -> Iterator[bytes]:
    rows = holding.rows_of(user).defer(*holding.unread)
    if not holding.is_one:
        return _list(holding.entry(row) for row in _paged(rows))
    row = rows.first()
    return iter([_text(holding.entry(row) if row else None).encode()])


def _paged(rows: Any) -> Iterator[Any]:
    """Yield rows in the order of their keys, some at a time: what comes between them costs no memory."""
    after: dict[str, Any] = {}
    while page := list(rows.filter(**after).order_by("pk")[:PAGE]):
        yield from page
        after = {"pk__gt": page[-1].pk}


def _list(entries: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    before = "[\n"
    for entry in entries:
        yield f"{before}{_text(entry)}".encode()
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def _text(entry: Any) -> str:
    return json.dumps(entry, ensure_ascii=False, default=to_jsonable_python, indent=2)


def _as_far_as_there(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pass pieces on; of a conversation that is deleted meanwhile, those that came before."""
    with contextlib.suppress(errors.NotFound):
        yield from pieces


class _Files(ZipFile):
    def __del__(self) -> None:
        """Leave a file alone that its reader left half way: to close it then is an error, and nothing is open."""


class _Outlet:
    """Where the ZIP is written to, and taken from. No file of Python's: those complain when they go half written."""

    def __init__(self) -> None:
        self._held = bytearray()

    def flush(self) -> None:
        pass

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def taken(self, least: int) -> Iterator[bytes]:
        """Yield what was written, in pieces, so long as there is so much of it."""
        while len(self._held) >= least:
            yield bytes(self._held[:PIECE_BYTES])
            del self._held[:PIECE_BYTES]


def _readme(user: User) -> str:
    return _README.format(
        site=settings.SITE_NAME, name=user.username, id=user.pk, at=f"{timezone.now():%Y-%m-%d %H:%M} UTC"
    )


_README = """\
What {site} holds about {name} ({id}), as of {at}.

account.json            the account, without its password
sign-ins.json           when you signed in, and until when that may last
conversations/          each conversation twice: .md to read, .json for programs
summaries.json          what the assistant noted of long conversations, to go on with
attachments/            the pictures that you uploaded; attachments.json says which is which
feedback.json           your thumbs
dictations.json         how much was dictated; what was said is not kept
charges.json            what else counted against your limits in the last two days
accesses-by-staff.json  when somebody of the staff opened a conversation
airline/                your profile, trip, what changed about it, searches, refunds

Times are in UTC. Left out are the password and tokens, the log by which open pages are told of news, what programs
keep for the assistant alone, and the prices that the site pays. "[]" and "null" mean that there is nothing.
"""
