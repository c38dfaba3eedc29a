"""Many addresses at once: hosts side by side in shuffled order, each host's addresses one after the other."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from flows.steps.pace import domain_of
from flows.steps.urls import host_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from flows.steps.outcomes import Answer

T = TypeVar("T")
_HELD = 64  # answers that wait for their reader: bodies are up to 20 MB long


class FetchRequest(NamedTuple):
    """An address to be fetched; ``key`` is the caller's own and comes back with the answer."""

    url: str
    expect: str = "any"
    etag: str | None = None
    last_modified: str | None = None
    ignores_robots: bool = False
    key: Any = None


Fetched = tuple[FetchRequest, "Answer"]


class _Basket:
    """Answers on their way to the reader: a queue that wakes once for many, which asyncio's does not."""

    def __init__(self) -> None:
        self._ready: deque[Fetched | Exception] = deque()
        self._has_some, self._has_room = asyncio.Event(), asyncio.Event()

    async def put(self, found: Fetched | Exception) -> None:
        """Add one, and wait while there are too many."""
        self._ready.append(found)
        self._has_some.set()
        while len(self._ready) >= _HELD:
            self._has_room.clear()
            await self._has_room.wait()

    async def take(self) -> Fetched | Exception:
        """Return the next, once there is one."""
        while not self._ready:
            self._has_some.clear()
            await self._has_some.wait()
        if len(self._ready) <= _HELD // 2:  # all who wait wake at once: not for one place
            self._has_room.set()
        return self._ready.popleft()


async def spread(
    fetch: Callable[[FetchRequest], Awaitable[Answer]], requests: Iterable[FetchRequest], *, host_limit: int, seed: int | None
) -> AsyncGenerator[Fetched, None]:
    """Yield each request with its answer, as they come; at most ``host_limit`` hosts are under way.

    Left early, what is under way is cancelled. What ``fetch`` raises, which is a programming error, is raised here.
    """
    groups: defaultdict[str, list[FetchRequest]] = defaultdict(list)
    for request in requests:
        groups[domain_of(host_of(request.url))].append(request)
    hosts = list(groups.values())
    random.Random(seed).shuffle(hosts)  # noqa: S311 — it spreads load and keeps no secret
    line = deque(hosts)
    basket = _Basket()

    async def serve_hosts() -> None:
        try:
            while line:
                for request in line.popleft():
                    await basket.put((request, await fetch(request)))
        except Exception as error:  # noqa: BLE001 — handed to the reader, who raises it
            await basket.put(error)

    tasks = [asyncio.create_task(serve_hosts()) for _ in range(min(host_limit, len(hosts)))]
    try:
        for _ in range(sum(map(len, hosts))):
            found = await basket.take()
            if isinstance(found, Exception):
                raise found
            yield found
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def share(items: AsyncIterator[T], work: Callable[[T], Awaitable[None]], hands: int) -> None:
    """Do ``work`` on each item as it comes, ``hands`` of them at a time.

    What ``work`` or the items raise ends all of it, the items too, and is raised here.
    """
    turn = asyncio.Lock()

    async def lend_a_hand() -> None:
        while True:
            async with turn:
                try:
                    item = await anext(items)
                except StopAsyncIteration:
                    return
            await work(item)

    tasks = [asyncio.create_task(lend_a_hand()) for _ in range(hands)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if isinstance(items, AsyncGenerator):
            await items.aclose()
