"""The release file describes its tables, views, columns and macros, and DuckDB 1.2 can open it."""

import struct
from pathlib import Path
from typing import Any

import duckdb

from tests.storage.rows import NOW
from tidings.storage.lake import Lake, transaction
from tidings.storage.project import read_descriptions
from tidings.storage.release import release

HEADER = 12  # position of the storage version in a DuckDB file
STORAGE_1_2 = 65


def _release(con: Any, lake: Lake, row: str) -> dict[str, str]:
    """Make a release with one more baseline, and return the comments in its file."""
    with transaction(con):
        con.execute("insert into ref.baselines values (?, null, null, null)", [row])
    release(con, lake, now=NOW, lexicon="lex", code="0", run_id="run", passed=3, warned=0)
    return _stored(lake.release_file)


def _stored(path: Path) -> dict[str, str]:
    with duckdb.connect(path, read_only=True) as file:
        rows = file.execute(
            "select schema_name || '.' || table_name, comment from duckdb_tables() where comment"
            " is not null union all"
            " select schema_name || '.' || view_name, comment from duckdb_views() where comment is"
            " not null union all"
            " select concat_ws('.', schema_name, table_name, column_name), comment from"
            " duckdb_columns()"
            " where comment is not null"
        )
        return dict(rows.fetchall())


def test_the_file_has_the_projects_descriptions(lake: Lake, con: Any) -> None:
    """Tables, columns and the views in main have the descriptions of the project; a table that
    only an earlier version describes has none.
    """
    con.execute("create table ref.former (name varchar)")
    stored = _release(con, lake, "b1")
    described = read_descriptions()
    for table in ("ref.baselines", "core.articles"):
        view = table.replace(table.split(".")[0], "main")
        assert stored[table] == stored[view] == described[table][""]
        for column in ("description", "baseline_id") if view == "main.baselines" else ("title",):
            expected = described[table][column]
            assert stored[f"{table}.{column}"] == stored[f"{view}.{column}"] == expected
    assert any("'" in text for text in stored.values())
    assert not any("former" in name for name in stored)


def test_old_versions_read_the_storage(lake: Lake, con: Any) -> None:
    """The file has the storage version of DuckDB 1.2, also after comments were written to it."""
    _release(con, lake, "b1")
    with lake.release_file.open("rb") as file:
        file.seek(HEADER)
        assert struct.unpack("<Q", file.read(8)) == (STORAGE_1_2,)
