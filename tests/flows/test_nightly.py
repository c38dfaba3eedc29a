"""The nightly run: run twice, and with a failed audit. tests/faults kills it."""

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.fixtures import DEMO_SEEDS
from tests.flows.nights import collect, settings_for
from tests.storage.conftest import copy_lake
from tidings.demo.serve import END
from tidings.stages.annotate import annotate
from tidings.stages.audit import AuditError, audit
from tidings.stages.build import model
from tidings.stages.group import group
from tidings.stages.release import release
from tidings.stages.run import start_run
from tidings.storage.lake import Lake, open_lake
from tidings.storage.release import last_release
from tidings.storage.release_file import file_release
from tidings.storage.writer_lock import writer_lock

JULY = "2026-07-15T20:00:00+00:00"
FEW = ("sample_ministry_list", "sample_bulletin_de", "sample_agency_zh")


def feed_list(newsroom: Any, folder: Any, names: Any = FEW) -> Any:
    lines = newsroom.feeds_csv().splitlines()
    path = folder / "feeds.csv"
    path.write_text(
        "\n".join([lines[0], *(line for line in lines[1:] if line.split(",")[0] in names)]) + "\n",
        encoding="utf-8",
    )
    return path


def hosts_of(newsroom: Any) -> Any:
    return [url.removeprefix("http://") for url in newsroom.base_urls.values()]


@pytest.mark.slow
def test_a_second_run_requests_no_page_again(newsroom: Any, tmp_path: Path) -> None:
    """On the next evening unchanged feeds return 304, no page is requested again, and rows are only
    added.
    """
    settings = settings_for(
        tmp_path / "data", feed_list(newsroom, tmp_path), hosts_of(newsroom), DEMO_SEEDS
    )
    newsroom.set_now(JULY)
    collect(settings, JULY)
    newsroom.clear_log()
    collect(settings, "2026-07-16T20:00:00+00:00")
    assert [
        request["status"]
        for request in newsroom.log()
        if request["path"].endswith((".xml", "list.html"))
    ] == [304, 304, 304]
    assert [
        request["path"]
        for request in newsroom.log()
        if request["status"] == 200 and request["path"] != "/robots.txt"
    ] == []
    newsroom.set_now("2026-07-17T20:00:00+00:00")
    newsroom.clear_log()
    collect(settings, "2026-07-17T20:00:00+00:00")
    with open_lake(Lake(tmp_path / "data"), read_only=True) as con:
        pages = con.execute(
            "select url, count(*) from raw.captures where kind = 'page' group by url having"
            " count(*) > 1"
        ).fetchall()
    assert pages == []


@pytest.fixture
def after_night(sample_night: Any, tmp_path: Path) -> Any:
    """Return a run in a copy of the sample night, on the next evening, and the night's release."""
    lake = copy_lake(sample_night.lake, tmp_path / "data")
    settings = dataclasses.replace(
        sample_night.settings, warehouse=lake.root, address=str(lake.root)
    )
    run = start_run(settings, now=END + dt.timedelta(days=1), run_id="test", log=lambda _text: None)
    return run, sample_night.release


@pytest.mark.slow
def test_a_failed_audit_releases_nothing(after_night: Any) -> None:
    """If a dbt test fails, readers keep the last release, and the error contains the test and its
    rows.
    """
    run, before = after_night
    with open_lake(run.lake) as con:
        con.execute("insert into core.articles select * from core.articles limit 1")
    with writer_lock(run.lake):
        annotate(run)
        group(run)
        model(run)
        with pytest.raises(AuditError, match=r"nothing was released.*unique"):
            release(run, audit(run))
    with open_lake(run.lake, read_only=True) as con:
        assert last_release(con) == before
    assert file_release(run.lake.release_file) == before.release_id
    with duckdb.connect(run.lake.release_file, read_only=True) as con:
        assert con.execute("select count(*) from articles").fetchone() == (
            before.row_counts["core.articles"],
        )


def test_requests_are_polite(sample_night: Any) -> None:
    """Every request names the project, and the first request to each host is for its robots
    file.
    """
    assert all("Tidings/" in request["agent"] for request in sample_night.log)
    first: dict[str, str] = {}
    for request in sample_night.log:
        first.setdefault(request["host"], request["path"])
    assert set(first.values()) == {"/robots.txt"}, json.dumps(first)


def test_all_times_are_the_run_time(sample_night: Any) -> None:
    """With a fixed run time, every time that a run writes is the run time."""
    with open_lake(sample_night.lake, read_only=True) as con:
        instants = con.execute(
            "select distinct fetched_at from raw.captures union select distinct first_seen_at from"
            " core.articles"
        ).fetchall()
    assert instants == [(END.astimezone(dt.UTC),)]
