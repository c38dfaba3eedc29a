"""Find the articles that contain typed words in the index of a release's words (``word_index.py``)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import duckdb

from tidings.flows.explore.word_index import index_path
from tidings.languages import CODES
from tidings.transforms.text.source_version import source_version
from tidings.transforms.text.typed_words import typed_words
from tidings.transforms.text.word_places import find_patterns
from tidings.warehouse.lake import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tidings.transforms.text.word_places import Pattern, Term

MOST_RANGES = 40
"""Ranges of numbers that are read one by one."""


def attach_index(con: duckdb.DuckDBPyConnection, release_file: Path) -> WordIndex | None:
    """Attach the index of an open release file as ``words`` and return it, or None if there is none of this release."""
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
            " and release_id = (select release_id from ops.releases order by snapshot_id desc limit 1)",
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
        self.omitted = {term for (term,) in con.execute("select term from words.omitted").fetchall()}
        languages = con.execute("select distinct lower(regexp_extract(language, '^[^-_]+')) from words.articles").fetchall()
        self.languages = sorted({code for (code,) in languages if code} | set(CODES))

    def query(self, con: duckdb.DuckDBPyConnection, words: str) -> tuple[str, str]:
        """Return the query for articles that contain typed words, and for those that the matcher must check, possibly empty.

        Both return article_no of ``words.articles``, once per article. All articles must be checked if the index omits all words
        of an alternative.
        """
        typed = typed_words(words)
        languages: dict[Pattern, list[str]] = {}
        for code in self.languages:
            for pattern in find_patterns(typed, code, self.omitted):
                languages.setdefault(pattern, []).append(code)
        if not all(pattern.terms for pattern in languages):
            return "select article_no from words.articles where false", "select article_no from words.articles"
        exact, checked = (
            " union ".join(
                query
                for pattern, codes in languages.items()
                if pattern.is_exact == is_exact and (query := _pattern_query(con, pattern, codes))
            )
            for is_exact in (True, False)
        )
        return exact or "select article_no from words.articles where false", checked


def _pattern_query(con: duckdb.DuckDBPyConnection, pattern: Pattern, languages: Iterable[str]) -> str:
    """Return the query for the articles with a pattern in these languages; empty if no text contains one of its terms."""
    sources = [_term_query(con, term) for term in pattern.terms]
    if not all(sources):
        return ""
    first = pattern.terms[0]
    joins = "".join(
        f" inner join ({source}) as t{number} on t.article_no = t{number}.article_no"
        f" and t{number}.place = t.place + {term.place - first.place}"
        for number, (term, source) in enumerate(zip(pattern.terms, sources, strict=True))
        if number
    )
    codes = ", ".join(map(quoted, languages))
    condition = "is_unspaced" if pattern.is_unspaced else "not is_unspaced"
    # An article without a language has two numbers, of which the first represents it.
    return (
        "select article_no - if(language is null and is_unspaced, 1, 0) as article_no from words.articles"
        f" where {condition}"
        f" and (language is null or lower(regexp_extract(language, '^[^-_]+')) in ({codes}))"
        f" and article_no in (select t.article_no from ({sources[0]}) as t{joins})"
    )


def _term_query(con: duckdb.DuckDBPyConnection, term: Term) -> str:
    """Return the query for the places of a term, which reads a range for all terms with consecutive numbers."""
    condition = "term = $low"
    values = {"low": term.text}
    if term.is_open:
        condition = "term >= $low and term < $high"
        values["high"] = term.text[:-1] + chr(ord(term.text[-1]) + 1)
    ranges = con.execute(
        "select min(term_no), max(term_no) from"
        f" (select term_no, term_no - row_number() over (order by term_no) as run from words.terms where {condition})"
        " group by run order by 1",
        values,
    ).fetchall()
    places = "select article_no, place::bigint as place from words.places where term_no"
    if len(ranges) > MOST_RANGES:
        numbers = f"select term_no from words.terms where {condition}"
        for name, value in values.items():
            numbers = numbers.replace(f"${name}", quoted(value))
        return f"{places} in ({numbers})"
    return " union all ".join(f"{places} between {low} and {high}" for low, high in ranges)
