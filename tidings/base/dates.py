"""Parse the dates that pages and feeds write: a text that is a date, and the dates in prose."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tidings.base.languages.months import MONTH, MONTHS

EARLIEST_YEAR = 1990  # of the first web pages
_LATEST_YEAR = 2100
_MONTH_FIRST = ("America/", "US/", "Asia/Manila")  # zones where dates with slashes begin with it
_YEAR = r"(?P<year>(?:19|20)\d\d)"
# Dates in URLs, as publishers write them: /2023/09/25/, /2023-09/25/, 2023-09-25, 20230925.
_IN_URL = re.compile(
    r"(?<!\d)(?<!\d\.)(199\d|20\d\d)[-/]?(0[1-9]|1[0-2])[-/]?(0[1-9]|[12]\d|3[01])(?!\d)"
)
YEARISH = re.compile(r"(?:19|20)\d\d|\d\.\s?\d\d?\.\s?\d\d(?!\d)")  # every format contains a match


_FORMATS = (
    rf"(?<![\d/]){_YEAR}\s?[-/.年]\s?(?P<mon>\d\d?)\s?[-/.月]\s?(?P<day>\d\d?)(?!\d)\s?日?",
    rf"(?<!\d){_YEAR}년\s?(?P<mon>\d\d?)월\s?(?P<day>\d\d?)일",
    rf"(?<!\d)(?P<day>\d\d?)(?:st|nd|rd|th|er|\.|º|ª|°)?[\s/,]*(?:de\s+|of\s+|d['’]|-)?{MONTH}[\s,/-]*(?:de\s+|del\s+)?{_YEAR}(?!\d)",
    rf"(?<!\w){MONTH}[\s-]+(?P<day>\d\d?)(?:st|nd|rd|th)?\s*(?:[,-]\s*)?{_YEAR}(?!\d)",
    rf"(?<!\d){_YEAR}[.,]?[\s-]+{MONTH}[\s-]+(?P<day>\d\d?)(?!\d)",
    r"(?<![\d.])(?P<day>\d\d?)\.\s?(?P<mon>\d\d?)\.\s?(?P<year>(?:19|20)?\d\d)(?![\d.]?\d)",
    rf"(?<![\d/-])(?P<a>\d\d?)(?P<sep>[/-])(?P<b>\d\d?)(?P=sep){_YEAR}(?!\d)",
    rf"(?<!\d)(?P<day>\d\d?) tháng (?P<mon>\d\d?),? (?:năm )?{_YEAR}(?!\d)",
)
# Formats in which prose writes other things, for texts that are dates. Years may be of the Buddhist
# era, or 0001 for a missing date.
_ANY_YEAR = r"(?P<year>(?:19|20|25)\d\d|0001)"
_DATE_FORMATS = (
    r"(?P<era>令和|平成|民國|民国|\b[RH]|(?<!\d)(?=1\d\d\s?年))\s?(?P<year>\d{1,3})\s?[年./]\s?(?P<mon>\d\d?)\s?[月./]\s?(?P<day>\d\d?)(?!\d)\s?[日號号]?",
    rf"\b{_ANY_YEAR}\s*[-/.年년]\s*(?P<mon>\d\d?)\s*[-/.月월]\s*(?P<day>\d\d?)(?!\d)\s*[日號号일]?",
    r"(?<![\d./-])(?P<a>\d\d?)\s*(?P<sep>[./-])\s*(?P<b>\d\d?)\s*(?P=sep)\s*(?P<year>(?:19|20|25)?\d\d)(?![\d./])",
    rf"(?<!\d)(?P<day>\d\d?)\W{{0,3}}(?:st|nd|rd|th|er|º|ª|°)?\W{{0,3}}(?:de\s+|of\s+|d['’])?{MONTH}[^\d:]{{0,20}}(?P<year>(?:19|20|25)?\d\d|0001)(?![\d:])",
    rf"(?<!\w){MONTH}\W{{0,3}}(?P<day>\d\d?)(?:st|nd|rd|th)?(?![\d:])[^\w:]{{0,20}}{_ANY_YEAR}(?!\d)",
    *_FORMATS,
)
_ERAS = {"R": 2018, "H": 1988, "令和": 2018, "平成": 1988}  # others are the years since 1911
_TIME = re.compile(
    r"(?P<early>上午|下午|中午|晚上|午前|午後|오전|오후)?\s*"
    r"(?<![\d.:])(?:(?P<hour>[01]?\d|2[0-4])(?:\s?[:h时時点시]\s?|\.)(?P<minute>[0-5]\d)\s?[分분]?"
    r"(?:(?:[:.]|(?<=[分분])\s?)(?P<second>[0-6]\d)(?:[.,]\d+)?\s?[秒초]?)?(?!\.?\d)"
    r"\s*(?P<half>[ap]\.?\s?m\b\.?)?|(?P<clock>1[0-2]|0?[1-9])\s*(?P<named>[ap]\.?m\b\.?))",
    re.IGNORECASE,
)
_AFTERNOON = ("p", "下午", "晚上", "午後", "오후")
_MORNING = ("a", "上午", "午前", "오전")
_ZONE = re.compile(
    r"[\s,]*(?:Uhr\s*)?\(?((?:GMT|UTC)\s*[+−-]\d{1,2}(?::?\d\d)?\b|[+−-]\d\d:?\d\d\b|(?:Z|[A-Z]{2,5})\b)"
)
_ISO = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[T\s_]+(\d\d?):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?)?\s*"
    r"(Z|[A-Z]{2,5}|(?:GMT|UTC)?\s*[+−-]\d{1,2}:?\d{0,2})?(?:\[.*|Z)?\Z",
    re.IGNORECASE,
)
# the usual form of RFC 5322; the formats read all others
_MAIL = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d\d?)"
    r" (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) ((?:19|20)\d\d)"
    r" ([01]\d|2[0-4]):([0-5]\d):([0-6]\d) (GMT|[+-]\d{4})\Z"
)
_EPOCH = re.compile(r"[12](?:\d{9}|\d{12})\Z")  # seconds or milliseconds since 1970
_COMPACT = re.compile(r"\b((?:19|20)\d\d)(\d\d)(\d\d)(?=T|\b)")
# the end of a date in the format of C's ctime
_TIME_BEFORE_YEAR = re.compile(r"(\d\d?:\d\d(?::\d\d)?(?: [A-Z]{2,5})?) ((?:19|20)\d\d)\b")
# UTC offsets in hours, of the most frequent meaning; American ones as in RFC 822, section 5.1
_HOURS = {
    name: float(hours)
    for hours, *names in map(
        str.split,
        (
            "-10 HST", "-9 AKST", "-8 PST AKDT", "-7 MST PDT", "-6 CST MDT", "-5 EST CDT COT PET",
            "-4 EDT AST CLT", "-3.5 NST", "-3 ADT BRT ART", "0 Z UT UTC GMT WET",
            "1 WEST CET MEZ MET BST WAT", "2 CEST MESZ MEST EET SAST CAT", "3 EEST MSK TRT EAT",
            "4 GST", "5 PKT", "5.5 IST", "5.75 NPT", "7 ICT WIB", "8 WITA HKT SGT MYT PHT AWST",
            "9 WIT JST KST", "9.5 ACST", "10 AEST", "10.5 ACDT", "11 AEDT", "12 NZST", "13 NZDT",
        ),
    )
    for name in names
}  # fmt: skip
_AMBIGUOUS = {
    "CST", "BST", "IST", "GST", "AST", "ADT", "MST", "PST", "EST", "EDT", "CAT", "ECT", "WST",
    "PET", "ART",
}  # fmt: skip
# Abbreviations in use that the IANA data no longer contain.
_LOCAL = {
    "Asia/Dhaka": {"BST": dt.timedelta(hours=6)},
    "Asia/Shanghai": {"CST": dt.timedelta(hours=8)},
    "Asia/Singapore": {"SST": dt.timedelta(hours=8)},
    "Asia/Dubai": {"GST": dt.timedelta(hours=4)},
}
_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+−-])(\d{1,2})(?::?(\d{2}))?\Z", re.IGNORECASE)


@cache  # late, because few feeds need the formats and their compilation takes .1 s
def _compiled(formats: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in formats)


class Moment(NamedTuple):
    """A time with its own offset or the publisher's; without ``has_time`` midnight. ``is_exact``:
    the text has an unambiguous time zone too.
    """

    at: dt.datetime
    has_time: bool
    is_exact: bool = False


class Written(NamedTuple):
    """A date in a text, with its offsets, end exclusive."""

    value: Moment
    start: int
    end: int


@lru_cache(maxsize=256)
def zone_of(name: str) -> dt.tzinfo:
    """Return the time zone of an IANA name; UTC for an unknown name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return dt.UTC


def read_instant(text: str, zone: dt.tzinfo) -> Moment | None:
    """Return the time of a page's declared date, or None outside of the web's years."""
    value = read_date(text.strip()[:80], zone)
    return value if value and EARLIEST_YEAR <= value.at.year <= _LATEST_YEAR else None


def read_date(text: str, zone: dt.tzinfo) -> Moment | None:
    """Return the time in a text that is a date (ISO 8601, RFC 5322, seconds since 1970, or in many
    languages), or None. A time without an offset is in ``zone``, the publisher's; a day without a
    time becomes its midnight there.
    """
    if not (text := text.strip()[:200]):
        return None
    text = _COMPACT.sub(r"\1-\2-\3", text)
    for pattern, read in _STANDARDS:
        if (match := pattern.match(text)) and (value := read(match, zone)):
            return value
    plain = text
    if not text.isascii():
        plain = re.sub(
            r"\d", lambda sign: str(unicodedata.digit(sign[0])), unicodedata.normalize("NFKC", text)
        )
    plain = _TIME_BEFORE_YEAR.sub(r"\2 \1", plain)
    hits = (hit for pattern in _compiled(_DATE_FORMATS) for hit in pattern.finditer(plain))
    month_first = "/" in plain and str(zone).startswith(_MONTH_FIRST)
    dates = _values(plain, hits, zone, month_first=month_first, reach=(len(plain), len(plain)))
    return next((date.value for date in dates), None)


def _read_iso(match: re.Match[str], zone: dt.tzinfo) -> Moment | None:
    year, month, day, *time = map(int, match.groups("0")[:6])
    return _moment((year, month, day), time if match[4] else None, match[7], zone)


def _read_mail(match: re.Match[str], zone: dt.tzinfo) -> Moment | None:
    day, month, year, *time, named = match.groups()
    date = (int(year), MONTHS[month.lower()], int(day))
    return _moment(date, map(int, time), named, zone)


def _read_epoch(match: re.Match[str], _zone: dt.tzinfo) -> Moment:
    at = dt.datetime.fromtimestamp(int(match[0][:10]), dt.UTC)
    return Moment(at, has_time=True, is_exact=True)


_STANDARDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], dt.tzinfo], Moment | None]], ...]
_STANDARDS = ((_MAIL, _read_mail), (_ISO, _read_iso), (_EPOCH, _read_epoch))


def find_dates(text: str, zone: dt.tzinfo, *, month_first: bool = False) -> Iterator[Written]:
    """Yield the dates in prose, in order and without overlaps. Slashes have the day first, unless
    that is impossible or ``month_first``. A time of day is shortly after a date, or right before.
    """
    formats = _compiled(_FORMATS) if YEARISH.search(text) else ()
    hits = (hit for pattern in formats for hit in pattern.finditer(text))
    for date in _values(text, hits, zone, month_first=month_first, reach=(14, 24)):
        if EARLIEST_YEAR <= date.value.at.year <= _LATEST_YEAR:
            yield date


def date_in_url(url: str) -> dt.date | None:
    """Return the date in a URL, or None."""
    for match in _IN_URL.finditer(url):
        with suppress(ValueError):
            return dt.date(*map(int, match.groups()))
    return None


def _values(
    text: str,
    hits: Iterable[re.Match[str]],
    zone: dt.tzinfo,
    *,
    month_first: bool,
    reach: tuple[int, int],
) -> Iterator[Written]:
    """Yield the valid dates among matches of formats, the earliest and longest first, with the time
    of day in ``reach``: most characters before and after a date.
    """
    end = -1
    for hit in sorted(hits, key=lambda hit: (hit.start(), -hit.end())):
        if hit.start() < end:
            continue
        timed = _read_time(text, hit.end(), hit.end() + reach[1])
        timed = timed or _read_time(text, max(0, hit.start() - reach[0]), hit.start())
        time, named = timed or (None, None)
        if value := _moment(_read_day(hit, month_first=month_first), time, named, zone):
            end = hit.end()
            yield Written(value, hit.start(), end)


def _read_day(match: re.Match[str], *, month_first: bool) -> tuple[int, int, int]:
    part = match.groupdict()
    year, era = int(part["year"]), part.get("era")
    if era is not None:
        year += _ERAS.get(era.upper(), 1911)
    elif len(part["year"]) == 2:
        year += 2000
    elif year > 2440:
        year -= 543  # of the Buddhist era
    if "a" in part:
        a, b = int(part["a"]), int(part["b"])
        return (year, a, b) if a <= 12 and (month_first or b > 12) else (year, b, a)
    return year, int(part.get("mon") or MONTHS[part["month"].lower()]), int(part["day"])


def _read_time(text: str, start: int, stop: int) -> tuple[tuple[int, int, int], str | None] | None:
    """Return the time of day in a part of a text, and the time zone after it, or None."""
    if (match := _TIME.search(text, start, stop)) is None:
        return None
    hour = int(match["hour"] or match["clock"])
    half = next(filter(None, match.group("half", "named", "early")), "").lower()
    if hour <= 12 and half.startswith((*_AFTERNOON, *_MORNING)):
        hour = hour % 12 + 12 * half.startswith(_AFTERNOON)
    named, parts = _ZONE.match(text, match.end()), match.groupdict("0")
    return (hour, int(parts["minute"]), int(parts["second"])), named and named[1]


def _moment(
    day: tuple[int, int, int], time: Iterable[int] | None, named: str | None, zone: dt.tzinfo
) -> Moment | None:
    hour, minute, second = time or (0, 0, 0)
    tz, is_sure = (read_zone(named, zone) if named and time else None) or (zone, False)
    try:
        at = dt.datetime(*day, hour % 24, minute, min(second, 59), tzinfo=tz)
        at += dt.timedelta(days=hour // 24)
        at.astimezone(dt.UTC)  # fails for the first and last days of the calendar
    except (ValueError, OverflowError):
        return None
    return Moment(at, time is not None, is_sure) if hour <= 24 else None


@lru_cache(maxsize=4096)
def read_zone(text: str, publisher_zone: dt.tzinfo) -> tuple[dt.tzinfo, bool] | None:
    """Return a time zone and whether it is unambiguous, or None if it is unknown. An abbreviation
    has its meaning in the publisher's zone (CST is China's in Asia/Shanghai), else its most
    frequent.
    """
    text = text.strip()
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


def _abbreviations(zone: dt.tzinfo) -> dict[str, dt.timedelta]:
    moments = [dt.datetime(2026, month, 15, tzinfo=zone) for month in (1, 7)]
    offsets = {
        moment.tzname() or "": moment.utcoffset() or dt.timedelta()
        for moment in moments * (zone is not dt.UTC)
    }
    return offsets | _LOCAL.get(str(zone), {})
