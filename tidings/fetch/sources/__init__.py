"""The kinds of sources that list a publisher's pages. A new kind is a module that reads its pages,
added to KINDS and to ``feed_reader.read_source``.
"""

import datetime as dt
import re
from collections.abc import Iterable
from typing import NamedTuple

from tidings.base.records import Feed
from tidings.base.urls import prepare_url
from tidings.fetch.continuity import oldest_date
from tidings.fetch.feed.entry import ParsedFeed
from tidings.fetch.window import Window, day_span, may_list

_ACCEPT_FEED = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9,"
    " text/xml;q=0.9, */*;q=0.5"
)
_DATE_FIELD = re.compile(r"\{(yyyy|yy|mm|m|dd|d)\}")


class Kind(NamedTuple):
    """The Accept header for a kind of source, and the formats that count as it (none: any page)."""

    accept: str
    formats: frozenset[str]
    is_polled: bool = True


KINDS = {
    "feed": Kind(_ACCEPT_FEED, frozenset({"feed", "json_feed"})),
    "listing": Kind("*/*", frozenset()),
    # it lists years of pages, so only backfills read it
    "sitemap": Kind("*/*", frozenset({"sitemap", "feed", "text"}), is_polled=False),
}


class ListRequest(NamedTuple):
    """A request for a page that lists items, and the day that it lists, or None."""

    url: str
    day: tuple[dt.datetime, dt.datetime] | None = None


def is_read_by_day(feed: Feed) -> bool:
    """Return whether nightly runs request the page of each day."""
    return bool(feed.day_url and not feed.next_selector)


def lists_any_day(feed: Feed) -> bool:
    """Return whether a backfill can list any past day."""
    return bool(feed.day_url) or not KINDS[feed.kind].is_polled


def list_window(feed: Feed, window: Window, zone: str) -> Iterable[ListRequest]:
    """Return the first requests that list the items of a window."""
    if not feed.day_url:
        return [ListRequest(feed.url)]
    return (
        ListRequest(fill_day_url(feed.day_url, day), day_span(day, zone)) for day in window.days
    )


def fill_day_url(day_url: str, day: dt.date) -> str:
    """Return the URL of a day's listing: ``{yyyy}``, ``{yy}``, ``{mm}``, ``{m}``, ``{dd}`` and
    ``{d}`` replaced.
    """
    fields = {"yyyy": f"{day:%Y}", "yy": f"{day:%y}", "mm": f"{day:%m}", "m": f"{day.month}"}
    fields |= {"dd": f"{day:%d}", "d": f"{day.day}"}
    return _DATE_FIELD.sub(lambda field: fields[field[1]], day_url)


def follow(feed: Feed, parsed: ParsedFeed, url: str, window: Window, zone: str) -> list[str]:
    """Return the URLs to request after a page from ``url``: the sitemaps that an index names, or
    the older page of a feed or listing, unless this page reaches back before the window or the row
    has a URL for each day.
    """
    if feed.kind == "sitemap":
        return [link for link in parsed.links if may_list(link, window)]
    older, oldest = older_page(parsed, url), oldest_date(parsed)
    is_before = oldest is not None and oldest < day_span(window.start, zone)[0]
    return [] if older is None or is_before or feed.day_url else [older]


def older_page(parsed: ParsedFeed, url: str) -> str | None:
    """Return the URL of a feed's next older page (RFC 5005), or None on the oldest page."""
    link = parsed.prev_archive_link or parsed.next_link
    older = prepare_url(link, url) if link else None
    return older if older != prepare_url(url) else None


def covered_period(
    feed: Feed, parsed: ParsedFeed | None, window: Window, zone: str, *, has_items: bool
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return the period (UTC) that a response lists completely; a start of None is unknown, an end
    of None the time of the response. A sitemap covers the window if it ``has_items`` of it.
    """
    if feed.kind != "sitemap":
        return oldest_date(parsed), None
    days = day_span(window.start, zone)[0], day_span(window.end, zone)[1]
    return days if has_items else (None, None)
