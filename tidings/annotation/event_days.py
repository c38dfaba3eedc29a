"""Join the articles of one day that report the same event, in each language and then across
languages.

Within a language, the groups whose centroids are most similar are joined, by tf-idf. The weights
use the articles of the day and a background of the months before. Names and numbers weigh more, and
the lead weighs less than the title. One outlet seldom reports an event twice on a day, so two of
its articles must be more similar.

Across languages, two groups are joined if each is the most similar of its language for the other by
their marks: shared numbers and the first letters of shared words. The articles of a story, which
are copies and declared translations, are always joined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tidings.annotation.event_terms import FLAGS, IN_TITLE, IS_LOWER, IS_PAIR, SMALL_NUMBERS
from tidings.annotation.linkage import (
    MAX_PAIRS,
    Vectors,
    join_similar,
    product_blocks,
    products,
    split_items,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SAME_TITLES, SAME_TEXTS = 0.14, 0.25
"""Lowest cosine of the centroids of two groups of one language and day, if no article has a lead
and if all have: unrelated leads share more words than unrelated titles.
"""
SAME_OUTLET = 0.4
"""Additional similarity that two articles of one outlet need."""
SAME_MARKS = 0.06
"""Lowest similarity of the marks of two groups in different languages."""
MIN_EVIDENCE, MIN_LARGE = 13, 3
"""Least information of the marks that two groups in different languages share, in natural units:
of all, and of those that are not small numbers."""
RARE_SHARE, RARE_COUNT = 0.01, 2
"""Share of the articles of the background that contain a rare term, at most, or their number if the
background is small. Recurring words and sentences are not rare.
"""
MIN_RARE = 4
"""Rare terms that two texts with leads share at least; otherwise, they must be more similar like
articles of one outlet.
"""
MAX_ARTICLES = 4000
"""Different articles of a day and language whose pairs are stored together: 64 MB. Larger days are
split into parts.
"""
IS_RARE = 1
LEAD_WEIGHT, PAIR_WEIGHT, NUMBER_WEIGHT = 0.5, 0.5, 1.5
NAME_GAIN = 0.5
PRIOR_ARTICLES = 200
"""Articles that are assumed beside the counted ones, so that a small background decides little."""
MAX_TERMS = 64
"""Terms stored of a group's centroid: the heaviest."""


class EventArticle(NamedTuple):
    """An article of a day: its terms and marks as ``find_event_terms`` returns them."""

    article_id: str
    publisher_id: str
    language: str
    story_id: str | None
    terms: Sequence[int] | NDArray[np.int64]
    marks: Sequence[int] | NDArray[np.int64]


class EventGroup(NamedTuple):
    """The articles of one day and language that report one event; groups of several languages share
    their ``cluster_id``.

    ``similarities`` are the cosines of the articles with the centroid; ``weights`` belong to
    ``terms``, as a vector of length 1. ``story_ids`` are the stories of the articles: copies and
    declared translations. ``publisher_ids`` leaves out outlets that only copy: a series and its
    reprints are not reports of two outlets. The lowest bit of a term is set if it is rare.
    """

    cluster_id: str
    language: str
    article_ids: list[str]
    publisher_ids: list[str]
    story_ids: list[str]
    similarities: list[float]
    terms: NDArray[np.int64]
    weights: NDArray[np.float64]


class KnownWords(NamedTuple):
    """The articles of a language before a month: their number, and the counts of each term or mark,
    in order.

    ``lowers`` counts the articles in which the term is in lower case.
    """

    total: int
    terms: NDArray[np.int64]
    counts: NDArray[np.int64]
    lowers: NDArray[np.int64]

    def look_up(self, terms: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the two counts of each of these terms; 0 for an unknown one."""
        places = np.minimum(np.searchsorted(self.terms, terms), max(len(self.terms) - 1, 0))
        is_known = self.terms[places] == terms if len(self.terms) else np.zeros(len(terms), bool)
        if not is_known.any():
            return np.zeros(len(terms), np.int64), np.zeros(len(terms), np.int64)
        return self.counts[places] * is_known, self.lowers[places] * is_known


_EMPTY = np.zeros(0, np.int64)
NO_WORDS = KnownWords(0, _EMPTY, _EMPTY, _EMPTY)
Background = Mapping[str, KnownWords]
"""The known words by language."""


_Key = tuple[str, int]  # the language and number of a group


class _Part(NamedTuple):
    """The articles of a day in one language, their unit vectors, the rare terms, and groups of
    equal numbers.
    """

    articles: list[EventArticle]
    vectors: Vectors
    rare: NDArray[np.int64]
    groups: list[int]


def group_day(
    articles: Sequence[EventArticle], background: Background = MappingProxyType({})
) -> list[EventGroup]:
    """Return the groups of the articles of one day. The articles are in order of time: a group has
    the ID of its first article.

    The result depends only on the set of articles and their order of time.
    """
    ordered = list(articles)
    places = {article.article_id: place for place, article in enumerate(ordered)}
    by_language: dict[str, list[EventArticle]] = defaultdict(list)
    for article in ordered:
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
    vectors, lengths, rare = _weigh_terms(articles, background)
    outlets = np.unique([article.publisher_id for article in articles], return_inverse=True)[1]
    has_lead = np.array(
        [bool(np.any(np.asarray(article.terms, np.int64) & IN_TITLE == 0)) for article in articles]
    )
    threshold = SAME_TITLES + (SAME_TEXTS - SAME_TITLES) * float(has_lead.mean())
    copies, joined = np.arange(size), np.arange(size)
    items = copies
    if size > MAX_ARTICLES:
        copies = vectors.distinct(size)[1]
        items = np.unique(copies, return_index=True)[1]
    is_rare = np.isin(vectors.terms, rare)
    shared = Vectors(vectors.rows[is_rare], vectors.terms[is_rare], np.ones(int(is_rare.sum())))
    for part in split_items(vectors.taken(items), len(items), threshold, MAX_ARTICLES):
        mine = items[part]
        similarity = products(vectors.taken(mine), len(mine))
        similarity -= np.float32(SAME_OUTLET) * (outlets[mine, None] == outlets[mine])
        is_doubtful = products(shared.taken(mine), len(mine)) < MIN_RARE
        similarity -= np.float32(SAME_OUTLET) * (
            is_doubtful & has_lead[mine, None] & has_lead[mine]
        )
        np.fill_diagonal(similarity, lengths[mine])
        joined[part] = part[join_similar(similarity, threshold)]
    return _Part(articles, vectors, rare, items[joined[copies]].tolist())


def _weigh_terms(
    articles: list[EventArticle], background: Background
) -> tuple[Vectors, NDArray[np.float64], NDArray[np.int64]]:
    """Return the unit vectors of articles in one language, their squared lengths for comparing
    them, and the rare terms.

    A term that no other article contains lengthens a vector less, the more articles are known: it
    is then noise.
    """
    rows = np.repeat(np.arange(len(articles)), [len(article.terms) for article in articles])
    cells = np.concatenate([np.asarray(article.terms, np.int64) for article in articles])
    terms, flags = cells & ~FLAGS, cells & FLAGS
    unique, inverse = np.unique(terms, return_inverse=True)
    known = background.get(articles[0].language, NO_WORDS)
    counts, lower = known.look_up(unique)
    is_rare = (counts <= np.maximum(RARE_SHARE * known.total, RARE_COUNT)) & (
        np.bincount(inverse, (flags & IS_PAIR) > 0, len(unique)) == 0
    )
    counts = counts + np.bincount(inverse, minlength=len(unique))
    lower = lower + np.bincount(inverse, (flags & IS_LOWER) > 0, len(unique))
    total = known.total + len(articles) + PRIOR_ARTICLES
    weights = np.sqrt(np.log(total / counts)) * (1 + NAME_GAIN * (0.5 - lower / (counts + 1)))
    values = weights[inverse] * np.where(flags & IN_TITLE, 1, LEAD_WEIGHT)
    # A pair of words says nothing about capital letters.
    values = np.where(flags & IS_PAIR, PAIR_WEIGHT * values / (1 + NAME_GAIN / 2), values)
    vectors = Vectors(rows, terms, values.astype(np.float32)).scaled(len(articles))
    share = np.where(counts[inverse] > 1, 1, PRIOR_ARTICLES / total)
    return (
        vectors,
        np.bincount(rows, share * vectors.values**2, len(articles)).astype(np.float64),
        unique[is_rare],
    )


def _join_languages(
    members: Mapping[_Key, list[EventArticle]],
    background: Background,
    by_language: Mapping[str, Sequence[EventArticle]],
) -> dict[_Key, _Key]:
    """Return, for each group, the first of the groups that report its event in all languages."""
    keys = sorted(members)
    owners = _Owners(keys)
    first: dict[str, _Key] = {}
    for key in keys:
        for article in members[key]:
            if article.story_id:
                owners.join(key, first.setdefault(article.story_id, key))
    if len(by_language) > 1:
        for pair in _mutual_best(keys, _weigh_marks(keys, members, background, by_language)):
            one, two = map(owners.languages, pair)
            if not one & two:
                owners.join(*pair)
    return {key: owners.root(key) for key in keys}


class _Owners:
    """The first of the joined groups of each group."""

    def __init__(self, keys: list[_Key]) -> None:
        self._owner = {key: key for key in keys}

    def root(self, key: _Key) -> _Key:
        while self._owner[key] != key:
            key = self._owner[key]
        return key

    def join(self, one: _Key, two: _Key) -> None:
        low, high = sorted((self.root(one), self.root(two)))
        self._owner[high] = low

    def languages(self, key: _Key) -> set[str]:
        """Return the languages of the groups that are joined to a group."""
        root = self.root(key)
        return {other[0] for other in self._owner if self.root(other) == root}


def _weigh_marks(
    keys: list[_Key],
    members: Mapping[_Key, list[EventArticle]],
    background: Background,
    by_language: Mapping[str, Sequence[EventArticle]],
) -> tuple[Vectors, Vectors]:
    """Return the vectors of the marks of groups, and those without small numbers. The product of
    two groups is the sum of the information of their shared marks.
    """
    rows = np.array(
        [row for row, key in enumerate(keys) for article in members[key] for _ in article.marks],
        np.int64,
    )
    marks = np.concatenate(
        [np.asarray(article.marks, np.int64) for key in keys for article in members[key]]
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
    rare = ~np.isin(unique, SMALL_NUMBERS)[columns]
    return Vectors(rows, columns, values), Vectors(rows[rare], columns[rare], values[rare])


def _mutual_best(keys: list[_Key], both: tuple[Vectors, Vectors]) -> list[tuple[_Key, _Key]]:
    """Return the pairs of groups in two languages of which each is the most similar for the other,
    the most similar first.
    """
    languages = np.array([key[0] for key in keys])
    own = np.sqrt(np.maximum(np.bincount(both[0].rows, both[0].values ** 2, len(keys)), 1e-9))
    best: dict[tuple[int, str], tuple[float, int]] = {}
    for (first, shared), (_, evidence) in zip(
        *(product_blocks(vectors, vectors, len(keys), len(keys), MAX_PAIRS) for vectors in both),
        strict=True,
    ):
        lengths = own[first : first + len(shared), None]
        similarity = np.where(
            (shared >= MIN_EVIDENCE) & (evidence >= MIN_LARGE), shared / lengths / own, 0
        )
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
    """Return the groups of one language with their centroids, in the order of their first
    articles.
    """
    places: dict[int, list[int]] = defaultdict(list)
    for place, group in enumerate(part.groups):
        places[group].append(place)
    rows, all_terms, values = part.vectors
    owners = np.searchsorted(list(places), part.groups)[rows]
    (owners_of_sums, terms, sums), cells = Vectors(owners, all_terms, values).merged()
    lengths = np.sqrt(np.maximum(np.bincount(owners_of_sums, sums * sums, len(places)), 1e-12))
    cosines = np.bincount(rows, values * sums[cells] / lengths[owners], len(part.groups)).round(4)
    order = np.lexsort((terms, -sums, owners_of_sums))
    starts = np.searchsorted(owners_of_sums, np.arange(len(places) + 1))
    weights = np.round(sums / lengths[owners_of_sums], 4)
    flagged = terms | np.isin(terms, part.rare) * IS_RARE
    result = []
    for number, (group, mine) in enumerate(places.items()):
        heaviest = np.sort(order[starts[number] : starts[number + 1]][:MAX_TERMS])
        articles = [part.articles[place] for place in mine]
        result.append(
            EventGroup(
                cluster_ids[group],
                articles[0].language,
                [article.article_id for article in articles],
                sorted(
                    {
                        article.publisher_id
                        for article in articles
                        if article.story_id in {None, article.article_id}
                    }
                ),
                sorted({article.story_id for article in articles if article.story_id}),
                cosines[mine].tolist(),
                flagged[heaviest],
                weights[heaviest],
            )
        )
    return result
