"""Listings as a source: web pages that link items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, CData, NavigableString, Tag
from soupsieve import SelectorSyntaxError

from tidings.flows.decode import decode
from tidings.flows.fetch.feed.entry import ParsedEntry, ParsedFeed, Unreadable, make_entry
from tidings.flows.fetch.sources.feed import FeedSource
from tidings.flows.urls import normalise_url, prepare_url

if TYPE_CHECKING:
    import datetime as dt

    from bs4 import PageElement

_MAX_ITEMS = 2_000
_MOST_PARTS = 200  # elements and strings read for the text of a link
_Times = dict[int, tuple[int, Tag | None]]


@dataclass(frozen=True)
class ListingSource(FeedSource):
    """A web page that links items, and may link older pages or have a page for each day."""

    has_older_pages = True
    may_carry_full_text = False

    @property
    def is_polled_by_day(self) -> bool:
        """True if the listing has a page for each day and no links to older pages."""
        return bool(self.feed.day_url and not self.feed.next_selector)

    def read(self, body: bytes, content_type: str | None, url: str, zone: str, now: dt.datetime) -> ParsedFeed | Unreadable:
        """Return the items of a listing, selected with the selectors of the registry."""
        item_selector, next_selector = self.feed.item_selector, self.feed.next_selector
        return read_listing(body, content_type, url, item_selector=item_selector, next_selector=next_selector, zone=zone, now=now)


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
    """Return a listing's items as entries; ``next_link`` is the URL of the older page, or None on the last page.

    ``item_selector`` selects links or elements that contain a link. Without it, every link to the same host with a text of at
    least 12 characters is an item. An item's date is the date of a ``time`` element near its link, else ``day``, else unknown.
    The result is Unreadable if a selector is invalid.
    """
    page = BeautifulSoup(decode(body, content_type), "lxml")
    base = base_url(page, url)
    try:
        items = page.select(item_selector) if item_selector else _likely_items(page, base)
        older = page.select_one(next_selector) if next_selector else None
    except SelectorSyntaxError as error:
        return Unreadable(f"A selector of this listing is invalid: {str(error).splitlines()[0]}")
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


def _read_item(
    item: Tag, base: str, language: str | None, times: _Times, *, zone: str, now: dt.datetime, day: dt.date | None
) -> ParsedEntry | None:
    anchor = item if item.name == "a" else item.select_one("a[href]")
    href = _href(anchor) if anchor is not None else None
    if anchor is None or not href:
        return None
    title = link_text(anchor) or str(anchor.get("title") or "") or link_text(item)
    return make_entry(
        guid=None,
        link=href,
        title=title.replace("&", "&amp;").replace("<", "&lt;"),
        summary=None,
        content_html=None,
        authors=(),
        categories=(),
        language=str(anchor.get("hreflang") or "") or language,
        published_raw=_nearest_date(item, times) or (day.isoformat() if day else None),
        updated_raw=None,
        base=base,
        zone=zone,
        now=now,
    )


def _count_times(page: BeautifulSoup) -> _Times:
    """Return for each element the number of ``time`` elements in it and the first of them, in one pass from the leaves up."""
    times: _Times = {}
    for element in reversed(page.find_all(name=True)):
        count, first = times.get(id(element), (0, None))
        if element.name == "time":
            count, first = count + 1, element
        if count and element.parent is not None:
            times[id(element.parent)] = (times.get(id(element.parent), (0, None))[0] + count, first)
    return times


def link_text(element: Tag) -> str:
    """Return the text of the first 200 elements and strings in an element. Some links wrap a whole page."""
    waiting: list[PageElement] = [element]
    texts: list[str] = []
    for _ in range(_MOST_PARTS):
        part = waiting.pop() if waiting else None
        if isinstance(part, Tag):
            waiting += reversed(part.contents[:_MOST_PARTS])
        elif type(part) in {NavigableString, CData}:
            texts.append(str(part).strip())
    return " ".join(filter(None, texts))


def _nearest_date(item: Tag, times: _Times) -> str | None:
    """Return the date of the nearest ``time`` element that belongs to this item only."""
    ancestor: Tag | None = item
    for _ in range(4):
        if ancestor is None or ancestor.name in ("body", "html", "main"):
            return None
        count, first = times.get(id(ancestor), (0, None))
        if count == 1 and first is not None:
            return str(first.get("datetime") or "") or link_text(first) or None
        if count:
            return None
        ancestor = ancestor.parent
    return None


def _likely_items(page: BeautifulSoup, base: str) -> list[Tag]:
    host = urlsplit(base).hostname
    navigation: set[int] = set()
    items: list[Tag] = []
    for element in page.find_all(name=True):  # in document order, so parents come first
        if element.name in {"nav", "header", "footer"} or id(element.parent) in navigation:
            navigation.add(id(element))
        elif element.name == "a" and element.has_attr("href") and len(link_text(element)) >= 12:
            items += [element] if urlsplit(normalise_url(str(element["href"]), base) or "").hostname == host else []
    return items


def base_url(page: BeautifulSoup, url: str) -> str:
    """Return the URL against which a page's links are resolved: its own URL, or the URL in its base element."""
    base = page.select_one("base[href]")
    return (prepare_url(str(base["href"]), url) if base else None) or url


def _href(element: Tag | None) -> str | None:
    link = element if element is None or element.name in ("a", "link") else element.select_one("a[href]")
    return str(link.get("href") or "") or None if link is not None else None
