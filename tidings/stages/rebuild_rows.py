"""Restore rows from an archive file: its captures, the rows stored with them, and the entries of
its feeds.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tidings.base.owners import Owners
from tidings.base.records import Capture, Feed, FeedEntry, FeedGap, FeedState, Forgotten, Publisher
from tidings.fetch.feed import ParsedFeed
from tidings.fetch.feed.entry import entry_id, make_entry_rows
from tidings.fetch.poll_state import MAX_KEPT_IDS
from tidings.fetch.response import Outcome, Response
from tidings.fetch.sources import open_source
from tidings.fetch.window import Window, may_belong
from tidings.stages.discover import use_listing_day
from tidings.stages.land import make_page_landing
from tidings.storage.archive import ROW_HEADER, ArchiveError, Record, read_body, read_warc
from tidings.storage.pending import originals
from tidings.storage.row_lines import Line, from_line, parse_lines

if TYPE_CHECKING:
    from uuid import UUID

    import duckdb

    from tidings.fetch.feed_reader import FeedReader
    from tidings.storage.file_store import Store

SOURCES = ("feed", "listing", "sitemap")
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
    stamp, owners = _STAMP.search(name), Owners(known.publishers.values())
    stored = Stored(
        now=dt.datetime.strptime(stamp[1], STAMP).replace(tzinfo=dt.UTC) if stamp else None
    )
    for record in read_warc(archive, name):
        if record.problem:
            stored.damaged += 1
        elif record.is_rows:
            for row_line in parse_lines(record.body.decode("utf-8", "replace").split("\n")):
                _add(stored, row_line, name, record)
        elif record.kind in {"response", "resource", "revisit"}:
            place = _place(name, record)
            line = from_line(
                record.headers.get(ROW_HEADER, ""), **place, is_revisit=record.kind == "revisit"
            )
            row = line.row if line else _derive(record, known, owners, place)
            if line:
                _date(stored, line)
                stored.window = Window(*line.window) if line.window else None
            if row:
                row = kept.get(row.capture_id, row) if row.is_revisit else row
                stored.captures.append(
                    (row, record.body if row.kind in SOURCES and record.kind != "revisit" else None)
                )
    return stored


def _add(stored: Stored, line: Line, name: str, record: Record) -> None:
    row = line.row
    _date(stored, line)
    if isinstance(row, Capture):
        place = _place(name, record) if not row.digest else {}
        stored.captures.append((dataclasses.replace(row, **place, is_revisit=False), None))
    elif isinstance(row, FeedEntry):
        stored.entries.append(row)
    elif isinstance(row, FeedState):
        stored.states.append(row)
    elif isinstance(row, FeedGap):
        stored.gaps.append(row)
    elif isinstance(row, Forgotten):
        stored.forgotten.append(row)


def _date(stored: Stored, line: Line) -> None:
    """Set the run's time from a line, to the microsecond; ignore lines that a later run wrote when
    a page was forgotten.
    """
    if stored.now is None or f"{line.now:{STAMP}}" == f"{stored.now:{STAMP}}":
        stored.now = line.now


def _place(name: str, record: Record) -> dict[str, Any]:
    return {"warc_file": name, "warc_offset": record.offset, "warc_length": record.length}


def _derive(record: Record, known: Known, owners: Owners, place: dict[str, Any]) -> Capture | None:
    """Return the capture of a record without a row, derived from its headers, or None if its date
    is missing or invalid.
    """
    url, date = record.headers.get("WARC-Target-URI", ""), record.headers.get("WARC-Date", "")
    try:
        at = dt.datetime.fromisoformat(date)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    first, *lines = record.head.split(b"\r\n")
    status = first.split(b" ")[1:2]
    types = [line.partition(b":")[2] for line in lines if line.lower().startswith(b"content-type:")]
    content_type = (
        types[0].strip().decode("latin-1") if types else record.headers.get("Content-Type")
    )
    feed = next((known_feed for known_feed in known.feeds.values() if known_feed.url == url), None)
    code = int(status[0][:3]) if status and status[0].isdigit() else None
    response = Response(url, Outcome.OK, at, final_url=url, status=code, content_type=content_type)
    publisher_id = feed.publisher_id if feed else owners.owner_of(url, None)
    kind = "entry" if record.kind == "resource" else feed.kind if feed else "page"
    return dataclasses.replace(
        make_page_landing(response, feed.feed_id if feed else None, publisher_id, kind).capture,
        digest=record.headers.get("WARC-Payload-Digest"),
        byte_count=len(record.body) if record.kind != "revisit" else None,
        is_revisit=record.kind == "revisit",
        **place,
    )


async def read_entries(
    stored: Stored, con: duckdb.DuckDBPyConnection, archive: Store, reader: FeedReader, known: Known
) -> tuple[list[FeedEntry], list[FeedState]]:
    """Return the entries of a file's sources, parsed by the current version, and the file's states
    with their entries.
    """
    entries = list(stored.entries)
    for feed_id in {entry.feed_id for entry in entries}:  # the source's last known entries
        shown = [entry.entry_id for entry in entries if entry.feed_id == feed_id]
        known.entry_ids[feed_id] = list(dict.fromkeys([*shown, *known.entry_ids.get(feed_id, ())]))[
            :MAX_KEPT_IDS
        ]
    urls = {state.feed_id: state.url for state in stored.states}
    sources: dict[str, list[tuple[Capture, ParsedFeed]]] = {}
    for capture, body in sorted(
        _sources(stored), key=lambda source: (source[0].fetched_at, source[0].url)
    ):
        feed = _feed_of(capture, known)
        source = open_source(feed)
        is_read = not source.has_older_pages and known.digests.get(capture.url) == capture.digest
        # otherwise a sitemap would add years of entries
        if not stored.window and (is_read or not source.is_polled):
            continue
        content = body if body is not None else _body_of(capture, con, archive)
        if content is None or stored.now is None:
            continue
        zone = _zone(feed, known)
        parsed = await reader.read(
            content, capture.content_type, capture.final_url or feed.url, zone, stored.now, feed
        )
        if not isinstance(parsed, ParsedFeed):
            continue
        if stored.window:
            within = [entry for entry in parsed.entries if may_belong(entry, stored.window, zone)]
            entries += _listed(
                feed, capture, dataclasses.replace(parsed, entries=within), stored.now
            )
        else:
            known.digests[capture.url] = capture.digest
            sources.setdefault(feed.feed_id, []).append((capture, parsed))
    for feed_id, pages in sources.items():
        feed = _feed_of(pages[0][0], known)
        # Put a listing's older pages after its first page.
        pages.sort(key=lambda page: page[0].url != urls.get(feed_id, feed.url))
        whole = dataclasses.replace(
            pages[0][1], entries=[entry for _, parsed in pages for entry in parsed.entries]
        )
        entries += make_entry_rows(
            feed, whole, pages[0][0].capture_id, stored.now or pages[0][0].fetched_at
        )
        known.entry_ids[feed_id] = list(
            dict.fromkeys(entry_id(feed, entry) for entry in whole.entries)
        )[:MAX_KEPT_IDS]
    return entries, [_state(state, known) for state in stored.states]


def _sources(stored: Stored) -> list[tuple[Capture, bytes | None]]:
    return [
        (row, body)
        for row, body in stored.captures
        if row.kind in SOURCES and row.outcome == "ok" and row.digest
    ]


def _listed(feed: Feed, capture: Capture, parsed: ParsedFeed, now: dt.datetime) -> list[FeedEntry]:
    """Return the entries with a URL that a backfill read from a source, dated by their day's
    listing.
    """
    rows = [row for row in make_entry_rows(feed, parsed, capture.capture_id, now) if row.url]
    return (
        [use_listing_day(row, capture.covers_from) for row in rows]
        if feed.day_url and capture.covers_from
        else rows
    )


def _body_of(capture: Capture, con: duckdb.DuckDBPyConnection, archive: Store) -> bytes | None:
    original = originals(con, [capture.digest or ""]).get(capture.digest or "")
    if original is None or not original.warc_file:
        return None
    with contextlib.suppress(ArchiveError):
        return read_body(
            archive, original.warc_file, original.warc_offset or 0, original.warc_length or 0
        )
    return None


def _feed_of(capture: Capture, known: Known) -> Feed:
    """Return a capture's source from the registry, or a source derived from the capture if the
    registry lacks it.
    """
    feed_id, publisher_id = capture.feed_id or capture.url, capture.publisher_id or "unknown"
    unlisted = Feed(
        feed_id,
        publisher_id,
        capture.url,
        capture.kind,
        None,
        [],
        False,  # noqa: FBT003
        False,  # noqa: FBT003
        False,  # noqa: FBT003
        None,
        None,
        None,
    )
    return known.feeds.get(feed_id, unlisted)


def _zone(feed: Feed, known: Known) -> str:
    publisher = known.publishers.get(feed.publisher_id)
    return publisher.time_zone if publisher else "UTC"


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
