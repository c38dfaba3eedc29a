"""Backup and restore."""

import contextlib
import multiprocessing
import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.storage.rows import NOW, feed
from tests.storage.test_maintain import archived, live
from tests.storage.test_release import add_baseline, make
from tidings.storage.archive import read_body
from tidings.storage.backup import back_up, restore
from tidings.storage.lake import MANIFEST, Lake, WarehouseError, open_lake, transaction
from tidings.storage.load import merge
from tidings.storage.release import open_release
from tidings.storage.writer_lock import writer_lock


@pytest.fixture
def backed_up(lake: Lake, con: Any, tmp_path: Path) -> Any:
    """A backup of a warehouse with releases and archive files."""
    live(con, range(3))
    release, _ = make(con, lake)
    row = archived(lake, con, "http://example.org/a", NOW, "a")
    con.close()
    (lake.root / "prefect").mkdir()
    with (
        contextlib.closing(sqlite3.connect(lake.root / "prefect" / "prefect.db")) as prefect,
        prefect,
    ):
        prefect.execute("create table t as select 1 as x")
    lake.release_file.with_name("tidings.words.duckdb").write_bytes(b"half-written")
    lake.root.joinpath("feeds.csv").write_text("feed_id,url\n")
    (lake.root / "demo").mkdir()
    (lake.root / "demo" / "tidings.duckdb").write_bytes(b"another warehouse")
    started = back_up(lake, tmp_path / "copy", NOW)
    assert started.release_id == release.release_id
    return tmp_path / "copy", row, release


def everything(lake: Lake) -> Any:
    with open_lake(lake, read_only=True) as con:
        tables = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name ="
            " 'lake' order by 1"
        ).fetchall()
        return {
            table: sorted(map(repr, con.execute(f"from {table}").fetchall())) for (table,) in tables
        }


@pytest.mark.slow
def test_a_restored_warehouse_has_every_row_release_and_raw_byte(
    lake: Lake, backed_up: Any, tmp_path: Path
) -> None:
    """The restored rows, releases, release file and archive are equal, and the warehouse is
    writable.

    The user's own lists are copied; the index and the demo are left out.
    """
    copy, row, release = backed_up
    assert (copy / "tidings.duckdb").exists()
    assert (copy / "feeds.csv").exists()
    assert not (copy / "tidings.words.duckdb").exists()
    assert not (copy / "demo").exists()
    other = Lake(tmp_path / "elsewhere" / "data")
    restore(copy, other)
    assert everything(other) == everything(lake)
    with (
        open_release(other, release.release_id) as con,
        open_release(lake, release.release_id) as old,
    ):
        query = "select * from core.articles order by all"
        assert con.execute(query).fetchall() == old.execute(query).fetchall() != []
    with duckdb.connect(other.release_file, read_only=True) as con:
        assert con.execute(
            "select release_id from ops.releases order by snapshot_id desc"
        ).fetchone() == (release.release_id,)
    assert (
        read_body(other.raw, row.warc_file, row.warc_offset, row.warc_length)
        == b"http://example.org/a"
    )
    with contextlib.closing(sqlite3.connect(other.root / "prefect" / "prefect.db")) as prefect:
        assert prefect.execute("select x from t").fetchall() == [(1,)]
    with open_lake(other) as con:
        add_baseline(con, "later")
    assert everything(other) != everything(lake)


def test_nothing_is_overwritten(lake: Lake, backed_up: Any, tmp_path: Path) -> None:
    """A folder with files, an existing warehouse and the warehouse itself are not overwritten."""
    copy, _, _ = backed_up
    with pytest.raises(WarehouseError, match="not empty: nothing was overwritten"):
        back_up(lake, copy, NOW)
    with pytest.raises(WarehouseError, match="already contains a warehouse"):
        restore(copy, lake)
    with pytest.raises(WarehouseError, match="inside the warehouse"):
        back_up(lake, lake.root / "copy", NOW)
    half = tmp_path / "half"
    half.mkdir()
    with pytest.raises(WarehouseError, match="is not a complete backup"):
        restore(half, Lake(tmp_path / "other"))


def test_a_damaged_backup_is_refused_whole(backed_up: Any, tmp_path: Path) -> None:
    """One changed byte is found before a file is written."""
    copy, _, _ = backed_up
    warc = next((copy / "archive").rglob("*.warc.gz"))
    warc.write_bytes(warc.read_bytes()[:-1] + b"x")
    other = Lake(tmp_path / "other")
    with pytest.raises(WarehouseError, match="is damaged"):
        restore(copy, other)
    assert not other.exists
    assert not (other.root / "archive").exists()
    (copy / MANIFEST).unlink()
    with pytest.raises(WarehouseError, match="is not a complete backup"):
        restore(copy, other)


def write_on(root: Path, started: Any, over: Any) -> None:
    """Write pairs of rows in transactions until ``over`` is set. Between them, the lock is free for
    longer than another process waits before it tries again.
    """
    lake = Lake(root)
    number = 0
    while not over.wait(0.3):
        with writer_lock(lake), open_lake(lake) as con, transaction(con):
            merge(
                con,
                [feed(f"f{number:05d}", topics=["left"]), feed(f"g{number:05d}", topics=["right"])],
            )
        number += 1
        started.set()


@pytest.mark.slow
def test_a_backup_taken_while_another_process_writes_is_of_one_moment(
    lake: Lake, tmp_path: Path
) -> None:
    """A backup during the commits of a writer is consistent: it contains only complete pairs."""
    context = multiprocessing.get_context("spawn")
    started, over = context.Event(), context.Event()
    writer = context.Process(target=write_on, args=(lake.root, started, over))
    writer.start()
    try:
        assert started.wait(120)
        back_up(lake, tmp_path / "copy", NOW)
    finally:
        over.set()
        writer.join(120)
    other = Lake(tmp_path / "other")
    restore(tmp_path / "copy", other)
    with open_lake(other, read_only=True) as con:
        query = (
            "select count(*) filter (topics = ['left']), count(*) filter (topics = ['right'])"
            " from raw.feeds"
        )
        ((left, right),) = con.execute(query).fetchall()
    assert left == right > 0
