"""Comments of tables, views and columns in the lake and the release file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from tidings.storage.catalog import META
from tidings.storage.lake import Connection, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

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
