"""Parse a source's response and derive its rows: captures, entries, the next poll and gaps."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from tidings.base.owners import Owners
from tidings.base.records import Capture, Feed, FeedEntry, FeedGap, FeedState, Key
from tidings.fetch.client import Client
from tidings.fetch.continuity import complete_since
from tidings.fetch.feed.entry import ParsedFeed, Unreadable, entry_id, make_entry_rows
from tidings.fetch.feed_reader import FeedReader
from tidings.fetch.poll_state import after_poll
from tidings.fetch.response import Outcome, Response
from tidings.stages.land import MAX_HELD, Landing, Records, land, make_landing, text_landing
from tidings.stages.run import Run
from tidings.storage.pending import known_bodies

MAX_PAGES = 30  # older pages of a listing in one run


@dataclasses.dataclass(frozen=True, slots=True)
class ListedPage:
    """The rows of a source's response, and of the older pages of a listing."""

    landings: list[Landing]
    texts: list[Landing]  # the full texts in its entries
    entries: list[FeedEntry]

    @property
    def byte_count(self) -> int:
        """The length of the bodies to be archived."""
        return sum(len(landing.body) for landing in (*self.landings, *self.texts))


@dataclasses.dataclass(frozen=True, slots=True)
class PollResult(ListedPage):
    """The rows of a poll of one source."""

    state: FeedState
    gaps: list[FeedGap]


@dataclasses.dataclass(frozen=True, slots=True)
class ResponseParser:
    """Fetches and parses the pages of a run's sources."""

    run: Run
    client: Client
    reader: FeedReader
    owners: Owners

    async def parse(
        self, feed: Feed, state: FeedState | None, response: Response, zone: str
    ) -> PollResult:
        """Return the rows of a response; read older pages until one shows no new item."""
        parsed = await self.read(feed, response, zone)
        landings = [source_landing(feed, response, parsed)]
        if isinstance(parsed, ParsedFeed) and feed.kind == "listing":
            known = set(state.entry_ids) if state else set()
            parsed, older = await self._read_older_pages(feed, parsed, zone, known)
            landings += older
        own = own_entries(feed, parsed, response.fetched_at.date(), self.owners)
        new_state, gaps = after_poll(feed, state, response, parsed, self.run.now, own=own)
        if own and not (state and state.last_success_at):
            since = complete_since(own.dates, self.run.now)
            landings[0] = landings[0].with_(covers_from=since)
        if new_state.outcome == Outcome.NO_ITEMS:
            found = {"outcome": new_state.outcome, "reason": new_state.reason}
            landings[0] = landings[0].with_(**found)
        source = landings[0].capture
        if not isinstance(parsed, ParsedFeed) or new_state.outcome == Outcome.NO_ITEMS:
            return PollResult(landings, [], [], new_state, gaps)
        return PollResult(
            landings,
            self.texts(feed, parsed, source, response),
            make_entry_rows(feed, parsed, source.capture_id, self.run.now),
            new_state,
            gaps,
        )

    def texts(
        self, feed: Feed, parsed: ParsedFeed, source: Capture, response: Response
    ) -> list[Landing]:
        """Return the full texts in a feed's entries; none if they are reserved."""
        rights = self.client.rights
        if not feed.has_full_text or (rights and rights.refuse(feed.url, response.rights)):
            return []
        return full_texts(feed, parsed, source, self.owners)

    async def fetch(self, feed: Feed, url: str) -> Response:
        """Fetch a page that lists items of a source."""
        return await self.client.fetch(url, expect=feed.kind, ignores_robots=feed.ignores_robots)

    async def read(
        self, feed: Feed, response: Response, zone: str
    ) -> ParsedFeed | Unreadable | None:
        """Return the content of a response, or None if its outcome is not ok."""
        if not response.is_ok:
            return None
        place = response.page_url, zone, self.run.now, feed
        return await self.reader.read(response.body, response.content_type, *place)

    async def _read_older_pages(
        self, feed: Feed, first: ParsedFeed, zone: str, known: set[Key]
    ) -> tuple[ParsedFeed, list[Landing]]:
        """Return a listing with the entries of its older pages, and their landings."""
        entries, page, landings = list(first.entries), first, list[Landing]()
        byte_count = 0
        while (
            page.next_link
            and len(landings) < MAX_PAGES
            and byte_count < MAX_HELD
            and any(entry_id(feed, entry) not in known for entry in page.entries)
        ):
            response = await self.fetch(feed, page.next_link)
            parsed = await self.read(feed, response, zone)
            landings.append(source_landing(feed, response, parsed))
            byte_count += response.byte_count
            if not isinstance(parsed, ParsedFeed):
                break
            page = parsed
            entries += page.entries
        return dataclasses.replace(first, entries=entries, entry_count=len(entries)), landings


def source_landing(
    feed: Feed, response: Response, parsed: ParsedFeed | Unreadable | None = None
) -> Landing:
    """Return the landing of a source's response."""
    landing = make_landing(response, feed.feed_id, feed.publisher_id, feed.kind)
    if isinstance(parsed, Unreadable):
        return landing.with_(outcome=parsed.outcome, reason=parsed.reason)
    return landing


def own_entries(
    feed: Feed, parsed: ParsedFeed | Unreadable | None, day: dt.date, owners: Owners
) -> ParsedFeed | None:
    """Return a source's content with only the entries on its own publisher's pages on ``day``."""
    if not isinstance(parsed, ParsedFeed):
        return None
    entries = [
        entry
        for entry in parsed.entries
        if not entry.link or owners.publisher_of(entry.link, day, feed) == feed.publisher_id
    ]
    return dataclasses.replace(parsed, entries=entries)


def full_texts(feed: Feed, parsed: ParsedFeed, source: Capture, owners: Owners) -> list[Landing]:
    """Return a feed's full texts as captures, one for each URL of its own publisher."""
    texts: dict[str, Landing] = {}
    for entry in parsed.entries:
        url, markup, at = entry.link, entry.content_html, source.fetched_at
        if not url or not markup or url in texts:
            continue
        if owners.publisher_of(url, at.date(), feed) == feed.publisher_id:
            status = source.status
            texts[url] = text_landing(url, markup, feed, feed.publisher_id, at, status=status)
    return list(texts.values())


def land_pages(run: Run, stem: str, pages: Sequence[ListedPage], *records: Records) -> None:
    """Store the captures and entries of pages, without texts that the archive contains with the
    same URL and bytes, and further ``records``.
    """
    landings, texts, entries = (
        [row for page in pages for row in getattr(page, part)]
        for part in ("landings", "texts", "entries")
    )
    if texts:
        with run.reading() as con:
            known = known_bodies(con, [text.capture.url for text in texts])
        landings += [text for text in texts if (text.capture.url, text.capture.digest) not in known]
    land(run, stem, landings, [entries, *records])
