"""Parse the dates in feeds, and rate their quality. The caller stores the raw text."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from tidings.base.languages.months import MONTHS_WITHOUT_ACCENTS, without_accents
from tidings.fetch.feed.zones import read_zone, zone_of

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


def read_date(raw: str, zone: str) -> tuple[dt.datetime | None, DateQuality]:
    """Return the time (UTC) in a text and its quality, or None and unreadable if the text has no
    date.
    """
    text = raw.strip()[:200]
    match = _ISO.match(text)
    if match:
        return _to_utc(_parts_of_iso(match), zone)
    match = _MAIL.match(text)
    if match and (month := MONTHS_WITHOUT_ACCENTS.get(match[2].lower())):
        return _to_utc(_parts_of_mail(match, month), zone)
    if _EPOCH.match(text):
        seconds = int(text) / (1000 if len(text) == 13 else 1)
        return dt.datetime.fromtimestamp(seconds, dt.UTC), DateQuality.EXACT
    plain = unicodedata.normalize("NFKC", text)
    if not plain.isascii():  # Arabic, Persian and Indian digits
        plain = "".join(
            str(unicodedata.digit(sign)) if sign.isdecimal() else sign for sign in plain
        )
    parts = _read_freely(plain, zone)
    return _to_utc(parts, zone) if parts else (None, DateQuality.UNREADABLE)


def _parts_of_iso(match: re.Match[str]) -> _Parts:
    hour = int(match[4]) if match[4] else None
    return _Parts(
        int(match[1]),
        int(match[2]),
        int(match[3]),
        hour,
        int(match[5] or 0),
        int(match[6] or 0),
        match[7],
    )


def _parts_of_mail(match: re.Match[str], month: int) -> _Parts:
    year = int(match[3])
    # RFC 2822 section 4.3; some software writes the year 0001 for a missing date
    if len(match[3]) == 2:
        year += 2000 if year < 50 else 1900
    return _Parts(
        year, month, int(match[1]), int(match[4]), int(match[5]), int(match[6] or 0), match[7]
    )


def _read_freely(text: str, zone: str) -> _Parts | None:
    """Return the parts of a date in any supported language, or None."""
    parts, rest = _find_day(text, zone)
    if parts is None:
        return None
    match = _TIME.search(rest)
    if match:
        _set_time(parts, match)
        tail = rest[match.end() :]
        named = _ZONE_AT_END.search(tail)
        parts.zone = (named[1] or named[2]) if named else None
    return parts


def _find_day(text: str, zone: str) -> tuple[_Parts | None, str]:
    """Return the day in a text, and the text without it."""
    match = _CJK.search(text) or _ERA.search(text)
    if match:
        year = int(match[2])
        year += _ERAS.get(match[1] or "", 1911 if year < 200 else 0)
        return _Parts(year, int(match[3]), int(match[4])), _without(text, match)
    match = _YMD.search(text)
    if match:
        year, month, day = (int(match[n] or match[n + 3]) for n in (1, 2, 3))
        return _Parts(year, month, day), _without(text, match)
    match = _DMY.search(text) or _SHORT_DMY.search(text)
    if match:
        first, second = int(match[1]), int(match[3])
        is_american = match[2] == "/" and zone.startswith(_AMERICAN_ORDER)
        day, month = (
            (second, first) if (is_american and first <= 12) or second > 12 else (first, second)
        )
        return _Parts(int(match[4]) + 2000 * (len(match[4]) == 2), month, day), _without(
            text, match
        )
    match = _VIETNAMESE.search(text)
    if match:
        return _Parts(int(match[3]), int(match[2]), int(match[1])), _without(text, match)
    return _find_named_month(text)


def _find_named_month(text: str) -> tuple[_Parts | None, str]:
    for word in _WORD.finditer(text):
        month = MONTHS_WITHOUT_ACCENTS.get(without_accents(word[0]))
        if month is None:
            continue
        before = re.search(
            r"(\d{1,2})\s*(?:st|nd|rd|th|er|º|\.)?\s*(?:de|of|d['’])?\s*\Z",
            text[: word.start()],
            re.IGNORECASE,
        )
        after = text[word.end() :]
        year = re.search(r"(?<!\d)((?:19|20|25)\d{2})(?!\d)", after)
        if before and year:
            return _Parts(_gregorian(int(year[1])), month, int(before[1])), after[
                year.end() :
            ] or after[: year.start()]
        day = re.match(r"\.?\s*(\d{1,2})(?:st|nd|rd|th)?(?![\d:])", after)
        if day and year:
            rest = after[day.end() : year.start()] + " " + after[year.end() :]
            return _Parts(_gregorian(int(year[1])), month, int(day[1])), rest
    return None, text


def _without(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + " " + text[match.end() :]


def _gregorian(year: int) -> int:
    """Return the Gregorian year for a year of the Buddhist era, which Thai dates use."""
    return year - 543 if year > 2440 else year


def _set_time(parts: _Parts, match: re.Match[str]) -> None:
    hour = int(match[2] or match[6])
    half = (match[5] or match[7] or match[1] or "").lower().replace(".", "").replace(" ", "")
    if half in ("pm", "下午", "晚上", "午後", "오후") and hour < 12:
        hour += 12
    elif half in ("am", "上午", "午前", "오전") and hour == 12:
        hour = 0
    parts.hour, parts.minute, parts.second = hour, int(match[3] or 0), int(match[4] or 0)


def _to_utc(parts: _Parts, zone: str) -> tuple[dt.datetime | None, DateQuality]:
    """Return the time (UTC) and quality of a date; missing parts are midnight and the publisher's
    time zone.
    """
    quality = DateQuality.EXACT
    named = read_zone(parts.zone, zone) if parts.zone else None
    tz, is_sure = named or (zone_of(zone), False)
    if parts.hour is None:
        quality, tz = DateQuality.DAY_ONLY, zone_of(zone)
    elif not is_sure:
        quality = DateQuality.ZONE_ASSUMED
    try:
        day = dt.datetime(parts.year, parts.month, parts.day, tzinfo=tz)
        if parts.hour == 24 and parts.minute == 0:
            moment = day + dt.timedelta(days=1)
        else:
            moment = day.replace(
                hour=parts.hour or 0, minute=parts.minute, second=min(parts.second, 59)
            )
        return moment.astimezone(dt.UTC), quality
    except (ValueError, OverflowError):
        return None, DateQuality.UNREADABLE
