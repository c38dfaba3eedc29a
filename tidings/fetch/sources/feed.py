"""Feeds as a source: RSS, Atom, RDF or JSON Feed, with the older pages of RFC 5005."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidings.base.urls import prepare_url
from tidings.fetch.feed.entry import oldest_date
from tidings.fetch.feed.read import read_feed
from tidings.fetch.sources.protocol import ListRequest, Span
from tidings.fetch.window import day_span

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from tidings.base.records import Feed
    from tidings.fetch.feed.entry import ParsedFeed, Unreadable
    from tidings.fetch.window import Window


@dataclass(frozen=True)
class FeedSource:
    """A feed. A backfill requests the feed and its older pages."""

    feed: Feed
    is_polled = True
    has_older_pages = False
    may_carry_full_text = True

    @property
    def is_polled_by_day(self) -> bool:
        """False: nightly runs request the feed's own URL."""
        return False

    @property
    def lists_any_day(self) -> bool:
        """False: a feed contains its latest items."""
        return False

    def list_window(self, window: Window, zone: str) -> Iterable[ListRequest]:  # noqa: ARG002 - one request for any window
        """Return the request for the feed itself."""
        return [ListRequest(self.feed.url)]

    def follow(self, parsed: ParsedFeed, url: str, window: Window, zone: str) -> list[str]:
        """Return the URL of the next older page, unless this page already reaches back to before
        the window.
        """
        older, oldest = older_page(parsed, url), oldest_date(parsed)
        is_before = oldest is not None and oldest < day_span(window.start, zone)[0]
        return [] if older is None or is_before else [older]

    def read(
        self, body: bytes, content_type: str | None, url: str, zone: str, now: dt.datetime
    ) -> ParsedFeed | Unreadable:
        """Return the entries of a feed."""
        return read_feed(body, content_type, url, zone, now)

    def coverage(
        self,
        parsed: ParsedFeed | None,
        window: Window,  # noqa: ARG002
        zone: str,  # noqa: ARG002
        *,
        has_items: bool,  # noqa: ARG002
    ) -> Span:
        """Return the period from the oldest entry to the time of the response."""
        return Span(oldest_date(parsed), None)


def older_page(parsed: ParsedFeed, url: str) -> str | None:
    """Return the URL of a feed's next older page (RFC 5005: prev-archive, else next), or None on
    the oldest page.
    """
    link = parsed.prev_archive_link or parsed.next_link
    older = prepare_url(link, url) if link else None
    return older if older != prepare_url(url) else None
