"""The filler text contains no unintended phrases and near-duplicates."""

import csv
import re
from itertools import combinations
from pathlib import Path

import pytest

from tidings.demo import truth

ROOT = Path(__file__).parents[2]
LISTS = (
    ROOT / "seeds" / "theme_phrases.csv",
    ROOT / "tidings" / "demo" / "seeds" / "theme_phrases.csv",
)
ARTICLES = truth().articles
HYPHENS = str.maketrans("-\u2010\u2011", "   ")


def _read_phrases() -> list[dict[str, str]]:
    if not LISTS[0].exists():
        pytest.skip("seeds/theme_phrases.csv is not there")
    rows = [row for path in LISTS for row in csv.DictReader(path.read_text("utf-8").splitlines())]
    return [row for row in rows if row["role"] != "exclude"]


def _fold(text: str) -> str:
    """Return the text in lower case with unified spelling; unlike case folding, this preserves the
    length.
    """
    return text.translate(HYPHENS).lower().replace("isation", "ization")


def _write_pattern(row: dict[str, str]) -> re.Pattern[str]:
    """Find a phrase: hyphens equal spaces, -isation equals -ization, and a prefix or inflection may
    continue.
    """
    phrase = re.escape(_fold(row["phrase"].rstrip("*")))
    if row["match_type"] == "substring":
        return re.compile(phrase)
    end = {"prefix": "", "inflected": r"(?:e[nrsm]?|s|es|n)?\b"}.get(row["match_type"], r"\b")
    return re.compile(r"\b" + phrase + end)


def _longest(spans: list[tuple[int, int, str]]) -> set[tuple[int, int, str]]:
    """Remove hits inside longer hits."""
    return {
        hit
        for hit in spans
        if not any(
            other[0] <= hit[0] and hit[1] <= other[1] and other[1] - other[0] > hit[1] - hit[0]
            for other in spans
        )
    }


def _list_keys() -> set[tuple[str, str, str]]:
    return {(row["language"], row["phrase"].casefold(), row["theme_id"]) for row in _read_phrases()}


def test_texts_hold_planted_phrases_only_where_they_were_planted() -> None:
    """A search for the planted phrases finds exactly those that were planted, at their offsets."""
    by_language: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    planted_keys = {
        (a.language, m.phrase.casefold(), m.theme_id) for a in ARTICLES for m in a.text.mentions
    }
    for row in _read_phrases():
        if (row["language"], row["phrase"].casefold(), row["theme_id"]) not in planted_keys:
            continue
        by_language.setdefault(row["language"], []).append((_write_pattern(row), row["theme_id"]))
    listed = _list_keys()
    wrong = []
    for article in ARTICLES:
        for field, text in (("title", article.title), ("body", article.body)):
            folded = _fold(text)
            assert len(folded) == len(text)
            patterns = by_language.get(article.language, [])
            hits = [
                (m.start(), m.end(), theme)
                for pattern, theme in patterns
                for m in pattern.finditer(folded)
            ]
            found = {(s, e, t) for s, e, t in _longest(hits)}
            held = [m for m in article.text.mentions if m.field == field]
            planted = {
                (m.start, m.end, m.theme_id)
                for m in held
                if (article.language, m.phrase.casefold(), m.theme_id) in listed
            }
            wrong += [(article.key, field, text[s:e], theme) for s, e, theme in found ^ planted]
    assert wrong == []


def test_planted_phrases_are_listed() -> None:
    """One of the lists contains each planted phrase with its language and theme."""
    listed = _list_keys()
    planted = {
        (a.language, m.phrase.casefold(), m.theme_id) for a in ARTICLES for m in a.text.mentions
    }
    assert planted - listed == set()


def _shingles(text: str, language: str) -> set[str]:
    units = list(text) if language == "zh" else text.split()
    size = 5 if language == "zh" else 3
    return {" ".join(units[n : n + size]) for n in range(len(units) - size + 1)}


@pytest.mark.parametrize("language", ["en", "zh", "de"])
def test_only_planted_stories_are_alike(language: str) -> None:
    """Texts of one story in one language overlap by more than half, other texts by less than
    three tenths.
    """
    texts = [
        (a, _shingles(a.body, language))
        for a in ARTICLES
        if a.language == language and a.text.paragraphs and a.excluded_reason != "repeated_text"
    ]
    for (one, left), (other, right) in combinations(texts, 2):
        if one.is_truncated or other.is_truncated:
            continue
        overlap = len(left & right) / len(left | right)
        if one.story_id == other.story_id:
            assert overlap > 0.5, (one.key, other.key, overlap)
        else:
            assert overlap < 0.3, (one.key, other.key, overlap)
