"""Feeds as a source: RSS, Atom, RDF or JSON Feed, with the older pages of RFC 5005."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidings.base.urls import prepare_url
from tidings.fetch.continuity import oldest_date
from tidings.fetch.feed.read import read_feed
from tidings.fetch.sources.protocol import Source, Span
from tidings.fetch.window import day_span

if TYPE_CHECKING:
    import datetime as dt

    from tidings.fetch.feed.entry import ParsedFeed, Unreadable
    from tidings.fetch.window import Window


@dataclass(frozen=True)
class FeedSource(Source):
    """A feed. A backfill requests the feed and its older pages."""

    may_carry_full_text = True

    def follow(self, parsed: ParsedFeed, url: str, window: Window, zone: str) -> list[str]:
        """Return the URL of the next older page, unless this page already reaches back to before
        the window, or the row has a URL for each day.
        """
        older, oldest = older_page(parsed, url), oldest_date(parsed)
        is_before = oldest is not None and oldest < day_span(window.start, zone)[0]
        return [] if older is None or is_before or self.day_url else [older]

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
        """Return the period from the start of the run of dates to the time of the response."""
        return Span(oldest_date(parsed), None)


def older_page(parsed: ParsedFeed, url: str) -> str | None:
    """Return the URL of a feed's next older page (RFC 5005: prev-archive, else next), or None on
    the oldest page.
    """
    link = parsed.prev_archive_link or parsed.next_link
    older = prepare_url(link, url) if link else None
    return older if older != prepare_url(url) else None
