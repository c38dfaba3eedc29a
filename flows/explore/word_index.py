"""Index the words of a release's articles, so that typed words are counted without reading the texts.

The index is a DuckDB file beside the release file. It has a row for each term of a text (``transforms/text/word_places.py``),
sorted within each batch of articles, so that the minimum and maximum of each row group exclude most of the file. A new release
adds only its new and changed articles. The index may always be deleted; without it, the matcher reads all texts.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from tidings.flows.explore.queries import COLUMNS
from tidings.languages import WITHOUT_SPACES, all_languages
from tidings.transforms.text.source_version import source_version
from tidings.transforms.text.word_places import ELEMENT, fold_article
from tidings.warehouse.lake import quoted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BATCH = 20_000
"""Articles that are sorted together."""
FEW_ARTICLES = 2_000
"""Without at least so many articles, reading the texts is fast enough."""
FREQUENT = 0.3
"""A function word in this share of the first batch is not stored: a few such words make up two fifths of a text."""
STALE = 0.3
"""Share of outdated articles from which on the index is written again."""
_UNSPACED = f"lower(regexp_extract(language, '^[^-_]+')) in ({', '.join(map(quoted, sorted(WITHOUT_SPACES)))})"
_TABLES = """
create table facts (release_id varchar, rules varchar, next_no bigint);
create table omitted (term varchar);
create table articles (
    article_no uinteger, article_id uuid, publisher_id varchar, published_on date, language varchar, is_unspaced boolean,
    version ubigint
);
create table terms (term varchar, term_no uinteger);
create table places (term_no uinteger, article_no uinteger, place uinteger);
"""


_ARROW: Any = "arrow"


def index_path(release_file: Path) -> Path:
    """Return the path of a release file's index."""
    return release_file.with_name(f"{release_file.stem}.words.duckdb")


def update_index(release_file: Path, report: Callable[[int, int], None] | None = None) -> bool:
    """Bring the index of a release file up to date, and return whether it exists.

    A small release gets no index. Readers of the old index are not disturbed.

    Args:
        release_file: The release file.
        report: Function that receives the number of indexed articles and of all new articles after each batch.
    """
    path = index_path(release_file)
    part = path.with_name(f".{path.name}.part")
    for stale in (part, part.with_name(f"{part.name}.wal")):
        stale.unlink(missing_ok=True)
    rules, state = source_version("word_places"), _read_state(path)
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(str(release_file))} as release (read_only)")
        [(release_id, count)] = con.execute(
            "select (select release_id from release.ops.releases order by snapshot_id desc limit 1),"
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
            con.execute("insert into facts values (null, ?, 1)", [rules])
        if not _write(con, report):
            con.execute("".join(f"delete from {name};" for name in ("places", "terms", "articles", "omitted")))
            con.execute("checkpoint")
            _write(con, report)
        con.execute("update facts set release_id = ?", [release_id])
        con.execute("checkpoint")
    os.replace(part, path)  # noqa: PTH105 - replaces a file that readers have open
    return True


def write_index(release_file: Path) -> None:
    """Bring the index up to date as ``update_index`` does; without permission or space to write it, do nothing."""
    with contextlib.suppress(OSError, duckdb.Error):
        update_index(release_file)


def _read_state(path: Path) -> tuple[str, str] | None:
    """Return the release and the version of the rules of an index, or None if it is missing or unreadable."""
    try:
        with duckdb.connect(path, read_only=True) as con:
            return con.execute("select release_id, rules from facts").fetchone()
    except duckdb.Error:
        return None


def _write(con: duckdb.DuckDBPyConnection, report: Callable[[int, int], None] | None) -> bool:
    """Delete outdated articles and add new ones; return False if so many are outdated that the index must be written again."""
    con.execute(f"""
        create or replace temp table wanted as
        select
            {COLUMNS},
            unnest(if(language is null, [false, true], [{_UNSPACED}])) as is_unspaced,
            hash(content_hash, publisher_id, published_on, language) as version
        from release.core.articles where excluded_reason is null and published_on is not null
    """)
    con.execute(
        "create or replace temp table outdated as select article_no from articles anti join wanted using (version, article_id)"
    )
    [(outdated, known)] = con.execute("select (select count(*) from outdated), (select count(*) from articles)").fetchall()
    if known and outdated > STALE * known:
        return False
    if outdated:
        con.execute("delete from articles where article_no in (from outdated)")
    con.execute("""
        create or replace temp table added as
        select *, row_number() over (order by published_on, article_id, is_unspaced) + (select next_no from facts) as article_no
        from wanted anti join articles using (version, article_id)
    """)
    [(first, last, total)] = con.execute("select min(article_no), max(article_no), count(*) from added").fetchall()
    if not total:
        return True
    parameters: list[Any] = ["varchar", "varchar"]
    con.create_function("fold_article", _fold_articles, parameters, "varchar", type=_ARROW)
    for start in range(first, last + 1, BATCH):
        _add_batch(con, start, min(start + BATCH, last + 1))
        if report:
            report(min(start + BATCH, last + 1) - first, total)
    con.remove_function("fold_article")
    con.execute("update facts set next_no = ?", [last + 1])
    return True


def _fold_articles(titles: Any, bodies: Any) -> pa.Array:
    pairs = zip(titles.to_pylist(), bodies.to_pylist(), strict=True)
    return pa.array([fold_article(title or "", body or "") for title, body in pairs], pa.string())


def _add_batch(con: duckdb.DuckDBPyConnection, start: int, end: int) -> None:
    """Add the articles with these numbers."""
    con.execute(
        """
        create or replace temp table batch as
        select added.article_no, added.is_unspaced, fold_article(a.title, a.body_text) as folded
        from added inner join release.core.articles as a using (article_id)
        where added.article_no >= $start and added.article_no < $end
        """,
        {"start": start, "end": end},
    )
    if not con.execute("select count(*) from articles").fetchone()[0]:  # type: ignore[index]
        _choose_omitted(con)
    con.execute(f"""
        create or replace temp table found as
        select term, article_no, place from (
            select article_no, unnest(elements) as term, unnest(range(len(elements))) as place
            from (select article_no, string_split(folded, ' ') as elements from batch where not is_unspaced)
            union all
            select
                article_no,
                if(ascii(element) < 128 or ascii(following) < 128 and following != ' ', element, element || following) as term,
                place
            from (
                select article_no, unnest(elements) as element, unnest(elements[2:] || ['']) as following,
                    unnest(range(len(elements))) as place
                from (select article_no, regexp_extract_all(folded, '{ELEMENT}') as elements from batch where is_unspaced)
            ) where element != ' '
        ) where term != '' and term not in (from omitted)
    """)
    # Numbers in the order of terms compress to less than a bit, and the terms with one beginning have consecutive numbers.
    con.execute("""
        insert into terms
        select term, row_number() over (order by term) + (select coalesce(max(term_no), 0) from terms) as term_no
        from (select distinct term from found) anti join terms using (term) order by term
    """)
    con.execute(
        "insert into places select term_no, article_no, place from found inner join terms using (term)"
        " order by term_no, article_no, place"
    )
    con.execute(
        f"insert into articles select article_no, {COLUMNS}, is_unspaced, version from added"
        " where article_no >= $start and article_no < $end order by article_no",
        {"start": start, "end": end},
    )


def _choose_omitted(con: duckdb.DuckDBPyConnection) -> None:
    stops: set[str] = set().union(*(getattr(language.bounds, "stops", ()) for language in all_languages()))
    con.execute(
        """
        insert into omitted
        select term from (
            select unnest(list_distinct(string_split(folded, ' '))) as term from batch where not is_unspaced
        )
        where term in (select unnest($stops)) group by term
        having count(*) > $share * (select count(*) from batch where not is_unspaced)
        """,
        {"stops": sorted(stops), "share": FREQUENT},
    )
