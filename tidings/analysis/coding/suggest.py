"""Find words of coded articles that the word list lacks, for a reviewer."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tidings.analysis.agreement import CodingError
from tidings.analysis.coding.sample import CODED
from tidings.annotation.folding import fold_by_definition
from tidings.base.languages import WITHOUT_SPACES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

LEAST = 50  # coded articles about other themes and this one, with at least one missed
FIRST = 20  # words of the result
_MAX_CHARACTERS = 20_000  # of a text
_HAN = re.compile("[\u4e00-\u9fff]+")
_WORD = re.compile(r"[^\W\d_][\w'-]*")
_CODED = f"""
with {CODED.format(codings="ref.codings")}
select coalesce(primary_language(language), 'und'), concat_ws(chr(10), title, body_text),
    list_contains(themes, $theme), coalesce(is_about, false)
from coded join core.articles using (article_id)
left join (select article_id, is_about from marts.article_themes where theme_id = $theme)
    using (article_id)
where excluded_reason is null and $language in ('', primary_language(language))
"""


class Words(NamedTuple):
    """Words, and the coded articles with them: missed, found, and about other themes."""

    words: str
    language: str
    missed: int
    found: int
    others: int
    z: float


def suggest_words(
    con: duckdb.DuckDBPyConnection, theme: str, language: str = ""
) -> tuple[int, int, int, list[Words]]:
    """Return the numbers of coded articles that the word list missed, that it found, and about
    other themes, and by descending z the words and pairs of words that are more frequent in the
    missed ones than in those about other themes, without the theme's phrases. Raises CodingError.
    """
    rows = con.execute(_CODED, {"theme": theme, "language": language}).fetchall()
    groups: dict[tuple[bool, bool], list[tuple[str, str]]] = defaultdict(list)
    for code, text, is_true, is_about in rows:
        groups[is_true, is_true and is_about].append((code, text))
    missed, found, others = groups[True, False], groups[True, True], groups[False, False]
    if len(rows) < LEAST:
        raise CodingError(
            f"{len(rows)} articles of the last release are coded: the comparison needs {LEAST}."
            f" Code more, and run tidings release."
        )
    if not missed:
        raise CodingError(f"The word list missed no coded article about {theme!r}.")
    known = con.execute(
        "select phrase from ref.theme_phrases where theme_id = ? and role = 'include'", [theme]
    ).fetchall()
    words = _rank((missed, found, others), {fold_by_definition(row[0]).strip() for row in known})
    return len(missed), len(found), len(others), _distinct(words)


def _rank(groups: Sequence[list[tuple[str, str]]], known: set[str]) -> list[Words]:
    """Return the words of missed articles that are not known, by descending z: the log-odds in
    missed and other articles in standard errors (Monroe, Colaresi and Quinn 2008, Political
    Analysis 16).
    """
    counts = [
        Counter((word, code) for code, text in texts for word in _words(text, code))
        for texts in groups
    ]
    sizes = [Counter(code for code, _ in texts) for texts in groups]
    words = []
    for key in counts[0]:
        missed, found, others = (count[key] for count in counts)
        cells = [missed, sizes[0][key[1]] - missed, others, sizes[2][key[1]] - others]
        odds = math.log((cells[0] + 0.5) / (cells[1] + 0.5) * (cells[3] + 0.5) / (cells[2] + 0.5))
        z = odds / math.sqrt(sum(1 / (cell + 0.5) for cell in cells))
        if z > 1 and key[0] not in known:
            words.append(Words(*key, missed, found, others, z))
    return sorted(words, key=lambda word: (-word.z, -len(word.words), word.words))


def _words(text: str, language: str) -> set[str]:
    """Return the words of a text and its pairs of adjacent words; in Chinese, its sequences of two
    to four characters.
    """
    if language in WITHOUT_SPACES:
        return {
            run[start : start + length]
            for run in _HAN.findall(text[:_MAX_CHARACTERS])
            for length in (2, 3, 4)
            for start in range(len(run) - length + 1)
        }
    words = _WORD.findall(text[:_MAX_CHARACTERS].lower())
    return {*words, *map(" ".join, itertools.pairwise(words))}


def _distinct(words: list[Words]) -> list[Words]:
    """Return the first words that no listed words with the same counts contain."""
    kept: list[Words] = []
    for word in words:
        if len(kept) == FIRST:
            break
        if not any(word.words in other.words and word[2:5] == other[2:5] for other in kept):
            kept.append(word)
    return kept
