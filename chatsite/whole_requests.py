"""Requests as they came, and every refusal in our own form: also of what Django never sees."""

from __future__ import annotations

from typing import Any

import daphne.server
from daphne.http_protocol import HTTPFactory, WebRequest
from django.http import HttpRequest

from chatsite import handshakes, middleware, problems
from conversations import errors
from conversations.ids import new_id

# What the disk bears, as in deploy/haproxy.cfg; a message may take less, which is Django's to say.
LONGEST_BODY = 26_214_400
_MEANINGS: dict[int, type[errors.AppError]] = {
    400: errors.Malformed,
    413: errors.TooLarge,
    503: errors.Unavailable,
}


class WholeRequest(WebRequest):  # type: ignore[misc]
    """Daphne's request, of which Twisted reads no forms and answers nothing by itself."""

    _content_types: list[bytes] | None = None
    _body_bytes = 0

    def handleContentChunk(self, data: bytes) -> None:
        """Keep no more of a body than the disk can bear: without a length it may have no end."""
        self._body_bytes += len(data)
        if self._body_bytes <= LONGEST_BODY:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Hide what would make Twisted read a form: it answers a broken one with 400 and no word."""
        self._content_types = self.requestHeaders.getRawHeaders(b"content-type")
        self.requestHeaders.removeHeader(b"content-type")
        super().requestReceived(command, path, version)

    def process(self) -> None:
        if self._content_types is not None:
            self.requestHeaders.setRawHeaders(b"content-type", self._content_types)
        if self._body_bytes > LONGEST_BODY:
            self.basic_error(413, b"Content Too Large", "")
            return
        super().process()
        if self.transport is None:
            handshakes.forget_request(self)

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Answer HEAD without a body. Twisted drops the first piece alone, so the others met the next request."""
        if self.method == b"HEAD" and "body" in message:
            message = {**message, "body": b""}
        super().handle_reply(message)

    def handle_exception(self, exception: Exception) -> None:
        """Refuse, or cut off what has begun: Daphne would begin again, fail, and look after no connection any more."""
        if self._response_started and not self.finished and self.channel is not None:
            self.channel.loseConnection()
        else:
            super().handle_exception(exception)

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        """Refuse as problem details, under a request's name, what has no other answer."""
        request = HttpRequest()
        request.request_id = new_id("req")  # type: ignore[attr-defined]
        answer = problems.problem(
            request, _MEANINGS.get(status, errors.AppError)(body if status == 400 else "")
        )
        answer[middleware.HEADER] = problems.request_id_of(request)
        headers = [(name.encode(), value.encode()) for name, value in answer.items()]
        self.handle_reply({"type": "http.response.start", "status": status, "headers": headers})
        self.handle_reply({"type": "http.response.body", "body": answer.content})


class WholeRequests(HTTPFactory):  # type: ignore[misc]
    """Makes connections whose requests are WholeRequests."""

    def buildProtocol(self, addr: Any) -> Any:
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = WholeRequest
        return protocol


def install() -> None:
    """Let daphne's server make its connections here: it has no other place to say so."""
    daphne.server.HTTPFactory = WholeRequests
    handshakes.install()
