"""Find the visible date of each item in a listing: in its own part of the page, beside it, or in
the heading of its group.
"""

from __future__ import annotations

import datetime as dt
import re
from itertools import islice
from typing import TYPE_CHECKING

from bs4 import CData, NavigableString, Tag

from tidings.base.languages.months import MONTHS_WITHOUT_ACCENTS, without_accents
from tidings.fetch.feed.dates import read_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bs4 import PageElement

_MAX_PARTS = 200  # elements and strings read of one element. Some links wrap a whole page.
_LEVELS = 7  # elements above a link that may still belong to its item
_MIXED = -1  # mark of an element that contains several items
_SHORT = 60  # characters; a longer text mentions dates of other things
_BARE = 24  # characters of a date with a weekday or a label
_START = 40  # characters at the beginning of a longer text that may be its date
_PIECE = 14  # characters of a part of a date, such as a day or a month in its own element
_SKEW = dt.timedelta(days=1)
_NAMED_DATE = re.compile(
    r"dat(?:e|um)|fecha|(?<![a-z])(?:time|data|day|tag|zeit|pubdate|rq|riqi)", re.IGNORECASE
)
_HEADINGS = frozenset({"dt", "th", "h1", "h2", "h3", "h4", "h5", "h6"})
_NUMERIC = (
    r"(?:\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日?|\d{1,2}\.\s?\d{1,2}\.\s?\d{4}|\d{1,2}/\d{1,2}/\d{4})"
)
_AT_EDGE = re.compile(rf"^[\[(（【]?({_NUMERIC})|({_NUMERIC})[\])）】]?\.?$")
_MONTH_AND_DAY = re.compile(r"[\[(（]?(\d{1,2})(?:-|/|月)(\d{1,2})日?[\])）]?$")
_DAY_AND_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|º|\.)?\s*(?:de\s+)?([^\W\d]+)\.?$|([^\W\d]+)\.?\s+(\d{1,2})$"
)


def strings_in(element: Tag) -> Iterator[tuple[str, Tag]]:
    """Yield the texts in an element and the element right above each, from its first 200 elements
    and strings.
    """
    waiting: list[PageElement] = [element]
    for _ in range(_MAX_PARTS):
        part = waiting.pop() if waiting else None
        if isinstance(part, Tag):
            if part.name not in ("script", "style"):
                waiting += reversed(part.contents[:_MAX_PARTS])
        elif isinstance(part, NavigableString) and type(part) in {NavigableString, CData}:
            text, above = " ".join(part.split()), part.parent
            if text and above is not None:
                yield text, above


def elements_in(element: Tag) -> Iterator[Tag]:
    """Yield the first 200 elements in an element, in document order."""
    return islice(
        (part for part in islice(element.descendants, 2 * _MAX_PARTS) if isinstance(part, Tag)),
        _MAX_PARTS,
    )


class ItemDates:
    """The parts of a page that belong to one item each, and their dates.

    ``links`` are the items' links in document order, ``keys`` names the item of each link: links of
    one item have the same key. ``now`` (UTC) excludes dates of coming events and completes dates
    without a year, ``zone`` is the publisher's IANA zone.
    """

    def __init__(
        self, links: Sequence[Tag], keys: Sequence[str], zone: str, now: dt.datetime
    ) -> None:
        self._zone, self._now = zone, now
        numbers: dict[str, int] = {}
        self._owner: dict[int, int] = {}
        for link, key in zip(links, keys, strict=True):
            number = numbers.setdefault(key, len(numbers))
            for element in islice(upwards(link), 2 * _LEVELS):
                self._owner[id(element)] = (
                    number if self._owner.get(id(element), number) == number else _MIXED
                )
        self._beside: dict[int, dict[int, tuple[str | None, str | None, str | None]]] = {}
        self._parts: dict[int, Tag] = {}
        self._alike: dict[int, Mapping[tuple[str, str], int]] = {}
        adjacent = [self._around(self.part_of(link)) for link in links]
        self._is_before = sum(bool(before) for before, *_ in adjacent) >= sum(
            bool(after) for _, _, after in adjacent
        )

    def part_of(self, link: Tag) -> Tag:
        """Return the largest element around a link that contains no other item and is not one of
        several similar elements.
        """
        known = self._parts.get(id(link))
        if known is None:
            known = link
            for element in islice(upwards(link), 1, _LEVELS):
                if self._owner.get(id(element)) == _MIXED or element.name in {
                    "body",
                    "html",
                    "main",
                    "[document]",
                }:
                    break
                if known.name != "a" and self._repeats(known, element):
                    break
                known = element
            self._parts[id(link)] = known
        return known

    def date_of(self, link: Tag) -> str | None:
        """Return the text of the date of a link's item, or None."""
        part = self.part_of(link)
        if date := self._own_date(part, link):
            return date
        before, group, after = self._around(part)
        return (before if self._is_before else after) or group or self._in_title(link)

    def _own_date(self, part: Tag, link: Tag) -> str | None:
        """Return the date in an item's part: of a ``time`` element, of an element named after
        dates, or of a short text.
        """
        for time in islice((tag for tag in elements_in(part) if tag.name == "time"), 3):
            for stated in (
                str(time.get("datetime") or ""),
                " ".join(text for text, _ in strings_in(time)),
            ):
                if self._is_past(stated):
                    return stated
        texts = [text for text, _ in strings_in(link)]
        title = max(
            (text for text in texts if not self._is_past(text)),
            key=len,
            default=max(texts, key=len, default=""),
        )
        named, plain, runs, run = list[str](), list[str](), list[str](), ""
        for text, parent in strings_in(part):
            if text == title:
                run = ""
                continue
            run = f"{run} {text}".strip() if len(text) <= _PIECE else ""
            runs.append(run if len(run) <= _SHORT else "")
            is_short = len(text) <= (_BARE if _is_headline(parent) else _SHORT)
            if is_short or text[0].isdigit() or (len(text) <= _SHORT and _is_named_date(parent)):
                (named if _is_named_date(parent) else plain).append(
                    text if len(text) <= _SHORT else text[:_START]
                )
        texts = [*named, *plain, *runs]
        return next(filter(self._is_past, texts), None) or next(
            filter(None, map(self._complete, texts)), None
        )

    def _in_title(self, link: Tag) -> str | None:
        match = _AT_EDGE.search(" ".join(text for text, _ in strings_in(link))[:1000].strip())
        date = (match[1] or match[2]) if match else None
        return date if date and self._is_past(date) else None

    def _around(self, part: Tag) -> tuple[str | None, str | None, str | None]:
        """Return the dates right before a part, in the heading above it, and right after it."""
        before, group, after = self._read_siblings(part.parent).get(id(part), (None, None, None))
        element = part.parent
        for _ in range(2):
            if group or element is None:
                break
            group = self._read_siblings(element.parent).get(id(element), (None, None, None))[1]
            element = element.parent
        return before, group, after

    def _read_siblings(
        self, parent: Tag | None
    ) -> dict[int, tuple[str | None, str | None, str | None]]:
        """Return the dates around each child of an element that contains items, by the child's
        identity.
        """
        if parent is None:
            return {}
        known = self._beside.get(id(parent))
        if known is None:
            known = self._beside[id(parent)] = {}
            before = group = None
            last: Tag | None = None
            for child in parent.children:
                if isinstance(child, Tag) and id(child) in self._owner:
                    known[id(child)] = (before, group, None)
                    before, last = None, child
                    continue
                if isinstance(child, Tag) and any(
                    tag.name == "a" and tag.get("href") for tag in elements_in(child)
                ):
                    before = last = None  # another item
                    continue
                text = self._short_text(child)
                if text and self._is_past(text):
                    if isinstance(child, Tag) and (
                        child.name in _HEADINGS
                        or any(tag.name in _HEADINGS for tag in elements_in(child))
                    ):
                        group = text
                    if last is not None and known[id(last)][2] is None and before is None:
                        known[id(last)] = (*known[id(last)][:2], text)
                    before = text
        return known

    def _short_text(self, node: PageElement) -> str:
        if isinstance(node, Tag):
            text = " ".join(text for text, _ in islice(strings_in(node), 12))
        else:
            text = " ".join(str(node)[:1000].split()) if type(node) is NavigableString else ""
        return text if len(text) <= _SHORT else ""

    def _repeats(self, element: Tag, parent: Tag) -> bool:
        """Return whether an element is one of several similar children with links: then its
        siblings are other items.
        """
        alike = self._alike.get(id(parent))
        if alike is None:
            counts: dict[tuple[str, str], int] = {}
            for child in parent.find_all(
                ["li", "article", "tr", "dd", "div", "p"], recursive=False
            ):
                if any(tag.name == "a" for tag in elements_in(child)):
                    counts[_kind(child)] = counts.get(_kind(child), 0) + 1
            alike = self._alike[id(parent)] = counts
        return alike.get(_kind(element), 0) > 2

    def _is_past(self, text: str) -> bool:
        moment = read_date(text, self._zone)[0] if any(sign.isdigit() for sign in text) else None
        return moment is not None and moment.year >= 1990 and moment <= self._now + _SKEW

    def _complete(self, text: str) -> str | None:
        """Return a date without a year as ISO 8601, in the last twelve months; None for other
        texts.
        """
        text = text.strip(" :|–—-")
        if match := _MONTH_AND_DAY.match(text):
            month, day = int(match[1]), int(match[2])
        elif len(text) <= _SHORT and (match := _DAY_AND_MONTH.match(text)):
            month = MONTHS_WITHOUT_ACCENTS.get(without_accents(match[2] or match[3])) or 0
            day = int(match[1] or match[4])
        else:
            return None
        for year in (self._now.year, self._now.year - 1):
            try:
                date = dt.date(year, month, day)
            except ValueError:
                continue
            if date <= (self._now + _SKEW).date():
                return date.isoformat()
        return None


def _is_headline(element: Tag) -> bool:
    """Return whether a text's element is a link or heading: there a longer text is a headline that
    may mention a date.
    """
    return any(
        tag.name == "a" or tag.name in _HEADINGS - {"dt", "th"}
        for tag in islice(upwards(element), 3)
    )


def _is_named_date(element: Tag) -> bool:
    names = [
        str(name)
        for tag in (element, element.parent)
        if tag is not None
        for name in tag.get("class") or ()
    ]
    return bool(_NAMED_DATE.search(" ".join(names)))


def _kind(element: Tag) -> tuple[str, str]:
    return element.name, " ".join(str(name) for name in element.get("class") or ())


def upwards(element: Tag) -> Iterator[Tag]:
    """Yield an element and the elements above it, the nearest first."""
    above: Tag | None = element
    while above is not None:
        yield above
        above = above.parent
