"""Windows of days, and the items and sitemaps that may belong to them."""

import datetime as dt
from typing import Any

import pytest

from tests.cases import cases
from tidings.base.dates import date_in_url
from tidings.fetch.feed.entry import DateQuality, ParsedEntry
from tidings.fetch.window import Window, WindowError, day_span, may_belong, may_list

WINDOW = Window(dt.date(2023, 9, 24), dt.date(2023, 9, 26))
EMPTY: dict[str, Any] = dict.fromkeys(ParsedEntry._fields)
SEEN = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def test_a_window_contains_its_first_and_last_day() -> None:
    """A window has its first and last day; the day on which summer time ends has 25 hours."""
    days = [dt.date(2023, 9, day) for day in range(23, 28)]
    assert [WINDOW.contains(day) for day in days] == [False, True, True, True, False]
    assert list(WINDOW.days) == days[1:4]
    assert list(Window(days[0], days[0]).days) == days[:1]
    begin, end = day_span(dt.date(2023, 10, 29), "Europe/Zurich")
    found = (begin, end - begin)
    assert found == (dt.datetime(2023, 10, 28, 22, tzinfo=dt.UTC), dt.timedelta(hours=25))


@cases(
    "start, end",
    ("2023-09-26", "2023-09-25"),
    ("1899-12-31", "2023-09-25"),
    ("2023-09-25", "3000-01-01"),
)
def test_an_impossible_window_is_an_error(start: str, end: str) -> None:
    """A window that ends before its start or is outside 1900 to 2999 raises an error."""
    with pytest.raises(WindowError):
        Window(dt.date.fromisoformat(start), dt.date.fromisoformat(end))
    assert Window(dt.date(1900, 1, 1), dt.date(2999, 12, 31)).contains(dt.date(2023, 9, 25))


@cases(
    "url, day",
    ("https://example.org/2023/09/25/a", "2023-09-25"),
    ("https://example.org/2023-09/25/a", "2023-09-25"),
    ("https://example.org/a-20230925", "2023-09-25"),
    ("https://example.org/20230231/20230925", "2023-09-25"),  # 31 February does not exist
    ("https://example.org/120230925", None),
    ("https://example.org/2023/13/25/a", None),
)
def test_the_day_in_a_url(url: str, day: str | None) -> None:
    """The first valid date in a URL counts; digits of a longer number do not."""
    assert date_in_url(url) == (day and dt.date.fromisoformat(day))


@cases(
    "published, link, updated, belongs",
    ("26 21:59", None, None, True),
    ("26 22:00", None, None, False),
    (None, "https://example.org/20230925", None, True),
    (None, "https://example.org/20230927", "25 00:00", False),
    (None, None, "23 21:59", False),
    (None, None, "23 22:00", True),
    (None, None, "27 21:59", True),
    (None, None, "27 22:00", False),
    (None, None, None, True),
)
def test_an_item_may_belong_to_the_window(
    published: str | None, link: str | None, updated: str | None, belongs: bool
) -> None:
    """The entry's date comes first, then the URL's, then a change up to a day later."""
    quality = DateQuality.EXACT if published else DateQuality.MISSING
    times = {"published_at": at(published) or SEEN, "updated_at": at(updated)}
    row = ParsedEntry(**(EMPTY | {"date_quality": quality, "link": link} | times))
    assert may_belong(row, WINDOW, "Europe/Zurich") is belongs


def at(text: str | None) -> dt.datetime | None:
    """Return a time of September 2023."""
    return dt.datetime.fromisoformat(f"2023-09-{text}+00:00") if text else None


@cases(
    "url, may",
    ("https://example.org/sitemap-2023-09.xml", True),
    ("https://example.org/sitemap-2023-08.xml", False),
    ("https://example.org/202308/sitemap.xml", True),  # only the file name counts
    ("https://example.org/sitemap.xml", True),
)
def test_a_sitemap_named_after_a_month(url: str, may: bool) -> None:
    """A sitemap with a month in its file name is read only for a window in that month."""
    assert may_list(url, WINDOW) is may
