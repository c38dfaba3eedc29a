"""The kinds of sources that list a publisher's pages: one module for each kind, with a class that
implements ``Source``.

To add a kind, write its module, then add it to KINDS and to ``open_source``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tidings.base.records import Feed
    from tidings.fetch.sources.protocol import Source

_ACCEPT_FEED = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9,"
    " text/xml;q=0.9, */*;q=0.5"
)


class Kind(NamedTuple):
    """The Accept header for a kind of source, and the body formats that count as this kind (None:
    any page).
    """

    accept: str
    formats: frozenset[str] | None


KINDS = {
    "feed": Kind(_ACCEPT_FEED, frozenset({"feed", "json_feed"})),
    "listing": Kind("*/*", None),
    "sitemap": Kind("*/*", frozenset({"sitemap", "feed", "text"})),
}


def open_source(feed: Feed) -> Source:
    """Return the source of a row in the feed registry. Modules of other kinds are not imported."""
    if feed.kind == "listing":
        from tidings.fetch.sources.listing import ListingSource  # noqa: PLC0415 - it loads BeautifulSoup

        return ListingSource(feed)
    if feed.kind == "sitemap":
        from tidings.fetch.sources.sitemap import SitemapSource  # noqa: PLC0415 - few workers read a sitemap

        return SitemapSource(feed)
    from tidings.fetch.sources.feed import FeedSource  # noqa: PLC0415 - it loads feedparser

    return FeedSource(feed)
