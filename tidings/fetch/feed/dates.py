"""Parse the dates and time zones in feeds, and rate their quality. The caller stores the raw
text.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tidings.base.languages.months import MONTHS_WITHOUT_ACCENTS, without_accents

if TYPE_CHECKING:
    from collections.abc import Callable
_CLOCK_SKEW = dt.timedelta(hours=1)
_EARLIEST_YEAR = 1990
_AMERICAN_ORDER = ("America/", "US/", "Asia/Manila")

_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s_]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?\s*(Z|[A-Za-z]{2,5}|(?:GMT|UTC)?\s*[+\-−]\d{1,2}:?\d{0,2})?\Z"
)
_MAIL = re.compile(
    r"(?:[A-Za-z]{3,9}\.?,?\s+)?(\d{1,2})[\s-]+([A-Za-z]{3,9})\.?[\s-]+(\d{4}|\d{2})[\s,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?"
    r"\s*(Z|[A-Za-z]{1,5}|(?:GMT|UTC)?\s*[+\-−]\d{1,2}:?\d{0,2})?(?:\s*\([^)]*\))?\Z"
)
_TIME = re.compile(
    r"(上午|下午|中午|晚上|午前|午後|오전|오후)?\s*(?<![\d.])(\d{1,2})\s*(?:[:h.]|[时時点시]\s*)\s*(\d{2})(?:\s*[分분]|(?=\D|\Z))(?:\s*:?\s*(\d{2})(?:[.,]\d+)?\s*[秒초]?)?"
    r"\s*([ap]\.?\s?m\b\.?)?|(?<![\d.])(\d{1,2})\s*([ap]\.?m\b\.?)",
    re.IGNORECASE,
)
_ZONE_AT_END = re.compile(
    r"\(?\b(Z|[A-Z]{2,5})\b\)?\s*\Z|((?:GMT|UTC)?\s*[+\-−]\d{1,2}(?::?\d{2})?)\s*(?:\([^)]*\))?\s*\Z"
)
_CJK = re.compile(
    r"(令和|平成|民國|民国)?\s*(\d{1,4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日号號일]?"
)
_YMD = re.compile(
    r"\b(\d{4})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})\b|\b((?:19|20)\d{2})(\d{2})(\d{2})(?=T|\b)"
)
_DMY = re.compile(r"\b(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*[-/.]\s*(\d{4})\b")
_SHORT_DMY = re.compile(r"(?<![\d./])(\d{1,2})([./])\s?(\d{1,2})\2\s?(\d{2})(?![\d./])")
_ERA = re.compile(r"\b([RH])\s?(\d{1,2})[./年](\d{1,2})[./月](\d{1,2})\b")
# Vietnamese numbers its months
_VIETNAMESE = re.compile(r"(\d{1,2}) tháng (\d{1,2}),? (?:năm )?(\d{4})", re.IGNORECASE)
_WORD = re.compile(r"[^\s\d.,;:()/|-]+")  # not \w: Thai and Hindi write vowels as marks
_ERAS = {"R": 2018, "H": 1988, "令和": 2018, "平成": 1988, "民國": 1911, "民国": 1911}
_EPOCH = re.compile(r"\d{10}(?:\d{3})?\Z")


_HALVES = dict.fromkeys(("pm", "下午", "晚上", "午後", "오후"), 12) | dict.fromkeys(
    ("am", "上午", "午前", "오전"), 0
)


# UTC offsets in hours. Ambiguous abbreviations have their most frequent meaning; American ones are
# those of RFC 822, section 5.1.
_HOURS: dict[str, float] = {
    name: hours
    for hours, names in (
        (-10, "HST"),
        (-9, "AKST"),
        (-8, "PST AKDT"),
        (-7, "MST PDT"),
        (-6, "CST MDT"),
        (-5, "EST CDT COT PET"),
        (-4, "EDT AST CLT"),
        (-3.5, "NST"),
        (-3, "ADT BRT ART"),
        (0, "Z UT UTC GMT WET"),
        (1, "WEST CET MEZ MET BST WAT"),
        (2, "CEST MESZ MEST EET SAST CAT"),
        (3, "EEST MSK TRT EAT"),
        (4, "GST"),
        (5, "PKT"),
        (5.5, "IST"),
        (5.75, "NPT"),
        (7, "ICT WIB"),
        (8, "WITA HKT SGT MYT PHT AWST"),
        (9, "WIT JST KST"),
        (9.5, "ACST"),
        (10, "AEST"),
        (10.5, "ACDT"),
        (11, "AEDT"),
        (12, "NZST"),
        (13, "NZDT"),
    )
    for name in names.split()
}
_AMBIGUOUS = frozenset(
    [
        "CST",
        "BST",
        "IST",
        "GST",
        "AST",
        "ADT",
        "MST",
        "PST",
        "EST",
        "EDT",
        "CAT",
        "ECT",
        "WST",
        "PET",
        "ART",
    ]
)
# Abbreviations in use that the IANA data no longer contain.
_LOCAL = {
    "Asia/Dhaka": {"BST": dt.timedelta(hours=6)},
    "Asia/Shanghai": {"CST": dt.timedelta(hours=8)},
    "Asia/Singapore": {"SST": dt.timedelta(hours=8)},
    "Asia/Dubai": {"GST": dt.timedelta(hours=4)},
}
_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+\-−])(\d{1,2})(?::?(\d{2}))?\Z", re.IGNORECASE)


class DateQuality(StrEnum):
    """The quality of an entry's date. From ``future`` on, the stored time is the time at which the
    entry was first seen.
    """

    EXACT = "exact"  # a time with its UTC offset or an unambiguous time zone
    # the publisher's time zone was used, or the most frequent meaning of an abbreviation
    ZONE_ASSUMED = "zone_assumed"
    DAY_ONLY = "day_only"  # no time of day: the time is midnight in the publisher's time zone
    FUTURE = "future"  # more than an hour after the current time
    EPOCH = "epoch"  # before 1990, a default of some software
    UNREADABLE = "unreadable"
    MISSING = "missing"

    @property
    def is_read(self) -> bool:
        """True if the publisher stated the date, False if it is the time at which the entry was
        first seen.
        """
        return self in (DateQuality.EXACT, DateQuality.ZONE_ASSUMED, DateQuality.DAY_ONLY)


@dataclass(slots=True)
class _Parts:
    year: int
    month: int
    day: int
    hour: int | None = None
    minute: int = 0
    second: int = 0
    zone: str | None = None


def date_entry(raw: str | None, zone: str, now: dt.datetime) -> tuple[dt.datetime, DateQuality]:
    """Return the time (UTC) of an entry and the quality of its date.

    ``zone`` is the publisher's IANA zone, used if the text names no time zone. If the date is
    missing, unreadable, over an hour in the future or before 1990, the time is ``now``, when the
    entry was first seen.
    """
    if not raw or not raw.strip():
        return now, DateQuality.MISSING
    moment, quality = read_date(raw, zone)
    if moment is None:
        return now, DateQuality.UNREADABLE
    if moment > now + _CLOCK_SKEW:
        return now, DateQuality.FUTURE
    if moment.year < _EARLIEST_YEAR:
        return now, DateQuality.EPOCH
    return moment, quality


def _numbers(match: re.Match[str], *groups: int) -> list[int]:
    return [int(match[group] or 0) for group in groups]


def read_date(raw: str, zone: str) -> tuple[dt.datetime | None, DateQuality]:
    """Return the time (UTC) in a text and its quality, or None and unreadable if the text has no
    date.
    """
    text = raw.strip()[:200]
    if match := _ISO.match(text):
        year, month, day, hour, minute, second = _numbers(match, 1, 2, 3, 4, 5, 6)
        given = hour if match[4] else None
        return _to_utc(_Parts(year, month, day, given, minute, second, match[7]), zone)
    match = _MAIL.match(text)
    if match and (named := MONTHS_WITHOUT_ACCENTS.get(match[2].lower())):
        year, day, hour, minute, second = _numbers(match, 3, 1, 4, 5, 6)
        # RFC 2822 section 4.3; some software writes the year 0001 for a missing date
        if len(match[3]) == 2:
            year += 2000 if year < 50 else 1900
        return _to_utc(_Parts(year, named, day, hour, minute, second, match[7]), zone)
    if _EPOCH.match(text):
        seconds = int(text) / (1000 if len(text) == 13 else 1)
        return dt.datetime.fromtimestamp(seconds, dt.UTC), DateQuality.EXACT
    plain = "".join(map(_latin_digit, unicodedata.normalize("NFKC", text)))
    dated, rest = _find_day(plain, zone)
    if dated is None:
        return None, DateQuality.UNREADABLE
    if match := _TIME.search(rest):
        _set_time(dated, match)
        shown = _ZONE_AT_END.search(rest[match.end() :])
        dated.zone = (shown[1] or shown[2]) if shown else None
    return _to_utc(dated, zone)


def _latin_digit(sign: str) -> str:
    """Return a character; an Arabic, Persian or Indian digit as a Latin one."""
    return str(unicodedata.digit(sign)) if sign.isdecimal() else sign


def _find_day(text: str, zone: str) -> tuple[_Parts | None, str]:
    """Return the day in a text, and the text without it."""
    for pattern, read in _DAY_FORMS:
        if match := pattern.search(text):
            return read(match, zone), f"{text[: match.start()]} {text[match.end() :]}"
    for word in _WORD.finditer(text):
        month = MONTHS_WITHOUT_ACCENTS.get(without_accents(word[0]))
        after = text[word.end() :]
        year = re.search(r"(?<!\d)((?:19|20|25)\d{2})(?!\d)", after) if month else None
        if month is None or year is None:
            continue
        number = int(year[1])
        number -= 543 * (number > 2440)  # a year of the Buddhist era, which Thai dates use
        before = re.search(
            r"(\d{1,2})\s*(?:st|nd|rd|th|er|º|\.)?\s*(?:de|of|d['’])?\s*\Z",
            text[: word.start()],
            re.IGNORECASE,
        )
        if before:
            rest = after[year.end() :] or after[: year.start()]
            return _Parts(number, month, int(before[1])), rest
        day = re.match(r"\.?\s*(\d{1,2})(?:st|nd|rd|th)?(?![\d:])", after)
        if day:
            rest = f"{after[day.end() : year.start()]} {after[year.end() :]}"
            return _Parts(number, month, int(day[1])), rest
    return None, text


def _read_era(match: re.Match[str], _zone: str) -> _Parts:
    year = int(match[2])
    year += _ERAS.get(match[1] or "", 1911 if year < 200 else 0)
    return _Parts(year, int(match[3]), int(match[4]))


def _read_numbers(match: re.Match[str], zone: str) -> _Parts:
    """Return a date in the order of the publisher's country, with a year of two or four digits."""
    day, month = int(match[1]), int(match[3])
    is_american = match[2] == "/" and zone.startswith(_AMERICAN_ORDER)
    if month > 12 or (is_american and day <= 12):
        day, month = month, day
    return _Parts(int(match[4]) + 2000 * (len(match[4]) == 2), month, day)


def _read_year_first(match: re.Match[str], _zone: str) -> _Parts:
    year, month, day = (int(match[n] or match[n + 3]) for n in (1, 2, 3))
    return _Parts(year, month, day)


_DAY_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], _Parts]], ...] = (
    (_CJK, _read_era),
    (_ERA, _read_era),
    (_YMD, _read_year_first),
    (_DMY, _read_numbers),
    (_SHORT_DMY, _read_numbers),
    (_VIETNAMESE, lambda match, _: _Parts(int(match[3]), int(match[2]), int(match[1]))),
)


def _set_time(parts: _Parts, match: re.Match[str]) -> None:
    hour = int(match[2] or match[6])
    half = (match[5] or match[7] or match[1] or "").lower().replace(".", "").replace(" ", "")
    if half in _HALVES and hour <= 12:
        hour = hour % 12 + _HALVES[half]
    parts.hour, parts.minute, parts.second = hour, int(match[3] or 0), int(match[4] or 0)


def _to_utc(parts: _Parts, zone: str) -> tuple[dt.datetime | None, DateQuality]:
    """Return the time (UTC) and quality of a date; missing parts are midnight and the publisher's
    time zone.
    """
    own = zone_of(zone)
    tz, is_sure = (read_zone(parts.zone, zone) if parts.zone else None) or (own, False)
    quality = DateQuality.EXACT if is_sure else DateQuality.ZONE_ASSUMED
    hour = parts.hour
    if hour is None:
        hour, quality, tz = 0, DateQuality.DAY_ONLY, own
    try:
        moment = dt.datetime(parts.year, parts.month, parts.day, tzinfo=tz)
        if hour == 24 and parts.minute == 0:
            moment += dt.timedelta(days=1)
        else:
            moment = moment.replace(hour=hour, minute=parts.minute, second=min(parts.second, 59))
        return moment.astimezone(dt.UTC), quality
    except (ValueError, OverflowError):
        return None, DateQuality.UNREADABLE


def read_zone(text: str, publisher_zone: str) -> tuple[dt.tzinfo, bool] | None:
    """Return the time zone in a date and whether it is unambiguous, or None if the text has no
    known time zone.

    An abbreviation has the meaning that it has in the publisher's zone: CST is China's for
    Asia/Shanghai and Chicago's for America/Chicago. Otherwise it has its most frequent meaning,
    which is ambiguous if there are several.
    """
    text = text.strip().strip("()[]").strip()
    if match := _OFFSET.match(text):
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        offset = dt.timedelta(minutes=minutes if match[1] == "+" else -minutes)
        return (dt.timezone(offset), True) if minutes <= 15 * 60 else None
    name = text.upper()
    own = _abbreviations(publisher_zone).get(name)
    if own is not None:
        return dt.timezone(own), True
    if name in _HOURS:
        return dt.timezone(dt.timedelta(hours=_HOURS[name])), name not in _AMBIGUOUS
    return None


@lru_cache(maxsize=256)
def zone_of(name: str) -> dt.tzinfo:
    """Return the time zone of an IANA name, or UTC for an unknown name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return dt.UTC


@lru_cache(maxsize=256)
def _abbreviations(name: str) -> dict[str, dt.timedelta]:
    zone = zone_of(name)
    offsets: dict[str, dt.timedelta] = {}
    for month in (1, 7) if zone is not dt.UTC else ():
        moment = dt.datetime(2026, month, 15, tzinfo=zone)
        label, offset = moment.tzname() or "", moment.utcoffset()
        if label.isalpha() and offset is not None:
            offsets[label] = offset
    return offsets | _LOCAL.get(name, {})
