"""Choose the dates of publication and last change: by rule, JSON-LD, meta elements, visible text,
URL, feed or a script.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, takewhile
from operator import itemgetter
from typing import Any, NamedTuple

from lxml import etree
from pytz import country_timezones

from tidings.base.dates import (
    YEARISH,
    Moment,
    Written,
    date_in_url,
    find_dates,
    read_instant,
    zone_of,
)
from tidings.base.urls import host_of
from tidings.base.writing import ends_sentence, width
from tidings.extraction.candidates import INLINE
from tidings.extraction.noise import WORDS, is_beside
from tidings.extraction.page_metadata import Declared
from tidings.extraction.parse import HEADINGS, Element, name_test, names_of, plain, squeeze, text_of
from tidings.extraction.records import Page

_META_PUBLISHED = (
    "article:published_time", "og:published_time", "datepublished", "pubdate", "publishdate",
    "publish-date", "publish_date", "dc.date.issued", "dcterms.created", "dcterms.issued",
    "dc.date.created", "parsely-pub-date", "sailthru.date", "article.published",
    "cxenseparse:recs:publishtime", "originalpublicationdate", "publication_date",
    "citation_publication_date", "rnews:datepublished", "dc.date", "dcterms.date", "bt:pubdate",
)  # fmt: skip
_META_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified",
    "lastmod",
)  # fmt: skip
_SKEW = dt.timedelta(hours=26)  # allows for days in the easternmost time zone and fast clocks
_FARTHEST = dt.timedelta(hours=14)  # largest offset of a time zone from UTC
UNKNOWN_ZONE = zone_of("UTC")  # the time zone of a publisher whose zone is unknown
# Names that may also mean the date of a file, an event or the visit.
_VAGUE = ("date", "created")
_ONE_DAY = dt.timedelta(days=1)
_MOMENT = dt.timedelta(minutes=1)


def read_dates(
    page: Page,
    tree: Element,
    declared: Declared,
    by_rule: tuple[str | None, str | None],
    title: str,
) -> tuple[dt.datetime | None, dt.datetime | None, str]:
    """Return the dates of publication and last change, aware and with the page's own offset, and
    the quality (see Cleaned.date_quality). Dates after the capture are ignored.
    """
    zone, latest = zone_of(page.zone), page.fetched_at + _SKEW
    modified = _modified(declared, zone, latest)
    is_future = False
    sources = _Sources(page, tree, declared, title, zone, modified, _by_format(*by_rule, zone))
    for quality, (stated, has_time, _) in sources.ranked():
        if stated > latest:
            is_future = True
            continue
        is_declared = has_time and quality in {"page_jsonld", "page_meta"}
        at = _in_local_day(stated, page.final_url, zone) if is_declared else stated
        changed = modified if modified and modified >= at else None
        return at, changed, quality if has_time else "day_only"
    return None, modified, "future_refused" if is_future else "unknown"


@dataclass(frozen=True)
class _Sources:
    """The dates of a page; methods yield the quality and time of dates of a source."""

    page: Page
    tree: Element
    declared: Declared
    title: str
    zone: dt.tzinfo
    modified: dt.datetime | None
    rule: Moment | None

    def ranked(self) -> Iterator[tuple[str, Moment]]:
        """Yield the dates of all sources, the most reliable first."""
        if self.rule:
            yield "rule", self.rule
        yield from self._stated()
        marked = [hit for hit in self._shown if hit.rank in {MARKED, MARKED_BESIDE}]
        if len({hit.value.at.date() for hit in marked}) == 1:
            yield from self._as_shown(marked[:1])
        yield from self._read("page_meta", *map(self.declared.first, _VAGUE))
        yield from self._near_url()
        yield from self._ranked_as(0, NAMED)
        yield from self._in_feed()
        yield from self._ranked_as(NAMED + 1, BESIDE - 1)
        yield from self._read("page_guess", self.declared.scripted)
        yield from self._ranked_as(BESIDE, PROSE + BESIDE)

    @cached_property
    def _shown(self) -> list[Shown]:
        return shown_dates(self.tree, self.zone, self.title, self.page.final_url)

    def _ranked_as(self, first: int, last: int) -> Iterator[tuple[str, Moment]]:
        return self._as_shown([hit for hit in self._shown if first <= hit.rank <= last])

    def _in_feed(self) -> list[tuple[str, Moment]]:
        feed = self.page.hint.published_at
        return [("feed", Moment(feed, has_time=True))] if feed else []

    def _read(self, source: str, *values: Any) -> list[tuple[str, Moment]]:
        dates = (_declared(value, self.zone) for value in values)
        return [(source, date) for date in dates if date]

    def _stated(self) -> Iterator[tuple[str, Moment]]:
        """Yield the dates in JSON-LD and meta elements; the visible one before a first one later
        than the last change, which is a new time stamp.
        """
        stated = [*self._declared_dates()]
        first = dict(stated[:1]).get("page_meta")
        if self.modified and first and first.at > self.modified + _MOMENT:
            for hit in self._shown[:1]:
                if hit.rank <= NAMED and hit.value.at.date() < first.at.date():
                    yield "page_text", hit.value
        yield from stated

    def _declared_dates(self) -> Iterator[tuple[str, Moment]]:
        meta = self._read("page_meta", *map(self.declared.first, _META_PUBLISHED))
        names = ("datePublished", "dateCreated")
        for found in self._read("page_jsonld", *map(self.declared.article.get, names)):
            # on some sites JSON-LD has the creation date
            if meta and meta[0][1].at.date() != found[1].at.date():
                yield meta[0]
            yield found
        yield from meta

    def _near_url(self) -> Iterator[tuple[str, Moment]]:
        """Yield visible and feed dates within a day of the day in the URL, and that day."""
        day = date_in_url(self.page.final_url)
        if day is None:
            return
        days = {day - _ONE_DAY, day, day + _ONE_DAY}
        yield from self._as_shown(
            [hit for hit in self._shown if hit.rank < CHANGED and hit.value.at.date() in days]
        )
        for name, value in self._in_feed():  # the feed adds the time of day
            if value.at.astimezone(self.zone).date() in days:
                yield name, value
        midnight = dt.datetime.combine(day, dt.time(), self.zone)
        yield "page_guess", Moment(midnight, has_time=False)

    def _as_shown(self, hits: list[Shown]) -> Iterator[tuple[str, Moment]]:
        """Yield visible dates with their time, another date's on that day, or the feed's."""
        likely = [hit.value for hit in self._shown if hit.rank < CHANGED]
        for *_, shown in hits:
            day = shown.at.date()
            timed = (date for date in (shown, *likely) if date.has_time and date.at.date() == day)
            date = next(timed, shown)
            yield "page_text", _refined(date, self.page.hint.published_at, self.zone)


def _in_local_day(at: dt.datetime, url: str, zone: dt.tzinfo) -> dt.datetime:
    """Return a UTC time with the offset of its local day if that is known: systems that store only
    a day write its local midnight, 22:00 or 23:00 UTC. Else at most six hours move it into the day
    in the URL.
    """
    if at.utcoffset() != dt.timedelta(0):
        return at
    if (at.hour, at.minute, at.second) in {(22, 0, 0), (23, 0, 0)}:
        country = host_of(url).rsplit(".", 1)[-1]
        names = country_timezones.get(country, ())
        for local in map(at.astimezone, (*map(zone_of, names), zone)):
            if local.hour == 0:
                return local
    if (day := date_in_url(url)) is None:
        return at
    for hours in (*range(7), *range(-1, -7, -1)):
        local = at.astimezone(dt.timezone(dt.timedelta(hours=hours)))
        if local.date() == day:
            return local
    return at


def _refined(value: Moment, feed: dt.datetime | None, zone: dt.tzinfo) -> Moment:
    """Return a visible date, or the feed's time if it is in the same minute, or on the same day if
    no time is visible, or within a zone's offset if the publisher's zone is unknown.
    """
    at, has_time, _ = value
    if feed is None:
        return value
    limit = _FARTHEST if at.tzinfo is UNKNOWN_ZONE else _MOMENT
    is_same_day = feed.astimezone(zone).date() == at.date()
    is_same = abs(feed - at) < limit if has_time else is_same_day
    return Moment(feed.astimezone(at.tzinfo), has_time=True) if is_same else value


def _declared(value: Any, zone: dt.tzinfo) -> Moment | None:
    return read_instant(str(value), zone) if isinstance(value, (str, int)) else None


def _by_format(text: str | None, date_format: str | None, zone: dt.tzinfo) -> Moment | None:
    if date_format is None or not text:
        return _declared(text, zone)
    try:
        value = dt.datetime.strptime(squeeze(text), date_format)  # noqa: DTZ007 # the time zone is added below
    except ValueError:
        return None
    has_time = bool(re.search("%[HITXc]", date_format))
    return Moment(value if value.tzinfo else value.replace(tzinfo=zone), has_time)


def _modified(declared: Declared, zone: dt.tzinfo, latest: dt.datetime) -> dt.datetime | None:
    value = _declared(declared.article.get("dateModified"), zone)
    stated = [value] if value else (_declared(declared.first(n), zone) for n in _META_MODIFIED)
    return next((value.at for value in stated if value and value.at <= latest), None)


# Ranks of a date, from the most to the least likely date of publication: markup or words call it
# so, its element is named after dates, the first outside the article, a change, a date line, others
# outside the article, in prose.
MARKED, NAMED, MARKED_BESIDE, CHANGED, LINE, BESIDE, PROSE = 0, 1, 2, 3, 4, 6, 20

# characters other than letters, or capitals, separate words in a name
_EDGE = r"(?:(?<![a-z])|(?-i:(?<=[a-z])(?=[A-Z])))"
_END = r"(?:(?![a-z])|(?-i:(?=[A-Z])))"
_is_dated = name_test(
    rf"{_EDGE}(?:(?:publi\w+|posts?|news|article|entry|create|creation|issue|pub|start|display|release)?-?_?(?:date|datum)|"
    r"published|publish|posted|timestamp|meta|byline|dateline|time|pubtime|"
    r"publishtime|headinfos?|article-?(?:info|meta)s?|source|fecha|data|datetime|created|infos?|"
    r"lineinfo|erstellt|submitted|updated|"
    rf"docinfo|date(?:header|text)|veröffentlicht|lastmod){_END}"
)
_PUBLISHED = re.compile(rf"(?:{WORDS['published']})\w*[^\d]{{0,24}}$", re.IGNORECASE)
_CHANGED = re.compile(rf"(?:{WORDS['changed']})\w*[^\d]{{0,24}}$", re.IGNORECASE)
_NOW = re.compile(rf"(?:{WORDS['other_dates']})\w*[^\d]{{0,24}}$", re.IGNORECASE)
_PUBLICATION = re.compile(r"datePublished|dateCreated")
# a tag, a space and properties that declare a date
_DECLARED = re.compile(r"(?:time|abbr) |\S* .*date", re.IGNORECASE | re.DOTALL)
_MODIFIED_NAME = re.compile(r"modified|updated|changed|lastmod", re.IGNORECASE)
_SLASHED = re.compile(r"(?<![\d/])(\d\d?)/(\d\d?)/(?:19|20)\d\d(?!\d)")
_MAY_CONTAIN_DATE: Any = etree.XPath(
    "descendant::*[self::time or self::abbr or @itemprop or @property or @pubdate]"
)
_READ = 50_000  # characters searched for the page's order of day and month
# elements that are never the line of a date
_NO_LINE = {"script", "style", "option", "body", "html", "title", "head"}
_ENOUGH = 60  # dates per page; a page with more of them lists other articles
_BLOCK = 400  # characters; a longer block is text that mentions a date
_LABEL = 40  # characters before a date that may contain its label
_CLOSE = 12  # elements from the headline; a nearer date line ranks as NAMED
_LONG_LINE = 120  # characters beside the date in a line whose parts are separated by a mark
_SET_OFF = re.compile(r"\s*(?:[|·•–—:]|-\s|,?\s*\d\d?[:.]\d\d\b)")
_PROSE = 200  # characters; a longer text may contain dates of other things
_NEAR = 200  # elements from the headline; a date line farther away belongs to another article
_FULL_STOP = re.compile("[。！？]")  # date lines in Chinese and Japanese have none
_ALONE = 40  # characters beside the date in a date line
# the same in a heading or a line with a full stop; with more it is a sentence about an event
_LABELLED = 16


class Shown(NamedTuple):
    """A visible date; ``distance`` is the number of elements between it and the headline."""

    rank: int
    distance: int
    value: Moment


def shown_dates(tree: Element, zone: dt.tzinfo, title: str, url: str) -> list[Shown]:
    """Return the visible dates of a page by rank, and within a rank by the distance from the
    headline.
    """
    elements = [element for element in tree.iter() if element.tag not in {"meta", "link"}]
    heading = _headline(elements, plain(title))
    around = {elements[heading], *elements[heading].iterancestors()}
    reader = _Reader(zone, is_month_first=_is_month_first(tree, url))
    dates: list[Shown] = []
    dated = _dated(tree, elements)
    for at, element in enumerate(elements):
        for rank, value in reader.read(element) if element in dated else ():
            distance = max(at - heading, 2 * (heading - at))
            # an ancestor of the headline is never boilerplate, whatever its name
            above = takewhile(lambda outer: outer not in around, element.iterancestors())
            is_aside = is_beside(above, {"aside", "nav", "footer"})
            dates.append(Shown(_rank_at(rank, distance, is_aside=is_aside), distance, value))
        if len(dates) >= _ENOUGH:
            break
    return sorted(dates, key=itemgetter(0, 1))


def _rank_at(rank: int, distance: int, *, is_aside: bool) -> int:
    """Return the rank of a date at its place: a date line is like a named date near the headline,
    and outside the article far from it.
    """
    if is_aside or (rank == LINE and distance > _NEAR):
        return MARKED_BESIDE if rank == MARKED else BESIDE + rank
    return NAMED if rank == LINE and distance <= _CLOSE else rank


def _dated(tree: Element, elements: list[Element]) -> set[Element]:
    """Return the elements that may contain a date: in a text with a year, or in an attribute."""
    dated: set[Element] = set()
    for element in elements:
        node = element if _has_year(element.text) or _has_year(element.tail) else None
        while node is not None and node not in dated:
            dated.add(node)
            node = node.getparent()
    return dated.union(_MAY_CONTAIN_DATE(tree))


def _has_year(text: str | None) -> bool:
    return bool(text and YEARISH.search(text))


def _headline(elements: list[Element], title: str) -> int:
    """Return the position of the heading that contains the title, else of the first h1, else 0."""
    heads = [at for at, element in enumerate(elements) if element.tag in {"h1", "h2", "h3"}]
    for at in sorted(heads, key=lambda at: str(elements[at].tag)) if title else ():
        if title in plain(text_of(elements[at])):
            return at
    return next((at for at in heads if elements[at].tag == "h1" and text_of(elements[at])), 0)


class _Reader:
    """Reads dates with their ranks, each line only once."""

    def __init__(self, zone: dt.tzinfo, *, is_month_first: bool) -> None:
        self._zone, self._is_month_first = zone, is_month_first
        self._seen: set[Element] = set()

    def read(self, element: Element) -> Iterator[tuple[int, Moment]]:
        """Yield the dates in an element's attributes, else its text if named after dates, else its
        lines.
        """
        names = names_of(element)
        if stated := self._stated(element, names):
            self._seen.add(element)
            yield stated
            return
        is_named = element.tag != "body" and _is_dated(names)
        text = text_of(element) if is_named and element not in self._seen else ""
        if width(text) <= _BLOCK and (dates := self._find(text, 4)):
            self._seen.update(element.iter())
            yield from _ranked(element, text, dates, _named_rank(names))
            return
        if _has_year(element.text):
            yield from self._in_line(element)
        if _has_year(element.tail):
            yield from self._in_line(element.getparent())

    def _stated(self, element: Element, names: str) -> tuple[int, Moment] | None:
        """Return the date in an element's attributes with its rank, or None."""
        properties = f"{element.get('itemprop', '')} {element.get('property', '')}"
        is_marked = element.get("pubdate") is not None or bool(_PUBLICATION.search(properties))
        if not (is_marked or _DECLARED.match(f"{element.tag} {properties}")):
            return None
        stated = map(element.get, ("datetime", "content", "title"))
        value = read_instant(next(filter(None, stated), ""), self._zone) or read_instant(
            text_of(element)[:80], self._zone
        )
        if value is None:
            return None
        label = "" if is_marked else _label(element)
        if _MODIFIED_NAME.search(f"{names} {properties}") or _CHANGED.search(label):
            return CHANGED, value
        return MARKED if is_marked else _named_rank(names), value

    def _in_line(self, line: Element) -> Iterator[tuple[int, Moment]]:
        """Yield the dates in the line that contains an element's text."""
        while line.tag in INLINE:
            line = line.getparent()
        if line in self._seen or line.tag in _NO_LINE:
            return
        self._seen.add(line)
        text = text_of(line)
        if len(text) <= 20 * _BLOCK:
            dates = self._find(text, 6)
            is_short = len(dates) == 1 and _is_date_line(line, text, dates[0])
            yield from _ranked(line, text, dates, LINE if is_short else PROSE)

    def _find(self, text: str, count: int) -> list[Written]:
        return list(islice(find_dates(text, self._zone, month_first=self._is_month_first), count))


def _named_rank(names: str) -> int:
    return MARKED if "published" in names else NAMED


def _is_date_line(line: Element, text: str, date: Written) -> bool:
    """Return whether a line is hardly more than a date, or a mark separates the date."""
    rest = width(text) - (date.end - date.start)
    is_sentence = rest > _LABELLED and (line.tag in HEADINGS or ends_sentence(text))
    if is_sentence or _FULL_STOP.search(text):
        return False
    if rest <= _ALONE:
        return True
    return (rest <= _LONG_LINE or date.start == 0) and bool(_SET_OFF.match(text[date.end :]))


def _ranked(
    element: Element, text: str, dates: list[Written], otherwise: int
) -> Iterator[tuple[int, Moment]]:
    """Yield the dates in a text, ranked by the words around them, else by ``otherwise``."""
    # not: the station closed to the public on 12 March 2020, and has been empty since.
    is_sentence = width(text) > _LONG_LINE and ends_sentence(text)
    may_be_labelled = width(text) <= _PROSE and not is_sentence
    before = 0
    for date in dates:
        start = max(before, date.start - _LABEL)
        label = text[start : date.start] if date.start else _label(element)
        before = date.end
        if _NOW.search(label):
            continue
        if _CHANGED.search(label):
            yield CHANGED, date.value
        elif may_be_labelled and _PUBLISHED.search(label):
            yield MARKED, date.value
        else:
            yield otherwise, date.value


def _label(element: Element) -> str:
    """Return the end of the text right before an element: a label, or the beginning of its line."""
    before = element.getprevious()
    if before is not None:
        return ((before.tail or "").strip() or text_of(before))[-_LABEL:]
    above = element.getparent()
    return (above.text or "").strip()[-_LABEL:] if above is not None else ""


def _is_month_first(tree: Element, url: str) -> bool:
    """Return whether dates with slashes begin with the month, by language, domain or an unambiguous
    date.
    """
    language = tree.get("lang", "").lower().replace("_", "-")
    if language.startswith("en-us"):
        return True
    if language[:2] not in {"en", ""} or language[3:]:
        return False
    if host_of(url).rsplit(".", 1)[-1] in {"gov", "mil", "edu", "us"}:
        return True
    pairs = _SLASHED.findall(text_of(tree)[:_READ])
    largest = [max(map(int, numbers)) for numbers in zip(*pairs, strict=True)]
    return bool(largest) and largest[0] <= 12 < largest[1]
