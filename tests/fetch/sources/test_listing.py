"""Listings, older pages of feeds, and the feeds that pages link."""

import datetime as dt
from typing import Any

from bs4 import BeautifulSoup

from tests.cases import cases
from tests.fetch.loopback import NOW, feed_row
from tidings.fetch.feed.entry import ParsedFeed, Unreadable
from tidings.fetch.source_search import find_feeds
from tidings.fetch.sources import fill_day_url, older_page
from tidings.fetch.sources.listing import read_listing

URL = "https://news.example/press/"
PAGE = """<!doctype html><html lang="de"><head><title>Presse</title><base href="/press/">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">
<link rel="alternate" type="application/atom+xml" title="All" href="atom.xml">
<link rel="alternate" hreflang="fr" href="/fr/"></head>
<body><nav><a href="/a-navigation-link-of-some-length">A navigation link of some length</a></nav>
<div class="item"><h2><a href="one.html">Bericht über die Lage</a></h2>
<time datetime="2026-05-30">30. Mai</time></div>
<div class="item"><a href="two.html"><img src="x"></a><h2>
<a href="two.html?utm_source=list">A &lt; B title</a></h2>
<time>29. Mai 2026</time></div><div class="item"><a href="javascript:void(0)">A script and no
item</a></div>
<a href="https://other.example/far-away-from-here">A link to another host</a>
<a href="/rss.xml">RSS</a>
<a class="next" href="?page=2">Older</a></body></html>""".encode()


def read_any(**changes: str | dt.date | None) -> ParsedFeed | Unreadable:
    options: dict[str, Any] = {"item_selector": ".item a", "next_selector": "a.next"} | changes
    return read_listing(PAGE, None, URL, "Europe/Berlin", NOW, feed_row("listing", **options))


def read(**changes: str | dt.date | None) -> ParsedFeed:
    listing = read_any(**changes)
    assert isinstance(listing, ParsedFeed)
    return listing


def test_declared_feeds_come_first_and_comments_last() -> None:
    """Declared feeds precede links like feeds; a link to a translation is not a feed."""
    assert find_feeds(BeautifulSoup(PAGE, "lxml"), URL) == [
        "https://news.example/press/atom.xml",
        "https://news.example/comments/feed/",
        "https://news.example/rss.xml",
    ]


def test_a_listings_items_are_entries() -> None:
    """Each URL is an entry with a plain title, the date near the link and the page's language."""
    listing = read()
    assert [(entry.link, entry.title) for entry in listing.entries] == [
        ("https://news.example/press/one.html", "Bericht über die Lage"),
        ("https://news.example/press/two.html", "A < B title"),
    ]
    found = [f"{entry.published_at:%m-%dT%H}" for entry in listing.entries]
    assert found == ["05-29T22", "05-28T22"]
    assert listing.entries[0].language == "de"
    assert listing.next_link == "https://news.example/press/?page=2"


def test_containers_or_no_selector_may_be_given() -> None:
    """The first link in a selected element is the item; without a selector, links to the same host
    with a long enough text are items. An item without a date has the quality missing, and an
    invalid selector yields a sentence.
    """
    assert len(read(item_selector="div.item").entries) == 2
    links = [entry.link for entry in read(item_selector=None).entries]
    assert links == ["https://news.example/press/one.html"]
    (entry,) = read(item_selector="a[href='/rss.xml']").entries
    assert entry.date_quality.value == "missing"
    found = read_any(item_selector="div[[")
    assert isinstance(found, Unreadable)
    assert found.reason.startswith("A selector")


def test_next_pages_and_archives() -> None:
    """A link to the page itself is not a next page. Archived feeds have priority over next pages,
    because they are complete (RFC 5005).
    """
    assert read(next_selector="a.missing").next_link is None
    assert (read(next_selector="nav a", item_selector=".item a").next_link or "").endswith(
        "some-length"
    )
    feed = ParsedFeed(
        None, None, [], 0, "atom10", next_link="?page=2", prev_archive_link="/2026/04.xml"
    )
    assert older_page(feed, "https://news.example/feed") == "https://news.example/2026/04.xml"
    page = ParsedFeed(None, None, [], 0, "atom10", next_link="?page=2")
    assert (older_page(page, "https://news.example/feed") or "").endswith("feed?page=2")
    assert older_page(ParsedFeed(None, None, [], 0, "atom10"), "https://news.example/feed") is None


@cases(
    "form, wanted",
    ("https://a.example/{yyyy}{mm}{dd}.html", "https://a.example/20260509.html"),
    ("/{yy}/{m}/{d}?x={a}", "/26/5/9?x={a}"),
)
def test_a_days_address_is_filled_in(form: str, wanted: str) -> None:
    """The date is filled in with or without leading zeros; other braces stay."""
    assert fill_day_url(form, dt.date(2026, 5, 9)) == wanted


def test_a_picture_without_text_does_not_hide_the_headline() -> None:
    """Of the links to a URL, the first with a headline is the entry, in the place of the first. A
    link beyond the longest URL is not an item: its beginning would lead to another page.
    """
    rows = "".join(
        f'<div><a href="/{n}"><img src="{n}.png"></a></div><p><a href="/{n}">The council approves'
        f" plan {n} for the harbour</a> {n} May 2026</p>"
        for n in range(1, 9)
    )
    parsed = read_listing(
        rows.encode(), None, URL, "UTC", NOW, feed_row("listing", item_selector="a")
    )
    assert isinstance(parsed, ParsedFeed)
    assert [entry.title for entry in parsed.entries] == [
        f"The council approves plan {n} for the harbour" for n in range(1, 9)
    ]
    body = (
        f'<a href="/{"x" * 5_000}">A headline of usual length</a><a href="/b">Another headline'
        f" of usual length</a>"
    )
    feed = feed_row("listing", item_selector="a")
    parsed = read_listing(body.encode(), None, URL, "UTC", NOW, feed)
    assert isinstance(parsed, ParsedFeed)
    assert [entry.link for entry in parsed.entries] == ["https://news.example/b"]
