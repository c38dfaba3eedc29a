"""Snippets are cut between words, in SQL and in Python alike."""

import duckdb
import pytest

from tidings.analysis.report.render import begin_at_word, clip, end_at_word
from tidings.base.functions import create_functions

CASES = (
    ("The administration’s clean water policy-making continues", "water", "…clean water…"),
    (
        "Sie sprach über die Wasserversorgung der Großstädte",
        "versorgung",
        "…die Wasserversorgung der…",
    ),
    ("It ended. So, water flowed, then stopped", "water", "…So, water flowed,…"),
    ("short water here", "water", "short water here"),
    ("aaa\nbbb  ccc water\n\nddd eee fffffffff ggg", "water", "…bbb ccc water ddd eee…"),
    (
        "市政府计划明年在港口实行碳价格，港口企业表示支持并且继续",
        "碳价格",
        "…府计划明年在港口实行碳价格，港口企业表示支持并…",
    ),
    ("Правительство приняло закон о воде вчера вечером поздно", "воде", "…закон о воде вчера…"),
    ("รัฐบาลประกาศนโยบายน้ำสะอาดสำหรับประชาชนทุกคน", "น้ำสะอาด", "…ะกาศนโยบายน้ำสะอาดสำหรับประช…"),
)


@pytest.mark.parametrize(("text", "match", "snippet"), CASES)
def test_a_snippet_ends_between_words(text: str, match: str, snippet: str) -> None:
    """At most ten characters of each side remain; unspaced scripts are cut between any two."""
    start = text.index(match)
    end = start + len(match)
    with duckdb.connect() as con:
        create_functions(con)
        query = "select snippet($1, $2, $3, 10)"
        assert con.execute(query, [text, start, end]).fetchall() == [(snippet,)]
    shown = begin_at_word(text[:start], 10) + match + end_at_word(text[end:], 10)
    assert " ".join(shown.split()) == snippet


def test_a_long_title_ends_between_words() -> None:
    """A title of more than 300 characters loses its last words, and a shorter one nothing."""
    assert clip("climate " * 60) == " ".join(["climate"] * 37) + "…"
    assert clip("short title") == "short title"
