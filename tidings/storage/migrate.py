"""Update a lake's tables to this version, with records.py and migrations/schema.sql."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

import duckdb

from tidings.base.records import SQL_TYPES, TABLES, FeedEntry
from tidings.paths import MIGRATIONS
from tidings.storage.archive import WarcFile, to_line
from tidings.storage.file_store import Store
from tidings.storage.lake import META, Connection, refuse, transaction
from tidings.storage.load import column_types, count_rows, read_records

VERSION = 29  # of the tables; versions up to 20 had a file for each change
EXPORTED = "-entries-"  # in the names of exported files, to which no capture refers
FIRST_EXPORTED = 24  # from this version on, runs store entries in the archive


def migrate(con: Connection) -> bool:
    """Create the tables and columns that the lake lacks, in one transaction, and return whether it
    had an earlier schema.

    The caller holds the writer lock. Raises WarehouseError if a newer version wrote it.
    """
    con.execute("call lake.set_option('parquet_compression', 'zstd')")
    stored = schema_version(con)
    refuse(
        stored > VERSION,
        f"This warehouse has schema {stored}, which is newer than this program's {VERSION}:"
        " upgrade Tidings.",
    )
    if stored == VERSION:
        return False
    tables = _tables()
    with transaction(con):
        for schema in sorted({"marts", "measures", *(name.split(".")[0] for name in tables)}):
            con.execute(f"create schema if not exists {schema}")
        for table, columns in tables.items():
            _update_table(con, table, columns)
        con.execute("insert into ops.schema_versions values (?, 'schema.sql', now())", [VERSION])
    return True


def add_statistics(con: Connection) -> None:
    """Give each table that never had rows the statistics of an empty one: DuckLake searches its
    catalog for missing ones again for each column of a query.

    The caller holds the writer lock, and closes the connection afterwards: it may have read that
    there are none, and would add them twice with its next rows.
    """
    missing = (
        f"end_snapshot is null and table_id not in (select table_id from"
        f" {META}.ducklake_table_stats)"
    )
    with transaction(con):
        con.execute(
            f"insert into {META}.ducklake_table_column_stats (table_id, column_id, contains_null)"
            f" select table_id, column_id, true from {META}.ducklake_column"
            f" where {missing} and column_type not in ('list', 'map', 'struct')"
        )
        con.execute(
            f"insert into {META}.ducklake_table_stats"
            f" select table_id, 0, 0, 0 from {META}.ducklake_table where {missing}"
        )


def export_entries(con: Connection, archive: Store) -> None:
    """Store the entries of a lake of an earlier version in the archive for `tidings rebuild`. An
    interrupted export can be repeated.
    """
    if not 0 < schema_version(con) < FIRST_EXPORTED:
        return
    for (at,) in con.execute("select distinct first_seen_at from raw.feed_entries").fetchall():
        entries = read_records(con, FeedEntry, "first_seen_at = $at", {"at": at})
        with WarcFile(archive) as file:
            file.add_rows([to_line(row, at) for row in entries], at)
            file.name(f"{entries_stem(at)}000.warc.gz")


def entries_stem(at: dt.datetime) -> str:
    """Return the first part of the name of the file with the exported entries of a run."""
    return f"{at:%Y/%m/%Y%m%dT%H%M%SZ}{EXPORTED}"


def _tables() -> dict[str, dict[str, str]]:
    with duckdb.connect() as plain:
        plain.execute((MIGRATIONS / "schema.sql").read_text(encoding="utf-8"))
        rows = plain.execute(
            "select schema_name || '.' || table_name as name,"
            " map(list(column_name order by column_index), list(data_type order by column_index))"
            " from duckdb_columns() where not internal group by name, table_oid order by table_oid"
        ).fetchall()
    tables = dict(rows)
    for kind in TABLES:
        tables[kind.TABLE] = {  # type: ignore[attr-defined]
            field.name: SQL_TYPES[field.type.removesuffix(" | None")]
            for field in dataclasses.fields(kind)
        }
    return tables


def _update_table(con: Connection, table: str, columns: Mapping[str, str]) -> None:
    """Create a table, or the columns that it lacks; drop former columns of annotations."""
    listed = ", ".join(f"{name} {sql_type}" for name, sql_type in columns.items())
    con.execute(f"create table if not exists {table} ({listed})")
    stored = column_types(con, table)
    for name in [name for name in columns if name not in stored]:
        con.execute(f"alter table {table} add column {name} {columns[name]}")
    for name in stored.keys() - columns.keys() if table.startswith("annotations.") else ():
        con.execute(f"alter table {table} drop column {name}")


def schema_version(con: Connection) -> int:
    """Return the schema version of the lake in use: 0 for a new lake."""
    try:
        return count_rows(con, "select max(version) from lake.ops.schema_versions")
    except duckdb.CatalogException:
        # information_schema would read every table, which takes .25 s of CPU time
        return 0
