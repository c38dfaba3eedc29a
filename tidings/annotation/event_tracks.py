"""Follow events over days: the groups of each day join the event that is most similar to them, or
begin an event: single-pass clustering with centroids.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tidings.annotation.event_days import EVENT_GAIN, LARGE, USUAL, compare, grow, log_odds_of
from tidings.annotation.linkage import Vectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

QUIET_DAYS = 7
"""An event is over after so many days without articles."""
LONGEST_DAYS = 30
"""An event is over so many days after its first article."""
MEMORY_DAYS = LONGEST_DAYS + QUIET_DAYS
"""Days before a day that contain the first day of each open event."""
MAX_PAIRS = 50_000
"""A term that more pairs of a group of the day and an event share is left out."""


class DayGroup(NamedTuple):
    """An ``EventGroup`` of a day; ``event_id`` is the stored one, or None."""

    day: int
    cluster_id: str
    language: str
    story_ids: Sequence[str]
    article_count: int
    terms: NDArray[np.int64]
    weights: NDArray[np.float64]
    event_id: str | None = None


class _Centroid(NamedTuple):
    """The mean weights of an event in one language, and its first and last day."""

    first: int
    last: int
    terms: NDArray[np.int64]
    weights: NDArray[np.float64]
    article_count: int


_Centroids = dict[tuple[str, str], _Centroid]  # by event and language


def track_events(
    groups: Iterable[DayGroup], first_day: int = 0, last_day: int = 2**31
) -> dict[str, str]:
    """Return the event of each cluster. An event has the ID of its first cluster.

    Args:
        groups: All groups from ``MEMORY_DAYS`` days before the first day on, in order of day,
            cluster and language.
        first_day: The first day whose groups may have changed.
        last_day: The last such day. If ``MEMORY_DAYS`` after it the events in memory are the stored
            ones, the rest does not change.
    """
    events: dict[str, str] = {}
    memory: list[DayGroup] = []
    centroids: _Centroids = {}
    for day, group in groupby(groups, attrgetter("day")):
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
    """Return the events of the clusters of a day, and update the centroids of open events."""
    open_events = _find_open(today[0].day, memory, events)
    stories: dict[str, str] = {}
    for item in reversed(memory):
        stories.update(dict.fromkeys(item.story_ids, events[item.cluster_id]))
    known = _find_centroids(memory, events, {*open_events}, centroids)
    centroids.clear()
    centroids.update(known)
    found: dict[str, str] = {}
    for cluster, items in groupby(_compare(today, known, open_events), itemgetter(0)):
        _, parts, odds, spoken = zip(*items, strict=True)
        counts = np.array([[item.article_count] for item in parts])
        scores = sum(np.array(odds) * counts) / np.maximum(sum(np.array(spoken) * counts), 1)
        mine = chain.from_iterable(item.story_ids for item in parts)
        same = next(filter(None, map(stories.get, mine)), None)
        best = int(scores.argmax()) if open_events else 0
        is_similar = open_events and scores[best] > 0
        found[cluster] = same or (open_events[best] if is_similar else cluster)
    return found


def _find_open(day: int, memory: list[DayGroup], events: dict[str, str]) -> list[str]:
    """Return the events that are not over on a day."""
    days: dict[str, list[int]] = defaultdict(list)
    for item in memory:
        days[events[item.cluster_id]].append(item.day)
    return sorted(
        event
        for event, seen in days.items()
        if day - seen[-1] <= QUIET_DAYS and day - seen[0] < LONGEST_DAYS
    )


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
    """Yield the cluster of each group of a day, the group, its log odds with the open events, and 1
    for each of these in its language.
    """
    numbers = {event: number for number, event in enumerate(open_events)}
    languages = [*map(attrgetter("language"), today)]
    codes = {code: number for number, code in enumerate(sorted(set(languages)))}
    parts = [
        (numbers[event], codes[code], part.article_count, part.last, part)
        for (event, code), part in known.items()
        if code in codes
    ]
    cells = np.array([part[:4] for part in parts], np.int64).reshape(-1, 4)
    columns, spoken, sizes, last_days = cells.T
    left = _vectors((codes[item.language], item.terms, item.weights) for item in today)
    right = _vectors((code, part.terms, part.weights) for _, code, *_, part in parts)
    blocks = compare(left, right, languages, len(parts), MAX_PAIRS)
    for item, found in zip(today, chain.from_iterable(blocks), strict=True):
        growth = grow(np.maximum(item.article_count, sizes), item.language)
        row = found + growth + log_odds_of(item.language).days * (item.day - last_days)
        is_mine = spoken == codes[item.language]
        odds, is_spoken = np.zeros((2, len(open_events)))
        odds[columns[is_mine]], is_spoken[columns[is_mine]] = row[is_mine], 1
        yield item.cluster_id, item, odds, is_spoken


def _centroid(items: list[DayGroup], known: _Centroid | None) -> _Centroid:
    """Return the mean of the groups of an event in one language, in which a term of several reports
    weighs more: the known one unless the first or last group changed.
    """
    first, last = items[0].day, items[-1].day
    if known and (known.first, known.last) == (first, last):
        return known
    counts = np.array([item.article_count for item in items])
    terms, inverse = np.unique(np.concatenate([item.terms for item in items]), return_inverse=True)
    weights = np.concatenate([item.weights for item in items])
    sums = np.bincount(inverse, weights * np.repeat(counts, [len(item.terms) for item in items]))
    highest = np.zeros(len(terms))
    np.maximum.at(highest, inverse, weights)
    reports = np.divide(sums, highest, out=highest, where=highest > 0)
    gain = 1 + EVENT_GAIN * np.log(np.clip(reports, USUAL, LARGE) / USUAL)
    return _Centroid(first, last, terms, gain * sums / counts.sum(), int(counts.sum()))


def _vectors(parts: Iterable[tuple[int, NDArray[np.int64], NDArray[np.float64]]]) -> Vectors:
    """Return the vectors of texts; the terms of each language have numbers of their own."""
    codes, terms, weights = zip(*parts, strict=True) if (parts := [*parts]) else [()] * 3
    lengths = [len(found) for found in terms]
    return Vectors(
        np.repeat(np.arange(len(lengths)), lengths),
        np.repeat(np.array(codes, np.int64), lengths) << 32
        | np.concatenate([np.zeros(0, np.int64), *terms]),
        np.concatenate([np.zeros(0), *weights]),
    )
