"""The nightly run: run twice, and with a failed audit. tests/faults kills it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.fixtures import DEMO_SEEDS
from tests.flows.nights import collect, contents, night, settings_for
from tests.storage.conftest import copy_lake
from tidings.demo.serve import END
from tidings.stages.audit import AuditError
from tidings.storage.lake import Lake, open_lake
from tidings.storage.release import last_release
from tidings.storage.release_file import file_release

TIDINGS = Path(sys.executable).with_name("tidings")
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
def test_the_command_runs_the_flow_and_prints_a_summary(newsroom: Any, tmp_path: Path) -> None:
    """`tidings nightly` needs no server and no home folder, prints a summary, and changes nothing
    the second time.
    """
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "nowhere"),
        "TIDINGS_WAREHOUSE": str(tmp_path / "data"),
        "TIDINGS_ALLOW_HOSTS": ",".join(hosts_of(newsroom)),
        "TIDINGS_HOST_GAP": "0",
    }
    newsroom.set_now(END)
    command = [
        TIDINGS,
        "nightly",
        "--feeds",
        feed_list(newsroom, tmp_path),
        "--now",
        END.isoformat(),
    ]
    first = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert first.returncode == 0, first.stderr[-3000:]
    assert "Kanalblatt" in first.stdout
    assert "Traceback" not in first.stderr
    before = contents(Lake(tmp_path / "data"))
    again = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr[-3000:]
    assert "remains the last release" in again.stderr
    assert contents(Lake(tmp_path / "data")) == before


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


@pytest.fixture(scope="module")
def july(newsroom: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the settings and the release of a nightly run on 15 July. Tests change copies of its
    warehouse.
    """
    folder = tmp_path_factory.mktemp("july")
    settings = settings_for(
        folder / "data", feed_list(newsroom, folder), hosts_of(newsroom), DEMO_SEEDS
    )
    newsroom.set_now(JULY)
    return settings, night(settings, JULY)


@pytest.fixture
def after_july(july: Any, tmp_path: Path) -> Any:
    """Return the settings of a copy of the nightly run on 15 July, and its release."""
    settings, release = july
    copy = copy_lake(Lake(settings.warehouse), tmp_path / "data")
    return dataclasses.replace(settings, warehouse=copy.root, address=str(copy.root)), release


def test_a_failed_audit_releases_nothing(after_july: Any, newsroom: Any) -> None:
    """If a dbt test fails, readers keep the last release, and the error contains the test and its
    rows.
    """
    settings, before = after_july
    lake = Lake(settings.warehouse)
    with open_lake(lake) as con:
        con.execute("insert into core.articles select * from core.articles limit 1")
    newsroom.set_now("2026-07-16T20:00:00+00:00")
    with pytest.raises(AuditError, match=r"nothing was released.*unique"):
        night(settings, "2026-07-16T20:00:00+00:00")
    with open_lake(lake, read_only=True) as con:
        assert last_release(con) == before
    assert file_release(lake.release_file) == before.release_id
    with duckdb.connect(lake.release_file, read_only=True) as con:
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
