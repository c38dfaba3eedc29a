"""Read feeds in worker processes: a feed that hangs or exhausts memory affects no other."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from tidings.base.guarded_pool import Failure, GuardedProcess, Work
from tidings.fetch.feed.entry import ParsedFeed, Unreadable
from tidings.fetch.feed.read import read_feed

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from tidings.base.records import Feed

_MEMORY_MB = 2_048
_Request = tuple[Any, ...]  # a function and its arguments: body, content type, URL, and others


class FeedReader:
    """Reads feeds in ``workers`` processes. A worker is killed and replaced if a feed takes over
    ``timeout`` seconds of CPU.

    The limits of ``GuardedProcess`` apply. ``log`` receives a line for each feed that takes over
    ten seconds. Use the reader as an asynchronous context manager: workers start when they are
    first needed, and end with it.

        async with FeedReader(workers=2, timeout=5.0) as reader:
            parsed = await reader.read(response.body, response.content_type, response.final_url,
            "Asia/Shanghai", now, feed)
    """

    def __init__(
        self,
        workers: int = 2,
        timeout: float = 5.0,
        log: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self._work = Work(
            _start, "Reading the feed", "reading", _describe, _size, timeout, _MEMORY_MB
        )
        self._log = log
        self._count = max(1, workers)
        self._threads = ThreadPoolExecutor(self._count)
        self._idle: asyncio.LifoQueue[GuardedProcess[_Request, Any]] = asyncio.LifoQueue()

    async def __aenter__(self) -> Self:
        for _ in range(self._count):
            self._idle.put_nowait(GuardedProcess(self._work, self._log))
        return self

    async def __aexit__(self, *_: object) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().close()
        self._threads.shutdown(wait=False)

    async def read(  # noqa: PLR0917 - the arguments of read_source
        self,
        body: bytes,
        content_type: str | None,
        url: str,
        zone: str,
        now: dt.datetime,
        feed: Feed,
    ) -> ParsedFeed | Unreadable:
        """Return what ``read_source`` does, or Unreadable if the worker was stopped or crashed."""
        parsed = await self.run(read_source, body, content_type, url, zone, now, feed)
        assert isinstance(parsed, ParsedFeed | Unreadable)  # noqa: S101
        return parsed

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return the result of a function of a module for a response body, its content type, its
        URL and other arguments, as ``read`` does, or Unreadable.
        """
        process = await self._idle.get()
        # with the context of Prefect's run, which the log needs
        apply = partial(copy_context().run, process.apply, (function, *arguments))
        try:
            result = await asyncio.get_running_loop().run_in_executor(self._threads, apply)
        except BaseException:
            process.kill()
            process = GuardedProcess(self._work, self._log)
            raise
        finally:
            self._idle.put_nowait(process)
        if isinstance(result.found, Failure):
            return Unreadable(result.found.reason)
        return result.found


def _start() -> Callable[[_Request], Any]:
    return _call


def _call(request: _Request) -> Any:
    function, *arguments = request
    try:
        return function(*arguments)
    except (RecursionError, MemoryError) as error:
        name = type(error).__name__
        return Unreadable(f"Reading the feed needed too much memory or nesting: {name}.")
    except Exception as error:  # noqa: BLE001 - a bug that one feed triggers must not affect the next feed; the reason names it
        return Unreadable(f"The parser failed: {type(error).__name__}: {error}"[:300])


def _describe(request: _Request) -> str:
    return f"{request[3]} ({_size(request):,} bytes)"


def _size(request: _Request) -> int:
    return len(request[1])


def read_source(  # noqa: PLR0917 - a response, and how to read it
    body: bytes, content_type: str | None, url: str, zone: str, now: dt.datetime, feed: Feed
) -> ParsedFeed | Unreadable:
    """Return the entries in a response of a source. Modules of other kinds are not imported.

    ``url`` is the final URL, ``zone`` the publisher's IANA zone, and ``now`` the time (UTC) at
    which the entries were first seen.
    """
    if feed.kind == "listing":
        from tidings.fetch.sources.listing import read_listing  # noqa: PLC0415 - it loads BeautifulSoup

        return read_listing(body, content_type, url, zone, now, feed)
    if feed.kind == "sitemap":
        from tidings.fetch.sources.sitemap import read_sitemap  # noqa: PLC0415 - few workers read a sitemap

        return read_sitemap(body, url, zone, now)
    return read_feed(body, content_type, url, zone, now)
