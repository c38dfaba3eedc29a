"""First uses and the periods in which an earlier use can have been missed."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tidings.base.functions import create_functions

START = dt.date(2021, 1, 1)
TABLES = """
    create table days (publisher_id text, published_on date, article_count bigint,
        is_gap boolean);
    create table uses (phrase_id text, publisher_id text, published_on date,
        article_count bigint, first_used_at timestamp, first_article_id uuid)
"""


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the macros of the release file."""
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        create_functions(connection)
        yield connection


def used(start: int, end: int = 1000, step: int = 1, count: int = 1) -> dict[int, int]:
    """Return the numbers of uses by day: ``count`` on every ``step``-th day."""
    return dict.fromkeys(range(start, end, step), count)


WEEKLY, GAP = used(600, step=7), range(416, 600)
# Uses by day, days in a gap, all days, and the first day, the doubt and the start of a risky gap.
CASES: dict[str, tuple[dict[int, int], range, int, tuple[Any, ...]]] = {
    # a phrase used every second day is certain if it was not used in a whole year before
    "frequent": (used(500, step=2), range(0), 1000, (500, None, None)),
    "season": (used(300, step=2), range(0), 1000, (300, "too_early", None)),
    # 25 uses with pauses of 20 days after 500 days have the risk 20 / 25 / 500; with 50 uses,
    # 1,000 days suffice
    "rare": (used(500, step=20), range(0), 1000, (500, "too_rare", None)),
    "rare for long": (used(1000, 2000, 20), range(0), 2000, (1000, None, None)),
    "once": ({500: 1}, range(0), 1000, (500, "too_rare", None)),
    # a later pause of 200 days, or a silence at the end, can also have been before
    "paused": (used(500, 600) | used(800), range(0), 1000, (500, "too_rare", None)),
    "silent": (used(500, 700), range(0), 1000, (500, "too_rare", None)),
    # a campaign has no pauses in its first half year; many uses on a day count once
    "campaign": (used(600, 730), range(0), 730, (600, "too_rare", None)),
    "after a campaign": (used(600, 790), range(0), 790, (600, None, None)),
    "many on a day": (used(500, step=50, count=10), range(0), 1000, (500, "too_rare", None)),
    # after a gap, a first use is uncertain until the phrase would have appeared again
    "after a gap": (WEEKLY, GAP, 1000, (600, "after_gap", 416)),
    "soon after a gap": (WEEKLY, range(406, 590), 1000, (600, "after_gap", 406)),
    "old gap": (WEEKLY, range(200, 384), 1000, (600, None, None)),
    # a gap of one day matters only just before
    "the day before": (used(600), range(599, 600), 1000, (600, "after_gap", 599)),
    "a day of the month before": (used(600), range(570, 571), 1000, (600, None, None)),
    # an outlet whose days are all gaps has an observed use but no observed day
    "no coverage": ({5: 1}, range(1000), 1000, (5, "too_early", None)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_first_use_is_certain_if_an_earlier_one_would_have_been_seen(
    con: duckdb.DuckDBPyConnection, case: str
) -> None:
    """A first use is uncertain too early in the collection, of a phrase that is rare or pauses, and
    after a gap, as the comments above the cases state.
    """
    uses, gaps, days, expected = CASES[case]
    con.execute("delete from days; delete from uses")
    con.execute(
        "insert into days select 'a', $start + day::integer,"
        " if(list_contains($gaps, day), 0, 10), list_contains($gaps, day)"
        " from range($days) as t(day)",
        {"start": START, "gaps": list(gaps), "days": days},
    )
    con.executemany(
        "insert into uses values ('p', 'a', ?, ?, null, null)",
        [(START + dt.timedelta(day), count) for day, count in uses.items()],
    )
    row = con.execute(
        "select first_seen_on - $start, uncertain_because, possible_gap_on - $start"
        " from first_uses('uses', 'days')",
        {"start": START},
    ).fetchone()
    assert row == expected
