"""Rows that Python writes: one frozen dataclass per table, with the table's columns in order.

``migrate.py`` creates the columns, with the types in SQL_TYPES. A new column is the last field of
its record, and increases VERSION there. Suffixes: `_at` is a time in UTC, `_on` a date in the
publisher's time zone, `_id` a key. None means unknown, never zero or empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar, dataclass_transform
from uuid import UUID

Kind = TypeVar("Kind", bound="type[Row]")
Long = int
Unsigned = int
Key = str  # a UUID as text, which is read in a third of the time
SQL_TYPES = {
    "UUID": "uuid", "str": "varchar", "bool": "boolean", "int": "integer", "Long": "bigint",
    "float": "double", "dt.date": "date", "dt.datetime": "timestamptz",
    "list[str]": "varchar[]", "list[int]": "integer[]", "list[Unsigned]": "ubigint[]",
    "list[Key]": "uuid[]", "dict[str, Long]": "map(varchar, bigint)",
}  # fmt: skip
# a time that is later than a run by more than this was stored while the clock was ahead
CLOCK_TOLERANCE = dt.timedelta(hours=1)
TABLES: list[type] = []  # the classes of rows in this module, in order


class Row:
    """A row of a table."""

    __slots__: tuple[str, ...] = ()
    TABLE: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]
    KEEPS_FIRST: ClassVar[bool]  # a stored row never changes


@dataclass_transform(frozen_default=True)
def table(name: str, *key: str, keeps_first: bool = False) -> Callable[[Kind], Kind]:
    """Make a class the frozen dataclass of a table's rows."""

    def make(kind: Kind) -> Kind:
        record: Any = dataclass(frozen=True, slots=True)(kind)
        record.TABLE, record.KEY, record.KEEPS_FIRST = name, key, keeps_first
        TABLES.append(record)
        return record  # type: ignore[no-any-return]

    return make


@table("raw.feeds", "feed_id")
class Feed(Row):
    """A source in the feed list of the last run: a feed, a listing or a sitemap."""

    feed_id: str
    publisher_id: str  # the publisher of the source
    url: str
    kind: str  # feed, listing or sitemap
    language: str | None  # BCP 47; None: not stated
    topics: list[str]
    is_enabled: bool
    has_full_text: bool  # entries contain the whole article: no page is fetched
    # the publisher offers the feed to readers although its robots file disallows it
    ignores_robots: bool
    item_selector: str | None  # listings: CSS selector of links to items
    next_selector: str | None  # listings: CSS selector of the link to older items
    day_url: str | None  # listings by day: URL with {yyyy} {mm} {dd}


@table("ref.publishers", "publisher_id")
class Publisher(Row):
    """A publisher: of seeds/publishers.csv or the feed list, or derived from a URL."""

    publisher_id: str
    name: str
    country: str | None  # ISO 3166-1 alpha-2, or EU and INT
    publisher_type: str | None  # official, state_media, independent or public
    time_zone: str  # IANA name; UTC if unknown
    # with a range of days if the domain had several owners (tidings/base/owners.py)
    domains: list[str]
    institution: str | None = None  # kind of body, such as ministry, central_bank or newspaper
    run_by: str | None = None  # the body that runs it; None: not researched
    run_since: str | None = None  # ISO 8601 day, month or year from which on
    evidence: str | None = None  # the document that states so, with its day


@table("raw.captures", "capture_id", keeps_first=True)
class Capture(Row):
    """The result of one request, also of a failed one; the archive contains its body."""

    capture_id: UUID  # UUIDv5 of the requested URL and fetched_at
    url: str  # as requested, normalised
    final_url: str | None  # after redirects; None: no response
    # feed, page, listing, sitemap, entry (a text in a feed) or document (to which a page leads)
    kind: str
    feed_id: str | None  # the source that listed the URL; None: imported
    # the publisher of the source, or of an imported page's URL; the article's is in core.articles
    publisher_id: str | None
    fetched_at: dt.datetime
    outcome: str
    reason: str | None  # a sentence for the user; None: ok
    status: int | None
    content_type: str | None
    # "sha1:" and base32 of the decoded body, as WARC-Payload-Digest; None: no body
    digest: str | None
    byte_count: Long | None  # decoded
    # relative to the archive; None: not stored; without a digest the file of the row's JSON line
    warc_file: str | None
    warc_offset: Long | None
    warc_length: Long | None
    is_revisit: bool  # the body equals an earlier capture's, whose record contains it
    origin: str  # live, or the name of an imported file
    covers_from: dt.datetime | None  # feeds and listings: time of the oldest item; None: unknown
    covers_until: dt.datetime | None  # end of the period without missing items; None: fetched_at

    @property
    def is_summary(self) -> bool:
        """True for title and summary of a feed entry, used because its page is reserved."""
        return self.kind == "entry" and self.reason is not None

    @property
    def place(self) -> tuple[str, int, int]:
        """The file, offset and length of its record in the archive."""
        return self.warc_file or "", self.warc_offset or 0, self.warc_length or 0

    @property
    def page_url(self) -> str:
        """The URL after redirects, or the requested URL if there was no response."""
        return self.final_url or self.url

    def moved(
        self, warc_file: str | None, warc_offset: int | None, warc_length: Long | None
    ) -> Capture:
        """Return the capture with another place in the archive, or without."""
        return replace(self, warc_file=warc_file, warc_offset=warc_offset, warc_length=warc_length)


@table("raw.feed_entries", "entry_id", "revision_hash", keeps_first=True)
class FeedEntry(Row):
    """A feed entry; an edited entry is another row with the same entry_id."""

    entry_id: UUID  # UUIDv5 of feed_id and link, or else guid, or else title and date
    revision_hash: str
    feed_id: str
    capture_id: UUID  # the capture that first contained this revision
    guid: str | None
    url: str | None  # the page's normalised URL; None: no link, or an invalid link
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


@table("raw.feed_states", "feed_id")
class FeedState(Row):
    """The state of a source after its last poll."""

    feed_id: str
    url: str  # the requested URL, to which the validators belong
    etag: str | None
    last_modified: str | None
    outcome: str
    reason: str | None
    last_polled_at: dt.datetime
    last_success_at: dt.datetime | None
    last_new_entry_at: dt.datetime | None
    failure_count: int  # consecutive failures
    next_poll_at: dt.datetime
    interval_seconds: Long
    moved_to: str | None  # target of permanent redirects
    moved_nights: int  # consecutive nights on which the redirects led to a feed there
    retired_at: dt.datetime | None  # None: in use
    # entries of the last successful poll; a gap exists if the next poll contains none of them
    entry_ids: list[Key]

    def at(self, url: str) -> FeedState:
        """Return the state of the source at another URL, to which validators do not belong."""
        return replace(self, url=url, etag=None, last_modified=None, moved_to=None, moved_nights=0)


@table("raw.robots", "origin")
class Robots(Row):
    """A host's robots file, stored for the following runs."""

    origin: str  # scheme, host and port
    asked_at: dt.datetime
    outcome: str
    reason: str | None
    text: str | None  # last valid copy; empty: the host has none; None: no response so far
    failing_since: dt.datetime | None  # None: the last request succeeded


@table("raw.rights_files", "url")
class RightsFile(Row):
    """A file in which a publisher states the use of its pages: a licence (RSL) or tdmrep.json."""

    url: str
    asked_at: dt.datetime
    outcome: str
    text: str | None  # last valid copy; empty: there is no such file; None: no response so far


@table("ops.source_rights", "feed_id", "host", "scope", "channel", "statement", "first_on")
class SourceRight(Row):
    """A publisher's statement about the use of its pages, and the days on which it was read."""

    feed_id: str
    publisher_id: str
    host: str
    scope: str  # site, page or source (the headers of the feed itself)
    channel: str  # robots_group, content_signal, content_usage, rsl, tdmrep_file, …
    statement: str  # as written, at most 300 characters
    meaning: str  # reserved, permitted, ai_only or unreadable
    location: str  # URL of the file or page
    first_on: dt.date  # days in UTC
    last_on: dt.date
    applies: bool  # reserves the text of pages that the source listed
    is_obeyed: bool  # title and summary replaced these texts; False: it was only recorded


@table("ops.rights_modes", "since_at")
class RightsMode(Row):
    """How reservations of rights were treated from a time on."""

    since_at: dt.datetime
    mode: str  # obey or record
    reason: str | None  # of record: the permission or the exception; None for obey


@table("raw.host_pauses", "host")
class HostPause(Row):
    """A period without requests that a host demanded with its last 429 or 503 response."""

    host: str
    ends_at: dt.datetime


@table("raw.feed_gaps", "feed_id", "starts_at")
class FeedGap(Row):
    """A period in which a source may have listed items that were not collected."""

    feed_id: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    reason: str


@table("raw.forgotten", "url")
class Forgotten(Row):
    """A URL of a page that was removed; it is not fetched, stored or cleaned again."""

    url: str  # each URL of the page has a row
    article_id: UUID  # the article that the URL would produce: its UUIDv5
    forgotten_at: dt.datetime
    finished_at: dt.datetime | None  # None: the removal was interrupted; maintenance completes it


@table("core.extractions", "capture_id")
class Extraction(Row):
    """The result of cleaning a page's capture: an article or a named outcome."""

    capture_id: UUID
    url: str  # as captured
    article_id: UUID | None  # None: no article
    outcome: str  # ok, or the reason for no article
    reason: str | None
    rules_version: str  # of the extraction rules that were used
    extracted_at: dt.datetime
    # the document to which the page only leads; None: the page has its own text
    document_url: str | None = None
    document_id: UUID | None = None  # the document's capture; None: it was not read


@table("core.articles", "article_id")
class Article(Row):
    """An article with its current text."""

    article_id: UUID  # UUIDv5 of url
    # the owner of the URL's domain on the day of the capture, else the domain itself
    publisher_id: str
    url: str  # canonical
    title: str
    lead: str | None
    body_text: str  # paragraphs separated by an empty line
    authors: list[str]
    agencies: list[str]
    section: str | None
    place: str | None  # from the dateline
    language: str | None  # of the text, BCP 47
    published_at: dt.datetime | None
    modified_at: dt.datetime | None
    published_on: dt.date | None
    date_quality: str
    first_seen_at: dt.datetime
    word_count: int  # words; characters in scripts without spaces
    content_hash: str  # of title and body
    extractor: str
    agreement: float | None  # 0 to 1: overlap with the second candidate; None: no second candidate
    is_truncated: bool
    excluded_reason: str | None  # reason why no denominator includes the article; None: included
    # of the language versions that the publisher declares; None: none declared
    translation_key: str | None
    signature: list[Unsigned]  # MinHash of the body; empty if the body is too short
    capture_id: UUID
    # article, listing, service, documentation, forum, product or table; None: unknown
    page_kind: str | None
    # 0 to 1: probability that the text's word F1 is at least .8; None: not estimated
    extraction_confidence: float | None
    # main reason for a confidence below .8; None: at least .8 or not estimated
    extraction_doubt: str | None
    # position in body_text of each page's first character; None: no document with pages
    page_offsets: list[int] | None
    # places, from 1, of paragraphs that many pages of the outlet repeat; 0: the title's last part
    repeated_paragraphs: list[int] | None = None


@table("core.article_revisions", "article_id", "content_hash", keeps_first=True)
class ArticleRevision(Row):
    """A version of an article's text."""

    article_id: UUID
    content_hash: str
    seen_at: dt.datetime
    title: str
    capture_id: UUID
    paragraphs_added: list[str]  # compared with the previous revision; empty for the first
    paragraphs_removed: list[str]


@table("ops.releases", "release_id")
class Release(Row):
    """A snapshot of the lake that passed its audit and can be cited."""

    release_id: str  # its time, YYYY-MM-DDTHHMMSSZ
    released_at: dt.datetime
    snapshot_id: Long
    lexicon_version: str
    code_version: str
    run_id: str
    row_counts: dict[str, Long]
    audit_passed: int
    audit_warned: int
    # the user's reason for releasing despite missing rows; None: no rows were missing
    accepted_loss: str | None = None


@table("annotations.last_build", "as_of")
class LastBuild(Row):
    """The last completed build of the tables, the only row of its table."""

    # the lake's snapshot that it read; None: rows were removed from files since
    read_at: Long | None
    as_of: dt.datetime  # its run time
    # the version of the project's SQL, a hyphen, and that of the rules behind the annotations
    rules_version: str
    lexicon_version: str
