"""What a phrase would hit in the articles of the last release, before it is added to the word list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from tidings.flows.cli.places import UserError
from tidings.languages import primary_language
from tidings.transforms.text.matching import Matcher, Phrase
from tidings.transforms.text.udf import register_hits
from tidings.warehouse.lake import quoted

if TYPE_CHECKING:
    from pathlib import Path


def show_hits(file: Path, words: str, language: str, match_type: str, samples: int) -> None:
    """Print how often and where a phrase would hit, and which phrases of the word list stand there already.

    Raises UserError where there is no release yet.
    """
    if not file.exists():
        raise UserError(f"There is no release in {file.parent} yet: run a night first.")
    con = duckdb.connect()
    try:
        con.execute(f"attach {quoted(str(file))} as release (read_only)")
        candidate = Phrase("candidate", "candidate", language, words, match_type)
        register_hits(con, "phrase_hits", Matcher([candidate]))
        con.execute(_HITS, {"language": primary_language(language)})
        _tell(con, words, language, samples)
    finally:
        con.close()


_HITS = """
create temp table hits as
with found as (
    select
        article_id, publisher_id, published_on, title, body_text,
        unnest(phrase_hits(title, body_text, language, published_on)) as hit
    from release.core.articles
    where
        excluded_reason is null
        and (language is null or lower(regexp_extract(language, '^[^-_]+')) = $language)
)
select
    article_id, publisher_id, coalesce(p.name, publisher_id) as outlet, published_on, hit.field as field,
    hit.start_offset as start_offset, hit.end_offset as end_offset, if(hit.field = 'title', title, body_text) as text
from found left join release.ref.publishers as p using (publisher_id)
"""


def _tell(con: duckdb.DuckDBPyConnection, words: str, language: str, samples: int) -> None:
    """Print the counts, the outlets, what the word list has there already, and some of the places."""
    row = con.execute(
        "select count(*), count(distinct article_id), count(distinct publisher_id), min(published_on), max(published_on)"
        " from hits"
    ).fetchone()
    hits, articles, outlets, first, last = row or (0, 0, 0, None, None)
    if not hits:
        print(f"“{words}” ({language}) stands in no article.")
        return
    held = f"{_many(hits, 'hit')} in {_many(articles, 'article')} of {_many(outlets, 'outlet')}"
    print(f"“{words}” ({language}): {held}, {first} to {last}.")
    by_outlet = con.execute(
        "select outlet, count(distinct article_id) from hits group by all order by 2 desc, 1 limit 8"
    ).fetchall()
    print("Outlets: " + ", ".join(f"{outlet} ({count})" for outlet, count in by_outlet))
    there = con.execute(
        "select p.phrase, m.theme_id, count(*) from hits as h join release.marts.theme_mentions as m"
        " on h.article_id = m.article_id and h.field = m.field"
        " and h.start_offset < m.end_offset and m.start_offset < h.end_offset"
        " join release.ref.theme_phrases as p using (phrase_id) group by all order by 3 desc, 1 limit 8"
    ).fetchall()
    print("In the word list there: " + (", ".join(f"{text} ({theme}) {n}" for text, theme, n in there) or "nothing"))
    places = con.execute(
        "select published_on, outlet, replace(substring(text, greatest(start_offset - 40, 0) + 1,"
        " start_offset - greatest(start_offset - 40, 0)), chr(10), ' '),"
        " replace(substring(text, start_offset + 1, end_offset - start_offset), chr(10), ' '),"
        " replace(substring(text, end_offset + 1, 40), chr(10), ' ')"
        " from hits order by hash(article_id), start_offset limit ?",
        [samples],
    ).fetchall()
    for day, outlet, before, hit, after in places:
        print(f"  {day or 'no day'}  {outlet}: …{before}[{hit}]{after}…")


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
