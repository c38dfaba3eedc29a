"""Operators in typed words."""

import pytest

from tests.cases import cases
from tidings.annotation.typed_words import typed_words
from tidings.annotation.word_query import WordQueryError, parse_words

TEXT = ("A tax on carbon", "The climate levy, old. Nobody taxes research and development.")
CHINESE = ("碳的价格", "政府征收碳的税。")


@cases(
    "query, expected",
    ("climate AND (tax OR levy) NOT coal", ["tax", "climate", "levy"]),
    ("climate AND tax AND NOT levy", []),
    ("climate NOT tax|levy", []),
    ("climate AND tax*", ["tax*", "climate", "tax*"]),
    ("coal OR (climate AND levy)", ["climate", "levy"]),
    ("tax NEAR/3 carbon", ["tax", "carbon"]),
    ("tax NEAR/1 carbon", []),
    ("carbon NEAR/9 climate", []),  # in the title, and in the body
    ("old NEAR2 (climate OR levy)", ["levy", "old"]),
    ("old W/1 levy", []),  # a comma counts as a word
    ("tax NEAR/9 tax", []),
    ("research AND development", ["research", "development"]),
    ('"research and development" AND nobody', ["nobody", "research and development"]),
    ('"research AND development"', ["research AND development"]),
    ("tax AND taxes OR-nothing", []),
)
def test_operators(query: str, expected: list[str]) -> None:
    """Hits are those of the words that make the text match, each once and in order."""
    title, body = typed_words(query).match(*TEXT, "en")
    assert [hit.phrase_id for hit in (*title, *body)] == expected


@cases(
    "query, count",
    ("碳 AND （税 OR 价格）", 4),
    ("碳 NEAR/2 税", 2),
    ("碳 NEAR/1 税", 0),
    ("碳 NOT 税", 0),
)
def test_chinese(query: str, count: int) -> None:
    """NEAR counts characters in languages without spaces."""
    assert sum(map(len, typed_words(query).match(*CHINESE, "zh"))) == count


@cases(
    "query, words",
    ("tax AND", "before and after"),
    ("NOT tax", "before and after"),
    ("tax AND climate OR carbon", "parentheses"),
    ("(tax AND climate", "closing parenthesis is missing"),
    ("tax AND climate)", "no opening"),
    ("tax NEAR climate", "from 1 to 100"),
    ("tax NEAR/101 climate", "from 1 to 100"),
    ("tax NEAR/5 (climate NOT carbon)", "both sides"),
    ("tax AND climate (x)", "before \\("),
    ("(" * 50 + "a AND b" + ")" * 50, "10 parentheses"),
    (" AND ".join("abcdefghijklmnopqrstu"), "at most 20"),
    ("|".join("abcdefghijklmnopqrstu"), "up to 20"),
)
def test_invalid_queries(query: str, words: str) -> None:
    """An invalid query is one sentence that states what to write."""
    with pytest.raises(WordQueryError, match=words) as error:
        parse_words(query)
    assert str(error.value).endswith(".")
