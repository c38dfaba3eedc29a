"""Listings as a source: web pages that link items."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from soupsieve import SelectorSyntaxError

from tidings.base.decode import decode
from tidings.base.urls import normalise_url, prepare_url
from tidings.fetch.feed.dates import DateQuality
from tidings.fetch.feed.entry import ParsedEntry, ParsedFeed, RawEntry, Unreadable, make_entry
from tidings.fetch.sources.feed import FeedSource
from tidings.fetch.sources.listing_dates import ItemDates, elements_in, strings_in, upwards
from tidings.fetch.sources.protocol import list_days

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable

    from tidings.fetch.sources.protocol import ListRequest
    from tidings.fetch.window import Window

_MAX_ITEMS = 2_000
_MIN_CHARS = 8  # a shorter text beside a link is not a headline
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
_TITLE = re.compile(
    r"head(?:ing|line)|tit(?:le|el|re|ol)|t[ií]tulo|subject|(?<![a-z])(?:tit|ttl)(?![a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ListingSource(FeedSource):
    """A web page that links items, and may link older pages or have a page for each day."""

    has_older_pages = True
    may_carry_full_text = False

    @property
    def is_polled_by_day(self) -> bool:
        """True if the listing has a page for each day and no links to older pages."""
        return bool(self.feed.day_url and not self.feed.next_selector)

    @property
    def lists_any_day(self) -> bool:
        """True if the row has a URL for each day."""
        return bool(self.feed.day_url)

    def list_window(self, window: Window, zone: str) -> Iterable[ListRequest]:
        """Return the requests for the page of each day, or the request for the listing itself."""
        return (
            list_days(self.feed.day_url, window, zone)
            if self.feed.day_url
            else super().list_window(window, zone)
        )

    def follow(self, parsed: ParsedFeed, url: str, window: Window, zone: str) -> list[str]:
        """Return the URL of the next older page, unless the row has a URL for each day."""
        return [] if self.feed.day_url else super().follow(parsed, url, window, zone)

    def read(
        self, body: bytes, content_type: str | None, url: str, zone: str, now: dt.datetime
    ) -> ParsedFeed | Unreadable:
        """Return the items of a listing, selected with the selectors of the registry.

        A page without items is Unreadable with the outcome no_items, except the listing of a day,
        on which nothing may appear.
        """
        item_selector, next_selector = self.feed.item_selector, self.feed.next_selector
        parsed = read_listing(
            body,
            content_type,
            url,
            item_selector=item_selector,
            next_selector=next_selector,
            zone=zone,
            now=now,
        )
        if isinstance(parsed, ParsedFeed) and not parsed.entries and not self.feed.day_url:
            missing = (
                "its item_selector matches no link"
                if item_selector
                else ("it contains no link that looks like an item")
            )
            return Unreadable(f"The page responds, but {missing}.", outcome="no_items")
        return parsed


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
    """Return a listing's items as entries; ``next_link`` is the URL of the older page, or None on
    the last page.

    ``item_selector`` selects links or elements that contain a link. Without it, every link to the
    same host with a text of at least 12 characters is an item. An item's date is the visible date
    nearest to its link, else ``day``, else unknown. The result is Unreadable if a selector is
    invalid.
    """
    page = BeautifulSoup(decode(body, content_type), "lxml")
    base = base_url(page, url)
    try:
        items = page.select(item_selector) if item_selector else _likely_items(page, base)
        older = page.select_one(next_selector) if next_selector else None
    except SelectorSyntaxError as error:
        return Unreadable(f"A selector of this listing is invalid: {str(error).splitlines()[0]}")
    language = page.html.get("lang") if page.html else None
    linked = [
        (item, anchor, link)
        for item in items
        if (anchor := _anchor(item)) and (link := _link(anchor, base)) and link != url
    ]
    dates = ItemDates([anchor for _, anchor, _ in linked], [link for *_, link in linked], zone, now)
    labels = find_labels((anchor, link) for _, anchor, link in linked)
    entries: dict[str, ParsedEntry] = {}
    for _, anchor, link in linked:
        known = entries.get(link)
        if known is not None and known.title and known.date_quality is not DateQuality.MISSING:
            continue
        date = dates.date_of(anchor)
        title = item_title(anchor, dates.part_of(anchor), date, labels)
        stated = date or (day.isoformat() if day else None)
        raw = RawEntry(
            link=_href(anchor),
            title=title.replace("&", "&amp;").replace("<", "&lt;"),
            language=str(anchor.get("hreflang") or language or "") or None,
            published_raw=stated,
        )
        entry = make_entry(raw, base, zone, now)
        if known is None or (not known.title and entry.title):
            entries[link] = entry
    shown = list(entries.values())
    page_title = page.title.get_text(" ", strip=True) if page.title else None
    following = _href(older) if older is not None else None
    next_link = normalise_url(following, base) if following else None
    return ParsedFeed(
        page_title,
        None,
        shown[:_MAX_ITEMS],
        len(shown),
        "listing",
        next_link=next_link if next_link != normalise_url(url) else None,
    )


def find_labels(links: Iterable[tuple[Tag, str]]) -> set[str]:
    """Return the texts in more than two links to different URLs: "Read more", names of sections.
    They are not headlines.
    """
    uses = Counter(
        text for text, _ in {(text, url) for link, url in links for text, _ in strings_in(link)}
    )
    return {text for text, count in uses.items() if count > 2}


def item_title(anchor: Tag, part: Tag, date: str | None, labels: Collection[str]) -> str:
    """Return an item's headline: the heading in its link, the link's text, or the heading or first
    text of its part of the page.

    The item's ``date`` and ``labels`` that other links share are not part of the headline.
    """
    if text := _heading_of(anchor):
        return text
    stated = str(anchor.get("title") or "").strip()
    if shown := " ".join(
        text for text, _ in strings_in(anchor) if text != date and text not in labels
    ):
        beginning = shown.rstrip("… .")
        return stated if len(stated) > len(beginning) and stated.startswith(beginning) else shown
    texts = (text for text, _ in strings_in(part) if text != date and text not in labels)
    first = next(
        (text for text in texts if len(text) >= _MIN_CHARS and any(map(str.isalpha, text))), ""
    )
    return _heading_of(part) or stated or first or link_text(anchor)


def _heading_of(element: Tag) -> str:
    headings = (tag for tag in elements_in(element) if tag.name in _HEADINGS)
    named = (
        tag
        for tag in elements_in(element)
        if _TITLE.search(" ".join(map(str, tag.get("class") or ())))
    )
    bold = (
        tag
        for tag in elements_in(element)
        if tag.name in {"strong", "b"} and len(link_text(tag)) >= _MIN_CHARS
    )
    heading = next(headings, None) or next(named, None) or next(bold, None)
    return link_text(heading) if heading else ""


def is_heading(link: Tag) -> bool:
    """Return whether a link is in a heading, contains one, or is named after titles."""
    around = [
        element for element in islice(upwards(link), 3) if element.name not in {"body", "html"}
    ]
    is_named = any(
        _TITLE.search(" ".join(map(str, element.get("class") or ()))) for element in around
    )
    return is_named or any(element.name in _HEADINGS for element in (*around, *elements_in(link)))


def link_text(element: Tag) -> str:
    """Return the text of the first 200 elements and strings in an element."""
    return " ".join(text for text, _ in strings_in(element))


def _likely_items(page: BeautifulSoup, base: str) -> list[Tag]:
    host = urlsplit(base).hostname
    navigation: set[int] = set()
    items: list[Tag] = []
    for element in page.find_all(name=True):  # in document order, so parents come first
        if element.name in {"nav", "header", "footer"} or id(element.parent) in navigation:
            navigation.add(id(element))
        elif element.name == "a" and element.has_attr("href") and len(link_text(element)) >= 12:
            items += (
                [element]
                if urlsplit(normalise_url(str(element["href"]), base) or "").hostname == host
                else []
            )
    return items


def base_url(page: BeautifulSoup, url: str) -> str:
    """Return the URL against which a page's links are resolved: its own URL, or the URL in its base
    element.
    """
    base = page.select_one("base[href]")
    return (prepare_url(str(base["href"]), url) if base else None) or url


def _anchor(item: Tag) -> Tag | None:
    """Return the first link in an item; if it is an image, the first link with a text to the same
    URL.
    """
    if item.name == "a":
        return item
    first = item.select_one("a[href]")
    if first is None or link_text(first):
        return first
    links = (
        tag for tag in elements_in(item) if tag.name == "a" and tag.get("href") == first["href"]
    )
    return next(filter(link_text, links), first)


def _link(anchor: Tag, base: str) -> str | None:
    href = _href(anchor)
    return normalise_url(href, base) if href else None


def _href(element: Tag | None) -> str | None:
    link = (
        element
        if element is None or element.name in ("a", "link")
        else element.select_one("a[href]")
    )
    return str(link.get("href") or "") or None if link is not None else None
