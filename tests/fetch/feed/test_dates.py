"""Parsing of the dates in feeds."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.fetch.feed.dates import DateQuality, date_entry, read_date

NOW = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
# text, publisher's zone, instant in UTC, quality; most mean 24 November 2026, ten o'clock
WRITTEN = [
    ("Tue, 24 Nov 2026 10:00:00 GMT", "UTC", "24 10:00", "exact"),
    ("Tue, 24 Nov 2026 10:00:00 +0800", "UTC", "24 02:00", "exact"),
    ("24 Nov 26 10:00 -0500", "UTC", "24 15:00", "exact"),
    ("Tue, 24 November 2026 10:00:00 GMT+1", "UTC", "24 09:00", "exact"),
    ("Tue, 24 Nov 2026 10:00:00 +0100 (CET)", "UTC", "24 09:00", "exact"),
    ("Tue Nov 24 10:00:00 CET 2026", "Asia/Tokyo", "24 09:00", "exact"),
    ("2026-11-24T10:00:00.123+08:00", "UTC", "24 02:00", "exact"),
    ("2026-11-24T10:00Z", "Asia/Tokyo", "24 10:00", "exact"),
    ("2026-11-24 10:00:00", "Asia/Shanghai", "24 02:00", "zone_assumed"),
    ("2026-11-24", "Asia/Shanghai", "23 16:00", "day_only"),
    ("20261124", "UTC", "24 00:00", "day_only"),
    ("2026-11-24T24:00:00Z", "UTC", "25 00:00", "exact"),
    ("1795514400", "Asia/Tokyo", "24 10:00", "exact"),
    ("1795514400000", "Asia/Tokyo", "24 10:00", "exact"),
    ("2026年11月24日 10:00", "Asia/Shanghai", "24 02:00", "zone_assumed"),
    ("2026年11月24日下午3时05分", "Asia/Shanghai", "24 07:05", "zone_assumed"),
    ("２０２６年１１月２４日", "Asia/Shanghai", "23 16:00", "day_only"),
    ("令和8年11月24日 10:00", "Asia/Tokyo", "24 01:00", "zone_assumed"),
    ("民國115年11月24日", "Asia/Taipei", "23 16:00", "day_only"),
    ("2026년 11월 24일 오후 3:05", "Asia/Seoul", "24 06:05", "zone_assumed"),
    ("2026/11/24 10:00", "Asia/Tokyo", "24 01:00", "zone_assumed"),
    ("24. November 2026, 10:00 Uhr", "Europe/Zurich", "24 09:00", "zone_assumed"),
    ("24 novembre 2026 à 10h00", "Europe/Paris", "24 09:00", "zone_assumed"),
    ("mar. 24 nov. 2026 10:00", "Europe/Paris", "24 09:00", "zone_assumed"),
    ("24 de noviembre de 2026 10:00", "Europe/Madrid", "24 09:00", "zone_assumed"),
    ("24 novembre 2026, ore 10:00", "Europe/Rome", "24 09:00", "zone_assumed"),
    ("24 ноября 2026, 10:00", "Europe/Moscow", "24 07:00", "zone_assumed"),
    ("24 Kasım 2026 10:00", "Europe/Istanbul", "24 07:00", "zone_assumed"),
    ("24 พฤศจิกายน 2569 10:00", "Asia/Bangkok", "24 03:00", "zone_assumed"),
    ("24.11.2026 10:00", "Europe/Berlin", "24 09:00", "zone_assumed"),
    ("11/24/2026 10:00 PM", "Europe/London", "24 22:00", "zone_assumed"),
    ("November 24, 2026 10:00 AM EST", "America/New_York", "24 15:00", "exact"),
    ("Tue, 24 Nov 2026 12:30 AM EST", "America/New_York", "24 05:30", "exact"),
]


@pytest.mark.parametrize(("text", "zone", "wanted", "quality"), WRITTEN)
def test_a_date_is_read(text: str, zone: str, wanted: str, quality: str) -> None:
    """Dates in mail format, ISO 8601 and many languages are read; the publisher's zone applies if
    the text has none.
    """
    moment, found = read_date(text, zone)
    assert moment
    assert (f"{moment:%d %H:%M}", moment.year, moment.month, found.value) == (
        wanted,
        2026,
        11,
        quality,
    )


@pytest.mark.parametrize(
    ("text", "zone", "hours", "quality"),
    [
        ("CST", "Asia/Shanghai", 8, "exact"),
        ("CST", "America/Chicago", -6, "exact"),
        ("CST", "Asia/Tokyo", -6, "zone_assumed"),
        ("BST", "Europe/London", 1, "exact"),
        ("BST", "Asia/Dhaka", 6, "exact"),
        ("IST", "Asia/Kolkata", 5.5, "exact"),
        ("IST", "Asia/Jerusalem", 2, "exact"),
        ("IST", "Europe/Dublin", 1, "exact"),
        ("PST", "Asia/Manila", 8, "exact"),
        ("JST", "UTC", 9, "exact"),
    ],
)
def test_an_abbreviation_means_what_it_means_where_the_publisher_is(
    text: str, zone: str, hours: float, quality: str
) -> None:
    """CST is China's or Chicago's, BST London's or Dhaka's, IST India's, Israel's or Ireland's."""
    moment, found = read_date(f"Fri, 24 Jul 2026 12:00:00 {text}", zone)
    assert moment == dt.datetime(2026, 7, 24, 12, tzinfo=dt.timezone(dt.timedelta(hours=hours)))
    assert found.value == quality


def test_the_order_of_day_and_month_is_the_publishers() -> None:
    """05/06 is a day in June, and in America a day in May."""
    london, _ = read_date("05/06/2026 12:00", "Europe/London")
    new_york, _ = read_date("05/06/2026 12:00", "America/New_York")
    assert london
    assert new_york
    assert (london.month, new_york.month) == (6, 5)


@pytest.mark.parametrize(
    ("text", "quality"),
    [
        (None, "missing"),
        ("  ", "missing"),
        ("yesterday", "unreadable"),
        ("2026-13-45", "unreadable"),
        ("Tue, 24 Nov 2099 10:00:00 GMT", "future"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "epoch"),
        ("0001-01-01T00:00:00Z", "epoch"),
        ("Mon, 01 Jan 0001 00:00:00 +0000", "epoch"),
    ],
)
def test_without_a_date_to_trust_an_entry_counts_from_when_it_was_seen(
    text: str | None, quality: str
) -> None:
    """Such an entry gets the current time, and its date quality states the reason."""
    moment, found = date_entry(text, "UTC", NOW)
    assert moment == NOW
    assert found.value == quality
    assert not found.is_read


def test_a_clock_may_be_a_little_ahead() -> None:
    """A date up to an hour ahead is accepted; a later date has the quality future."""
    assert date_entry("Wed, 25 Nov 2026 00:59:00 GMT", "UTC", NOW)[1] is DateQuality.EXACT
    assert date_entry("Wed, 25 Nov 2026 01:01:00 GMT", "UTC", NOW)[1] is DateQuality.FUTURE


@given(
    st.text(max_size=80), st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "No/Where"])
)
def test_no_text_breaks_the_reader(text: str, zone: str) -> None:
    """Any text yields a time in UTC and a quality."""
    moment, quality = date_entry(text, zone, NOW)
    assert moment.utcoffset() == dt.timedelta(0)
    assert quality in DateQuality


@given(
    st.integers(662_688_000, 1_795_000_000),
    st.sampled_from(["%a, %d %b %Y %H:%M:%S +0000", "%Y-%m-%dT%H:%M:%SZ"]),
)
def test_what_is_written_is_read_back(seconds: int, form: str) -> None:
    """Both standard formats are read back to the second."""
    wanted = dt.datetime.fromtimestamp(seconds, dt.UTC)
    assert read_date(wanted.strftime(form), "Asia/Tokyo") == (wanted, DateQuality.EXACT)
