"""The practice provider's HTTP server, on aiohttp, which the real providers' client uses as well.

It runs in the event loop of the process that runs turns: a thread of its own would only add a second loop that
waits for the same interpreter lock. Tests and benchmarks that measure start it as a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
from collections import Counter, deque
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from aiohttp import web

from . import chat_completions, responses
from .behaviour import STATUS_FAULTS, Behaviour, read_directives, read_script
from .brain import compose, is_to_sum_up
from .prompt import Call, Frame, Prompt, Refused, Reply

#: Milliseconds between words: slow enough to watch, quick enough not to wait.
WORD_PACE = 28.0
#: What every speech says here.
SAID = "Show me my trip."
_BODY_LIMIT = 16 * 1024 * 1024


class PracticeServer:
    """Listens on the loopback until it is closed. `url` is the base URL for a client.

    Inside the chat's own process it keeps no requests: they hold what customers wrote.
    """

    def __init__(self, *, pace: float = WORD_PACE, kept_requests: int = 0) -> None:
        self._pace = pace
        self._requests: deque[dict[str, Any]] = deque(maxlen=kept_requests)
        self._script: deque[Behaviour] = deque()
        self._asked: Counter[str] = Counter()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, and return the base URL; port 0 takes a free one."""
        self._runner = web.AppRunner(
            self._make_app(), access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self.url = f"http://{host}:{self._runner.addresses[0][1]}/v1"
        return self.url

    async def close(self) -> None:
        """Stop listening, and drop the answers that are being given."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _make_app(self) -> web.Application:
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.router.add_post("/v1/responses", self._answer_responses)
        app.router.add_post("/v1/chat/completions", self._answer_chat)
        app.router.add_post("/v1/audio/transcriptions", self._transcribe)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_get("/practice/requests", self._show_requests)
        app.router.add_delete("/practice/requests", self._clear)
        app.router.add_post("/practice/script", self._queue_script)
        return app

    async def _answer_responses(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, responses)

    async def _answer_chat(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, chat_completions)

    async def _transcribe(self, request: web.Request) -> web.Response:
        """Understand every speech alike: as a customer who wants to see the trip."""
        form = await request.post()
        speech = form.get("file")
        if not isinstance(speech, web.FileField) or not form.get("model"):
            return _problem(400, "invalid_request_error", "Send a form with 'model' and 'file'.")
        self._requests.append(
            {"path": request.path, "body": {"model": form["model"], "file": speech.filename}}
        )
        return web.json_response({"text": SAID})

    async def _list_models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "practice", "object": "model"}]})

    async def _show_requests(self, request: web.Request) -> web.Response:
        return web.json_response({"requests": list(self._requests)})

    async def _clear(self, request: web.Request) -> web.Response:
        self._requests.clear()
        self._script.clear()
        self._asked.clear()
        return web.Response(status=204)

    async def _queue_script(self, request: web.Request) -> web.Response:
        """Queue behaviours for the next requests, one each."""
        try:
            entries = await request.json()
            behaviours = [
                read_script(entry) for entry in (entries if isinstance(entries, list) else [entries])
            ]
        except ValueError as error:  # BadBehaviour and broken JSON
            return web.json_response({"error": str(error)}, status=400)
        self._script.extend(behaviours)
        return web.json_response({"queued": len(self._script)})

    async def _answer(self, request: web.Request, api: ModuleType) -> web.StreamResponse:
        if not request.headers.get("Authorization", "").removeprefix("Bearer").strip():
            return _problem(401, "invalid_api_key", "You didn't provide an API key.")
        try:
            body = json.loads(await request.read())
            self._requests.append({"path": request.path, "body": body})
            prompt = api.read_prompt(body)
        except (Refused, ValueError, KeyError, AttributeError, TypeError) as refusal:
            return _problem(400, getattr(refusal, "code", "invalid_request_error"), str(refusal))
        behaviour = self._choose_behaviour(prompt)
        await asyncio.sleep(behaviour.slow)
        return await _Answer(request, api, prompt, behaviour, self._pace).give()

    def _choose_behaviour(self, prompt: Prompt) -> Behaviour:
        """Take the next scripted behaviour, or the one that the message asks for; old messages ask for nothing."""
        if is_to_sum_up(prompt):
            return Behaviour(pace=0)
        if self._script:
            return self._script.popleft()
        behaviour = read_directives(prompt.question)
        self._asked[prompt.question] += 1
        tools_have_run = any(isinstance(entry, Call) for entry in prompt.since_question)
        if tools_have_run:
            behaviour = dataclasses.replace(behaviour, calls=())
        spent = behaviour.times and self._asked[prompt.question] > behaviour.times
        elsewhere = behaviour.step and (behaviour.step > 1) != tools_have_run
        return dataclasses.replace(behaviour, fault="") if spent or elsewhere else behaviour


class _Answer:
    """One answer, with its faults."""

    def __init__(
        self, request: web.Request, api: ModuleType, prompt: Prompt, behaviour: Behaviour, pace: float
    ) -> None:
        self._request = request
        self._api = api
        self._prompt = prompt
        self._behaviour = behaviour
        self._fault = behaviour.fault
        self._pause = (pace if behaviour.pace is None else behaviour.pace) / 1000

    async def give(self) -> web.StreamResponse:
        if self._fault in STATUS_FAULTS:
            return self._refuse()
        match self._fault:
            case "close":
                self._hang_up()
                return web.Response()
            case "hang":
                await asyncio.Event().wait()
            case "html":
                page = "<!doctype html><title>Gateway</title><p>Please sign in to the network.</p>"
                return web.Response(text=page, content_type="text/html")
        reply = compose(self._prompt, self._behaviour)
        if not self._prompt.stream:
            return web.json_response(self._api.answer_whole(self._prompt, reply))
        stream = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        )
        with contextlib.suppress(ConnectionResetError):  # whoever asked went away
            await self._stream(stream, reply)
        return stream

    def _refuse(self) -> web.Response:
        status, code, message = STATUS_FAULTS[self._fault]
        response = _problem(status, code, message)
        if self._behaviour.retry_after is not None:
            response.headers["Retry-After"] = f"{self._behaviour.retry_after:g}"
        return response

    async def _stream(self, stream: web.StreamResponse, reply: Reply) -> None:
        await stream.prepare(self._request)
        words = 0
        broken = self._fault in {"close_mid", "hang_mid", "malformed", "error_event"}
        for frame in self._frames(reply):
            if broken and (words >= self._behaviour.after or frame.ending):
                await self._break_off(stream)
                return
            words += frame.paced
            await stream.write(frame.data)
            if frame.paced and self._pause:
                await asyncio.sleep(self._pause)
        await stream.write_eof()

    def _frames(self, reply: Reply) -> Iterator[Frame]:
        frames: Iterator[Frame] = self._api.answer_frames(self._prompt, reply)
        return (frame for frame in frames if not (frame.ending and self._fault == "no_finish"))

    async def _break_off(self, stream: web.StreamResponse) -> None:
        match self._fault:
            case "close_mid":
                self._hang_up()
                return
            case "hang_mid":
                await asyncio.Event().wait()
            case "malformed":
                await stream.write(b'data: {"choices": [{"delta": {"conte\n\n')
            case "error_event":
                error: Frame = self._api.error_frame(
                    "server_error", "The server had an error. Sorry about that!"
                )
                await stream.write(error.data)
        await stream.write_eof()

    def _hang_up(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()


def _problem(status: int, code: str, message: str) -> web.Response:
    return web.json_response(
        {"error": {"message": message, "type": code, "param": None, "code": code}}, status=status
    )
