"""Leads between outlets are listed only if their order is decided."""

import datetime as dt
import random

import pytest

from tests.transforms.conftest import TinyLake


@pytest.mark.slow
def test_an_undecided_order_has_no_row(lake: TinyLake) -> None:
    """An outlet that repeats another two days later follows it; those that move together do not."""
    rng = random.Random(8)
    course = [rng.random() < 0.4 for _ in range(90)]
    twin = [flag if rng.random() < 0.9 else not flag for flag in course]
    series = {"first": course, "second": [False, False, *course], "twin": twin}
    with lake.at_once():
        for outlet, flags in series.items():
            lake.insert("ref.publishers", publisher_id=outlet, name=outlet, time_zone="UTC")
            for day in range(90):
                on = dt.date(2023, 6, 1) + dt.timedelta(day)
                since = f"{on - dt.timedelta(2)} 00:00:00+00"
                lake.add_poll(f"{outlet}-rss", outlet, f"{on} 23:00:00+00", since)
                for item in range(4):
                    text = "the river basin" if flags[day] and item else "nothing"
                    words = f"{outlet} {day} {item}", f"{text} {outlet}{day}{item}"
                    lake.add_article(f"{outlet}-{day}-{item}", outlet, str(on), *words)
    lake.as_of = dt.datetime(2023, 8, 30, 22, tzinfo=dt.UTC)
    lake.build(select="+lead_lags")
    rows = lake.rows(
        "select leader_id, follower_id, lag_days from measures.lead_lags where theme_id"
        " = 'water' order by all"
    )
    assert rows == [("first", "second", 2), ("twin", "second", 2)]
