"""Find words of coded articles that the word list lacks, for a reviewer."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tidings.analysis.coding.sample import LINEAGE, CodingError
from tidings.annotation.folding import fold_by_definition
from tidings.base.languages import WITHOUT_SPACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

LEAST = 50  # coded articles about other themes and this one, with at least one missed
FIRST = 20  # words of the result
_MAX_CHARACTERS = 20_000  # of a text
_HAN = re.compile("[\u4e00-\u9fff]+")
_WORD = re.compile(r"[^\W\d_][\w'-]*")
_CODED = f"""
with {LINEAGE},
newest as (
    from ref.codings qualify coder = first_value(coder) over (
        partition by article_id
        order by coalesce(coded_at, '-infinity'::timestamptz) desc, coder desc
    )
),
coded as (
    select article_id,
        bool_or(role = 'main' and theme_id in (
            select theme_id from lineage where counted_id = $theme
        )) as is_true
    from newest group by article_id
)
select coalesce(primary_language(language), 'und'), concat_ws(chr(10), title, body_text), is_true,
    coalesce(is_about, false)
from coded join core.articles using (article_id)
left join (select article_id, is_about from marts.article_themes where theme_id = $theme)
    using (article_id)
where excluded_reason is null and $language in ('', primary_language(language))
"""


class Words(NamedTuple):
    """Words, and the number of missed, found and other coded articles that contain them."""

    words: str
    language: str
    missed: int
    found: int
    others: int
    z: float


class Suggestions(NamedTuple):
    """Numbers of coded articles, and words by descending z."""

    true_count: int
    missed_count: int
    other_count: int
    words: list[Words]


def suggest_words(con: duckdb.DuckDBPyConnection, theme: str, language: str = "") -> Suggestions:
    """Return the words and pairs of words that are more frequent in coded articles about a theme
    that the word list missed than in coded articles about other themes.

    Words of phrases that the theme has are omitted. ``con`` is a connection of ``open_release``.

    Raises:
        CodingError: If fewer than 50 articles are coded, or none about the theme was missed.
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
    return Suggestions(len(missed) + len(found), len(missed), len(others), _distinct(words))


def _rank(groups: Sequence[list[tuple[str, str]]], known: set[str]) -> list[Words]:
    """Return the words of missed articles that are not known, by descending z."""
    counts = [_count_articles(texts) for texts in groups]
    sizes = [Counter(code for code, _ in texts) for texts in groups]
    words = []
    for key in counts[0]:
        z = _z(key, counts, sizes)
        if z > 1 and key[0] not in known:
            missed, found, others = (count[key] for count in counts)
            words.append(Words(*key, missed, found, others, z))
    return sorted(words, key=lambda word: (-word.z, -len(word.words), word.words))


def _count_articles(texts: Iterable[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """Return the number of texts that contain each word, by word and language."""
    counts: Counter[tuple[str, str]] = Counter()
    for language, text in texts:
        counts.update((word, language) for word in _words(text[:_MAX_CHARACTERS], language))
    return counts


def _words(text: str, language: str) -> set[str]:
    """Return the words of a text and its pairs of adjacent words; in Chinese, its sequences of two
    to four characters.
    """
    if language in WITHOUT_SPACES:
        return {
            run[start : start + length]
            for run in _HAN.findall(text)
            for length in (2, 3, 4)
            for start in range(len(run) - length + 1)
        }
    words = _WORD.findall(text.lower())
    return {*words, *map(" ".join, itertools.pairwise(words))}


def _z(
    word: tuple[str, str],
    counts: list[Counter[tuple[str, str]]],
    sizes: list[Counter[str]],
) -> float:
    """Return the log-odds of a word in missed and other articles in standard errors, with half an
    article more in each cell (Monroe, Colaresi and Quinn 2008, Political Analysis 16).
    """
    cells = []
    for place in (0, 2):
        with_word = counts[place][word]
        cells += [with_word + 0.5, sizes[place][word[1]] - with_word + 0.5]
    odds = math.log(cells[0] / cells[1]) - math.log(cells[2] / cells[3])
    return odds / math.sqrt(sum(1 / cell for cell in cells))


def _distinct(words: list[Words]) -> list[Words]:
    """Return the first words that no listed words with the same counts contain."""
    kept: list[Words] = []
    for word in words:
        if len(kept) == FIRST:
            break
        if not any(word.words in other.words and word[2:5] == other[2:5] for other in kept):
            kept.append(word)
    return kept
