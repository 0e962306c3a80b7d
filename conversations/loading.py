"""Work that the process's end doesn't wait for: loading what will be needed later."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from threading import Thread
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def load(function: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Call a function in a thread of its own, which is left behind when the caller is cancelled.

    The process's end would wait for one of `to_thread`.
    """
    loop = asyncio.get_running_loop()
    loaded: asyncio.Future[T] = loop.create_future()

    def tell(say: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(lambda: loaded.done() or say())

    def work() -> None:
        try:
            result = function(*arguments, **options)
        except BaseException as error:
            failure = error
            tell(lambda: loaded.set_exception(failure))
        else:
            tell(lambda: loaded.set_result(result))

    Thread(target=work, name="loading", daemon=True).start()
    return await loaded
