"""Ways to items beside a feed's newest: the feed that a page names, listings, and the older parts of a feed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, CData, NavigableString, Tag
from soupsieve import SelectorSyntaxError

from tidings.flows.extract.parse import decode
from tidings.flows.fetch.feed.entry import make_entry
from tidings.flows.fetch.feed.parsed import ParsedEntry, ParsedFeed, Unreadable
from tidings.flows.urls import normalise_url, prepare_url

if TYPE_CHECKING:
    import datetime as dt

    from bs4 import PageElement

_FEED_TYPES = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/rdf+xml": "rdf",
    "application/feed+json": "json",
    "text/xml": "xml",
    "application/xml": "xml",
}
_FEED_HREF = re.compile(
    r"(?:/|\b)(?:rss|feeds?|atom|rdf)(?:/|\.xml|\.php|\.aspx|$|\?)|\.(?:rss|atom)$|feed\.json$", re.IGNORECASE
)
_MAX_ITEMS = 2_000
_MOST_PARTS = 200  # elements and strings that are read for a link's text
_Times = dict[int, tuple[int, Tag | None]]
_DATE_FIELD = re.compile(r"\{(yyyy|yy|mm|m|dd|d)\}")


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that a page names: where, under which title, of which format, and whether the page declares it as its own."""

    url: str
    title: str | None
    format: str
    is_declared: bool


def find_feeds(body: bytes, content_type: str | None, url: str) -> list[FoundFeed]:
    """Return the feeds that a page names, declared ones first, then links that look like feeds; comment feeds last."""
    page = BeautifulSoup(decode(body, content_type), "lxml")
    base = _base_of(page, url)
    found: dict[str, FoundFeed] = {}
    for link in page.find_all("link", href=True):
        kind = _FEED_TYPES.get(str(link.get("type", "")).partition(";")[0].strip().lower())
        if kind and "alternate" in _words(link, "rel"):
            _add(found, str(link["href"]), base, str(link.get("title") or "") or None, kind, is_declared=True)
    for anchor in page.find_all("a", href=True):
        if _FEED_HREF.search(str(anchor["href"])):
            _add(found, str(anchor["href"]), base, _text(anchor) or None, "unknown", is_declared=False)
    return sorted(found.values(), key=lambda feed: (not feed.is_declared, "comment" in (feed.url + (feed.title or "")).lower()))


def read_listing(
    body: bytes,
    content_type: str | None,
    url: str,
    *,
    item_selector: str | None,
    next_selector: str | None,
    zone: str,
    now: dt.datetime,
    day: dt.date | None = None,
) -> ParsedFeed | Unreadable:
    """Return a listing's items as entries, and in ``next_link`` the address of the older page, None at the end.

    ``item_selector`` names the links, or elements that hold one; without it every link of the same host counts that has a
    text of some length. An item's date is that of a ``time`` element beside its link, else ``day``, else unknown. Unreadable
    when a selector cannot be understood.
    """
    page = BeautifulSoup(decode(body, content_type), "lxml")
    base = _base_of(page, url)
    try:
        items = page.select(item_selector) if item_selector else _likely_items(page, base)
        older = page.select_one(next_selector) if next_selector else None
    except SelectorSyntaxError as error:
        return Unreadable(f"A selector of this listing cannot be understood: {str(error).splitlines()[0]}")
    language = page.html.get("lang") if page.html else None
    times = _count_times(page)
    entries: dict[str, ParsedEntry] = {}
    for item in items:
        entry = _read_item(item, base, str(language) if language else None, times, zone=zone, now=now, day=day)
        if entry and entry.link and entry.link != url:
            known = entries.get(entry.link)
            if known is None or (not known.title and entry.title):
                entries[entry.link] = entry
    shown = list(entries.values())
    title = page.title.get_text(" ", strip=True) if page.title else None
    following = _href(older) if older is not None else None
    next_link = normalise_url(following, base) if following else None
    return ParsedFeed(
        title, None, shown[:_MAX_ITEMS], len(shown), "listing", next_link=next_link if next_link != normalise_url(url) else None
    )


def day_address(day_url: str, day: dt.date) -> str:
    """Return the address of a day's listing: ``{yyyy}``, ``{yy}``, ``{mm}``, ``{m}``, ``{dd}`` and ``{d}`` filled in."""
    values = {
        "yyyy": f"{day.year:04d}",
        "yy": f"{day.year % 100:02d}",
        "mm": f"{day.month:02d}",
        "m": str(day.month),
        "dd": f"{day.day:02d}",
        "d": str(day.day),
    }
    return _DATE_FIELD.sub(lambda found: values[found[1]], day_url)


def older_page(parsed: ParsedFeed, url: str) -> str | None:
    """Return the address of the part of a feed that came before (RFC 5005: prev-archive, else next), None at its end."""
    link = parsed.prev_archive_link or parsed.next_link
    older = prepare_url(link, url) if link else None
    return older if older != prepare_url(url) else None


def _read_item(
    item: Tag, base: str, language: str | None, times: _Times, *, zone: str, now: dt.datetime, day: dt.date | None
) -> ParsedEntry | None:
    anchor = item if item.name == "a" else item.select_one("a[href]")
    href = _href(anchor) if anchor is not None else None
    if anchor is None or not href:
        return None
    title = _text(anchor) or str(anchor.get("title") or "") or _text(item)
    return make_entry(
        guid=None,
        link=href,
        title=title.replace("&", "&amp;").replace("<", "&lt;"),
        summary=None,
        content_html=None,
        authors=(),
        categories=(),
        language=str(anchor.get("hreflang") or "") or language,
        published_raw=_date_beside(item, times) or (day.isoformat() if day else None),
        updated_raw=None,
        base=base,
        zone=zone,
        now=now,
    )


def _count_times(page: BeautifulSoup) -> _Times:
    """Return for each element the number of ``time`` elements below it and the first one, in one pass from the leaves up."""
    times: _Times = {}
    for element in reversed(page.find_all(name=True)):
        count, first = times.get(id(element), (0, None))
        if element.name == "time":
            count, first = count + 1, element
        if count and element.parent is not None:
            times[id(element.parent)] = (times.get(id(element.parent), (0, None))[0] + count, first)
    return times


def _text(element: Tag) -> str:
    """Return the text of an element's first 200 elements and strings; a link that wraps a whole page is not a title."""
    waiting: list[PageElement] = [element]
    texts: list[str] = []
    for _ in range(_MOST_PARTS):
        part = waiting.pop() if waiting else None
        if isinstance(part, Tag):
            waiting += reversed(part.contents[:_MOST_PARTS])
        elif type(part) in {NavigableString, CData}:
            texts.append(str(part).strip())
    return " ".join(filter(None, texts))


def _date_beside(item: Tag, times: _Times) -> str | None:
    """Return the date of the nearest ``time`` element that belongs to one item only."""
    place: Tag | None = item
    for _ in range(4):
        if place is None or place.name in ("body", "html", "main"):
            return None
        count, first = times.get(id(place), (0, None))
        if count == 1 and first is not None:
            return str(first.get("datetime") or "") or _text(first) or None
        if count:
            return None
        place = place.parent
    return None


def _likely_items(page: BeautifulSoup, base: str) -> list[Tag]:
    host = urlsplit(base).hostname
    beside: set[int] = set()
    found: list[Tag] = []
    for element in page.find_all(name=True):  # in document order, so parents come first
        if element.name in {"nav", "header", "footer"} or id(element.parent) in beside:
            beside.add(id(element))
        elif element.name == "a" and element.has_attr("href") and len(_text(element)) >= 12:
            found += [element] if urlsplit(normalise_url(str(element["href"]), base) or "").hostname == host else []
    return found


def _base_of(page: BeautifulSoup, url: str) -> str:
    """Return the address that a page's links resolve against: its own, or that of its base element."""
    base = page.select_one("base[href]")
    return (prepare_url(str(base["href"]), url) if base else None) or url


def _href(element: Tag | None) -> str | None:
    link = element if element is None or element.name in ("a", "link") else element.select_one("a[href]")
    return str(link.get("href") or "") or None if link is not None else None


def _words(element: Tag, name: str) -> list[str]:
    value = element.get(name) or []
    return [word.lower() for word in (value.split() if isinstance(value, str) else value)]


def _add(found: dict[str, FoundFeed], href: str, base: str, title: str | None, kind: str, *, is_declared: bool) -> None:
    url = prepare_url(href, base)
    if url:
        found.setdefault(url, FoundFeed(url, title, kind, is_declared))
