"""Upkeep of the lake: which releases are kept, and what else may go. Call all of it with the writer lock held.

Nothing is deleted before every kept release has been counted again and has the rows that it was released with; where one has
not, the catalog is put back as it was.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tidings.warehouse.catalog import META, copy_database
from tidings.warehouse.lake import WarehouseError, open_lake, transaction
from tidings.warehouse.load import read_records
from tidings.warehouse.records import Release

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from tidings.warehouse.lake import Lake

DELETED_SHARE = 0.3  # of a file's rows: from here on it is written again without them


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept: the last ``nights`` days of releases, month-ends for ever.

    ``raw_days`` is the age from which raw files go, None: never. ``run_days`` is how long Prefect remembers a run.
    ``grace`` is how long a file that nobody needs any more stays, for readers that opened the lake before.
    """

    nights: int = 35
    raw_days: int | None = None
    run_days: int = 35
    grace: dt.timedelta = dt.timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one step of upkeep did, or would do: how many things, and how many bytes that gave back."""

    step: str
    count: int
    byte_count: int
    text: str


def kept_releases(releases: Sequence[Release], now: dt.datetime, nights: int) -> list[Release]:
    """Return the releases to keep, oldest first: those of the last ``nights`` days, each month's last (UTC), and the newest."""
    ordered = sorted(releases, key=lambda release: release.snapshot_id)
    month_ends = {(one.released_at.year, one.released_at.month): one.release_id for one in ordered}
    since = now - dt.timedelta(days=nights)
    kept = {one.release_id for one in ordered if one.released_at >= since} | set(month_ends.values())
    return [one for one in ordered if one.release_id in kept]


def drop_releases(con: duckdb.DuckDBPyConnection, now: dt.datetime, nights: int, *, dry_run: bool) -> StepResult:
    """Take the releases that are not kept out of the list of releases: their snapshots may then go."""
    releases = read_records(con, Release)
    kept = {one.release_id for one in kept_releases(releases, now, nights)}
    gone = [one.release_id for one in releases if one.release_id not in kept]
    if gone and not dry_run:
        with transaction(con):
            con.execute("delete from ops.releases where release_id in (select unnest($gone::varchar[]))", {"gone": gone})
    return StepResult("releases", len(gone), 0, f"{len(kept)} releases are kept, {len(gone)} are not")


def expire_snapshots(con: duckdb.DuckDBPyConnection, *, kept: Sequence[Release], dry_run: bool) -> StepResult:
    """Expire the snapshots that no kept release names and that are older than the newest release.

    Later ones stay: the next release learns from them what has changed.
    """
    if not kept:
        return StepResult("snapshots", 0, 0, "nothing was released yet, so no snapshot goes")
    named = {one.snapshot_id for one in kept}
    known = [row[0] for row in con.execute("select snapshot_id from lake.snapshots() order by snapshot_id").fetchall()]
    gone = [one for one in known if one < max(named) and one not in named]
    if gone and not dry_run:
        con.execute(f"call ducklake_expire_snapshots('lake', versions => {gone})")
    return StepResult("snapshots", len(gone), 0, f"{len(gone)} of {len(known)} snapshots are named by no release")


def merge_files(con: duckdb.DuckDBPyConnection, *, dry_run: bool) -> StepResult:
    """Write files with many deleted rows again without them, and merge small neighbours; earlier releases read as before."""
    before = _active_files(con)
    if dry_run:
        several = sum(count - 1 for count in before.values())
        return StepResult("merge", several, 0, f"up to {several} of {sum(before.values())} files can be merged into others")
    con.execute(f"call ducklake_rewrite_data_files('lake', delete_threshold => {DELETED_SHARE})")
    con.execute("call ducklake_merge_adjacent_files('lake')")
    total, after = sum(before.values()), sum(_active_files(con).values())
    return StepResult("merge", total - after, 0, f"{total} files of the present state are {after} now")


def _active_files(con: duckdb.DuckDBPyConnection) -> dict[int, int]:
    rows = con.execute(
        f"select table_id, count(*) from {META}.ducklake_data_file where end_snapshot is null group by table_id"
    ).fetchall()
    return dict(rows)


def check_releases(con: duckdb.DuckDBPyConnection, releases: Sequence[Release]) -> None:
    """Count each release's tables again. Raises WarehouseError naming the first that has not the rows it was released with."""
    for release in releases:
        for table, count in release.row_counts.items():
            row = con.execute(f"select count(*) from lake.{table} at (version => {release.snapshot_id})").fetchone()
            if row is None or row[0] != count:
                found = row[0] if row else 0
                raise WarehouseError(f"release {release.release_id} has {found} rows of {table} where it had {count}")


@contextlib.contextmanager
def restore_catalog_on_error(lake: Lake) -> Iterator[None]:
    """Put the catalog back as it was when the block raises WarehouseError; on PostgreSQL it is left, and no file is deleted.

    Close every connection to the lake within the block.
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
        raise WarehouseError(f"Upkeep was undone and deleted nothing: {error}.") from error
    finally:
        copy.unlink(missing_ok=True)


def maintain_lake(lake: Lake, now: dt.datetime, keep: Retention, *, dry_run: bool) -> list[StepResult]:
    """Drop, expire and merge what may go, count every kept release again, and only then delete files.

    Raises WarehouseError, with the lake as it was, where a kept release would have come out changed.
    """
    with contextlib.nullcontext() if dry_run else restore_catalog_on_error(lake), open_lake(lake, read_only=dry_run) as con:
        kept = kept_releases(read_records(con, Release), now, keep.nights)
        done = [
            drop_releases(con, now, keep.nights, dry_run=dry_run),
            expire_snapshots(con, kept=kept, dry_run=dry_run),
            merge_files(con, dry_run=dry_run),
        ]
        check_releases(con, kept)
    with open_lake(lake) as con:  # a dry run of DuckLake's own wants a writer, too
        done.append(delete_files(con, lake, keep.grace, dry_run=dry_run))
    return done


def delete_files(con: duckdb.DuckDBPyConnection, lake: Lake, grace: dt.timedelta, *, dry_run: bool) -> StepResult:
    """Delete the lake's files that no snapshot needs, and those that killed runs left, once they are older than ``grace``.

    With no grace they go at once.
    """
    before = None if dry_run else bytes_of(lake)
    # A catalog in SQLite compares instants as text, right only to the day: what went since the day before stays.
    until = f"date_trunc('day', now() - interval '{grace.total_seconds():.0f} seconds') - interval '1 second'"
    older = f"older_than => {until}" if grace else "cleanup_all => true"
    older += f", dry_run => {str(dry_run).lower()}"
    paths = [
        row[0]
        for call in ("ducklake_cleanup_old_files", "ducklake_delete_orphaned_files")
        for row in con.execute(f"call {call}('lake', {older})").fetchall()
    ]
    size = sum(map(_size, paths)) if before is None else before - bytes_of(lake)
    return StepResult("files", len(paths), size, f"{len(paths)} files of the lake are needed by nothing")


def bytes_of(lake: Lake) -> int:
    """Return how many bytes the lake's Parquet files take; 0 where they lie in object storage, which counts for itself."""
    if lake.is_shared or not lake.data_path.is_dir():
        return 0
    return sum(path.stat().st_size for path in lake.data_path.rglob("*") if path.is_file())


def _size(path: str) -> int:
    return Path(path).stat().st_size if Path(path).is_file() else 0
