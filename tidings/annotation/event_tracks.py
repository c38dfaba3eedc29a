"""Follow events over days: the groups of each day join the event that is most similar to them, or
begin an event.

This is single-pass clustering with centroids that decay (topic detection and tracking, Allan et al.
1998). The centroid of an event consists of its groups of the last two weeks, and the weight of a
group halves every three days. An event is over after a week without articles. A day therefore
depends only on the two weeks before it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tidings.annotation.event_days import IS_RARE
from tidings.annotation.linkage import Vectors, product_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

QUIET_DAYS = 7
"""An event is over after so many days without articles."""
MEMORY_DAYS = 14
"""Days before a day whose groups form the centroids of events."""
HALF_LIFE_DAYS = 3
MAX_PAIRS = 50_000
"""A term that more pairs of a group of the day and an event share does not distinguish events, and
is left out.
"""
RARITY_POWER = 1.5
"""Power of the rarity of a term among the open events: the words of a series of similar texts, such
as weekly figures, are in many of them, and distinguish none.
"""
SAME_EVENT = 0.25
"""Lowest cosine of a group and an event."""
MIN_RARE = 0.09
"""Least share of the group's terms that are rare and also in the event: 6 of 64. Otherwise, the two
must be as similar as reports of one outlet. A recurring sentence and the name of a place are less.
"""
SAME_OUTLET = 0.55
"""The same, if a single outlet reports both: an outlet has more series of similar texts than
events.
"""


class DayGroup(NamedTuple):
    """The articles of one day and language that report one event, as ``EventGroup``; ``event_id``
    is the stored one, or None.
    """

    day: int
    cluster_id: str
    language: str
    publisher_ids: Sequence[str]
    story_ids: Sequence[str]
    article_count: int
    terms: NDArray[np.int64]
    weights: NDArray[np.float64]
    event_id: str | None = None


class _Centroid(NamedTuple):
    """The unit vector of an event in one language, and the days of its first and last group."""

    first: int
    last: int
    terms: NDArray[np.int64]
    weights: NDArray[np.float64]


_Centroids = dict[tuple[str, str], _Centroid]  # by event and language


def track_events(
    groups: Iterable[DayGroup], first_day: int = 0, last_day: int = 2**31
) -> dict[str, str]:
    """Return the event of each cluster. An event has the ID of its first cluster.

    Args:
        groups: All groups from ``MEMORY_DAYS`` days before the first day on, in order of day,
            cluster and language.
        first_day: The first day whose groups may have changed; earlier groups have their stored
            events.
        last_day: The last such day. If two weeks after it or later the events of all groups in
            memory are the stored ones, the rest does not change.
    """
    events: dict[str, str] = {}
    memory: list[DayGroup] = []
    centroids: _Centroids = {}
    for day, group in groupby(map(_with_arrays, groups), attrgetter("day")):
        today = list(group)
        memory = [known for known in memory if day - known.day <= MEMORY_DAYS]
        is_stored = day > last_day + MEMORY_DAYS and all(
            known.event_id == events[known.cluster_id] for known in memory
        )
        if day < first_day or is_stored:
            events.update((item.cluster_id, item.event_id or item.cluster_id) for item in today)
        else:
            events.update(_assign(today, memory, events, centroids))
        memory += today
    return events


def _assign(
    today: list[DayGroup], memory: list[DayGroup], events: dict[str, str], centroids: _Centroids
) -> dict[str, str]:
    """Return the events of the clusters of a day, and update the centroids of the events that are
    open.
    """
    last = {events[item.cluster_id]: item.day for item in memory}
    open_events = sorted(event for event, seen in last.items() if today[0].day - seen <= QUIET_DAYS)
    outlets: dict[str, set[str]] = defaultdict(set)
    stories: dict[str, str] = {}
    for item in memory:
        event = events[item.cluster_id]
        outlets[event].update(item.publisher_ids)
        for story in item.story_ids:
            stories.setdefault(story, event)
    known = _find_centroids(memory, events, {*open_events}, centroids)
    centroids.clear()
    centroids.update(known)
    found: dict[str, str] = {}
    compared = _compare(today, known, open_events)
    for cluster, items in groupby(compared, itemgetter(0)):
        _, parts, cosines, spoken = zip(*items, strict=True)
        scores = cosines[0]
        if len(parts) > 1:  # in several languages
            counts = np.array([[item.article_count] for item in parts])
            scores = sum(np.array(cosines) * counts) / np.maximum(sum(np.array(spoken) * counts), 1)
        found[cluster] = _choose(
            cluster, [*parts], scores, open_events, outlets, stories, centroids
        )
    return found


def _find_centroids(
    memory: list[DayGroup], events: dict[str, str], open_events: set[str], centroids: _Centroids
) -> _Centroids:
    """Return the centroids of the open events."""
    members: dict[tuple[str, str], list[DayGroup]] = defaultdict(list)
    for item in memory:
        if events[item.cluster_id] in open_events:
            members[events[item.cluster_id], item.language].append(item)
    return {key: _centroid(items, centroids.get(key)) for key, items in members.items()}


def _compare(
    today: list[DayGroup], known: _Centroids, open_events: list[str]
) -> Iterator[tuple[str, DayGroup, NDArray[np.float64], NDArray[np.float64]]]:
    """Yield the cluster of each group of a day, the group, its cosines with the open events, and 1
    for each of them that has a group in its language.
    """
    numbers = {event: number for number, event in enumerate(open_events)}
    codes = {
        code: number for number, code in enumerate(sorted(set(map(attrgetter("language"), today))))
    }
    spoken = np.zeros((len(codes), len(open_events)))
    parts = [
        (numbers[event], codes[code], centroid.terms, centroid.weights)
        for (event, code), centroid in known.items()
        if code in codes
    ]
    for event, code, *_ in parts:
        spoken[code, event] = 1
    left = _vectors(
        [
            (row, codes[item.language], item.terms, _unit(item.weights))
            for row, item in enumerate(today)
        ]
    )
    blocks = product_blocks(
        left._replace(terms=left.terms & ~IS_RARE),
        _vectors(parts),
        len(today),
        len(open_events),
        MAX_PAIRS,
        RARITY_POWER,
    )
    cosines = (row for _, block in blocks for row in block)
    for item, row in zip(today, cosines, strict=True):
        yield item.cluster_id, item, row, spoken[codes[item.language]]


def _choose(  # noqa: PLR0917 — all describe the day
    cluster: str,
    parts: list[DayGroup],
    scores: np.ndarray,
    open_events: list[str],
    outlets: dict[str, set[str]],
    stories: dict[str, str],
    centroids: _Centroids,
) -> str:
    """Return the event of a cluster: that of its story, the most similar open one, or a new one."""
    for part in parts:
        for story in part.story_ids:
            if story in stories:
                return stories[story]
    mine = set(chain.from_iterable(part.publisher_ids for part in parts))
    best = (0.0, cluster)
    for number in np.flatnonzero(scores >= SAME_EVENT).tolist():
        event, score = open_events[number], float(scores[number])
        if score > best[0] and (
            score >= SAME_OUTLET
            or (len(mine | outlets[event]) > 1 and _shares_rare(parts, event, centroids))
        ):
            best = (score, event)
    return best[1]


def _shares_rare(parts: list[DayGroup], event: str, centroids: _Centroids) -> bool:
    """Return whether enough of the groups' terms are rare and in the event."""
    shared = 0
    for part in parts:
        rare = part.terms[(part.terms & IS_RARE) > 0] & ~IS_RARE
        centroid = centroids.get((event, part.language))
        shared += int(np.isin(rare, centroid.terms).sum()) if centroid else 0
    return shared >= MIN_RARE * sum(len(part.terms) for part in parts)


def _with_arrays(group: DayGroup) -> DayGroup:
    return group._replace(
        terms=np.asarray(group.terms, np.int64), weights=np.asarray(group.weights, np.float64)
    )


def _centroid(items: list[DayGroup], known: _Centroid | None) -> _Centroid:
    """Return the unit vector of the groups of an event in one language, which are in order of days.

    It is the known one unless a group joined or was forgotten, because all groups decay alike.
    """
    first, last = items[0].day, items[-1].day
    if known and (known.first, known.last) == (first, last):
        return known
    if len(items) == 1:
        return _Centroid(first, last, items[0].terms & ~IS_RARE, _unit(items[0].weights))
    factors = [item.article_count * 0.5 ** ((last - item.day) / HALF_LIFE_DAYS) for item in items]
    terms, inverse = np.unique(
        np.concatenate([item.terms & ~IS_RARE for item in items]), return_inverse=True
    )
    values = np.concatenate(
        [item.weights * factor for item, factor in zip(items, factors, strict=True)]
    )
    return _Centroid(
        first, last, terms, _unit(np.asarray(np.bincount(inverse, values), np.float64))
    )


def _unit(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values / math.sqrt(max(float(values @ values), 1e-12))


def _vectors(parts: list[tuple[int, int, NDArray[np.int64], NDArray[np.float64]]]) -> Vectors:
    """Return the vectors of rows, in order; the terms of each language have numbers of their
    own.
    """
    lengths = [len(terms) for _, _, terms, _ in parts]
    rows, codes = (
        np.repeat(np.array([part[place] for part in parts], np.int64), lengths) for place in (0, 1)
    )
    terms = np.concatenate([np.zeros(0, np.int64), *(terms for _, _, terms, _ in parts)])
    return Vectors(
        rows,
        codes << 32 | terms,
        np.concatenate([np.zeros(0), *(values for _, _, _, values in parts)]),
    )
