"""When a page was published and last changed: the publisher's rule, JSON-LD, meta elements, visible text, a guess."""

from __future__ import annotations

import copy
import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from htmldate import find_date as guess_date
from lxml import etree

from flows.steps.clean.candidates import noise_of_element
from flows.steps.clean.dates import find_date, read_instant, zone_of
from flows.steps.clean.noise import SURE
from flows.steps.clean.parse import is_named, names_of, squeeze, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.steps.clean.declared import Declared
    from flows.steps.clean.parse import Element
    from flows.steps.clean.records import Page

_META_PUBLISHED = (
    "article:published_time", "og:published_time", "datepublished", "pubdate", "publishdate", "publish-date",
    "publish_date", "dc.date.issued", "dcterms.created", "dcterms.issued", "dc.date.created", "parsely-pub-date",
    "sailthru.date", "article.published", "cxenseparse:recs:publishtime",
    "originalpublicationdate", "publication_date", "citation_publication_date",
    "rnews:datepublished", "date", "dc.date", "dcterms.date", "bt:pubdate", "article:published",
    "creation_date", "datecreated", "created", "firstpublishedtime", "article.created", "article_date_original",
    "weibo: article:create_at", "apub:time", "og:article:published_time", "release_date",
)  # fmt: skip
_META_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified", "lastmod")
_DATED = re.compile(
    r"(?<![a-z])(date|datum|published|publish|pub-?date|posted|time-?stamp|entry-meta|post-meta|meta|byline|dateline|time|"
    r"headinfo|article-?info|source|pubtime|fecha|datetime|created|info|erstellt|submitted|updated)(?![a-z])",
    re.IGNORECASE,
)  # fmt: skip
_SKEW = dt.timedelta(hours=26)  # a day written in the easternmost zone, and clocks that run ahead
_FARTHEST = dt.timedelta(hours=14)  # between a zone and UTC
UNKNOWN_ZONE = zone_of("UTC")  # what a publisher has of whom nobody knows the zone
_VAGUE = {"date", "created"}
_DAY_IN_URL = re.compile(r"/((?:19|20)\d\d)[/-]?([01]\d)[/-]?([0-3]\d)(?!\d)")
_DATE_TAGS = ("time", "div", "span", "p", "li", "td", "abbr", "font", "small")
_CHANGED = re.compile(r"modified|updated|changed", re.IGNORECASE)
_ENOUGH = 60  # dates in a page: what follows is a list of other articles
_BLOCK = 400  # characters: a longer block is text that mentions a date, not a date line


@dataclass(frozen=True, slots=True)
class Dated:
    """When: both aware, with the page's own offset; ``quality`` as in Cleaned.date_quality."""

    published_at: dt.datetime | None
    modified_at: dt.datetime | None
    quality: str


def read_dates(page: Page, tree: Element, declared: Declared, told_by_rule: str | None, date_format: str | None) -> Dated:
    """Return when the page was published and changed; a date after the capture is refused, not believed."""
    zone = zone_of(page.zone)
    latest = page.fetched_at + _SKEW
    modified = _modified(declared, zone, latest)
    refused = False
    for quality, told in _candidates(page, tree, declared, zone, (told_by_rule, date_format)):
        at, has_time = told
        if at > latest:
            refused = True
            continue
        at = _in_local_day(at, page.final_url) if has_time and quality in {"page_jsonld", "page_meta"} else at
        return Dated(at, modified if modified and modified >= at else None, quality if has_time else "day_only")
    return Dated(None, modified, "future_refused" if refused else "unknown")


def _candidates(
    page: Page, tree: Element, declared: Declared, zone: dt.tzinfo, by_rule: tuple[str | None, str | None]
) -> Iterator[tuple[str, tuple[dt.datetime, bool]]]:
    """Yield dates from the most to the least trusted source, each with its name."""
    if by_rule[0] and (told := _by_format(by_rule[0], by_rule[1], zone)):
        yield "rule", told
    meta = [(name, told) for name in _META_PUBLISHED if (v := declared.first(name)) and (told := read_instant(v, zone))]
    for name in ("datePublished", "dateCreated", "uploadDate"):
        if (told := _declared(declared.article.get(name), zone)) and (name == "datePublished" or declared.is_article):
            if meta and meta[0][0] not in _VAGUE and meta[0][1][0].date() != told[0].date():
                yield "page_meta", meta[0][1]  # seen: JSON-LD tells when a text was first made, the meta element what is shown
            yield "page_jsonld", told
    yield from (("page_meta", told) for _, told in meta)
    for told in _visible(tree, zone):
        yield "page_text", _refined(told, page.hint.published_at, zone)
    if page.hint.published_at:
        yield "feed", (page.hint.published_at, True)
    if told := _guessed(page, tree, zone):
        yield "page_guess", told


def _in_local_day(at: dt.datetime, url: str) -> dt.datetime:
    """Return an instant told in UTC with the offset that puts it into the day in the page's address, if six hours do."""
    found = _DAY_IN_URL.search(url) if at.utcoffset() == dt.timedelta(0) else None
    if found is None:
        return at
    wanted = "".join(found.groups())
    for hours in (0, 1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6):
        local = at.astimezone(dt.timezone(dt.timedelta(hours=hours)))
        if f"{local:%Y%m%d}" == wanted:
            return local if hours else at
    return at


def _refined(told: tuple[dt.datetime, bool], feed: dt.datetime | None, zone: dt.tzinfo) -> tuple[dt.datetime, bool]:
    """Return a visible date, or the feed's instant where that lies in the same minute, or on the day when no time is shown.

    Where nobody knows the publisher's zone, a time shown without one may be off by half a day: the feed's instant, which
    tells its own, then stands for it.
    """
    at, has_time = told
    if feed is None:
        return told
    if has_time and at.tzinfo is UNKNOWN_ZONE and abs(feed - at) <= _FARTHEST:
        return feed, True
    same = abs(feed - at) < dt.timedelta(minutes=1) if has_time else feed.astimezone(zone).date() == at.date()
    return (feed.astimezone(at.tzinfo), True) if same else told


def _declared(value: Any, zone: dt.tzinfo) -> tuple[dt.datetime, bool] | None:
    value = value[0] if isinstance(value, list) and value else value
    value = value.get("@value") if isinstance(value, dict) else value
    return read_instant(str(value), zone) if isinstance(value, (str, int)) else None


def _by_format(text: str, date_format: str | None, zone: dt.tzinfo) -> tuple[dt.datetime, bool] | None:
    if date_format is None:
        return read_instant(text, zone)
    try:
        told = dt.datetime.strptime(squeeze(text), date_format)  # noqa: DTZ007 # the zone is added below
    except ValueError:
        return None
    has_time = any(part in date_format for part in ("%H", "%I", "%T", "%X", "%c"))
    return (told if told.tzinfo else told.replace(tzinfo=zone)), has_time


def _modified(declared: Declared, zone: dt.tzinfo, latest: dt.datetime) -> dt.datetime | None:
    told = _declared(declared.article.get("dateModified"), zone)
    values = [told] if told else [read_instant(v, zone) for name in _META_MODIFIED if (v := declared.first(name))]
    return next((value[0] for value in values if value and value[0] <= latest), None)


def _visible(tree: Element, zone: dt.tzinfo) -> Iterator[tuple[dt.datetime, bool]]:
    """Yield dates from time elements and from short blocks whose class says date.

    Those marked as the publication come first, then those nearest to the headline; those beside the article (comments,
    teasers of other articles) and those that tell of a change come last.
    """
    month_first = (tree.get("lang") or "").lower().startswith("en-us")
    order = {element: i for i, element in enumerate(tree.iter("h1", "h2", *_DATE_TAGS))}
    heading = next((order[h] for h in order if h.tag == "h1" and text_of(h)), None)
    found: list[tuple[int, int, tuple[dt.datetime, bool]]] = []
    for element, at in order.items():
        names = names_of(element)
        is_marked = element.get("itemprop") == "datePublished" or element.get("pubdate") is not None
        told = None
        if element.tag in {"time", "abbr"} or is_marked:
            told = read_instant(
                element.get("datetime") or element.get("content") or element.get("title") or text_of(element)[:80], zone
            )
        elif names and is_named(names, _DATED):
            text = text_of(element)
            told = find_date(text, zone, month_first=month_first) if len(text) <= _BLOCK else None
        if told:
            rank = 0 if is_marked or "published" in names else 2 if _CHANGED.search(names) else 1
            rank += 5 if _is_beside(element) else 0
            found.append((rank, abs(at - heading) if heading is not None else at, told))
            if len(found) >= _ENOUGH:
                break
    yield from (told for _, _, told in sorted(found, key=lambda hit: hit[:2]))


def _is_beside(element: Element) -> bool:
    return any(
        a.tag in {"aside", "nav", "footer"} or noise_of_element(a) >= SURE
        for a in element.iterancestors()
        if a.tag not in {"html", "body"}
    )


def _guessed(page: Page, tree: Element, zone: dt.tzinfo) -> tuple[dt.datetime, bool] | None:
    """Return the day that htmldate makes of the whole page, or None."""
    latest = (page.fetched_at + _SKEW).strftime("%Y-%m-%d")
    try:
        for everywhere in (False, True):  # its wide search may load a date parser for a second: only where the quick one is empty
            copied = copy.deepcopy(tree)  # it takes the tree apart
            day = guess_date(copied, url=page.final_url, original_date=True, extensive_search=everywhere, max_date=latest)
            if day:
                break
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError, RecursionError, etree.LxmlError):
        return None
    return read_instant(day, zone) if day else None
