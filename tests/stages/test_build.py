"""Builds of a small lake: rows of the marts, and writes of a second run."""

import datetime as dt

import pytest

from tests.transforms.conftest import TinyLake, copies_of


def add_ten_days(lake: TinyLake) -> None:
    """Add two outlets with a poll and an article each evening to 10 September, one about robots."""
    with lake.at_once():
        for day in range(1, 11):
            for outlet in ("gazette", "daily"):
                polled, since = f"2023-09-{day:02} 22:00:00+00", f"2023-08-{day + 20} 00:00:00+00"
                lake.add_poll(f"{outlet}-rss", outlet, polled, since)
                title = "Factory robots" if (outlet, day) == ("gazette", 5) else "Nothing of note"
                body = "Plain words.\n\nMore of them."
                lake.add_article(f"{outlet}-{day}", outlet, f"2023-09-{day:02}", title, body)
    lake.build()


ten_days = copies_of(add_ten_days)


def test_run_twice_writes_nothing(ten_days: TinyLake) -> None:
    """A second run over the same state creates no snapshot; a build drops the marts, views and
    intermediate tables that no model describes any more.
    """
    before = ten_days.snapshot()
    ten_days.build()
    assert ten_days.snapshot() == before
    tables = "select schema_name, table_name from duckdb_tables() order by all"
    known = ten_days.rows(tables)
    ten_days.con.execute("create table lake.marts.left_mart as select 1 as i")
    ten_days.con.execute("create table lake.intermediate.left_step as select 1 as i")
    ten_days.con.execute("create view lake.staging.left_view as select 1 as i")
    ten_days.build(reads_texts=False)
    assert ten_days.rows(tables) == known
    assert ten_days.rows("from duckdb_views() where view_name = 'left_view'") == []


def test_parent_counts_an_article_once(ten_days: TinyLake) -> None:
    """An article with a theme and its parent counts once for the parent, an excluded page never."""
    ten_days.add_article(
        "gazette-3",
        "gazette",
        "2023-09-03",
        "Factory robots and industrial policy",
        "Factory robots.",
    )
    ten_days.add_article(
        "round-up",
        "gazette",
        "2023-09-03",
        "Factory robots, rivers",
        "",
        excluded_reason="round_up",
    )
    ten_days.build(select="theme_daily outlet_daily")
    found = ten_days.rows(
        "select theme_id, article_count, total_count, mention_share from marts.theme_daily where"
        " published_on = '2023-09-03' order by all"
    )
    assert found == [("industry", 1, 2, 0.5), ("robots", 1, 2, 0.5), ("water", 0, 2, 0.0)]
    shown = ten_days.rows(
        "select excluded_count from marts.outlet_daily where published_on ="
        " '2023-09-03' order by all"
    )
    assert shown == [(0,), (1,)]


@pytest.mark.slow
def test_times_are_complete_once_over_though_nothing_else_is_new(lake: TinyLake) -> None:
    """A day, week or month becomes complete when it is over, even if its last day was not covered,
    but not without coverage.
    """
    lake.add_poll("f", "gazette", "2023-08-31 20:00:00+00", "2023-08-20 00:00:00+00")
    lake.add_article("one", "gazette", "2023-08-31", "Factory robots")
    query = (
        "select (select any_value(is_complete) from marts.theme_monthly where month_start_on ="
        " '2023-08-01'), (select any_value(is_complete) from marts.theme_weekly where"
        " week_start_on = '2023-08-28'), (select any_value(is_complete) from marts.theme_daily"
        " where published_on = '2023-09-04')"
    )
    # In Shanghai it is 04:30 of the next day, so the last day of the month, and then of the week,
    # is over; in UTC it is not.
    states = {}
    for day in ("2023-08-31", "2023-09-03", "2023-09-04"):
        lake.as_of = dt.datetime.fromisoformat(f"{day}T20:30:00+00:00")
        is_first = day == "2023-08-31"
        lake.build(select="theme_daily theme_weekly theme_monthly", reads_texts=is_first)
        states[day] = lake.rows(query)[0]
    assert states == {
        "2023-08-31": (False, False, None),
        "2023-09-03": (True, False, False),
        "2023-09-04": (True, True, False),
    }
    before = lake.snapshot()
    lake.build(select="theme_daily theme_weekly theme_monthly", reads_texts=False)
    assert lake.snapshot() == before


@pytest.mark.slow
def test_a_silence_is_a_gap_on_every_night_that_it_lasts(lake: TinyLake) -> None:
    """All days of a 50-day silence of two outlets are gaps on each night, as in a full build."""
    with lake.at_once():
        for day in (dt.date(2023, 9, 1) + dt.timedelta(n) for n in range(70)):
            for outlet, feed in (("gazette", "g"), ("daily", "d")):
                lake.add_poll(
                    feed,
                    outlet,
                    f"{day} 22:00:00+00",
                    "2023-08-01 00:00:00+00" if day.day == 1 else None,
                )
                if day < dt.date(2023, 9, 21):
                    for number in range(2):
                        lake.add_article(
                            f"{outlet}-{day}-{number}", outlet, str(day), "Factory robots"
                        )
    tables = "outlet_daily theme_outlet_daily theme_daily theme_weekly theme_monthly coverage"
    for night, gaps in (("2023-09-30", 18), ("2023-10-18", 54), ("2023-11-09", 98)):
        lake.as_of = dt.datetime.fromisoformat(f"{night}T22:30:00+00:00")
        lake.build(reads_texts=gaps == 18, select=tables)
        assert lake.rows(
            "select count(*) from marts.outlet_daily where published_on > '2023-09-20' and"
            f" published_on < '{night}' and gap_reason = 'unexpected_silence'"
        ) == [(gaps,)], night
    assert lake.rows(
        "select distinct covered_days, mention_share, is_complete from marts.theme_monthly where"
        " month_start_on = '2023-10-01'"
    )[0] == (0, None, False)
    step_by_step = [lake.rows(f"from marts.{table} order by all") for table in tables.split()]
    lake.build(reads_texts=False, is_whole=True, select=tables)
    whole = [lake.rows(f"from marts.{table} order by all") for table in tables.split()]
    assert whole == step_by_step


def test_audit_names_failing_rows(ten_days: TinyLake) -> None:
    """A failed audit reports the test, the number of rows and a sample of them. Before, a build of
    all tables fills an empty mart and keeps earlier word list changes, which it cannot recompute.
    """
    ten_days.con.execute("delete from marts.theme_monthly")
    change = {"theme_id": "water", "month_start_on": "2023-09-01", "gained_count": 1}
    versions = {"lexicon_before": "a", "lexicon_after": "b", "lost_count": 0}
    ten_days.insert("annotations.lexicon_changes", change | versions)
    ten_days.build(reads_texts=False, is_whole=True)
    assert ten_days.rows("select lexicon_before from marts.lexicon_changes") == [("a",)]
    assert ten_days.rows("select count(*) > 0 from marts.theme_monthly") == [(True,)]
    result = ten_days.audit()
    assert (result.failed, result.losses) == ((), ())
    ten_days.con.execute("insert into marts.theme_daily from marts.theme_daily limit 1")
    result = ten_days.audit()
    assert result.failed or result.losses
    assert {failure.row_count for failure in result.failed} == {1}, [
        str(failure) for failure in result.failed
    ]
    assert any("theme_daily" in failure.name and failure.rows for failure in result.failed)
