"""Read feeds in worker processes: a feed that hangs or exhausts memory affects no other."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Self

from tidings.base.guarded_pool import Failure, GuardedPool, Work
from tidings.base.records import Feed
from tidings.fetch.feed.entry import ParsedFeed, Unreadable
from tidings.fetch.feed.read import read_feed

_MEMORY_MB = 2_048
_Request = tuple[Any, ...]  # a function and its arguments: body, content type, URL, and others


class FeedReader:
    """Reads feeds in a ``GuardedPool`` of ``workers`` processes. ``timeout`` is in seconds of CPU
    for each feed; ``log`` receives a line for each that takes longer than ten seconds.
    """

    def __init__(
        self,
        workers: int = 2,
        timeout: float = 5.0,
        log: Callable[[str], None] = lambda _text: None,
    ) -> None:
        work = Work(
            _start,
            "Reading the feed",
            "reading",
            lambda request: f"{request[3]} ({len(request[1]):,} bytes)",
            lambda request: len(request[1]),
            timeout,
            _MEMORY_MB,
        )
        self._pool = GuardedPool(work, workers, log)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._pool.close()

    async def read(self, *source: Any) -> ParsedFeed | Unreadable:
        """Return what ``read_source`` does, or Unreadable if the worker was stopped or crashed."""
        parsed: ParsedFeed | Unreadable = await self.run(read_source, *source)
        return parsed

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return the result of a function for a response body, its content type, its URL and other
        arguments, or Unreadable.
        """
        import asyncio  # noqa: PLC0415 - the workers do not need it, and import this module

        result = await asyncio.wrap_future(self._pool.submit((function, *arguments)))
        found = result.found
        return Unreadable(found.reason) if isinstance(found, Failure) else found


def _start() -> Callable[[_Request], Any]:
    return _call


def _call(request: _Request) -> Any:
    function, *arguments = request
    try:
        return function(*arguments)
    except (RecursionError, MemoryError) as error:
        name = type(error).__name__
        return Unreadable(f"Reading the feed needed too much memory or nesting: {name}.")
    except Exception as error:  # noqa: BLE001 - a bug that one feed triggers ends no run; the reason names it
        return Unreadable(f"The parser failed: {type(error).__name__}: {error}"[:300])


def read_source(  # noqa: PLR0917 - a response, and how to read it
    body: bytes, content_type: str | None, url: str, zone: str, now: dt.datetime, feed: Feed
) -> ParsedFeed | Unreadable:
    """Return the entries in a response of a source. ``url`` is the final URL, ``zone`` the
    publisher's IANA zone, and ``now`` the time (UTC) at which the entries were first seen.
    """
    if feed.kind == "listing":
        from tidings.fetch.sources.listing import read_listing  # noqa: PLC0415 - it loads BeautifulSoup

        return read_listing(body, content_type, url, zone, now, feed)
    if feed.kind == "sitemap":
        from tidings.fetch.sources.sitemap import read_sitemap  # noqa: PLC0415 - few workers read a sitemap

        return read_sitemap(body, url, zone, now)
    return read_feed(body, content_type, url, zone, now)
