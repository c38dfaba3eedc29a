"""The lake's own format: a lake that an earlier DuckLake wrote is brought to this one's, its catalog copied aside first."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import duckdb

from tidings.warehouse.lake import WarehouseError
from tidings.warehouse.upkeep import copy_database

if TYPE_CHECKING:
    from tidings.warehouse.lake import Lake


def upgrade_format(lake: Lake) -> tuple[str, str] | None:
    """Bring a lake in an older format to this program's and return both versions; None where nothing was to be done.

    Data files stay as they are; only the catalog changes, and a copy of it stays beside it as ``catalog.VERSION.sqlite``.
    Nothing older can read the lake afterwards. Call it with the writer lock held. Raises WarehouseError with one sentence where
    that cannot be done, such as for a format that is newer than this program; the catalog is then as it was.
    """
    if lake.is_shared or not lake.exists:
        return None
    before = format_of(lake)
    with contextlib.closing(duckdb.connect()) as con:
        for statement in lake.setup():
            con.execute(statement)
        if before is None or _opens(con, lake):
            return None
        copy = lake.catalog.with_name(f"catalog.{before}.sqlite")
        copy_database(lake.catalog, copy)
        try:
            con.execute(lake.attach(AUTOMATIC_MIGRATION="true"))
        except duckdb.Error as error:
            copy_database(copy, lake.catalog)
            raise WarehouseError(
                f"The lake in {lake.name} has format {before}, which cannot be brought to this program's: {lake.explain(error)}"
            ) from error
    return before, format_of(lake) or "?"


def format_of(lake: Lake) -> str | None:
    """Return the version of the format in which a lake's catalog is written, or None where it cannot be read."""
    try:
        with contextlib.closing(sqlite3.connect(lake.catalog, timeout=30)) as con:
            row = con.execute("select value from ducklake_metadata where key = 'version' and scope is null").fetchone()
    except sqlite3.Error:
        return None
    return str(row[0]) if row else None


def _opens(con: duckdb.DuckDBPyConnection, lake: Lake) -> bool:
    try:
        con.execute(lake.attach())  # not read-only: a catalog that is in no WAL mode yet opens for writers alone
        con.execute("detach lake")
    except duckdb.Error as error:
        if "version" in str(error).lower():
            return False
    return True  # what else is wrong, the next who opens it says
