"""Reading of feeds in worker processes."""

import asyncio
import os
import signal
import time

import pytest

from tests.fetch.loopback import NOW, feed_row, item, rss
from tidings.base.records import Feed
from tidings.fetch.continuity import oldest_date
from tidings.fetch.feed.entry import ParsedFeed, Unreadable
from tidings.fetch.feed_reader import FeedReader

FEED = feed_row()
GOOD = rss(item(1))
# The parser's search for a mail address backtracks in this author and takes seconds for some
# kilobytes.
HANGING = rss(
    item(1).replace("</item>", f"<author>{'a.' * 40_000}@{'b.' * 40_000}</author></item>")
).replace(b'"2.0"', b'"0.91"')


async def read_one(reader: FeedReader, body: bytes, feed: Feed = FEED) -> ParsedFeed | Unreadable:
    return await reader.read(body, None, "http://example.org/f", "UTC", NOW, feed)


def read_all(
    bodies: list[bytes], *, workers: int = 2, timeout: float = 5.0, feed: Feed = FEED
) -> list[ParsedFeed] | list[ParsedFeed | Unreadable]:
    async def run() -> list[ParsedFeed] | list[ParsedFeed | Unreadable]:
        async with FeedReader(workers, timeout) as reader:
            return await asyncio.gather(*(read_one(reader, body, feed) for body in bodies))

    return asyncio.run(run())


def test_what_hangs_is_killed_and_the_next_feed_is_read() -> None:
    """A worker that hangs is killed within the limit and replaced."""
    hung, *others = read_all([HANGING, GOOD, GOOD, GOOD], workers=1, timeout=0.5)
    assert isinstance(hung, Unreadable)
    assert hung.reason == "Reading the feed used more than 0.5 seconds of CPU."
    assert all(isinstance(found, ParsedFeed) for found in others)


def crash(*_: object) -> None:
    """End the worker."""
    os.abort()


def test_what_crashes_a_worker_costs_one_feed() -> None:
    """A worker that crashes is replaced, as is one that ended while it was idle."""

    async def run() -> list[ParsedFeed | Unreadable]:
        async with FeedReader(1, 5.0) as reader:
            crashed = await reader.run(crash, GOOD, None, "http://example.org/f")
            first = await read_one(reader, GOOD)
            os.kill(reader._pool._staff[0]._process.pid, signal.SIGKILL)
            await asyncio.sleep(0.2)
            second = await read_one(reader, GOOD)
            return [crashed, first, second]

    crashed, *read = asyncio.run(run())
    assert isinstance(crashed, Unreadable)
    assert "worker process ended" in crashed.reason
    assert all(isinstance(found, ParsedFeed) for found in read)


def test_a_cancelled_reading_ends_with_its_reader() -> None:
    """A cancelled read does not delay the end of its reader."""

    async def run() -> None:
        async with FeedReader(1, 60.0) as reader:
            async with asyncio.timeout(0.5):
                await read_one(reader, HANGING)

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(run())
    assert time.monotonic() - began < 30


def test_the_kind_of_the_source_decides_how_it_is_read() -> None:
    """A worker reads a listing with the selectors in its row."""
    row = feed_row("listing", item_selector="ul.news a", next_selector="a.older")
    page = b"""<html lang="en"><ul class="news"><li>
    <a href="/1">First item</a> <time datetime="2026-05-31">x</time></li>
    <li><a href="/2">Second item</a> <time datetime="2026-05-30">x</time></li></ul>
    <a class="older" href="?page=2">Older</a></html>"""
    (found,) = read_all([page], timeout=60.0, feed=row)
    assert isinstance(found, ParsedFeed)
    shown = [entry.link for entry in found.entries]
    assert shown == ["http://example.org/1", "http://example.org/2"]
    assert found.next_link == "http://example.org/f?page=2"
    assert f"{oldest_date(found):%Y-%m-%d}" == "2026-05-30"
