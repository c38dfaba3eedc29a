"""Find the articles that contain typed words in the index of a release's words
(``word_index.py``).
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import duckdb

from tidings.analysis.explore.word_index import index_path
from tidings.annotation.source_version import source_version
from tidings.annotation.typed_words import typed_words
from tidings.annotation.word_places import find_patterns
from tidings.base.languages import CODES
from tidings.storage.lake import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tidings.annotation.word_places import Pattern, Term

PLACE_BITS = 32
"""Bits of a place beside the number of its article."""
MANY_ROWS = 500_000
"""Rows of the rarest of several terms from which on the articles are read in windows."""
WINDOW = 60_000
MAX_RANGES = 40
"""Ranges of numbers that are read one by one."""


def attach_index(con: duckdb.DuckDBPyConnection, release_file: Path) -> WordIndex | None:
    """Attach the index of an open release file as ``words`` and return it, or None if there is none
    of this release.
    """
    path = index_path(release_file)
    if not path.exists():
        return None
    try:
        con.execute(f"attach {quoted(str(path))} as words (read_only)")
    except duckdb.Error:
        return None
    try:
        is_current = con.execute(
            "select count(*) from words.facts where rules = ?"
            " and release_id = (select release_id from ops.releases order by snapshot_id desc"
            " limit 1)",
            [source_version("word_places")],
        ).fetchone()
        if is_current == (1,):
            return WordIndex(con)
    except duckdb.IOException:  # the file is damaged, and without it the next run writes another
        with contextlib.suppress(OSError):
            path.unlink()
    con.execute("detach words")
    return None


class WordIndex:
    """The index attached to a release's connection as ``words``."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        languages = con.execute(
            "select distinct lower(regexp_extract(language, '^[^-_]+')) from words.articles"
        ).fetchall()
        self.languages = sorted({code for (code,) in languages if code} | set(CODES))

    def query(self, con: duckdb.DuckDBPyConnection, words: str) -> tuple[str, str]:
        """Return the query for articles that contain typed words, and for those that the matcher
        must check, possibly empty.

        Both return article_no of ``words.articles``, once per article.
        """
        typed = typed_words(words)
        languages: dict[Pattern, list[str]] = {}
        for code in self.languages:
            for pattern in find_patterns(typed, code):
                languages.setdefault(pattern, []).append(code)
        exact, checked = (
            " union ".join(
                query
                for pattern, codes in languages.items()
                if pattern.is_exact == is_exact and (query := _pattern_query(con, pattern, codes))
            )
            for is_exact in (True, False)
        )
        return exact or "select article_no from words.articles where false", checked


def _pattern_query(
    con: duckdb.DuckDBPyConnection, pattern: Pattern, languages: Iterable[str]
) -> str:
    """Return the query for the articles with a pattern in these languages; empty if no text
    contains one of its terms.
    """
    ranges = [_term_ranges(con, term) for term in pattern.terms]
    if not all(condition for _, condition in ranges):
        return ""
    windows = [""]
    # hash tables of so many rows are slower than several small ones
    if len(ranges) > 1 and min(ranges)[0] > MANY_ROWS:
        [(last,)] = con.execute("select max(article_no) from words.articles").fetchall()
        starts = range(0, last + 1, WINDOW)
        windows = [f" and article_no between {start} and {start + WINDOW - 1}" for start in starts]
    places = " union all ".join(_places_query(pattern.terms, ranges, window) for window in windows)
    codes = ", ".join(map(quoted, languages))
    condition = "is_unspaced" if pattern.is_unspaced else "not is_unspaced"
    # An article without a language has two numbers, of which the first represents it.
    return (
        "select article_no - if(language is null and is_unspaced, 1, 0) as article_no from"
        " words.articles"
        f" where {condition}"
        f" and (language is null or lower(regexp_extract(language, '^[^-_]+')) in ({codes}))"
        f" and article_no in (select (start + {pattern.terms[-1].place}) >> {PLACE_BITS} from"
        f" ({places}))"
    )


def _places_query(terms: Iterable[Term], ranges: list[tuple[int, str]], window: str) -> str:
    """Return the query for the places where all terms start together, as ``start``, with a further
    condition on the article.
    """
    places = ""
    # Each further term reduces the places of the rarest. The hash table of a semi join contains the
    # places before.
    for (_, condition), term in sorted(zip(ranges, terms, strict=True)):
        start = f"(article_no::bigint << {PLACE_BITS}) + place - {term.place}"
        within = f" and {start} in ({places})" if places else ""
        places = f"select {start} as start from words.places where ({condition}){window}{within}"
    return places


def _term_ranges(con: duckdb.DuckDBPyConnection, term: Term) -> tuple[int, str]:
    """Return about how many rows a term has, and the condition on them; empty if no text contains
    the term.
    """
    condition = "term = $low"
    values = {"low": term.text}
    if term.is_open:
        condition = "term >= $low and term < $high"
        values["high"] = term.text[:-1] + chr(ord(term.text[-1]) + 1)
    ranges = con.execute(
        "select sum(row_count), min(term_no), max(term_no) from (select term_no, row_count,"
        f" term_no - row_number() over (order by term_no) as run from words.terms where"
        f" {condition})"
        " group by run order by 2",
        values,
    ).fetchall()
    count = int(sum(row_count for row_count, _, _ in ranges))
    if len(ranges) > MAX_RANGES:
        numbers = f"select term_no from words.terms where {condition}"
        for name, value in values.items():
            numbers = numbers.replace(f"${name}", quoted(value))
        return count, f"term_no in ({numbers})"
    return count, " or ".join(f"term_no between {low} and {high}" for _, low, high in ranges)
