"""Find the visible date of each item in a listing: in its own part of the page, beside it, or in
the heading of its group.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import islice

from bs4 import CData, NavigableString, PageElement, Tag

from tidings.base.dates import EARLIEST_YEAR, read_date, zone_of
from tidings.base.languages.months import MONTHS

_MAX_PARTS = 200  # elements and strings read of one element: some links wrap a whole page
_LEVELS = 7  # elements above a link that may still belong to its item
_MIXED = -1  # mark of an element that contains several items
_SHORT = 60  # characters; a longer text mentions dates of other things
_BARE = 24  # characters of a date with a weekday or a label
_START = 40  # first characters of a longer text that may be its date
_PIECE = 14  # characters of a part of a date, such as a day in its own element
_SKEW = dt.timedelta(days=1)
_NAMED_DATE = re.compile(
    r"dat(?:e|um)|fecha|(?<![a-z])(?:time|data|day|tag|zeit|rq|riqi)", re.IGNORECASE
)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_GROUP_HEADINGS = HEADINGS | {"dt", "th"}
_ROOTS = frozenset({"body", "html", "main", "[document]"})
# dates before an element, in the heading above it, and after it
_Around = tuple[str | None, str | None, str | None]
_UNDATED: _Around = (None, None, None)

_NUMERIC = (
    r"(?:\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日?|\d{1,2}\.\s?\d{1,2}\.\s?\d{4}|\d{1,2}/\d{1,2}/\d{4})"
)
_AT_EDGE = re.compile(rf"^[\[(（【]?({_NUMERIC})|({_NUMERIC})[\])）】]?\.?$")
_MONTH_AND_DAY = re.compile(r"[\[(（]?(\d{1,2})(?:-|/|月)(\d{1,2})日?[\])）]?$")
_DAY_AND_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|º|\.)?\s*(?:de\s+)?([^\W\d]+)\.?$|([^\W\d]+)\.?\s+(\d{1,2})$"
)


def strings_in(element: PageElement) -> Iterator[tuple[str, Tag]]:
    """Yield the texts in an element or string with the element right above each, from its first
    200 parts.
    """
    for part in islice(_parts_in(element), _MAX_PARTS):
        if isinstance(part, NavigableString) and type(part) in {NavigableString, CData}:
            text, above = " ".join(part.split()), part.parent
            if text and above is not None:
                yield text, above


def _parts_in(element: PageElement) -> Iterator[PageElement]:
    """Yield an element, and the elements and strings in it, in document order.

    ``element.descendants`` first walks to the last one, for each of many nested elements.
    """
    waiting: list[PageElement] = [element]
    while waiting:
        yield (part := waiting.pop())
        if isinstance(part, Tag) and part.name not in ("script", "style"):
            waiting += reversed(part.contents[:_MAX_PARTS])


def link_text(element: Tag) -> str:
    """Return the text of the first 200 elements and strings in an element."""
    return " ".join(text for text, _ in strings_in(element))


def class_text(element: Tag) -> str:
    """Return the classes of an element, separated by spaces."""
    return " ".join(map(str, element.get("class", ())))


def elements_in(element: PageElement) -> Iterator[Tag]:
    """Yield the first 200 elements in an element, in document order."""
    parts = islice(_parts_in(element), 1, 2 * _MAX_PARTS)
    return islice((part for part in parts if isinstance(part, Tag)), _MAX_PARTS)


def is_link(element: Tag) -> bool:
    """Return whether an element is a link to a page."""
    return element.name == "a" and bool(element.get("href"))


class ItemDates:
    """The parts of a page that belong to one item each, and their dates. ``items`` are links in
    document order with the keys of their items. ``now`` (UTC) excludes coming events and completes
    dates without a year.
    """

    def __init__(self, items: Collection[tuple[Tag, str]], zone: str, now: dt.datetime) -> None:
        self._zone, self._now = zone_of(zone), now
        numbers: dict[str, int] = {}
        self._owner: dict[int, int] = {}
        for link, key in items:
            number = numbers.setdefault(key, len(numbers))
            for element in islice(upwards(link), 2 * _LEVELS):
                if self._owner.setdefault(id(element), number) != number:
                    self._owner[id(element)] = _MIXED
        self._beside: dict[int, dict[int, _Around]] = {}
        self._alike: dict[int, Counter[tuple[str, str]]] = {}
        self._parts = {id(link): self._find_part(link) for link, _ in items}
        around = [self._around(self.part_of(link)) for link, _ in items]
        before, _, after = (sum(bool(dates[side]) for dates in around) for side in range(3))
        self._is_before = before >= after

    def part_of(self, link: Tag) -> Tag:
        """Return the largest element around a link that contains no other item and is not one of
        several similar elements.
        """
        return self._parts[id(link)]

    def _find_part(self, link: Tag) -> Tag:
        part = link
        for element in islice(upwards(link), 1, _LEVELS):
            if self._owner.get(id(element)) == _MIXED or element.name in _ROOTS:
                break
            alike = self._alike.get(id(element))
            if alike is None:
                near = element.find_all(["li", "article", "tr", "dd", "div", "p"], recursive=False)
                alike = self._alike[id(element)] = Counter(
                    _kind(child) for child in near if "a" in map(_name_of, elements_in(child))
                )
            # one of several similar elements with links: the others are other items
            if part.name != "a" and alike[_kind(part)] > 2:
                break
            part = element
        return part

    def date_of(self, link: Tag) -> str | None:
        """Return the text of the date of a link's item, or None."""
        part = self.part_of(link)
        if date := self._own_date(part, link):
            return date
        before, group, after = self._around(part)
        match = _AT_EDGE.search(link_text(link)[:1000].strip())
        in_title = (match[1] or match[2]) if match else ""
        in_title = in_title if self._is_past(in_title) else None
        return (before if self._is_before else after) or group or in_title

    def _own_date(self, part: Tag, link: Tag) -> str | None:
        """Return the date in an item's part: of a ``time`` element, of one named after dates, or of
        a short text.
        """
        for time in islice((tag for tag in elements_in(part) if tag.name == "time"), 3):
            for stated in (str(time.get("datetime", "")), link_text(time)):
                if self._is_past(stated):
                    return stated
        shown = (text for text, _ in strings_in(link))
        title = max(shown, key=lambda text: (not self._is_past(text), len(text)), default="")
        texts = _date_texts(part, title)
        completed = filter(None, map(self._complete, texts))
        return next(filter(self._is_past, texts), None) or next(completed, None)

    def _around(self, part: Tag) -> _Around:
        """Return the dates right before a part, in the heading above it, and right after it."""
        before, group, after = self._read_siblings(part.parent).get(id(part), _UNDATED)
        element = part.parent
        for _ in range(2):
            if element is not None and not group:
                group = self._read_siblings(element.parent).get(id(element), _UNDATED)[1]
                element = element.parent
        return before, group, after

    def _read_siblings(self, parent: Tag | None) -> dict[int, _Around]:
        """Return the dates around each child of an element that contains items, by its identity."""
        known = self._beside.get(id(parent))
        if known is None:
            known = self._beside[id(parent)] = {}
            before = group = last = None
            for child in getattr(parent, "children", ()):
                if id(child) in self._owner:
                    known[id(child)] = (before, group, None)
                    before, last = None, id(child)
                    continue
                tags = list(elements_in(child))
                if any(map(is_link, tags)):
                    before = last = None  # another item
                    continue
                text = _short_text(child)
                if self._is_past(text):
                    if not _GROUP_HEADINGS.isdisjoint(map(_name_of, (child, *tags))):
                        group = text
                    if last is not None and before is None:
                        known[last] = (*known[last][:2], text)
                    before = text
        return known

    def _is_past(self, text: str) -> bool:
        value = read_date(text, self._zone) if any(map(str.isdigit, text)) else None
        return bool(value and value.at.year >= EARLIEST_YEAR and value.at <= self._now + _SKEW)

    def _complete(self, text: str) -> str | None:
        """Return a date without a year as ISO 8601, in the last twelve months, or None."""
        text = text.strip(" :|–—-")
        if match := _MONTH_AND_DAY.match(text):
            month, day = int(match[1]), int(match[2])
        elif match := _DAY_AND_MONTH.match(text):
            month = MONTHS.get((match[2] or match[3]).lower(), 0)
            day = int(match[1] or match[4])
        else:
            return None
        for year in (self._now.year, self._now.year - 1):
            with suppress(ValueError):
                date = dt.date(year, month, day)
                if date <= (self._now + _SKEW).date():
                    return date.isoformat()
        return None


def _short_text(node: PageElement) -> str:
    text = " ".join(text for text, _ in islice(strings_in(node), 12))
    return text if len(text) <= _SHORT else ""


def _date_texts(part: Tag, title: str) -> list[str]:
    """Return the texts of an item that may be its date: in elements named after dates, other short
    texts, and runs of short pieces.
    """
    texts: dict[bool, list[str]] = {True: [], False: []}  # by whether the element names a date
    runs, run = list[str](), ""
    for text, parent in strings_in(part):
        if text == title:
            run = ""
            continue
        run = f"{run} {text}".strip() if len(text) <= _PIECE else ""
        runs.append(run if len(run) <= _SHORT else "")
        is_named = _NAMED_DATE.search(" ".join(map(class_text, islice(upwards(parent), 2))))
        limit = _SHORT if is_named or not _is_headline(parent) else _BARE
        if len(text) <= limit or text[0].isdigit():
            texts[bool(is_named)].append(text if len(text) <= _SHORT else text[:_START])
    return [*texts[True], *texts[False], *runs]


def _is_headline(element: Tag) -> bool:
    """Return whether a text is in a link or heading, where a longer one may mention a date."""
    return any(tag.name == "a" or tag.name in HEADINGS for tag in islice(upwards(element), 3))


def _kind(element: Tag) -> tuple[str, str]:
    return element.name, class_text(element)


def _name_of(element: PageElement) -> str:
    return getattr(element, "name", None) or ""


def upwards(element: Tag | None) -> Iterator[Tag]:
    """Yield an element and the elements above it, the nearest first."""
    while element is not None:
        yield element
        element = element.parent
