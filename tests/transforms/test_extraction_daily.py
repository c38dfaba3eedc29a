"""Status and the alerts of a nightly run name outlets whose pages are extracted badly."""

import datetime as dt
from typing import Any

import pytest

from tests.transforms.conftest import TinyLake, copies_of
from tidings.cli.doctor import check_extraction

TODAY = dt.date(2023, 9, 10)


def add_pages(
    lake: TinyLake, publisher: str, ago: range, confidence: float | None, doubt: str | None = None
) -> None:
    """Add an article on each of these days before TODAY."""
    for days in ago:
        key = f"{publisher}-{days}"
        day = str(TODAY - dt.timedelta(days))
        lake.add_article(
            key, publisher, day, key, key, extraction_confidence=confidence, extraction_doubt=doubt
        )


def add_doubts(lake: TinyLake) -> None:
    """Add outlets: daily fails since a week, gazette is good, and ruled has no estimates."""
    with lake.at_once():
        add_pages(lake, "daily", range(7), 0.2, "text_unconfirmed")
        add_pages(lake, "daily", range(7, 20), 0.97)
        add_pages(lake, "gazette", range(30), 0.96)
        add_pages(lake, "ruled", range(30), None)
    lake.build(select="+extraction_daily +outlet_daily +theme_daily")


doubtful_lake = copies_of(add_doubts)


def test_mart_counts_low_confidences_by_day(doubtful_lake: TinyLake) -> None:
    """A day has its estimated pages, the low ones, the expected wrong texts and the main doubt."""
    rows = doubtful_lake.rows(
        "select * exclude published_on from measures.extraction_daily where published_on ="
        " '2023-09-10' order by 1"
    )
    assert rows == [("daily", 1, 1, 0.8, "text_unconfirmed"), ("gazette", 1, 0, 0.04, None)]
    assert doubtful_lake.rows(
        "select count(*) from measures.extraction_daily where publisher_id = 'ruled'"
    ) == [(0,)]


@pytest.mark.slow
def test_changed_confidence_changes_the_days_counts(doubtful_lake: TinyLake) -> None:
    """A changed confidence is counted again; empty texts count, round-ups do not."""
    lake = doubtful_lake
    add_pages(lake, "daily", range(1), 0.99)
    for reason, doubt in (("no_text", "product_page"), ("round_up", "x")):
        more: Any = {
            "excluded_reason": reason,
            "extraction_doubt": doubt,
            "extraction_confidence": 0.1,
        }
        lake.add_article(reason, "gazette", "2023-09-10", **more)
    lake.build(select="+extraction_daily", reads_texts=False)
    rows = lake.rows(
        "select * exclude published_on from measures.extraction_daily where published_on"
        " = '2023-09-10' order by 1"
    )
    assert rows == [("daily", 1, 0, 0.01, None), ("gazette", 2, 1, 0.94, "product_page")]


def test_status_names_the_outlet_the_reason_and_the_command(doubtful_lake: TinyLake) -> None:
    """Only the outlet with low confidences is listed, with its worst page; no mart, no list."""
    (found,) = check_extraction(doubtful_lake.con)
    wrong = "30% of 20 pages are probably wrong, mostly text unconfirmed"
    assert found.state == f"Daily, last 28 days: {wrong}"
    assert "tidings extract --explain 'http://outlet.example/daily-0'" in found.action
    doubtful_lake.con.execute("drop table measures.extraction_daily")
    assert list(check_extraction(doubtful_lake.con)) == []
