"""Releases and their file."""

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.storage.rows import NOW, feed, store
from tidings.storage.lake import Lake, WarehouseError, open_lake, transaction
from tidings.storage.release import (
    ensure_release_file,
    file_release,
    find_release,
    is_intact,
    last_release,
    open_release,
    release,
    search_path,
)


def make(con: Any, lake: Lake, now: Any = NOW) -> Any:
    return release(con, lake, now=now, lexicon="lex", code="0", run_id="run", passed=3, warned=0)


def rows_of(con: Any, query: str) -> Any:
    return con.execute(query).fetchall()


def add_baseline(con: Any, name: Any) -> None:
    with transaction(con):
        con.execute("insert into ref.baselines values (?, null, null, null)", [name])


def baselines(con: Any) -> Any:
    return [name for (name,) in rows_of(con, "select baseline_id from baselines order by 1")]


def test_a_release_is_a_file_that_plain_duckdb_reads(lake: Lake, con: Any) -> None:
    """The file has each table in its schema and as a view without, and needs no extension."""
    add_baseline(con, "b1")
    made, is_new = make(con, lake)
    assert is_new
    with duckdb.connect(lake.release_file, read_only=True) as reader:
        assert baselines(reader) == ["b1"]
        listed = rows_of(reader, "select release_id, snapshot_id from ops.releases")
        assert listed == [(made.release_id, made.snapshot_id)]
        assert "signature" not in [row[0] for row in rows_of(reader, "describe core.articles")]


def test_nothing_new_makes_no_release(lake: Lake, con: Any) -> None:
    """A run that changes nothing that readers see makes no new release."""
    add_baseline(con, "b1")
    first, _ = make(con, lake)
    store(con, feed("a"))
    again, is_new = make(con, lake, NOW + dt.timedelta(days=1))
    assert (again, is_new) == (first, False)
    assert last_release(con) == first


def test_an_earlier_release_reads_as_it_was(lake: Lake, con: Any) -> None:
    """An earlier release opens by ID or date and lists itself; the file has the newest one."""
    add_baseline(con, "b1")
    first, _ = make(con, lake)
    add_baseline(con, "b2")
    second, _ = make(con, lake, NOW + dt.timedelta(days=3))
    for wanted, newest in (
        (None, second), (first.release_id, first), ("2026-06-02", first),
        (second.release_id, second),
    ):  # fmt: skip
        with open_release(lake, wanted) as reader:
            assert baselines(reader) == (["b1"] if newest == first else ["b1", "b2"])
            listed = rows_of(reader, "select release_id from releases order by snapshot_id")
            assert listed[-1] == (newest.release_id,)


def test_an_unknown_release_is_one_sentence(lake: Lake, con: Any) -> None:
    """An unknown ID yields the last releases, a day before the first release the first one."""
    make(con, lake)
    for wanted, sentence in (
        ("x", "Unknown release 'x'. The last releases are 2026-06-01T220000Z"),
        ("2020-01-01", "the first release is from 2026-06-01"),
    ):
        with pytest.raises(WarehouseError, match=sentence):
            find_release(lake, wanted)


def test_a_lost_file_is_made_again_from_its_snapshot(lake: Lake, con: Any) -> None:
    """After a kill before the rename, ensure_release_file writes the file without later rows."""
    add_baseline(con, "b1")
    made, _ = make(con, lake)
    lake.release_file.unlink()
    add_baseline(con, "later")
    ensure_release_file(lake, made)
    written = lake.release_file.stat().st_ino
    ensure_release_file(lake, made)
    assert lake.release_file.stat().st_ino == written
    assert file_release(lake.release_file) == made.release_id
    with open_release(lake) as reader:
        assert baselines(reader) == ["b1"]


def test_two_releases_of_one_instant_have_two_ids(lake: Lake, con: Any) -> None:
    """Two releases with the same time have different IDs."""
    add_baseline(con, "b1")
    first, _ = make(con, lake)
    add_baseline(con, "b2")
    second, _ = make(con, lake)
    assert (first.release_id, second.release_id) == ("2026-06-01T220000Z", "2026-06-01T220000Z-2")


def test_an_open_reader_keeps_its_release(lake: Lake, con: Any) -> None:
    """Replacing the file does not affect readers of the old file."""
    add_baseline(con, "b1")
    make(con, lake)
    with duckdb.connect(lake.release_file, read_only=True) as reader:
        assert baselines(reader) == ["b1"]
        add_baseline(con, "b2")
        make(con, lake)
        assert baselines(reader) == ["b1"]


def test_no_warehouse_is_one_sentence(tmp_path: Path) -> None:
    """Without a release the error names the command to run."""
    with pytest.raises(WarehouseError, match="There is no release in"):
        open_release(Lake(tmp_path))
    with pytest.raises(WarehouseError, match="run `tidings demo` or `tidings nightly` first"):
        open_lake(Lake(tmp_path), read_only=True)


def overwrite(path: Any, at: float = 0.5, until: float = 0) -> None:
    """Overwrite bytes in the middle of a file, as a failing disk does."""
    data = bytearray(path.read_bytes())
    start = int(len(data) * at)
    end = int(len(data) * until) or start + 4096
    data[start:end] = bytes(byte ^ 0xFF for byte in data[start:end])
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("has_news", [True, False])
def test_a_damaged_file_is_written_again(lake: Lake, con: Any, has_news: Any) -> None:
    """The next run repairs a damaged file, with or without a new release."""
    add_baseline(con, "b1")
    store(con, *(feed(f"f{number}") for number in range(2000)))
    con.execute(
        "create table marts.many as select feed_id, hash(feed_id) as h from raw.feeds, range(50)"
    )
    first, _ = make(con, lake)
    assert is_intact(lake.release_file)
    overwrite(lake.release_file, 0.3, 0.9)
    assert not is_intact(lake.release_file)
    if has_news:
        add_baseline(con, "b2")
    made, is_new = make(con, lake, NOW + dt.timedelta(days=1))
    assert (is_new, made == first) == (has_news, not has_news)
    assert is_intact(lake.release_file)
    query = "select count(*), bit_xor(h) from marts.many"
    with duckdb.connect(lake.release_file, read_only=True) as reader:
        assert rows_of(reader, query) == rows_of(con, query)


def test_a_measure_keeps_its_earlier_name(lake: Lake, con: Any) -> None:
    """A table of ``measures`` is found in ``marts`` and without schema; its rows are changes."""
    con.execute("create table measures.odds as select 7 as value")
    made, _ = make(con, lake)
    con.execute("update measures.odds set value = 8")
    assert make(con, lake, NOW + dt.timedelta(days=1))[0] != made
    with open_release(lake) as reader:
        for name in ("odds", "marts.odds", "measures.odds"):
            assert reader.execute(f"from {name}").fetchall() == [(8,)]
        assert search_path(reader) == "marts,core,ops,ref,measures"
