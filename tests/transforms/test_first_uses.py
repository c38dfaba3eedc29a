"""First uses and the periods in which an earlier use can have been missed, tiers of formulations,
and leads.
"""

import datetime as dt

import duckdb

from tidings.base.functions import create_functions

START = dt.date(2021, 1, 1)


def first_use(
    uses: dict[int, int], gaps: range = range(0), days: int = 1000, total: int = 10
) -> tuple[object, ...]:
    """Return first day, reason and start of a risky gap of a phrase; days are numbered from 0."""
    con = duckdb.connect()
    con.execute(
        "create table days (publisher_id text, published_on date, article_count bigint,"
        " is_gap boolean)"
    )
    con.execute(
        "create table uses (phrase_id text, publisher_id text, published_on date,"
        " article_count bigint, first_used_at timestamp, first_article_id uuid)"
    )
    con.execute(
        "insert into days select 'a', $start + day::integer, if(list_contains($gaps, day), 0,"
        " $total), list_contains($gaps, day)"
        " from range($days) as t(day)",
        {"start": START, "gaps": list(gaps), "total": total, "days": days},
    )
    con.executemany(
        "insert into uses values ('p', 'a', ?, ?, null, null)",
        [(START + dt.timedelta(day), count) for day, count in uses.items()],
    )
    create_functions(con)
    query = (
        "select first_seen_on, uncertain_because, possible_gap_on from first_uses('uses', 'days')"
    )
    row = con.execute(query).fetchone()
    assert row is not None
    return tuple((part - START).days if isinstance(part, dt.date) else part for part in row)


def test_a_frequent_phrase_is_certain_after_a_year() -> None:
    """A phrase used every second day after 500 days without it is certain; after 300 days its
    season may be missing.
    """
    assert first_use(dict.fromkeys(range(500, 1000, 2), 1)) == (500, None, None)
    assert first_use(dict.fromkeys(range(300, 1000, 2), 1)) == (300, "too_early", None)


def test_a_rare_phrase_stays_uncertain() -> None:
    """25 uses with pauses of 20 days after 500 days have the risk 20 / 25 / 500; with 50 uses,
    1,000 days suffice.
    """
    assert first_use(dict.fromkeys(range(500, 1000, 20), 1)) == (500, "too_rare", None)
    assert first_use(dict.fromkeys(range(1000, 2000, 20), 1), days=2000) == (1000, None, None)
    assert first_use({500: 1}) == (500, "too_rare", None)


def test_a_phrase_that_pauses_for_long_can_have_paused_before() -> None:
    """A later pause of 200 days leaves a phrase uncertain that is used daily otherwise, and so does
    a silence at the end.
    """
    paused = dict.fromkeys([*range(500, 600), *range(800, 1000)], 1)
    assert first_use(paused) == (500, "too_rare", None)
    assert first_use(dict.fromkeys(range(500, 700), 1)) == (500, "too_rare", None)


def test_a_single_campaign_stays_uncertain() -> None:
    """Daily use is uncertain in its first half year, because a campaign has no pauses; many uses on
    a day count once.
    """
    assert first_use(dict.fromkeys(range(600, 730), 1), days=730) == (600, "too_rare", None)
    assert first_use(dict.fromkeys(range(600, 790), 1), days=790) == (600, None, None)
    assert first_use(dict.fromkeys(range(500, 1000, 50), 10)) == (500, "too_rare", None)


def test_a_gap_is_a_new_start() -> None:
    """After a gap of 184 days a first use is uncertain, until the phrase would have appeared again;
    an old gap has no effect.
    """
    weekly = dict.fromkeys(range(600, 1000, 7), 1)
    assert first_use(weekly, range(416, 600)) == (600, "after_gap", 416)
    assert first_use(weekly, range(406, 590)) == (600, "after_gap", 406)
    assert first_use(weekly, range(200, 384)) == (600, None, None)


def test_a_day_without_coverage_matters_only_just_before() -> None:
    """A gap of a day makes the first use on the next day uncertain, but not 30 days later."""
    daily = dict.fromkeys(range(600, 1000), 1)
    assert first_use(daily, range(599, 600)) == (600, "after_gap", 599)
    assert first_use(daily, range(570, 571)) == (600, None, None)


def test_an_outlet_without_coverage_is_uncertain() -> None:
    """An outlet whose days are all gaps has an observed use but no observed day."""
    assert first_use({5: 1}, range(1000)) == (5, "too_early", None)
