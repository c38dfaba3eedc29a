"""Index the words of a release's articles, so that typed words are counted without reading the
texts.

The index is a DuckDB file beside the release file. It has a row for each term of a text
(``tidings/annotation/word_places.py``), sorted within each batch of articles and after many changes
as a whole, so that the minimum and maximum of each row group exclude most of the file. A new
release adds only its new and changed articles. The index may always be deleted; without it, the
matcher reads all texts.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from tidings.analysis.explore.queries import COLUMNS
from tidings.annotation.source_version import source_version
from tidings.annotation.word_places import ELEMENT, fold_article
from tidings.base.languages import WITHOUT_SPACES
from tidings.storage.lake import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BATCH = 20_000
"""Articles that are sorted together at first."""
CHANGED = 0.1
"""Share of changed articles from which on all rows are sorted again, if they are more than a
batch.
"""
SLICE = 20_000_000
"""Rows that are sorted together when all are sorted again, to limit memory."""
FEW_ARTICLES = 2_000
"""Without at least so many articles, reading the texts is fast enough."""
_UNSPACED = (
    f"lower(regexp_extract(language, '^[^-_]+')) in"
    f" ({', '.join(map(quoted, sorted(WITHOUT_SPACES)))})"
)
_TABLES = """
create table facts (release_id varchar, rules varchar, next_no bigint, changed_count bigint);
create table articles (
    article_no uinteger, article_id uuid, publisher_id varchar, published_on date, language varchar,
    is_unspaced boolean,
    version ubigint
);
create table terms (term varchar, term_no uinteger, row_count bigint);
create table places (term_no uinteger, article_no uinteger, place uinteger);
"""
_ARROW: Any = "arrow"


def index_path(release_file: Path) -> Path:
    """Return the path of a release file's index."""
    return release_file.with_name(f"{release_file.stem}.words.duckdb")


def update_index(release_file: Path) -> bool:
    """Bring the index of a release file up to date, and return whether it exists.

    A small release gets no index. Readers of the old index are not disturbed.
    """
    path = index_path(release_file)
    part, sorted_part = (
        path.with_name(f".{path.name}.{ending}") for ending in ("part", "sorted.part")
    )
    rules, state = source_version("word_places"), _read_state(path)
    with _temporary(part), _temporary(sorted_part), duckdb.connect() as con:
        con.execute(f"attach {quoted(str(release_file))} as release (read_only)")
        [(release_id, count)] = con.execute(
            "select (select release_id from release.ops.releases order by snapshot_id desc limit"
            " 1),"
            " (select count(*) from release.core.articles)"
        ).fetchall()
        if state == (release_id, rules):
            return True
        if count < FEW_ARTICLES and state is None:
            return False
        is_kept = state is not None and state[1] == rules
        if is_kept:
            shutil.copyfile(path, part)
        con.execute("set preserve_insertion_order = false")
        con.execute(f"attach {quoted(str(part))} as words; use words")
        if not is_kept:
            con.execute(_TABLES)
            con.execute("insert into facts values (null, ?, 1, 0)", [rules])
        _write(con)
        con.execute("update facts set release_id = ?", [release_id])
        [(changed, known)] = con.execute(
            "select (select changed_count from facts), (select count(*) from articles)"
        ).fetchall()
        is_sorted = changed <= max(BATCH, CHANGED * known)
        if not is_sorted:
            con.execute(f"attach {quoted(str(sorted_part))} as sorted; use sorted")
            _sort(con)
        con.execute("checkpoint")
        con.close()
        # replaces a file that readers have open
        os.replace(part if is_sorted else sorted_part, path)  # noqa: PTH105
    return True


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[None]:
    """Delete a file and its log before and after the block, if they exist."""
    files = (path, path.with_name(f"{path.name}.wal"))
    for file in files:
        file.unlink(missing_ok=True)
    try:
        yield
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def write_index(release_file: Path) -> None:
    """Bring the index up to date as ``update_index`` does; without permission or space to write it,
    do nothing.
    """
    with contextlib.suppress(OSError, duckdb.Error):
        update_index(release_file)


def renew_index(release_file: Path) -> None:
    """Write the index again if it exists: an update leaves the words of a removed page in the
    file.
    """
    path = index_path(release_file)
    if path.exists():
        path.unlink()
        write_index(release_file)


def _read_state(path: Path) -> tuple[str, str] | None:
    """Return the release and the version of the rules of an index, or None if it is missing or
    unreadable.
    """
    try:
        with duckdb.connect(path, read_only=True) as con:
            return con.execute("select release_id, rules from facts").fetchone()
    except duckdb.Error:
        return None


def _write(con: duckdb.DuckDBPyConnection) -> None:
    """Delete outdated articles and add new ones. Their rows remain until all rows are sorted
    again.
    """
    con.execute(f"""
        create temp table wanted as
        select
            {COLUMNS},
            unnest(if(language is null, [false, true], [{_UNSPACED}])) as is_unspaced,
            hash(content_hash, publisher_id, published_on, language) as version
        from release.core.articles where excluded_reason is null and published_on is not null
    """)
    con.execute(
        "create temp table outdated as select article_no from articles anti join wanted"
        " using (version, article_id)"
    )
    con.execute("delete from articles where article_no in (from outdated)")
    con.execute("""
        create temp table added as
        select *, row_number() over (order by published_on, article_id, is_unspaced)
            + (select next_no from facts) as article_no
        from wanted anti join articles using (version, article_id)
    """)
    con.execute(
        "update facts set changed_count = changed_count + (select count(*) from outdated)"
        " + (select count(*) from added)"
    )
    [(first, last, total)] = con.execute(
        "select min(article_no), max(article_no), count(*) from added"
    ).fetchall()
    if not total:
        return
    parameters: list[Any] = ["varchar", "varchar"]
    con.create_function("fold_article", _fold_articles, parameters, "varchar", type=_ARROW)
    for start in range(first, last + 1, BATCH):
        _add_batch(con, start, min(start + BATCH, last + 1))
    con.remove_function("fold_article")
    con.execute("update facts set next_no = ?", [last + 1])


def _sort(con: duckdb.DuckDBPyConnection) -> None:
    """Copy the index to the empty default database, without rows of outdated articles, with all
    rows in order.
    """
    con.execute(_TABLES)
    con.execute("insert into facts select release_id, rules, next_no, 0 from words.facts")
    con.execute("insert into articles from words.articles order by article_no")
    con.execute(f"""
        create temp table numbers as
        select term, term_no, row_number() over terms as new_no, counts.row_count,
            (sum(counts.row_count) over terms // {SLICE})::integer as slice
        from (
            select term_no, count(*) as row_count from words.places
            semi join articles using (article_no) group by all
        ) as counts
        inner join words.terms using (term_no)
        window terms as (order by term)
    """)
    con.execute("insert into terms select term, new_no, row_count from numbers order by new_no")
    for (number,) in con.execute("select distinct slice from numbers order by slice").fetchall():
        con.execute(
            "insert into places select new_no, article_no, place from words.places"
            " inner join (from numbers where slice = $number) using (term_no) semi join articles"
            " using (article_no)"
            " order by new_no, article_no, place",
            {"number": number},
        )


def _fold_articles(titles: Any, bodies: Any) -> pa.Array:
    pairs = zip(titles.to_pylist(), bodies.to_pylist(), strict=True)
    return pa.array([fold_article(title or "", body or "") for title, body in pairs], pa.string())


def _add_batch(con: duckdb.DuckDBPyConnection, start: int, end: int) -> None:
    """Add the articles with these numbers."""
    query = """
    create or replace temp table batch as
    select added.article_no, added.is_unspaced, fold_article(a.title, a.body_text) as folded
    from added inner join release.core.articles as a using (article_id)
    where added.article_no >= $start and added.article_no < $end
    """
    con.execute(query, {"start": start, "end": end})
    con.execute(f"""
        create or replace temp table found as
        select term, article_no, place from (
            select article_no, unnest(elements) as term, unnest(range(len(elements))) as place
            from (select article_no, string_split(folded, ' ') as elements from batch
                where not is_unspaced)
            union all
            select
                article_no,
                if(ascii(element) < 128 or ascii(following) < 128 and following != ' ', element,
                    element || following) as term,
                place
            from (
                select article_no, unnest(elements) as element,
                    unnest(elements[2:] || ['']) as following,
                    unnest(range(len(elements))) as place
                from (select article_no, regexp_extract_all(folded, '{ELEMENT}') as elements
                    from batch where is_unspaced)
            ) where element != ' '
        ) where term != ''
    """)
    # Numbers in the order of terms compress to less than a bit, and the terms with one beginning
    # have consecutive numbers.
    con.execute("""
        insert into terms
        select term, row_number() over (order by term)
            + (select coalesce(max(term_no), 0) from terms) as term_no, row_count
        from (select term, count(*) as row_count from found group by all)
        anti join terms using (term) order by term
    """)
    con.execute(
        "insert into places select term_no, article_no, place from found inner join terms using"
        " (term)"
        " order by term_no, article_no, place"
    )
    con.execute(
        f"insert into articles select article_no, {COLUMNS}, is_unspaced, version from added"
        " where article_no >= $start and article_no < $end order by article_no",
        {"start": start, "end": end},
    )
