"""Polling: the sources that are due are asked, read, and landed with what follows from their answers."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

from flows.stages.discover import discover
from flows.stages.land import Landing, land, landing_of
from flows.stages.web import open_web
from flows.steps.feed import FeedReader, ParsedFeed, Unreadable
from flows.steps.http import Client, FetchRequest
from flows.steps.identity import capture_key, entry_key
from flows.steps.poll import after_poll, covers_from, entries_of, is_due, requested_url, validators_of
from flows.steps.window import Window
from warehouse import work
from warehouse.archive import digest_of
from warehouse.lake import opened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from flows.stages.run import Run
    from flows.steps.outcomes import Answer
    from warehouse.records import Capture, Feed, FeedEntry, FeedGap, FeedState

BATCH = 2000  # sources landed together, so many that a transaction's own cost is small beside theirs
MOST_HELD = 64_000_000  # bytes of bodies that wait to be landed, whatever their number
MOST_PAGES = 30  # of a listing in one night


@dataclasses.dataclass(frozen=True, slots=True)
class Polled:
    """What came of one source: what landed, its entries, its new state, and gaps."""

    landings: list[Landing]  # the source's answer, and a listing's older pages
    texts: list[Landing]  # the full texts that its entries carry
    entries: list[FeedEntry]
    state: FeedState
    gaps: list[FeedGap]

    @property
    def weight(self) -> int:
        """The bytes of the bodies to be archived."""
        return sum(len(landing.body) for landing in (*self.landings, *self.texts))


def poll(run: Run, feeds: Sequence[Feed]) -> Counter[str]:
    """Ask the sources that are due and return how many came to which outcome."""
    with opened(run.lake, read_only=True) as con:
        states = work.feed_states(con)
        zones = {publisher.publisher_id: publisher.time_zone for publisher in work.publishers(con).values()}
    by_day = [feed for feed in feeds if feed.kind == "listing" and feed.day_url and not feed.next_selector]
    if by_day:  # listings that have a page a day: yesterday's, once it is whole, and today's
        discover(run, by_day, Window(run.now.date() - dt.timedelta(days=1), run.now.date()))
    asked = [feed for feed in feeds if feed.kind != "sitemap" and feed not in by_day]  # sitemaps are for backfills
    due = [feed for feed in asked if is_due(states.get(feed.feed_id), run.now)]
    if not due:
        run.tell(f"none of {len(asked)} sources is due")
        return Counter()
    return asyncio.run(_poll_all(run, due, states, zones))


async def _poll_all(run: Run, due: Sequence[Feed], states: Mapping[str, FeedState], zones: Mapping[str, str]) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    waiting: list[Polled] = []
    held = 0
    async with open_web(run) as client, FeedReader(run.settings.workers) as reader:
        desk = _Desk(run, client, reader)
        async for request, answer in client.fetch_many([_request(feed, states.get(feed.feed_id)) for feed in due]):
            feed: Feed = request.key
            polled = await desk.follow(feed, states.get(feed.feed_id), answer, zones.get(feed.publisher_id, "UTC"))
            waiting.append(polled)
            outcomes[polled.state.outcome] += 1
            if polled.state.reason:
                run.tell(f"{feed.feed_id}: {polled.state.outcome}. {polled.state.reason}")
            run.progress("sources", outcomes.total(), len(due))
            held += polled.weight
            if len(waiting) >= BATCH or held >= MOST_HELD:
                _land(run, waiting)
                waiting, held = [], 0
    _land(run, waiting)
    run.tell("sources: " + ", ".join(f"{count} {name}" for name, count in outcomes.most_common()))
    return outcomes


def _request(feed: Feed, state: FeedState | None) -> FetchRequest:
    url = requested_url(feed, state)
    return FetchRequest(url, expect=feed.kind, ignores_robots=feed.ignores_robots, key=feed, **validators_of(state))


@dataclasses.dataclass(frozen=True, slots=True)
class _Desk:
    """Where answers are read."""

    run: Run
    client: Client
    reader: FeedReader

    async def follow(self, feed: Feed, state: FeedState | None, answer: Answer, zone: str) -> Polled:
        """Return what follows from a source's answer; a listing is read on to where it shows nothing new."""
        parsed = await self._read(feed, answer, zone)
        landings = [_landing(feed, answer, parsed)]
        if isinstance(parsed, ParsedFeed) and feed.kind == "listing":
            known = set(state.entry_ids) if state else set()
            parsed, older = await self._read_on(feed, parsed, zone, known)
            landings += older
        new_state, gaps = after_poll(feed, state, answer, parsed, self.run.now)
        source = landings[0].capture
        if not isinstance(parsed, ParsedFeed):
            return Polled(landings, [], [], new_state, gaps)
        texts = _texts(parsed, source) if feed.has_full_text else []
        return Polled(landings, texts, entries_of(feed, parsed, source.capture_id, self.run.now), new_state, gaps)

    async def _read(self, feed: Feed, answer: Answer, zone: str) -> ParsedFeed | Unreadable | None:
        if not answer.is_ok:
            return None
        return await self.reader.read(answer.body, answer.content_type, answer.final_url or feed.url, zone, self.run.now, feed)

    async def _read_on(self, feed: Feed, first: ParsedFeed, zone: str, known: set[UUID]) -> tuple[ParsedFeed, list[Landing]]:
        """Return a listing with its older pages put behind it, and those pages."""
        entries, page, landings = list(first.entries), first, list[Landing]()
        while page.next_link and len(landings) < MOST_PAGES and _shows_new(feed, page, known):
            answer = await self.client.fetch(page.next_link, expect=feed.kind, ignores_robots=feed.ignores_robots)
            read = await self._read(feed, answer, zone)
            landings.append(_landing(feed, answer, read))
            if not isinstance(read, ParsedFeed):
                break
            page = read
            entries += page.entries
        return dataclasses.replace(first, entries=entries, entry_count=len(entries)), landings


def _landing(feed: Feed, answer: Answer, parsed: ParsedFeed | Unreadable | None) -> Landing:
    """Return how a source's answer lands; one that was no feed after all says so."""
    oldest = covers_from(parsed) if isinstance(parsed, ParsedFeed) else None
    landing = landing_of(answer, kind=feed.kind, feed_id=feed.feed_id, publisher_id=feed.publisher_id, covers_from=oldest)
    if not isinstance(parsed, Unreadable):
        return landing
    return dataclasses.replace(landing, capture=dataclasses.replace(landing.capture, outcome="not_feed", reason=parsed.reason))


def _shows_new(feed: Feed, page: ParsedFeed, known: set[UUID]) -> bool:
    return any(entry_key(feed.feed_id, one.link, one.guid, one.title, one.published_raw) not in known for one in page.entries)


def _texts(parsed: ParsedFeed, source: Capture) -> list[Landing]:
    """Return the full texts that a feed's entries carry as captures of their own, an address once."""
    found: dict[str, Landing] = {}
    for entry in parsed.entries:
        if not entry.link or not entry.content_html or entry.link in found:
            continue
        body = entry.content_html.encode()
        capture = dataclasses.replace(
            source,
            capture_id=capture_key(entry.link, source.fetched_at),
            url=entry.link,
            final_url=entry.link,
            kind="entry",
            content_type="text/html; charset=utf-8",
            digest=digest_of(body),
            byte_count=len(body),
            covers_from=None,
        )
        found[entry.link] = Landing(capture, b"", body)
    return list(found.values())


def _land(run: Run, polled: Sequence[Polled]) -> None:
    if not polled:
        return
    landings = [landing for one in polled for landing in one.landings]
    texts = [text for one in polled for text in one.texts]
    if texts:
        with opened(run.lake, read_only=True) as con:
            known = work.known_bodies(con, [text.capture.url for text in texts])
        landings += [text for text in texts if (text.capture.url, text.capture.digest) not in known]
    entries = [entry for one in polled for entry in one.entries]
    gaps = [gap for one in polled for gap in one.gaps]
    land(run, "feeds", landings, [entries, [one.state for one in polled], gaps])
