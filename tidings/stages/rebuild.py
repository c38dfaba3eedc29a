"""Rebuild the lake from the archive and the seeds, in the order of the original runs.

The new lake is built beside the old one and replaces it at the end; the old lake is kept. An
interrupted rebuild continues with the run at which it stopped.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import Any

from tidings.base.languages.plural import listed
from tidings.base.records import Capture, Feed, FeedEntry, FeedState, Key, Publisher
from tidings.fetch.poll_state import MAX_KEPT_IDS
from tidings.stages.annotate import annotate
from tidings.stages.audit import audit
from tidings.stages.build import model
from tidings.stages.clean import clean
from tidings.stages.group import group
from tidings.stages.prepare import prepare
from tidings.stages.release import release, report
from tidings.stages.run import Run
from tidings.storage.archive import (
    FORGOTTEN_FILE,
    KINDS,
    ROW_HEADER,
    from_line,
    parse_lines,
    read_warc,
)
from tidings.storage.file_store import Store, sync_folder
from tidings.storage.lake import Lake, WarehouseError, open_lake, refuse, transaction
from tidings.storage.load import count_rows, merge, read_by_key, read_column
from tidings.storage.writer_lock import writer_lock

STAMP = "%Y%m%dT%H%M%SZ"
_COUNTED = {
    "articles": "core.articles",
    "captures": "raw.captures",
    "feed entries": "raw.feed_entries",
}
_BODIES = ("response", "resource", "revisit")
_STAMP = re.compile(r"(\d{8}T\d{6}Z)-")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Rows by table, the number of unreadable records, and the folder of the old lake, if any."""

    row_counts: dict[str, int]
    damaged: int
    replaced: Path | None


def rebuild(run: Run, *, allows_unlisted: bool = False) -> Rebuilt:
    """Rebuild the lake from the archive, release it, and replace the old lake.

    Raises WarehouseError if several machines share the lake or the archive is empty, and AuditError
    if the new lake fails its audit. The old lake then remains.
    """
    lake = run.lake
    refuse(
        lake.is_shared,
        "Several machines share this lake: copy its archive to a folder,"
        " rebuild there, and restore a backup of the result.",
    )
    names = [name for name in lake.raw.names() if name.endswith(".warc.gz")]
    refuse(not names, f"There is no archive in {lake.root} to rebuild from.")
    built = Lake(lake.root / "rebuild")
    with run.lock():
        built.root.mkdir(exist_ok=True)
        if not built.archive.is_symlink():
            built.archive.symlink_to(lake.archive)
        if not built.exists:
            open_lake(built).close()  # a lake that exists beside its archive is not lost
        inner = dataclasses.replace(run, lake=built)
        prepare(inner)
        damaged, last = _replay(inner, names, allows_unlisted=allows_unlisted)
        with writer_lock(built):
            at = dataclasses.replace(inner, now=last)
            annotate(at)
            group(at)
            model(at)
            release(inner, audit(at))
        with open_lake(built, read_only=True) as con:
            count = "select count(*) from "
            counts = {name: count_rows(con, count + table) for name, table in _COUNTED.items()}
        replaced = _swap(lake, built, run.stamp)
    report(run)
    return Rebuilt(counts, damaged, replaced)


def _replay(run: Run, names: Sequence[str], *, allows_unlisted: bool) -> tuple[int, dt.datetime]:
    """Store each run's rows again, in order, and clean its pages at the run's time; return the
    number of unreadable records and the time of the last run. The newest run in the lake may be
    incomplete, and is stored again.
    """
    count, damaged, last = 0, 0, run.now
    with run.reading() as con:
        feeds, states = read_by_key(con, Feed), read_by_key(con, FeedState)
        stored_files = read_column(con, "select distinct warc_file from raw.captures")
    ids = defaultdict(list, {feed_id: state.entry_ids for feed_id, state in states.items()})
    newest = max((_order(name)[0] for name in filter(None, stored_files)), default="")
    for stamp, files in groupby(sorted(names, key=_order), key=lambda name: _order(name)[0]):
        for name in files:
            count += 1
            run.progress("archive files", count, len(names))
            stored = stored_rows(run.lake.raw, name)
            damaged += stored.damaged
            last = stored.now or last
            if not allows_unlisted:
                _check_listed(run, stored, feeds)
            if stamp >= newest:
                _land(run.lake, stored, feeds, ids)
        if stamp >= newest:
            clean(dataclasses.replace(run, now=last))
    return damaged, last


def _order(name: str) -> tuple[str, str]:
    """Return a file's sort key: its run's stamp, then its name. The forgotten pages are first, and
    the bodies that earlier versions preserved.
    """
    is_first = name == FORGOTTEN_FILE or "-kept-" in name
    return "" if is_first else PurePosixPath(name).name.partition("-")[0], name


def _check_listed(run: Run, stored: Stored, feeds: Mapping[str, Feed]) -> None:
    """Remove the new lake and raise WarehouseError if the feed list lacks a source in the archive:
    articles would count for no outlet, and days would have no denominator.
    """
    sources = {capture.feed_id for capture in stored.rows[Capture]}
    if not (unlisted := sorted(filter(None, sources - feeds.keys()))):
        return
    shutil.rmtree(run.lake.root)
    raise WarehouseError(
        f"{run.settings.feeds} lacks sources that are in the archive: {listed(unlisted, 5)}."
        " Set TIDINGS_FEEDS and TIDINGS_SEEDS to the values of the nightly runs. If these sources"
        " were removed, use --allow-unlisted."
    )


@dataclass(slots=True)
class Stored:
    """The rows of one archive file by their type, and the time of the run that wrote it."""

    now: dt.datetime | None
    rows: dict[type, list[Any]] = field(default_factory=lambda: defaultdict(list))
    damaged: int = 0

    def add(self, row: Any, now: dt.datetime, place: dict[str, Any]) -> None:
        """Add a row with its place, and take its time, exact to the microsecond, unless a later run
        wrote the line when a page was forgotten.
        """
        if self.now is None or f"{now:{STAMP}}" == f"{self.now:{STAMP}}":
            self.now = now
        if isinstance(row, Capture) and not row.digest:
            row = dataclasses.replace(row, **place)
        self.rows[type(row)].append(row)


def stored_rows(archive: Store, name: str) -> Stored:
    """Return the rows of an archive file. A record without a row counts as damaged."""
    stamp = _STAMP.search(name)
    stored = Stored(dt.datetime.strptime(stamp[1], STAMP).replace(tzinfo=dt.UTC) if stamp else None)
    for record in read_warc(archive, name):
        place = {"warc_file": name, "warc_offset": record.offset, "warc_length": record.length}
        if record.problem:
            stored.damaged += 1
        elif record.is_rows:
            for row, now in parse_lines(record.body):
                stored.add(row, now, place)
        elif record.kind in _BODIES:
            is_revisit = record.kind == "revisit"
            found = from_line(record.headers.get(ROW_HEADER, ""), **place, is_revisit=is_revisit)
            if found is None:
                stored.damaged += 1
            else:
                stored.add(*found, place)
    return stored


def _land(
    lake: Lake, stored: Stored, feeds: Mapping[str, Feed], ids: defaultdict[str, list[Key]]
) -> None:
    """Write a file's rows; put its entries before the ``ids`` of their sources."""
    rows = stored.rows
    for feed_id, entries in groupby(rows[FeedEntry], attrgetter("feed_id")):
        new = [*(str(entry.entry_id) for entry in entries), *ids[feed_id]]
        ids[feed_id] = list(islice(dict.fromkeys(new), MAX_KEPT_IDS))
    used = {capture.publisher_id for capture in rows[Capture]}
    with writer_lock(lake), open_lake(lake) as con, transaction(con):
        publishers = [
            Publisher(publisher_id, publisher_id, None, None, "UTC", [])
            for publisher_id in sorted(filter(None, used - read_by_key(con, Publisher).keys()))
        ]
        rows[FeedState] = [
            _complete(state, feeds.get(state.feed_id), ids[state.feed_id])
            for state in rows[FeedState]
        ]
        for batch in (publishers, *(rows[kind] for kind in KINDS.values())):
            merge(con, batch)


def _complete(state: FeedState, feed: Feed | None, ids: list[Key]) -> FeedState:
    """Return a state with the source's last entries, reset if the registry changed its URL."""
    state = dataclasses.replace(state, entry_ids=ids)
    return state if feed is None or feed.url == state.url else state.at(feed.url)


def _swap(lake: Lake, built: Lake, stamp: str) -> Path | None:
    """Replace release file and lake; return the folder with the old ones, if any."""
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
