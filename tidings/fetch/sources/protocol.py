"""The interface of a source: the requests that list its pages in a window, and the reading of the
responses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tidings.fetch.window import day_span

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from tidings.base.records import Feed
    from tidings.fetch.feed.entry import ParsedFeed, Unreadable
    from tidings.fetch.window import Window

_DATE_FIELD = re.compile(r"\{(yyyy|yy|mm|m|dd|d)\}")


class Span(NamedTuple):
    """A period in UTC. ``start`` None: the start is unknown. ``end`` None: the period ends with the
    response.
    """

    start: dt.datetime | None
    end: dt.datetime | None


class ListRequest(NamedTuple):
    """A request for a page that lists items. ``day`` is the day that the page lists; None if it has
    no fixed day.
    """

    url: str
    day: tuple[dt.datetime, dt.datetime] | None = None


@dataclass(frozen=True)
class Source:
    """A row of the feed registry, with the methods of its kind; each kind overrides ``read``.

    ``is_polled``: nightly runs request the source. ``has_older_pages``: a poll also reads the older
    pages that the first one links, as far as they show new items. ``has_day_pages``: the row may
    have a URL for each day. ``may_carry_full_text``: entries may contain the whole article.
    """

    feed: Feed
    is_polled = True
    has_older_pages = False
    has_day_pages = False
    may_carry_full_text = False

    @property
    def day_url(self) -> str | None:
        """The URL pattern of the page of each day, or None."""
        return self.feed.day_url if self.has_day_pages else None

    @property
    def is_polled_by_day(self) -> bool:
        """True if nightly runs request the page of each day instead of the source's own URL: it has
        such pages, and no links to older pages.
        """
        return bool(self.day_url and not self.feed.next_selector)

    @property
    def lists_any_day(self) -> bool:
        """True if a backfill can list any past day. Other sources reach only as far back as their
        older pages.
        """
        return bool(self.day_url) or not self.is_polled

    def list_window(self, window: Window, zone: str) -> Iterable[ListRequest]:
        """Return the first requests that list the items of a window: the page of each day, or the
        source itself. ``zone`` is the publisher's IANA zone.
        """
        if self.day_url:
            return list_days(self.day_url, window, zone)
        return [ListRequest(self.feed.url)]

    def follow(self, parsed: ParsedFeed, url: str, window: Window, zone: str) -> list[str]:
        """Return the URLs to request after a page from ``url``, because they may list more items of
        the window.
        """
        raise NotImplementedError

    def read(
        self, body: bytes, content_type: str | None, url: str, zone: str, now: dt.datetime
    ) -> ParsedFeed | Unreadable:
        """Return the entries in a response body from ``url``; ``now`` is the time (UTC) at which
        they were first seen.
        """
        raise NotImplementedError

    def coverage(
        self, parsed: ParsedFeed | None, window: Window, zone: str, *, has_items: bool
    ) -> Span:
        """Return the period that a response lists completely; ``has_items`` states whether it lists
        items of the window.
        """
        raise NotImplementedError


def list_days(day_url: str, window: Window, zone: str) -> Iterator[ListRequest]:
    """Yield a request for the listing of each day in a window."""
    for day in window.days:
        yield ListRequest(fill_day_url(day_url, day), day_span(day, zone))


def fill_day_url(day_url: str, day: dt.date) -> str:
    """Return the URL of a day's listing: ``{yyyy}``, ``{yy}``, ``{mm}``, ``{m}``, ``{dd}`` and
    ``{d}`` replaced by the date.
    """
    values = {
        "yyyy": f"{day.year:04d}",
        "yy": f"{day.year % 100:02d}",
        "mm": f"{day.month:02d}",
        "m": str(day.month),
        "dd": f"{day.day:02d}",
        "d": str(day.day),
    }
    return _DATE_FIELD.sub(lambda field: values[field[1]], day_url)
