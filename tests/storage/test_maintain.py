"""Maintenance of the lake."""

import datetime as dt
import sqlite3
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import duckdb
import pytest

from tests.storage.rows import NOW, capture, extraction, store
from tests.storage.test_release import add_baseline, make
from tidings.base.records import Article, Capture, Release
from tidings.storage import maintain as steps
from tidings.storage.archive import WarcFile, read_body
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

AT_ONCE = dt.timedelta(0)


def at(day: Any) -> Any:
    return NOW + dt.timedelta(days=day)


def article(url: str, **changes: Any) -> Any:
    values = dict.fromkeys(Article.__slots__)
    values |= {
        "article_id": uuid5(NAMESPACE_URL, url),
        "publisher_id": "example.org",
        "url": url,
        "title": "A title",
    }
    values |= {
        "authors": [],
        "agencies": [],
        "signature": [],
        "date_quality": "exact",
        "word_count": 9,
        "content_hash": "h",
    }
    values |= {
        "body_text": "",
        "first_seen_at": NOW,
        "extractor": "x",
        "is_truncated": False,
        "capture_id": uuid5(NAMESPACE_URL, "c"),
    }
    return Article(**{**values, **changes})


def name_release(con: Any, now: Any) -> None:
    """Add a release of the newest snapshot without its file, which takes most of the time."""
    store(
        con,
        Release(
            f"{now:%Y-%m-%dT%H%M%SZ}",
            now,
            newest_snapshot(con),
            "lex",
            "0",
            "run",
            {
                name: count_rows(con, f"select count(*) from {name}")
                for name in read_column(
                    con, f"select schema_name || '.' || table_name from {LIVE_TABLES}"
                )
                if name.startswith(tuple(f"{schema}." for schema in SCHEMAS))
            },
            3,
            0,
        ),
    )


def live(con: Any, days: Any) -> None:
    """Add an article each day, correct and delete older articles, and release each night."""
    for day in days:
        add_baseline(con, f"b{day:03d}")
        with transaction(con):
            merge(
                con, [article(f"http://example.org/{day}", body_text=f"Text of day {day}. " * 20)]
            )
            merge(con, [article("http://example.org/often", body_text=f"Corrected on day {day}.")])
            con.execute(
                "delete from core.articles where url = ?", [f"http://example.org/{day - 3}"]
            )
        name_release(con, at(day))


def rows_of(lake: Lake, release_id: str) -> Any:
    with open_release(lake, release_id) as con:
        return {
            table: sorted(map(repr, con.execute(f"from {table}").fetchall()))
            for table in ("core.articles", "ref.baselines")
        }


def test_nightly_releases_stay_for_a_while_and_month_ends_for_ever() -> None:
    """The releases of the last 35 days, the last of each month and the newest are kept."""
    releases = [
        Release(f"r{day:03d}", at(day), day, "lex", "0", "run", {}, 0, 0)
        for day in range(0, 200, 2)
    ]  # from 1 June, every other night
    kept = {one.release_id for one in kept_releases(releases, at(200), 35)}
    assert {"r166", "r198"} <= kept  # 34 days and 2 days old
    assert "r164" not in kept  # 36 days old
    assert {"r028", "r060", "r090"} <= kept  # 29 June, 31 July, 30 August
    assert len(kept) == 17 + 5  # 166 … 198, and the earlier month-ends
    assert [one.release_id for one in kept_releases(releases[:1], at(900), 35)] == ["r000"]


@pytest.mark.slow
def test_every_kept_release_reads_as_before(lake: Lake, con: Any) -> None:
    """Dropped releases lose their snapshots and files; kept releases have all their rows."""
    live(con, range(7))
    con.close()
    before = {one.release_id: rows_of(lake, one.release_id) for one in all_releases(lake)}
    with writer_lock(lake):
        done = {
            one.step: one for one in maintain_lake(lake, at(7), Retention(nights=3, grace=AT_ONCE))
        }
    kept = [one.release_id for one in all_releases(lake)]
    assert len(kept) == 3
    assert done["releases"].count == 4
    assert done["snapshots"].count > 8
    assert done["files"].count > 8
    for release_id in kept:
        assert rows_of(lake, release_id) == before[release_id]
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
        maintain_lake(lake, at(4), Retention(nights=2, grace=AT_ONCE))
    with open_lake(lake) as again:
        newest = last_release(again)
        assert newest is not None
        assert not has_changes(again, newest)
        live(again, [4])
        make(again, lake, at(4))
        releases = [(one.release_id,) for one in read_records(again, Release)]
        left = again.execute(
            "select article_id, body_text from core.articles order by all"
        ).fetchall()
    with duckdb.connect(lake.release_file, read_only=True) as reader:
        assert (
            reader.execute(
                "select article_id, body_text from core.articles order by all"
            ).fetchall()
            == left
        )
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
    before = {one.release_id: rows_of(lake, one.release_id) for one in all_releases(lake)}

    def lose_rows(con: Any) -> Any:
        meta = "__ducklake_metadata_lake.ducklake"
        con.execute(
            f"delete from {meta}_data_file where end_snapshot is null and table_id ="
            f" (select table_id from {meta}_table inner join {meta}_schema using (schema_id)"
            " where schema_name = 'core' and table_name = 'articles')"
        )
        return steps.StepResult("merge", "broken")

    monkeypatch.setattr(steps, "merge_files", lose_rows)
    with (
        writer_lock(lake),
        pytest.raises(WarehouseError, match="Maintenance was undone and deleted no files: release"),
    ):
        maintain_lake(lake, at(60), Retention(nights=2, grace=AT_ONCE))
    assert {one.release_id: rows_of(lake, one.release_id) for one in all_releases(lake)} == before


def archived(lake: Lake, con: Any, url: str, fetched_at: Any, name: Any, **changes: Any) -> Any:
    body = changes.pop("body", url.encode())
    with WarcFile(lake.raw) as file:
        place = file.add(url, fetched_at, b"HTTP/1.1 200 OK\r\n\r\n", body, "text/html")
        file.name(name)
    row = capture(
        url,
        fetched_at=fetched_at,
        warc_file=name,
        warc_offset=place.offset,
        warc_length=place.length,
        **changes,
    )
    store(con, row)
    return row


def test_old_raw_files_go_unless_something_needs_them(lake: Lake, con: Any) -> None:
    """Old files are deleted, except with a younger revisit or not cleaned; all articles remain."""
    for name in ("old", "needed", "waiting"):
        made = archived(
            lake, con, f"http://example.org/{name}", at(0), f"2026/06/{name}-000.warc.gz"
        )
        if name != "waiting":
            store(con, extraction(made.capture_id, made.url))
    archived(
        lake,
        con,
        "http://example.org/again",
        at(90),
        "2026/08/again-000.warc.gz",
        digest="sha1:http://example.org/needed",
        is_revisit=True,
    )
    con.close()
    with writer_lock(lake):
        assert delete_old_captures(lake, None).count == 0
        done = delete_old_captures(lake, at(30))
    assert done.count == 1
    assert list(lake.raw.names()) == [
        "2026/06/needed-000.warc.gz",
        "2026/06/waiting-000.warc.gz",
        "2026/08/again-000.warc.gz",
    ]
    with open_lake(lake, read_only=True) as again:
        rows = {row.url: row for row in read_records(again, Capture)}
    assert rows["http://example.org/old"].warc_file is None
    needed = rows["http://example.org/needed"]
    assert (
        read_body(lake.raw, needed.warc_file, needed.warc_offset, needed.warc_length)
        == b"http://example.org/needed"
    )


def test_what_killed_runs_left_goes(lake: Lake, con: Any) -> None:
    """A WARC file without rows and an unfinished one of an ended process are deleted, no other."""
    archived(lake, con, "http://example.org/a", at(0), "2026/06/a-000.warc.gz")
    con.close()
    with WarcFile(lake.raw) as file:
        file.name("2026/06/stray-000.warc.gz")
    part = lake.raw.staging / f".x.{2**22 + 1}.part"
    part.write_bytes(b"half")
    assert part.exists()
    assert delete_stray_files(lake).count == 2
    assert list(lake.raw.names()) == ["2026/06/a-000.warc.gz"]
    assert not part.exists()


def test_a_database_is_vacuumed_while_others_read_it_and_left_alone_while_they_write(
    tmp_path: Path,
) -> None:
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
    con.close()
    reader.close()
    writer.close()


def test_the_disk_is_told_of(lake: Lake, con: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below a tenth of the disk the result has a remedy; above it only states the free space."""
    monkeypatch.setattr(
        "shutil.disk_usage", lambda _path: type("U", (), {"free": 5 * 10**9, "total": 100 * 10**9})
    )
    low = check_disk(lake)
    assert (low.count, "nearly full" in low.text) == (1, True)
    monkeypatch.setattr(
        "shutil.disk_usage", lambda _path: type("U", (), {"free": 50 * 10**9, "total": 100 * 10**9})
    )
    assert check_disk(lake).count == 0


def test_no_prefect_database_is_no_failure(tmp_path: Path) -> None:
    """Without Prefect's database the step does nothing."""
    assert delete_old_runs(tmp_path / "prefect.db", NOW).count == 0
