"""Remove a page from the archive and from all snapshots of the lake, and record its URLs so that it
is not collected again.

``forget_rows`` writes each Parquet file with rows of the page again; the other records of an
archive file are copied to a new file. The caller holds the writer lock. An interrupted removal can
be repeated.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, filterfalse
from operator import attrgetter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tidings.base.records import Article, Capture, FeedEntry, Forgotten, Release
from tidings.base.urls import article_key
from tidings.storage.archive import (
    FORGOTTEN_FILE,
    ArchiveError,
    WarcFile,
    parse_lines,
    read_body,
    read_record,
    read_warc,
    to_line,
)
from tidings.storage.forget_rows import remove_rows
from tidings.storage.lake import Connection, open_lake, transaction
from tidings.storage.load import merge, read_column, read_records
from tidings.storage.maintain import delete_files, release_counts
from tidings.storage.migrate import entries_stem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from uuid import UUID

    from tidings.storage.lake import Lake

PAGES = frozenset({"page", "entry", "document"})  # kinds of captures; the others list pages
FORGOTTEN = "The page was removed permanently."  # the reason of the outcome "forgotten"


@dataclass(frozen=True, slots=True)
class Traces:
    """All data of a page: URLs, articles, its captures, captures of sources that list it, texts."""

    urls: frozenset[str]
    article_ids: frozenset[UUID]
    captures: tuple[Capture, ...]
    sources: tuple[Capture, ...]
    texts: tuple[str, ...]
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """Result of a removal: the page's data, the rows removed, and the IDs of changed releases."""

    traces: Traces
    row_count: int
    releases: tuple[str, ...]


def forgotten_urls(con: Connection) -> frozenset[str]:
    """Return the URLs that must not be collected again."""
    return frozenset(read_column(con, "select url from raw.forgotten"))


def unfinished_urls(con: Connection) -> list[str]:
    """Return the URLs whose removal was interrupted."""
    return read_column(con, "select url from raw.forgotten where finished_at is null order by url")


def find_traces(con: Connection, lake: Lake, start_urls: Sequence[str]) -> Traces:
    """Return all data of a page: the search follows redirects, articles, and identical bodies of
    one publisher that produced no other article.

    It does not follow what also belongs to other pages: a home page, a URL to which several others
    redirect, or an article that several URLs produced.
    """
    urls, ids = set(start_urls), set(map(article_key, start_urls))
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
        ids.update(map(article_key, urls), (row.article_id for row in articles))
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


def _without_hubs(con: Connection, urls: set[str]) -> set[str]:
    return urls.difference(*con.execute(_HUBS, {"urls": sorted(urls)}).fetchall())


_URLS, _IDS = "(select unnest($urls::varchar[]))", "(select unnest($ids::uuid[]))"
_LISTED = f"url in {_URLS}"
_ARTICLES = f"article_id in {_IDS} or url in {_URLS}"
_CAPTURES = f"""
    kind = 'document' and url in (select document_url from core.extractions where {_ARTICLES})
    or kind in ('page', 'entry', 'document') and (
        url in {_URLS} or final_url in (select unnest($finals::varchar[]))
        or capture_id in (select capture_id from core.extractions where article_id in {_IDS})
        or (digest, coalesce(publisher_id, '')) in (
            select (c.digest, coalesce(c.publisher_id, ''))
            from raw.captures as c left join core.extractions as e using (capture_id)
            where c.kind in ('page', 'entry') and c.warc_file is not null and c.digest is not null
            group by c.digest, coalesce(c.publisher_id, '')
            having count(distinct e.article_id) = 1 and min(e.article_id) in {_IDS}
        )
    )
"""
_HUBS = f"""
    select final_url from raw.captures
    where kind in ('page', 'entry') and url != final_url and final_url in {_URLS}
    group by final_url having count(distinct url) > 1
"""
_EXTRACTED = f"""
    with found as (
        select distinct article_id from core.extractions
        where article_id is not null and url in {_URLS}
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
    con: Connection, lake: Lake, feed_ids: Sequence[str], forms: set[bytes]
) -> list[Capture]:
    """Return the captures of sources whose body contains the page's URL, with their revisits."""
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
        with suppress(ArchiveError):
            if not row.is_revisit and contains_url(read_body(lake.raw, *row.place), forms):
                matching.add(row.digest)
    return [row for row in captures if row.digest in matching]


def forget(lake: Lake, start_urls: Sequence[str], now: dt.datetime) -> Removal:
    """Remove a page from archive and lake. Its URLs are recorded first. The caller recreates the
    release file, the report and the exports.
    """
    with open_lake(lake) as con:
        traces = find_traces(con, lake, start_urls)
        with transaction(con):
            merge(con, [Forgotten(url, article_key(url), now, None) for url in sorted(traces.urls)])
        _archive_list(con, lake, now)
        delete_files(con, dt.timedelta(0))  # an unused file may contain the text
        _remove_records(con, lake, [*traces.captures, *traces.sources], now)
        captures = [row.capture_id for row in traces.captures]
        # let the next run group the stories' other articles: no row will show it the change
        con.execute(_MARK_STORIES, {"ids": list(traces.article_ids)})
        count = remove_rows(
            con, lake, traces.urls, traces.article_ids, capture_ids=captures, texts=traces.texts
        )
        changed = _correct_row_counts(con)
    with open_lake(lake) as con:
        delete_files(con, dt.timedelta(0))
        with transaction(con):
            records = read_records(con, Forgotten, _LISTED, {"urls": sorted(traces.urls)})
            merge(con, [dataclasses.replace(row, finished_at=now) for row in records])
            # The catalog does not list removed rows as changes: let the next run build the tables.
            con.execute("update annotations.last_build set read_at = null")
        _archive_list(con, lake, now)
    return Removal(traces, count, changed)


_MARK_STORIES = """
    update annotations.grouped set version = 0 where article_id in (
        select article_id from annotations.stories where story_id in (
            select story_id from annotations.stories where list_contains($ids, article_id)
        )
    )
"""


def _archive_list(con: Connection, lake: Lake, now: dt.datetime) -> None:
    with WarcFile(lake.raw) as file:
        file.add_rows([to_line(row, now) for row in read_records(con, Forgotten)], now)
        file.name(FORGOTTEN_FILE)


def _correct_row_counts(con: Connection) -> tuple[str, ...]:
    """Correct the releases' row counts and return the IDs of those that contained the page."""
    stored = read_records(con, Release)
    counted = [dataclasses.replace(row, row_counts=release_counts(con, row)) for row in stored]
    changed = [new for new, old in zip(counted, stored, strict=True) if new != old]
    with transaction(con):
        merge(con, changed)
    return tuple(release.release_id for release in changed)


def _find_heirs(
    con: Connection, lake: Lake, removed: Sequence[Capture]
) -> dict[Capture, tuple[bytes, bytes]]:
    """Return the earliest remaining capture of each body that would be lost, with its HTTP head and
    that body.
    """
    bodies = {row.digest: row for row in removed if row.warc_file and not row.is_revisit}
    ids = [str(row.capture_id) for row in removed]
    values = {"digests": sorted(filter(None, bodies)), "ids": ids}
    found = {}
    for row in filter(attrgetter("is_revisit"), read_records(con, Capture, _HEIRS, values)):
        # without a readable record there is no body to preserve
        with suppress(ArchiveError):
            body = read_body(lake.raw, *bodies[row.digest].place)
            found[row] = read_record(lake.raw, *row.place).head, body
    return found


_HEIRS = f"""
    digest in (select unnest($digests::varchar[])) and warc_file is not null
    and capture_id not in {_IDS}
    qualify row_number() over (partition by digest order by is_revisit, fetched_at, capture_id) = 1
"""
_GONE = "url in (select url from raw.forgotten)"


def _remove_records(
    con: Connection, lake: Lake, removed: Sequence[Capture], now: dt.datetime
) -> None:
    """Remove the records of these captures and the lines of the page's entries: one transaction
    updates a file's captures, then the old file is deleted. A source stays as a row.
    """
    ids, heirs = set(map(attrgetter("capture_id"), removed)), _find_heirs(con, lake, removed)
    listing = f"capture_id in (select capture_id from raw.feed_entries where {_GONE})"
    touched = [*heirs, *removed, *read_records(con, Capture, listing)]
    names = set(filter(None, map(attrgetter("warc_file"), touched)))
    stems = tuple(entries_stem(row.first_seen_at) for row in read_records(con, FeedEntry, _GONE))
    names.update(name for name in lake.raw.names() if name.startswith(stems))
    for name in sorted(names):
        changed = _copy_file(con, lake, name, ids, heirs, now=now)
        with transaction(con):
            con.execute("delete from raw.captures where warc_file = ?", [name])
            merge(con, changed)
        lake.raw.remove(name)


def _copy_file(
    con: Connection,
    lake: Lake,
    name: str,
    removed_ids: Collection[UUID],
    heirs: Mapping[Capture, tuple[bytes, bytes]],
    *,
    now: dt.datetime,
) -> list[Capture]:
    """Copy an archive file without removed records and lines, and return its captures with their
    new places: without a body, that of the record of rows.
    """
    rows: list[Capture] = read_records(con, Capture, "warc_file = $name", {"name": name})
    rows.sort(key=attrgetter("place"))
    target, lines = next_name(name), _lines_without(con, lake, name, removed_ids)
    moved, bodiless, pages = list[Capture](), list[Capture](), list[Capture]()
    with WarcFile(lake.raw) as file:
        for row in rows:
            if row.capture_id in removed_ids and row.kind in PAGES:
                pages.append(
                    dataclasses.replace(row, warc_file=None, warc_offset=None, warc_length=None)
                )
            elif row.capture_id in removed_ids:
                bodiless.append(dataclasses.replace(row, digest=None))
                lines.append(to_line(bodiless[-1], row.fetched_at))
            elif not row.digest:
                bodiless.append(row)
            elif found := heirs.get(row):
                line = to_line(row, row.fetched_at)
                place = file.add(row.page_url, row.fetched_at, *found, row.content_type, row=line)
                moved.append(dataclasses.replace(row.moved(target, *place), is_revisit=False))
            else:
                place = file.add_member(lake.raw.read(*row.place))
                moved.append(row.moved(target, *place))
        place = file.add_rows(lines, now)
        moved += [row.moved(target, *place) for row in bodiless]
        if moved or not rows:
            file.name(target)
    return moved + pages


def _lines_without(
    con: Connection, lake: Lake, name: str, removed_ids: Collection[UUID]
) -> list[str]:
    urls = forgotten_urls(con)
    bodies = [record.body for record in read_warc(lake.raw, name) if record.is_rows]
    return [
        to_line(row, now)
        for row, now in chain.from_iterable(map(parse_lines, bodies))
        if not (isinstance(row, Capture) and row.capture_id in removed_ids)
        and not (isinstance(row, FeedEntry) and row.url in urls)
    ]


def next_name(name: str) -> str:
    """Return the next name of a rewritten file: ``x-000.warc.gz``, ``x-000-r1.warc.gz``."""
    stem, _, number = name.removesuffix(".warc.gz").rpartition("-r")
    if stem and number.isdecimal():
        return f"{stem}-r{int(number) + 1}.warc.gz"
    return f"{name.removesuffix('.warc.gz')}-r1.warc.gz"


# Characters of a URL (RFC 3986) except quotes and brackets. A character reference for a quote or an
# angle bracket also ends a URL, and so does punctuation at the end of a sentence.
_URL_REST = re.compile(
    rb"(?:[.,:;!]*(?:[A-Za-z0-9\-_~/?#@$*+=%]|&(?!(?:quot|apos|lt|gt|nbsp|#0*3[49]|#x0*2[27]);)))*",
    re.IGNORECASE,
)

MAX_URL_REST = 4_096  # bytes after the URL: no stored URL is longer


def is_home_page(url: str) -> bool:
    """Return whether a URL is a site's home page, to which unrelated pages redirect."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def url_forms(urls: Iterable[str]) -> set[bytes]:
    """Return the forms of URLs in a body: plain, and with ampersands escaped."""
    return {form.encode() for url in urls for form in (url, url.replace("&", "&amp;"))}


def contains_url(
    body: bytes, forms: Iterable[bytes], is_same_page: Callable[[str], bool] = lambda _: False
) -> bool:
    """Return whether a body contains one of these URLs, also with a final slash, or a longer URL of
    the same page.
    """
    return any(_contains(body, form, is_same_page) for form in forms)


def _contains(body: bytes, form: bytes, is_same_page: Callable[[str], bool]) -> bool:
    at, end = body.find(form), 0
    while at >= 0:
        start = at + len(form)
        if start > end or not end:  # otherwise the match is inside a URL whose end is known
            match = _URL_REST.match(body, start)
            end = match.end() if match else start
        if end - start <= MAX_URL_REST:
            rest = body[start:end]
            if rest in (b"", b"/") or is_same_page(
                html.unescape((form + rest).decode(errors="replace"))
            ):
                return True
        at = body.find(form, at + 1)
    return False
