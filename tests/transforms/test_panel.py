"""The share of the outlets that were covered throughout, by week and month."""

import datetime as dt

from tests.transforms.conftest import TinyLake


def test_an_outlet_that_joins_does_not_move_the_panel(lake: TinyLake) -> None:
    """The new outlet doubles the share of all outlets. The panel's share, which leaves the outlet
    out until it was covered for two weeks, remains the old outlet's.
    """
    lake.as_of = dt.datetime(2023, 9, 4, 1, tzinfo=dt.UTC)
    for feed, publisher, since in (("f", "daily", "2023-07-02"), ("g", "gazette", "2023-08-19")):
        lake.add_poll(feed, publisher, "2023-09-03 23:30:00+00", f"{since} 12:00:00+00")
        for day in (1, 15, 22, 23, 30):
            on = dt.date(2023, 8, day)
            if str(on) > since:
                text = "the river basin" if publisher == "gazette" or day == 22 else "the harvest"
                lake.add_article(f"{publisher}{day}", publisher, str(on), body=f"On {text}.")
    lake.build(select="+theme_weekly")
    rows = lake.rows(
        "select week_start_on::varchar, mention_share, panel_share, panel_outlet_count from"
        " marts.theme_weekly where theme_id = 'water' and week_start_on between '2023-08-14' and"
        " '2023-08-28' order by 1"
    )
    expected = [("2023-08-14", 0, 0, 1), ("2023-08-21", 0.75, 0.5, 1), ("2023-08-28", 0.5, 0, 1)]
    assert rows == expected
