"""Files that are made while they are sent: their pieces, their names, their headers."""

from __future__ import annotations

import asyncio
import logging
import re
import unicodedata
from collections.abc import AsyncIterator, Generator, Iterator
from urllib.parse import quote

from django.http import StreamingHttpResponse

from conversations import errors
from conversations.threads import in_database

#: With a number before and an ending behind it, what every file system takes.
MOST_NAME_BYTES = 160
#: What is held of a file before it is sent.
PIECE_BYTES = 64 * 1024

logger = logging.getLogger(__name__)


def download(pieces: Generator[bytes], *, name: str, content_type: str) -> StreamingHttpResponse:
    """Answer with a file. Each piece is made in a thread of the database, once the one before it is on its way.

    An empty one is a pause, for others who need the thread.
    """
    return StreamingHttpResponse(
        _sent(pieces),
        content_type=content_type,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": _disposition(name),
            "X-Accel-Buffering": "no",
        },
    )


def gathered(texts: Iterator[str]) -> Generator[bytes]:
    """Join small texts to pieces that are worth sending."""
    held: list[str] = []
    size = 0
    for text in texts:
        held.append(text)
        size += len(text)
        if size >= PIECE_BYTES:
            yield "".join(held).encode()
            held, size = [], 0
    yield "".join(held).encode()


def attachment_name(*parts: str, ending: str) -> str:
    """Return a file's name that every system takes, made of a title and the like."""
    return f"{safe_name(' '.join(parts))}.{ending}"


def safe_name(text: str) -> str:
    """Return text without what a file's name can't have anywhere: separators, control and format characters."""
    visible = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in text)
    name = " ".join(_RESERVED.sub(" ", visible).split())
    return name.encode()[:MOST_NAME_BYTES].decode(errors="ignore").strip(". ") or "untitled"


_RESERVED = re.compile(r'[<>:"/\\|?*]')


def _disposition(name: str) -> str:
    """Name the file twice: in ASCII for old clients, and as it is (RFC 6266)."""
    stem, _, ending = name.rpartition(".")
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    plain = " ".join(re.sub(r"[^\w .,()+-]", " ", plain).split()).strip(". ") or "export"
    return f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _sent(pieces: Generator[bytes]) -> AsyncIterator[bytes]:
    """Pass pieces on. What goes wrong now has no status any more: the file ends too early, and each kind shows it."""
    step: asyncio.Future[bytes | None] | None = None
    try:
        while True:
            step = asyncio.ensure_future(in_database(next, pieces, None))
            piece = await asyncio.shield(step)
            if piece is None:
                return
            for start in range(0, len(piece), PIECE_BYTES):
                yield piece[start : start + PIECE_BYTES]
    except errors.NotFound:
        logger.info("a download broke off: what it tells of was deleted meanwhile")
    except Exception:
        logger.exception("a download broke off")
    finally:
        # Who goes away leaves a piece in the making, and a file that is still open.
        if step is not None:
            await asyncio.wait([step])
        pieces.close()
