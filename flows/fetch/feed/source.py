"""A source of any kind, read in one shape: a feed, a listing or a sitemap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.flows.fetch.feed.read import read_feed

if TYPE_CHECKING:
    import datetime as dt

    from tidings.flows.fetch.feed.parsed import ParsedFeed, Unreadable
    from tidings.warehouse.records import Feed


def read_source(  # noqa: PLR0917 — the five that read_feed takes, and the row
    body: bytes, content_type: str | None, url: str, zone: str, now: dt.datetime, feed: Feed | None = None
) -> ParsedFeed | Unreadable:
    """Return what a source shows, read as the registry says that it is to be read; without ``feed``, as a feed.

    Arguments as for read_feed. The readers of listings and sitemaps are loaded when they are needed.
    """
    if feed is not None and feed.kind == "listing":
        from tidings.flows.fetch.discover import read_listing  # noqa: PLC0415 — most workers never meet a listing

        return read_listing(
            body,
            content_type,
            url,
            item_selector=feed.item_selector,
            next_selector=feed.next_selector,
            zone=zone,
            now=now,
        )
    if feed is not None and feed.kind == "sitemap":
        from tidings.flows.fetch.sitemap import read_sitemap  # noqa: PLC0415 — nor a sitemap

        return read_sitemap(body, url, zone, now)
    return read_feed(body, content_type, url, zone, now)
