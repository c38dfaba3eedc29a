"""Find words of coded articles that the word list lacks, for a reviewer, and watch whether the list
finds fewer of the true articles than before, at any time.
"""

import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from tidings.analysis.answers import has_table
from tidings.analysis.coding.sample import CODED
from tidings.analysis.inputs import refuse
from tidings.annotation.folding import fold_by_definition
from tidings.base.languages import WITHOUT_SPACES
from tidings.storage.lake import Connection

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
    con: Connection, theme: str, language: str = ""
) -> tuple[int, int, int, list[Words]]:
    """Return the numbers of coded articles that the word list missed, that it found, and about
    other themes, and by descending z the words and pairs of words that are more frequent in the
    missed ones than in those about other themes, without the theme's phrases. Raises InputError.
    """
    rows = con.execute(_CODED, {"theme": theme, "language": language}).fetchall()
    groups: dict[tuple[bool, bool], list[tuple[str, str]]] = defaultdict(list)
    for code, text, is_true, is_about in rows:
        groups[is_true, is_true and is_about].append((code, text))
    missed, found, others = groups[True, False], groups[True, True], groups[False, False]
    refuse(
        len(rows) < LEAST,
        f"{len(rows)} articles of the last release are coded: the comparison needs {LEAST}."
        f" Code more, and run tidings release.",
    )
    refuse(not missed, f"The word list missed no coded article about {theme!r}.")
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
    sizes = [Counter(map(itemgetter(0), texts)) for texts in groups]
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
        if len(kept) < FIRST and not any(
            word.words in other.words and word[2:5] == other[2:5] for other in kept
        ):
            kept.append(word)
    return kept


LIMIT = 20
"""Evidence that constant recall exceeds at any time in at most 1 of 20 cases."""
_HAZARD = 0.01  # prior probability that recall falls after any true article
_RECALLS = np.linspace(0.025, 0.975, 39)
# True articles by day, one per story, with the ratio of chances in the article's plan.
_TRUE = """
with articles as (
    select text_hash, max(plan_id) as plan_id, any_value(url) as url from ref.codings group by 1
),
coded as (
    select
        *, prediction = 'about' as is_found,
        avg(weight) filter (prediction != 'about') over plans
        / avg(weight) filter (prediction = 'about') over plans as ratio
    from intermediate.int_coded_themes join articles using (text_hash)
    window plans as (partition by theme_id, plan_id)
)
select theme_id, published_on, is_found, coalesce(ratio, 1), if(is_found, null, url)
from coded where is_main and published_on is not null
qualify row_number() over (partition by theme_id, story order by published_on, text_hash) = 1
order by theme_id, published_on, text_hash
"""


def read_falls(con: Connection) -> list[tuple[str, str]]:
    """Return a sentence on each theme whose recall has fallen, and what a user can do."""
    if not has_table(con, "intermediate.int_coded_themes"):
        return []
    falls = []
    for theme, group in groupby(con.execute(_TRUE).fetchall(), itemgetter(0)):
        _, days, found, ratios, urls = zip(*group, strict=True)
        evidence, place, before, after = find_fall(found, ratios)
        if evidence >= LIMIT:
            missed = [*filter(None, urls)]
            what = (
                f"{theme}: since about {days[place]}, the word list finds {after:.0%} of the"
                f" articles that coders call true, instead of {before:.0%}."
            )
            action = (
                f"Read the missed articles, such as {' '.join(missed[-3:])}, and add phrases:"
                f" `tidings phrase suggest --theme {theme}`."
            )
            falls.append((what, action))
    return falls


def find_fall(found: Any, ratios: Any) -> tuple[float, int, float, float]:
    """Return the evidence that recall has fallen, the most probable first article of the lower
    recall, and recall before and after.

    ``found``: whether the word list found each true article, in order; ``ratios``: the chance of a
    found article to be drawn, by that of a missed one. The evidence is the likelihood of a fall,
    averaged over its place and both recalls, divided by the largest likelihood of a constant
    recall: an e-process (Wasserman, Ramdas and Balakrishnan 2020, Universal Inference, PNAS 117).
    """
    odds = (_RECALLS / (1 - _RECALLS))[:, None] * np.asarray(ratios)
    logs = np.where(found, odds, 1) / (1 + odds)
    sums = np.hstack([np.zeros((len(_RECALLS), 1)), np.log(logs).cumsum(1)])
    ends = sums[:, -1:] - sums[:, :-1]  # log likelihoods of the articles from each place
    places = np.arange(len(found))
    weights = np.log(_HAZARD) + places * np.log(1 - _HAZARD) - np.log(len(_RECALLS))
    lower = np.logaddexp.accumulate(ends, 0)[:-1] - np.log(np.arange(1, len(_RECALLS)))[:, None]
    falls = sums[1:, :-1] + lower + weights  # recall before × place
    best, most = sums[:, -1].max(), falls.max()
    place = int(falls.max(0).argmax())
    before = _RECALLS[1 + falls[:, place].argmax()]
    after = _RECALLS[ends[:, place].argmax()]
    return float(np.exp(most - best) * np.exp(falls - most).sum()), place, before, after
