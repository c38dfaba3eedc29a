"""Forgetting: a page goes out of the archive and out of every state that the lake keeps, and a tombstone keeps it out.

A lake's history cannot be edited in SQL: deleted rows stay in the files of earlier snapshots. So each Parquet file that holds
rows of the page is written again without them, under another name, and one change of the catalog puts the new files in the
old ones' place, in all snapshots at once. Call it with the writer lock held; broken off anywhere, it can be done again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from tidings.warehouse.archive import FORGOTTEN_FILE, ArchiveError, WarcFile, read_body
from tidings.warehouse.contains_url import is_home, needles_of, shows
from tidings.warehouse.lake import WarehouseError, opened, transaction
from tidings.warehouse.load import merge, read_records
from tidings.warehouse.purge import purge_files
from tidings.warehouse.records import Article, Capture, FeedEntry, Forgotten, Release
from tidings.warehouse.rows import Line, to_line
from tidings.warehouse.upkeep import delete_files
from tidings.warehouse.warc_purge import keep_bodies, purge_records

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.warehouse.lake import Lake

_NO_GRACE = dt.timedelta(0)


@dataclass(frozen=True, slots=True)
class Traces:
    """All that a page is known by: addresses, articles, captures of it, captures of sources that show it, and its texts."""

    urls: frozenset[str]
    article_ids: frozenset[UUID]
    captures: tuple[Capture, ...]
    sources: tuple[Capture, ...]
    texts: tuple[str, ...]
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """What was taken out: captures of the page, bodies of feeds that showed it, rows of the lake, and the texts it had."""

    traces: Traces
    row_count: int
    releases: tuple[str, ...]


def forgotten_urls(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the addresses that must not come back."""
    return frozenset(row.url for row in read_records(con, Forgotten))


def unfinished(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the addresses whose taking out was broken off."""
    return [row.url for row in read_records(con, Forgotten, "finished_at is null")]


def trace(con: duckdb.DuckDBPyConnection, lake: Lake, addresses: Sequence[str]) -> Traces:
    """Return what the lake knows a page by, beginning with some of its addresses and going on until nothing is new.

    It goes on along redirects, articles, and equal bodies of one publisher that made no other article. It does not go on to a
    home page, to an address to which several others lead (a section, a notice that asks for consent), or to an article that
    stood in for several others: whatever leads there is not the same page.
    """
    urls, ids = set(addresses), {uuid5(NAMESPACE_URL, url) for url in addresses}
    while True:
        known = (len(urls), len(ids))
        values = {"urls": sorted(urls), "ids": [str(one) for one in ids]}
        hubs = {row[0] for row in con.execute(_HUBS, {"urls": values["urls"]}).fetchall()}
        values["finals"] = sorted(url for url in urls - hubs if not is_home(url))
        captures = read_records(con, Capture, _CAPTURES, values)
        articles = read_records(con, Article, _ARTICLES, {"urls": values["urls"], "ids": values["ids"]})
        led = {row.final_url for row in captures if row.final_url}
        led -= {row[0] for row in con.execute(_HUBS, {"urls": sorted(led)}).fetchall()}
        urls |= {url for url in led | {row.url for row in captures} | {row.url for row in articles} if not is_home(url)}
        ids |= {row.article_id for row in articles} | {uuid5(NAMESPACE_URL, url) for url in urls}
        found = con.execute(_EXTRACTED, {"urls": sorted(urls)}).fetchall()
        ids |= {article_id for article_id, url in found if url is None or not is_home(url)}
        if (len(urls), len(ids)) == known:
            break
    entries = read_records(con, FeedEntry, "url in (select unnest($urls::varchar[]))", {"urls": sorted(urls)})
    needles = needles_of(urls) | {one.encode() for row in entries for one in (row.link_raw, row.guid) if one and len(one) > 8}
    sources = _showing(con, lake, sorted({row.feed_id for row in entries}), needles)
    texts = tuple(dict.fromkeys(text for row in articles for text in (row.title, row.lead, row.body_text) if text))
    return Traces(frozenset(urls), frozenset(ids), tuple(captures), tuple(sources), texts, tuple(articles))


_CAPTURES = """
    kind in ('page', 'entry') and (
        url in (select unnest($urls::varchar[])) or final_url in (select unnest($finals::varchar[]))
        or capture_id in (select capture_id from core.extractions where article_id in (select unnest($ids::uuid[])))
        or (digest, coalesce(publisher_id, '')) in (
            select (c.digest, coalesce(c.publisher_id, ''))
            from raw.captures as c left join core.extractions as e using (capture_id)
            where c.kind in ('page', 'entry') and c.warc_file is not null and c.digest is not null
            group by c.digest, coalesce(c.publisher_id, '')
            having count(distinct e.article_id) = 1 and min(e.article_id) in (select unnest($ids::uuid[]))
        )
    )
"""
_ARTICLES = "article_id in (select unnest($ids::uuid[])) or url in (select unnest($urls::varchar[]))"
_HUBS = """
    select final_url from raw.captures
    where kind in ('page', 'entry') and url != final_url and final_url in (select unnest($urls::varchar[]))
    group by final_url having count(distinct url) > 1
"""
_EXTRACTED = """
    with found as (
        select distinct article_id from core.extractions
        where article_id is not null and url in (select unnest($urls::varchar[]))
    ),
    stand_ins as (
        select e.article_id from core.extractions as e inner join core.extractions as o on e.url = o.url
        where e.article_id in (from found) and o.article_id != e.article_id
        group by e.article_id having count(distinct o.article_id) > 1
    )
    select f.article_id, a.url from found as f left join core.articles as a using (article_id)
    where f.article_id not in (from stand_ins)
"""


def _showing(con: duckdb.DuckDBPyConnection, lake: Lake, feed_ids: Sequence[str], needles: set[bytes]) -> list[Capture]:
    """Return the captures of sources whose body shows the page: each body is read once, its revisits go with it."""
    kept = read_records(
        con,
        Capture,
        "feed_id in (select unnest($feeds::varchar[])) and kind in ('feed', 'listing', 'sitemap') and warc_file is not null"
        " and digest is not null",  # without one it points at rows, not at a body
        {"feeds": list(feed_ids)},
    )
    shown = set()
    for row in kept:
        if row.is_revisit or row.warc_file is None:
            continue
        try:
            body = read_body(lake.raw, row.warc_file, row.warc_offset or 0, row.warc_length or 0)
        except ArchiveError:
            continue
        if shows(body, needles):
            shown.add(row.digest)
    return [row for row in kept if row.digest in shown]


def forget(lake: Lake, addresses: Sequence[str], now: dt.datetime) -> Gone:
    """Take a page out of the archive and out of every snapshot of the lake, and return what went.

    The addresses under which it was known are written down first: from then on it does not come back. Raises WarehouseError
    where there is no warehouse. The release file, the report and exports are made again by the caller.
    """
    if not lake.exists:
        raise WarehouseError(f"There is no warehouse in {lake.name} yet: there is nothing to forget.")
    with opened(lake) as con:
        traces = trace(con, lake, addresses)
        with transaction(con):
            merge(con, [Forgotten(url, uuid5(NAMESPACE_URL, url), now, None) for url in sorted(traces.urls)])
        _archive_list(con, lake, now)
        delete_files(con, lake, _NO_GRACE, dry_run=False)  # no file that nobody needs may keep the text
        keep_bodies(con, lake, [*traces.captures, *traces.sources], f"{now:%Y/%m/%Y%m%dT%H%M%SZ}-kept")
        purge_records(con, lake, [*traces.captures, *traces.sources])
        captures = [row.capture_id for row in traces.captures]
        count = purge_files(con, lake, traces.urls, traces.article_ids, capture_ids=captures, texts=traces.texts)
        changed = _count_again(con)
    with opened(lake) as con:
        delete_files(con, lake, _NO_GRACE, dry_run=False)
        with transaction(con):
            done = read_records(con, Forgotten, "url in (select unnest($urls::varchar[]))", {"urls": sorted(traces.urls)})
            merge(con, [dataclasses.replace(row, finished_at=now) for row in done])
            _mark_unbuilt(con)
        _archive_list(con, lake, now)
    return Gone(traces, count, changed)


def _mark_unbuilt(con: duckdb.DuckDBPyConnection) -> None:
    """Have the next run build all days again: the change feed does not show rows that left their files."""
    known = {row[0] for row in con.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()}
    if "intermediate.int_last_run_snapshots" in known:
        con.execute("delete from intermediate.int_last_run_snapshots")
    if "marts.stories" in known:
        con.execute("delete from marts.stories where story_id not in (select story_id from marts.article_stories)")


def _archive_list(con: duckdb.DuckDBPyConnection, lake: Lake, now: dt.datetime) -> None:
    """Store the addresses that must not come back in the archive too, since a rebuilt lake must keep them out."""
    with WarcFile(lake.raw, "Tidings") as file:
        file.add_rows([to_line(Line(row, now)) for row in read_records(con, Forgotten)], now)
        file.name(FORGOTTEN_FILE)


def _count_again(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Put the releases' row counts right and return the ids of those that the page was in."""
    changed = []
    for release in read_records(con, Release):
        counts = {}
        for table in release.row_counts:
            row = con.execute(f"select count(*) from lake.{table} at (version => {release.snapshot_id})").fetchone()
            counts[table] = int(row[0]) if row else 0
        if counts != release.row_counts:
            changed.append(dataclasses.replace(release, row_counts=counts))
    with transaction(con):
        merge(con, changed)
    return tuple(release.release_id for release in changed)
