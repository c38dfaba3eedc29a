"""The nightly run: run twice, polite requests, and the time of a run. tests/faults kills it."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import DEMO_SEEDS
from tests.flows.nights import collect, settings_for
from tidings.demo.serve import END
from tidings.storage.lake import Lake, open_lake

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
