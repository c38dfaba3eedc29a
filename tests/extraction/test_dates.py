"""Dates and times on pages."""

import datetime as dt

import pytest

from tidings.extraction.dates import find_date, find_dates, read_instant, zone_of

ZURICH = zone_of("Europe/Zurich")


def shown(date: tuple[dt.datetime, bool] | None) -> str | None:
    """Return a date as ISO text, without the time if the page has none."""
    if date is None:
        return None
    return date[0].isoformat() if date[1] else date[0].date().isoformat()


@pytest.mark.parametrize("name", ["Nowhere/Town", "../x", "Europe", "", "a" * 300])
def test_unknown_zones_are_utc(name: str) -> None:
    """A name that is not an IANA time zone means UTC."""
    assert zone_of(name) is dt.UTC


@pytest.mark.parametrize(
    ("text", "expected"),
    [
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
    ],
)
def test_declared_dates(text: str, expected: str | None) -> None:
    """ISO 8601, RFC 5322 and Unix times are read; a time without an offset is in the publisher's
    zone; other text yields None.
    """
    assert shown(read_instant(text, ZURICH)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 May 2024 at 7:15 pm", "2024-05-02T19:15:00+02:00"),
        ("2 May 2024, 12:15 am", "2024-05-02T00:15:00+02:00"),
        ("2 May 2024 12:15 p.m.", "2024-05-02T12:15:00+02:00"),
        ("7:15 am on 2 May 2024", "2024-05-02T07:15:00+02:00"),
        ("02.05.24", "2024-05-02"),
        ("02.05.2024 19:15 GMT+3", "2024-05-02T19:15:00+03:00"),
        ("2 May 2024 19:15 UTC", "2024-05-02T19:15:00+00:00"),
        ("2 May 2024 19:15 -04:00", "2024-05-02T19:15:00-04:00"),
        ("30 Feb 2024, 3 March 2024", "2024-03-03"),
        ("no date", None),
    ],
)
def test_written_dates(text: str, expected: str | None) -> None:
    """The first valid date is read, with the 12-hour or 24-hour time and the offset beside it."""
    assert shown(find_date(text, ZURICH)) == expected


def test_several_dates_in_order() -> None:
    """All dates are found in the order of the text, with their offsets, at any distance from each
    other.
    """
    text = f"On 2 May 2024 and 3 June 2023 {'x ' * 60}on 2021-04-05."
    found = list(find_dates(text, ZURICH))
    assert [text[date.start : date.end] for date in found] == [
        "2 May 2024",
        "3 June 2023",
        "2021-04-05",
    ]
    assert [date.value[0].year for date in found] == [2024, 2023, 2021]


@pytest.mark.parametrize(
    ("text", "day_first", "month_first"),
    [("03/04/2021", (3, 4), (4, 3)), ("03/24/2021", (24, 3), (24, 3))],
)
def test_slashed_dates(text: str, day_first: tuple[int, int], month_first: tuple[int, int]) -> None:
    """A date with slashes is read day first, or month first if month_first is set or the date
    allows nothing else.
    """
    for is_month_first, expected in ((False, day_first), (True, month_first)):
        (found,) = find_dates(text, ZURICH, month_first=is_month_first)
        assert (found.value[0].day, found.value[0].month) == expected
