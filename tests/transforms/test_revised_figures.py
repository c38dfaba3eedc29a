"""Figures of closed weeks and months that differ from those of the last release."""

import datetime as dt

import pytest

from tests.transforms.conftest import TinyLake, copies_of
from tidings.storage.release import newest_snapshot

ROWS = (
    "select period, start_on::varchar, theme_id, released_count, revised_count,"
    " released_total_count, revised_total_count, reasons from marts.revised_figures"
    " where theme_id in ('water', '*') order by all"
)
AS_OF = dt.datetime(2023, 9, 4, 1, tzinfo=dt.UTC)
WEEK = ("week", "2023-08-14")
MONTH = ("month", "2023-08-01")
SELECT = "revised_figures"


def add_release(lake: TinyLake) -> None:
    """Make a release in September, whose figures of August are closed."""
    lake.add_poll("f", "daily", "2023-09-03 23:30:00+00", "2023-07-31 12:00:00+00")
    lake.add_article("a", "daily", "2023-08-15", body="On the river basin.", capture_id=None)
    lake.add_article("b", "daily", "2023-08-16", body="On the harvest.")
    lake.build()
    lake.add_release("r1", released_at=str(AS_OF), snapshot_id=newest_snapshot(lake.con))
    assert lake.rows(ROWS) == []


released = copies_of(add_release, AS_OF)


@pytest.mark.slow
def test_a_late_article_revises_its_week_and_month(released: TinyLake) -> None:
    """The old and the new figures remain, with the reason, and building again changes nothing."""
    released.add_article("late", "daily", "2023-08-17", body="On the river basin.")
    released.build(select=SELECT)
    expected = [
        (*MONTH, "*", 2, 3, 2, 3, ["late"]),
        (*MONTH, "water", 1, 2, 2, 3, ["late"]),
        (*WEEK, "*", 2, 3, 2, 3, ["late"]),
        (*WEEK, "water", 1, 2, 2, 3, ["late"]),
    ]
    assert released.rows(ROWS) == expected
    before = released.snapshot()
    released.build(select=SELECT)
    assert released.snapshot() == before


@pytest.mark.slow
def test_a_corrected_text_revises_only_its_theme(released: TinyLake) -> None:
    """Totals remain, so only the theme has rows; without the correction there are none."""
    released.add_article("b", "daily", "2023-08-16", body="On a river basin.", capture_id=None)
    released.build(select=SELECT)
    assert [row[2:] for row in released.rows(ROWS)] == [
        ("water", 1, 2, 2, 2, ["reprocessed"]),
    ] * 2
    released.add_article("b", "daily", "2023-08-16", body="On the harvest.")
    released.build(select=SELECT)
    assert released.rows(ROWS) == []


@pytest.mark.slow
def test_an_open_week_is_not_revised(released: TinyLake) -> None:
    """An article of the week that the release did not call complete is no revision of that week."""
    released.add_article("new", "daily", "2023-09-04", body="On the river basin.")
    released.build(select=SELECT)
    assert released.rows(ROWS) == []
