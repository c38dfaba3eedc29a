"""Request the listings, sitemaps and archived feed pages of a window, and store their items."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from operator import attrgetter

from tidings.base.languages.plural import counted
from tidings.base.owners import Owners, zone_of
from tidings.base.records import Feed, FeedEntry, Publisher
from tidings.fetch.feed.entry import DateQuality, ParsedFeed, make_entry_rows
from tidings.fetch.feed_reader import FeedReader
from tidings.fetch.response import Response
from tidings.fetch.sources import ListRequest, covered_period, follow, list_window
from tidings.fetch.window import Window, may_belong
from tidings.stages.land import MAX_HELD, Landing
from tidings.stages.parse_response import (
    ListedPage,
    ResponseParser,
    land_pages,
    own_entries,
    source_landing,
)
from tidings.stages.run import Run
from tidings.stages.web import open_run_client, run_in_loop
from tidings.storage.load import read_by_key
from tidings.storage.pending import stored_listings

MAX_PAGES = 400  # requests for one source in one backfill, besides the listings of its days
MAX_SOURCES = 64  # sources that are read at the same time


def discover(run: Run, feeds: Sequence[Feed], window: Window) -> int:
    """Request what the sources list for a window, store it, and return the number of items. The
    listing of a day is not requested again if it was stored after the day had ended.
    """
    return run_in_loop(_discover_all(run, feeds, window))


def listing_urls(feeds: Sequence[Feed], window: Window) -> set[str]:
    """Return the URLs at which sources list the items of a window."""
    listed = {request.url for feed in feeds for request in list_window(feed, window, "UTC")}
    return listed.union(map(attrgetter("url"), feeds))


async def _discover_all(run: Run, feeds: Sequence[Feed], window: Window) -> int:
    with run.reading() as con:
        publishers = read_by_key(con, Publisher)
        stored = stored_listings(con, run.now)
    listed, counts = set[str](), Counter[str]()
    async with (
        open_run_client(run) as (client, changes),
        FeedReader(run.settings.workers, log=run.log) as reader,
    ):
        parser = ResponseParser(run, client, reader, Owners(publishers.values()))
        landing_lock, slots = asyncio.Lock(), asyncio.Semaphore(MAX_SOURCES)

        async def store(pages: list[ListedPage]) -> None:
            async with landing_lock:
                await asyncio.to_thread(land_pages, run, "listings", pages, *changes.drain())
            listed.update(entry.url for page in pages for entry in page.entries if entry.url)

        async def read_source(feed: Feed) -> None:
            zone = zone_of(publishers, feed.publisher_id)
            pages, byte_count = list[ListedPage](), 0
            source = _SourceReader(parser, feed, zone, window, stored)
            async with slots:
                async for page in source.pages():
                    pages.append(page)
                    counts[feed.feed_id] += len(page.entries)
                    byte_count += page.byte_count
                    if byte_count >= MAX_HELD // 8:
                        await store(pages)
                        pages, byte_count = [], 0
                await store(pages)
            source.log_failures()

        tasks = [asyncio.create_task(read_source(feed)) for feed in feeds]
        for done, task in enumerate(asyncio.as_completed(tasks), 1):
            await task
            run.progress("listings", done, len(feeds))
    run.log(
        f"{counted(len(feeds), 'source')} list{'s' * (len(feeds) == 1)}"
        f" {counted(len(listed), 'item')} from {window.start} to {window.end}"
    )
    if empty := sorted(feed_id for feed_id, count in counts.items() if not count):
        run.log(f"no items of this window in {', '.join(empty)}")
    return len(listed)


@dataclasses.dataclass(frozen=True, slots=True)
class _SourceReader:
    parser: ResponseParser
    feed: Feed
    zone: str
    window: Window
    stored: dict[str, dt.datetime]
    failures: list[str] = dataclasses.field(default_factory=list)

    async def pages(self) -> AsyncIterator[ListedPage]:
        """Yield each page that lists items: the source's requests, then those these name."""
        waiting = deque(
            request
            for request in list_window(self.feed, self.window, self.zone)
            if self._is_needed(request)
        )
        known = {request.url for request in waiting}
        while waiting:
            request = waiting.popleft()
            response, parsed = await self._fetch(request.url)
            yield self._listed_page(request, response, parsed)
            if parsed:
                found = follow(self.feed, parsed, response.page_url, self.window, self.zone)
                for url in found:
                    if url not in known and len(known) < MAX_PAGES:
                        known.add(url)
                        waiting.append(ListRequest(url))

    def log_failures(self) -> None:
        """Log the first failure and the number of others, as a source may have a page a day."""
        if self.failures:
            first, *others = self.failures
            more = f" {len(others):,} other pages of this source also failed." if others else ""
            self.parser.run.log(f"{self.feed.feed_id}: {first}{more}")

    def _is_needed(self, request: ListRequest) -> bool:
        """Return whether a day has begun and its listing was not stored after its end."""
        if request.day is None:
            return True
        (starts_at, ends_at), now = request.day, self.parser.run.now
        return starts_at <= now and self.stored.get(request.url, starts_at) < min(ends_at, now)

    async def _fetch(self, url: str) -> tuple[Response, ParsedFeed | None]:
        response = await self.parser.fetch(self.feed, url)
        parsed = await self.parser.read(self.feed, response, self.zone)
        if isinstance(parsed, ParsedFeed):
            return response, parsed
        failed = parsed or response
        self.failures.append(f"{url}: {failed.outcome}. {failed.reason or ''}")
        return response, None

    def _listed_page(
        self, request: ListRequest, response: Response, parsed: ParsedFeed | None
    ) -> ListedPage:
        feed, landing = self.feed, source_landing(self.feed, response)
        source = landing.capture
        entries: list[FeedEntry] = []
        texts: list[Landing] = []
        starts_at = request.day and request.day[0]
        if parsed:
            items = [entry for entry in parsed.entries if may_belong(entry, self.window, self.zone)]
            inside = dataclasses.replace(parsed, entries=items)
            rows = make_entry_rows(feed, inside, source.capture_id, self.parser.run.now)
            entries = [_use_listing_day(row, starts_at) for row in rows if row.url]
            texts = [] if request.day else self.parser.texts(feed, inside, source, response)
        own = own_entries(feed, parsed, response.fetched_at.date(), self.parser.owners)
        start, end = request.day or covered_period(
            feed, own, self.window, self.zone, has_items=bool(entries)
        )
        end = min(end, response.fetched_at) if end else None
        return ListedPage([landing.with_(covers_from=start, covers_until=end)], texts, entries)


def _use_listing_day(entry: FeedEntry, starts_at: dt.datetime | None) -> FeedEntry:
    """Return an item, dated with the start of its listing's day if it states no date."""
    if starts_at is None or DateQuality(entry.date_quality).is_read:
        return entry
    return dataclasses.replace(entry, published_at=starts_at, date_quality="day_only")
