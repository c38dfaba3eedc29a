"""Fetch many URLs: hosts in parallel in random order, the URLs of each registrable domain one after
another.
"""

import asyncio
import contextlib
import random
import resource
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from tidings.base.urls import host_of
from tidings.fetch.rate_limit import domain_of
from tidings.fetch.response import Response

T = TypeVar("T")
# seconds after which a running request no longer counts against the limit of hosts
SLOW_AFTER = 5.0
MAX_OPEN = 8  # maximum of open hosts, as a multiple of the limit of hosts: sockets are limited too
LOG_INTERVAL = 30.0  # seconds between log lines that name a slow request
# responses that wait for the reader, besides one of each task; a body has up to 20 MB
_WAITING = 16


class FetchRequest(NamedTuple):
    """A URL to fetch. ``key`` is any value of the caller, ``source`` the feed ID whose budget the
    seconds count against.
    """

    url: str
    expect: str = "any"
    etag: str | None = None
    last_modified: str | None = None
    ignores_robots: bool = False
    key: Any = None
    source: str = ""


Fetched = tuple[FetchRequest, Response]
Fetch = Callable[[FetchRequest], Awaitable[Response]]


def _allow_files(count: int) -> int:
    """Raise the limit of open files towards ``count``, and return it. Each open host needs a socket
    and a lock file.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return count
    limit = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft < limit:
        with contextlib.suppress(ValueError, OSError):  # some systems do not allow the change
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class WorkerPool:
    """Tasks that each fetch the URLs of one domain after another, and put the responses into a
    queue.

    A request no longer counts after SLOW_AFTER seconds, so another task starts and a silent host
    delays the others only for that time. There are at most MAX_OPEN times ``host_limit`` tasks.
    """

    def __init__(
        self,
        fetch: Fetch,
        domains: Iterable[list[FetchRequest]],
        host_limit: int,
        queue: asyncio.Queue[Fetched | Exception],
    ) -> None:
        self._fetch, self._waiting = fetch, deque(domains)
        self._limit, self._queue = host_limit, queue
        most = MAX_OPEN * host_limit
        self._most_open = max(host_limit, min(most, _allow_files(4 * most) // 4))
        self.tasks: set[asyncio.Task[None]] = set()
        # URL and start time of the requests that no longer count
        self.slow: dict[int, tuple[str, float]] = {}

    def start_task(self) -> None:
        """Start another task if a domain is waiting and the limit allows it."""
        if self._waiting and len(self.tasks) < self._most_open:
            task = asyncio.create_task(self._work())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _work(self) -> None:
        try:
            while self._waiting and len(self.tasks) - len(self.slow) <= self._limit:
                for request in self._waiting.popleft():
                    await self._queue.put((request, await self._fetch_timed(request)))
        except Exception as error:  # noqa: BLE001 - the reader of the queue raises it
            await self._queue.put(error)

    async def _fetch_timed(self, request: FetchRequest) -> Response:
        loop = asyncio.get_running_loop()
        timer = loop.call_later(SLOW_AFTER, self._mark_slow, id(request), request.url, loop.time())
        try:
            return await self._fetch(request)
        finally:
            timer.cancel()
            self.slow.pop(id(request), None)

    def _mark_slow(self, number: int, url: str, since: float) -> None:
        self.slow[number] = (url, since)
        self.start_task()

    async def log_slow(self, log: Callable[[str], None]) -> None:
        """Log the URL of the slowest request every LOG_INTERVAL seconds, if one is slow."""
        while True:
            await asyncio.sleep(LOG_INTERVAL)
            if self.slow:
                url, since = next(iter(self.slow.values()))
                seconds = asyncio.get_running_loop().time() - since
                waiting = f"waiting for {len(self.slow):,} slow responses"
                log(f"{waiting}, the slowest for {seconds:.0f} s: {url}")


async def fetch_all(
    fetch: Fetch,
    requests: Iterable[FetchRequest],
    *,
    host_limit: int,
    log: Callable[[str], None] = lambda _text: None,
) -> AsyncGenerator[Fetched, None]:
    """Yield each request with its response, in the order of arrival.

    At most ``host_limit`` hosts are requested at the same time, besides slow ones, which ``log``
    names. Closing the generator early cancels the requests. An exception of ``fetch`` is raised
    here.
    """
    by_domain: defaultdict[str, list[FetchRequest]] = defaultdict(list)
    for request in requests:
        by_domain[domain_of(host_of(request.url))].append(request)
    domains = list(by_domain.values())
    random.shuffle(domains)
    queue = asyncio.Queue[Fetched | Exception](_WAITING)
    pool = WorkerPool(fetch, domains, host_limit, queue)
    for _ in range(min(host_limit, len(domains))):
        pool.start_task()
    slow_log = asyncio.create_task(pool.log_slow(log))
    try:
        for _ in range(sum(map(len, domains))):
            item = await queue.get()
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        tasks = [slow_log, *pool.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def stop_after(items: AsyncGenerator[T, None], seconds: float) -> AsyncGenerator[T, None]:
    """Yield items as they arrive until the time has passed, then close the generator."""
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


async def consume(
    items: AsyncGenerator[T, None], work: Callable[[T], Awaitable[None]], task_count: int
) -> None:
    """Call ``work`` on each item as it arrives, in ``task_count`` tasks. An exception ends all
    tasks, closes the items, and is raised here.
    """
    lock = asyncio.Lock()

    async def worker() -> None:
        while True:
            async with lock:
                try:
                    item = await anext(items)
                except StopAsyncIteration:
                    return
            await work(item)

    tasks = [asyncio.create_task(worker()) for _ in range(task_count)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await items.aclose()
