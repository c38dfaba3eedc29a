"""The records of feeds and their entries: unprocessed, parsed, and as rows of raw.feed_entries."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from tidings.base.dates import EARLIEST_YEAR, read_date, zone_of
from tidings.base.records import Feed, FeedEntry, Key
from tidings.base.urls import entry_key, normalise_url
from tidings.fetch.feed.text import plain_text, storable

MAX_ENTRIES = 2_000
MAX_TITLE_CHARS = 2_000
MAX_SUMMARY_CHARS = 5_000
_MAX_NAMES = 50
_MAX_NAME_CHARS = 300
_CLOCK_SKEW = dt.timedelta(hours=1)


class DateQuality(StrEnum):
    """The quality of an entry's date. From ``future`` on, the stored time is that at which the
    entry was first seen.
    """

    EXACT = "exact"  # a time with its UTC offset or an unambiguous time zone
    # the publisher's time zone was used, or the most frequent meaning of an abbreviation
    ZONE_ASSUMED = "zone_assumed"
    DAY_ONLY = "day_only"  # no time of day: the time is midnight in the publisher's time zone
    FUTURE = "future"  # more than an hour after the current time
    EPOCH = "epoch"  # before 1990, a default of some software
    UNREADABLE = "unreadable"
    MISSING = "missing"

    @property
    def is_read(self) -> bool:
        """True if the publisher stated the date."""
        return self in (DateQuality.EXACT, DateQuality.ZONE_ASSUMED, DateQuality.DAY_ONLY)


def date_entry(
    raw: str | None, zone: dt.tzinfo, now: dt.datetime
) -> tuple[dt.datetime, DateQuality]:
    """Return the time (UTC) of an entry and the quality of its date.

    ``zone`` applies if the text names none. If the date is missing, unreadable, over an hour in the
    future or before 1990, the time is ``now``.
    """
    if not raw or not raw.strip():
        return now, DateQuality.MISSING
    value = read_date(raw, zone)
    if value is None:
        return now, DateQuality.UNREADABLE
    at = value.at.astimezone(dt.UTC)
    if at > now + _CLOCK_SKEW:
        return now, DateQuality.FUTURE
    if at.year < EARLIEST_YEAR:
        return now, DateQuality.EPOCH
    if not value.has_time:
        return at, DateQuality.DAY_ONLY
    return at, DateQuality.EXACT if value.is_exact else DateQuality.ZONE_ASSUMED


class ParsedEntry(NamedTuple):
    """An entry of a feed: plain texts, times in UTC; None: the feed does not contain the value.

    ``link`` is normalised, or None if ``link_raw`` is invalid or no page, such as ``//``.
    ``content_html`` is the untrusted markup of the longest text.
    """

    guid: str | None
    link: str | None
    link_raw: str | None
    title: str | None
    summary: str | None
    content_html: str | None
    authors: list[str]
    categories: list[str]
    language: str | None
    published_raw: str | None
    published_at: dt.datetime
    updated_at: dt.datetime | None
    date_quality: DateQuality

    @property
    def stated_at(self) -> dt.datetime | None:
        """The time (UTC) at which the entry was published, else updated, or None."""
        return self.published_at if self.date_quality.is_read else self.updated_at


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed, listing or sitemap.

    ``is_cut_off``: its end is missing, so its validators must not be stored. ``entries`` has at
    most 2,000 of the ``entry_count`` entries.
    """

    title: str | None
    language: str | None
    entries: list[ParsedEntry]
    entry_count: int
    kind: str  # feedparser's name (rss20, atom10, …), or json_feed, listing or sitemap
    ttl_seconds: int | None = None
    update_period_seconds: int | None = None
    next_link: str | None = None
    prev_archive_link: str | None = None
    degraded_reason: str | None = None  # why only a part of the feed was read
    is_cut_off: bool = False
    links: list[str] = field(default_factory=list)  # the sitemaps that a sitemap index names

    @property
    def dates(self) -> list[dt.datetime]:
        """The dates (UTC) of the entries whose publisher stated one."""
        return [entry.published_at for entry in self.entries if entry.date_quality.is_read]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The bytes contain no feed, or reading it took too long. ``outcome`` is that of the poll."""

    reason: str
    outcome: str = "not_feed"


@dataclass(slots=True)
class RawEntry:
    """The unprocessed parts of an entry. None: the part is missing."""

    guid: str | None = None
    link: str | None = None
    title: str | None = None
    summary: str | None = None
    content_html: str | None = None
    authors: list[str | None] = field(default_factory=list)
    categories: list[str | None] = field(default_factory=list)
    language: str | None = None
    published_raw: str | None = None
    updated_raw: str | None = None


@dataclass(slots=True)
class RawFeed:
    """The unprocessed parts of a feed. ``links`` has the first URL for each rel."""

    kind: str
    title: str | None = None
    language: str | None = None
    ttl: str | None = None
    period: str | None = None
    frequency: str | None = None
    links: dict[str, str] = field(default_factory=dict)
    entries: list[RawEntry] = field(default_factory=list)
    problem: str | None = None  # why only a part was read


def make_entry(
    raw: RawEntry, base: str, zone: str, now: dt.datetime, *, counts_from_update: bool = True
) -> ParsedEntry:
    """Return an entry with plain texts, its link resolved against ``base``, and parsed dates.
    ``counts_from_update``: an update date replaces a missing publication date.
    """
    updated_raw = raw.updated_raw or ""
    published_raw = storable(raw.published_raw or updated_raw * counts_from_update, 200)
    own_zone = zone_of(zone)
    published_at, quality = date_entry(published_raw, own_zone, now)
    updated = read_date(updated_raw, own_zone)
    link_raw = storable(raw.link, 4096)
    return ParsedEntry(
        guid=storable(raw.guid, 2000),
        link=normalise_url(link_raw, base) if link_raw and link_raw.strip("/# ") else None,
        link_raw=link_raw,
        title=plain_text(raw.title, MAX_TITLE_CHARS),
        summary=plain_text((raw.summary or "")[: 8 * MAX_SUMMARY_CHARS], MAX_SUMMARY_CHARS),
        content_html=storable(raw.content_html),
        authors=_names(raw.authors),
        categories=_names(raw.categories),
        language=storable(raw.language, 35),
        published_raw=published_raw,
        published_at=published_at,
        updated_at=updated.at.astimezone(dt.UTC) if updated else None,
        date_quality=quality,
    )


def _names(values: Iterable[str | None]) -> list[str]:
    names = (plain_text(value, _MAX_NAME_CHARS) for value in values)
    return list(dict.fromkeys(filter(None, names)))[:_MAX_NAMES]


def make_entry_rows(
    feed: Feed, parsed: ParsedFeed, capture_id: UUID, now: dt.datetime
) -> list[FeedEntry]:
    """Return the rows of a feed's entries, one for each entry and wording. A new guid or an edited
    text with the same link is a revision.
    """
    rows: dict[tuple[UUID, str], FeedEntry] = {}
    for entry in parsed.entries:
        guid, link, link_raw, title, summary, markup, authors = entry[:7]
        categories, language, published_raw, published_at, updated_at, quality = entry[7:]
        # the texts that a reader sees, including the full text if the feed contains it
        parts = [guid, title, summary, published_raw, *authors, *[markup] * feed.has_full_text]
        texts = "\0".join(part or "" for part in parts).encode("utf-8", "replace")
        key = _key(feed, entry), hashlib.sha256(texts).hexdigest()[:32]
        shown = (guid, link, link_raw, title, summary, authors, categories)
        dates = (published_raw, published_at, updated_at, quality.value, now)
        row = (*key, feed.feed_id, capture_id, *shown, language or feed.language, *dates)
        rows.setdefault(key, FeedEntry(*row))
    return list(rows.values())


def entry_id(feed: Feed, entry: ParsedEntry) -> Key:
    """Return the key of an entry, derived from its link, else its guid, else its title and date."""
    return str(_key(feed, entry))


def _key(feed: Feed, entry: ParsedEntry) -> UUID:
    return entry_key(feed.feed_id, entry.link, entry.guid, entry.title, entry.published_raw)
