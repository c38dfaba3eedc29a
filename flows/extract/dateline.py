"""The dateline: where and when a text was written, and the agency that it credits."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidings.flows.extract.agencies import agencies_in
from tidings.flows.extract.dates import find_date
from tidings.flows.extract.months import NAMED
from tidings.flows.extract.parse import is_named, names_of, text_of

if TYPE_CHECKING:
    from tidings.flows.extract.body import Body
    from tidings.flows.extract.parse import Element

_LINE = re.compile(
    r"(?<![a-z])(meta|headinfo|info|source|dateline|byline|date|credit|agency|quelle|article-?info|time)(?![a-z])", re.IGNORECASE
)
_PLACE_DATE = re.compile(r"^(?P<place>[^\W\d_][^\d|;:()]{1,60}?),\s*(?=(?:den |le |il |the )?\d)")
_OPENING = re.compile(
    r"^\s*(?P<place>[A-ZÀ-Þ][\w.' -]{1,40}?(?:,\s(?![A-Z][a-z]{2,8}\.?\s\d)[A-Z][\w. ]{1,20})?)?,?\s*"
    r"(?P<date>[A-Z][a-z]{2,8}\.?\s\d{1,2}|"
    r"\d{1,2}\s[A-Z][a-z]{2,8})?\s*"
    r"\((?P<agency>[A-Z][\w /-]{1,40})\)\s*[-–—:]|"
    r"^(?P<tv>央视网消息)[（(：:]|^(?P<cn>人民网|央视网消息|新华网|中新网|[\u4e00-\u9fff]{2,4}?社)(?P<cnplace>[\u4e00-\u9fff]{2,8}?)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日电"
)


_AHEAD = dt.timedelta(days=2)  # a dateline further ahead of its page is of the year before


@dataclass(frozen=True, slots=True)
class Dateline:
    """Where and when; ``lines`` are the lines that told it and are no text."""

    place: str | None = None
    on: dt.date | None = None
    agencies: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def read_dateline(tree: Element, body: Body, published_at: dt.datetime | None) -> Dateline:
    """Return the dateline told above the text, else at its beginning."""
    line = _line(tree)
    first = next((block.text for block in body.blocks if block.kind in {"p", "strong"}), "")
    opening = _OPENING.match(first[:160])
    if not opening:
        return line
    where = (opening["place"] or opening["cnplace"] or "").strip(" ,.")
    place = where.title() if where.isupper() else where
    return Dateline(
        line.place or place or None,
        line.on or _day_of(opening, published_at),
        tuple(dict.fromkeys((*line.agencies, *_credited(opening["agency"] or opening["cn"] or opening["tv"] or "")))),
        line.lines,
    )


def _day_of(opening: re.Match[str], published_at: dt.datetime | None) -> dt.date | None:
    """Return the day that a dateline names, in the year in which the page was published; that of the page where it names none."""
    if published_at is None:
        return None
    words = re.findall(r"[A-Za-z]+|\d+", opening["date"] or "")
    month = next((NAMED[word.lower()] for word in words if word.lower() in NAMED), None) or int(opening["month"] or 0)
    day = next((int(word) for word in words if word.isdigit()), None) or int(opening["day"] or 0)
    if not (month and day):
        return published_at.date()
    try:
        told = dt.date(published_at.year, month, day)
        return told if told <= published_at.date() + _AHEAD else told.replace(year=told.year - 1)
    except ValueError:
        return published_at.date()


def _credited(name: str) -> tuple[str, ...]:
    """Return the agency that a dateline credits: by its usual short name where it is known, else as written."""
    return agencies_in([name]) or ((name.strip(),) if name.strip() else ())


def _line(tree: Element) -> Dateline:
    """Return what a short line says that is named as a dateline and holds a date, or an empty one."""
    for element in tree.iter("p", "div", "span"):
        if len(element) < 12 and (names := names_of(element)) and is_named(names, _LINE):
            line = text_of(element)
            told = find_date(line, dt.UTC) if 6 < len(line) <= 120 else None
            if told:
                place = _PLACE_DATE.match(line)
                return Dateline(place["place"].strip() if place else None, told[0].date(), agencies_in([line]), (line,))
    return Dateline()
