"""The schema's versions: SQL files in migrations/, applied in order, each in one transaction and once."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from tidings.warehouse.catalog import copy_database
from tidings.warehouse.lake import WarehouseError, transaction

if TYPE_CHECKING:
    from tidings.warehouse.lake import Lake

FOLDER = Path(__file__).parent / "migrations"


def migrate(con: duckdb.DuckDBPyConnection) -> list[int]:
    """Bring the lake in use to this program's schema and return the versions applied now, often none.

    Call it with the writer lock held. Raises WarehouseError when the lake was written by a newer program.
    """
    con.execute("call lake.set_option('parquet_compression', 'zstd')")
    files = {int(path.name.split("_", 1)[0]): path for path in sorted(FOLDER.glob("*.sql"))}
    done = applied_versions(con)
    if newer := done - set(files):
        message = f"This warehouse has schema {max(newer)}, which is newer than this program's {max(files)}: upgrade Tidings."
        raise WarehouseError(message)
    fresh = sorted(set(files) - done)
    for version in fresh:
        with transaction(con):
            con.execute(files[version].read_text(encoding="utf-8"))
            con.execute("insert into ops.schema_versions values (?, ?, now())", [version, files[version].name])
    return fresh


def applied_versions(con: duckdb.DuckDBPyConnection) -> set[int]:
    """Return the schema versions that the lake in use has; none for a lake just made."""
    there = con.execute(
        "select count(*) from information_schema.tables where table_catalog = 'lake' and table_schema = 'ops'"
        " and table_name = 'schema_versions'"
    ).fetchone()
    if not there or not there[0]:
        return set()
    return {row[0] for row in con.execute("select version from ops.schema_versions").fetchall()}


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
