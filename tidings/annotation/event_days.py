"""Join the articles of one day that report the same event, in each language and then across
languages. docs/method.md documents the rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tidings.annotation.event_terms import FLAGS, IN_TITLE, IS_KEY, IS_LOWER, find_event_terms
from tidings.annotation.linkage import (
    MAX_PAIRS,
    Vectors,
    expand,
    flatten,
    join_likely,
    product_blocks,
    split_items,
)
from tidings.base.languages import WITHOUT_SPACES, primary_language


class LogOdds(NamedTuple):
    """Coefficients of the log odds that two texts report one event: a logistic regression.

    ``evidence`` counts for each nat that the texts share, ``length`` for each term of the shorter
    one, ``names`` for each nat of repeated names that only one of them has, ``numbers`` if both
    have numbers and none is the same, and ``days`` for each day between the texts. ``growth``
    counts for each nat of the number of reports in the larger group, from ``small`` to ``LARGE``.
    A weight is multiplied by its ratio to ``MEAN_WEIGHT`` to the power ``power``.
    """

    intercept: float
    evidence: float
    length: float
    names: float
    numbers: float
    days: float
    growth: float
    small: float
    power: float


SPACED = LogOdds(-1.8, 0.145, -0.05, -0.14, -1.5, -0.75, 1.05, 2, 0.3)
UNSPACED = LogOdds(-2.9, 0.17, 0, -0.025, -3, -0.15, 0.8, 3, 0)
LARGE = 12
MAX_LOG_ODDS = 2
"""One pair counts at most so much, and does not join two groups."""
MIN_LOG_ODDS = -2
"""Log odds above which names and numbers are compared."""
SPLIT_SIMILARITY = 0.15
"""Lowest similarity of texts in the same part of a day that is too large."""
SAME_MARKS = 0.12
"""Lowest similarity of the marks of groups in two languages."""
MIN_EVIDENCE = 12
"""Least information of these marks, in nats: more than a mark of one in 100,000 texts has."""
MAX_ARTICLES = 4000
"""Different articles of a day and language in a part: their pairs take 64 MB."""
WEIGHT_POWER = 1.5
"""Power of the weights in cosines."""
LEAD_WEIGHT, NAME_GAIN, MAX_WEIGHT, MEAN_WEIGHT = 0.5, 0.5, 8, 6
NAME_SHARE, MORE_NAMES = 0.3, 3
"""A word is a name if at most so many of its articles have it in lower case. Of a name's articles
of the day, only so many more count than other texts let expect.
"""
USUAL, DAY_GAIN, EVENT_GAIN = 2, 0.1, 0.5
"""A term that more texts than usual have weighs more, for each e-fold: in Chinese by the day, in
events by their reports. Fewer than the first number of texts are usual.
"""
FREQUENT, FREQUENT_GAIN = 20, 0.5
"""In languages with spaces, factor for a term that so many of the day's articles are expected to
have, and no more have.
"""
PRIOR_ARTICLES = 2000
"""General texts that are assumed beside the counted articles."""
DAY_SHARE, KNOWN_ARTICLES = 0.1, 1000
"""Weight of an article of the day in the counts if so many earlier articles are known; it is more
if fewer are known.
"""
NEIGHBOUR_SHARE = 0.8
"""Share of the lighter neighbour that is not evidence."""
IS_NAME, IS_NUMBER, IS_PAIR = 1, 2, 4
"""Bits of a cell with the weight of a repeated name, a number, or two neighbouring terms."""
MAX_TERMS = 40
"""Heaviest terms of an article or centroid that are compared."""
GENERAL_WORDS = Path(__file__).with_name("general_words.npz")
"""Shares of texts with a term, from ``benchmarks.general_words``."""


class EventArticle(NamedTuple):
    """An article of a day, with the result of ``find_event_terms``."""

    article_id: str
    publisher_id: str
    language: str
    story_id: str | None
    terms: Sequence[int] | NDArray[np.int64]
    marks: Sequence[int] | NDArray[np.int64]


class EventGroup(NamedTuple):
    """The articles of one day and language that report one event; groups of several languages share
    their ``cluster_id``.

    ``similarities`` are the mean shares of the articles that contain a term of each title, and
    ``weights`` the means over the articles, for single terms and for neighbours (``IS_PAIR``).
    """

    cluster_id: str
    language: str
    article_ids: list[str]
    story_ids: list[str]
    similarities: list[float]
    terms: NDArray[np.int64]
    weights: NDArray[np.float64]


class KnownWords(NamedTuple):
    """The articles of a language before a month: their number, and for each term or mark, in order,
    those that contain it, and those that have it in lower case.
    """

    total: int
    terms: NDArray[np.int64]
    counts: NDArray[Any]
    lowers: NDArray[np.int64]

    def look_up(self, terms: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return the two counts of each of these terms."""
        places = np.searchsorted(self.terms, terms)
        is_known = np.append(self.terms, -1)[places] == terms
        counts, lowers = (np.append(row, 0)[places] for row in (self.counts, self.lowers))
        return counts * is_known, lowers * is_known


_EMPTY = np.zeros(0, np.int64)
NO_WORDS = KnownWords(0, _EMPTY, _EMPTY, _EMPTY)
Background = Mapping[str, KnownWords]
"""The known words by language."""


_Key = tuple[str, int]  # the language and number of a group


class _Part(NamedTuple):
    """The articles of a day in one language, the weights of their terms, and their groups."""

    articles: list[EventArticle]
    weights: Vectors
    groups: list[int]


def group_day(
    articles: Sequence[EventArticle], background: Background = MappingProxyType({})
) -> list[EventGroup]:
    """Return the groups of the articles of one day, which are in order of time: a group has the ID
    of its first article.
    """
    places = {article.article_id: place for place, article in enumerate(articles)}
    by_language: dict[str, list[EventArticle]] = defaultdict(list)
    for article in articles:
        by_language[article.language].append(article)
    parts = {code: _group_language(mine, background) for code, mine in sorted(by_language.items())}
    members: dict[_Key, list[EventArticle]] = defaultdict(list)
    for code, part in parts.items():
        for article, group in zip(part.articles, part.groups, strict=True):
            members[code, group].append(article)
    owner = _join_languages(members, background, by_language)
    first: dict[_Key, str] = {}
    for key in sorted(members, key=lambda key: places[members[key][0].article_id]):
        first.setdefault(owner[key], members[key][0].article_id)
    return [
        group
        for code, part in parts.items()
        for group in _describe(part, {g: first[owner[code, g]] for g in set(part.groups)})
    ]


def _group_language(articles: list[EventArticle], background: Background) -> _Part:
    size = len(articles)
    weights = _weigh_terms(articles, background)
    vectors = singles(weights).scaled(size, WEIGHT_POWER)
    items, copies = np.unique(vectors.first_rows(size), return_inverse=True)
    joined = np.arange(size)
    for part in split_items(vectors.taken(items), len(items), SPLIT_SIMILARITY, MAX_ARTICLES):
        mine = weights.taken(items[part])
        languages = [articles[0].language] * len(part)
        blocks = compare(mine, mine, languages, len(part), MAX_PAIRS)
        odds = [np.minimum(block, MAX_LOG_ODDS, dtype=np.float32) for block in blocks]
        growth = partial(grow, language=articles[0].language)
        joined[part] = part[join_likely(np.concatenate(odds), growth)]
    return _Part(articles, weights, items[joined[copies]].tolist())


def singles(weights: Vectors) -> Vectors:
    """Return the weights of single terms."""
    return weights.masked(weights.terms & FLAGS == 0)


def compare(
    left: Vectors, right: Vectors, languages: Sequence[str], right_size: int, most_pairs: int
) -> Iterator[NDArray[np.float64]]:
    """Yield blocks of the log odds that texts report the same events as others. A term that more
    than ``most_pairs`` pairs share is left out.
    """
    models = np.array([log_odds_of(code) for code in languages]).reshape(-1, len(LogOdds._fields))
    sides = _for_evidence(left, -1), _for_evidence(right, 1)
    sizes = (left, len(languages)), (right, right_size)
    lengths, other_lengths = (
        np.minimum(np.bincount(singles(one).rows, minlength=size), MAX_TERMS) for one, size in sizes
    )
    keys, other_keys = _Keys.of(left, len(languages), right), _Keys.of(right, right_size, left)
    for first, evidence in product_blocks(*sides, len(languages), right_size, most_pairs):
        here = models[first : first + len(evidence)]
        shorter = np.minimum(lengths[first : first + len(evidence), None], other_lengths)
        odds = here[:, :1] + here[:, 1:2] * evidence + here[:, 2:3] * shorter
        mine, theirs = np.nonzero(odds > MIN_LOG_ODDS)
        (names, numbers), (_, same) = keys.find(mine + first, theirs)
        (other_names, other_numbers), _ = other_keys.find(theirs, mine + first)
        # the names of each text that the other lacks; both have numbers, and all differ
        is_other = (numbers * other_numbers > 0) & (same == 0)
        rise = here[mine, 3] * np.sqrt(names * other_names) + here[mine, 4] * is_other
        odds[mine, theirs] += rise
        yield odds


def grow(counts: NDArray[np.floating], language: str) -> NDArray[np.floating]:
    """Return the rise of the log odds with the reports of the larger group."""
    model = log_odds_of(language)
    odds: NDArray[np.floating] = model.growth * np.log(
        np.clip(counts, model.small, LARGE) / model.small
    )
    return odds


def log_odds_of(language: str) -> LogOdds:
    """Return the coefficients for a language."""
    return UNSPACED if primary_language(language) in WITHOUT_SPACES else SPACED


def _for_evidence(weights: Vectors, sign: int) -> Vectors:
    """Return the vectors whose product is the evidence of two texts: neighbours have a sign."""
    cells = weights.masked(weights.terms & (IS_NAME | IS_NUMBER) == 0)
    return cells._replace(values=np.sqrt(cells.values) * np.where(cells.terms & IS_PAIR, sign, 1))


class _Keys(NamedTuple):
    """The names and numbers of texts, which are looked up in other texts.

    ``bounds`` are the places of the keys of each text, and ``size`` is the number of different
    keys. ``known`` has each key in another text, as the number of the text times ``size`` plus that
    of the key, and an end.
    """

    bounds: NDArray[np.int64]
    terms: NDArray[np.int64]
    is_number: NDArray[np.bool_]
    values: NDArray[np.floating]
    size: int
    known: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Vectors, size: int, others: Vectors) -> _Keys:
        """Return the keys of ``size`` texts and where others have them."""
        keys, single = texts.masked(texts.terms & (IS_NAME | IS_NUMBER) > 0), singles(others)
        terms, numbers = np.unique(keys.terms & ~FLAGS, return_inverse=True)
        places = np.searchsorted(terms, single.terms)
        is_key = np.append(terms, -1)[places] == single.terms
        return cls(
            np.searchsorted(keys.rows, np.arange(size + 1)),
            numbers,
            keys.terms & IS_NUMBER > 0,
            keys.values,
            len(terms),
            np.append(np.sort(single.rows[is_key] * len(terms) + places[is_key]), 2**62),
        )

    def find(self, mine: NDArray[np.int64], theirs: NDArray[np.int64]) -> list[NDArray[np.float64]]:
        """Return the weights of the names and numbers of texts that others lack, and contain."""
        starts = self.bounds[mine]
        pairs, hits = expand(starts, self.bounds[mine + 1] - starts)
        wanted = theirs[pairs] * self.size + self.terms[hits]
        is_there = self.known[np.searchsorted(self.known, wanted)] == wanted
        places, size = self.is_number[hits] * len(mine) + pairs, 2 * len(mine)
        return [
            np.bincount(places, self.values[hits] * is_counted, size).astype(float).reshape(2, -1)
            for is_counted in (~is_there, is_there)
        ]


def _weigh_terms(articles: list[EventArticle], background: Background) -> Vectors:
    """Return the weights of the heaviest terms of articles in one language, and of their pairs of
    neighbours.
    """
    size = len(articles)
    rows, cells = flatten(article.terms for article in articles)
    terms, flags = cells & ~FLAGS, cells & FLAGS
    unique, inverse = np.unique(terms, return_inverse=True)
    language = articles[0].language
    known, general = background.get(language, NO_WORDS), _general_words(primary_language(language))
    day = max(DAY_SHARE, 1 - known.total / KNOWN_ARTICLES)
    counts, known_lower = known.look_up(unique)
    today = np.bincount(inverse, minlength=len(unique))
    lower = known_lower + np.bincount(inverse, (flags & IS_LOWER) > 0, len(unique))
    share = lower / (counts + today)
    counts = counts + general.look_up(unique)[0]
    total = known.total + PRIOR_ARTICLES
    expected = counts * size / total
    power = log_odds_of(language).power
    if power:
        gain = np.where((expected >= FREQUENT) & (today <= expected), FREQUENT_GAIN, 1)
        today = np.minimum(today, np.where(share <= NAME_SHARE, MORE_NAMES + expected, np.inf))
    else:
        gain = 1 + DAY_GAIN * np.log(np.maximum(today / np.maximum(expected, USUAL), 1))
    weights = np.log((total + day * size) / (counts + day * today))
    weights = np.minimum(weights * (1 + NAME_GAIN * (0.5 - share)), MAX_WEIGHT)
    weights *= gain * (np.maximum(weights, 0) / MEAN_WEIGHT) ** power
    values = weights[inverse] * np.where(flags & IN_TITLE, 1, LEAD_WEIGHT)
    order = np.lexsort((-values, rows))
    is_heavy = np.zeros(len(rows), bool)
    is_heavy[order] = np.arange(len(rows)) - np.searchsorted(rows, rows[order]) < MAX_TERMS
    is_pair = (rows[1:] == rows[:-1]) & is_heavy[1:] & is_heavy[:-1]
    pairs = (terms[:-1] * 31 + terms[1:]) % 2**32 & ~FLAGS | IS_PAIR
    is_key = is_heavy & (flags & IS_KEY > 0)
    kinds = np.where(flags & IS_LOWER, IS_NUMBER, IS_NAME)
    rows = np.concatenate([rows[is_heavy], rows[1:][is_pair], rows[is_key]])
    terms = np.concatenate([terms[is_heavy], pairs[is_pair], (terms | kinds)[is_key]])
    values = np.concatenate(
        [
            values[is_heavy],
            NEIGHBOUR_SHARE * np.minimum(values[1:], values[:-1])[is_pair],
            values[is_key],
        ]
    )
    return Vectors(rows, terms, values).merged()


@cache
def _general_words(code: str) -> KnownWords:
    """Return the terms of general texts in a language, as counts in the assumed articles."""
    with np.load(GENERAL_WORDS) as file:
        if f"{code}_terms" not in file:
            return NO_WORDS
        terms, shares = file[f"{code}_terms"].astype(np.int64), file[f"{code}_shares"]
    return KnownWords(PRIOR_ARTICLES, terms, shares.astype(float) * PRIOR_ARTICLES, terms * 0)


def commonness(key: str, code: str) -> float:
    """Return the mean logarithm of the numbers of general texts, of 2,000, with each term of a
    sequence: 0 if none is known.
    """
    terms = np.array(find_event_terms(None, key, code).terms or [0]) & ~FLAGS
    return float(np.log(np.maximum(_general_words(code).look_up(terms)[0], 1)).mean())


def _join_languages(
    members: Mapping[_Key, list[EventArticle]],
    background: Background,
    by_language: Mapping[str, Sequence[EventArticle]],
) -> dict[_Key, _Key]:
    """Return, for each group, the first of the groups that report its event in all languages."""
    keys = sorted(members)
    joined = {key: {key} for key in keys}  # the groups of the event of each group
    first: dict[str, _Key] = {}

    def join(one: _Key, two: _Key) -> None:
        both = joined[one] | joined[two]
        joined.update(dict.fromkeys(both, both))

    for key, article in ((owner, article) for owner in keys for article in members[owner]):
        if article.story_id:
            join(key, first.setdefault(article.story_id, key))
    if len(by_language) > 1:
        for one, two in _mutual_best(keys, _weigh_marks(keys, members, background, by_language)):
            if dict(joined[one]).keys().isdisjoint(dict(joined[two])):
                join(one, two)
    return {key: min(joined[key]) for key in keys}


def _weigh_marks(
    keys: list[_Key],
    members: Mapping[_Key, list[EventArticle]],
    background: Background,
    by_language: Mapping[str, Sequence[EventArticle]],
) -> Vectors:
    """Return vectors of groups whose product is the information of the shared marks."""
    rows, marks = flatten(
        [mark for article in members[key] for mark in article.marks] for key in keys
    )
    unique, inverse = np.unique(marks, return_inverse=True)
    languages = np.array([key[0] for key in keys])
    share = np.zeros(len(unique))
    for code, articles in by_language.items():
        known = background.get(code, NO_WORDS)
        here = np.bincount(inverse[languages[rows] == code], minlength=len(unique))
        total = known.total + len(articles) + PRIOR_ARTICLES
        share = np.maximum(share, (known.look_up(unique)[0] + here) / total)
    rows, columns = np.divmod(np.unique(rows * len(unique) + inverse), max(len(unique), 1))
    values = np.sqrt(-np.log(share)).astype(np.float32)[columns]
    return Vectors(rows, columns, values)


def _mutual_best(keys: list[_Key], vectors: Vectors) -> list[tuple[_Key, _Key]]:
    """Return the pairs of groups that are each the most similar for the other in its language, the
    most similar first.
    """
    languages = np.array([key[0] for key in keys])
    own = np.sqrt(np.maximum(np.bincount(vectors.rows, vectors.values**2, len(keys)), 1e-9))
    best: dict[tuple[int, str], tuple[float, int]] = {}
    for first, shared in product_blocks(vectors, vectors, len(keys), len(keys), MAX_PAIRS):
        lengths = own[first : first + len(shared), None]
        similarity = np.where(shared >= MIN_EVIDENCE, shared / lengths / own, 0)
        best.update(_find_nearest(similarity, first, languages))
    pairs = [
        (-score, row, column)
        for (row, _code), (score, column) in best.items()
        if row < column and best.get((column, keys[row][0]), (0, -1))[1] == row
    ]
    return [(keys[row], keys[column]) for _, row, column in sorted(pairs)]


def _find_nearest(
    similarity: NDArray[np.float64], first: int, languages: NDArray[np.str_]
) -> Iterator[tuple[tuple[int, str], tuple[float, int]]]:
    """Yield the most similar group of each other language for each row, with the similarity."""
    for code in np.unique(languages).tolist():
        there = np.flatnonzero(languages == code)
        nearest = there[similarity[:, there].argmax(axis=1)]
        scores = similarity[np.arange(len(nearest)), nearest]
        for row, (score, column) in enumerate(zip(scores, nearest, strict=True), first):
            if languages[row] != code and score >= SAME_MARKS:
                yield (row, code), (float(score), int(column))


def _describe(part: _Part, cluster_ids: Mapping[int, str]) -> list[EventGroup]:
    """Return the groups of one language, in the order of their first articles."""
    places: dict[int, list[int]] = defaultdict(list)
    for place, group in enumerate(part.groups):
        places[group].append(place)
    owners = np.searchsorted(list(places), part.groups)
    rows, cells = flatten(article.terms for article in part.articles)
    _, inverse, counts = np.unique(
        owners[rows] << 32 | cells & ~FLAGS, return_inverse=True, return_counts=True
    )
    rows, inverse = rows[is_title := cells & IN_TITLE > 0], inverse[is_title]
    sums = np.bincount(rows, counts[inverse] / np.bincount(owners)[owners[rows]], len(owners))
    similarities = (sums / np.maximum(np.bincount(rows, minlength=len(owners)), 1)).round(4)
    weights = part.weights._replace(rows=owners[part.weights.rows]).merged()
    heaviest = _heaviest(weights, np.bincount(owners))
    return [
        EventGroup(
            cluster_ids[group],
            part.articles[0].language,
            [part.articles[place].article_id for place in mine],
            sorted({story for place in mine if (story := part.articles[place].story_id)}),
            similarities[mine].tolist(),
            *heavy,
        )
        for (group, mine), heavy in zip(places.items(), heaviest, strict=True)
    ]


def _heaviest(
    sums: Vectors, sizes: NDArray[np.int64]
) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Return the mean weights of each group: its heaviest terms, and as many pairs."""
    kinds = sums.rows * (FLAGS + 1) + (sums.terms & FLAGS)
    order = np.lexsort((-sums.values, kinds))
    places = np.arange(len(order)) - np.searchsorted(kinds, kinds[order], sorter=order)
    kept = sums.masked(np.isin(np.arange(len(order)), order[places < MAX_TERMS]))
    bounds = pairwise(np.searchsorted(kept.rows, np.arange(len(sizes) + 1)).tolist())
    return [
        (kept.terms[start:end], np.round(kept.values[start:end] / size, 2))
        for (start, end), size in zip(bounds, sizes, strict=True)
    ]
