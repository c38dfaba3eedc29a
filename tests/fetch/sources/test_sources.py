"""The kinds of sources and their common interface."""

import datetime as dt

from tests.cases import cases
from tests.fetch.loopback import feed_row
from tidings.fetch.feed.entry import ParsedFeed
from tidings.fetch.sources import KINDS, follow, is_read_by_day, list_window, lists_any_day
from tidings.fetch.window import Window

DAY_URL = "https://news.example/{yyyy}/{mm}/{dd}"
WINDOW = Window(dt.date(2026, 5, 9), dt.date(2026, 5, 10))


@cases(
    "kind, day_url, expected",
    # is_polled, is_read_by_day, lists_any_day, and the number of requests for two days
    ("feed", None, (True, False, False, 1)),
    ("listing", None, (True, False, False, 1)),
    ("listing", DAY_URL, (True, True, True, 2)),
    ("sitemap", None, (False, False, True, 1)),
)
def test_each_kind_states_how_it_is_polled_and_listed(
    kind: str, day_url: str | None, expected: tuple[bool, bool, bool, int]
) -> None:
    """Nightly runs do not poll sitemaps, and a day URL makes every day available to a backfill."""
    feed = feed_row(kind, day_url=day_url)
    count = len(list(list_window(feed, WINDOW, "UTC")))
    known = KINDS[kind].is_polled, is_read_by_day(feed), lists_any_day(feed), count
    assert known == expected


def test_a_sitemap_leads_only_to_sitemaps_of_the_window() -> None:
    """A sitemap that is named after a month outside the window is not requested."""
    links = ["https://news.example/map-2026-05.xml", "https://news.example/map-2026-06.xml"]
    parsed = ParsedFeed(None, None, [], 0, "sitemap", links=links)
    assert follow(feed_row("sitemap"), parsed, links[0], WINDOW, "UTC") == links[:1]
