"""What a feed says, whatever its format; listings and sitemaps come in the same shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

MAX_ENTRIES = 2_000
MAX_TITLE_CHARS = 2_000
MAX_SUMMARY_CHARS = 5_000


class DateQuality(StrEnum):
    """How far an entry's date can be trusted. From ``future`` on, the instant is the one at which the entry was first seen."""

    EXACT = "exact"  # an instant with its offset or an unambiguous zone
    ZONE_ASSUMED = "zone_assumed"  # the publisher's zone, or the zone that an abbreviation most often means, was put in
    DAY_ONLY = "day_only"  # no time of day: midnight in the publisher's zone
    FUTURE = "future"  # more than an hour ahead
    EPOCH = "epoch"  # before 1990: a default of some software
    UNREADABLE = "unreadable"
    MISSING = "missing"

    @property
    def is_read(self) -> bool:
        """Whether the date is the publisher's, and not the instant at which we first saw the entry."""
        return self in (DateQuality.EXACT, DateQuality.ZONE_ASSUMED, DateQuality.DAY_ONLY)


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """An entry. Texts are plain, without markup; instants in UTC; None means that the feed does not say.

    ``link`` is the page's address, absolute and normalised; None when there is none or it was refused, for the reason in
    ``link_refusal``. ``content_html`` is the markup of the fullest text that the feed carries: untrusted, to be cleaned.
    """

    guid: str | None
    link: str | None
    link_raw: str | None
    link_refusal: str | None
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


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed. ``ttl_seconds`` and ``update_period_seconds`` are what it says of its own pace.

    ``is_degraded`` with ``degraded_reason``: it was broken and what could be had is here. ``is_cut_off``: its end is missing,
    so its validators must not be kept. ``entry_count`` is how many entries there were, of which at most 2,000 are here.
    """

    title: str | None
    language: str | None
    entries: list[ParsedEntry]
    entry_count: int
    kind: str  # as feedparser names it: rss20, atom10, …; json_feed, listing, sitemap
    ttl_seconds: int | None = None
    update_period_seconds: int | None = None
    self_link: str | None = None
    hub_link: str | None = None
    next_link: str | None = None
    prev_archive_link: str | None = None
    is_degraded: bool = False
    degraded_reason: str | None = None
    is_cut_off: bool = False
    links: list[str] = field(default_factory=list)  # listings: further pages; sitemap indexes: further sitemaps

    @property
    def is_truncated(self) -> bool:
        """Whether entries beyond the limit were left out."""
        return self.entry_count > len(self.entries)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """There is no feed in these bytes, or none that can be read in time; ``reason`` is a sentence for a person."""

    reason: str
    is_killed: bool = False
