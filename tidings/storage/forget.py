"""Remove a page from the archive and from all snapshots of the lake, and record its URLs so that it
is not collected again.

Each Parquet file with rows of the page is written again, and the other records of an archive file
are copied to a new file. The caller holds the writer lock. An interrupted removal can be repeated.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, filterfalse
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from tidings.base.records import Article, Capture, FeedEntry, Forgotten, Release
from tidings.base.urls import article_key, contains_url, is_home_page, url_forms
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
from tidings.storage.lake import FILES, META, Connection, Lake, open_lake, quoted, transaction
from tidings.storage.load import changed_records, merge, read_by_key, read_column, read_records
from tidings.storage.maintain import delete_files, release_counts
from tidings.storage.migrate import entries_stem

PAGES = frozenset({"page", "entry", "document"})  # kinds of captures; the others list pages
FORGOTTEN = "The page was removed permanently."  # the reason of the outcome "forgotten"


@dataclass(frozen=True, slots=True)
class Traces:
    """All data of a page: URLs, articles, its captures, captures of sources that list it, texts."""

    urls: frozenset[str]
    article_ids: frozenset[UUID]
    captures: list[Capture]
    sources: list[Capture]
    texts: list[str]
    articles: list[Article]


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
    sources = _captures_that_list(con, lake, sorted(urls), forms)
    shown = map(attrgetter("title", "lead", "body_text"), articles)
    texts = [*dict.fromkeys(filter(None, chain.from_iterable(shown)))]
    return Traces(frozenset(urls), frozenset(ids), captures, sources, texts, articles)


def _without_hubs(con: Connection, urls: set[str]) -> set[str]:
    return urls.difference(*con.execute(_HUBS, {"urls": sorted(urls)}).fetchall())


_URLS, _IDS = "(select unnest($urls::varchar[]))", "(select unnest($ids::uuid[]))"
_LISTED = f"url in {_URLS}"
# without a digest the record contains rows, not a body
_SOURCES = f"""
    feed_id in (select feed_id from raw.feed_entries where {_LISTED})
    and kind in ('feed', 'listing', 'sitemap') and warc_file is not null and digest is not null
"""
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
    con: Connection, lake: Lake, urls: Sequence[str], forms: set[bytes]
) -> list[Capture]:
    """Return the captures of sources whose body contains the page's URL, with their revisits."""
    captures, matching = read_records(con, Capture, _SOURCES, {"urls": urls}), set()
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
        # let the next run group the stories' other articles: no row will show it the change
        con.execute(_MARK_STORIES, {"ids": list(traces.article_ids)})
        count = _remove_rows(con, lake, traces)
        changed = _correct_row_counts(con)
    with open_lake(lake) as con:
        delete_files(con, dt.timedelta(0))
        with transaction(con):
            finished = f"update raw.forgotten set finished_at = $now where {_LISTED}"
            con.execute(finished, {"now": now, "urls": sorted(traces.urls)})
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
    stored = read_by_key(con, Release)
    new = [dataclasses.replace(row, row_counts=release_counts(con, row)) for row in stored.values()]
    changed = changed_records(new, stored)
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
                pages.append(row.moved(None, None, None))
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
    pattern = r"(?:-r(\d+))?\.warc\.gz$"
    return re.sub(pattern, lambda end: f"-r{int(end[1] or 0) + 1}.warc.gz", name, count=1)


FIRST_TEXT, LAST_TEXT = "", "\U0010ffff"  # bounds that contain every text and reveal none
# Columns that name a page.
PAGE_COLUMNS = (
    "article_id", "other_article_id", "source_article_id", "group_id", "url", "final_url",
    "capture_id",
)  # fmt: skip
NO_PAGES = ("raw.feeds", "raw.feed_states", "raw.forgotten", "raw.robots")
# Columns that quote pages, in rows about many pages.
QUOTES = {
    "stories": ("title",),
    "events": ("title", "title_en"),
    "front_page": ("text",),
    "event_days": ("title", "title_en"),
    "theme_peaks": ("title",),
    "candidate_phrases": ("examples",),
    "candidates": ("examples",),
}


class _File(NamedTuple):
    """A data file in the catalog."""

    data_file_id: int
    table_id: int
    table: str
    folder: str
    path: str
    is_active: bool

    @property
    def source(self) -> str:
        return f"read_parquet({quoted(self.path)}, file_row_number => true)"


def _remove_rows(con: Connection, lake: Lake, traces: Traces) -> int:
    """Remove the page's rows from the data files of all snapshots, blank its quotes in other rows,
    and return the number of removed rows.

    SQL cannot change a lake's history, so each such file is written again under a new name, and one
    change of the catalog replaces the old one, with its sizes, the row positions in delete files,
    and the minimum and maximum of columns:
    https://ducklake.select/docs/stable/specification/tables/overview
    """
    captures = [row.capture_id for row in traces.captures]
    keys = [*map(str, (*traces.urls, *traces.article_ids, *captures))]
    con.execute("create or replace temp table page_keys as select unnest($1::varchar[])", [keys])
    texts = [re.sub(r"[\t-\r ]+", " ", text) for text in traces.texts]
    con.execute("set variable page_texts = $1::varchar[]", [texts])
    count = 0
    root = lake.attach_options()["DATA_PATH"]
    query = f"from ({FILES}) where data_file_id is not null order by data_file_id"
    for row in con.execute(query, {"root": root}).fetchall():
        file = _File(*row)
        described = con.execute(f"describe select * from {file.source}").fetchall()
        columns = {name: kind for name, kind, *_ in described}
        where, blanks = _condition(file, columns), _blanks(file, columns)
        quotes = [f"({new}) is distinct from {name}" for name, new in blanks.items()]
        rows = con.execute(
            f"select file_row_number, {where} from {file.source}"
            f" where {' or '.join([where, *quotes])} order by 1"
        ).fetchall()
        if rows:
            positions = [number for number, is_of_page in rows if is_of_page]
            _rewrite_file(con, file, positions, blanks)
            count += len(positions)
    return count


def _condition(file: _File, columns: Collection[str]) -> str:
    if file.table in NO_PAGES:
        return "false"
    # An entry's capture is the feed's; page_keys have the targets of redirects to the page only.
    other = {"raw.feed_entries": "capture_id", "raw.captures": "final_url"}.get(file.table)
    tests = [
        f"{name}::varchar in (from temp.page_keys)"
        for name in PAGE_COLUMNS
        if name in columns and name != other
    ]
    # captures of sources remain, without their bodies
    kinds = f" and kind in {tuple(sorted(PAGES))}" * (file.table == "raw.captures")
    return f"(({' or '.join(tests) or 'false'}){kinds})"


def _blanks(file: _File, columns: dict[str, str]) -> dict[str, str]:
    """Return the SQL of each column that may quote the page, with the quote blanked."""

    def quotes(text: str) -> str:
        found = f"lambda shown: contains(shown, trim({text}, ' …'))"
        return f"len(list_filter(getvariable('page_texts'), {found})) > 0"

    blanked = {
        "VARCHAR": f"if({quotes('{0}')}, null, {{0}})",
        "VARCHAR[]": f"list_transform({{0}}, lambda x: if({quotes('x')}, '', x))",
    }
    names = QUOTES.get(file.table.partition(".")[2], ())
    return {
        name: blanked[kind].format(name)
        for name in names
        if (kind := columns.get(name, "")) in blanked
    }


def _rewrite_file(
    con: Connection, file: _File, positions: list[int], blanks: dict[str, str]
) -> None:
    """Write a file and its delete files without some rows, and replace the old files at once."""
    kept = f"not in (select unnest({positions}::bigint[]))"
    blanked = ", ".join(f"{value} as {name}" for name, value in blanks.items())
    deletes = con.execute(
        f"select delete_file_id, if(path_is_relative, ? || path, path)"
        f" from {META}.ducklake_delete_file where data_file_id = ?",
        [file.folder, file.data_file_id],
    ).fetchall()
    texts = f"select column_id from {META}.ducklake_column where column_type = 'varchar'"
    with transaction(con):
        cells = f"select * exclude (file_row_number){f' replace ({blanked})' * bool(blanked)}"
        rows = f"{cells} from {file.source} where file_row_number {kept} order by file_row_number"
        path = _replace_file(con, "data", file.data_file_id, file.path, rows)
        place = f"pos - len(list_filter({positions}::bigint[], place -> place < pos))"
        for delete_file_id, old in deletes:
            rows = f"select * replace ({quoted(path)} as file_path, {place} as pos)"
            rows += f" from read_parquet({quoted(old)}) where pos {kept} order by pos"
            _replace_file(con, "delete", delete_file_id, old, rows)
        con.execute(f"delete from {META}.ducklake_delete_file where delete_count = 0")
        for table, key, value in (
            ("ducklake_file_column_stats", "data_file_id", file.data_file_id),
            ("ducklake_table_column_stats", "table_id", file.table_id),
        ):
            con.execute(
                f"update {META}.{table} set min_value = ?, max_value = ? where {key} = ?"
                f" and min_value is not null and column_id in ({texts} and table_id = ?)",
                [FIRST_TEXT, LAST_TEXT, value, file.table_id],
            )
        if file.is_active:
            con.execute(
                f"update {META}.ducklake_table_stats set record_count = record_count - ?"
                " where table_id = ?",
                [len(positions), file.table_id],
            )


def _replace_file(con: Connection, kind: str, file_id: int, old: str, rows: str) -> str:
    """Write rows of a Parquet file to a new one, with its field IDs (the catalog's column IDs), in
    place of which the catalog names it, and return its path.
    """
    folder = old[: old.rindex("/") + 1]
    name = f"ducklake-{uuid.uuid4()}{'-delete' * (kind == 'delete')}.parquet"
    schema = f"select name, num_children, field_id from parquet_schema({quoted(old)})"
    field_ids = _field(con.execute(schema).fetchall())
    ((_, *measures, _, _),) = con.execute(
        f"copy ({rows}) to {quoted(folder + name)} (format parquet, compression zstd, return_stats,"
        f" field_ids {{{field_ids}}})"
    ).fetchall()
    count = "record_count" if kind == "data" else "delete_count"
    con.execute(
        f"update {META}.ducklake_{kind}_file set path = ?, path_is_relative = true, {count} = ?,"
        f" file_size_bytes = ?, footer_size = ? where {kind}_file_id = ?",
        [name, *measures, file_id],
    )
    return folder + name


def _field(rows: list[Any]) -> str:
    """Remove one column with its children from the rows, and return its FIELD_IDS."""
    name, children, field_id = rows.pop(0)
    inner = [_field(rows) for _ in range(int(children or 0))]
    if not inner:
        return f'"{name}": {field_id}'
    if field_id is None:  # the whole file, or Parquet's layer between a list and its elements
        return ", ".join(inner)
    return f'"{name}": {{__duckdb_field_id: {field_id}, {", ".join(inner)}}}'
