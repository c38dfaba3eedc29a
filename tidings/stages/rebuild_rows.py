"""Restore rows from an archive file: its captures, the rows stored with them, and the entries of
its feeds.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from tidings.base.owners import Owners, zone_of
from tidings.base.records import Capture, Feed, FeedEntry, FeedGap, FeedState, Forgotten, Publisher
from tidings.fetch.feed import ParsedFeed
from tidings.fetch.feed.entry import entry_id, make_entry_rows
from tidings.fetch.poll_state import MAX_KEPT_IDS
from tidings.fetch.response import Outcome, Response
from tidings.fetch.sources import open_source
from tidings.fetch.window import Window
from tidings.stages.discover import listed_entries, within_window
from tidings.stages.land import make_page_landing
from tidings.storage.archive import ROW_HEADER, ArchiveError, Record, read_body, read_warc
from tidings.storage.pending import originals
from tidings.storage.row_lines import Line, from_line, parse_lines, read_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from uuid import UUID

    import duckdb

    from tidings.fetch.feed_reader import FeedReader
    from tidings.storage.file_store import Store

SOURCES = ("feed", "listing", "sitemap")
_BODIES = ("response", "resource", "revisit")
STAMP = "%Y%m%dT%H%M%SZ"
_STAMP = re.compile(r"(\d{8}T\d{6}Z)-")


@dataclass(slots=True)
class Known:
    """A rebuild's sources and publishers, each source's last entries, and the digest of each URL's
    last parsed body.
    """

    feeds: dict[str, Feed] = field(default_factory=dict)
    publishers: dict[str, Publisher] = field(default_factory=dict)
    entry_ids: dict[str, list[UUID]] = field(default_factory=dict)
    digests: dict[str, str | None] = field(default_factory=dict)


@dataclass(slots=True)
class Stored:
    """The rows of one archive file, and the time of the run that wrote it.

    Each source in ``captures`` has its body. The body is None if another record contains it or no
    step needs it.
    """

    now: dt.datetime | None = None
    window: Window | None = None
    captures: list[tuple[Capture, bytes | None]] = field(default_factory=list)
    # of sources whose body was removed when a page was forgotten
    entries: list[FeedEntry] = field(default_factory=list)
    states: list[FeedState] = field(default_factory=list)
    gaps: list[FeedGap] = field(default_factory=list)
    forgotten: list[Forgotten] = field(default_factory=list)
    damaged: int = 0


def stored_rows(archive: Store, name: str, known: Known, kept: dict[UUID, Capture]) -> Stored:
    """Return the rows of an archive file; ``kept`` are captures whose body was moved to another
    file.

    Earlier versions stored no rows. The row of such a record is derived from its headers, which
    lack the requested URL, failed requests and feed states.
    """
    stored, owners = Stored(now=_time_of(name)), Owners(known.publishers.values())
    for record in read_warc(archive, name):
        is_revisit = record.kind == "revisit"
        place = {"warc_file": name, "warc_offset": record.offset, "warc_length": record.length}
        if record.problem:
            stored.damaged += 1
        elif record.is_rows:
            for row_line in parse_lines(record.body.decode("utf-8", "replace").split("\n")):
                _add(stored, row_line, place)
        elif record.kind in _BODIES:
            text = record.headers.get(ROW_HEADER, "")
            line = from_line(text, **place, is_revisit=is_revisit)
            row = _date(stored, line) if line else _derive(record, known, owners, place)
            if row:
                row = kept.get(row.capture_id, row)
                has_body = row.kind in SOURCES and not is_revisit
                stored.captures.append((row, record.body if has_body else None))
    return stored


def _time_of(name: str) -> dt.datetime | None:
    stamp = _STAMP.search(name)
    return dt.datetime.strptime(stamp[1], STAMP).replace(tzinfo=dt.UTC) if stamp else None


def _add(stored: Stored, line: Line, place: dict[str, Any]) -> None:
    row = _date(stored, line)
    if isinstance(row, Capture):
        place = {} if row.digest else place
        stored.captures.append((dataclasses.replace(row, **place, is_revisit=False), None))
    else:
        getattr(stored, _LISTS[type(row)]).append(row)


_LISTS = {FeedEntry: "entries", FeedState: "states", FeedGap: "gaps", Forgotten: "forgotten"}


def _date(stored: Stored, line: Line) -> Any:
    """Set the run's time and window from a line, and return its row. The time is exact to the
    microsecond; that of a line which a later run wrote when a page was forgotten does not count.
    """
    if stored.now is None or f"{line.now:{STAMP}}" == f"{stored.now:{STAMP}}":
        stored.now = line.now
    if line.window:
        stored.window = Window(*line.window)
    return line.row


def _derive(record: Record, known: Known, owners: Owners, place: dict[str, Any]) -> Capture | None:
    """Return the capture of a record without a row, derived from its headers, or None if its date
    is missing or invalid.
    """
    url = record.headers.get("WARC-Target-URI", "")
    try:
        at = read_time(record.headers.get("WARC-Date", ""))
    except ValueError:
        return None
    status = re.match(rb"[^ \r]* (\d{3})", record.head)
    stated = re.search(rb"(?im)^content-type:([^\r\n]*)", record.head)
    response = Response(
        url,
        Outcome.OK,
        at,
        final_url=url,
        status=int(status[1]) if status else None,
        content_type=stated[1].strip().decode("latin-1")
        if stated
        else record.headers.get("Content-Type"),
    )
    feed = next((known_feed for known_feed in known.feeds.values() if known_feed.url == url), None)
    is_revisit = record.kind == "revisit"
    owner = (
        (feed.feed_id, feed.publisher_id, feed.kind)
        if feed
        else (None, owners.owner_of(url, None), "page")
    )
    capture = make_page_landing(response, *owner).capture
    return dataclasses.replace(
        capture,
        kind="entry" if record.kind == "resource" else capture.kind,
        digest=record.headers.get("WARC-Payload-Digest"),
        byte_count=None if is_revisit else len(record.body),
        is_revisit=is_revisit,
        **place,
    )


async def read_entries(
    stored: Stored, con: duckdb.DuckDBPyConnection, archive: Store, reader: FeedReader, known: Known
) -> tuple[list[FeedEntry], list[FeedState]]:
    """Return the entries of a file's sources, parsed by the current version, and the file's states
    with their entries.
    """
    entries = list(stored.entries)
    for entry in reversed(entries):  # the source's last known entries
        last = known.entry_ids.get(entry.feed_id, ())
        known.entry_ids[entry.feed_id] = _first_ids([entry.entry_id, *last])
    sources = defaultdict[str, list[tuple[Capture, ParsedFeed]]](list)
    for capture, body in _sources(stored, known):
        feed = _feed_of(capture, known)
        content = _body_of(capture, con, archive) if body is None else body
        if content is None:
            continue
        zone, now = zone_of(known.publishers, feed.publisher_id), stored.now or capture.fetched_at
        place = capture.final_url or feed.url, zone, now, feed
        parsed = await reader.read(content, capture.content_type, *place)
        if not isinstance(parsed, ParsedFeed):
            continue
        if stored.window:
            within = within_window(parsed, stored.window, zone)
            day = capture.covers_from if feed.day_url else None
            entries += listed_entries(feed, within, capture.capture_id, now, day)
        else:
            known.digests[capture.url] = capture.digest
            sources[feed.feed_id].append((capture, parsed))
    entries += _polled_entries(stored, known, sources)
    return entries, [_state(state, known) for state in stored.states]


def _polled_entries(
    stored: Stored, known: Known, sources: Mapping[str, list[tuple[Capture, ParsedFeed]]]
) -> list[FeedEntry]:
    """Return the entries of polled sources, each with its older pages."""
    urls = {state.feed_id: state.url for state in stored.states}
    entries = []
    for feed_id, pages in sources.items():
        feed = _feed_of(pages[0][0], known)
        # Put a listing's older pages after its first page.
        pages.sort(key=lambda page: page[0].url != urls.get(feed_id, feed.url))
        first, parsed = pages[0]
        whole = dataclasses.replace(
            parsed, entries=[entry for _, page in pages for entry in page.entries]
        )
        now = stored.now or first.fetched_at
        entries += make_entry_rows(feed, whole, first.capture_id, now)
        known.entry_ids[feed_id] = _first_ids(entry_id(feed, entry) for entry in whole.entries)
    return entries


def _first_ids(ids: Iterable[UUID]) -> list[UUID]:
    return list(islice(dict.fromkeys(ids), MAX_KEPT_IDS))


def _sources(stored: Stored, known: Known) -> Iterator[tuple[Capture, bytes | None]]:
    """Yield the captures of sources to be parsed, in order of their time.

    In a file without a window these are changed sources that are polled: a sitemap would add years
    of entries.
    """
    for capture, body in sorted(
        stored.captures, key=lambda source: (source[0].fetched_at, source[0].url)
    ):
        if capture.kind not in SOURCES or capture.outcome != "ok" or not capture.digest:
            continue
        source = open_source(_feed_of(capture, known))
        is_new = source.has_older_pages or known.digests.get(capture.url) != capture.digest
        if stored.window or (is_new and source.is_polled):
            yield capture, body


def _body_of(capture: Capture, con: duckdb.DuckDBPyConnection, archive: Store) -> bytes | None:
    for original in originals(con, [capture.digest]).values():
        with contextlib.suppress(ArchiveError):
            return read_body(archive, *original.place)
    return None


def _feed_of(capture: Capture, known: Known) -> Feed:
    """Return a capture's source from the registry, or a source derived from the capture if the
    registry lacks it.
    """
    feed_id = capture.feed_id or capture.url
    return known.feeds.get(feed_id) or Feed(
        feed_id,
        capture.publisher_id or "unknown",
        capture.url,
        capture.kind,
        language=None,
        topics=[],
        is_enabled=False,
        has_full_text=False,
        ignores_robots=False,
        item_selector=None,
        next_selector=None,
        day_url=None,
    )


def _state(state: FeedState, known: Known) -> FeedState:
    """Return a state with the source's last entries; reset the state if the registry changed the
    source's URL.
    """
    state = dataclasses.replace(state, entry_ids=known.entry_ids.get(state.feed_id, []))
    feed = known.feeds.get(state.feed_id)
    if feed is None or feed.url == state.url:
        return state
    return dataclasses.replace(
        state, url=feed.url, etag=None, last_modified=None, moved_to=None, moved_nights=0
    )
