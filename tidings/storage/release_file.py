"""Write the DuckDB file of a release: completely, or as a copy of the last file with the changes
applied.

The file opens in DuckDB 1.2 and later without extensions. A nightly run copies the last file and
applies the rows in the lake's change feed. Maintenance writes the file completely, which also frees
the space of deleted rows. Tables, views, columns and macros have comments that describe them.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import duckdb

from tidings.base.functions import create_functions
from tidings.base.records import TABLES
from tidings.storage.catalog import META
from tidings.storage.checksums import known_digests, size_and_digest
from tidings.storage.comments import read_comments, write_file_comments
from tidings.storage.lake import quoted, transaction
from tidings.storage.load import count_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tidings.base.records import Release

SCHEMAS = ("core", "marts", "ref", "ops")
NOT_RELEASED = {"core.articles": ("signature",)}
STORAGE = "v1.2.0"  # opens in DuckDB 1.2 and later
# a table without texts and with fewer rows is copied: this takes less time than reading its changes
FEW_ROWS = 10_000
MAX_CHANGED = 0.3  # share of a table's rows; from this share on the table is copied completely
KEYS = {kind.TABLE: kind.KEY for kind in TABLES}  # type: ignore[attr-defined]


def tables_of(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the names of the lake's tables in a release, as ``schema.table``."""
    return list(_read_columns(con, "lake"))


def changed_tables(con: duckdb.DuckDBPyConnection, since: int) -> set[str]:
    """Return the names of the tables that were created, or whose rows changed, after a snapshot, as
    ``schema.table``.

    Maintenance replaces files and changes no row, so the tables that it rewrites are not included.
    """
    rows = con.execute(
        f"select distinct schemas.schema_name || '.' || tables.table_name from"
        f" {META}.ducklake_table as tables"
        f" inner join {META}.ducklake_schema as schemas on tables.schema_id = schemas.schema_id"
        " where tables.end_snapshot is null and schemas.end_snapshot is null and"
        " (tables.begin_snapshot > $since or exists ("
        f" select 1 from {META}.ducklake_snapshot_changes as changes where changes.snapshot_id >"
        f" $since"
        " and regexp_matches(changes.changes_made, '(inserted|deleted|inlined)[a-z_]*:' ||"
        " tables.table_id || '(,|$)')))",
        {"since": since},
    ).fetchall()
    return {name for (name,) in rows}


def file_release(path: Path) -> str | None:
    """Return the ID of the release in a file, or None if the file is missing or unreadable."""
    if not path.exists():
        return None
    try:
        with duckdb.connect(path, read_only=True) as con:
            return newest_release_id(con)
    except duckdb.Error:
        return None


def newest_release_id(con: duckdb.DuckDBPyConnection) -> str | None:
    """Return the ID of the newest release, or None before the first."""
    query = "select release_id from ops.releases order by snapshot_id desc limit 1"
    return next((release_id for (release_id,) in con.execute(query).fetchall()), None)


def has_rows(path: Path, row_counts: Mapping[str, int]) -> bool:
    """Return whether a file can be opened and has these row counts; ``ops.releases`` is not
    compared: it has one more row.
    """
    try:
        with duckdb.connect(path, read_only=True) as con:
            counts = dict(con.execute(count_query(row_counts)).fetchall())
    except duckdb.Error:
        return False
    return all(
        counts[table] == count for table, count in row_counts.items() if table != "ops.releases"
    )


def count_query(tables: Iterable[str]) -> str:
    """Return a query for (table, number of rows): one query takes half the CPU time of one per
    table.
    """
    return " union all ".join(f"select '{table}', count(*) from {table}" for table in tables)


def write_file(
    con: duckdb.DuckDBPyConnection,
    target: Path,
    release: Release,
    before: Release | None = None,
    listed: Sequence[Release] = (),
) -> Path:
    """Write a release to a temporary DuckDB file beside the target, flush it to disk, and return
    its path.

    If the target is the undamaged file of the release ``before``, it is copied and only changes are
    applied. ``listed`` replaces the list of releases at the snapshot.
    """
    part = target.with_name(f".{target.name}.part")
    for stale in (part, part.with_name(part.name + ".wal")):
        stale.unlink(missing_ok=True)
    start = (
        before
        if before and file_release(target) == before.release_id and known_digests(target)
        else None
    )
    if start:
        shutil.copyfile(target, part)
        if size_and_digest(part)[1] not in known_digests(target):  # the file is damaged
            start = None
            part.unlink()
    con.execute(f"attach {quoted(str(part))} as file (storage_version '{STORAGE}')")
    try:
        con.execute("use file")
        # One transaction, because DuckLake reads its catalog again in each transaction: this halves
        # the CPU time.
        with transaction(con):
            _write_tables(con, release, start, listed)
        con.execute("checkpoint file")
    finally:
        con.execute("use lake")
        con.execute("detach file")
    write_file_comments(part, read_comments(con), SCHEMAS)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    return part


def _write_tables(
    con: duckdb.DuckDBPyConnection,
    release: Release,
    start: Release | None,
    listed: Sequence[Release],
) -> None:
    """Write the tables of a release to the attached file, which contains those of ``start``
    already.
    """
    for schema in SCHEMAS:
        con.execute(f"create schema if not exists {schema}")
    tables, known = _read_columns(con, "lake"), _read_columns(con, "file")
    since = start.snapshot_id if start else 0  # without a start, the file has no tables yet
    changed = changed_tables(con, since)
    releases = tables.pop("ops.releases")
    for table, columns in tables.items():
        if list(columns) != list(known.get(table, ())) or (
            table in changed and not _apply_changes(con, table, columns, since, release.snapshot_id)
        ):
            _copy_table(con, table, columns)
    _copy_table(con, "ops.releases", releases)
    if listed:
        con.execute("delete from file.ops.releases")
    for entry in (*listed, release):
        add_release(con, "file.ops.releases", entry)
    for schema in ("file.main", "file.marts"):
        create_functions(con, schema)


def _read_columns(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, dict[str, str]]:
    """Return the released columns of each table with their types, in order, by ``schema.table``."""
    rows = con.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()"
        " where database_name = $database and list_contains($schemas, schema_name) and table_name"
        " != 'schema_versions'"
        " and (schema_name, table_name) not in (select (schema_name, view_name) from duckdb_views()"
        " where database_name = $database) order by 1, column_index",
        {"database": database, "schemas": list(SCHEMAS)},
    ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    for table, name, kind in rows:
        if name not in NOT_RELEASED.get(table, ()):
            tables.setdefault(table, {})[name] = kind
    return tables


def _copy_table(con: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str]) -> None:
    listed = ", ".join(
        f"{name} {kind}{' using compression zstd' if name == 'body_text' else ''}"
        for name, kind in columns.items()
    )
    con.execute(f"create or replace table file.{table} ({listed})")
    # Order by day: queries for recent days, as in the report, then read only the last row groups.
    order = ["published_on", "article_id"] if table == "core.articles" else list(columns)
    by_day = sorted(order, key=lambda name: name != "published_on")
    con.execute(
        f"insert into file.{table} select {', '.join(columns)} from lake.{table} order by"
        f" {', '.join(by_day)}"
    )
    con.execute(f"create or replace view main.{table.split('.')[1]} as select * from {table}")


def _apply_changes(
    con: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, str],
    since: int,
    until: int,
) -> bool:
    """Apply the rows that changed between the snapshots of two releases, and return False if
    copying the whole table takes less time.
    """
    schema, name = table.split(".")
    total = count_rows(con, f"select count(*) from file.{table}")
    if total < FEW_ROWS and schema != "core":
        return False
    listed = ", ".join(columns)
    con.execute(  # a row that was inserted and deleted in between cancels out
        f"create or replace temp table changed as select {listed},"
        " sum(if(change_type in ('insert', 'update_postimage'), 1, -1)) as net from"
        f" ducklake_table_changes('lake', '{schema}', '{name}', {since + 1},"
        f" {until})"
        f" group by {listed} having net != 0"
    )
    (deleted_count, new_count) = con.execute(
        "select count(*) filter (net < 0), count(*) filter (net > 0) from changed"
    ).fetchone() or (0, 0)
    if deleted_count + new_count > MAX_CHANGED * total:
        return False
    if deleted_count:
        names = KEYS.get(table) or tuple(columns)
        same = " and ".join(f"held.{part} is not distinct from changed.{part}" for part in names)
        con.execute(
            f"delete from file.{table} as held using temp.changed as changed where"
            f" changed.net < 0 and {same}"
        )
    if new_count:
        con.execute(f"insert into file.{table} select {listed} from temp.changed where net > 0")
    return True


def add_release(con: duckdb.DuckDBPyConnection, table: str, release: Release) -> None:
    """Add a release to a copy of ``ops.releases``; the lake gets its row only when the file is
    complete.
    """
    columns = _read_columns(con, "lake")["ops.releases"]
    con.execute(f"delete from {table} where release_id = ?", [release.release_id])
    values = ", ".join("?" for _ in columns)
    con.execute(
        f"insert into {table} values ({values})", [getattr(release, name) for name in columns]
    )
