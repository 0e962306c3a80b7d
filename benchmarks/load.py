"""The load, as a process of its own: `python -m benchmarks.load PLAN.json` does what the plan says.

It prints “started” when everybody is connected and the first message is about to go, and writes to the plan's
`result` how long each turn took and what went wrong. Bounded in turns, in clients and in time; loopback only.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from benchmarks.doors import Door, User, door
from benchmarks.sockets import Listener, listen


@dataclass(slots=True)
class Result:
    """Seconds to the first text and to the whole reply of each turn that went well, and what became of the others."""

    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    most_open: int = 0


class Load:
    """One plan being carried out."""

    def __init__(self, plan: dict[str, Any], session: aiohttp.ClientSession) -> None:
        self.result = Result()
        self._plan = plan
        self._session = session
        self._door: Door = door(plan["door"], plan["api"])
        self._users: asyncio.Queue[User] = asyncio.Queue()
        self._listeners: dict[str, Listener] = {}
        self._open = 0
        self._sent = 0
        for user in plan["users"]:
            self._users.put_nowait(User(*user))

    async def run(self) -> None:
        """Carry the plan out, within its time."""
        if self._plan["sockets"]:
            self._listeners = await listen(
                self._session, self._plan["url"], [User(*user) for user in self._plan["users"]]
            )
        print("started", flush=True)
        await asyncio.sleep(0.3)  # for whoever reads the counters now
        begun = time.perf_counter()
        try:
            async with asyncio.timeout(self._plan["give_up_after"]):
                await self._pattern()()
        except TimeoutError:
            failed = sum(self.result.errors.values())
            self.result.errors["given up"] = self._plan["turns"] - len(self.result.whole) - failed
        self.result.seconds = time.perf_counter() - begun
        for listener in self._listeners.values():
            listener.close()

    def _pattern(self) -> Callable[[], Coroutine[Any, Any, None]]:
        if self._plan["rate"] or self._plan["hours"]:
            return self._arrive
        return self._take_turns

    async def _take_turns(self) -> None:
        """Keep so many turns open until all have had an answer."""
        left = iter(range(self._plan["turns"]))

        async def go_on() -> None:
            for _ in left:
                await self._turn()

        await asyncio.gather(*(go_on() for _ in range(self._plan["at_once"])))

    async def _arrive(self) -> None:
        """Start turns when they are due, however long they take."""
        begun, turns = time.perf_counter(), []
        for due in self._moments():
            await asyncio.sleep(max(0.0, begun + due - time.perf_counter()))
            turns.append(asyncio.create_task(self._turn()))
        await asyncio.gather(*turns)

    def _moments(self) -> Iterator[float]:
        """Yield the second of each turn: at a steady rate, or each hour's share of a day."""
        turns, hours = self._plan["turns"], self._plan["hours"]
        if not hours:
            yield from (number / self._plan["rate"] for number in range(turns))
            return
        length, begun, all_of_them = self._plan["seconds"] / len(hours), 0, sum(hours)
        for hour in range(len(hours)):
            until = round(turns * sum(hours[: hour + 1]) / all_of_them)
            yield from (length * (hour + number / (until - begun)) for number in range(until - begun))
            begun = until

    async def _turn(self) -> None:
        user = await self._users.get()
        self._open += 1
        self.result.most_open = max(self.result.most_open, self._open)
        try:
            async with asyncio.timeout(self._plan["timeout"]):
                first, whole = await (self._by_socket(user) if self._plan["sockets"] else self._by_http(user))
            self.result.first.append(first)
            self.result.whole.append(whole)
        except Exception as error:
            words = f"{type(error).__name__} {error}"[:120]
            self.result.errors[words] = self.result.errors.get(words, 0) + 1
        finally:
            self._open -= 1
            user.turns += 1
            if user.turns % self._plan["turns_in_a_conversation"] == 0:
                user.conversation_id = None
            self._users.put_nowait(user)

    async def _by_http(self, user: User) -> tuple[float, float]:
        stream = self._plan["stream"]
        request = self._door.ask(user, self._message(), stream=stream)
        begun = time.perf_counter()
        first = 0.0
        async with self._session.post(
            self._plan["url"] + request.path, json=request.body, headers=request.headers
        ) as response:
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if not first and self._door.mark in chunk:
                    first = time.perf_counter() - begun
            whole = time.perf_counter() - begun
        if response.status != 200:
            raise UnexpectedAnswer(f"{response.status} {bytes(body[:80]).decode(errors='replace')}")
        user.conversation_id = response.headers.get("X-Chat-Conversation") or user.conversation_id
        if stream:
            self._check(self._door.read_stream(bytes(body)))
        else:
            self._check(self._door.read_whole(bytes(body)))
            user.conversation_id = json.loads(body).get("conversation_id")
        return first or whole, whole

    async def _by_socket(self, user: User) -> tuple[float, float]:
        """Send without waiting, and see the reply come through the WebSocket."""
        request = self._door.ask(user, self._message(), stream=False)
        reply = self._listeners[user.id].expect()
        begun = time.perf_counter()
        async with self._session.post(
            self._plan["url"] + request.path,
            json=request.body,
            headers={**request.headers, "Prefer": "respond-async"},
        ) as response:
            if response.status not in (200, 202):
                raise UnexpectedAnswer(f"{response.status} {(await response.text())[:80]}")
        first, whole, said = await reply
        self._check(said)
        return first - begun, whole - begun

    def _message(self) -> str:
        message: str = self._plan["message"]
        if not self._plan["numbered"]:
            return message
        self._sent += 1
        return f"{message} #{self._sent}"

    def _check(self, said: str) -> None:
        if said != self._plan["expected"]:
            raise UnexpectedAnswer(f"another text: {said[:60]!r}")


class UnexpectedAnswer(Exception):
    """Not the answer that the plan expects."""


def main(path: Path) -> None:
    plan = json.loads(path.read_text())
    if urlsplit(plan["url"]).hostname not in ("localhost", "127.0.0.1"):
        raise SystemExit("The load is for the loopback only.")
    result = asyncio.run(_carry_out(plan))
    Path(plan["result"]).write_text(json.dumps(asdict(result)))
    print("ended", flush=True)


async def _carry_out(plan: dict[str, Any]) -> Result:
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
    async with aiohttp.ClientSession(
        connector=connector, timeout=aiohttp.ClientTimeout(total=None), read_bufsize=2**18
    ) as session:
        load = Load(plan, session)
        await load.run()
    return load.result


if __name__ == "__main__":
    main(Path(sys.argv[1]))
