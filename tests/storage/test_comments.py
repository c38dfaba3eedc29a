"""The release file describes its tables, views, columns and macros, and DuckDB 1.2 can open it."""

import struct
from pathlib import Path
from typing import Any

import duckdb

from tests.storage.rows import NOW
from tidings.storage.lake import Lake, transaction
from tidings.storage.release import read_comments, release, write_comments

COMMENTS = {
    ("ref", "baselines", ""): "Named periods.",
    ("ref", "baselines", "baseline_id"): "The baseline's ID: it isn't null.",
    ("core", "articles", "title"): "The title.",
    ("core", "articles", "no_such_column"): "Nothing.",
}
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


def test_the_file_has_the_lakes_comments(lake: Lake, con: Any) -> None:
    """Tables, columns and the views in main have the lake's descriptions; a changed one arrives
    with the next release.
    """
    assert write_comments(con, COMMENTS) == 3
    stored = _release(con, lake, "b1")
    assert stored["ref.baselines"] == stored["main.baselines"] == "Named periods."
    assert (
        stored["ref.baselines.baseline_id"]
        == stored["main.baselines.baseline_id"]
        == ("The baseline's ID: it isn't null.")
    )
    assert stored["core.articles.title"] == stored["main.articles.title"] == "The title."
    assert len(stored) == 6
    assert write_comments(con, COMMENTS) == 0
    assert write_comments(con, {("core", "articles", "title"): "The newer title."}) == 1
    assert read_comments(con)["core", "articles", "title"] == "The newer title."
    newer = _release(con, lake, "b2")
    assert newer["core.articles.title"] == newer["main.articles.title"] == "The newer title."
    assert newer.keys() == stored.keys()


def test_old_versions_read_the_storage(lake: Lake, con: Any) -> None:
    """The file has the storage version of DuckDB 1.2, also after comments were written to it."""
    write_comments(con, COMMENTS)
    _release(con, lake, "b1")
    with lake.release_file.open("rb") as file:
        file.seek(HEADER)
        assert struct.unpack("<Q", file.read(8)) == (STORAGE_1_2,)
