"""Rebuild the lake from the archive and the seeds, run by run, in the order of the original runs.

The new lake is built beside the old one and replaces it at the end; the old lake is kept. An
interrupted rebuild continues with the run at which it stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import re
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from tidings.base.owners import zone_of
from tidings.base.records import Capture, Feed, FeedEntry, FeedGap, FeedState, Forgotten, Publisher
from tidings.fetch.feed.entry import ParsedFeed, entry_id, make_entry_rows
from tidings.fetch.feed_reader import FeedReader
from tidings.fetch.poll_state import MAX_KEPT_IDS
from tidings.fetch.sources import KINDS
from tidings.fetch.window import Window
from tidings.stages.annotate import annotate
from tidings.stages.audit import audit
from tidings.stages.build import model
from tidings.stages.clean import clean
from tidings.stages.discover import listed_entries, within_window
from tidings.stages.group import group
from tidings.stages.prepare import prepare
from tidings.stages.release import release
from tidings.stages.report import report
from tidings.storage import pending
from tidings.storage.archive import FORGOTTEN_FILE, ROW_HEADER, ArchiveError, read_body, read_warc
from tidings.storage.file_store import sync_folder
from tidings.storage.lake import Lake, WarehouseError, open_lake, transaction
from tidings.storage.load import count_rows, merge
from tidings.storage.row_lines import Line, from_line, parse_lines
from tidings.storage.writer_lock import writer_lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from uuid import UUID

    import duckdb

    from tidings.stages.run import Run
    from tidings.storage.file_store import Store

SOURCES = ("feed", "listing", "sitemap")
STAMP = "%Y%m%dT%H%M%SZ"
_BODIES = ("response", "resource", "revisit")
_STAMP = re.compile(r"(\d{8}T\d{6}Z)-")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Result of a rebuild: rows by table, the number of unreadable records, and the folder of the
    old lake, if any.
    """

    row_counts: dict[str, int]
    damaged: int
    replaced: Path | None


def rebuild(run: Run, *, allows_unlisted: bool = False) -> Rebuilt:
    """Rebuild the lake from the archive, release it, replace the old lake, and return the result.

    Raises WarehouseError if several machines share the lake or the archive is empty, and AuditError
    if the new lake fails its audit. The old lake then remains unchanged.
    """
    lake = run.lake
    if lake.is_shared:
        raise WarehouseError(
            "Several machines share this lake: copy its archive to a folder,"
            " rebuild there, and restore a backup of the result."
        )
    names = [name for name in lake.raw.names() if name.endswith(".warc.gz")]
    if not names:
        raise WarehouseError(f"There is no archive in {lake.root} to rebuild from.")
    built = Lake(lake.root / "rebuild")
    with writer_lock(lake, log=run.log):
        _start(lake, built)
        inner = dataclasses.replace(run, lake=built)
        prepare(inner)
        damaged, last = asyncio.run(_replay(inner, names, allows_unlisted=allows_unlisted))
        with writer_lock(built):
            at = dataclasses.replace(inner, now=last)
            annotate(at)
            group(at)
            model(at)
            release(inner, audit(at))
        counts = _row_counts(built)
        replaced = _swap(lake, built, run.stamp)
    report(run)
    return Rebuilt(counts, damaged, replaced)


def _start(lake: Lake, built: Lake) -> None:
    """Create an empty lake with a link to the archive, unless an interrupted rebuild left one."""
    built.root.mkdir(exist_ok=True)
    if not built.archive.is_symlink():
        built.archive.symlink_to(lake.archive)
    if not built.exists:
        with open_lake(built):  # a lake that exists beside its archive is not lost
            pass


async def _replay(
    run: Run, names: Sequence[str], *, allows_unlisted: bool
) -> tuple[int, dt.datetime]:
    """Store each run's captures again, in the order of the runs, and clean them at the run's time.

    Return the number of unreadable records and the time of the last run.
    """
    count, last = 0, run.now
    async with FeedReader(run.settings.workers) as reader:
        replay, newest = _begin(run, reader)
        for stamp, files in groupby(sorted(names, key=_order), key=lambda name: _order(name)[0]):
            for name in files:
                count += 1
                run.progress("archive files", count, len(names))
                stored = replay.read(name)
                last = stored.now or last
                if not allows_unlisted:
                    _check_listed(run, stored, replay.feeds)
                if stamp >= newest:
                    await replay.land(stored)
            if stamp >= newest:
                clean(dataclasses.replace(run, now=last))
    return replay.damaged, last


def _order(name: str) -> tuple[str, str]:
    """Return a file's sort key: its run's stamp, then its name. The forgotten pages are first, and
    the bodies that earlier versions preserved when they removed a page.
    """
    is_first = name == FORGOTTEN_FILE or "-kept-" in name
    return "" if is_first else PurePosixPath(name).name.partition("-")[0], name


def _check_listed(run: Run, stored: Stored, feeds: Mapping[str, Feed]) -> None:
    """Remove the new lake and raise WarehouseError if the feed list lacks a source in the archive.

    With a different feed list, articles would count for no outlet, and days would have no
    denominator.
    """
    sources = {capture.feed_id for capture, _ in stored.captures if capture.feed_id}
    if not (unlisted := sorted(sources - feeds.keys())):
        return
    shutil.rmtree(run.lake.root)
    names = ", ".join(unlisted[:5]) + (", …" if len(unlisted) > 5 else "")
    raise WarehouseError(
        f"{run.settings.feeds} lacks sources that are in the archive: {names}. Set TIDINGS_FEEDS"
        " and TIDINGS_SEEDS to the values of the nightly runs. If these sources were removed, use"
        " --allow-unlisted."
    )


@dataclass(slots=True)
class Stored:
    """The rows of one archive file, and the time and the days of the run that wrote it.

    Each source in ``captures`` has its body. The body is None if another record contains it or no
    step needs it.
    """

    now: dt.datetime | None
    window: Window | None = None
    captures: list[tuple[Capture, bytes | None]] = field(default_factory=list)
    # the other rows by their type; entries only of sources whose body was removed with a page
    rows: dict[type, list[Any]] = field(default_factory=lambda: defaultdict(list))
    damaged: int = 0


def stored_rows(archive: Store, name: str) -> Stored:
    """Return the rows of an archive file. A record without a row counts as damaged."""
    stamp = _STAMP.search(name)
    at = dt.datetime.strptime(stamp[1], STAMP).replace(tzinfo=dt.UTC) if stamp else None
    stored = Stored(at)
    for record in read_warc(archive, name):
        place = {"warc_file": name, "warc_offset": record.offset, "warc_length": record.length}
        if record.problem:
            stored.damaged += 1
        elif record.is_rows:
            for row_line in parse_lines(record.body.decode("utf-8", "replace").split("\n")):
                _add(stored, _date(stored, row_line), place)
        elif record.kind in _BODIES:
            is_revisit = record.kind == "revisit"
            line = from_line(record.headers.get(ROW_HEADER, ""), **place, is_revisit=is_revisit)
            if line is None:
                stored.damaged += 1
                continue
            row = _date(stored, line)
            has_body = row.kind in SOURCES and not is_revisit
            stored.captures.append((row, record.body if has_body else None))
    return stored


def _add(stored: Stored, row: Any, place: dict[str, Any]) -> None:
    """Add a row of a record of rows; it is the place of a capture without a body."""
    if isinstance(row, Capture):
        capture = row if row.digest else dataclasses.replace(row, **place)
        stored.captures.append((capture, None))
    else:
        stored.rows[type(row)].append(row)


def _date(stored: Stored, line: Line) -> Any:
    """Set the run's time and window from a line, and return its row. The time is exact to the
    microsecond; that of a line which a later run wrote when a page was forgotten does not count.
    """
    if stored.now is None or f"{line.now:{STAMP}}" == f"{stored.now:{STAMP}}":
        stored.now = line.now
    if line.window:
        stored.window = Window(*line.window)
    return line.row


def _begin(run: Run, reader: FeedReader) -> tuple[_Replay, str]:
    """Return the data that the next run needs: sources, their last entries, and publishers. The
    stamp is that of the newest stored run, which an interruption may have left incomplete.
    """
    with open_lake(run.lake, read_only=True) as con:
        states = pending.feed_states(con)
        ids = {feed_id: state.entry_ids for feed_id, state in states.items()}
        rows = con.execute("select distinct warc_file from raw.captures").fetchall()
        newest = max((_order(name)[0] for (name,) in rows if name), default="")
        return _Replay(run, reader, pending.feeds(con), pending.publishers(con), ids), newest


@dataclass(slots=True)
class _Replay:
    """State of a rebuild: sources, publishers and each source's last entries, and the digest of
    each URL's last parsed body.
    """

    run: Run
    reader: FeedReader
    feeds: dict[str, Feed]
    publishers: dict[str, Publisher]
    entry_ids: dict[str, list[UUID]]
    digests: dict[str, str | None] = field(default_factory=dict)
    damaged: int = 0

    def read(self, name: str) -> Stored:
        """Return the rows of an archive file, and count its unreadable records."""
        stored = stored_rows(self.run.lake.raw, name)
        self.damaged += stored.damaged
        return stored

    async def land(self, stored: Stored) -> None:
        """Write the rows of one archive file, in one transaction."""
        lake = self.run.lake
        with open_lake(lake, read_only=True) as con:
            entries = await self._read_entries(stored, con)
        states = [self._state(state) for state in stored.rows[FeedState]]
        captures = [capture for capture, _ in stored.captures]
        used = {capture.publisher_id for capture in captures if capture.publisher_id}
        publishers = [
            Publisher(publisher_id, publisher_id, None, None, "UTC", [])
            for publisher_id in sorted(used - self.publishers.keys())
        ]
        self.publishers |= {publisher.publisher_id: publisher for publisher in publishers}
        with writer_lock(lake), open_lake(lake) as con, transaction(con):
            rows = stored.rows
            for batch in (publishers, captures, entries, states, rows[FeedGap], rows[Forgotten]):
                merge(con, batch)

    async def _read_entries(
        self, stored: Stored, con: duckdb.DuckDBPyConnection
    ) -> list[FeedEntry]:
        """Return the entries of a file's sources, parsed by the current version."""
        entries: list[FeedEntry] = list(stored.rows[FeedEntry])
        for entry in reversed(entries):
            last = self.entry_ids.get(entry.feed_id, ())
            self.entry_ids[entry.feed_id] = _first_ids([entry.entry_id, *last])
        polled = defaultdict[str, list[tuple[Capture, ParsedFeed]]](list)
        for capture, body in self._sources(stored):
            feed = self._feed_of(capture)
            zone, now = zone_of(self.publishers, feed.publisher_id), stored.now or self.run.now
            content = self._body_of(capture, con) if body is None else body
            url = capture.final_url or feed.url
            parsed = content and await self.reader.read(
                content, capture.content_type, url, zone, now, feed
            )
            if not isinstance(parsed, ParsedFeed):
                continue
            if stored.window:
                within = within_window(parsed, stored.window, zone)
                day = capture.covers_from if feed.day_url else None
                entries += listed_entries(feed, within, capture.capture_id, now, day)
            else:
                self.digests[capture.url] = capture.digest
                polled[feed.feed_id].append((capture, parsed))
        return entries + self._polled_entries(stored, polled)

    def _polled_entries(
        self, stored: Stored, polled: Mapping[str, list[tuple[Capture, ParsedFeed]]]
    ) -> list[FeedEntry]:
        """Return the entries of polled sources, each with its older pages."""
        urls = {state.feed_id: state.url for state in stored.rows[FeedState]}
        entries = []
        for feed_id, pages in polled.items():
            feed = self._feed_of(pages[0][0])
            # Put a listing's older pages after its first page.
            pages.sort(key=lambda page: page[0].url != urls.get(feed_id, feed.url))
            first, parsed = pages[0]
            items = [entry for _, page in pages for entry in page.entries]
            whole = dataclasses.replace(parsed, entries=items)
            entries += make_entry_rows(feed, whole, first.capture_id, stored.now or self.run.now)
            self.entry_ids[feed_id] = _first_ids(entry_id(feed, entry) for entry in items)
        return entries

    def _sources(self, stored: Stored) -> Iterator[tuple[Capture, bytes | None]]:
        """Yield the captures of sources to be parsed, in order of their time.

        In a file without a window these are changed sources that are polled: a sitemap would add
        years of entries.
        """
        for capture, body in sorted(
            stored.captures, key=lambda source: (source[0].fetched_at, source[0].url)
        ):
            if capture.kind not in SOURCES or capture.outcome != "ok" or not capture.digest:
                continue
            kind = self._feed_of(capture).kind
            is_new = kind == "listing" or self.digests.get(capture.url) != capture.digest
            if stored.window or (is_new and KINDS[kind].is_polled):
                yield capture, body

    def _body_of(self, capture: Capture, con: duckdb.DuckDBPyConnection) -> bytes | None:
        for original in pending.originals(con, [capture.digest]).values():
            with contextlib.suppress(ArchiveError):
                return read_body(self.run.lake.raw, *original.place)
        return None

    def _feed_of(self, capture: Capture) -> Feed:
        """Return a capture's source from the registry, or a source derived from the capture if the
        registry lacks it.
        """
        feed_id = capture.feed_id or capture.url
        return self.feeds.get(feed_id) or Feed(
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

    def _state(self, state: FeedState) -> FeedState:
        """Return a state with the source's last entries; reset the state if the registry changed
        the source's URL.
        """
        state = dataclasses.replace(state, entry_ids=self.entry_ids.get(state.feed_id, []))
        feed = self.feeds.get(state.feed_id)
        if feed is None or feed.url == state.url:
            return state
        return dataclasses.replace(
            state, url=feed.url, etag=None, last_modified=None, moved_to=None, moved_nights=0
        )


def _first_ids(ids: Iterable[UUID]) -> list[UUID]:
    return list(islice(dict.fromkeys(ids), MAX_KEPT_IDS))


def _row_counts(lake: Lake) -> dict[str, int]:
    tables = {
        "articles": "core.articles",
        "captures": "raw.captures",
        "feed entries": "raw.feed_entries",
    }
    with open_lake(lake, read_only=True) as con:
        return {
            name: count_rows(con, f"select count(*) from {table}") for name, table in tables.items()
        }


def _swap(lake: Lake, built: Lake, stamp: str) -> Path | None:
    """Replace first the release file and then the lake; return the folder with the old ones, or
    None if there were none.
    """
    aside = lake.root / f"replaced-{stamp}"
    names = sorted(path.name for path in built.root.glob(f"{lake.release_file.name}*"))
    for name in (*names, lake.catalog.parent.name):
        if (lake.root / name).exists():
            aside.mkdir(exist_ok=True)
            (lake.root / name).rename(aside / name)
        (built.root / name).rename(lake.root / name)
    sync_folder(lake.root)
    shutil.rmtree(built.root)
    return aside if aside.exists() else None
