"""Update a lake to this version: its schema with the SQL files in migrations/, and DuckLake's
format of its catalog.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import duckdb

from tidings.paths import MIGRATIONS
from tidings.storage.catalog import copy_database
from tidings.storage.lake import WarehouseError, connect, transaction

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tidings.storage.lake import Lake

FOLDER = MIGRATIONS


def migrate(con: duckdb.DuckDBPyConnection) -> list[int]:
    """Apply the missing schema migrations in order, each in one transaction, and return their
    versions.

    The caller must hold the writer lock. Raises WarehouseError if a newer version of Tidings wrote
    the lake.
    """
    con.execute("call lake.set_option('parquet_compression', 'zstd')")
    files = _files()
    missing = sorted(set(files) - _known_versions(con, files))
    for version in missing:
        with transaction(con):
            con.execute(files[version].read_text(encoding="utf-8"))
            con.execute(
                "insert into ops.schema_versions values (?, ?, now())",
                [version, files[version].name],
            )
    return missing


def require_schema(con: duckdb.DuckDBPyConnection) -> None:
    """Raise WarehouseError unless the lake in use has exactly this program's schema."""
    files = _files()
    done = _known_versions(con, files)
    if missing := set(files) - done:
        before = f"schema {max(done)}" if done else "no schema"
        raise WarehouseError(
            f"This warehouse has {before}; this program needs schema {max(missing)}: run `tidings"
            f" nightly` first."
        )


def _files() -> dict[int, Path]:
    return {int(path.name.split("_", 1)[0]): path for path in sorted(FOLDER.glob("*.sql"))}


def _known_versions(con: duckdb.DuckDBPyConnection, files: Mapping[int, Path]) -> set[int]:
    done = applied_versions(con)
    if newer := done - set(files):
        raise WarehouseError(
            f"This warehouse has schema {max(newer)}, which is newer than this program's"
            f" {max(files)}: upgrade Tidings."
        )
    return done


def applied_versions(con: duckdb.DuckDBPyConnection) -> set[int]:
    """Return the schema versions of the lake in use: none for a new lake."""
    try:
        return {
            row[0] for row in con.execute("select version from lake.ops.schema_versions").fetchall()
        }
    except (
        duckdb.CatalogException
    ):  # a query of information_schema would read every table, which takes .25 s of CPU time
        return set()


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
