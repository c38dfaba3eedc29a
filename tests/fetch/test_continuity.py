"""The unbroken run of a source's dates, and entries that may be missing between two polls."""

import dataclasses
import datetime as dt
from collections.abc import Iterable

from tests.cases import cases
from tests.fetch.loopback import item, rss
from tests.fetch.test_poll_state import FEED
from tidings.fetch.continuity import complete_since, lost_period, newest_first
from tidings.fetch.feed.entry import ParsedFeed
from tidings.fetch.feed.read import read_feed

NOW = dt.datetime(2026, 6, 10, 22, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
LAST = NOW - 2 * DAY  # the last poll


@cases(
    "ages, since",
    ([3, 10, 20, 26], 26),
    ([3, 10, 20, 500], 20),  # a pinned entry
    ([24, 24 * 8, 24 * 15, 24 * 22, 24 * 29, 24 * 36, 24 * 400], 24 * 36),  # one a week
    ([60, 61, 62, 63, 140], 63),  # a weekend at most
    ([24 * 300, 24 * 301, 24 * 302], None),  # a wrong year, or a feed without news
    ([-5, 3], 3),  # an announcement dated tomorrow
    ([], None),
)
def test_a_run_of_dates_ends_at_an_unusual_pause(ages: list[int], since: int | None) -> None:
    """The run goes back to the last date before a long pause; numbers are ages in hours."""
    found = complete_since([NOW - age * HOUR for age in ages], NOW)
    assert found == (None if since is None else NOW - since * HOUR)


def feed(*numbers: int, dates: bool = True, prefix: str = "a") -> ParsedFeed:
    """Return a feed; an entry's number is its age in hours."""
    items = [
        item(
            number,
            link=f"http://example.org/{prefix}{number}",
            date=(NOW - number * HOUR).isoformat() if dates else "",
        )
        for number in numbers
    ]
    parsed = read_feed(rss(*items), None, FEED.url, "UTC", NOW)
    assert isinstance(parsed, ParsedFeed)
    return parsed


def lost(before: ParsedFeed, shown: ParsedFeed) -> float | None:
    """Return the age in hours at which the period with missing entries ends; None: no period."""
    period = lost_period(FEED, newest_first(FEED, before, NOW), shown, LAST, NOW)
    return period and (NOW - period[1]) / HOUR


OLD = range(50, 150, 5)  # shown at the last poll


@cases(
    "shown, ends",
    ([2, 10, 30, *OLD], None),
    ([2, 10, 30, *list(OLD)[1:8]], None),  # the newest was deleted
    ([2, 10, 30], 30),  # none of the last poll's entries
    ([2, 10, 30, OLD[-1]], 30),  # of them, only a pinned one
    ([2, 10, 30, 900, *OLD], None),  # an old article is listed late
    ([2, 10, 30, 900], 30),
    ([OLD[-1]], 0),
)
def test_a_pinned_entry_does_not_bridge_two_polls(shown: Iterable[int], ends: float | None) -> None:
    """Entries between polls are missing, unless the last poll's newest are still shown."""
    assert lost(feed(*OLD), feed(*shown)) == ends


def test_urls_order_and_future_dates_decide() -> None:
    """If all URLs changed, dates without a pause to the last poll show that nothing is lost.
    Without dates, a known entry above all new ones is pinned. An announced event is dated in the
    future, so it stays in the feed.
    """
    assert lost(feed(*OLD), feed(2, 10, 30, *OLD, prefix="b")) is None
    assert lost(feed(*OLD), feed(2, 10, 30, 140, prefix="b")) == 30
    before = feed(*OLD, dates=False)
    assert lost(before, feed(2, 10, *OLD[:5], dates=False)) is None
    assert lost(before, feed(OLD[0], 2, 10, dates=False)) == 0
    assert lost(before, feed(*OLD, 2, dates=False)) is None
    before, shown = feed(-100, *OLD), feed(-100, 2, 10, 30)
    assert lost(before, shown) == 30
    assert dataclasses.replace(shown, entries=[]).dates == []
    assert lost(before, dataclasses.replace(shown, entries=[])) is None
