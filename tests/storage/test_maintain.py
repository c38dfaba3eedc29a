"""Maintenance of the lake."""

import datetime as dt
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from tests.storage.rows import NOW, article, body_of, capture, extraction, store
from tests.storage.test_release import add_baseline, make
from tidings.base.records import Capture, Release
from tidings.storage import maintain as steps
from tidings.storage.archive import WarcFile
from tidings.storage.lake import LIVE_TABLES, Lake, WarehouseError, open_lake, transaction
from tidings.storage.load import count_rows, merge, read_column, read_records
from tidings.storage.maintain import (
    Retention,
    check_disk,
    delete_old_captures,
    delete_old_runs,
    delete_stray_files,
    kept_releases,
    maintain_lake,
    vacuum,
)
from tidings.storage.release import (
    SCHEMAS,
    find_release,
    has_changes,
    last_release,
    newest_snapshot,
    open_release,
)
from tidings.storage.writer_lock import writer_lock


def at(day: Any) -> Any:
    return NOW + dt.timedelta(days=day)


def kept(*, nights: int) -> Retention:
    """Return the rule to keep releases of so many nights, and to delete other files at once."""
    return Retention(nights=nights, grace=dt.timedelta(0))


def name_release(con: Any, now: Any) -> None:
    """Add a release of the newest snapshot without its file, which takes most of the time."""
    names = read_column(con, f"select schema_name || '.' || table_name from {LIVE_TABLES}")
    shown = [name for name in names if name.partition(".")[0] in SCHEMAS]
    counts = {name: count_rows(con, f"select count(*) from {name}") for name in shown}
    release_id, snapshot = f"{now:%Y-%m-%dT%H%M%SZ}", newest_snapshot(con)
    store(con, Release(release_id, now, snapshot, "lex", "0", "run", counts, 3, 0))


def live(con: Any, days: Any) -> None:
    """Add an article each day, correct and delete older articles, and release each night."""
    for day in days:
        add_baseline(con, f"b{day:03d}")
        gone = [f"http://example.org/{day - 3}"]
        with transaction(con):
            merge(con, [article(f"http://example.org/{day}", body_text=f"Text of {day}. " * 20)])
            merge(con, [article("http://example.org/often", body_text=f"Corrected on day {day}.")])
            con.execute("delete from core.articles where url = ?", gone)
        name_release(con, at(day))


def rows_of(lake: Lake, release_id: str) -> Any:
    with open_release(lake, release_id) as con:
        return {
            table: sorted(map(repr, con.execute(f"from {table}").fetchall()))
            for table in ("core.articles", "ref.baselines")
        }


def rows_of_releases(lake: Lake) -> Any:
    """Return the rows of each release."""
    return {one.release_id: rows_of(lake, one.release_id) for one in all_releases(lake)}


def test_nightly_releases_stay_for_a_while_and_month_ends_for_ever() -> None:
    """The releases of the last 35 days, the last of each month and the newest are kept."""
    releases = [
        Release(f"r{day:03d}", at(day), day, "lex", "0", "run", {}, 0, 0)
        for day in range(0, 200, 2)
    ]  # from 1 June, every other night
    left = {one.release_id for one in kept_releases(releases, at(200), 35)}
    assert {"r166", "r198"} <= left  # 34 days and 2 days old
    assert "r164" not in left  # 36 days old
    assert {"r028", "r060", "r090"} <= left  # 29 June, 31 July, 30 August
    assert len(left) == 17 + 5  # 166 … 198, and the earlier month-ends
    assert [one.release_id for one in kept_releases(releases[:1], at(900), 35)] == ["r000"]


@pytest.mark.slow
def test_every_kept_release_reads_as_before(lake: Lake, con: Any) -> None:
    """Dropped releases lose their snapshots and files; kept releases have all their rows."""
    live(con, range(7))
    con.close()
    before = rows_of_releases(lake)
    with writer_lock(lake):
        done = {one.step: one for one in maintain_lake(lake, at(7), kept(nights=3))}
    after = rows_of_releases(lake)
    assert len(after) == 3
    assert done["releases"].count == 4
    assert done["snapshots"].count > 8
    assert done["files"].count > 8
    assert after.items() <= before.items()
    with pytest.raises(WarehouseError, match="Unknown release"):
        find_release(lake, next(iter(before)))


def all_releases(lake: Lake) -> Any:
    with open_lake(lake, read_only=True) as con:
        return read_records(con, Release)


@pytest.mark.slow
def test_maintenance_is_no_change_and_the_next_night_continues(lake: Lake, con: Any) -> None:
    """Maintenance counts as no change, and the next release's file equals the lake."""
    live(con, range(3))
    name_release(con, at(3))
    con.close()
    with writer_lock(lake):
        maintain_lake(lake, at(4), kept(nights=2))
    query = "select article_id, body_text from core.articles order by all"
    with open_lake(lake) as again:
        newest = last_release(again)
        assert newest is not None
        assert not has_changes(again, newest)
        live(again, [4])
        make(again, lake, at(4))
        releases = [(one.release_id,) for one in read_records(again, Release)]
        left = again.execute(query).fetchall()
    with duckdb.connect(lake.release_file, read_only=True) as reader:
        assert reader.execute(query).fetchall() == left
        assert reader.execute("select release_id from releases order by 1").fetchall() == releases


@pytest.mark.slow
def test_a_release_that_would_change_undoes_the_maintenance(
    lake: Lake, con: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a kept release lacks rows, the catalog is restored and no file is deleted."""
    if lake.is_shared:
        pytest.skip("a shared catalog is not put back; its files stay")
    live(con, range(4))
    con.close()
    before = rows_of_releases(lake)

    def lose_rows(con: Any) -> Any:
        meta = "__ducklake_metadata_lake.ducklake"
        con.execute(
            f"delete from {meta}_data_file where end_snapshot is null and table_id ="
            f" (select table_id from {meta}_table inner join {meta}_schema using (schema_id)"
            " where schema_name = 'core' and table_name = 'articles')"
        )
        return steps.StepResult("merge", "broken")

    monkeypatch.setattr(steps, "merge_files", lose_rows)
    undone = "Maintenance was undone and deleted no files: release"
    with writer_lock(lake), pytest.raises(WarehouseError, match=undone):
        maintain_lake(lake, at(60), kept(nights=2))
    assert rows_of_releases(lake) == before


def archived(lake: Lake, con: Any, url: str, fetched_at: Any, name: str, **changes: Any) -> Any:
    """Store a page in an archive file of its own, of June 2026, and return its capture."""
    body, name = changes.pop("body", url.encode()), f"2026/06/{name}-000.warc.gz"
    with WarcFile(lake.raw) as file:
        place = file.add(url, fetched_at, b"HTTP/1.1 200 OK\r\n\r\n", body, "text/html")
        file.name(name)
    places = {"warc_file": name, "warc_offset": place.offset, "warc_length": place.length}
    row = capture(url, fetched_at=fetched_at, **places, **changes)
    store(con, row)
    return row


def test_old_raw_files_go_unless_something_needs_them(lake: Lake, con: Any) -> None:
    """Old files are deleted, except with a younger revisit or not cleaned; all articles remain."""
    site = "http://example.org"
    for name in ("old", "needed", "waiting"):
        made = archived(lake, con, f"{site}/{name}", at(0), name)
        if name != "waiting":
            store(con, extraction(made.capture_id, made.url))
    same = {"digest": f"sha1:{site}/needed", "is_revisit": True}
    archived(lake, con, f"{site}/again", at(90), "again", **same)
    con.close()
    with writer_lock(lake):
        assert delete_old_captures(lake, None).count == 0
        done = delete_old_captures(lake, at(30))
    assert done.count == 1
    left = [f"2026/06/{name}-000.warc.gz" for name in ("again", "needed", "waiting")]
    assert list(lake.raw.names()) == left
    with open_lake(lake, read_only=True) as again:
        rows = {row.url: row for row in read_records(again, Capture)}
    assert rows[f"{site}/old"].warc_file is None
    assert body_of(lake, rows[f"{site}/needed"]) == f"{site}/needed".encode()


def test_what_killed_runs_left_goes(lake: Lake, con: Any) -> None:
    """A WARC file without rows and an unfinished one of an ended process are deleted, no other."""
    archived(lake, con, "http://example.org/a", at(0), "a")
    con.close()
    with WarcFile(lake.raw) as file:
        file.name("2026/06/stray-000.warc.gz")
    part = lake.raw.staging / f".x.{2**22 + 1}.part"
    part.write_bytes(b"half")
    assert part.exists()
    assert delete_stray_files(lake).count == 2
    assert list(lake.raw.names()) == ["2026/06/a-000.warc.gz"]
    assert not part.exists()


def test_a_database_is_vacuumed_while_read_and_left_alone_while_written(tmp_path: Path) -> None:
    """A database is vacuumed while a reader is open, and skipped while a writer is busy."""
    path = tmp_path / "some.db"
    with sqlite3.connect(path) as con:
        con.execute("pragma journal_mode = wal")
        con.execute("create table t (x text)")
        con.executemany("insert into t values (?)", [("x" * 1000,)] * 2000)
        con.execute("delete from t")
    reader = sqlite3.connect(path)
    assert reader.execute("select count(*) from t").fetchall() == [(0,)]
    files = list(tmp_path.glob("some.db*"))
    before = sum(file.stat().st_size for file in files)
    assert vacuum(path).count == 1
    assert sum(file.stat().st_size for file in files) < before - 1_000_000
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("begin immediate")
    left = vacuum(path, patience=0.2)
    assert (left.count, "is skipped until the next maintenance" in left.text) == (0, True)
    for opened in (con, reader, writer):
        opened.close()


@pytest.mark.parametrize(("free", "is_low"), [(5, True), (50, False)])
def test_a_nearly_full_disk_is_reported(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, free: int, *, is_low: bool
) -> None:
    """Below a tenth of the disk the result has a remedy; above it only states the free space."""
    usage = SimpleNamespace(free=free * 10**9, total=100 * 10**9)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)
    found = check_disk(lake)
    assert (found.count, "nearly full" in found.text) == (int(is_low), is_low)


def test_no_prefect_database_is_no_failure(tmp_path: Path) -> None:
    """Without Prefect's database the step does nothing."""
    assert delete_old_runs(tmp_path / "prefect.db", NOW).count == 0
