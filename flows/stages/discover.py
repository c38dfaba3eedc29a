"""Discovery: what a window held, from listings, sitemaps and archived feed pages, cheapest first."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

from tidings.flows.fetch.discover import day_address, older_page
from tidings.flows.fetch.entries import covers_from, entries_of
from tidings.flows.fetch.feed import FeedReader, ParsedFeed
from tidings.flows.owners import Owners
from tidings.flows.stages.land import land
from tidings.flows.stages.landing import MOST_HELD, Landing, landing_of
from tidings.flows.stages.parse_response import fresh_texts, texts_of
from tidings.flows.stages.web import open_web
from tidings.flows.stages.window import Window, day_span, may_belong, may_list
from tidings.warehouse import pending
from tidings.warehouse.lake import open_lake

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Sequence

    from tidings.flows.fetch.client import Client
    from tidings.flows.fetch.outcomes import Answer
    from tidings.flows.stages.land import Records
    from tidings.flows.stages.run import Run
    from tidings.warehouse.records import Feed, FeedEntry, Publisher

MOST_PAGES = 400  # of one source in one backfill
MOST_WALKS = 64  # sources walked at the same time


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """One answer of a source, the items of the window that it lists, and the full texts that they carry."""

    landing: Landing
    entries: list[FeedEntry]
    texts: list[Landing] = dataclasses.field(default_factory=list)


def discover(run: Run, feeds: Sequence[Feed], window: Window) -> int:
    """Ask the sources what the window held, land their answers, and return how many items they list.

    A day's listing that is stored already, taken after the day was over, is not asked for again.
    """
    with open_lake(run.lake, read_only=True) as con:
        publishers = pending.publishers(con)
        stored = pending.stored_listings(con)
    return asyncio.run(_discover_all(run, feeds, window, publishers, stored))


def addresses(feeds: Sequence[Feed], window: Window) -> set[str]:
    """Return the addresses at which these sources list the items of a window: their own and those of each day's listing."""
    days = {day_address(feed.day_url, day) for feed in feeds if feed.day_url for day in window.days}
    return {feed.url for feed in feeds} | days


async def _discover_all(
    run: Run, feeds: Sequence[Feed], window: Window, publishers: dict[str, Publisher], stored: dict[str, dt.datetime]
) -> int:
    listed: set[str] = set()
    owners = Owners(publishers.values())
    done = 0
    async with open_web(run) as (client, asked), FeedReader(run.settings.workers, log=run.log) as reader:
        turn = asyncio.Lock()

        async def keep(found: list[Found]) -> None:
            async with turn:
                await asyncio.to_thread(_land, run, found, asked.take(), window)
            listed.update(entry.url for one in found for entry in one.entries if entry.url)

        async def walk(feed: Feed) -> None:
            zone = publishers[feed.publisher_id].time_zone if feed.publisher_id in publishers else "UTC"
            walker = _Walker(run, client, reader, feed, zone, window, stored, owners)
            found, held = list[Found](), 0
            async for one in walker.walk():
                found.append(one)
                held += sum(len(landing.body) for landing in (one.landing, *one.texts))
                if held >= MOST_HELD // 8:
                    await keep(found)
                    found, held = [], 0
            await keep(found)

        async def walk_in_turn(feed: Feed) -> None:
            async with walks:
                await walk(feed)

        walks = asyncio.Semaphore(MOST_WALKS)
        for task in asyncio.as_completed([asyncio.create_task(walk_in_turn(feed)) for feed in feeds]):
            await task
            done += 1
            run.progress("listings", done, len(feeds))
    run.log(f"{len(listed)} items of {window.start} to {window.end} are listed by {len(feeds)} sources")
    return len(listed)


def _land(run: Run, found: Sequence[Found], asked: Sequence[Records], window: Window) -> None:
    texts = fresh_texts(run.lake, [text for one in found for text in one.texts])
    entries = [entry for one in found for entry in one.entries]
    land(run, "listings", [*(one.landing for one in found), *texts], [entries, *asked], window)


@dataclasses.dataclass(frozen=True, slots=True)
class _Walker:
    """One source, walked back through the window."""

    run: Run
    client: Client
    reader: FeedReader
    feed: Feed
    zone: str
    window: Window
    stored: dict[str, dt.datetime]
    owners: Owners

    def walk(self) -> AsyncIterator[Found]:
        """Yield what the source says of the window, by the way that its kind offers."""
        if self.feed.kind == "sitemap":
            return self._walk_sitemaps()
        return self._walk_days() if self.feed.day_url else self._walk_back()

    async def _walk_days(self) -> AsyncIterator[Found]:
        """A listing a day: each covers its day."""
        for day in self.window.days:
            url = day_address(self.feed.day_url or "", day)
            starts_at, ends_at = day_span(day, self.zone)
            if starts_at > self.run.now or self.stored.get(url, starts_at) >= min(ends_at, self.run.now):
                continue
            answer, parsed = await self._ask(url)
            dated = [dated_on(entry, starts_at) for entry in self._entries(answer, parsed)]
            yield Found(self._landing(answer, starts_at, min(ends_at, answer.fetched_at)), dated)

    async def _walk_back(self) -> AsyncIterator[Found]:
        """A feed with archived pages (RFC 5005), or a listing with older pages: back to before the window."""
        url: str | None = self.feed.url
        starts_at, _ = day_span(self.window.start, self.zone)
        for _ in range(MOST_PAGES):
            answer, parsed = await self._ask(url or "")
            oldest = covers_from(parsed)
            landing = self._landing(answer, oldest, None)
            yield Found(landing, self._entries(answer, parsed), self._texts(landing, parsed))
            url = older_page(parsed, answer.final_url or answer.url) if parsed else None
            if url is None or (oldest is not None and oldest < starts_at):
                return

    async def _walk_sitemaps(self) -> AsyncIterator[Found]:
        """A sitemap, and those that it names, where they may list the window."""
        waiting, known = [self.feed.url], {self.feed.url}
        starts_at, ends_at = day_span(self.window.start, self.zone)[0], day_span(self.window.end, self.zone)[1]
        for _ in range(MOST_PAGES):
            if not waiting:
                return
            url = waiting.pop(0)
            answer, parsed = await self._ask(url)
            entries = self._entries(answer, parsed)
            if parsed:
                fresh = [link for link in parsed.links if link not in known and may_list(link, self.window)]
                waiting += fresh
                known.update(fresh)
            spans = (starts_at, min(ends_at, answer.fetched_at)) if entries else (None, None)
            yield Found(self._landing(answer, *spans), entries)

    async def _ask(self, url: str) -> tuple[Answer, ParsedFeed | None]:
        answer = await self.client.fetch(url, expect=self.feed.kind, ignores_robots=self.feed.ignores_robots)
        if not answer.is_ok:
            self.run.log(f"{self.feed.feed_id}: {url} is {answer.outcome}. {answer.reason or ''}")
            return answer, None
        final = answer.final_url or url
        read = await self.reader.read(answer.body, answer.content_type, final, self.zone, self.run.now, self.feed)
        return answer, read if isinstance(read, ParsedFeed) else None

    def _entries(self, answer: Answer, parsed: ParsedFeed | None) -> list[FeedEntry]:
        if parsed is None:
            return []
        source = self._landing(answer, None, None).capture
        return [row for row in entries_of(self.feed, self._within(parsed), source.capture_id, self.run.now) if row.url]

    def _texts(self, landing: Landing, parsed: ParsedFeed | None) -> list[Landing]:
        """Return the full texts of a feed that carries them, as a night would take them from it."""
        return texts_of(self.feed, self._within(parsed), landing.capture, self.owners) if parsed else []

    def _within(self, parsed: ParsedFeed) -> ParsedFeed:
        return dataclasses.replace(
            parsed, entries=[entry for entry in parsed.entries if may_belong(entry, self.window, self.zone)]
        )

    def _landing(self, answer: Answer, starts_at: dt.datetime | None, ends_at: dt.datetime | None) -> Landing:
        return landing_of(
            answer,
            kind=self.feed.kind,
            feed_id=self.feed.feed_id,
            publisher_id=self.feed.publisher_id,
            covers_from=starts_at,
            covers_until=ends_at,
        )


def dated_on(entry: FeedEntry, starts_at: dt.datetime) -> FeedEntry:
    """Return an item of a day's listing with that day as its date, where the listing told none."""
    if entry.date_quality in {"exact", "zone_assumed", "day_only"}:
        return entry
    return dataclasses.replace(entry, published_at=starts_at, date_quality="day_only")
