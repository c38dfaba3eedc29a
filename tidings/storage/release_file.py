"""Write the DuckDB file of a release, which opens in DuckDB 1.2 and later without extensions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import duckdb

from tidings.base.functions import create_functions
from tidings.base.records import TABLES
from tidings.storage.lake import LIVE_TABLES, META, Connection, quoted, transaction
from tidings.storage.load import count_rows, read_column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tidings.base.records import Release

SCHEMAS = ("core", "marts", "ref", "ops", "measures")
NOT_RELEASED = {"core.articles": ("signature",)}
FORMER_NAMES = {f"mention_share{end}": f"share{end}" for end in ("", "_low", "_high")}
STORAGE = "v1.2.0"  # opens in DuckDB 1.2 and later
KEYS = {kind.TABLE: kind.KEY for kind in TABLES}  # type: ignore[attr-defined]


def changed_tables(con: Connection, since: int) -> set[str]:
    """Return the tables that were created, or whose rows changed, after a snapshot. Maintenance
    changes no row.
    """
    query = f"""
        select schema_name || '.' || table_name from {LIVE_TABLES} as tables
        where begin_snapshot > $since or exists (
            from {META}.ducklake_snapshot_changes as changes
            where snapshot_id > $since and regexp_matches(
                changes_made, '(inserted|deleted|inlined)[a-z_]*:' || table_id || '(,|$)'
            )
        )
    """
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


def write_file(con: Connection, target: Path, releases: Sequence[Release]) -> Path:
    """Write the lake's tables to a temporary DuckDB file beside the target, and return its flushed
    path. ``releases`` is its list of releases; one without ``row_counts`` receives those of the
    tables.
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
    with part.open("rb") as file:
        os.fsync(file.fileno())
    return part


def _write_tables(con: Connection, releases: Sequence[Release]) -> None:
    for schema in SCHEMAS:
        con.execute(f"create schema if not exists {schema}")
    tables, comments = _read_columns(con), read_comments(con)
    counts = {name: _copy_table(con, name, tables[name], comments) for name in tables}
    con.execute("delete from file.ops.releases")
    for release in releases:
        if not release.row_counts:
            release.row_counts.update(counts)
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


def _copy_table(con: Connection, table: str, columns: Mapping[str, str], comments: Comments) -> int:
    """Create and fill a table and its views, with their comments, and return its number of rows."""
    listed = ", ".join(
        f"{name} {kind}{' using compression zstd' if name == 'body_text' else ''}"
        for name, kind in columns.items()
    )
    former = {old: new for new, old in FORMER_NAMES.items() if new in columns}
    added = "".join(f", {old} double as ({new})" for old, new in former.items())
    schema, name = table.split(".")
    con.execute(f"create table file.{table} ({listed}{added})")
    con.execute(f"create view main.{name} as select * from {table}")
    if schema == "measures":  # the name of earlier versions, until 0.4
        con.execute(f"create view marts.{name} as select * from {table}")
    texts = {column: comments.get((schema, name, column)) for column in ("", *columns)}
    texts |= {old: f"Former name of {new}, until version 0.4." for old, new in former.items()}
    con.execute(_statements(f"file.{table}", texts, "table"))
    con.execute(_statements(f"main.{name}", texts, "view"))
    # By day, so that queries for recent days read only the last row groups.
    order = ["published_on", "article_id"] if table == "core.articles" else list(columns)
    by_day = ", ".join(sorted(order, key=lambda column: column != "published_on"))
    rows = f"select {', '.join(columns)} from lake.{table} order by {by_day}"
    return count_rows(con, f"insert into file.{table} {rows}")


def add_release(con: Connection, table: str, release: Release) -> None:
    """Add a release to a copy of ``ops.releases``, before the lake has its row."""
    columns = read_column(con, f"select column_name from (describe {table})")
    values = [getattr(release, name) for name in columns]
    con.execute(f"delete from {table} where release_id = ?", [release.release_id])
    con.execute(f"insert into {table} values ({', '.join('?' * len(values))})", values)


# schema, table or view, and column (empty for the table itself)
Name = tuple[str, str, str]
Comments = dict[Name, str | None]  # None: no comment
_IN_LAKE = f"""
    with tables as (from {LIVE_TABLES})

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


def read_comments(con: Connection) -> Comments:
    """Return the last committed comment of each table and column of the lake."""
    rows = con.execute(_IN_LAKE).fetchall()
    return {(schema, table, column): text for schema, table, column, text in rows}


def write_comments(con: Connection, comments: Mapping[Name, str | None]) -> int:
    """Store the comments that differ from those of the lake, and return their number."""
    statements = [
        _statements(f"lake.{schema}.{table}", {column: new}, "table")
        for (schema, table, column), text in read_comments(con).items()
        if (new := comments.get((schema, table, column))) and new != text
    ]
    if statements:
        con.execute(f"begin; {''.join(statements)} commit")
    return len(statements)


def _statements(table: str, texts: Mapping[str, str | None], kind: str) -> str:
    """Return the statements that describe a table or view (the name '') and its columns."""
    return "".join(
        f'comment on column {table}."{name}" is {quoted(text)};'
        if name
        else f"comment on {kind} {table} is {quoted(text)};"
        for name, text in texts.items()
        if text
    )
