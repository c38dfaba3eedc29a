"""Upgrading a lake in an earlier DuckLake format."""

import contextlib
import sqlite3
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.storage.rows import NOW
from tests.storage.test_release import add_baseline, make
from tidings.storage.lake import Lake, WarehouseError, open_lake
from tidings.storage.migrate import migrate
from tidings.storage.release import find_release
from tidings.storage.writer_lock import writer_lock

STORED = Path(__file__).parent / "lakes" / "ducklake-0.3.tar.gz"


@pytest.fixture
def old(tmp_path: Path) -> Any:
    """The stored lake in format 0.3, unpacked."""
    lake = Lake(tmp_path / "data")
    with tarfile.open(STORED) as packed:
        packed.extractall(lake.root, filter="data")
    tell_catalog(lake, "data_path", "moved/")  # and sets SQLite's mode WAL, as Tidings does
    return lake


def tell_catalog(lake: Lake, key: Any, value: Any) -> None:
    with contextlib.closing(sqlite3.connect(lake.catalog)) as con, con:
        con.execute("pragma journal_mode = wal")
        con.execute("update ducklake_metadata set value = ? where key = ?", [value, key])


def format_of(lake: Lake) -> Any:
    with contextlib.closing(sqlite3.connect(lake.catalog)) as con:
        query = "select value from ducklake_metadata where key = 'version' and scope is null"
        return con.execute(query).fetchone()[0]


def test_an_older_lake_is_upgraded_with_every_row_and_release(old: Any) -> None:
    """The first writer upgrades the lake with its rows and releases, and may release again."""
    with writer_lock(old), open_lake(old) as con:
        assert format_of(old) != "0.3"
        migrate(con)
        assert con.execute("select url, title from core.articles order by 1").fetchall() == [
            ("http://example.org/a2", "Title a2"),
            ("http://example.org/a3", "Title a3"),
            ("http://example.org/b1", "Corrected"),
            ("http://example.org/b2", "Title b2"),
            ("http://example.org/b3", "Title b3"),
        ]
        add_baseline(con, "later")
        made, _ = make(con, old, NOW)
        assert made.row_counts["core.articles"] == 5
    with open_lake(old, snapshot_id=find_release(old, "2026-01-01T000000Z").snapshot_id) as con:
        assert con.execute("select title from core.articles order by 1").fetchall() == [
            ("Title a1",),
            ("Title b1",),
        ]


def test_reading_an_older_lake_says_what_is_wrong_and_changes_nothing(old: Any) -> None:
    """A reader gets one sentence with both versions and does not change the catalog."""
    with pytest.raises(
        WarehouseError,
        match=r"cannot be opened: .*version mismatch: catalog"
        r" version is 0.3[^\n]*$",
    ):
        open_lake(old, read_only=True)
    assert format_of(old) == "0.3"


def test_a_lake_of_a_newer_format_is_refused_in_one_sentence(old: Any) -> None:
    """A lake of a newer version is not changed."""
    tell_catalog(old, "version", "7.0")
    with (
        writer_lock(old),
        pytest.raises(WarehouseError, match=r"Only DuckLake versions [^\n]* are supported$"),
    ):
        open_lake(old)
    assert format_of(old) == "7.0"
