"""Query the lake for pending work, so that the next run completes an interrupted run."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter, itemgetter
from uuid import UUID

from tidings.base.records import CLOCK_TOLERANCE, Capture, FeedEntry
from tidings.storage.file_store import Store, has_file
from tidings.storage.lake import Connection
from tidings.storage.load import count_rows, read_records

# outcome of a feed's text for another publisher's page: the page itself is still needed
FOREIGN_TEXT = "foreign_text"
OBTAINED = f"""
    select url from raw.captures where kind in ('page', 'entry') and outcome = 'ok'
    and capture_id not in (select capture_id from core.extractions where outcome = '{FOREIGN_TEXT}')
"""


def known_time(column: str, otherwise: str = "null") -> str:
    """Return the SQL of a time, or ``otherwise`` if a clock was ahead: in the future."""
    latest = f"$now::timestamptz + interval {CLOCK_TOLERANCE.total_seconds():.0f} second"
    return f"if({column} > {latest}, {otherwise}::timestamptz, {column})"


# Equal for the URLs of one item.
KEY = "item_key(url, title, published_at, date_quality)"
# The date of an entry, else its last change.
LISTED_AT = """coalesce(
    if(date_quality in ('exact', 'zone_assumed', 'day_only'), published_at, null), updated_at
)"""
# The publisher of an entry's feed.
LISTER = """coalesce((
    select any_value(publisher_id) from raw.feeds where feeds.feed_id = feed_entries.feed_id
), feed_id)"""
# A request failed too recently or too often. The wait doubles after each failure.
WAITS = f"""
    count(*) >= $tries or max({known_time("tries.fetched_at")})
    + to_hours(($hours * 2 ** (count(*) - 1))::bigint) > $now
"""
TRIED = f"""
    select listed.url, listed.publisher_id
    from (
        select url, {LISTER} as publisher_id,
            min({known_time("first_seen_at", "'-infinity'")}) as listed_at
        from raw.feed_entries
        where url in (select url from raw.captures where kind = 'page' and outcome <> 'ok')
        group by all
    ) as listed
    inner join raw.captures as tries
        on listed.url = tries.url and tries.kind = 'page' and tries.fetched_at >= listed.listed_at
    group by all
    having {WAITS}
"""
LIMITS = {
    "tries": 5,  # requests for a page that fails
    # after the first failure; nightly runs do not start at exactly the same time
    "hours": 20,
    "days": 30,  # after which an entry without a page is given up
}


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page's capture to be cleaned, and the place of its body in the archive."""

    capture: Capture
    place: tuple[str, int, int]  # file, offset and length
    document: StoredPage | None = None  # the document to which the page only leads

    @property
    def source(self) -> str:
        """The feed that listed the page, or the publisher of an imported page."""
        return self.capture.feed_id or self.capture.publisher_id or "unknown"


def wanted_pages(con: Connection, now: dt.datetime, feed_ids: Sequence[str]) -> list[FeedEntry]:
    """Return each publisher's first entry for a URL whose page is missing, ordered by URL.

    A failed page is requested again on nights 0, 1, 3, 7 and 14. Requests before a publisher listed
    the URL do not count for it: another outlet's feed may list a URL before its page exists.
    """
    condition = f"""
        first_seen_at > $now::timestamptz - to_days($days::integer)
        and (url, {LISTER}) not in ({TRIED})
    """
    return _missing_pages(con, feed_ids, condition, {"now": now, **LIMITS})


def wanted_documents(
    con: Connection, now: dt.datetime, feed_ids: Sequence[str]
) -> list[tuple[Capture, str]]:
    """Return the recent live captures of pages that only lead to a missing document, each with its
    URL. A document that fails is requested again like a page.
    """
    condition = f"""capture_id in (
        select any_value(e.capture_id order by e.capture_id)
        from core.extractions as e inner join raw.captures as c using (capture_id)
        where e.document_url is not null and e.document_id is null and c.origin = 'live' and c.kind
            = 'page'
        and c.fetched_at > $now::timestamptz - to_days($days::integer)
        and c.feed_id in (select unnest($feeds::varchar[])) and e.document_url not in (
            select url from raw.forgotten union all
            select url from raw.captures as tries where kind = 'document'
            group by url having bool_or(outcome = 'ok') or {WAITS}
        )
        group by e.document_url
    )"""
    values = {"now": now, "feeds": list(feed_ids), **LIMITS}
    captures = read_records(con, Capture, condition, values)
    urls = _document_urls(con, captures)
    return sorted(((row, urls[row.capture_id]) for row in captures), key=itemgetter(1))


def _document_urls(con: Connection, captures: Iterable[Capture]) -> dict[UUID, str]:
    """Return the URLs of the documents to which captures lead, by capture_id."""
    rows = con.execute(
        "select capture_id, document_url from core.extractions where document_url is not null"
        " and capture_id in (select unnest($ids::uuid[]))",
        {"ids": [str(row.capture_id) for row in captures]},
    ).fetchall()
    return dict(rows)


def wanted_in_window(
    con: Connection,
    now: dt.datetime,
    feed_ids: Sequence[str],
    since: dt.datetime,
    until: dt.datetime,
) -> list[FeedEntry]:
    """Return the entries of a time window whose page is missing, as in ``wanted_pages``.

    An entry's time is its date, else its last change; without both it is included. Pages that were
    requested at ``now`` are not.
    """
    condition = f"""
        coalesce({LISTED_AT}, $since::timestamptz) between $since and $until + interval 1 day
        and url not in (select url from raw.captures where kind = 'page' and fetched_at between
            $now and $now + interval 2 day)
    """
    return _missing_pages(con, feed_ids, condition, {"now": now, "since": since, "until": until})


def _missing_pages(
    con: Connection,
    feed_ids: Sequence[str],
    condition: str,
    values: Mapping[str, object],
) -> list[FeedEntry]:
    """Return each publisher's first entry with a condition for a URL whose page is missing, under
    all URLs of the item.
    """
    where = f"""
    url is not null and feed_id in (select unnest($feeds::varchar[]))
    and url not in (select url from raw.forgotten)
    and url not in ({OBTAINED})
    and {KEY} not in (select {KEY} from raw.feed_entries where url in ({OBTAINED}))
    and {condition}
    qualify row_number() over (partition by url, {LISTER} order by first_seen_at, feed_id,
        revision_hash) = 1
    """
    return read_records(con, FeedEntry, where, {**values, "feeds": list(feed_ids)})


def stored_listings(con: Connection, now: dt.datetime) -> dict[str, dt.datetime]:
    """Return the time of each listing's last successful capture, unless in the future, by URL."""
    rows = con.execute(
        "select url, max(fetched_at) from raw.captures where kind = 'listing' and outcome = 'ok'"
        f" and {known_time('fetched_at')} is not null group by url",
        {"now": now},
    ).fetchall()
    return dict(rows)


def captures_in_window(
    con: Connection, publisher_ids: Sequence[str], start: dt.date, end: dt.date
) -> list[StoredPage]:
    """Return the stored pages that publishers' sources listed, and those of their articles, within
    a range of days, oldest capture first.

    The day is the article's publication date, or else that of the capture.
    """
    condition = """
    kind in ('page', 'entry') and outcome = 'ok' and warc_file is not null
    and capture_id in (
        select c.capture_id from raw.captures as c
        left join core.extractions as e using (capture_id)
        left join core.articles as a using (article_id)
        where coalesce(a.published_on, cast(c.fetched_at as date)) between $start and $end
        and (list_contains($publishers::varchar[], c.publisher_id) or
            list_contains($publishers::varchar[], a.publisher_id))
    )
    """
    values = {"publishers": list(publisher_ids), "start": start, "end": end}
    return _stored_pages(con, read_records(con, Capture, condition, values))


# The machine may have caused these outcomes: the next nightly runs clean the page again.
UNLUCKY = ("stalled", "out_of_memory", "worker_died")
UNLUCKY_DAYS = 3  # after the page was fetched
SOURCE = "coalesce(feed_id, publisher_id, 'unknown')"  # as StoredPage.source
_STORED = "outcome = 'ok' and warc_file is not null"
DOCUMENTS = f"(select * from raw.captures where kind = 'document' and {_STORED})"
UNCLEANED = f"""
    kind in ('page', 'entry') and {_STORED}
    and (
        capture_id not in (select capture_id from core.extractions)
        or (
            fetched_at > $now::timestamptz - interval {UNLUCKY_DAYS} day
            and capture_id in (select capture_id from core.extractions where outcome in {UNLUCKY}
                and coalesce({known_time("extracted_at")} < $now, true))
        )
        or capture_id in (
            select capture_id from core.extractions where document_id is null and document_url in
                (select url from {DOCUMENTS})
        )
    )
"""


def count_uncleaned(con: Connection, now: dt.datetime | None = None) -> dict[str, int]:
    """Return the number of stored pages to be cleaned at ``now``, by source with such pages."""
    query = f"select {SOURCE}, count(*) from raw.captures where {UNCLEANED} group by 1 order by 1"
    return dict(con.execute(query, {"now": now}).fetchall())


def uncleaned_captures(
    con: Connection,
    limit: int,
    now: dt.datetime | None = None,
    *,
    without: Sequence[str] = (),
) -> list[StoredPage]:
    """Return up to ``limit`` stored pages to be cleaned at ``now``, oldest first, except those of
    the sources ``without``.
    """
    condition = f"""
    {UNCLEANED} and {SOURCE} not in (select unnest($without::varchar[]))
    qualify row_number() over (order by fetched_at, capture_id) <= $limit
    """
    values = {"limit": limit, "now": now, "without": list(without)}
    return _stored_pages(con, read_records(con, Capture, condition, values))


def _stored_pages(con: Connection, captures: Sequence[Capture]) -> list[StoredPage]:
    document_urls = _document_urls(con, captures)
    newest = f"""capture_id in (
        select arg_max(capture_id, fetched_at) from {DOCUMENTS}
        where url in (select unnest($urls::varchar[])) group by url
    )"""
    fetched = read_records(con, Capture, newest, {"urls": sorted(set(document_urls.values()))})
    bodies = originals(con, (row.digest for row in (*captures, *fetched) if row.is_revisit))
    documents = {row.url: _stored(row, bodies) for row in fetched}
    return [
        replace(_stored(row, bodies), document=documents.get(document_urls.get(row.capture_id, "")))
        for row in sorted(captures, key=attrgetter("fetched_at", "capture_id"))
    ]


def originals(con: Connection, digests: Iterable[str | None]) -> dict[str | None, Capture]:
    """Return the capture whose record contains the body, by digest, for those in the archive."""
    condition = """
    digest in (select unnest(string_split($digests, ' '))) and warc_file is not null
    and not is_revisit
    qualify row_number() over (partition by digest order by fetched_at, capture_id) = 1
    """
    values = {"digests": " ".join(sorted(set(filter(None, digests))))}
    return {row.digest: row for row in read_records(con, Capture, condition, values)}


def known_bodies(con: Connection, urls: Sequence[str]) -> set[tuple[str, str]]:
    """Return (URL, body digest) of the full texts from feeds in the archive."""
    rows = con.execute(
        "select url, digest from raw.captures where kind = 'entry' and url in (select"
        " unnest($urls::varchar[]))",
        {"urls": sorted(set(urls))},
    ).fetchall()
    return set(rows)


def new_entries(con: Connection, entries: Sequence[FeedEntry]) -> list[FeedEntry]:
    """Return the entries that the lake does not contain with the same wording."""
    if not entries:
        return []
    # The IDs are one text, because DuckDB's Python takes 0.2 ms for each value of a list.
    stored = con.execute(
        "select entry_id, revision_hash from raw.feed_entries"
        " where entry_id in (select unnest(string_split($ids, ' '))::uuid)",
        {"ids": " ".join(row.entry_id.hex for row in entries)},
    ).fetchall()
    known = set(stored)
    return [row for row in entries if (row.entry_id, row.revision_hash) not in known]


def entry_hints(con: Connection, urls: Sequence[str]) -> dict[str, list[FeedEntry]]:
    """Return the newest entry of each feed for each URL, by URL, newest first."""
    condition = """
    url in (select unnest($urls::varchar[])) and feed_id in (select feed_id from raw.feeds)
    qualify row_number() over (partition by url, feed_id order by first_seen_at desc,
        revision_hash) = 1
    """
    rows = read_records(con, FeedEntry, condition, {"urls": sorted(set(urls))})
    hints: defaultdict[str, list[FeedEntry]] = defaultdict(list)
    for entry in sorted(rows, key=lambda entry: (-entry.first_seen_at.timestamp(), entry.feed_id)):
        hints[entry.url].append(entry)
    return hints


def next_warc_name(con: Connection, archive: Store, stem: str) -> str:
    """Return the next unused name ``stem-NNN.warc.gz``; the caller holds the writer lock.

    Its number is above those of captures, so that a deleted file's is not reused, and of no file
    that a killed run left.
    """
    number = count_rows(
        con,
        r"select 1 + max(try_cast(regexp_extract(substr(warc_file, len($stem) + 1), '^-(\d+)', 1)"
        " as integer)) from raw.captures where starts_with(warc_file, $stem)",
        {"stem": stem},
    )
    while has_file(archive, name := f"{stem}-{number:03d}.warc.gz"):
        number += 1
    return name


def _stored(capture: Capture, bodies: dict[str | None, Capture]) -> StoredPage:
    source = bodies.get(capture.digest, capture) if capture.is_revisit else capture
    return StoredPage(capture, source.place)
