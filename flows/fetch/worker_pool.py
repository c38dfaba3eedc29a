"""Many addresses at once: hosts side by side in shuffled order, each host's addresses one after the other."""

from __future__ import annotations

import asyncio
import contextlib
import random
import resource
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from tidings.flows.fetch.rate_limit import domain_of
from tidings.flows.urls import host_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from tidings.flows.fetch.outcomes import Answer

T = TypeVar("T")
PATIENCE = 5.0  # seconds after which a slow request no longer counts against the limit of hosts
MOST_OPEN = 8  # maximum of open hosts, as a multiple of the limit of hosts: sockets are limited too
NOTICE = 30.0  # seconds between log lines that name a slow request
_HELD = 64  # answers that wait for their reader
_HELD_BYTES = 32_000_000  # of their bodies, which are up to 20 MB long


class FetchRequest(NamedTuple):
    """An address to be fetched; ``key`` is the caller's own and comes back with the answer.

    ``source`` is the feed whose budget the seconds count against.
    """

    url: str
    expect: str = "any"
    etag: str | None = None
    last_modified: str | None = None
    ignores_robots: bool = False
    key: Any = None
    source: str = ""


Fetched = tuple[FetchRequest, "Answer"]
Fetch = Callable[[FetchRequest], Awaitable["Answer"]]


class _Basket:
    """Answers on their way to the reader: a queue that wakes once for many, which asyncio's does not."""

    def __init__(self) -> None:
        self._ready: deque[Fetched | Exception] = deque()
        self._bytes = 0
        self._has_some, self._has_room = asyncio.Event(), asyncio.Event()

    async def put(self, found: Fetched | Exception) -> None:
        """Add one, and wait while there are too many."""
        self._ready.append(found)
        self._bytes += _weight(found)
        self._has_some.set()
        while len(self._ready) >= _HELD or self._bytes >= _HELD_BYTES:
            self._has_room.clear()
            await self._has_room.wait()

    async def take(self) -> Fetched | Exception:
        """Return the next, once there is one."""
        while not self._ready:
            self._has_some.clear()
            await self._has_some.wait()
        found = self._ready.popleft()
        self._bytes -= _weight(found)
        if len(self._ready) < _HELD // 2 and self._bytes < _HELD_BYTES:  # all waiting tasks wake at once, so not for one place
            self._has_room.set()
        return found


def _weight(found: Fetched | Exception) -> int:
    return 0 if isinstance(found, Exception) else found[1].byte_count


def _allow_files(count: int) -> int:
    """Raise this process's limit of open files towards ``count``, and return the limit.

    A host in work needs a socket and the file of its turn, and idle connections stay open for a while.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return count
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft < wanted:
        with contextlib.suppress(ValueError, OSError):  # some systems allow no change
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class _Floor:
    """The hosts in work: each task serves one host at a time and requests its URLs one after the other.

    A request that takes longer than PATIENCE seconds no longer counts, and another host starts beside it. A hanging host thus
    delays the others for PATIENCE seconds and not for its whole deadline. At most MOST_OPEN times ``host_limit`` hosts are in
    work, fewer if the system allows few open files.
    """

    def __init__(self, fetch: Fetch, hosts: Iterable[list[FetchRequest]], host_limit: int, basket: _Basket) -> None:
        self._fetch, self._line, self._limit, self._basket = fetch, deque(hosts), host_limit, basket
        self._most_open = max(host_limit, min(MOST_OPEN * host_limit, _allow_files(4 * MOST_OPEN * host_limit) // 4))
        self.tasks: set[asyncio.Task[None]] = set()
        self.slow: dict[int, tuple[str, float]] = {}  # requests that no longer count: URL and start time

    def begin_host(self) -> None:
        """Start to serve another host, if a host and a task for it are left."""
        if self._line and len(self.tasks) < self._most_open:
            task = asyncio.create_task(self._serve())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _serve(self) -> None:
        try:
            while self._line and len(self.tasks) - len(self.slow) <= self._limit:
                for request in self._line.popleft():
                    await self._basket.put((request, await self._wait(request)))
        except Exception as error:  # noqa: BLE001 — handed to the reader, who raises it
            await self._basket.put(error)

    async def _wait(self, request: FetchRequest) -> Answer:
        loop = asyncio.get_running_loop()
        timer = loop.call_later(PATIENCE, self._give_way, id(request), request.url, loop.time())
        try:
            return await self._fetch(request)
        finally:
            timer.cancel()
            self.slow.pop(id(request), None)

    def _give_way(self, number: int, url: str, since: float) -> None:
        self.slow[number] = (url, since)
        self.begin_host()

    async def watch(self, log: Callable[[str], None]) -> None:
        """Log the URL of the slowest request every NOTICE seconds while any request is slow."""
        while True:
            await asyncio.sleep(NOTICE)
            if self.slow:
                url, since = next(iter(self.slow.values()))
                waited = asyncio.get_running_loop().time() - since
                log(f"waiting for {len(self.slow):,} slow responses, the slowest for {waited:.0f} s: {url}")


async def spread(
    fetch: Fetch,
    requests: Iterable[FetchRequest],
    *,
    host_limit: int,
    seed: int | None,
    log: Callable[[str], None] = lambda _text: None,
) -> AsyncGenerator[Fetched, None]:
    """Yield each request with its answer, as answers arrive; at most ``host_limit`` hosts are in work, besides slow ones.

    ``log`` receives a line every half minute that names a slow request. Closing the generator early cancels running requests.
    An exception of ``fetch`` is a programming error and is raised here.
    """
    groups: defaultdict[str, list[FetchRequest]] = defaultdict(list)
    for request in requests:
        groups[domain_of(host_of(request.url))].append(request)
    hosts = list(groups.values())
    random.Random(seed).shuffle(hosts)  # noqa: S311 — it spreads load and keeps no secret
    basket = _Basket()
    floor = _Floor(fetch, hosts, host_limit, basket)
    for _ in range(min(host_limit, len(hosts))):
        floor.begin_host()
    watch = asyncio.create_task(floor.watch(log))
    try:
        for _ in range(sum(map(len, hosts))):
            found = await basket.take()
            if isinstance(found, Exception):
                raise found
            yield found
    finally:
        tasks = [watch, *floor.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def within(items: AsyncGenerator[T, None], seconds: float) -> AsyncGenerator[T, None]:
    """Yield items as they arrive until the time is over, then close the generator, which cancels its work."""
    until = asyncio.get_running_loop().time() + seconds
    try:
        while True:
            try:
                async with asyncio.timeout_at(until):
                    item = await anext(items)
            except (StopAsyncIteration, TimeoutError):
                return
            yield item
    finally:
        await items.aclose()


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
