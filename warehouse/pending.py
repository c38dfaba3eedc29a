"""What is still to be done, read from what is missing in the lake: so a run killed anywhere is finished by the next."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidings.warehouse.file_store import has_file
from tidings.warehouse.load import read_records
from tidings.warehouse.records import Article, Capture, Feed, FeedEntry, FeedState, Publisher

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import duckdb

    from tidings.warehouse.file_store import Store

FOREIGN_TEXT = "foreign_text"  # outcome of a text that a feed carried for another publisher's page: the page is still wanted
OBTAINED = f"""
    select url from raw.captures where kind in ('page', 'entry') and outcome = 'ok'
    and capture_id not in (select capture_id from core.extractions where outcome = '{FOREIGN_TEXT}')
"""
# The publisher of an entry's feed.
LISTER = "coalesce((select any_value(publisher_id) from raw.feeds where feeds.feed_id = feed_entries.feed_id), feed_id)"
TRIED = f"""
    select listed.url, listed.publisher_id
    from (
        select url, {LISTER} as publisher_id, min(first_seen_at) as listed_at
        from raw.feed_entries
        where url in (select url from raw.captures where kind = 'page' and outcome <> 'ok')
        group by all
    ) as listed
    inner join raw.captures as tries on listed.url = tries.url and tries.kind = 'page' and tries.fetched_at >= listed.listed_at
    group by all
    having count(*) >= $tries or max(tries.fetched_at) + to_hours(($hours * 2 ** (count(*) - 1))::bigint) > $now
"""
MOST_TRIES = 5  # nights on which a page that failed is asked for again
RETRY_HOURS = 20  # after the first failure: the next night comes some minutes sooner or later
RECENT_DAYS = 30  # an entry first seen longer ago is given up


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page's capture that waits for cleaning, and where its bytes lie."""

    capture: Capture
    warc_file: str
    warc_offset: int
    warc_length: int

    @property
    def source(self) -> str:
        """The feed that named the page; for a page from an imported file its publisher."""
        return self.capture.feed_id or self.capture.publisher_id or "unknown"


def feed_states(con: duckdb.DuckDBPyConnection) -> dict[str, FeedState]:
    """Return what is known of each source, by its feed_id."""
    return {state.feed_id: state for state in read_records(con, FeedState)}


def feeds(con: duckdb.DuckDBPyConnection) -> dict[str, Feed]:
    """Return the sources as last used, by feed_id."""
    return {feed.feed_id: feed for feed in read_records(con, Feed)}


def publishers(con: duckdb.DuckDBPyConnection) -> dict[str, Publisher]:
    """Return the publishers, by publisher_id."""
    return {publisher.publisher_id: publisher for publisher in read_records(con, Publisher)}


def wanted_pages(con: duckdb.DuckDBPyConnection, now: dt.datetime, feed_ids: Sequence[str]) -> list[FeedEntry]:
    """Return the entries whose page has not been obtained, ordered by URL: for each publisher the first that named a URL.

    A page that failed is requested again after RETRY_HOURS, doubled after each failure, and at most MOST_TRIES times: on nights
    0, 1, 3, 7 and 14. Tries from before a publisher listed a URL do not count for it: else a feed that lists another outlet's
    URL before the page exists would use up its tries. What an entry states at the time of cleaning is in ``entry_hints``.
    """
    return read_records(
        con,
        FeedEntry,
        f"""
        url is not null and feed_id in (select unnest($feeds::varchar[]))
        and url not in (select url from raw.forgotten)
        and first_seen_at > $now::timestamptz - to_days($days::integer)
        and url not in ({OBTAINED})
        and (url, {LISTER}) not in ({TRIED})
        qualify row_number() over (partition by url, {LISTER} order by first_seen_at, feed_id, revision_hash) = 1
        """,
        {"now": now, "feeds": list(feed_ids), "days": RECENT_DAYS, "tries": MOST_TRIES, "hours": RETRY_HOURS},
    )


def wanted_in_window(
    con: duckdb.DuckDBPyConnection, now: dt.datetime, feed_ids: Sequence[str], since: dt.datetime, until: dt.datetime
) -> list[FeedEntry]:
    """Return the listed items of a window whose page has not been obtained, for each publisher one, as ``wanted_pages`` does.

    An item's time is its own date, else when it was last changed; one that tells neither is wanted. A page asked for
    at ``now`` already is not asked again.
    """
    return read_records(
        con,
        FeedEntry,
        f"""
        url is not null and feed_id in (select unnest($feeds::varchar[]))
        and url not in (select url from raw.forgotten)
        and coalesce(
            if(date_quality in ('exact', 'zone_assumed', 'day_only'), published_at, null), updated_at, $since::timestamptz
        ) between $since and $until + interval 1 day
        and url not in ({OBTAINED})
        and url not in (select url from raw.captures where kind = 'page' and fetched_at >= $now)
        qualify row_number() over (partition by url, {LISTER} order by first_seen_at, feed_id, revision_hash) = 1
        """,
        {"now": now, "feeds": list(feed_ids), "since": since, "until": until},
    )


def stored_listings(con: duckdb.DuckDBPyConnection) -> dict[str, dt.datetime]:
    """Return when each listing's address was last obtained, by address."""
    found = con.execute(
        "select url, max(fetched_at) from raw.captures where kind = 'listing' and outcome = 'ok' group by url"
    ).fetchall()
    return dict(found)


def captures_in_window(
    con: duckdb.DuckDBPyConnection, publisher_ids: Sequence[str], start: dt.date, end: dt.date
) -> list[StoredPage]:
    """Return the stored pages of publishers whose article, or else whose capture, is of the window's days, oldest capture first.

    A publisher's pages are those that its sources listed and those whose article is the publisher's.
    """
    found = read_records(
        con,
        Capture,
        """
        kind in ('page', 'entry') and outcome = 'ok' and warc_file is not null
        and capture_id in (
            select c.capture_id from raw.captures as c
            left join core.extractions as e using (capture_id)
            left join core.articles as a using (article_id)
            where coalesce(a.published_on, cast(c.fetched_at as date)) between $start and $end
            and (list_contains($publishers::varchar[], c.publisher_id) or list_contains($publishers::varchar[], a.publisher_id))
        )
        """,
        {"publishers": list(publisher_ids), "start": start, "end": end},
    )
    bodies = originals(con, [capture.digest for capture in found if capture.is_revisit and capture.digest])
    return [_stored(capture, bodies) for capture in sorted(found, key=lambda capture: (capture.fetched_at, capture.capture_id))]


# The machine may have caused these outcomes, not the page: it is cleaned again on the nights that follow.
UNLUCKY = ("stalled", "out_of_memory", "worker_died")
UNLUCKY_DAYS = 3  # after the page was fetched
SOURCE = "coalesce(feed_id, publisher_id, 'unknown')"  # as Stored.source
UNCLEANED = f"""
    kind in ('page', 'entry') and outcome = 'ok' and warc_file is not null
    and (
        capture_id not in (select capture_id from core.extractions)
        or (
            fetched_at > $now::timestamptz - interval {UNLUCKY_DAYS} day
            and capture_id in (select capture_id from core.extractions where outcome in {UNLUCKY} and extracted_at < $now)
        )
    )
"""


def count_uncleaned(con: duckdb.DuckDBPyConnection, now: dt.datetime | None = None) -> int:
    """Return how many obtained pages have no extraction, or at ``now`` one to be tried again."""
    row = con.execute(f"select count(*) from raw.captures where {UNCLEANED}", {"now": now}).fetchone()
    return int(row[0]) if row else 0


def uncleaned_by_source(con: duckdb.DuckDBPyConnection, sources: Sequence[str], now: dt.datetime) -> dict[str, int]:
    """Return for each of these sources how many obtained pages are to be cleaned at ``now``, where there are any."""
    found = con.execute(
        f"select {SOURCE} as source, count(*) from raw.captures where {UNCLEANED}"
        " and source in (select unnest($sources::varchar[])) group by 1 order by 1",
        {"now": now, "sources": list(sources)},
    ).fetchall()
    return dict(found)


def uncleaned_captures(
    con: duckdb.DuckDBPyConnection, limit: int, now: dt.datetime | None = None, *, without: Sequence[str] = ()
) -> list[StoredPage]:
    """Return up to ``limit`` obtained pages to be cleaned at ``now``, oldest first, each with the place of its body.

    These are the pages without an extraction, and the young ones whose cleaning before ``now`` was cut short; pages of the
    sources ``without`` are left out.
    """
    waiting = read_records(
        con,
        Capture,
        f"{UNCLEANED} and {SOURCE} not in (select unnest($without::varchar[]))"
        " qualify row_number() over (order by fetched_at, capture_id) <= $limit",
        {"limit": limit, "now": now, "without": list(without)},
    )
    bodies = originals(con, [capture.digest for capture in waiting if capture.is_revisit and capture.digest])
    return [_stored(capture, bodies) for capture in sorted(waiting, key=lambda capture: (capture.fetched_at, capture.capture_id))]


def originals(con: duckdb.DuckDBPyConnection, digests: Sequence[str]) -> dict[str, Capture]:
    """Return, for each body digest that the archive holds, the capture whose record has the bytes."""
    found = read_records(
        con,
        Capture,
        """
        digest in (select unnest($digests::varchar[])) and warc_file is not null and not is_revisit
        qualify row_number() over (partition by digest order by fetched_at, capture_id) = 1
        """,
        {"digests": sorted(set(digests))},
    )
    return {capture.digest: capture for capture in found}


def known_bodies(con: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> set[tuple[str, str]]:
    """Return the (address, body digest) pairs of the feed entries with full text that are archived already."""
    found = con.execute(
        "select url, digest from raw.captures where kind = 'entry' and url in (select unnest($urls::varchar[]))",
        {"urls": sorted(set(urls))},
    ).fetchall()
    return {(url, digest) for url, digest in found}


def entry_hints(con: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> dict[str, list[FeedEntry]]:
    """Return each feed's newest entry that named an address, by address, the newest first."""
    found = read_records(
        con,
        FeedEntry,
        """
        url in (select unnest($urls::varchar[])) and feed_id in (select feed_id from raw.feeds)
        qualify row_number() over (partition by url, feed_id order by first_seen_at desc, revision_hash) = 1
        """,
        {"urls": sorted(set(urls))},
    )
    hints: defaultdict[str, list[FeedEntry]] = defaultdict(list)
    for entry in sorted(found, key=lambda entry: (-entry.first_seen_at.timestamp(), entry.feed_id)):
        hints[entry.url].append(entry)
    return hints


def known_articles(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> dict[str, Article]:
    """Return the articles that stand under these ids, by id as text."""
    found = read_records(con, Article, "article_id in (select unnest($ids::uuid[]))", {"ids": sorted(set(article_ids))})
    return {str(article.article_id): article for article in found}


def drop_orphans(con: duckdb.DuckDBPyConnection) -> int:
    """Delete the articles whose capture makes another article now, or none, with their revisions; return how many went.

    Call it inside a transaction.
    """
    orphans = """
        select a.article_id from core.articles as a inner join core.extractions as e using (capture_id)
        where e.article_id is distinct from a.article_id
        and a.article_id not in (select article_id from core.extractions where article_id is not null)
    """
    gone = [row[0] for row in con.execute(orphans).fetchall()]
    if gone:
        con.execute("delete from core.article_revisions where article_id in (select unnest($ids))", {"ids": gone})
        con.execute("delete from core.articles where article_id in (select unnest($ids))", {"ids": gone})
    return len(gone)


def next_warc_name(con: duckdb.DuckDBPyConnection, archive: Store, stem: str) -> str:
    """Return the name ``stem-NNN.warc.gz`` after the greatest that a capture uses; call it with the writer lock held.

    A number below it that thinning or forgetting set free is not given again, and a file that lies in the archive already,
    left by a killed run, is stepped past: naming a file never replaces another.
    """
    row = con.execute(
        r"select max(try_cast(regexp_extract(substr(warc_file, len($stem) + 1), '^-(\d+)', 1) as integer))"
        " from raw.captures where starts_with(warc_file, $stem)",
        {"stem": stem},
    ).fetchone()
    number = row[0] + 1 if row and row[0] is not None else 0
    while has_file(archive, name := f"{stem}-{number:03d}.warc.gz"):
        number += 1
    return name


def _stored(capture: Capture, bodies: dict[str, Capture]) -> StoredPage:
    source = bodies.get(capture.digest or "", capture) if capture.is_revisit else capture
    return StoredPage(capture, source.warc_file or "", source.warc_offset or 0, source.warc_length or 0)
