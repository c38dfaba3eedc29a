"""Release a snapshot of the lake that passed its audit, and open releases.

A release writes its DuckDB file under a temporary name, commits itself to the lake, and renames the
file. If a run is killed between the last two steps, the next one writes the file.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
from itertools import chain, count
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from tidings.base.records import Release
from tidings.storage.file_store import replace_file
from tidings.storage.find_damage import record_checksums
from tidings.storage.lake import Connection, Lake, WarehouseError, open_lake, transaction
from tidings.storage.load import count_rows, merge, read_column, read_records
from tidings.storage.release_file import (
    add_release,
    changed_tables,
    file_release,
    is_intact,
    write_file,
)
from tidings.storage.writer_lock import writer_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

READ = ("core", "marts", "measures", "ref")  # schemas whose changes cause a release
ORDER = ("marts", "core", "ops", "ref", "measures")


def newest_snapshot(con: Connection) -> int:
    """Return the ID of the lake's newest snapshot."""
    return count_rows(con, "select max(snapshot_id) from lake.snapshots()")


def last_release(con: Connection) -> Release | None:
    """Return the newest release, or None before the first."""
    releases = read_records(
        con, Release, "snapshot_id = (select max(snapshot_id) from ops.releases)"
    )
    return releases[-1] if releases else None


def has_changes(con: Connection, since: Release) -> bool:
    """Return whether tables that readers see have changed since a release."""
    return any(table.split(".")[0] in READ for table in changed_tables(con, since.snapshot_id))


def release(
    con: Connection,
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
    """Release the lake's newest snapshot and replace the release file; return the release and
    whether it is new.

    Without changes, the last release is returned, and only a missing or damaged file is written
    again. The caller holds the writer lock and has run the audit.
    """
    before = last_release(con)
    if before is not None and not has_changes(con, before):
        ensure_release_file(lake, before)
        return before, False
    stem = f"{now:%Y-%m-%dT%H%M%SZ}"
    used = read_column(con, "select release_id from ops.releases")
    names = chain([stem], (f"{stem}-{number}" for number in count(2)))
    new = Release(
        release_id=next(name for name in names if name not in used),
        released_at=now,
        snapshot_id=newest_snapshot(con),
        lexicon_version=lexicon,
        code_version=code,
        run_id=run_id,
        row_counts={},
        audit_passed=passed,
        audit_warned=warned,
        accepted_loss=accepted_loss,
    )
    part = write_file(con, lake.release_file, [*read_records(con, Release), new])
    with transaction(con):
        merge(con, [new])
    replace_file(part, lake.release_file)
    record_checksums(lake)
    return new, True


def ensure_release_file(lake: Lake, release: Release) -> bool:
    """Write the release file unless it is intact and of this release; return whether it did."""
    if file_release(lake.release_file) == release.release_id and is_intact(lake.release_file):
        return False
    replace_file(write_release(lake, release, lake.release_file), lake.release_file)
    return True


def write_release(lake: Lake, release: Release, target: Path) -> Path:
    """Write a release as ``write_file`` does, with a list of the kept releases up to it."""
    until = {"id": release.snapshot_id}
    with open_lake(lake, read_only=True) as con:
        kept = read_records(con, Release, "snapshot_id <= $id", until)
    with open_lake(lake, snapshot_id=release.snapshot_id) as con:
        return write_file(con, target, kept)


def search_path(con: Connection, catalog: str = "") -> str:
    """Return the schemas of a release (before 0.3 without ``measures``) in the order in which
    unqualified names are looked up. ``catalog`` is the name of an attached file.
    """
    here = "database_name = coalesce(?, current_database())"
    query = f"select schema_name from duckdb_schemas() where {here}"
    known = read_column(con, query, [catalog or None])
    return ",".join(f"{catalog}.{name}".strip(".") for name in ORDER if name in known)


def open_release(lake: Lake, id_or_date: str | None = None) -> Connection:
    """Return a read-only connection to a release, with its schemas on the search path.

    ``id_or_date`` is a release_id, or a date (YYYY-MM-DD, UTC) for the last release until its end;
    None: the file of the last release. Raises WarehouseError.
    """
    if id_or_date is None:
        if not lake.release_file.exists():
            advice = "run `tidings demo` or `tidings nightly` first"
            raise WarehouseError(f"There is no release in {lake.name} yet: {advice}.")
        return open_file(lake.release_file)
    release = find_release(lake, id_or_date)
    con = open_lake(lake, snapshot_id=release.snapshot_id)
    con.execute("create temp table releases as from ops.releases")
    add_release(con, "temp.releases", release)  # a release's row is written after its snapshot
    con.execute(f"set search_path = '{search_path(con)}'")
    return con


def open_file(path: Path) -> Connection:
    """Return a connection to a release file as ``open_release`` does."""
    try:
        con = duckdb.connect(path, read_only=True)
        schemas = search_path(con)
        con.execute(f"set TimeZone = 'UTC'; set search_path = '{schemas}'")
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0]
        raise WarehouseError(f"{path} is not a release of Tidings: {reason}") from error
    if "marts" not in schemas.split(","):
        con.close()
        raise WarehouseError(f"{path} is not a release of Tidings: it has no schema marts.")
    return con


@contextlib.contextmanager
def released_file(lake: Lake, id_or_date: str | None = None) -> Iterator[Path]:
    """Yield the path of the last release's file, which may not exist, or of a temporary file with
    an earlier release. Raises WarehouseError.
    """
    if id_or_date is None:
        yield lake.release_file
        return
    release = find_release(lake, id_or_date)
    with tempfile.TemporaryDirectory(prefix="tidings-release-") as folder:
        yield write_release(lake, release, Path(folder) / lake.release_file.name)


def refresh_release_file(lake: Lake) -> None:
    """Update this machine's release file if another machine has made a newer release.

    It is written in the work folder, apart from a run here; a lock admits one reader.
    """
    with open_lake(lake, read_only=True) as con:
        newest = last_release(con)
    if newest is None or file_release(lake.release_file) == newest.release_id:
        return
    with writer_lock(Lake(lake.work), name="release.lock"):
        if file_release(lake.release_file) != newest.release_id:
            part = write_release(lake, newest, lake.work / lake.release_file.name)
            replace_file(part, lake.release_file)


def find_release(lake: Lake, id_or_date: str | None = None) -> Release:
    """Return a release by its ID or by date (the last until its end, UTC), or the newest for None.
    Raises WarehouseError with the existing releases.
    """
    with open_lake(lake, read_only=True) as con:
        releases: list[Release] = read_records(con, Release)
    by_id = {release.release_id: release for release in releases}
    if id_or_date in by_id:
        return by_id[id_or_date]
    try:
        day = dt.date.fromisoformat(id_or_date) if id_or_date else dt.date.max
    except ValueError:
        ids = ", ".join([*by_id][-5:]) or "none"
        known = f"The last releases are {ids}. A date such as 2026-08-31 is also valid."
        raise WarehouseError(f"Unknown release {id_or_date!r}. {known}") from None
    if not releases:
        raise WarehouseError(f"There is no release in {lake.name} yet.")
    until = [release for release in releases if release.released_at.date() <= day]
    if not until:
        first = f"the first release is from {releases[0].released_at:%Y-%m-%d}"
        raise WarehouseError(f"There is no release on or before {day}; {first}.")
    return max(until, key=attrgetter("snapshot_id"))
