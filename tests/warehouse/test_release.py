"""Releases and their file."""

import datetime as dt
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import duckdb
import pytest

from tests.warehouse.rows import NOW, extraction, feed
from tidings.warehouse.checksums import is_intact
from tidings.warehouse.lake import WarehouseError, open_lake, transaction
from tidings.warehouse.load import merge
from tidings.warehouse.release import ensure_release_file, find_release, last_release, open_release, release
from tidings.warehouse.release_file import file_release, tables_of, write_file


def make(con, lake, now=NOW):
    return release(con, lake, now=now, lexicon="lex", code="0", run_id="run", passed=3, warned=0)


def add_baseline(con, name):
    with transaction(con):
        con.execute("insert into ref.baselines values (?, null, null, null)", [name])


def baselines(con):
    return [row[0] for row in con.execute("select baseline_id from baselines order by 1").fetchall()]


def test_a_release_is_a_file_that_plain_duckdb_reads(lake, con):
    """The file holds tables under their schemas, and each by its bare name, with no extension loaded."""
    add_baseline(con, "b1")
    made, is_new = make(con, lake)
    assert is_new
    with duckdb.connect(lake.release_file, read_only=True) as reader:
        assert baselines(reader) == ["b1"]
        assert reader.execute("select release_id, snapshot_id from ops.releases").fetchall() == [
            (made.release_id, made.snapshot_id)
        ]
        assert "signature" not in [row[0] for row in reader.execute("describe core.articles").fetchall()]


def test_nothing_new_makes_no_release(lake, con):
    """A run that changed nothing that readers see, polls included, leaves the last release."""
    add_baseline(con, "b1")
    first, _ = make(con, lake)
    with transaction(con):
        merge(con, [feed("a")])
    again, is_new = make(con, lake, NOW + dt.timedelta(days=1))
    assert (again, is_new) == (first, False)
    assert last_release(con) == first


def test_an_earlier_release_reads_as_it_was(lake, con):
    """By id or by date, the lake as it stood then, the release itself in its list; a reader of the file sees the newest."""
    add_baseline(con, "b1")
    first, _ = make(con, lake)
    add_baseline(con, "b2")
    second, _ = make(con, lake, NOW + dt.timedelta(days=3))
    for wanted, expected, newest in [
        (None, ["b1", "b2"], second),
        (first.release_id, ["b1"], first),
        ("2026-06-02", ["b1"], first),
        (second.release_id, ["b1", "b2"], second),
    ]:
        with open_release(lake, wanted) as reader:
            assert baselines(reader) == expected
            listed = reader.execute("select release_id from releases order by snapshot_id").fetchall()
            assert listed[-1] == (newest.release_id,)


def test_an_unknown_release_is_one_sentence(lake, con):
    """A wrong id names the last ones, and a day before the first names the first."""
    make(con, lake)
    with pytest.raises(WarehouseError, match="There is no release 'x'; the last ones are 2026-06-01T220000Z"):
        find_release(lake, "x")
    with pytest.raises(WarehouseError, match="the first is of 2026-06-01"):
        find_release(lake, "2020-01-01")


def test_a_day_asked_for_before_anything_was_released_is_one_sentence(lake, con):
    """A lake without a release says so, whether the last one, an id or a day is asked for."""
    with pytest.raises(WarehouseError, match="Nothing has been released"):
        find_release(lake, "2026-06-01")


def test_a_lost_file_is_made_again_from_its_snapshot(lake, con):
    """A run killed before the rename leaves the old file; publishing makes the release's own, without what came later."""
    add_baseline(con, "b1")
    made, _ = make(con, lake)
    lake.release_file.unlink()
    add_baseline(con, "later")
    assert ensure_release_file(lake, made)
    assert not ensure_release_file(lake, made)
    assert file_release(lake.release_file) == made.release_id
    with open_release(lake) as reader:
        assert baselines(reader) == ["b1"]


def test_two_releases_of_one_instant_have_two_ids(lake, con):
    """A clock that stands still does not make two releases one."""
    add_baseline(con, "b1")
    first, _ = make(con, lake)
    add_baseline(con, "b2")
    second, _ = make(con, lake)
    assert (first.release_id, second.release_id) == ("2026-06-01T220000Z", "2026-06-01T220000Z-2")


def test_an_open_reader_keeps_its_release(lake, con):
    """Swapping the file in disturbs nobody who has the old one open."""
    add_baseline(con, "b1")
    make(con, lake)
    with duckdb.connect(lake.release_file, read_only=True) as reader:
        assert baselines(reader) == ["b1"]
        add_baseline(con, "b2")
        make(con, lake)
        assert baselines(reader) == ["b1"]


def test_no_warehouse_is_one_sentence(tmp_path):
    """Asking before the first night tells what to do."""
    from tidings.warehouse.lake import Lake

    with pytest.raises(WarehouseError, match="Nothing has been released"):
        open_release(Lake(tmp_path))
    with pytest.raises(WarehouseError, match="run a night first"), open_lake(Lake(tmp_path), read_only=True):
        pass


def test_a_file_with_changes_applied_equals_one_written_whole(lake, con):
    """What a night changed, applied to the last file's copy, gives the same tables as writing all of them again."""
    with transaction(con):
        merge(con, [extraction(uuid5(NAMESPACE_URL, str(n)), f"http://example.org/{n}") for n in range(50)])
    add_baseline(con, "b1")
    make(con, lake)
    with transaction(con):
        merge(con, [extraction(uuid5(NAMESPACE_URL, str(n)), f"http://example.org/{n}", outcome="late") for n in range(3, 6)])
        con.execute("delete from core.extractions where url = 'http://example.org/7'")
    add_baseline(con, "b2")
    second, _ = make(con, lake, NOW + dt.timedelta(days=1))
    whole = write_file(con, lake.root / "whole.duckdb", second)
    with duckdb.connect(lake.release_file, read_only=True) as applied, duckdb.connect(whole, read_only=True) as written:
        for table in tables_of(con):
            rows = f"select * from {table} order by all"
            assert applied.execute(rows).fetchall() == written.execute(rows).fetchall(), table
        assert applied.execute("select count(*) from extractions where outcome = 'late'").fetchone() == (3,)


def overwrite(path, at=0.5):
    """Overwrite bytes in the middle of a file, as a failing disk does."""
    data = bytearray(path.read_bytes())
    start = int(len(data) * at)
    data[start : start + 4096] = bytes(byte ^ 0xFF for byte in data[start : start + 4096])
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("has_news", [True, False])
def test_a_damaged_file_is_written_whole_and_never_copied_on(lake, con, has_news):
    """The night after the damage, whether it releases or not, the file has the lake's rows, and its checksum is noted."""
    add_baseline(con, "b1")
    with transaction(con):
        merge(con, [feed(f"f{number}") for number in range(2000)])
        con.execute("create table marts.many as select feed_id, hash(feed_id) as h from raw.feeds, range(50)")
    first, _ = make(con, lake)
    assert is_intact(lake.release_file)
    overwrite(lake.release_file)
    assert not is_intact(lake.release_file)
    if has_news:
        add_baseline(con, "b2")
    made, is_new = make(con, lake, NOW + dt.timedelta(days=1))
    assert (is_new, made == first) == (has_news, not has_news)
    assert is_intact(lake.release_file)
    with duckdb.connect(lake.release_file, read_only=True) as reader:
        assert (
            reader.execute("select count(*), bit_xor(h) from marts.many").fetchone()
            == con.execute("select count(*), bit_xor(h) from lake.marts.many").fetchone()
        )


def test_a_file_is_known_by_its_checksum_whenever_a_run_is_killed(lake, con, monkeypatch):
    """Killed before or after the rename, the file that is in place is one whose checksum is noted."""
    add_baseline(con, "b1")
    make(con, lake)
    real, seen = Path.rename, []

    def rename(path, target):
        seen.append(is_intact(lake.release_file))
        found = real(path, target)
        seen.append(is_intact(lake.release_file))
        return found

    monkeypatch.setattr(Path, "rename", rename)
    add_baseline(con, "b2")
    make(con, lake, NOW + dt.timedelta(days=1))
    assert len(seen) >= 6
    assert all(seen)
