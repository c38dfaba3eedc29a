"""Dates as pages write them: instants with their own offset, days when no time is told."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tidings.flows.extract.months import MONTH, NAMED

if TYPE_CHECKING:
    from collections.abc import Iterator

_YEAR = r"(?P<year>(?:19|20)\d\d)"
YEARISH = re.compile(r"(?:19|20)\d\d|\d\.\s?\d\d?\.\s?\d\d(?!\d)")  # every shape holds it
_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
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
_REACH = 40  # characters that the rest of a date may take before or behind its year
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
)  # as C's ctime writes
_EARLIEST = 1990  # the web's first pages


def zone_of(name: str) -> dt.tzinfo:
    """Return the zone of an IANA name; UTC when nobody knows the name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return dt.UTC


def read_instant(text: str, zone: dt.tzinfo) -> tuple[dt.datetime, bool] | None:
    """Return the instant that a declared date tells and whether it tells a time of day, or None.

    Reads ISO 8601, RFC 5322 and what ``find_date`` reads. A time without an offset is in ``zone``; a day is its midnight.
    """
    text = text.strip()[:80]
    if found := _ISO.match(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        return _moment(year, month, day, (hour, minute, second) if found[4] else None, _offset(found[7]) or zone)
    if text.isdecimal() and len(text) in {10, 13} and text[0] in "12":
        return dt.datetime.fromtimestamp(int(text[:10]), tz=dt.UTC), True
    if re.match(r"[A-Za-z]{3},", text):
        try:
            told = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            return find_date(text, zone)
        return (told if told.tzinfo else told.replace(tzinfo=zone)), True
    if found := _CTIME.match(text):
        hour, minute, second = map(int, found[3].split(":"))
        return _moment(int(found[4]), NAMED[found["month"].lower()], int(found[2]), (hour, minute, second), zone)
    return find_date(text, zone)


def find_date(text: str, zone: dt.tzinfo, *, month_first: bool = False) -> tuple[dt.datetime, bool] | None:
    """Return the first date written in a text and whether a time of day stands near it, or None.

    A numeric date parted by slashes is read day first, unless that is impossible or ``month_first``.
    """
    return next((date.told for date in find_dates(text, zone, month_first=month_first)), None)


class Written(NamedTuple):
    """A date in a text: what it tells (the instant, and whether a time of day is told), and from where to where it stands."""

    told: tuple[dt.datetime, bool]
    start: int
    end: int


def find_dates(text: str, zone: dt.tzinfo, *, month_first: bool = False) -> Iterator[Written]:
    """Yield the dates written in a text, in order; one that lies within another is none."""
    hits = [hit for start, stop in _around_years(text) for shape in _SHAPES for hit in shape.finditer(text, start, stop)]
    hits.sort(key=lambda hit: (hit.start(), -hit.end()))
    end = -1
    for match in hits:
        if match.start() < end:
            continue
        part = match.groupdict()
        if "a" in part:
            a, b = int(part["a"]), int(part["b"])
            month, day = (a, b) if (month_first and a <= 12) or b > 12 else (b, a)
        else:
            month = int(part["mon"]) if part.get("mon") else NAMED[part["month"].lower()]
            day = int(part["day"])
        year = int(part["year"]) + (2000 if len(part["year"]) == 2 else 0)
        time = _time_near(text, match)
        told = _moment(year, month, day, time, _written_offset(text, match.end()) or zone)
        if told:
            end = match.end()
            yield Written(told, match.start(), end)


def _around_years(text: str) -> list[tuple[int, int]]:
    """Return the stretches of a text in which a date may stand: around whatever may be a year, in order, none overlapping."""
    found: list[tuple[int, int]] = []
    for year in YEARISH.finditer(text):
        start, stop = max(0, year.start() - _REACH), min(len(text), year.end() + _REACH)
        if found and start <= found[-1][1]:
            start = found.pop()[0]
        found.append((start, stop))
    return found


def _time_near(text: str, date: re.Match[str]) -> tuple[int, int, int] | None:
    """Return the time of day written within a few words after the date, else just before it."""
    found = _TIME.search(text[date.end() : date.end() + 24]) or _TIME.search(text[max(0, date.start() - 14) : date.start()])
    if not found:
        return None
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + (12 if found["half"][0].lower() == "p" else 0)
    return hour, int(found["minute"]), int(found["second"] or 0)


def _written_offset(text: str, at: int) -> dt.tzinfo | None:
    found = re.search(r"(?:GMT|UTC)\s*([+-]\d\d?(?::?\d\d)?)?|\d\s*([+-]\d\d:\d\d)\b", text[at : at + 34])
    return _offset(found[1] or found[2] or "Z") if found else None


def _offset(text: str | None) -> dt.tzinfo | None:
    if not text:
        return None
    found = re.match(r"([+-])(\d\d?):?(\d\d)?$", text)
    if not found:
        return dt.UTC
    delta = dt.timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return dt.timezone(-delta if found[1] == "-" else delta) if delta < dt.timedelta(hours=24) else None


def _moment(
    year: int, month: int, day: int, time: tuple[int, int, int] | None, zone: dt.tzinfo
) -> tuple[dt.datetime, bool] | None:
    if not _EARLIEST <= year <= 2100:
        return None
    try:
        return dt.datetime(year, month, day, *(time or (0, 0, 0)), tzinfo=zone), time is not None
    except ValueError:
        return None
