"""Rebuild the lake from the archive and the seeds, run by run, in the order of the original runs.

The new lake is built beside the old one and replaces it at the end; the old lake is kept. An
interrupted rebuild continues where it stopped.
"""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
from dataclasses import dataclass, field
from itertools import filterfalse, groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tidings.base.records import Capture, Publisher
from tidings.fetch.feed_reader import FeedReader
from tidings.stages.annotate import annotate
from tidings.stages.audit import audit
from tidings.stages.build import model
from tidings.stages.clean import clean
from tidings.stages.group import group
from tidings.stages.prepare import prepare
from tidings.stages.rebuild_rows import Known, Stored, read_entries, stored_rows
from tidings.stages.release import release
from tidings.stages.report import report
from tidings.storage import pending
from tidings.storage.archive import FORGOTTEN_FILE
from tidings.storage.catalog import data_path_of, set_data_path
from tidings.storage.file_store import Store, sync_folder
from tidings.storage.lake import Lake, WarehouseError, open_lake, transaction
from tidings.storage.load import count_rows, merge
from tidings.storage.writer_lock import writer_lock

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from uuid import UUID

    from tidings.base.records import Feed
    from tidings.stages.run import Run

DONE = "done.txt"  # names of the archive files that the new lake contains


@dataclass(frozen=True, slots=True)
class RebuiltLake(Lake):
    """A lake that is built in a separate folder from another lake's archive."""

    source: Lake

    @property
    def is_lost(self) -> bool:
        """False: this lake is created from the archive."""
        return False

    @property
    def raw(self) -> Store:
        """The other lake's WARC files."""
        return self.source.raw

    @property
    def archive(self) -> Path:
        """The folder of the other lake's WARC files."""
        return self.source.archive


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Result of a rebuild: rows by table, the number of unreadable records, and the folder of the
    old lake, if any.
    """

    row_counts: dict[str, int]
    damaged: int
    replaced: Path | None


@dataclass(slots=True)
class _Progress:
    """State that a rebuild keeps from one archive file to the next."""

    total: int
    # captures whose body was rewritten when a page was forgotten
    kept: dict[UUID, Capture] = field(default_factory=dict)
    known: Known = field(default_factory=Known)
    done: int = 0
    damaged: int = 0
    allows_unlisted: bool = False
    last: dt.datetime | None = None  # the time of the last run


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
    names = (
        [name for name in lake.raw.names() if name.endswith(".warc.gz")]
        if lake.archive.is_dir()
        else []
    )
    if not names:
        raise WarehouseError(f"There is no archive in {lake.root} to rebuild from.")
    built = RebuiltLake(lake.root / "rebuild", lake)
    with writer_lock(lake, log=run.log):
        if not built.catalog.exists():
            # an interrupted swap left the list without its lake
            (built.root / DONE).unlink(missing_ok=True)
        elif data_path_of(built.catalog).rstrip("/") != str(built.data_path):
            set_data_path(built.catalog, built.data_path)  # the swap was interrupted
        inner = dataclasses.replace(run, lake=built)
        progress = _Progress(len(names), allows_unlisted=allows_unlisted)
        feeds = prepare(inner)
        asyncio.run(_replay(inner, names, feeds, progress))
        with writer_lock(built):
            at = dataclasses.replace(inner, now=progress.last or run.now)
            annotate(at)
            group(at)
            model(at)
            release(inner, audit(at))
        counts = _row_counts(built)
        replaced = _swap(lake, built, run.stamp)
    report(run)
    return Rebuilt(counts, progress.damaged, replaced)


async def _replay(
    run: Run, names: Sequence[str], feeds: Sequence[Feed], progress: _Progress
) -> None:
    """Store each run's captures again, in the order of the runs, and clean them at the run's
    time.
    """
    finished = run.lake.root / DONE
    finished.touch()
    done = set(finished.read_text(encoding="utf-8").splitlines())
    _begin(run, names, feeds, progress)
    ordered = sorted(filterfalse(_is_special, names), key=_order)
    async with FeedReader(run.settings.workers) as reader:
        for _, group in groupby(ordered, key=lambda name: _order(name)[0]):
            files = list(group)
            now = None
            for name in files:
                progress.done += 1
                run.progress("archive files", progress.done, progress.total)
                stored = stored_rows(run.lake.raw, name, progress.known, progress.kept)
                progress.damaged += stored.damaged
                now = stored.now or now
                _check_listed(run, stored, progress)
                if name not in done:
                    await _land(run, stored, reader, progress.known)
            progress.last = now or progress.last
            if done.issuperset(files):
                continue
            clean(dataclasses.replace(run, now=now or run.now))
            with finished.open("a", encoding="utf-8") as file:
                file.writelines(f"{name}\n" for name in files)


def _check_listed(run: Run, stored: Stored, progress: _Progress) -> None:
    """Remove the new lake and raise WarehouseError if the feed list lacks a source in the archive.

    With a different feed list, articles would count for no outlet, and days would have no
    denominator.
    """
    sources = {capture.feed_id for capture, _ in stored.captures if capture.feed_id}
    if progress.allows_unlisted or not (unlisted := sorted(sources - progress.known.feeds.keys())):
        return
    shutil.rmtree(run.lake.root)
    names = ", ".join(unlisted[:5]) + (", …" if len(unlisted) > 5 else "")
    raise WarehouseError(
        f"{run.settings.feeds} lacks sources that are in the archive: {names}. Set TIDINGS_FEEDS"
        " and TIDINGS_SEEDS to the values of the nightly runs. If these sources were removed, use"
        " --allow-unlisted."
    )


def _order(name: str) -> tuple[str, str]:
    """Return a file's sort key: its run's stamp, then its name."""
    path = PurePosixPath(name)
    return path.name.partition("-")[0], name


def _is_special(name: str) -> bool:
    return name == FORGOTTEN_FILE or "-kept-" in name


def _begin(run: Run, names: Sequence[str], feeds: Sequence[Feed], progress: _Progress) -> None:
    """Read the data that the first run needs: sources, forgotten pages, and rewritten bodies."""
    forgotten = []
    with open_lake(run.lake, read_only=True) as con:
        progress.known.publishers.update(pending.publishers(con))
        progress.known.entry_ids.update(
            {feed_id: state.entry_ids for feed_id, state in pending.feed_states(con).items()}
        )
        progress.known.feeds.update(
            {**pending.feeds(con), **{feed.feed_id: feed for feed in feeds}}
        )
    for name in filter(_is_special, names):
        progress.done += 1
        stored = stored_rows(run.lake.raw, name, progress.known, {})
        progress.damaged += stored.damaged
        forgotten += stored.forgotten
        progress.kept.update({capture.capture_id: capture for capture, _ in stored.captures})
    with writer_lock(run.lake), open_lake(run.lake) as con, transaction(con):
        merge(con, forgotten)


async def _land(run: Run, stored: Stored, reader: FeedReader, known: Known) -> None:
    """Write the rows of one archive file, in one transaction."""
    with open_lake(run.lake, read_only=True) as con:
        entries, states = await read_entries(stored, con, run.lake.raw, reader, known)
    captures = [capture for capture, _ in stored.captures]
    unknown = {
        capture.publisher_id for capture in captures if capture.publisher_id
    } - known.publishers.keys()
    publishers = [
        Publisher(publisher_id, publisher_id, None, None, "UTC", [])
        for publisher_id in sorted(unknown)
    ]
    known.publishers.update({publisher.publisher_id: publisher for publisher in publishers})
    with writer_lock(run.lake), open_lake(run.lake) as con, transaction(con):
        for batch in (publishers, captures, entries, states, stored.gaps):
            merge(con, batch)


def _row_counts(lake: Lake) -> dict[str, int]:
    with open_lake(lake, read_only=True) as con:
        tables = ("core.articles", "raw.captures", "raw.feed_entries")
        return {
            table.partition(".")[2].replace("_", " "): count_rows(
                con, f"select count(*) from {table}"
            )
            for table in tables
        }


def _swap(lake: Lake, built: RebuiltLake, stamp: str) -> Path | None:
    """Replace first the release file and then the lake; return the folder with the old ones, or
    None if there were none.
    """
    set_data_path(built.catalog, lake.data_path)
    aside = lake.root / f"replaced-{stamp}"
    names = [path.name for path in _release_files(built)]
    moved = False
    for name in (*names, lake.catalog.parent.name):
        if (lake.root / name).exists():
            aside.mkdir(exist_ok=True)
            (lake.root / name).rename(aside / name)
            moved = True
        (built.root / name).rename(lake.root / name)
    sync_folder(lake.root)
    shutil.rmtree(built.root)
    return aside if moved else None


def _release_files(lake: Lake) -> Iterator[Path]:
    yield from sorted(lake.root.glob(f"{lake.release_file.name}*"))
