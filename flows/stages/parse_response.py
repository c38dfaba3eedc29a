"""The desk: an answer of a source is read, and what follows from it told, before any of it is landed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from tidings.flows.fetch.entries import covers_from, entries_of
from tidings.flows.fetch.feed import FeedReader, ParsedFeed, Unreadable
from tidings.flows.fetch.poll_state import after_poll
from tidings.flows.identity import capture_key, entry_key
from tidings.flows.stages.landing import MOST_HELD, Landing, landing_of
from tidings.warehouse.archive import digest_of
from tidings.warehouse.lake import open_lake
from tidings.warehouse.pending import known_bodies

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from tidings.flows.fetch.client import Client
    from tidings.flows.fetch.outcomes import Answer
    from tidings.flows.owners import Owners
    from tidings.flows.stages.run import Run
    from tidings.warehouse.lake import Lake
    from tidings.warehouse.records import Capture, Feed, FeedEntry, FeedGap, FeedState

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


@dataclasses.dataclass(frozen=True, slots=True)
class Desk:
    """Where a night's answers are read, with the client that fetches a listing's older pages."""

    run: Run
    client: Client
    reader: FeedReader
    owners: Owners

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
        texts = texts_of(feed, parsed, source, self.owners)
        return Polled(landings, texts, entries_of(feed, parsed, source.capture_id, self.run.now), new_state, gaps)

    async def _read(self, feed: Feed, answer: Answer, zone: str) -> ParsedFeed | Unreadable | None:
        if not answer.is_ok:
            return None
        return await self.reader.read(answer.body, answer.content_type, answer.final_url or feed.url, zone, self.run.now, feed)

    async def _read_on(self, feed: Feed, first: ParsedFeed, zone: str, known: set[UUID]) -> tuple[ParsedFeed, list[Landing]]:
        """Return a listing with its older pages put behind it, and those pages."""
        entries, page, landings = list(first.entries), first, list[Landing]()
        held = 0
        while page.next_link and len(landings) < MOST_PAGES and held < MOST_HELD and _shows_new(feed, page, known):
            answer = await self.client.fetch(page.next_link, expect=feed.kind, ignores_robots=feed.ignores_robots)
            read = await self._read(feed, answer, zone)
            landings.append(_landing(feed, answer, read))
            held += answer.byte_count
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


def texts_of(feed: Feed, parsed: ParsedFeed, source: Capture, owners: Owners) -> list[Landing]:
    """Return the full texts in a feed's entries as captures of their own, one for each URL.

    Only pages of the feed's own publisher count; other publishers' pages are fetched. Empty for a feed without full text.
    """
    found: dict[str, Landing] = {}
    for entry in parsed.entries if feed.has_full_text else ():
        if not entry.link or not entry.content_html or entry.link in found:
            continue
        if owners.publisher_of(entry.link, source.fetched_at.date(), feed) != feed.publisher_id:
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


def fresh_texts(lake: Lake, texts: Sequence[Landing]) -> list[Landing]:
    """Return the texts whose bytes the archive does not hold at their address yet."""
    if not texts:
        return []
    with open_lake(lake, read_only=True) as con:
        known = known_bodies(con, [text.capture.url for text in texts])
    return [text for text in texts if (text.capture.url, text.capture.digest) not in known]
