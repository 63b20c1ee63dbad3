"""Concurrent requests share one insert: while one group commits, the next one fills.

Promise: whoever waits is answered after the commit that holds their messages, never before it; and
when more wait than can be borne, the next one is told so at once.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from terrain.errors import Refusal
from terrain.flow.take_in import Message, Result

MOST_TOGETHER = 2_000
MOST_WAITING = 40_000

Write = Callable[[list[Message]], list[Result]]


class TooBusy(Refusal):
    """More is waiting to be written than can be; trying again later is right."""

    code = "too_busy"
    status = 503


class Waiting:
    """The messages of one request, and who waits for them."""

    __slots__ = ("done", "messages")

    def __init__(self, messages: Sequence[Message], done: asyncio.Future[list[Result]]) -> None:
        self.messages = messages
        self.done = done


class GroupCommit:
    """A queue with one writer behind it."""

    def __init__(self, write: Write, most_waiting: int = MOST_WAITING) -> None:
        self._write = write
        self._most_waiting = most_waiting
        self._queue: list[Waiting] = []
        self._something = asyncio.Event()
        self._idle = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._task: asyncio.Task[None] | None = None
        self.waiting = 0

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Write what waits, then end."""
        if not self._task:
            return
        if self._queue or self.waiting:
            self._idle.clear()
            await self._idle.wait()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._thread.shutdown()

    async def put(self, messages: Sequence[Message]) -> list[Result]:
        """Return what became of these messages, once that is committed."""
        if self.waiting + len(messages) > self._most_waiting:
            raise TooBusy(value=self.waiting, right=self._most_waiting)
        done: asyncio.Future[list[Result]] = asyncio.get_running_loop().create_future()
        self._queue.append(Waiting(messages, done))
        self.waiting += len(messages)
        self._something.set()
        return await done

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._something.wait()
            group = self._next()
            together = [message for each in group for message in each.messages]
            try:
                results = await loop.run_in_executor(self._thread, self._write, together)
            except Exception as error:  # noqa: BLE001 - each of those who wait is told
                _fail(group, error)
            else:
                _answer(group, results)
            finally:
                self.waiting -= len(together)
                if not self.waiting:
                    self._idle.set()

    def _next(self) -> list[Waiting]:
        size = taken = 0
        for each in self._queue:
            if size and size + len(each.messages) > MOST_TOGETHER:
                break
            size += len(each.messages)
            taken += 1
        group, self._queue = self._queue[:taken], self._queue[taken:]
        if not self._queue:
            self._something.clear()
        return group


def _answer(group: Sequence[Waiting], results: Sequence[Result]) -> None:
    start = 0
    for each in group:
        end = start + len(each.messages)
        if not each.done.done():  # whoever left in the meantime is not told
            each.done.set_result(list(results[start:end]))
        start = end


def _fail(group: Sequence[Waiting], error: Exception) -> None:
    for each in group:
        if not each.done.done():
            each.done.set_exception(error)
