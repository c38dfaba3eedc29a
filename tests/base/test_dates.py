"""Dates as pages and feeds write them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import cases
from tidings.base.dates import Moment, find_dates, read_instant, zone_of
from tidings.fetch.feed.entry import DateQuality, date_entry

ZURICH = zone_of("Europe/Zurich")


def shown(date: Moment | None) -> str | None:
    """Return a date as ISO text, without the time if the page has none."""
    if date is None:
        return None
    return date.at.isoformat() if date.has_time else date.at.date().isoformat()


@cases("name", "Nowhere/Town", "../x", "Europe", "", "a" * 300)
def test_unknown_zones_are_utc(name: str) -> None:
    """A name that is not an IANA time zone means UTC."""
    assert zone_of(name) is dt.UTC


@cases(
    "text, expected",
    ("2024-05-02", "2024-05-02"),
    ("20240502T0715", "2024-05-02T07:15:00+02:00"),
    ("2024-05-02T07:15:30-0830", "2024-05-02T07:15:30-08:30"),
    ("2024-05-02 07:15+99:00", "2024-05-02T07:15:00+02:00"),  # an invalid offset is ignored
    ("2024-05-02 07:15+24:00", "2024-05-02T07:15:00+02:00"),
    ("Thu, 02 May 2024 07:15:00", "2024-05-02T07:15:00+02:00"),
    ("Thu, 02 May 2024 07:15:00 -0700", "2024-05-02T07:15:00-07:00"),
    ("1700000000", "2023-11-14T22:13:20+00:00"),  # seconds since 1970
    ("1700000000123", "2023-11-14T22:13:20+00:00"),  # milliseconds
    ("17000000001", None),
    ("9700000000", None),
    ("1²34567890", None),
    ("2024-02-30", None),
    ("1989-05-02", None),
    ("2101-01-01", None),
)
def test_declared_dates(text: str, expected: str | None) -> None:
    """ISO 8601, RFC 5322 and Unix times are read; a time without an offset is in the publisher's
    zone; other text yields None.
    """
    assert shown(read_instant(text, ZURICH)) == expected


@cases(
    "text, expected",
    ("2 May 2024 at 7:15 pm", "2024-05-02T19:15:00+02:00"),
    ("2 May 2024, 12:15 am", "2024-05-02T00:15:00+02:00"),
    ("2 May 2024 12:15 p.m.", "2024-05-02T12:15:00+02:00"),
    ("7:15 am on 2 May 2024", "2024-05-02T07:15:00+02:00"),
    ("02.05.24", "2024-05-02"),
    ("02.05.2024 19:15 GMT+3", "2024-05-02T19:15:00+03:00"),
    ("2 May 2024 19:15 UTC", "2024-05-02T19:15:00+00:00"),
    ("2 May 2024 19:15 MSK", "2024-05-02T19:15:00+03:00"),
    ("2024年5月2日 下午7:15", "2024-05-02T19:15:00+02:00"),
    ("2 May 2024 19:15 -04:00", "2024-05-02T19:15:00-04:00"),
    ("30 Feb 2024, 3 March 2024", "2024-03-03"),
    ("no date", None),
)
def test_written_dates(text: str, expected: str | None) -> None:
    """The first valid date is read, with the 12-hour or 24-hour time and the offset beside it."""
    first = next(find_dates(text, ZURICH), None)
    assert shown(first and first.value) == expected


def test_several_dates_in_order() -> None:
    """All dates are found in the text's order, with their offsets, at any distance."""
    text = f"On 2 May 2024 and 3 June 2023 {'x ' * 60}on 2021-04-05."
    found = list(find_dates(text, ZURICH))
    shown = [text[date.start : date.end] for date in found]
    assert shown == ["2 May 2024", "3 June 2023", "2021-04-05"]
    assert [date.value.at.year for date in found] == [2024, 2023, 2021]


@cases(
    "text, day_first, month_first",
    ("03/04/2021", (3, 4), (4, 3)),
    ("03/24/2021", (24, 3), (24, 3)),
)
def test_slashed_dates(text: str, day_first: tuple[int, int], month_first: tuple[int, int]) -> None:
    """A date with slashes has the day first, unless month_first or its numbers decide."""
    for is_month_first, expected in ((False, day_first), (True, month_first)):
        (found,) = find_dates(text, ZURICH, month_first=is_month_first)
        assert (found.value.at.day, found.value.at.month) == expected


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
    ("2026. november 24. 10:00", "Europe/Budapest", "24 09:00", "zone_assumed"),
    ("24 novembre 2026, 5 pm", "Europe/Paris", "24 16:00", "zone_assumed"),
    ("24-11-2026 10:00", "America/Lima", "24 15:00", "zone_assumed"),
    ("24/11/26", "Europe/Rome", "23 23:00", "day_only"),
    ("R8.11.24", "Asia/Tokyo", "23 15:00", "day_only"),
    ("٢٤ نوفمبر ٢٠٢٦", "Asia/Riyadh", "23 21:00", "day_only"),
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
    """Mail format, ISO 8601 and many languages are read, in the publisher's zone by default."""
    moment, found = date_entry(text, zone_of(zone), dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
    assert (f"{moment:%Y-%m-%d %H:%M}", found.value) == (f"2026-11-{wanted}", quality)


@cases(
    "text, zone, hours, quality",
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
)
def test_an_abbreviation_means_what_it_means_where_the_publisher_is(
    text: str, zone: str, hours: float, quality: str
) -> None:
    """CST is China's or Chicago's, BST London's or Dhaka's, IST India's, Israel's or Ireland's."""
    moment, found = date_entry(f"Fri, 24 Jul 2026 12:00:00 {text}", zone_of(zone), NOW)
    assert moment == dt.datetime(2026, 7, 24, 12, tzinfo=dt.timezone(dt.timedelta(hours=hours)))
    assert found.value == quality


def test_order_of_day_and_month_and_clocks() -> None:
    """05/06 is a day in June, and in America a day in May. A date up to an hour ahead is accepted;
    a later one has the quality future.
    """
    zones = map(zone_of, ("Europe/London", "America/New_York"))
    assert [date_entry("05/06/2026 12:00", zone, NOW)[0].month for zone in zones] == [6, 5]
    assert date_entry("Wed, 25 Nov 2026 00:59:00 GMT", dt.UTC, NOW)[1] is DateQuality.EXACT
    assert date_entry("Wed, 25 Nov 2026 01:01:00 GMT", dt.UTC, NOW)[1] is DateQuality.FUTURE


@cases(
    "text, quality",
    (None, "missing"),
    ("  ", "missing"),
    ("yesterday", "unreadable"),
    ("2026-13-45", "unreadable"),
    ("Tue, 24 Nov 2099 10:00:00 GMT", "future"),
    ("Thu, 01 Jan 1970 00:00:00 GMT", "epoch"),
    ("0001-01-01T00:00:00Z", "epoch"),
    ("Mon, 01 Jan 0001 00:00:00 +0000", "epoch"),
)
def test_without_a_date_to_trust_an_entry_counts_from_when_it_was_seen(
    text: str | None, quality: str
) -> None:
    """Such an entry gets the current time, and its date quality states the reason."""
    moment, found = date_entry(text, dt.UTC, NOW)
    assert moment == NOW
    assert found.value == quality
    assert not found.is_read


@given(
    st.text(max_size=80), st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "No/Where"])
)
def test_no_text_breaks_the_reader(text: str, zone: str) -> None:
    """Any text yields a time in UTC and a quality."""
    moment, quality = date_entry(text, zone_of(zone), NOW)
    assert moment.utcoffset() == dt.timedelta(0)
    assert quality in DateQuality


@given(
    st.integers(662_688_000, 1_795_000_000),
    st.sampled_from(["%a, %d %b %Y %H:%M:%S +0000", "%Y-%m-%dT%H:%M:%SZ"]),
)
def test_what_is_written_is_read_back(seconds: int, form: str) -> None:
    """Both standard formats are read back to the second."""
    wanted = dt.datetime.fromtimestamp(seconds, dt.UTC)
    found = date_entry(wanted.strftime(form), zone_of("Asia/Tokyo"), NOW)
    assert found == (wanted, DateQuality.EXACT)
