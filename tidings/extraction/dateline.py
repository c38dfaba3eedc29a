"""Read the dateline: the place of writing, and the news agencies that it credits."""

import datetime as dt
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import chain, filterfalse

from tidings.base.dates import find_dates
from tidings.base.languages.words import read_tables
from tidings.extraction.body import Body
from tidings.extraction.noise import WORDS
from tidings.extraction.parse import Element, name_test, names_of, plain, text_of
from tidings.extraction.text import Block

# The usual short names of agencies by their names in lower case.
AGENCIES = {
    name: agency for agency, names in read_tables("agencies.toml").items() for name in names
}

_BETWEEN = re.compile(r"[|/,;()（）\s]*[|/,;()（）]\s*|\s+[-–—]\s*|\s{2,}|(?<=\w)\s+(?=\d)")


def agencies_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the distinct news agencies in bylines and credits by their usual short names."""
    parts = chain.from_iterable(map(_BETWEEN.split, texts))
    names = (AGENCIES.get(part.strip(" .:：-–").casefold()) for part in parts)
    return tuple(dict.fromkeys(filter(None, names)))


_is_line = name_test(
    r"(?<![a-z])(meta|headinfo|info|source|dateline|byline|date|credit|agency|quelle|article-?info|time)(?![a-z])"
)
_PLACE_DATE = re.compile(r"^(?P<place>[^\W\d_][^\d|;:()]{1,60}?),\s*(?=(?:den |le |il |the )?\d)")
_OPENING = re.compile(
    r"^\s*(?P<place>[^\W\d_][^\d\n()（）|;:–—]{1,60}?)?,?\s*(?P<date>[^\W\d_]{3,9}\.?\s\d{1,2}|"
    r"\d{1,2}\.?\s[^\W\d_]{3,9}\.?)?(?:,?\s(?:19|20)\d\d)?\s*\((?P<agency>[^\W\d_][\w"
    r" /-]{1,40})\)\s?\.?\s*[-–—:]|^(?P<tv>央视网消息)[（(：:]|^[（(]?(?:(?P<cn>人民网|央视网消息|"
    r"新华网|中新网|[\u4e00-\u9fff]{2,4}?社)|本报)(?P<cnplace>(?!记者)[\u4e00-\u9fff]{2,8}?)?(?P<mo"
    r"nth>\d{1,2})月(?P<day>\d{1,2})日电"
)
_SIGN = re.compile(r"[(（]|\d日电")  # every dateline has one
_FIRST = 8  # blocks above and at the beginning of the text, which captions and bylines may precede
_CALL_SIGN = re.compile(r"[A-Z]{3,6}")  # an agency or station that is not in the table
_NAME_WORDS = 3  # most words of such an agency's name
# The words of a place's name are capitalised, except those that join them.
_JOINING = frozenset(WORDS["joining"].split("|"))
# Capitalised lines before a date that are not places: weekdays, labels, desks and bodies.
_OTHER = re.compile(
    rf"(?:{WORDS['weekdays']}|{WORDS['desks']})\W*$|(?:{WORDS['before_dates']})\s|"
    rf".*(?:{WORDS['bodies']}|[\d\"“”„«»?!:…])",
    re.IGNORECASE,
)
_MAX_PLACE_LENGTH = 40


def place_in(text: str, others: Collection[str]) -> str | None:
    """Return the place that the beginning of a dateline states, in usual letters, or None.
    ``others``, such as authors and sections, are not places.
    """
    known = {*map(plain, others)}
    line = " ".join(text.split()).strip(" ,.-")
    parts = re.split(r",\s*", line)
    where = ", ".join(filterfalse(lambda part: plain(part) in known, parts))
    words = re.split(r"[\s/]+", where)
    is_name = all(word in _JOINING or not word[:1].islower() for word in words)
    if not (is_name and 2 < len(where) <= _MAX_PLACE_LENGTH) or _OTHER.match(where):
        return None
    return where.title() if where.isupper() else where


@dataclass(frozen=True, slots=True)
class Dateline:
    """Place and agencies; ``lines`` are lines of the page that contain only these."""

    place: str | None = None
    agencies: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def read_dateline(tree: Element, body: Body, others: Collection[str]) -> Dateline:
    """Return the dateline above the text, with what the beginning of the text adds."""
    line = _line(tree, others)
    opening = None if body.is_region else _find_opening(body.blocks[:_FIRST])
    if opening is None:
        return line
    agency = opening["agency"] or opening["cn"] or opening["tv"]
    credited = (agencies_in([agency]) or (agency.strip(),)) if agency else ()
    return Dateline(
        line.place or opening["cnplace"] or place_in(opening["place"] or "", others),
        tuple(dict.fromkeys((*line.agencies, *credited))),
        line.lines,
    )


def _find_opening(blocks: Iterable[Block]) -> re.Match[str] | None:
    texts = (block.text[:160] for block in blocks if block.kind in {"p", "strong"})
    matches = filter(None, map(_OPENING.match, filter(_SIGN.search, texts)))
    return next(filter(_is_dateline, matches), None)


def _is_dateline(opening: re.Match[str]) -> bool:
    """Return whether the parentheses contain an agency."""
    agency = opening["agency"]
    if not agency or agencies_in([agency]):
        return True
    has_date, is_capitals = bool(opening["date"]), (opening["place"] or "").isupper()
    if _CALL_SIGN.fullmatch(agency):
        return has_date or is_capitals
    return has_date and is_capitals and agency.istitle() and len(agency.split()) <= _NAME_WORDS


def _line(tree: Element, others: Collection[str]) -> Dateline:
    """Return the dateline in a short line with its class and a date, or an empty one."""
    for element in tree.iter("p", "div", "span"):
        if len(element) < 12 and _is_line(names_of(element)):
            line = text_of(element)
            if 6 < len(line) <= 120 and any(find_dates(line, dt.UTC)):
                start = _PLACE_DATE.match(line)
                place = place_in(start["place"], others) if start else None
                return Dateline(place, agencies_in([line]), (line,))
    return Dateline()
