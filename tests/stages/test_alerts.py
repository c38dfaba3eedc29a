"""Alerts after a nightly run."""

import datetime as dt
from typing import Any

from tests.transforms.conftest import TinyLake, empty_lake, lake
from tidings.stages.source_health import describe_empty, find_alerts

__all__ = ["empty_lake", "lake"]
NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
REASON = "The page responds, but its item_selector matches no link."


def test_a_listing_without_items_is_reported_on_the_same_night(lake: TinyLake) -> None:
    """The first poll without items yields an alert with the next command, the next polls none."""
    lake.build(select="outlet_daily extraction_daily", reads_texts=False)
    state = {"outcome": "no_items", "reason": REASON, "last_polled_at": NOW.isoformat()}
    lake.insert(
        "raw.feed_states",
        state | {"feed_id": "new", "failure_count": 1},
        state | {"feed_id": "known", "failure_count": 2},
    )
    command = "Run `tidings feeds check new` for new selectors."
    assert find_alerts(lake.con, NOW) == [f"new collects nothing: {REASON} {command}"]


def test_a_listing_by_day_that_stops_is_reported(lake: TinyLake) -> None:
    """A listing by day with items on nearly every day is reported on the first night without."""
    lake.build(select="outlet_daily extraction_daily", reads_texts=False)
    day_url = "https://a.example/{yyyy}{mm}{dd}.html"
    rows: list[Any] = [
        {"feed_id": name, "kind": "listing", "is_enabled": True, "day_url": day_url}
        for name in ("stopped", "good", "rare")
    ]
    lake.insert("raw.feeds", *rows)
    for name, ages in {"stopped": range(1, 28), "good": range(28), "rare": range(1, 28, 3)}.items():
        entries: list[Any] = [
            {"feed_id": name, "first_seen_at": (NOW - dt.timedelta(days=age)).isoformat()}
            for age in ages
        ]
        lake.insert("raw.feed_entries", *entries)
    (alert,) = find_alerts(lake.con, NOW)
    assert alert.startswith("stopped collects nothing: its listings of the last days")


def test_a_data_problem_is_reported_once(lake: TinyLake) -> None:
    """An open break has outlet, days and action in the alerts of the first release that has it."""
    lake.build(select="outlet_daily extraction_daily", reads_texts=False)

    def release() -> list[str]:
        lake.con.execute(
            "insert into ops.releases (snapshot_id) select max(snapshot_id) from"
            " ducklake_snapshots('lake')"
        )
        return find_alerts(lake.con, NOW)

    assert release() == []
    lake.con.execute(
        "create table marts.outlet_breaks as select 'own' as publisher_id, 'silent' as kind, date"
        " '2026-05-25' as first_on, date '2026-05-31' as last_on, null::double as expected_value,"
        " null::double as observed_value, 'open' as state, null::text as accepted_reason"
    )
    (alert,) = release()
    assert alert.startswith("own, 2026-05-25 to 2026-05-31: The outlet published nothing.")
    assert alert.endswith("`tidings feeds check` reads its sources.")
    assert release() == []


def test_sources_without_items_are_named(lake: TinyLake) -> None:
    """The end of a run names feeds and listings that were polled without an item, but no sitemap,
    no failing source and none that no run has polled yet.
    """
    lake.build(select="outlet_daily extraction_daily", reads_texts=False)
    kinds = {
        "full": "feed",
        "empty": "feed",
        "failing": "feed",
        "days": "listing",
        "new": "listing",
        "map": "sitemap",
        "off": "feed",
        "unpolled": "feed",
    }
    by_day = {name: {"day_url": "https://x.example/{date}"} for name in ("days", "new")}
    rows: list[Any] = [
        {"feed_id": name, "kind": kind, "is_enabled": name != "off", **by_day.get(name, {})}
        for name, kind in kinds.items()
    ]
    lake.insert("raw.feeds", *rows)
    states: list[Any] = [
        {"feed_id": "full", "outcome": "ok", "entry_ids": ["00000000-0000-0000-0000-000000000001"]},
        {"feed_id": "empty", "outcome": "not_modified", "entry_ids": []},
        {"feed_id": "failing", "outcome": "timeout", "entry_ids": []},
    ]
    lake.insert("raw.feed_states", *states)
    entry: Any = {"feed_id": "days", "first_seen_at": NOW.isoformat()}
    lake.insert("raw.feed_entries", entry)
    assert describe_empty(lake.con) == (
        "sources that list nothing: empty, new. `tidings feeds check ID` shows the reason."
    )
    assert describe_empty(lake.con, most_named=1).startswith(
        "sources that list nothing: empty and 1 more. "
    )
