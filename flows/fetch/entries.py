"""The rows of a feed's entries: which are the same entry, and which a revision of one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tidings.flows.identity import entry_key
from tidings.warehouse.records import FeedEntry

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from tidings.flows.fetch.feed.parsed import ParsedEntry, ParsedFeed
    from tidings.warehouse.records import Feed


def entries_of(feed: Feed, parsed: ParsedFeed, capture_id: UUID, now: dt.datetime) -> list[FeedEntry]:
    """Return the rows of a feed's entries: one an entry and wording, however often the feed repeats it.

    Two links under one guid are two entries; a new guid or an edited text under one link is a revision of one.
    """
    rows: dict[tuple[UUID, str], FeedEntry] = {}
    for entry in parsed.entries:
        row = FeedEntry(
            entry_id=entry_id(feed, entry),
            revision_hash=_revision_hash(feed, entry),
            feed_id=feed.feed_id,
            capture_id=capture_id,
            guid=entry.guid,
            url=entry.link,
            link_raw=entry.link_raw,
            title=entry.title,
            summary=entry.summary,
            authors=entry.authors,
            categories=entry.categories,
            language=entry.language or feed.language,
            published_raw=entry.published_raw,
            published_at=entry.published_at,
            updated_at=entry.updated_at,
            date_quality=entry.date_quality.value,
            first_seen_at=now,
        )
        rows.setdefault((row.entry_id, row.revision_hash), row)
    return list(rows.values())


def covers_from(parsed: ParsedFeed | None) -> dt.datetime | None:
    """Return the oldest date (UTC) that a feed shows, None when it shows none that could be read."""
    return min((entry.published_at for entry in parsed.entries if entry.date_quality.is_read), default=None) if parsed else None


def entry_id(feed: Feed, entry: ParsedEntry) -> UUID:
    """Return the key of an entry of a feed: by its link, else its guid, else its title and date."""
    return entry_key(feed.feed_id, entry.link, entry.guid, entry.title, entry.published_raw)


def _revision_hash(feed: Feed, entry: ParsedEntry) -> str:
    """Return a hash of what a reader would see; of the whole text too where the feed carries it."""
    parts = [entry.guid, entry.title, entry.summary, entry.published_raw, *entry.authors]
    if feed.has_full_text:
        parts.append(entry.content_html)
    return hashlib.sha256("\0".join(part or "" for part in parts).encode("utf-8", "replace")).hexdigest()[:32]
