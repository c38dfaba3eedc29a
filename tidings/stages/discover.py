"""Request the listings, sitemaps and archived feed pages of a window, and store their items."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter, deque
from typing import TYPE_CHECKING

from tidings.base.languages.plural import counted
from tidings.base.owners import Owners, zone_of
from tidings.fetch.feed.entry import DateQuality, ParsedFeed, make_entry_rows
from tidings.fetch.feed_reader import FeedReader
from tidings.fetch.sources import ListRequest, covered_period, follow, list_window
from tidings.fetch.window import Window, may_belong
from tidings.stages.land import MAX_HELD, Landing, land, make_landing
from tidings.stages.parse_response import full_texts, new_texts, own_entries
from tidings.stages.web import open_run_client, run_in_loop
from tidings.storage import pending

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Sequence

    from tidings.base.records import Feed, FeedEntry, Publisher
    from tidings.fetch.client import Client
    from tidings.fetch.response import Response
    from tidings.stages.land import Records
    from tidings.stages.run import Run

MAX_PAGES = 400  # requests for one source in one backfill, besides the listings of its days
MAX_SOURCES = 64  # sources that are read at the same time


@dataclasses.dataclass(frozen=True, slots=True)
class ListedPage:
    """A response, its items of the window, and the full texts that these contain."""

    landing: Landing
    entries: list[FeedEntry]
    texts: list[Landing] = dataclasses.field(default_factory=list)


def discover(run: Run, feeds: Sequence[Feed], window: Window) -> int:
    """Request what the sources list for a window, store it, and return the number of listed items.

    The listing of a day is not requested again if it was stored after the day had ended.
    """
    with run.reading() as con:
        publishers = pending.publishers(con)
        stored = pending.stored_listings(con, run.now)
    return run_in_loop(_discover_all(run, feeds, window, publishers, stored))


def listing_urls(feeds: Sequence[Feed], window: Window) -> set[str]:
    """Return the URLs at which sources list the items of a window: their own and each day's."""
    days = {
        request.url
        for feed in feeds
        if feed.day_url
        for request in list_window(feed, window, "UTC")
    }
    return {feed.url for feed in feeds} | days


async def _discover_all(
    run: Run,
    feeds: Sequence[Feed],
    window: Window,
    publishers: dict[str, Publisher],
    stored: dict[str, dt.datetime],
) -> int:
    listed, counts = set[str](), Counter[str]()
    owners = Owners(publishers.values())
    async with (
        open_run_client(run) as (client, changes),
        FeedReader(run.settings.workers, log=run.log) as reader,
    ):
        landing_lock, slots = asyncio.Lock(), asyncio.Semaphore(MAX_SOURCES)

        async def store(pages: list[ListedPage]) -> None:
            async with landing_lock:
                await asyncio.to_thread(_land, run, pages, changes.drain())
            listed.update(entry.url for page in pages for entry in page.entries if entry.url)

        async def read_source(feed: Feed) -> None:
            zone = zone_of(publishers, feed.publisher_id)
            pages, byte_count = list[ListedPage](), 0
            source = _SourceReader(run, client, reader, feed, zone, window, stored, owners)
            async with slots:
                async for page in source.pages():
                    pages.append(page)
                    counts[feed.feed_id] += len(page.entries)
                    byte_count += sum(len(landing.body) for landing in (page.landing, *page.texts))
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


def _land(run: Run, pages: Sequence[ListedPage], changes: Sequence[Records]) -> None:
    texts = new_texts(run.lake, [text for page in pages for text in page.texts])
    entries = [entry for page in pages for entry in page.entries]
    land(run, "listings", [*(page.landing for page in pages), *texts], [entries, *changes])


@dataclasses.dataclass(frozen=True, slots=True)
class _SourceReader:
    run: Run
    client: Client
    reader: FeedReader
    feed: Feed
    zone: str
    window: Window
    stored: dict[str, dt.datetime]
    owners: Owners
    failures: list[str] = dataclasses.field(default_factory=list)

    async def pages(self) -> AsyncIterator[ListedPage]:
        """Yield each page that lists items of the window: the source's requests, then those these
        name.
        """
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
            more = (
                f" {len(self.failures) - 1:,} other pages of this source also failed."
                if self.failures[1:]
                else ""
            )
            self.run.log(f"{self.feed.feed_id}: {self.failures[0]}{more}")

    def _is_needed(self, request: ListRequest) -> bool:
        """Return whether a day has begun and its listing was not stored after its end."""
        if request.day is None:
            return True
        starts_at, ends_at = request.day
        return starts_at <= self.run.now and self.stored.get(request.url, starts_at) < min(
            ends_at, self.run.now
        )

    async def _fetch(self, url: str) -> tuple[Response, ParsedFeed | None]:
        feed = self.feed
        response = await self.client.fetch(
            url, expect=feed.kind, ignores_robots=feed.ignores_robots
        )
        if not response.is_ok:
            self.failures.append(f"{url}: {response.outcome}. {response.reason or ''}")
            return response, None
        place = response.page_url, self.zone, self.run.now, feed
        parsed = await self.reader.read(response.body, response.content_type, *place)
        if not isinstance(parsed, ParsedFeed):
            self.failures.append(f"{url}: {parsed.outcome}. {parsed.reason}")
            return response, None
        return response, parsed

    def _listed_page(
        self, request: ListRequest, response: Response, parsed: ParsedFeed | None
    ) -> ListedPage:
        feed, source = self.feed, make_landing(response, self.feed).capture
        entries: list[FeedEntry] = []
        texts: list[Landing] = []
        starts_at = request.day and request.day[0]
        if parsed:
            items = [entry for entry in parsed.entries if may_belong(entry, self.window, self.zone)]
            inside = dataclasses.replace(parsed, entries=items)
            rows = make_entry_rows(feed, inside, source.capture_id, self.run.now)
            entries = [_use_listing_day(row, starts_at) for row in rows if row.url]
            texts = [] if request.day else full_texts(feed, inside, source, self.owners)
        own = own_entries(feed, parsed, response.fetched_at.date(), self.owners)
        start, end = request.day or covered_period(
            feed, own, self.window, self.zone, has_items=bool(entries)
        )
        end = min(end, response.fetched_at) if end else None
        return ListedPage(make_landing(response, feed, start, end), entries, texts)


def _use_listing_day(entry: FeedEntry, starts_at: dt.datetime | None) -> FeedEntry:
    """Return an item of a day's listing, dated with the start of that day if it states no date."""
    if starts_at is None or DateQuality(entry.date_quality).is_read:
        return entry
    return dataclasses.replace(entry, published_at=starts_at, date_quality="day_only")
