"""Update a lake to this version: its tables with migrations/schema.sql, and DuckLake's format of
its catalog.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import duckdb

from tidings.paths import MIGRATIONS
from tidings.storage.catalog import copy_database
from tidings.storage.lake import WarehouseError, connect, transaction
from tidings.storage.load import count_rows

if TYPE_CHECKING:
    from tidings.storage.lake import Lake

VERSION = 22  # of schema.sql; versions up to 20 had a file for each change


def migrate(con: duckdb.DuckDBPyConnection) -> bool:
    """Create the tables and columns that the lake lacks, in one transaction, and return whether it
    had an earlier schema.

    The caller must hold the writer lock. Raises WarehouseError if a newer version of Tidings wrote
    the lake.
    """
    con.execute("call lake.set_option('parquet_compression', 'zstd')")
    stored = schema_version(con)
    if stored > VERSION:
        raise WarehouseError(
            f"This warehouse has schema {stored}, which is newer than this program's {VERSION}:"
            f" upgrade Tidings."
        )
    if stored == VERSION:
        return False
    schema = MIGRATIONS / "schema.sql"
    with transaction(con):
        con.execute(schema.read_text(encoding="utf-8"))
        con.execute("insert into ops.schema_versions values (?, ?, now())", [VERSION, schema.name])
    return True


def schema_version(con: duckdb.DuckDBPyConnection) -> int:
    """Return the schema version of the lake in use: 0 for a new lake."""
    try:
        return count_rows(con, "select max(version) from lake.ops.schema_versions")
    except duckdb.CatalogException:
        # a query of information_schema would read every table, which takes .25 s of CPU time
        return 0


def upgrade_format(lake: Lake) -> tuple[str, str] | None:
    """Upgrade a catalog in an older DuckLake format, and return the old and the new version, or
    None if it is current.

    Only the catalog changes; a copy of the old one remains beside it as ``catalog.VERSION.sqlite``.
    Earlier versions of DuckLake cannot read the lake afterwards. The caller must hold the writer
    lock. Raises WarehouseError, with the catalog unchanged, if the upgrade fails, such as for a
    format that is newer than this version.
    """
    if lake.is_shared or not lake.exists:
        return None
    before = format_of(lake)
    if before is None or _opens(lake):
        return None
    copy = lake.catalog.with_name(f"catalog.{before}.sqlite")
    copy_database(lake.catalog, copy)
    with contextlib.closing(duckdb.connect()) as con:
        for statement in lake.setup():
            con.execute(statement)
        try:
            con.execute(lake.attach(AUTOMATIC_MIGRATION="true"))
        except duckdb.Error as error:
            copy_database(copy, lake.catalog)
            raise WarehouseError(
                f"The lake in {lake.name} has format {before}, which cannot be upgraded to this"
                f" program's: {lake.explain(error)}"
            ) from error
    return before, format_of(lake) or "?"


def format_of(lake: Lake) -> str | None:
    """Return the format version of a lake's catalog, or None if it cannot be read."""
    try:
        with contextlib.closing(sqlite3.connect(lake.catalog, timeout=30)) as con:
            row = con.execute(
                "select value from ducklake_metadata where key = 'version' and scope is null"
            ).fetchone()
    except sqlite3.Error:
        return None
    return str(row[0]) if row else None


def _opens(lake: Lake) -> bool:
    try:
        # not read-only: only a writer can open a catalog that is not in WAL mode yet
        connect(lake).close()
    except WarehouseError as error:
        # the next command that opens the lake reports all other errors
        return "version" not in str(error.__cause__).lower()
    return True
