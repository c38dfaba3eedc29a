"""Maintain the lake: drop old releases, expire snapshots, merge files and delete unused files.
Requires the writer lock.

No file is deleted before the rows of all kept releases are counted and match their recorded counts.
If a count differs, the catalog is restored from a copy.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tidings.base.languages.plural import counted
from tidings.base.records import Release
from tidings.storage.catalog import META, copy_database
from tidings.storage.lake import WarehouseError, check_locks, open_lake, transaction
from tidings.storage.last_build import read_last_build
from tidings.storage.load import count_rows, read_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from tidings.storage.lake import Lake

DELETED_SHARE = 0.3  # share of a file's rows; from this share on the file is rewritten without them


@dataclass(frozen=True, slots=True)
class Retention:
    """Retention periods.

    Attributes:
        nights: Days for which all releases are kept. The last release of each month is kept
            forever.
        raw_days: Age in days from which archive files are deleted; None: never.
        run_days: Days for which Prefect's database keeps a run.
        grace: Age from which an unused file is deleted, so that readers with an open connection can
            finish.
    """

    nights: int = 35
    raw_days: int | None = None
    run_days: int = 35
    grace: dt.timedelta = dt.timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class StepResult:
    """Result of one maintenance step, or of its dry run: the number of items, the bytes freed, and
    a text for the log.
    """

    step: str
    count: int
    byte_count: int
    text: str


def kept_releases(releases: Sequence[Release], now: dt.datetime, nights: int) -> list[Release]:
    """Return the releases to keep, oldest first: of the last ``nights`` days, the last of each
    month (UTC), and the newest.
    """
    ordered = sorted(releases, key=lambda release: release.snapshot_id)
    month_ends = {f"{release.released_at:%Y-%m}": release for release in ordered}
    since = now - dt.timedelta(days=nights)
    ends = {release.release_id for release in month_ends.values()}
    return [row for row in ordered if row.released_at >= since or row.release_id in ends]


def drop_releases(
    con: duckdb.DuckDBPyConnection, now: dt.datetime, nights: int, *, dry_run: bool
) -> StepResult:
    """Delete the rows of releases that are not kept, so that their snapshots can expire."""
    releases = read_records(con, Release)
    kept = {release.release_id for release in kept_releases(releases, now, nights)}
    dropped = [release.release_id for release in releases if release.release_id not in kept]
    if dropped and not dry_run:
        with transaction(con):
            con.execute(
                "delete from ops.releases where release_id in (select unnest($gone::varchar[]))",
                {"gone": dropped},
            )
    return StepResult(
        "releases", len(dropped), 0, f"{counted(len(kept), 'release')} kept, {len(dropped)} dropped"
    )


def expire_snapshots(
    con: duckdb.DuckDBPyConnection, *, kept: Sequence[Release], dry_run: bool
) -> StepResult:
    """Expire the snapshots that belong to no kept release and are older than the newest release and
    the last build.

    Later snapshots are kept: the next build and the next release read the changes from them.
    """
    if not kept:
        return StepResult("snapshots", 0, 0, "there is no release yet, so no snapshot expires")
    released = {release.snapshot_id for release in kept}
    last = read_last_build(con)
    oldest_kept = max(released)
    if last is not None and last.read_at is not None:
        oldest_kept = min(oldest_kept, last.read_at)
    known = con.execute("select snapshot_id from lake.snapshots() order by all").fetchall()
    dropped = [number for (number,) in known if number < oldest_kept and number not in released]
    if dropped and not dry_run:
        check_locks()
        con.execute(f"call ducklake_expire_snapshots('lake', versions => {dropped})")
    return StepResult(
        "snapshots",
        len(dropped),
        0,
        f"{len(dropped)} of {counted(len(known), 'snapshot')} belong to no release",
    )


def merge_files(con: duckdb.DuckDBPyConnection, *, dry_run: bool) -> StepResult:
    """Rewrite files with many deleted rows and merge adjacent small files; earlier releases do not
    change.
    """
    before = _active_files(con)
    if dry_run:
        several = sum(count - 1 for count in before.values())
        return StepResult(
            "merge", several, 0, f"up to {several} of {sum(before.values())} files can be merged"
        )
    check_locks()
    con.execute(f"call ducklake_rewrite_data_files('lake', delete_threshold => {DELETED_SHARE})")
    con.execute("call ducklake_merge_adjacent_files('lake')")
    total, after = sum(before.values()), sum(_active_files(con).values())
    return StepResult(
        "merge", total - after, 0, f"merged {counted(total, 'current file')} into {after}"
    )


def _active_files(con: duckdb.DuckDBPyConnection) -> dict[int, int]:
    rows = con.execute(
        f"select table_id, count(*) from {META}.ducklake_data_file where end_snapshot is null"
        f" group by table_id"
    ).fetchall()
    return dict(rows)


def release_counts(con: duckdb.DuckDBPyConnection, release: Release) -> dict[str, int]:
    """Return the present number of rows of each table of a release."""
    return {
        table: count_rows(
            con, f"select count(*) from lake.{table} at (version => {release.snapshot_id})"
        )
        for table in release.row_counts
    }


def check_releases(con: duckdb.DuckDBPyConnection, releases: Sequence[Release]) -> None:
    """Compare each release's row counts with the recorded counts. Raises WarehouseError for the
    first difference.
    """
    for release in releases:
        for table, row_count in release_counts(con, release).items():
            if row_count != release.row_counts[table]:
                raise WarehouseError(
                    f"release {release.release_id} has {row_count} rows of"
                    f" {table} instead of {release.row_counts[table]}"
                )


@contextlib.contextmanager
def restore_catalog_on_error(lake: Lake) -> Iterator[None]:
    """Restore the catalog if the block raises WarehouseError; a catalog in PostgreSQL is not
    restored.

    The block must close all its connections to the lake. No file is deleted in either case.
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


def maintain_lake(
    lake: Lake, now: dt.datetime, keep: Retention, *, dry_run: bool
) -> list[StepResult]:
    """Drop releases, expire snapshots, merge files, check all kept releases, and only then delete
    files.

    Raises WarehouseError, with the lake unchanged, if a kept release would have changed.
    """
    with (
        contextlib.nullcontext() if dry_run else restore_catalog_on_error(lake),
        open_lake(lake, read_only=dry_run) as con,
    ):
        kept = kept_releases(read_records(con, Release), now, keep.nights)
        results = [
            drop_releases(con, now, keep.nights, dry_run=dry_run),
            expire_snapshots(con, kept=kept, dry_run=dry_run),
            merge_files(con, dry_run=dry_run),
        ]
        check_releases(con, kept)
    with open_lake(lake) as con:  # DuckLake's own dry run also requires a writable connection
        results.append(delete_files(con, lake, keep.grace, dry_run=dry_run))
    return results


def delete_files(
    con: duckdb.DuckDBPyConnection, lake: Lake, grace: dt.timedelta, *, dry_run: bool
) -> StepResult:
    """Delete the lake's files that no snapshot uses, including files of killed runs, once they are
    older than ``grace``.

    A grace period of zero deletes them immediately.
    """
    check_locks()
    before = None if dry_run else _bytes_of(lake)
    # A catalog in SQLite compares times as text, which is correct only for whole days: files of the
    # last day are kept.
    until = (
        f"date_trunc('day', now() - interval '{grace.total_seconds():.0f} seconds') - interval"
        f" '1 second'"
    )
    older = f"older_than => {until}" if grace else "cleanup_all => true"
    older += f", dry_run => {str(dry_run).lower()}"
    paths = [
        row[0]
        for call in ("ducklake_cleanup_old_files", "ducklake_delete_orphaned_files")
        for row in con.execute(f"call {call}('lake', {older})").fetchall()
    ]
    size = sum(map(_size, paths)) if before is None else before - _bytes_of(lake)
    return StepResult(
        "files", len(paths), size, f"{counted(len(paths), 'unused file')} of the lake"
    )


def _bytes_of(lake: Lake) -> int:
    """Return the size of the lake's Parquet files in bytes, or 0 for a shared lake."""
    if lake.is_shared or not lake.data_path.is_dir():
        return 0
    return sum(map(_size, lake.data_path.rglob("*")))


def _size(path: str | Path) -> int:
    return Path(path).stat().st_size if Path(path).is_file() else 0
