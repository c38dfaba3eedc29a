"""Releases: a state of the lake that passed its audit, and the plain DuckDB file written from it and swapped in by rename.

Order matters: the file is written aside and flushed, then the release is committed to the lake, then the file is
renamed. A run killed between the two leaves a release without its file, which ``publish`` of the next run makes again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.warehouse.checksums import is_intact, take_place
from tidings.warehouse.damage import note_files
from tidings.warehouse.lake import opened, transaction
from tidings.warehouse.load import merge, read_records
from tidings.warehouse.records import Release
from tidings.warehouse.release_file import changed_tables, file_release, has_rows, tables_of, write_file

if TYPE_CHECKING:
    import datetime as dt

    import duckdb

    from tidings.warehouse.lake import Lake

READ = ("core", "marts", "ref")  # what is written elsewhere alone makes no release


def head(con: duckdb.DuckDBPyConnection) -> int:
    """Return the lake's newest snapshot."""
    row = con.execute("select max(snapshot_id) from lake.snapshots()").fetchone()
    return int(row[0]) if row else 0


def last_release(con: duckdb.DuckDBPyConnection) -> Release | None:
    """Return the newest release, or None before the first."""
    found = read_records(con, Release, "snapshot_id = (select max(snapshot_id) from ops.releases)")
    return found[-1] if found else None


def audited_span(con: duckdb.DuckDBPyConnection, before: Release) -> tuple[int, int] | None:
    """Return the snapshot of a release and the newest one, or None where the lake no longer keeps the former."""
    known, newest = con.execute(
        "select bool_or(snapshot_id = $snapshot), max(snapshot_id) from lake.snapshots()", {"snapshot": before.snapshot_id}
    ).fetchone() or (False, 0)
    return (before.snapshot_id, int(newest)) if known else None


def is_changed(con: duckdb.DuckDBPyConnection, since: Release) -> bool:
    """Return whether anything that readers see was written after a release; polls that brought nothing do not count."""
    return any(table.split(".")[0] in READ for table in changed_tables(con, since.snapshot_id))


def release(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    *,
    now: dt.datetime,
    lexicon: str,
    code: str,
    run_id: str,
    passed: int,
    warned: int,
    accepted_loss: str | None = None,
) -> tuple[Release, bool]:
    """Name the lake's present state, write its file and swap it in; return the release and whether it is a new one.

    When nothing was written since the last release, that one stays, and only a missing or damaged file is made again. Call it
    with the writer lock held and after the audit.
    """
    before = last_release(con)
    if before is not None and not is_changed(con, before):
        publish(lake, before)
        return before, False
    made = Release(
        release_id=_free_id(con, now),
        released_at=now,
        snapshot_id=head(con),
        lexicon_version=lexicon,
        code_version=code,
        run_id=run_id,
        row_counts=row_counts(con),
        audit_passed=passed,
        audit_warned=warned,
        accepted_loss=accepted_loss,
    )
    part = write_file(con, lake.release_file, made, before)
    if not has_rows(part, made.row_counts):
        part = write_file(con, lake.release_file, made)
    with transaction(con):
        merge(con, [made])
    take_place(part, lake.release_file)
    note_files(lake)
    return made, True


def publish(lake: Lake, wanted: Release) -> bool:
    """Write the release file again where it is missing, damaged or of another release; return whether that was needed."""
    if file_release(lake.release_file) == wanted.release_id and is_intact(lake.release_file):
        return False
    with opened(lake, snapshot_id=wanted.snapshot_id) as con:
        part = write_file(con, lake.release_file, wanted)
    take_place(part, lake.release_file)
    return True


def row_counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the number of rows of each released table."""
    counts = {}
    for table in tables_of(con):
        row = con.execute(f"select count(*) from {table}").fetchone()
        counts[table] = int(row[0]) if row else 0
    return counts


def _free_id(con: duckdb.DuckDBPyConnection, now: dt.datetime) -> str:
    stem = f"{now:%Y-%m-%dT%H%M%SZ}"
    taken = {row[0] for row in con.execute("select release_id from ops.releases").fetchall()}
    names = [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)
