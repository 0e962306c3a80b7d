"""Posts a request to a provider, and hands over the bytes of its answer, some at a time.

It does the part of `openai`'s client that a turn needs: that client's own takes 3 ms of processor time for it, as much
as all that the SDK does (docs/decisions/0024-provider-transport.md).
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
import urllib.request
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, ClassVar, Self

import aiohttp
from pydantic import BaseModel

#: It is asked again so often, before an answer has begun: refused, 429, 5xx, closed or silent before the headers.
MAX_RETRIES = 2
CONNECT_SECONDS = 5.0
#: How long to wait at most before asking again; a provider that wants more ends the turn, which says so.
LONGEST_WAIT_SECONDS = 5.0
_LONGEST_RETRY_AFTER = 30 * 86_400.0
CONNECTIONS = 1000
_FIRST_WAIT_SECONDS = 0.5
_REFUSAL_BYTES = 64 * 1024
_PASSING = frozenset({408, 409, 429})


class ProviderError(Exception):
    """The provider could not be asked, or its answer not be read."""


class Unreachable(ProviderError):
    """There is no connection, or it broke."""


class Silent(ProviderError):
    """Nothing came for too long."""


class Refused(ProviderError):
    """The provider answered with a status of its own, and perhaps a code."""

    def __init__(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        super().__init__(f"answered {status}")  # not words of our log, which strikes out those of exceptions
        self.status = status
        self.code = _read_code(body)
        self._words = body.decode(errors="replace").lower()
        self.retry_after = read_retry_after(headers.get("Retry-After"))
        self._advice = headers.get("x-should-retry")

    def says(self, *signs: str) -> bool:
        """Whether its words hold one of the signs, where there is no code. They go nowhere else: they are its own."""
        return any(sign in self._words for sign in signs)

    @property
    def may_pass(self) -> bool:
        """Whether asking again within a customer's patience may help."""
        if self._advice in ("true", "false"):
            return self._advice == "true"
        passing = self.status in _PASSING or self.status >= 500
        return (
            passing and self.code != "insufficient_quota" and (self.retry_after or 0) <= LONGEST_WAIT_SECONDS
        )


class Written(str):
    """A part of a body that is JSON already."""

    __slots__ = ()


class Transport:
    """The connections to one provider, kept open. Make and close it inside the event loop."""

    def __init__(self, base_url: str, headers: Mapping[str, str], *, silence_seconds: float) -> None:
        self.base_url = base_url.rstrip("/")
        self._silence_seconds = silence_seconds
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=60),
            # What is read between is timed by `Answer`, with a timer where there is something to wait for.
            timeout=aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS),
            headers={"Accept-Encoding": "identity", **headers},
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=bool(urllib.request.getproxies()),
        )

    async def post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """Ask, and again where that may help; return the answer once it has begun.

        Raises Refused, Unreachable or Silent.
        """
        payload = _write(body).encode()
        for tries_left in reversed(range(MAX_RETRIES + 1)):
            try:
                return await self._post_once(path, payload, headers)
            except ProviderError as error:
                if not tries_left or (isinstance(error, Refused) and not error.may_pass):
                    raise
                await asyncio.sleep(_pause(error, MAX_RETRIES - tries_left))
        raise AssertionError  # the last try returns or raises

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def _post_once(self, path: str, payload: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            async with asyncio.timeout(self._silence_seconds):
                response = await self._session.post(
                    f"{self.base_url}{path}",
                    data=payload,
                    headers={**headers, "Content-Type": "application/json"},
                )
                if response.status >= 400:
                    raise await _read_refusal(response)
        except aiohttp.ServerTimeoutError as error:  # of connecting, which is no silence
            raise Unreachable from error
        except TimeoutError as error:
            raise Silent from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable from error
        return Answer(response, self._silence_seconds)


class Answer:
    """The body of an answer that has begun; leaving its block gives up what was not read."""

    #: How many are being read in this process.
    open_now: ClassVar[int] = 0

    def __init__(self, response: aiohttp.ClientResponse, silence_seconds: float) -> None:
        self._response = response
        self._silence_seconds = silence_seconds

    async def __aenter__(self) -> Self:
        Answer.open_now += 1
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        Answer.open_now -= 1
        self._response.close()  # a connection whose answer was read to its end has gone back already

    async def read(self, *, within: float | None = None) -> bytes:
        """Return all that has come, waiting for something; nothing at the end. Raises Unreachable or Silent."""
        try:
            async with asyncio.timeout(within or self._silence_seconds):
                return await self._response.content.readany()
        except TimeoutError as error:
            raise Silent from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable from error

    async def rest(self, seconds: float) -> None:
        """Let the answer gather in the system's buffer: one read in place of many small ones."""
        connection = self._response.connection  # None once the answer has come to its end
        transport = connection.transport if connection is not None else None
        if not isinstance(transport, asyncio.ReadTransport) or transport.is_closing():
            await asyncio.sleep(seconds)
            return
        transport.pause_reading()
        try:
            await asyncio.sleep(seconds)
        finally:
            transport.resume_reading()


def read_retry_after(header: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for, as a number or by a date."""
    try:
        seconds = float(header or "")
    except ValueError:
        seconds = _seconds_until(header or "")
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER) if math.isfinite(seconds) else None


def _seconds_until(date: str) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - time.time()
    except (ValueError, OverflowError):
        return math.nan


def _pause(error: ProviderError, tries: int) -> float:
    """Return seconds to wait before another try: what is asked for, or doubling with jitter."""
    if isinstance(error, Refused) and error.retry_after:
        return error.retry_after
    return float(_FIRST_WAIT_SECONDS * 2**tries) * random.uniform(0.75, 1.0)  # noqa: S311


async def _read_refusal(response: aiohttp.ClientResponse) -> Refused:
    async with response:
        body = await response.content.read(_REFUSAL_BYTES)
    return Refused(response.status, body, response.headers)


def _read_code(body: bytes) -> str | None:
    try:
        error = json.loads(body)["error"]
        code = error["code"]
    except (ValueError, TypeError, KeyError):
        return None
    return code if isinstance(code, str) else None


def _write(body: Mapping[str, Any]) -> str:
    fields = (
        f'"{name}":{value if isinstance(value, Written) else _write_value(value)}'
        for name, value in body.items()
    )
    return f"{{{','.join(fields)}}}"


def _write_value(value: Any) -> str:
    return json.dumps(value, default=_dump, ensure_ascii=False, separators=(",", ":"))


def _dump(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_unset=True)
    raise TypeError(f"{type(value).__name__} can't be sent")
