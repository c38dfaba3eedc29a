"""Dates as feeds write them, read with care: the raw text is kept by the caller, and how far to trust the result is told."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from tidings.flows.fetch.feed.parsed import DateQuality
from tidings.flows.fetch.feed.zones import read_zone, zone_of
from tidings.languages.months import MONTHS_WITHOUT_ACCENTS, without_accents

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
_ZONE_AT_END = re.compile(r"\(?\b(Z|[A-Z]{2,5})\b\)?\s*\Z|((?:GMT|UTC)?\s*[+\-−]\d{1,2}(?::?\d{2})?)\s*(?:\([^)]*\))?\s*\Z")
_CJK = re.compile(r"(令和|平成|民國|民国)?\s*(\d{1,4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日号號일]?")
_YMD = re.compile(r"\b(\d{4})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})\b|\b((?:19|20)\d{2})(\d{2})(\d{2})(?=T|\b)")
_DMY = re.compile(r"\b(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*[-/.]\s*(\d{4})\b")
_WORD = re.compile(r"[^\s\d.,;:()/|-]+")  # not \w: Thai and Hindi write vowels as marks
_ERAS = {"令和": 2018, "平成": 1988, "民國": 1911, "民国": 1911}
_EPOCH = re.compile(r"\d{10}(?:\d{3})?\Z")


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
    """Return the instant (UTC) that counts for an entry, and how it was come by.

    ``zone`` is the publisher's IANA zone, put in where the text names none. Where the text is missing or unreadable, or names
    a time over an hour ahead or before 1990, the instant is ``now``: the entry counts from when it was first seen.
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
    """Return the instant (UTC) that a text names and the quality of that reading; None and unreadable when it names none."""
    text = raw.strip()[:200]
    found = _ISO.match(text)
    if found:
        return _settle(_parts_of_iso(found), zone)
    found = _MAIL.match(text)
    if found and (month := MONTHS_WITHOUT_ACCENTS.get(found[2].lower())):
        return _settle(_parts_of_mail(found, month), zone)
    if _EPOCH.match(text):
        seconds = int(text) / (1000 if len(text) == 13 else 1)
        return dt.datetime.fromtimestamp(seconds, dt.UTC), DateQuality.EXACT
    parts = _read_freely(unicodedata.normalize("NFKC", text), zone)
    return _settle(parts, zone) if parts else (None, DateQuality.UNREADABLE)


def _parts_of_iso(found: re.Match[str]) -> _Parts:
    hour = int(found[4]) if found[4] else None
    return _Parts(int(found[1]), int(found[2]), int(found[3]), hour, int(found[5] or 0), int(found[6] or 0), found[7])


def _parts_of_mail(found: re.Match[str], month: int) -> _Parts:
    year = int(found[3])
    if len(found[3]) == 2:  # RFC 2822 section 4.3; the year 0001 is what some software writes for no date
        year += 2000 if year < 50 else 1900
    return _Parts(year, month, int(found[1]), int(found[4]), int(found[5]), int(found[6] or 0), found[7])


def _read_freely(text: str, zone: str) -> _Parts | None:
    """Return the parts of a date in words of some language, or None."""
    parts, rest = _find_day(text, zone)
    if parts is None:
        return None
    found = _TIME.search(rest)
    if found:
        _put_time(parts, found)
        tail = rest[found.end() :]
        named = _ZONE_AT_END.search(tail)
        parts.zone = (named[1] or named[2]) if named else None
    return parts


def _find_day(text: str, zone: str) -> tuple[_Parts | None, str]:
    """Return the day that a text names, and the text without it."""
    found = _CJK.search(text)
    if found:
        year = int(found[2])
        year += _ERAS.get(found[1] or "", 1911 if year < 200 else 0)
        return _Parts(year, int(found[3]), int(found[4])), _without(text, found)
    found = _YMD.search(text)
    if found:
        year, month, day = (int(found[n] or found[n + 3]) for n in (1, 2, 3))
        return _Parts(year, month, day), _without(text, found)
    found = _DMY.search(text)
    if found:
        first, second = int(found[1]), int(found[3])
        is_american = found[2] == "/" and zone.startswith(_AMERICAN_ORDER)
        day, month = (second, first) if (is_american and first <= 12) or second > 12 else (first, second)
        return _Parts(int(found[4]), month, day), _without(text, found)
    return _find_named_month(text)


def _find_named_month(text: str) -> tuple[_Parts | None, str]:
    for word in _WORD.finditer(text):
        month = MONTHS_WITHOUT_ACCENTS.get(without_accents(word[0]))
        if month is None:
            continue
        before = re.search(r"(\d{1,2})\s*(?:st|nd|rd|th|er|º|\.)?\s*(?:de|of|d['’])?\s*\Z", text[: word.start()], re.IGNORECASE)
        after = text[word.end() :]
        year = re.search(r"(?<!\d)((?:19|20|25)\d{2})(?!\d)", after)
        if before and year:
            return _Parts(_solar(int(year[1])), month, int(before[1])), after[year.end() :] or after[: year.start()]
        day = re.match(r"\.?\s*(\d{1,2})(?:st|nd|rd|th)?(?![\d:])", after)
        if day and year:
            rest = after[day.end() : year.start()] + " " + after[year.end() :]
            return _Parts(_solar(int(year[1])), month, int(day[1])), rest
    return None, text


def _without(text: str, found: re.Match[str]) -> str:
    return text[: found.start()] + " " + text[found.end() :]


def _solar(year: int) -> int:
    """Return the year of our count for one of the Buddhist count, as Thai dates have it."""
    return year - 543 if year > 2440 else year


def _put_time(parts: _Parts, found: re.Match[str]) -> None:
    hour = int(found[2] or found[6])
    half = (found[5] or found[7] or found[1] or "").lower().replace(".", "").replace(" ", "")
    if half in ("pm", "下午", "晚上", "午後", "오후") and hour < 12:
        hour += 12
    elif half in ("am", "上午", "午前", "오전") and hour == 12:
        hour = 0
    parts.hour, parts.minute, parts.second = hour, int(found[3] or 0), int(found[4] or 0)


def _settle(parts: _Parts, zone: str) -> tuple[dt.datetime | None, DateQuality]:
    """Return the instant of a day, a time and a zone, filled in where they are missing."""
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
            moment = day.replace(hour=parts.hour or 0, minute=parts.minute, second=min(parts.second, 59))
        return moment.astimezone(dt.UTC), quality
    except (ValueError, OverflowError):
        return None, DateQuality.UNREADABLE
