"""Remove a page from the archive and from all snapshots of the lake, and record its URLs so that it
is not collected again.

SQL cannot change a lake's history: deleted rows remain in the files of earlier snapshots. So each
Parquet file with rows of the page is written again without them, under a new name, and one change
of the catalog replaces the old file in all snapshots. The caller must hold the writer lock. An
interrupted removal can be repeated.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, filterfalse
from operator import attrgetter
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from tidings.base.records import Article, Capture, FeedEntry, Forgotten, Release
from tidings.storage.archive import FORGOTTEN_FILE, ArchiveError, WarcFile, read_body
from tidings.storage.contains_url import contains_url, is_home_page, url_forms
from tidings.storage.forget_records import preserve_bodies, remove_records
from tidings.storage.forget_rows import remove_rows
from tidings.storage.lake import WarehouseError, open_lake, transaction
from tidings.storage.load import known_tables, merge, read_records
from tidings.storage.maintain_lake import delete_files
from tidings.storage.row_lines import Line, to_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

    from tidings.storage.lake import Lake

_NO_GRACE = dt.timedelta(0)


@dataclass(frozen=True, slots=True)
class Traces:
    """All data of a page: URLs, articles, its captures, captures of sources that list it, and its
    texts.
    """

    urls: frozenset[str]
    article_ids: frozenset[UUID]
    captures: tuple[Capture, ...]
    sources: tuple[Capture, ...]
    texts: tuple[str, ...]
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """Result of a removal: the page's data, the number of rows removed, and the IDs of releases
    that contained the page.
    """

    traces: Traces
    row_count: int
    releases: tuple[str, ...]


def forgotten_urls(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the URLs that must not be collected again."""
    return frozenset(row.url for row in read_records(con, Forgotten))


def unfinished_urls(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the URLs whose removal was interrupted."""
    return [row.url for row in read_records(con, Forgotten, "finished_at is null")]


def find_traces(con: duckdb.DuckDBPyConnection, lake: Lake, start_urls: Sequence[str]) -> Traces:
    """Return all data of a page, starting with some of its URLs and repeating until nothing is
    added.

    The search follows redirects, articles, and identical bodies of one publisher that produced no
    other article. It does not follow a home page, a URL to which several others redirect (a
    section, a consent notice), or an article that several other articles' URLs also produced: these
    belong to other pages, too.
    """
    urls, ids = set(start_urls), set(map(_page_id, start_urls))
    captures: list[Capture] = []
    articles: list[Article] = []
    known = (0, 0)
    while known != (len(urls), len(ids)):
        known = (len(urls), len(ids))
        values = {"urls": sorted(urls), "ids": list(map(str, ids))}
        articles = read_records(con, Article, _ARTICLES, values)
        values["finals"] = sorted(filterfalse(is_home_page, _without_hubs(con, urls)))
        captures = read_records(con, Capture, _CAPTURES, values)
        targets = set(filter(None, map(attrgetter("final_url"), captures)))
        added = _without_hubs(con, targets)
        added.update(map(attrgetter("url"), chain(captures, articles)))
        urls.update(filterfalse(is_home_page, added))
        ids.update(map(_page_id, urls), (row.article_id for row in articles))
        rows = con.execute(_EXTRACTED, {"urls": sorted(urls)}).fetchall()
        ids.update(article_id for article_id, url in rows if not (url and is_home_page(url)))
    entries = read_records(con, FeedEntry, _LISTED, {"urls": sorted(urls)})
    names = filter(None, chain.from_iterable(map(attrgetter("link_raw", "guid"), entries)))
    forms = url_forms(urls) | {name.encode() for name in names if len(name) > 8}
    sources = _captures_that_list(con, lake, sorted({row.feed_id for row in entries}), forms)
    shown = map(attrgetter("title", "lead", "body_text"), articles)
    texts = tuple(dict.fromkeys(filter(None, chain.from_iterable(shown))))
    return Traces(
        frozenset(urls), frozenset(ids), tuple(captures), tuple(sources), texts, tuple(articles)
    )


def _page_id(url: str) -> UUID:
    return uuid5(NAMESPACE_URL, url)


def _without_hubs(con: duckdb.DuckDBPyConnection, urls: set[str]) -> set[str]:
    """Return the URLs without those to which several others redirect."""
    return urls.difference(*con.execute(_HUBS, {"urls": sorted(urls)}).fetchall())


_LISTED = "url in (select unnest($urls::varchar[]))"


_CAPTURES = """
    kind = 'document' and url in (
        select document_url from core.extractions
        where article_id in (select unnest($ids::uuid[])) or url in (select
            unnest($urls::varchar[]))
    )
    or kind in ('page', 'entry', 'document') and (
        url in (select unnest($urls::varchar[])) or final_url in (select unnest($finals::varchar[]))
        or capture_id in (select capture_id from core.extractions where article_id in (select
            unnest($ids::uuid[])))
        or (digest, coalesce(publisher_id, '')) in (
            select (c.digest, coalesce(c.publisher_id, ''))
            from raw.captures as c left join core.extractions as e using (capture_id)
            where c.kind in ('page', 'entry') and c.warc_file is not null and c.digest is not null
            group by c.digest, coalesce(c.publisher_id, '')
            having count(distinct e.article_id) = 1 and min(e.article_id) in (select
                unnest($ids::uuid[]))
        )
    )
"""
_ARTICLES = (
    "article_id in (select unnest($ids::uuid[])) or url in (select unnest($urls::varchar[]))"
)
_HUBS = """
    select final_url from raw.captures
    where kind in ('page', 'entry') and url != final_url and final_url in (select
        unnest($urls::varchar[]))
    group by final_url having count(distinct url) > 1
"""
_EXTRACTED = """
    with found as (
        select distinct article_id from core.extractions
        where article_id is not null and url in (select unnest($urls::varchar[]))
    ),
    stand_ins as (
        select e.article_id from core.extractions as e inner join core.extractions as o on e.url =
            o.url
        where e.article_id in (from found) and o.article_id != e.article_id
        group by e.article_id having count(distinct o.article_id) > 1
    )
    select f.article_id, a.url from found as f left join core.articles as a using (article_id)
    where f.article_id not in (from stand_ins)
"""


def _captures_that_list(
    con: duckdb.DuckDBPyConnection, lake: Lake, feed_ids: Sequence[str], forms: set[bytes]
) -> list[Capture]:
    """Return the captures of sources whose body contains the page's URL, with their revisits; each
    body is read once.
    """
    captures = read_records(
        con,
        Capture,
        "feed_id in (select unnest($feeds::varchar[])) and kind in ('feed', 'listing', 'sitemap')"
        " and warc_file is not null"
        " and digest is not null",  # without a digest the record contains rows, not a body
        {"feeds": list(feed_ids)},
    )
    matching = set()
    for row in captures:
        if row.is_revisit:
            continue
        with suppress(ArchiveError):
            if contains_url(read_body(lake.raw, *row.place), forms):
                matching.add(row.digest)
    return [row for row in captures if row.digest in matching]


def forget(lake: Lake, start_urls: Sequence[str], now: dt.datetime) -> Removal:
    """Remove a page from the archive and from all snapshots of the lake, and return the result.

    Its URLs are recorded first, so that it is not collected again. The caller recreates the release
    file, the report and the exports. Raises WarehouseError if there is no warehouse.
    """
    if not lake.exists:
        raise WarehouseError(
            f"There is no warehouse in {lake.name} yet, so there is no page to remove."
        )
    with open_lake(lake) as con:
        traces = find_traces(con, lake, start_urls)
        with transaction(con):
            merge(con, [Forgotten(url, _page_id(url), now, None) for url in sorted(traces.urls)])
        _archive_list(con, lake, now)
        delete_files(con, lake, _NO_GRACE, dry_run=False)  # an unused file may contain the text
        removed = [*traces.captures, *traces.sources]
        preserve_bodies(con, lake, removed, f"{now:%Y/%m/%Y%m%dT%H%M%SZ}-kept")
        remove_records(con, lake, removed)
        captures = [row.capture_id for row in traces.captures]
        _mark_stories(con, traces.article_ids)
        count = remove_rows(
            con, lake, traces.urls, traces.article_ids, capture_ids=captures, texts=traces.texts
        )
        changed = _correct_row_counts(con)
    with open_lake(lake) as con:
        delete_files(con, lake, _NO_GRACE, dry_run=False)
        with transaction(con):
            records = read_records(con, Forgotten, _LISTED, {"urls": sorted(traces.urls)})
            merge(con, [dataclasses.replace(row, finished_at=now) for row in records])
            _mark_unbuilt(con)
        _archive_list(con, lake, now)
    return Removal(traces, count, changed)


def _mark_stories(con: duckdb.DuckDBPyConnection, article_ids: Iterable[UUID]) -> None:
    """Make the next run group the other articles of the page's stories again, because no row of the
    page remains that shows them.
    """
    if "annotations.grouped" in known_tables(con):
        con.execute(
            """
            update annotations.grouped set version = 0
            where article_id in (
                select article_id from annotations.stories where story_id in (
                    select story_id from annotations.stories where list_contains($ids, article_id)
                )
            )
            """,
            {"ids": list(article_ids)},
        )


def _mark_unbuilt(con: duckdb.DuckDBPyConnection) -> None:
    """Make the next run build the tables: the catalog does not list rows that were removed from
    files as changes.
    """
    if "intermediate.last_build" in known_tables(con):
        con.execute("update intermediate.last_build set ended_at = null")


def _archive_list(con: duckdb.DuckDBPyConnection, lake: Lake, now: dt.datetime) -> None:
    """Store the removed URLs in the archive, too, so that a rebuild does not restore the pages."""
    with WarcFile(lake.raw, "Tidings") as file:
        file.add_rows([to_line(Line(row, now)) for row in read_records(con, Forgotten)], now)
        file.name(FORGOTTEN_FILE)


def _correct_row_counts(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Correct the releases' row counts and return the IDs of those that contained the page."""
    changed = []
    for release in read_records(con, Release):
        counts = {}
        for table in release.row_counts:
            query = f"select count(*) from lake.{table} at (version => {release.snapshot_id})"
            ((counts[table],),) = con.execute(query).fetchall()
        if counts != release.row_counts:
            changed.append(dataclasses.replace(release, row_counts=counts))
    with transaction(con):
        merge(con, changed)
    return tuple(release.release_id for release in changed)
