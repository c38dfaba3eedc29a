"""Maintain the warehouse step by step; the caller of a step holds the writer lock.

No file of the lake is deleted before the rows of all kept releases are counted. If a count differs,
the catalog is restored from a copy.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tidings.base.languages.plural import counted
from tidings.base.records import Release
from tidings.storage.archive import FORGOTTEN_FILE, leftover_parts
from tidings.storage.lake import (
    META,
    Connection,
    Lake,
    WarehouseError,
    check_locks,
    copy_database,
    open_lake,
    record_checksums,
    refuse,
    transaction,
)
from tidings.storage.load import count_rows, read_column, read_records
from tidings.storage.migrate import EXPORTED
from tidings.storage.writer_lock import writer_lock

DELETED_SHARE = 0.3  # share of a file's rows; from this share on the file is rewritten without them
MIN_FREE_SHARE = 0.1  # of the disk; below it the step reports a full disk
# All records are old and cleaned, and no younger record refers to a body.
OLD_FILES = """
    select warc_file from raw.captures where warc_file is not null
    group by warc_file
    having max(fetched_at) < $before
    and count(*) filter (not is_revisit and digest in (
        select digest from raw.captures where is_revisit and fetched_at >= $before
    )) = 0
    and count(*) filter (kind in ('page', 'entry') and outcome = 'ok'
        and capture_id not in (select capture_id from core.extractions)) = 0
    order by warc_file
"""


@dataclass(frozen=True, slots=True)
class Retention:
    """``nights``: days for which all releases and Prefect's runs are kept, and longer the last
    release of each month. ``raw_days``: age in days from which archive files are deleted (0:
    never). ``grace``: age from which an unused file is deleted.
    """

    nights: int = 35
    raw_days: int = 0
    grace: dt.timedelta = dt.timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class StepResult:
    """Result of one maintenance step: a text for the log and the number of items."""

    step: str
    text: str
    count: int = 0


def maintain(
    lake: Lake, now: dt.datetime, keep: Retention, log: Callable[[str], None]
) -> list[StepResult]:
    """Run all maintenance steps, and log and return their results. Raises WarehouseError, and
    deletes nothing, if the lake is missing or a kept release would have changed.
    """
    lake.require()
    results = []
    with writer_lock(lake, log=log):
        for result in _steps(lake, now, keep):
            results.append(result)
            log(f"{result.step}: {result.text}")
    return results


def _steps(lake: Lake, now: dt.datetime, keep: Retention) -> Iterator[StepResult]:
    raw_before = now - dt.timedelta(days=keep.raw_days) if keep.raw_days else None
    yield delete_old_captures(lake, raw_before)
    yield from maintain_lake(lake, now, keep)
    record_checksums(lake)
    yield delete_stray_files(lake)
    if not lake.is_shared:
        yield vacuum(lake.catalog)
    yield delete_old_runs(lake.prefect, now - dt.timedelta(days=keep.nights))
    yield vacuum(lake.prefect)
    yield check_disk(lake)


def kept_releases(releases: Sequence[Release], now: dt.datetime, nights: int) -> list[Release]:
    """Return the releases to keep, oldest first: of the last ``nights`` days, and the last of each
    month (UTC).
    """
    ordered = sorted(releases, key=lambda release: release.snapshot_id)
    ends = {f"{release.released_at:%Y-%m}": release.release_id for release in ordered}.values()
    since = now - dt.timedelta(days=nights)
    return [row for row in ordered if row.released_at >= since or row.release_id in ends]


def _expire_snapshots(con: Connection, kept: Sequence[Release]) -> StepResult:
    """Expire the snapshots of no kept release that are older than the newest release and the last
    build, from which later ones read changes.
    """
    released = [release.snapshot_id for release in kept]
    if not released:
        return StepResult("snapshots", "there is no release yet, so no snapshot expires")
    count = count_rows(con, "select count(*) from lake.snapshots()")
    dropped = read_column(
        con,
        "select snapshot_id from lake.snapshots() where snapshot_id < least($newest, (select"
        " min(read_at) from annotations.last_build)) and snapshot_id not in $kept order by all",
        {"newest": max(released), "kept": released},
    )
    if dropped:
        check_locks()
        con.execute(f"call ducklake_expire_snapshots('lake', versions => {dropped})")
    text = f"{len(dropped)} of {counted(count, 'snapshot')} belong to no release"
    return StepResult("snapshots", text, len(dropped))


def merge_files(con: Connection) -> StepResult:
    """Rewrite files with many deleted rows and merge adjacent small files."""
    count = f"select count(*) from {META}.ducklake_data_file where end_snapshot is null"
    before = count_rows(con, count)
    check_locks()
    con.execute(f"call ducklake_rewrite_data_files('lake', delete_threshold => {DELETED_SHARE})")
    con.execute("call ducklake_merge_adjacent_files('lake')")
    after = count_rows(con, count)
    text = f"merged {counted(before, 'current file')} into {after}"
    return StepResult("merge", text, before - after)


def release_counts(con: Connection, release: Release) -> dict[str, int]:
    """Return the present number of rows of each table of a release."""
    version = f"at (version => {release.snapshot_id})"
    return {
        table: count_rows(con, f"select count(*) from lake.{table} {version}")
        for table in release.row_counts
    }


def check_releases(con: Connection, releases: Sequence[Release]) -> None:
    """Compare each release's row counts with the recorded ones. Raises WarehouseError."""
    for release in releases:
        for table, row_count in release_counts(con, release).items():
            refuse(
                row_count != release.row_counts[table],
                f"release {release.release_id} has {row_count} rows of {table} instead of"
                f" {release.row_counts[table]}",
            )


@contextlib.contextmanager
def restore_catalog_on_error(lake: Lake) -> Iterator[None]:
    """Restore a catalog in SQLite if the block, which closes its connections, raises
    WarehouseError.
    """
    if lake.is_shared:
        yield
        return
    copy = lake.catalog.with_name("catalog.before-upkeep.sqlite")
    copy_database(lake.catalog, copy)
    try:
        yield
    except WarehouseError as error:
        copy_database(copy, lake.catalog)
        raise WarehouseError(f"Maintenance was undone and deleted no files: {error}.") from error
    finally:
        copy.unlink(missing_ok=True)


def maintain_lake(lake: Lake, now: dt.datetime, keep: Retention) -> list[StepResult]:
    """Drop releases, expire snapshots, merge and delete files. Raises WarehouseError as
    ``maintain``.
    """
    with restore_catalog_on_error(lake), open_lake(lake) as con:
        kept = kept_releases(read_records(con, Release), now, keep.nights)
        ids = [[release.release_id for release in kept]]
        with transaction(con):
            count = count_rows(con, "delete from ops.releases where release_id not in ?", ids)
        text = f"{counted(len(kept), 'release')} kept, {count} dropped"
        dropped = StepResult("releases", text, count)
        results = [dropped, _expire_snapshots(con, kept), merge_files(con)]
        check_releases(con, kept)
    with open_lake(lake) as con:
        results.append(delete_files(con, keep.grace))
    return results


def delete_files(con: Connection, grace: dt.timedelta) -> StepResult:
    """Delete the lake's files that no snapshot uses, once they are older than ``grace``."""
    check_locks()
    # A catalog in SQLite compares times as text, so files of the last day are kept.
    age = f"interval '{grace.total_seconds():.0f} seconds'"
    until = f"older_than => date_trunc('day', now() - {age}) - interval '1 second'"
    options = until if grace else "cleanup_all => true"
    count = sum(
        len(con.execute(f"call {call}('lake', {options})").fetchall())
        for call in ("ducklake_cleanup_old_files", "ducklake_delete_orphaned_files")
    )
    return StepResult("files", f"{counted(count, 'unused file')} of the lake", count)


def delete_old_captures(lake: Lake, before: dt.datetime | None) -> StepResult:
    """Delete archive files that are older than ``before`` (None: keep all) and to which no younger
    record refers.

    Their captures cannot be cleaned again. Rows are updated first, so that a kill leaves only files
    without rows.
    """
    if before is None:
        return StepResult("raw", "archive files are kept forever")
    with open_lake(lake) as con:
        old = read_column(con, OLD_FILES, {"before": before})
        if old:
            with transaction(con):
                con.execute(
                    "update raw.captures set warc_file = null, warc_offset = null,"
                    " warc_length = null where warc_file in ?",
                    [old],
                )
        for name in old:
            lake.raw.remove(name)
    text = f"{len(old)} archive files are older than {before:%Y-%m-%d}"
    return StepResult("raw", text, len(old))


def delete_stray_files(lake: Lake) -> StepResult:
    """Delete files of killed runs: archive files without rows, and unfinished files."""
    with open_lake(lake, read_only=True) as con:
        named = {FORGOTTEN_FILE, *read_column(con, "select distinct warc_file from raw.captures")}
    strays = [name for name in lake.raw.names() if name not in named and EXPORTED not in name]
    parts = [*leftover_parts(lake.raw), *lake.root.glob(f".{lake.release_file.name}.part*")]
    check_locks()  # the files of another run are strays until it commits their rows
    for name in strays:
        lake.raw.remove(name)
    for part in parts:
        part.unlink(missing_ok=True)
    count = len(strays) + len(parts)
    return StepResult("strays", f"{counted(count, 'file')} of killed runs", count)


def _open_database(path: Path, patience: float = 30) -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(sqlite3.connect(path, timeout=patience, isolation_level=None))


def vacuum(path: Path, patience: float = 30.0) -> StepResult:
    """Vacuum a SQLite database, unless it is busy for ``patience`` seconds."""
    step = f"vacuum {path.name}"
    if not path.exists():
        return StepResult(step, f"{path.name} does not exist")
    try:
        with _open_database(path, patience) as con:
            con.execute("vacuum")
            con.execute("pragma wal_checkpoint(truncate)")
    except sqlite3.OperationalError as error:
        return StepResult(step, f"{path.name} is skipped until the next maintenance: {error}")
    return StepResult(step, f"{path.name} has {path.stat().st_size:,} bytes", 1)


def delete_old_runs(path: Path, before: dt.datetime) -> StepResult:
    """Delete runs that ended before a time, with their logs, from Prefect's SQLite database."""
    if not path.exists():
        return StepResult("runs", "Prefect's database does not exist")
    ended = "'COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED'"
    old = f"from flow_run where state_type in ({ended}) and end_time < ?"
    stamp = f"{before.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}"
    with _open_database(path) as con:
        (count,) = con.execute(f"select count(*) {old}", [stamp]).fetchone()
        con.execute("pragma foreign_keys = on")
        con.execute("begin immediate")
        for table in ("log", "artifact"):
            con.execute(f"delete from {table} where flow_run_id in (select id {old})", [stamp])
        con.execute(f"delete {old}", [stamp])
        for table in ("event_resources", "events"):
            con.execute(f"delete from {table} where occurred < ?", [stamp])
        con.execute("commit")
    return StepResult("runs", f"{count} Prefect runs ended before {before:%Y-%m-%d}", count)


def check_disk(lake: Lake) -> StepResult:
    """Report the free disk space: too low below a tenth of the disk or two release files."""
    usage = shutil.disk_usage(lake.root)
    size = lake.release_file.stat().st_size if lake.release_file.exists() else 0
    need = max(MIN_FREE_SHARE * usage.total, 2 * size)
    is_low = usage.free < need
    text = f"{usage.free / 1e9:.1f} of {usage.total / 1e9:.1f} GB free"
    if is_low:
        text = (
            f"the disk is nearly full: {text}. Below {need / 1e9:.1f} GB a nightly run may fail:"
            " free space, or delete old captures with --keep-raw-days"
        )
    return StepResult("disk", text, int(is_low))
