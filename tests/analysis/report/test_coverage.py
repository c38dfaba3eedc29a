"""Test the coverage of outlets and sources by week."""

import datetime as dt
from collections.abc import Iterator

import duckdb
import pytest

from tidings.analysis.answers import Answers, ask
from tidings.analysis.report.overview_page import RECENT_GAPS, coverage_figure
from tidings.analysis.report.pages import TABLES, sources_figure
from tidings.analysis.report.release import Facts

FIRST, LAST = dt.date(2026, 1, 5), dt.date(2026, 5, 31)  # 21 whole weeks
RELEASED = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
FACTS = Facts("r", RELEASED, "w", "c", "r", 1, 0, FIRST, LAST, 1, 1, since=FIRST)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """Create an outlet with an article a day, silent, gap and partly covered weeks, one source."""
    with duckdb.connect() as con:
        con.execute(
            "create schema ref; create schema marts; create table ref.publishers"
            " (publisher_id varchar, name varchar)"
        )
        con.execute(f"""
            create table marts.outlet_daily as
            select 'o' as publisher_id, day::date as published_on,
                if(day between '2026-02-02' and '2026-02-08' or day >= '2026-05-30', 0, 1)
                as article_count, day between '2026-03-02' and '2026-03-05'
                or day between '2026-05-30' and '2026-05-31' as is_gap,
                if(is_gap, 'feed_down', null) as gap_reason, not is_gap as is_complete
            from generate_series(timestamp '{FIRST}', timestamp '{LAST}', interval 1 day) as t(day);
            create table marts.coverage as
            select 'f' as source_id, 'o' as publisher_id, 'feed' as way, published_on,
                article_count as listed_count,
                if(published_on = '2026-04-01', 0, article_count) as obtained_count,
                listed_count - obtained_count as missing_count,
                if(published_on < '2026-02-01', 1, 0) as later_copy_count,
                if(is_gap, 'no_listing', 'original_capture') as status from marts.outlet_daily;
            create table marts.outlet_breaks (publisher_id text, kind text, state text)""")
        yield con


def test_coverage_status_of_weeks(con: duckdb.DuckDBPyConnection) -> None:
    """A silent week has no articles, one with mostly gap days is a gap, others are partial."""
    gaps = ask(con, RECENT_GAPS, **FACTS.values).rows
    figure = coverage_figure(con, FACTS, gaps)
    assert figure
    by_week = {row[1]: row[3] for row in figure.rows}
    assert len(by_week) == 21
    assert {week: status for week, status in by_week.items() if status != "covered"} == {
        "2026-02-02": "no articles", "2026-03-02": "gap", "2026-05-25": "partly covered",
    }  # fmt: skip
    assert figure.summary == "Gaps in the last 28 days: o, 2 days (feed down)."


def test_source_status_of_weeks(con: duckdb.DuckDBPyConnection) -> None:
    """Weeks with missing items, late captures, no items and no listing have own statuses."""
    sources = Answers(con, TABLES["sources"], "publisher_id", **FACTS.values)
    figure = sources_figure("o", sources)
    assert figure
    by_week = {row[1]: row[3] for row in figure.rows}
    assert by_week["2026-01-05"] == "captured late"
    assert by_week["2026-02-02"] == "nothing listed"
    assert by_week["2026-03-02"] == "no listing"
    assert by_week["2026-03-30"] == "items missing"
    assert by_week["2026-05-25"] == "complete"
    assert "1 source listed 138 items in the last year" in figure.summary
    assert "137 obtained, 1 missing" in figure.summary
