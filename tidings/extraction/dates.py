"""Parse dates as pages write them: times with their own offset, days without a time of day."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tidings.base.languages.months import MONTH, MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Moment = tuple[dt.datetime, bool]  # a time, and whether its time of day is known
_YEAR = r"(?P<year>(?:19|20)\d\d)"
YEARISH = re.compile(r"(?:19|20)\d\d|\d\.\s?\d\d?\.\s?\d\d(?!\d)")  # every format contains a match
_FORMATS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\d/]){_YEAR}\s?[-/.年]\s?(?P<mon>\d\d?)\s?[-/.月]\s?(?P<day>\d\d?)(?!\d)\s?日?",
        rf"(?<!\d){_YEAR}년\s?(?P<mon>\d\d?)월\s?(?P<day>\d\d?)일",
        rf"(?<!\d)(?P<day>\d\d?)(?:st|nd|rd|th|er|\.|º|ª)?[\s/,]*(?:de\s+|of\s+|-)?{MONTH}[\s,/-]*(?:de\s+|del\s+)?{_YEAR}(?!\d)",
        rf"(?<!\w){MONTH}[\s-]+(?P<day>\d\d?)(?:st|nd|rd|th)?\s*[,-]?\s*{_YEAR}(?!\d)",
        rf"(?<!\d){_YEAR}[.,]?[\s-]+{MONTH}[\s-]+(?P<day>\d\d?)(?!\d)",
        r"(?<![\d.])(?P<day>\d\d?)\.\s?(?P<mon>\d\d?)\.\s?(?P<year>(?:19|20)?\d\d)(?![\d.]?\d)",
        rf"(?<![\d/-])(?P<a>\d\d?)(?P<sep>[/-])(?P<b>\d\d?)(?P=sep){_YEAR}(?!\d)",
        rf"(?<!\d)(?P<day>\d\d?) tháng (?P<mon>\d\d?),? (?:năm )?{_YEAR}(?!\d)",
    )
)
_REACH = 40  # characters that a date may have before or after its year
_TIME = re.compile(
    r"(?<!\d)(?P<hour>[01]?\d|2[0-3])[:.h時时点](?P<minute>[0-5]\d)(?:[:.](?P<second>[0-5]\d))?分?\s*(?P<half>[ap]\.?m\b)?",
    re.IGNORECASE,
)
_ISO = re.compile(
    r"^\s*(\d{4})-?(\d\d)-?(\d\d)(?:[T\s_]+(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?)?\s*(Z|UTC|GMT|"
    r"[+-]\d\d(?::?\d\d)?)?(?:\[.*)?\s*$",
    re.IGNORECASE,
)
_CTIME = re.compile(
    rf"[a-z]{{3}} {MONTH} +(\d\d?) (\d\d:\d\d:\d\d)(?: [A-Z]{{2,5}})? (\d{{4}})$", re.IGNORECASE
)  # the format of C's ctime
_EPOCH = re.compile(r"[12](?:\d{9}|\d{12})")  # seconds or milliseconds since 1970
_RFC = re.compile(r"[A-Za-z]{3},")
_EARLIEST = 1990  # year of the first web pages


def zone_of(name: str) -> dt.tzinfo:
    """Return the time zone with an IANA name; UTC for an unknown name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return dt.UTC


def read_instant(text: str, zone: dt.tzinfo) -> Moment | None:
    """Return the time of a declared date and whether it contains a time of day, or None.

    The formats are ISO 8601, RFC 5322 and those of ``find_date``. A time without an offset is in
    ``zone``; a day without a time becomes its midnight.
    """
    text = text.strip()[:80]
    if match := _ISO.match(text):
        year, month, day, *time = (int(part or 0) for part in match.groups()[:6])
        known = time if match[4] else None
        return _moment(year, month, day, known, _offset(match[7]) or zone)
    if _EPOCH.fullmatch(text):
        return dt.datetime.fromtimestamp(int(text[:10]), tz=dt.UTC), True
    if match := _CTIME.match(text):
        month, time = MONTHS[match["month"].lower()], [*map(int, match[3].split(":"))]
        return _moment(int(match[4]), month, int(match[2]), time, zone)
    if (parsed := _read_rfc(text)) is None:
        return find_date(text, zone)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)), True


def _read_rfc(text: str) -> dt.datetime | None:
    """Return the time in the format of RFC 5322, or None."""
    try:
        return parsedate_to_datetime(text) if _RFC.match(text) else None
    except (ValueError, TypeError, IndexError):
        return None


def find_date(text: str, zone: dt.tzinfo, *, month_first: bool = False) -> Moment | None:
    """Return the first date in a text and whether a time of day is near it, or None.

    A numeric date with slashes has the day first, unless that is impossible or ``month_first`` is
    true.
    """
    return next((date.value for date in find_dates(text, zone, month_first=month_first)), None)


class Written(NamedTuple):
    """A date in a text: its value (the time, and whether it has a time of day) and its offsets, end
    exclusive.
    """

    value: Moment
    start: int
    end: int


def find_dates(text: str, zone: dt.tzinfo, *, month_first: bool = False) -> Iterator[Written]:
    """Yield the dates in a text, in order; a date within another one is skipped."""
    end = -1
    for match in _find_formats(text):
        if match.start() < end:
            continue
        part = match.groupdict()
        if "a" in part:
            a, b = int(part["a"]), int(part["b"])
            month, day = (a, b) if month_first or b > 12 else (b, a)
        else:
            month = int(part.get("mon") or MONTHS[part["month"].lower()])
            day = int(part["day"])
        year, time = int(f"20{part['year']}"[-4:]), _time_near(text, match)
        offset = _written_offset(text, match.end())
        if value := _moment(year, month, day, time, offset or zone):
            end = match.end()
            yield Written(value, match.start(), end)


def _find_formats(text: str) -> list[re.Match[str]]:
    """Return the matches of all formats, the earliest and longest first."""
    hits = [
        hit
        for start, stop in _around_years(text)
        for pattern in _FORMATS
        for hit in pattern.finditer(text, start, stop)
    ]
    return sorted(hits, key=lambda hit: (hit.start(), -hit.end()))


def _around_years(text: str) -> list[tuple[int, int]]:
    """Return the ranges of a text that may contain a date, around each possible year, in order and
    without overlap.
    """
    ranges: list[tuple[int, int]] = []
    for year in YEARISH.finditer(text):
        start, stop = max(0, year.start() - _REACH), min(len(text), year.end() + _REACH)
        if ranges and start <= ranges[-1][1]:
            start = ranges.pop()[0]
        ranges.append((start, stop))
    return ranges


def _time_near(text: str, date: re.Match[str]) -> Sequence[int] | None:
    """Return the time of day a few words after the date, else right before it, or None."""
    match = _TIME.search(text[date.end() : date.end() + 24]) or _TIME.search(
        text[max(0, date.start() - 14) : date.start()]
    )
    if not match:
        return None
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"][0].lower() == "p" else 0)
    return hour, int(match["minute"]), int(match["second"] or 0)


def _written_offset(text: str, at: int) -> dt.tzinfo | None:
    """Return the UTC offset in the text after a date, or None."""
    match = re.search(
        r"(?:GMT|UTC)\s*([+-]\d\d?(?::?\d\d)?)?|\d\s*([+-]\d\d:\d\d)\b", text[at : at + 34]
    )
    return _offset(match[1] or match[2] or "Z") if match else None


def _offset(text: str | None) -> dt.tzinfo | None:
    """Return the time zone of an offset such as +02:00 or Z, or None."""
    if not text:
        return None
    match = re.match(r"([+-])(\d\d?):?(\d\d)?$", text)
    if not match:
        return dt.UTC
    delta = dt.timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return (
        dt.timezone(-delta if match[1] == "-" else delta)
        if delta < dt.timedelta(hours=24)
        else None
    )


def _moment(
    year: int, month: int, day: int, time: Sequence[int] | None, zone: dt.tzinfo
) -> Moment | None:
    """Return the time of these parts and whether it has a time of day; None if there is no such
    time.
    """
    if not _EARLIEST <= year <= 2100:
        return None
    try:
        hour, minute, second = time or (0, 0, 0)
        return dt.datetime(year, month, day, hour, minute, second, tzinfo=zone), time is not None
    except ValueError:
        return None
