"""What readers open: the last release's file, or the lake as an earlier release had it. Neither waits for a writer."""

from __future__ import annotations

import datetime as dt

import duckdb

from tidings.warehouse.checksums import take_place
from tidings.warehouse.lake import Lake, WarehouseError, connect, opened, writing
from tidings.warehouse.load import read_records
from tidings.warehouse.records import Release
from tidings.warehouse.release import last_release
from tidings.warehouse.release_file import add_release, file_release, make_helpers, write_file

SEARCH_PATH = "marts,core,ops,ref"


def open_release(lake: Lake, wanted: str | None = None) -> duckdb.DuckDBPyConnection:
    """Return a read-only connection to a release, with ``marts``, ``core``, ``ops`` and ``ref`` on the search path.

    ``wanted`` is a release_id or a date (YYYY-MM-DD, UTC: the last release of that day or before); None is the last
    release, read from its file. Raises WarehouseError when there is no such release.
    """
    if wanted is None:
        if not lake.release_file.exists():
            raise WarehouseError(f"Nothing has been released in {lake.name} yet: run `tidings nightly` (or `make demo`) first.")
        try:
            con = duckdb.connect(lake.release_file, read_only=True)
        except duckdb.Error as error:
            raise WarehouseError(f"{lake.release_file} cannot be opened: {str(error).splitlines()[0]}") from error
        con.execute("set TimeZone = 'UTC'")
    else:
        found = find_release(lake, wanted)
        con = connect(lake, snapshot_id=found.snapshot_id)
        con.execute("create temp table releases as from ops.releases")
        add_release(con, "temp.releases", found)  # the lake learns of a release after its snapshot
        make_helpers(con)
    con.execute(f"set search_path = '{SEARCH_PATH}'")
    return con


def renew_release_file(lake: Lake) -> None:
    """Make this machine's release file again where another machine has released since; nothing to do before the first release.

    It is written beside the one that a run here may be writing, by one reader at a time.
    """
    with opened(lake, read_only=True) as con:
        newest = last_release(con)
    if newest is None or file_release(lake.release_file) == newest.release_id:
        return
    with writing(Lake(lake.work), name="release.lock"), opened(lake, snapshot_id=newest.snapshot_id) as con:
        if file_release(lake.release_file) != newest.release_id:
            take_place(write_file(con, lake.work / lake.release_file.name, newest), lake.release_file)


def find_release(lake: Lake, wanted: str | None = None) -> Release:
    """Return the release of this id, the last one up to the end of this day (YYYY-MM-DD, UTC), or the newest for None.

    Raises WarehouseError when there is none, naming those that are there.
    """
    with opened(lake, read_only=True) as con:
        if wanted is None:
            found = last_release(con)
            if found is None:
                raise WarehouseError(f"Nothing has been released in {lake.name} yet.")
            return found
        releases: list[Release] = read_records(con, Release)
    if match := [release for release in releases if release.release_id == wanted]:
        return match[0]
    try:
        day = dt.date.fromisoformat(wanted)
    except ValueError:
        ids = ", ".join(release.release_id for release in releases[-5:]) or "none"
        raise WarehouseError(f"There is no release {wanted!r}; the last ones are {ids}. A date as 2026-08-31 does too.") from None
    if not releases:
        raise WarehouseError(f"Nothing has been released in {lake.name} yet.")
    until = [release for release in releases if release.released_at.date() <= day]
    if not until:
        raise WarehouseError(f"There is no release of {day} or before; the first is of {releases[0].released_at:%Y-%m-%d}.")
    return max(until, key=lambda release: release.snapshot_id)
