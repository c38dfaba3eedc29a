"""The rows that Python writes, a frozen dataclass a table: its fields are the table's columns, in order.

`_at` is an instant in UTC, `_on` a date in the publisher's zone, `_id` a key. None means unknown, never zero or empty.
`tests/warehouse/test_records.py` holds each record against its table.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Feed:
    """A source as the registry last told it: a feed, a listing or a sitemap."""

    TABLE: ClassVar[str] = "raw.feeds"
    KEY: ClassVar[tuple[str, ...]] = ("feed_id",)

    feed_id: str
    publisher_id: str
    url: str
    kind: str  # feed, listing or sitemap
    language: str | None  # BCP 47; None: not told
    topics: list[str]
    is_enabled: bool
    has_full_text: bool  # entries carry the whole article: no page is fetched
    ignores_robots: bool  # the publisher offers this feed to readers, whatever its robots file says
    item_selector: str | None  # listings: CSS selector of the links to items
    next_selector: str | None  # listings: CSS selector of the link to older items
    day_url: str | None  # listings by day: address with {yyyy} {mm} {dd}


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes: from seeds/publishers.csv, from a feed list's own columns, else derived from the address."""

    TABLE: ClassVar[str] = "ref.publishers"
    KEY: ClassVar[tuple[str, ...]] = ("publisher_id",)

    publisher_id: str
    name: str
    country: str | None  # ISO 3166-1 alpha-2, or EU and INT
    publisher_type: str | None  # official, state_media, independent or public
    time_zone: str  # IANA; UTC where nobody knows
    domains: list[str]  # with an interval of days where it was not always the publisher's: flows/owners.py


@dataclass(frozen=True, slots=True)
class Capture:
    """An answer to one request, failed ones too; its bytes lie in the archive."""

    TABLE: ClassVar[str] = "raw.captures"
    KEY: ClassVar[tuple[str, ...]] = ("capture_id",)
    KEEPS_FIRST: ClassVar[bool] = True  # what is known stays: a witness is not rewritten

    capture_id: UUID  # UUIDv5 of the requested address and fetched_at
    url: str  # as requested, normalised
    final_url: str | None  # after redirects; None: no answer
    kind: str  # feed, page, listing, sitemap or entry (the text came inside a feed)
    feed_id: str | None  # the source that named the address; None: imported
    publisher_id: str | None  # of that source; of an imported page, of its URL. Whose article it is: core.articles
    fetched_at: dt.datetime
    outcome: str
    reason: str | None  # a sentence for a person; None: ok
    status: int | None
    content_type: str | None
    digest: str | None  # "sha1:" and base32 of the decoded body, as WARC-Payload-Digest; None: no body
    byte_count: int | None  # decoded
    warc_file: str | None  # relative to the archive; None: nothing kept; without a digest, the record of rows, not of a body
    warc_offset: int | None
    warc_length: int | None
    is_revisit: bool  # the body equals an earlier capture's, which holds the bytes
    origin: str  # live, or the name of an imported file
    covers_from: dt.datetime | None  # feeds and listings: oldest item shown; None: says nothing of any time
    covers_until: dt.datetime | None  # up to when nothing can be missing; None: up to fetched_at


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry as a feed showed it: an edited entry is a further row with the same entry_id."""

    TABLE: ClassVar[str] = "raw.feed_entries"
    KEY: ClassVar[tuple[str, ...]] = ("entry_id", "revision_hash")
    KEEPS_FIRST: ClassVar[bool] = True

    entry_id: UUID  # UUIDv5 of feed_id and link, else guid, else title and date
    revision_hash: str
    feed_id: str
    capture_id: UUID  # where this revision was first seen
    guid: str | None
    url: str | None  # the page's address, normalised; None: no link, or one that was refused
    link_raw: str | None
    title: str | None
    summary: str | None  # plain text
    authors: list[str]
    categories: list[str]
    language: str | None
    published_raw: str | None
    published_at: dt.datetime | None
    updated_at: dt.datetime | None
    date_quality: str
    first_seen_at: dt.datetime


@dataclass(frozen=True, slots=True)
class FeedState:
    """What the next poll of a source needs to know, and its health."""

    TABLE: ClassVar[str] = "raw.feed_states"
    KEY: ClassVar[tuple[str, ...]] = ("feed_id",)

    feed_id: str
    url: str  # the requested address that the validators belong to
    etag: str | None
    last_modified: str | None
    outcome: str
    reason: str | None
    last_polled_at: dt.datetime
    last_success_at: dt.datetime | None
    last_new_entry_at: dt.datetime | None
    failure_count: int  # in a row
    next_poll_at: dt.datetime
    interval_seconds: int
    moved_to: str | None  # where permanent redirects lead
    moved_nights: int  # nights in a row on which they led there, to a feed
    retired_at: dt.datetime | None  # None: in use
    entry_ids: list[UUID]  # shown by the last good poll: sharing none with the next tells of a gap


@dataclass(frozen=True, slots=True)
class Robots:
    """A host's robots file as it was last seen, so that the next night need not ask again."""

    TABLE: ClassVar[str] = "raw.robots"
    KEY: ClassVar[tuple[str, ...]] = ("origin",)

    origin: str  # scheme, host and port
    asked_at: dt.datetime
    outcome: str
    reason: str | None
    text: str | None  # the last good copy; empty: the host has none; None: there never was an answer
    failing_since: dt.datetime | None  # None: the last request went well


@dataclass(frozen=True, slots=True)
class HostPause:
    """A stretch of time for which a host asked to be left alone, as the last 429 or 503 told; longer than a stage or a night."""

    TABLE: ClassVar[str] = "raw.host_pauses"
    KEY: ClassVar[tuple[str, ...]] = ("host",)

    host: str
    ends_at: dt.datetime


@dataclass(frozen=True, slots=True)
class FeedGap:
    """A stretch of time in which a source may have shown items that were never seen."""

    TABLE: ClassVar[str] = "raw.feed_gaps"
    KEY: ClassVar[tuple[str, ...]] = ("feed_id", "starts_at")

    feed_id: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """An address whose page was taken out for good; it is neither fetched, kept nor cleaned again."""

    TABLE: ClassVar[str] = "raw.forgotten"
    KEY: ClassVar[tuple[str, ...]] = ("url",)

    url: str  # each address under which the page was known
    article_id: UUID  # the article that the address would make: UUIDv5 of it
    forgotten_at: dt.datetime
    finished_at: dt.datetime | None  # None: taking it out was broken off, and upkeep goes on with it


@dataclass(frozen=True, slots=True)
class Extraction:
    """What cleaning made of a page's capture: an article, or a named outcome."""

    TABLE: ClassVar[str] = "core.extractions"
    KEY: ClassVar[tuple[str, ...]] = ("capture_id",)

    capture_id: UUID
    url: str  # as captured
    article_id: UUID | None  # None: no article came of it
    outcome: str  # ok, or why there is no article
    reason: str | None
    rules_version: str  # of the extraction rules in force
    extracted_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it stands now."""

    TABLE: ClassVar[str] = "core.articles"
    KEY: ClassVar[tuple[str, ...]] = ("article_id",)

    article_id: UUID  # UUIDv5 of url
    publisher_id: str  # owner of the URL's domain on the day of the capture, whichever feed listed it; else the domain itself
    url: str  # canonical
    title: str
    lead: str | None
    body_text: str  # paragraphs parted by an empty line
    authors: list[str]
    agencies: list[str]
    section: str | None
    place: str | None  # of the dateline
    language: str | None  # of the text, BCP 47
    published_at: dt.datetime | None
    modified_at: dt.datetime | None
    published_on: dt.date | None
    date_quality: str
    first_seen_at: dt.datetime
    word_count: int  # words, or characters of scripts that do not part them
    content_hash: str  # of title and body
    extractor: str
    agreement: float | None  # 0 to 1: overlap with the second candidate; None: there was none
    is_truncated: bool
    excluded_reason: str | None  # why it counts in no denominator; None: it counts
    translation_key: str | None  # shared by the versions that a publisher declares; None: none declared
    signature: list[int]  # MinHash of the body; empty: too short
    capture_id: UUID


@dataclass(frozen=True, slots=True)
class ArticleRevision:
    """A text that an article has had."""

    TABLE: ClassVar[str] = "core.article_revisions"
    KEY: ClassVar[tuple[str, ...]] = ("article_id", "content_hash")
    KEEPS_FIRST: ClassVar[bool] = True

    article_id: UUID
    content_hash: str
    seen_at: dt.datetime
    title: str
    capture_id: UUID
    paragraphs_added: list[str]  # against the revision before; empty for the first
    paragraphs_removed: list[str]


@dataclass(frozen=True, slots=True)
class Release:
    """A state of the lake that passed its audit and that readers may cite."""

    TABLE: ClassVar[str] = "ops.releases"
    KEY: ClassVar[tuple[str, ...]] = ("release_id",)

    release_id: str  # its instant, YYYY-MM-DDTHHMMSSZ
    released_at: dt.datetime
    snapshot_id: int
    lexicon_version: str
    code_version: str
    run_id: str
    row_counts: dict[str, int]
    audit_passed: int
    audit_warned: int
    accepted_loss: str | None = None  # a person's reason to release although rows were missing; None: none were


TABLES: tuple[type, ...] = (
    Feed,
    Publisher,
    Capture,
    FeedEntry,
    FeedState,
    Robots,
    HostPause,
    FeedGap,
    Forgotten,
    Extraction,
    Article,
    ArticleRevision,
    Release,
)
