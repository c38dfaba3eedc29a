"""Time zone abbreviations in dates."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# UTC offsets in hours. Ambiguous abbreviations have their most frequent meaning; American ones are
# those of RFC 822, section 5.1.
_HOURS = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1,
    "MESZ": 2, "MET": 1, "MEST": 2,
    "BST": 1, "IST": 5.5, "EET": 2, "EEST": 3, "MSK": 3, "TRT": 3, "SAST": 2, "EAT": 3, "WAT": 1,
    "CAT": 2, "GST": 4, "PKT": 5,
    "NPT": 5.75, "ICT": 7, "WIB": 7, "WITA": 8, "WIT": 9, "HKT": 8, "SGT": 8, "MYT": 8, "PHT": 8,
    "AWST": 8, "JST": 9, "KST": 9,
    "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "EST": -5, "EDT": -4,
    "CST": -6, "CDT": -5,
    "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "AST": -4,
    "ADT": -3, "NST": -3.5,
    "BRT": -3, "ART": -3, "CLT": -4, "COT": -5, "PET": -5,
}  # fmt: skip
_AMBIGUOUS = frozenset(
    {
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
    }
)
# Abbreviations in use that the IANA data no longer contain.
_LOCAL = {
    ("Asia/Dhaka", "BST"): 6,
    ("Asia/Shanghai", "CST"): 8,
    ("Asia/Singapore", "SST"): 8,
    ("Asia/Dubai", "GST"): 4,
}
_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+\-−])(\d{1,2})(?::?(\d{2}))?\Z", re.IGNORECASE)


def read_zone(text: str, publisher_zone: str) -> tuple[dt.tzinfo, bool] | None:
    """Return the time zone in a date and whether it is unambiguous, or None if the text has no
    known time zone.

    An abbreviation has the meaning that it has in the publisher's zone: CST is China's for
    Asia/Shanghai and Chicago's for America/Chicago. Otherwise it has its most frequent meaning,
    which is ambiguous if there are several.
    """
    text = text.strip().strip("()[]").strip()
    match = _OFFSET.match(text)
    if match:
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        if minutes > 15 * 60:
            return None
        return dt.timezone(dt.timedelta(minutes=minutes if match[1] == "+" else -minutes)), True
    name = text.upper()
    hours = _LOCAL.get((publisher_zone, name))
    if hours is not None:
        return dt.timezone(dt.timedelta(hours=hours)), True
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
    if zone is dt.UTC:
        return {}
    offsets: dict[str, dt.timedelta] = {}
    for month in (1, 7):
        moment = dt.datetime(2026, month, 15, tzinfo=zone)
        label, offset = moment.tzname(), moment.utcoffset()
        if label and offset is not None and label.isalpha():
            offsets[label] = offset
    return offsets
