"""Listings as a source: web pages that link items."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from soupsieve import SelectorSyntaxError

from tidings.base.decode import decode
from tidings.base.records import Feed
from tidings.base.urls import normalise_url, prepare_url
from tidings.fetch.feed.entry import ParsedEntry, ParsedFeed, RawEntry, Unreadable, make_entry
from tidings.fetch.sources.listing_dates import (
    HEADINGS,
    ItemDates,
    class_text,
    elements_in,
    link_text,
    strings_in,
    upwards,
)

_MAX_ITEMS = 2_000
_MIN_CHARS = 8  # a shorter text beside a link is not a headline
_HEADLINE = re.compile(rf"(?=.*[^\W\d_]).{{{_MIN_CHARS}}}")
_TITLE = re.compile(
    r"head(?:ing|line)|tit(?:le|el|re|ol)|t[ií]tulo|subject|(?<![a-z])(?:tit|ttl)(?![a-z])",
    re.IGNORECASE,
)


def read_listing(  # noqa: PLR0917 - the arguments of read_source
    body: bytes, content_type: str | None, url: str, zone: str, now: dt.datetime, feed: Feed
) -> ParsedFeed | Unreadable:
    """Return a listing's items as entries; ``next_link`` is the URL of the older page, or None.

    Without an ``item_selector``, every link to the same host with a text of at least 12 characters
    is an item. The result is Unreadable if a selector is invalid, and for a page without items,
    except the listing of a day.
    """
    page = BeautifulSoup(decode(body, content_type), "lxml")
    base = base_url(page, url)
    try:
        items, older = _select(page, base, feed.item_selector, feed.next_selector)
    except SelectorSyntaxError as error:
        return Unreadable(f"A selector of this listing is invalid: {str(error).splitlines()[0]}")
    links = [(anchor, _link(anchor, base)) for anchor in map(_anchor, items)]
    linked = [(anchor, link) for anchor, link in links if link and link != url]
    entries = _read_entries(page, linked, base, zone, now)
    if not entries and not feed.day_url:
        missing = "it contains no link that looks like an item"
        if feed.item_selector:
            missing = "its item_selector matches no link"
        return Unreadable(f"The page responds, but {missing}.", outcome="no_items")
    next_link = _link(older, base)
    next_link = None if next_link == normalise_url(url) else next_link
    shown, count = entries[:_MAX_ITEMS], len(entries)
    return ParsedFeed(page_title(page), None, shown, count, "listing", next_link=next_link)


def _select(
    page: BeautifulSoup, base: str, items: str | None, older: str | None
) -> tuple[Sequence[Tag], Tag | None]:
    chosen = page.select(items) if items else _likely_items(page, base)
    return chosen, page.select_one(older) if older else None


def _read_entries(
    page: BeautifulSoup, linked: list[tuple[Tag, str]], base: str, zone: str, now: dt.datetime
) -> list[ParsedEntry]:
    """Return an entry for each URL, of its first link with a headline or else of its first link."""
    language = (page.html or page).get("lang", "")
    entries: dict[str, ParsedEntry] = {}
    for anchor, link, title, date in read_items(linked, zone, now, find_labels(linked)):
        if link in entries and (entries[link].title or not title):
            continue
        raw = RawEntry(
            link=str(anchor["href"]),
            title=title.replace("&", "&amp;").replace("<", "&lt;"),
            language=str(anchor.get("hreflang") or language),
            published_raw=date,
        )
        entries[link] = make_entry(raw, base, zone, now)
    return list(entries.values())


def read_items(
    links: Collection[tuple[Tag, str]], zone: str, now: dt.datetime, labels: Collection[str]
) -> Iterator[tuple[Tag, str, str, str | None]]:
    """Yield each link with its URL, its headline and the text of its date."""
    dates = ItemDates(links, zone, now)
    for link, url in links:
        date = dates.date_of(link)
        yield link, url, item_title(link, dates.part_of(link), date, labels), date


def page_title(page: BeautifulSoup) -> str | None:
    """Return the title of a page, or None."""
    return page.title.get_text(" ", strip=True) if page.title else None


def find_labels(links: Iterable[tuple[Tag, str]]) -> set[str]:
    """Return the texts in more than two links to different URLs, such as "Read more": they are not
    headlines.
    """
    urls: defaultdict[str, set[str]] = defaultdict(set)
    for link, url in links:
        for text, _ in strings_in(link):
            urls[text].add(url)
    return {text for text, found in urls.items() if len(found) > 2}


def item_title(anchor: Tag, part: Tag, date: str | None, labels: Collection[str]) -> str:
    """Return an item's headline, without its ``date`` and ``labels``: the heading in its link, the
    link's text, or the heading or first text of its part of the page.
    """
    if text := _heading_of(anchor):
        return text
    stated = str(anchor.get("title", "")).strip()
    if shown := " ".join(_texts(anchor, date, labels)):
        beginning = shown.rstrip("… .")
        return stated if stated[: len(beginning)] == beginning != stated else shown
    first = next(filter(_HEADLINE.match, _texts(part, date, labels)), "")
    return _heading_of(part) or stated or first or link_text(anchor)


def _texts(element: Tag, date: str | None, labels: Collection[str]) -> list[str]:
    return [text for text, _ in strings_in(element) if text != date and text not in labels]


def _heading_of(element: Tag) -> str:
    tags = list(elements_in(element))
    for is_title in _TITLE_RULES:
        for tag in filter(is_title, tags):
            return link_text(tag)
    return ""


def is_heading(link: Tag) -> bool:
    """Return whether a link is in a heading, contains one, or is named after titles."""
    around = [tag for tag in islice(upwards(link), 3) if tag.name not in {"body", "html"}]
    return any(map(_is_titled, around)) or any(map(_is_heading, (*around, *elements_in(link))))


def _is_titled(tag: Tag) -> bool:
    return bool(_TITLE.search(class_text(tag)))


def _is_heading(tag: Tag) -> bool:
    return tag.name in HEADINGS


# The titles in an element, the most reliable first.
_TITLE_RULES: tuple[Callable[[Tag], bool], ...] = (
    _is_heading,
    _is_titled,
    lambda tag: tag.name in {"strong", "b"} and len(link_text(tag)) >= _MIN_CHARS,
)


def _likely_items(page: BeautifulSoup, base: str) -> list[Tag]:
    host = urlsplit(base).hostname
    navigation: set[int] = set()
    items: list[Tag] = []
    for element in page.find_all(name=True):  # in document order, so parents come first
        if element.name in {"nav", "header", "footer"} or id(element.parent) in navigation:
            navigation.add(id(element))
        elif element.name == "a" and len(link_text(element)) >= 12:
            items += [element] * (urlsplit(_link(element, base) or "").hostname == host)
    return items


def base_url(page: BeautifulSoup, url: str) -> str:
    """Return the URL against which a page's links are resolved."""
    base = page.select_one("base[href]")
    return (prepare_url(str(base["href"]), url) if base else None) or url


def _anchor(item: Tag) -> Tag:
    """Return the first link in an item, with a text if another has the same URL; without a link the
    item.
    """
    first = None if item.name == "a" else item.select_one("a[href]")
    if first is None or link_text(first):
        return first or item
    links = (
        tag for tag in elements_in(item) if tag.name == "a" and tag.get("href") == first["href"]
    )
    return next(filter(link_text, links), first)


def _link(element: Tag | None, base: str) -> str | None:
    if element is not None and element.name not in ("a", "link"):
        element = element.select_one("a[href]")
    href = element.get("href") if element is not None else None
    return normalise_url(str(href), base) if href else None
