"""Test the detection of days without any article."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest

from tidings.analysis.report.trends import read_silence

LAST = dt.date(2026, 8, 30)  # the current, unfinished day


@pytest.mark.parametrize(
    ("days", "since"),
    [
        ([(1, 1, False)], None),  # published yesterday
        ([(2, 1, False), (1, 0, False)], None),  # a covered day without news
        # a day that was a gap for every outlet
        ([(2, 1, False), (1, 0, True)], dt.date(2026, 8, 29)),
        ([(7, 1, False), (1, 0, False)], dt.date(2026, 8, 24)),  # a week without an article
        ([(1, 0, True)], None),  # no outlet ever published
    ],
)
def test_silence_begins_on_the_first_day_without_articles(
    days: list[tuple[int, int, bool]], since: dt.date | None
) -> None:
    """A silence is a finished day that is a gap for every outlet, or seven days without an
    article.
    """
    with duckdb.connect() as con:
        con.execute("create schema marts")
        con.execute(
            "create table marts.outlet_daily (publisher_id varchar, published_on date,"
            " article_count int, excluded_count int,"
            " is_gap boolean)"
        )
        rows = [
            ("a", LAST - dt.timedelta(ago), count, 0, gap)
            for ago, count, gap in [*days, (0, 0, False)]
        ]
        rows += [("b", day, 0, 0, gap) for _, day, _, _, gap in rows]
        con.executemany("insert into marts.outlet_daily values (?, ?, ?, ?, ?)", rows)
        assert read_silence(con) == since
