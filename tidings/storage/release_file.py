"""Write the DuckDB file of a release, which opens in DuckDB 1.2 and later without extensions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import duckdb

from tidings.base.functions import create_functions
from tidings.base.records import TABLES
from tidings.storage.lake import META, Connection, quoted, transaction
from tidings.storage.load import read_column

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from tidings.base.records import Release

SCHEMAS = ("core", "marts", "ref", "ops", "measures")
NOT_RELEASED = {"core.articles": ("signature",)}
FORMER_NAMES = {f"mention_share{end}": f"share{end}" for end in ("", "_low", "_high")}
STORAGE = "v1.2.0"  # opens in DuckDB 1.2 and later
KEYS = {kind.TABLE: kind.KEY for kind in TABLES}  # type: ignore[attr-defined]


def tables_of(con: Connection) -> list[str]:
    """Return the names of the lake's tables in a release, as ``schema.table``."""
    return list(_read_columns(con))


def changed_tables(con: Connection, since: int) -> set[str]:
    """Return the tables that were created, or whose rows changed, after a snapshot. Maintenance
    changes no row.
    """
    query = (
        f"select distinct schemas.schema_name || '.' || tables.table_name from"
        f" {META}.ducklake_table as tables"
        f" inner join {META}.ducklake_schema as schemas on tables.schema_id = schemas.schema_id"
        " where tables.end_snapshot is null and schemas.end_snapshot is null and"
        " (tables.begin_snapshot > $since or exists ("
        f" select 1 from {META}.ducklake_snapshot_changes as changes"
        " where changes.snapshot_id > $since and regexp_matches(changes.changes_made,"
        " '(inserted|deleted|inlined)[a-z_]*:' || tables.table_id || '(,|$)')))"
    )
    return set(read_column(con, query, {"since": since}))


def file_release(path: Path) -> str | None:
    """Return the ID of the release in a file, or None if the file is missing or unreadable."""
    if not path.exists():
        return None
    try:
        with duckdb.connect(path, read_only=True) as con:
            return newest_release_id(con)
    except duckdb.Error:
        return None


def is_intact(path: Path) -> bool:
    """Return whether DuckDB can read all rows of a release file, whose blocks have checksums."""
    tables = "select schema_name || '.' || table_name from duckdb_tables()"
    try:
        with duckdb.connect(path, read_only=True) as con:
            for table in read_column(con, tables):
                con.execute(f"select bit_xor(hash(rows)) from {table} as rows").fetchall()
    except duckdb.Error:
        return False
    return True


def newest_release_id(con: Connection) -> str | None:
    """Return the ID of the newest release, or None before the first."""
    query = "select release_id from ops.releases order by snapshot_id desc limit 1"
    return next(iter(read_column(con, query)), None)


def count_query(tables: Iterable[str]) -> str:
    """Return a query for (table, number of rows), in half the CPU time of several."""
    return " union all ".join(f"select '{table}', count(*) from {table}" for table in tables)


def write_file(con: Connection, target: Path, releases: Sequence[Release]) -> Path:
    """Write the lake's tables to a temporary DuckDB file beside the target, and return its flushed
    path. ``releases`` is its list of releases.
    """
    part = target.with_name(f".{target.name}.part")
    for stale in (part, part.with_name(part.name + ".wal")):
        stale.unlink(missing_ok=True)
    con.execute(f"attach {quoted(str(part))} as file (storage_version '{STORAGE}')")
    try:
        con.execute("use file")
        # One transaction halves the CPU time, because DuckLake reads its catalog again in each.
        with transaction(con):
            _write_tables(con, releases)
        con.execute("checkpoint file")
    finally:
        con.execute("use lake")
        con.execute("detach file")
    comments = read_comments(con)
    former: Comments = {
        (schema, table, FORMER_NAMES[column]): f"Former name of {column}, until version 0.4."
        for schema, table, column in comments
        if column in FORMER_NAMES
    }
    write_file_comments(part, comments | former, SCHEMAS)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    return part


def _write_tables(con: Connection, releases: Iterable[Release]) -> None:
    for schema in SCHEMAS:
        con.execute(f"create schema if not exists {schema}")
    for table, columns in _read_columns(con).items():
        _copy_table(con, table, columns)
    con.execute("delete from file.ops.releases")
    for release in releases:
        add_release(con, "file.ops.releases", release)
    create_functions(con, "file.main", "file.marts")


def _read_columns(con: Connection) -> dict[str, dict[str, str]]:
    """Return the released columns with their types, in order, by ``schema.table``."""
    rows = con.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()"
        " where database_name = 'lake' and list_contains($schemas, schema_name) and table_name"
        " != 'schema_versions'"
        " and (schema_name, table_name) not in (select (schema_name, view_name) from duckdb_views()"
        " where database_name = 'lake') order by 1, column_index",
        {"schemas": list(SCHEMAS)},
    ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    for table, name, kind in rows:
        if name not in NOT_RELEASED.get(table, ()):
            tables.setdefault(table, {})[name] = kind
    return tables


def _copy_table(con: Connection, table: str, columns: Mapping[str, str]) -> None:
    listed = ", ".join(
        f"{name} {kind}{' using compression zstd' if name == 'body_text' else ''}"
        for name, kind in columns.items()
    )
    former = "".join(
        f", {old} double as ({new})" for new, old in FORMER_NAMES.items() if new in columns
    )
    con.execute(f"create table file.{table} ({listed}{former})")
    # By day, so that queries for recent days read only the last row groups.
    order = ["published_on", "article_id"] if table == "core.articles" else list(columns)
    by_day = sorted(order, key=lambda name: name != "published_on")
    con.execute(
        f"insert into file.{table} select {', '.join(columns)} from lake.{table} order by"
        f" {', '.join(by_day)}"
    )
    schema, name = table.split(".")
    con.execute(f"create view main.{name} as select * from {table}")
    if schema == "measures":  # the name of earlier versions, until 0.4
        con.execute(f"create view marts.{name} as select * from {table}")


def add_release(con: Connection, table: str, release: Release) -> None:
    """Add a release to a copy of ``ops.releases``, before the lake has its row."""
    values = [getattr(release, name) for name in _read_columns(con)["ops.releases"]]
    con.execute(f"delete from {table} where release_id = ?", [release.release_id])
    con.execute(f"insert into {table} values ({', '.join('?' * len(values))})", values)


# schema, table or view, and column (empty for the table itself)
Name = tuple[str, str, str]
Comments = dict[Name, str | None]  # None: no comment
# duckdb_columns() also reads the statistics of every table, which takes ten times as long.
_IN_LAKE = f"""
    with tables as (
        select table_id, schema_name, table_name
        from {META}.ducklake_table as tables
        inner join {META}.ducklake_schema as schemas on tables.schema_id = schemas.schema_id
        where tables.end_snapshot is null and schemas.end_snapshot is null
    )

    select schema_name, table_name, '' as column_name, value
    from tables
    left join {META}.ducklake_tag as tags
        on tables.table_id = tags.object_id and tags.key = 'comment' and tags.end_snapshot is null
    union all
    select schema_name, table_name, column_name, value
    from tables
    inner join {META}.ducklake_column as columns
        on tables.table_id = columns.table_id and columns.end_snapshot is null and
            columns.parent_column is null
    left join {META}.ducklake_column_tag as tags
        on columns.table_id = tags.table_id and columns.column_id = tags.column_id and tags.key =
            'comment'
        and tags.end_snapshot is null
"""
_IN_FILE = """
    select schema_name, table_name, '', comment from duckdb_tables()
    union all
    select schema_name, view_name, '', comment from duckdb_views() where not internal
    union all
    select schema_name, table_name, column_name, comment from duckdb_columns() where not internal
"""


def read_comments(con: Connection) -> Comments:
    """Return the last committed comment of each table and column of the lake."""
    return _read(con, _IN_LAKE)


def write_comments(con: Connection, comments: Mapping[Name, str | None]) -> int:
    """Store the comments that differ from those of the lake, and return their number."""
    return _write(con, read_comments(con), comments, "lake.")


def write_file_comments(
    path: Path, comments: Mapping[Name, str | None], schemas: Collection[str]
) -> int:
    """Store the comments of these schemas in a DuckDB file, also for the views in ``main``, and
    return the number of changed ones.

    The file is opened alone: DuckDB lists the tables of all attached databases together.
    """
    released = {name: text for name, text in comments.items() if name[0] in schemas}
    views = {("main", table, column): text for (_, table, column), text in released.items()}
    with duckdb.connect(path) as con:
        return _write(con, _read(con, _IN_FILE), released | views, "")


def _read(con: Connection, query: str) -> Comments:
    return {
        (schema, table, column): text
        for schema, table, column, text in con.execute(query).fetchall()
    }


def _write(
    con: Connection,
    stored: Comments,
    wanted: Mapping[Name, str | None],
    catalog: str,
) -> int:
    statements = []
    for name, text in stored.items():
        new = wanted.get(name)
        if new and new != text:
            # in a release, the views in main are all that it has there
            kind = "column" if name[2] else "view" if name[0] == "main" else "table"
            target = ".".join(f'"{part}"' for part in name if part)
            statements.append(f"comment on {kind} {catalog}{target} is {quoted(new)}")
    if statements:
        con.execute(f"begin; {'; '.join(statements)}; commit")
    return len(statements)
