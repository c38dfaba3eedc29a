"""Covered days and coverage gaps, by polls, failures and silence."""

import datetime as dt
import uuid

from tests.transforms.conftest import TinyLake

SELECT = "+outlet_daily"


def days(lake: TinyLake, publisher: str = "daily") -> dict[str, tuple[object, ...]]:
    """Return (article_count, gap_reason, is_complete) by day."""
    lake.build(select=SELECT, reads_texts=False)
    rows = lake.rows(
        "select published_on::varchar, article_count, gap_reason, is_complete from"
        f" marts.outlet_daily where publisher_id = '{publisher}' order by published_on"
    )
    return {str(row[0]): row[1:] for row in rows}


def add_gap(lake: TinyLake, start: str, end: str, feed: str = "f") -> None:
    """Add a period in which entries of a feed may have disappeared between two polls."""
    lake.insert("raw.feed_gaps", feed_id=feed, starts_at=start, ends_at=end, reason="rolled_over")


def test_days_are_covered_from_the_oldest_item_to_the_last_poll(lake: TinyLake) -> None:
    """The first day is partial, empty days are listed, a 304 covers back to the last poll, and the
    current day is not a gap.
    """
    lake.add_poll("f", "daily", "2023-09-05 20:00:00+00", "2023-09-03 12:00:00+00")
    lake.add_poll("f", "daily", "2023-09-07 20:00:00+00", None, outcome="not_modified")
    lake.add_article("one", "daily", "2023-09-04")
    lake.as_of = dt.datetime(2023, 9, 7, 20, 30, tzinfo=dt.UTC)
    assert days(lake) == {
        "2023-09-03": (0, "partly_covered", True),
        "2023-09-04": (1, None, True),
        "2023-09-05": (0, None, True),
        "2023-09-06": (0, None, True),
        "2023-09-07": (0, None, False),
    }


def test_days_begin_in_the_publishers_zone(lake: TinyLake) -> None:
    """A poll at 16:30 UTC covers the next day's first half hour in Beijing, the current day."""
    lake.add_poll("f", "gazette", "2023-09-05 16:30:00+00", "2023-09-04 16:00:00+00")
    lake.as_of = dt.datetime(2023, 9, 5, 17, 0, tzinfo=dt.UTC)
    assert days(lake, "gazette") == {"2023-09-05": (0, None, True), "2023-09-06": (0, None, False)}


def test_hole_between_polls_is_a_gap(lake: TinyLake) -> None:
    """A period in which the feed may have lost entries is not covered, regardless of the polls
    around it: partly on its first and last day, fully in between.
    """
    lake.add_poll("f", "daily", "2023-09-02 12:00:00+00", "2023-08-31 23:00:00+00")
    lake.add_poll("f", "daily", "2023-09-05 12:00:00+00", "2023-09-04 12:00:00+00")
    add_gap(lake, "2023-09-02 12:00:00+00", "2023-09-04 12:00:00+00")
    lake.add_poll("g", "other", "2023-09-05 12:00:00+00", "2023-09-01 00:00:00+00")
    add_gap(lake, "2023-09-02 00:00:00+00", "2023-09-03 12:00:00+00", "g")
    lake.as_of = dt.datetime(2023, 9, 5, 12, 0, tzinfo=dt.UTC)
    partly, fully = "partly_covered", "not_covered"
    found = [row[1] for row in days(lake).values()]
    assert found[-5:] == [None, partly, fully, partly, None]
    found = [row[1] for row in days(lake, "other").values()]
    assert found[-5:] == [None, fully, partly, None, None]


def test_failed_polls_name_the_hole(lake: TinyLake) -> None:
    """A period of failed polls is feed_down, unless another source of the outlet covers it."""
    lake.add_poll("f", "daily", "2023-09-02 12:00:00+00", "2023-08-31 23:00:00+00")
    lake.add_poll("f", "daily", "2023-09-03 12:00:00+00", None, outcome="timed_out")
    lake.add_poll("f", "daily", "2023-09-05 12:00:00+00", "2023-09-04 12:00:00+00")
    add_gap(lake, "2023-09-02 12:00:00+00", "2023-09-04 12:00:00+00")
    lake.as_of = dt.datetime(2023, 9, 5, 12, 0, tzinfo=dt.UTC)
    found = days(lake)
    assert [found[f"2023-09-0{day}"][1] for day in range(2, 5)] == ["feed_down"] * 3
    lake.add_poll("g", "daily", "2023-09-05 12:00:00+00", "2023-08-31 12:00:00+00")
    assert {row[1] for day, row in days(lake).items() if day >= "2023-09-01"} == {None}


def fill(lake: TinyLake, silent: set[int], count: int, outlet: str = "daily") -> None:
    """Add two months of weekdays with ``count`` articles, except silent days, under one poll."""
    with lake.at_once():
        lake.add_poll(outlet, outlet, "2023-08-31 12:00:00+00", "2023-06-30 12:00:00+00")
        for day in range(62):
            on = dt.date(2023, 7, 1) + dt.timedelta(day)
            if on.isoweekday() < 6 and day not in silent:
                for item in range(count):
                    lake.add_article(f"{outlet}-{day}-{item}", outlet, str(on))
    lake.as_of = dt.datetime(2023, 8, 31, 12, 0, tzinfo=dt.UTC)


def silences(found: dict[str, tuple[object, ...]]) -> set[str]:
    """Return the days of unexpected silence."""
    return {day for day, row in found.items() if row[1] == "unexpected_silence"}


def test_silence_too_long_to_be_chance_is_a_gap(lake: TinyLake) -> None:
    """Four empty weekdays of an outlet with two articles a day are a gap; the empty weekend before
    them is not. Three are none, because the expected six articles are fewer than ln(1000).
    """
    fill(lake, {16, 17, 18, 19}, 2)  # from 17 July
    fill(lake, {16, 17, 18}, 2, "other")
    found = days(lake)
    assert silences(found) == {"2023-07-17", "2023-07-18", "2023-07-19", "2023-07-20"}
    assert found["2023-07-16"] == (0, None, True)
    assert not silences(days(lake, "other"))


def test_a_long_silence_is_measured_against_the_time_before_it(lake: TinyLake) -> None:
    """All 44 weekdays of a silence are gaps, despite a failed poll and when articles resume."""
    fill(lake, set(range(14, 62)), 2)
    lake.add_poll("daily", "daily", "2023-10-15 12:00:00+00", None, outcome="not_modified")
    add_gap(lake, "2023-08-01", "2023-08-03", "daily")
    lake.as_of = dt.datetime(2023, 9, 16, 12, 0, tzinfo=dt.UTC)
    failed = {dt.date(2023, 7, 31) + dt.timedelta(n) for n in range(4)}
    silent = (dt.date(2023, 7, 17) + dt.timedelta(n) for n in range(60))
    weekdays = {str(day) for day in silent if day.isoweekday() < 6 and day not in failed}
    assert weekdays <= silences(days(lake))
    for day in range(18, 23):
        lake.add_article(f"again-{day}", "daily", f"2023-09-{day}")
    lake.as_of = dt.datetime(2023, 9, 25, 12, 0, tzinfo=dt.UTC)
    found = days(lake)
    assert weekdays <= silences(found)
    assert {found[f"2023-09-{day}"][1] for day in range(18, 23)} == {None}


def test_a_rare_outlet_is_measured_against_a_time_as_long(lake: TinyLake) -> None:
    """The days between articles are not gaps in an outlet with one article every hundred days."""
    lake.add_poll("f", "daily", "2024-08-31 12:00:00+00", "2023-01-01 00:00:00+00")
    for number in range(4):
        day = str(dt.date(2023, 2, 1) + number * dt.timedelta(100))
        lake.add_article(f"rare-{number}", "daily", day)
    lake.as_of = dt.datetime(2024, 8, 31, 12, 0, tzinfo=dt.UTC)
    assert {row[1] for row in days(lake).values()} == {None}


def test_an_outlet_that_is_switched_off_has_no_days_after_its_end(lake: TinyLake) -> None:
    """The days end at the last successful poll; while a source is enabled, later days are gaps."""
    for feed in ("f", "g"):
        lake.add_poll(feed, "daily", "2023-09-03 12:00:00+00", "2023-08-31 23:00:00+00")
        lake.insert("raw.feeds", feed_id=feed, publisher_id="daily", is_enabled=feed == "g")
    lake.as_of = dt.datetime(2023, 9, 10, 12, 0, tzinfo=dt.UTC)
    assert max(days(lake)) == "2023-09-10"
    lake.con.execute("update raw.feeds set is_enabled = false")
    assert max(days(lake)) == "2023-09-03"


def test_imported_articles_cover_their_days(lake: TinyLake) -> None:
    """An outlet that was never polled is covered only on days with articles."""
    lake.add_article("one", "daily", "2023-09-01")
    lake.add_article("two", "daily", "2023-09-03")
    lake.as_of = dt.datetime(2023, 9, 4, 1, 0, tzinfo=dt.UTC)
    found = days(lake)
    shown = [found[f"2023-09-0{day}"][1] for day in range(1, 5)]
    assert shown == [None, "not_covered", None, "not_covered"]


def test_articles_that_only_others_listed_make_no_outlet_day(lake: TinyLake) -> None:
    """A publisher without a source has no outlet days and no totals, but keeps its article and
    imported days.
    """
    lake.add_poll("f", "daily", "2023-09-05 20:00:00+00", "2023-09-03 00:00:00+00")
    listed = str(uuid.uuid4())
    lake.insert("raw.captures", capture_id=listed, kind="page", feed_id="f", outcome="ok")
    for key, publisher in (("one", "daily"), ("two", "stranger.org"), ("three", "archived")):
        lake.add_article(key, publisher, "2023-09-04", capture_id=listed)
    lake.add_article("four", "archived", "2023-09-03", capture_id=str(uuid.uuid4()))
    lake.as_of = dt.datetime(2023, 9, 5, 20, 30, tzinfo=dt.UTC)
    lake.build(select=SELECT, reads_texts=False)
    assert lake.rows(
        "select publisher_id, list(article_count order by published_on), list(gap_reason order by"
        " published_on) from marts.outlet_daily group by 1 order by 1"
    ) == [
        ("archived", [1, 1, 0], [None, "not_covered", "not_covered"]),
        ("daily", [0, 1, 0], ["partly_covered", None, None]),
    ]
    strange = "select count(*) from core.articles where publisher_id = 'stranger.org'"
    assert lake.rows(strange) == [(1,)]


def test_a_first_night_without_dates_covers_nothing_and_loses_nothing(lake: TinyLake) -> None:
    """A list without dates does not show since when it lists everything, so that its articles are
    on days with a gap, until a second poll.
    """
    lake.add_poll("f", "daily", "2023-09-05 20:00:00+00", None)
    page = str(uuid.uuid4())
    lake.insert("raw.captures", capture_id=page, kind="page", feed_id="f")
    lake.add_article("one", "daily", "2023-09-01", capture_id=page)
    lake.as_of = dt.datetime(2023, 9, 5, 20, 30, tzinfo=dt.UTC)
    expected = {"2023-09-01": (1, "not_covered", False), "2023-09-05": (0, "not_covered", False)}
    assert days(lake) == expected
    lake.add_poll("f", "daily", "2023-09-07 20:00:00+00", None)
    lake.as_of = dt.datetime(2023, 9, 7, 20, 30, tzinfo=dt.UTC)
    assert days(lake)["2023-09-06"] == (0, None, True)


# pages that were listed and that failed, by day of September, and the state of the 4th
FAILURES: list[tuple[dict[int, tuple[int, int]], str | None]] = [
    ({4: (10, 1)}, None),
    ({4: (10, 2)}, None),
    ({4: (10, 3)}, "pages_missing"),
    ({4: (3, 1)}, None),
    ({4: (3, 2)}, "pages_missing"),
    ({4: (1, 1)}, "pages_missing"),
    ({4: (3, 1), 3: (3, 1)}, "pages_missing"),
    ({4: (3, 0), 3: (9, 6)}, None),
    ({4: (3, 1), 3: (9, 1)}, None),
]


def test_a_day_of_which_many_pages_failed_is_partial(lake: TinyLake) -> None:
    """A day is a gap if it lacks an item, and less than 80 % and at least two less were obtained on
    it or on the days around it, or none on it. Each case is an outlet.
    """
    seen = "2023-09-05 20:00:00+00"
    with lake.at_once():
        for case, (days_of, _) in enumerate(FAILURES):
            outlet = str(case)
            lake.add_poll(outlet, outlet, seen, "2023-09-01 23:00:00+00")
            lake.insert("raw.feeds", {"feed_id": outlet, "publisher_id": outlet, "kind": "feed"})
            for day, (listed, failed) in days_of.items():
                for number in range(listed):
                    url = f"http://outlet.example/{case}/{day}/{number}"
                    page: dict[str, object] = {"url": url, "feed_id": outlet}
                    page_id = str(uuid.uuid5(uuid.NAMESPACE_URL, url))
                    item = {"entry_id": page_id, "revision_hash": "r", "first_seen_at": seen}
                    item |= {"published_at": f"2023-09-0{day} 10:00:00+00"}
                    lake.insert("raw.feed_entries", page | item | {"date_quality": "exact"})
                    capture = {"capture_id": page_id, "kind": "page", "publisher_id": outlet}
                    capture |= {"outcome": "http_error" if number < failed else "ok"}
                    lake.insert("raw.captures", page | capture | {"fetched_at": seen})
    lake.as_of = dt.datetime(2023, 9, 5, 20, 30, tzinfo=dt.UTC)
    lake.build(select=SELECT, reads_texts=False)
    found = lake.rows(
        "select gap_reason, listed_count, obtained_count, is_partial, is_gap"
        " from marts.outlet_daily where published_on = '2023-09-04' order by publisher_id"
    )
    expected = [(reason, *days_of[4]) for days_of, reason in FAILURES]
    assert found == [
        (reason, listed, listed - failed, reason is not None, reason is not None)
        for reason, listed, failed in expected
    ]
