"""Backup and restore: the same warehouse elsewhere, whole, and never over another."""

import contextlib
import multiprocessing
import sqlite3

import duckdb
import pytest

from tests.warehouse.rows import NOW, feed
from tests.warehouse.test_maintain_lake import archived, live
from tests.warehouse.test_release import add_baseline, make
from tidings.warehouse.archive import read_body
from tidings.warehouse.backup import MANIFEST, back_up, restore
from tidings.warehouse.lake import Lake, WarehouseError, open_lake, transaction
from tidings.warehouse.load import merge
from tidings.warehouse.migrate import migrate
from tidings.warehouse.release import open_release
from tidings.warehouse.writer_lock import writer_lock


@pytest.fixture
def lake(tmp_path):
    """A lake in a folder, with its schema in place."""
    made = Lake(tmp_path / "data")
    with writer_lock(made), open_lake(made) as con:
        migrate(con)
    return made


@pytest.fixture
def backed_up(lake, con, tmp_path):
    """A warehouse with releases and raw files, and its backup."""
    live(con, range(3))
    made, _ = make(con, lake)
    row = archived(lake, con, "http://example.org/a", NOW, "2026/06/a-000.warc.gz")
    con.close()
    (lake.root / "prefect").mkdir()
    with contextlib.closing(sqlite3.connect(lake.root / "prefect" / "prefect.db")) as prefect, prefect:
        prefect.execute("create table t as select 1 as x")
    told = back_up(lake, tmp_path / "copy", NOW)
    assert told.release_id == made.release_id
    return tmp_path / "copy", row, made


def everything(lake):
    with open_lake(lake, read_only=True) as con:
        tables = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'lake' order by 1"
        ).fetchall()
        return {table: sorted(map(repr, con.execute(f"from {table}").fetchall())) for (table,) in tables}


def test_a_restored_warehouse_has_every_row_release_and_raw_byte(lake, backed_up, tmp_path):
    """Rows, earlier releases, the release file and the archive are equal, in another folder, and it can be written to."""
    copy, row, made = backed_up
    other = Lake(tmp_path / "elsewhere" / "data")
    restore(copy, other)
    assert everything(other) == everything(lake)
    with open_release(other, made.release_id) as con, open_release(lake, made.release_id) as old:
        query = "select * from core.articles order by all"
        assert con.execute(query).fetchall() == old.execute(query).fetchall() != []
    with duckdb.connect(other.release_file, read_only=True) as con:
        assert con.execute("select release_id from ops.releases order by snapshot_id desc").fetchone() == (made.release_id,)
    assert read_body(other.raw, row.warc_file, row.warc_offset, row.warc_length) == b"http://example.org/a"
    with contextlib.closing(sqlite3.connect(other.root / "prefect" / "prefect.db")) as prefect:
        assert prefect.execute("select x from t").fetchall() == [(1,)]
    with open_lake(other) as con:
        add_baseline(con, "later")
    assert everything(other) != everything(lake)


def test_nothing_is_overwritten(lake, backed_up, tmp_path):
    """Neither a folder that holds something, nor a warehouse that is there, nor the warehouse itself is written over."""
    copy, _, _ = backed_up
    with pytest.raises(WarehouseError, match="not empty: nothing was overwritten"):
        back_up(lake, copy, NOW)
    with pytest.raises(WarehouseError, match="There is a warehouse in .* already"):
        restore(copy, lake)
    with pytest.raises(WarehouseError, match="within the warehouse"):
        back_up(lake, lake.root / "copy", NOW)
    half = tmp_path / "half"
    half.mkdir()
    with pytest.raises(WarehouseError, match="is no complete backup"):
        restore(half, Lake(tmp_path / "other"))


def test_a_damaged_backup_is_refused_whole(backed_up, tmp_path):
    """One changed byte is found before anything appears."""
    copy, _, _ = backed_up
    warc = next((copy / "archive").rglob("*.warc.gz"))
    warc.write_bytes(warc.read_bytes()[:-1] + b"x")
    other = Lake(tmp_path / "other")
    with pytest.raises(WarehouseError, match="is damaged"):
        restore(copy, other)
    assert not other.exists
    assert not (other.root / "archive").exists()
    (copy / MANIFEST).unlink()
    with pytest.raises(WarehouseError, match="is no complete backup"):
        restore(copy, other)


def write_on(root, told, over):
    """Write pairs of rows, both or neither, until told to end."""
    lake = Lake(root)
    number = 0
    while not over.is_set():
        with writer_lock(lake), open_lake(lake) as con, transaction(con):
            merge(con, [feed(f"f{number:05d}", topics=["left"]), feed(f"g{number:05d}", topics=["right"])])
        number += 1
        told.set()


def test_a_backup_taken_while_another_process_writes_is_of_one_moment(lake, tmp_path):
    """Beside a writer that commits pairs, the copy holds whole pairs, and opens."""
    context = multiprocessing.get_context("spawn")
    told, over = context.Event(), context.Event()
    writer = context.Process(target=write_on, args=(lake.root, told, over))
    writer.start()
    try:
        assert told.wait(120)
        back_up(lake, tmp_path / "copy", NOW)
    finally:
        over.set()
        writer.join(120)
    other = Lake(tmp_path / "other")
    restore(tmp_path / "copy", other)
    with open_lake(other, read_only=True) as con:
        left, right = con.execute(
            "select count(*) filter (topics = ['left']), count(*) filter (topics = ['right']) from raw.feeds"
        ).fetchone()
    assert left == right > 0
