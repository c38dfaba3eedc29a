"""Follow events over days: the groups of each day join the event that is most similar to them, or
begin an event: single-pass clustering with centroids. Events that prove to be one join.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tidings.annotation.event_days import EVENT_GAIN, LARGE, USUAL, compare, grow, log_odds_of
from tidings.annotation.linkage import Vectors, flatten

QUIET_DAYS = 7
"""An event is over after so many days without articles."""
LONGEST_DAYS = 30
"""An event is over so many days after its first article."""
MEMORY_DAYS = LONGEST_DAYS + QUIET_DAYS
"""Days before a day that contain the first day of each open event."""
SAME_EVENT = 1.2
"""Least log odds of two events, of which one continues on the day, that are the same."""
MIN_DAYS = -3
"""Lowest log odds for the days between: a visit is announced a week before it begins."""
MAX_PAIRS = 50_000
"""A term that more pairs of a group of the day and an event share is left out."""


class Track(NamedTuple):
    """The events to which a cluster belonged, the present one last, and the day number from which
    on it belonged to each: the day of the cluster, and days on which events joined.
    """

    event_ids: tuple[str, ...]
    from_days: tuple[int, ...]

    def before(self, day: int) -> Track:
        """Return the track as it was known before a day."""
        count = bisect_left(self.from_days, day)
        return Track(self.event_ids[:count], self.from_days[:count])


class DayGroup(NamedTuple):
    """An ``EventGroup`` of a day; ``track`` is the stored one, or None."""

    day: int
    cluster_id: str
    language: str
    story_ids: Sequence[str]
    article_count: int
    terms: NDArray[np.int64]
    weights: NDArray[np.float64]
    track: Track | None = None


class _Centroid(NamedTuple):
    """The mean weights of an event in one language, and its last day."""

    last: int
    terms: NDArray[np.int64]
    weights: NDArray[np.float64]
    article_count: int


_Members = dict[str, list[DayGroup]]  # the groups of each event, in order of day
_Centroids = dict[tuple[str, str], _Centroid]  # by event and language
_Known = dict[str, tuple[int, _Centroids]]  # of each event, with the number of its groups then


def track_events(
    groups: Iterable[DayGroup], first_day: int = 0, last_day: int = 2**31
) -> dict[str, Track]:
    """Return the track of each cluster. An event has the ID of its first cluster.

    Args:
        groups: All groups from ``MEMORY_DAYS`` days before the first day on, in order of day,
            cluster and language.
        first_day: The first day whose groups may have changed.
        last_day: The last such day. If ``MEMORY_DAYS`` after it the tracks in memory are the stored
            ones, the rest does not change.
    """
    tracks: dict[str, Track] = {}
    memory: list[DayGroup] = []
    centroids: _Known = {}
    is_stored = False
    for day, group in groupby(groups, attrgetter("day")):
        today = list(group)
        memory = [known for known in memory if day - known.day <= MEMORY_DAYS]
        is_stored = is_stored or (day > last_day + MEMORY_DAYS and _are_stored(memory, tracks, day))
        if is_stored:
            tracks.update((item.cluster_id, _stored(item)) for item in memory + today)
        elif day < first_day:
            tracks.update((item.cluster_id, _stored(item).before(first_day)) for item in today)
        else:
            tracks.update(_track_day(today, memory, tracks, centroids))
        memory += today
    return tracks


def _are_stored(memory: list[DayGroup], tracks: dict[str, Track], day: int) -> bool:
    """Return whether the stored tracks of groups, as known before a day, are these ones."""
    return all(tracks[item.cluster_id] == _stored(item).before(day) for item in memory)


def _stored(item: DayGroup) -> Track:
    return item.track or Track((item.cluster_id,), (item.day,))


def _track_day(
    today: list[DayGroup], memory: list[DayGroup], tracks: dict[str, Track], centroids: _Known
) -> Iterator[tuple[str, Track]]:
    """Yield the clusters of a day, and earlier ones whose events join others, with their tracks."""
    day = today[0].day
    events = {item.cluster_id: tracks[item.cluster_id].event_ids[-1] for item in memory}
    members: _Members = defaultdict(list)
    stories: dict[str, str] = {}
    for item in memory:
        members[events[item.cluster_id]].append(item)
        for story in item.story_ids:
            stories.setdefault(story, events[item.cluster_id])
    found = _assign(today, members, stories, centroids)
    for item in today:
        members[found[item.cluster_id]].append(item)
    joined = _find_same(day, members, centroids)
    for cluster, event in found.items():
        yield cluster, Track((joined.get(event, event),), (day,))
    for cluster, event in events.items():
        if event in joined:
            ids, days = tracks[cluster]
            yield cluster, Track((*ids, joined[event]), (*days, day))


def _assign(
    today: list[DayGroup], members: _Members, stories: dict[str, str], centroids: _Known
) -> dict[str, str]:
    """Return the events of the clusters of a day, and update the centroids of open events."""
    open_events = [*_find_open(today[0].day, members)]
    known = _find_centroids(members, open_events, centroids)
    found: dict[str, str] = {}
    for cluster, parts, scores in _compare(today, known, open_events):
        mine = chain.from_iterable(item.story_ids for item in parts)
        same = next(filter(None, map(stories.get, mine)), None)
        best = int(scores.argmax()) if open_events else 0
        is_similar = open_events and scores[best] > 0
        found[cluster] = same or (open_events[best] if is_similar else cluster)
    return found


def _find_same(day: int, members: _Members, centroids: _Known) -> dict[str, str]:
    """Return the earlier event that an event joins, if one of the two continues on this day, and
    update the centroids of open events.
    """
    first_days = _find_open(day, members)
    open_events = [*first_days]
    known = _find_centroids(members, open_events, centroids)
    today = [
        DayGroup(day, event, code, (), part.article_count, part.terms, part.weights)
        for (event, code), part in sorted(known.items())
        if first_days[event] < part.last == day  # new events were just compared with all others
    ]
    numbers = {event: number for number, event in enumerate(open_events)}
    pairs = []
    for event, _, scores in _compare(today, known, open_events):
        scores[numbers[event]] = -np.inf
        if scores.max() >= SAME_EVENT:
            pairs.append((-float(scores.max()), event, open_events[int(scores.argmax())]))
    return _join_pairs(pairs, first_days)


def _join_pairs(pairs: list[tuple[float, str, str]], first_days: dict[str, int]) -> dict[str, str]:
    """Return the event that each event joins, by pairs with the negative log odds of the two: the
    most similar first, and always the earlier event.
    """
    owner = {event: event for event in first_days}
    for _, *pair in sorted(pairs):
        one, two = sorted((owner[event] for event in pair), key=lambda e: (first_days[e], e))
        owner = {event: one if mine == two else mine for event, mine in owner.items()}
    return {event: mine for event, mine in owner.items() if mine != event}


def _find_open(day: int, members: _Members) -> dict[str, int]:
    """Return the events that are not over on a day, with their first days."""
    return {
        event: items[0].day
        for event, items in sorted(members.items())
        if day - items[-1].day <= QUIET_DAYS and day - items[0].day < LONGEST_DAYS
    }


def _find_centroids(members: _Members, open_events: list[str], centroids: _Known) -> _Centroids:
    """Return the centroids of the open events; known ones without new groups are kept."""
    for event in centroids.keys() - {*open_events}:
        del centroids[event]
    for event in open_events:
        items = members[event]
        if event not in centroids or centroids[event][0] != len(items):
            parts: dict[tuple[str, str], list[DayGroup]] = defaultdict(list)
            for item in items:
                parts[event, item.language].append(item)
            centroids[event] = len(items), {key: _centroid(part) for key, part in parts.items()}
    return {key: part for event in open_events for key, part in centroids[event][1].items()}


def _compare(
    today: list[DayGroup], known: _Centroids, open_events: list[str]
) -> Iterator[tuple[str, list[DayGroup], NDArray[np.float64]]]:
    """Yield each cluster of a day with its groups, and its log odds with the open events: the mean
    of the languages that both have.
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
    rows = zip(today, chain.from_iterable(blocks), strict=True)
    for cluster, pairs in groupby(rows, lambda pair: pair[0].cluster_id):
        items, odds, counts = [], *np.zeros((2, len(open_events)))
        for item, found in pairs:
            growth = grow(np.maximum(item.article_count, sizes), item.language)
            days = log_odds_of(item.language).days * (item.day - last_days)
            row = found + growth + np.maximum(days, MIN_DAYS)
            is_mine = spoken == codes[item.language]
            odds[columns[is_mine]] += row[is_mine] * item.article_count
            counts[columns[is_mine]] += item.article_count
            items.append(item)
        yield cluster, items, odds / np.maximum(counts, 1)


def _centroid(items: list[DayGroup]) -> _Centroid:
    """Return the mean of the groups of an event in one language, in which a term of several reports
    weighs more.
    """
    counts = np.array([item.article_count for item in items])
    terms, inverse = np.unique(np.concatenate([item.terms for item in items]), return_inverse=True)
    weights = np.concatenate([item.weights for item in items])
    sums = np.bincount(inverse, weights * np.repeat(counts, [len(item.terms) for item in items]))
    highest = np.zeros(len(terms))
    np.maximum.at(highest, inverse, weights)
    reports = np.divide(sums, highest, out=highest, where=highest > 0)
    gain = 1 + EVENT_GAIN * np.log(np.clip(reports, USUAL, LARGE) / USUAL)
    return _Centroid(items[-1].day, terms, gain * sums / counts.sum(), int(counts.sum()))


def _vectors(parts: Iterable[tuple[int, NDArray[np.int64], NDArray[np.float64]]]) -> Vectors:
    """Return the vectors of texts; the terms of each language have numbers of their own."""
    codes, terms, weights = zip(*parts, strict=True) if (parts := [*parts]) else [()] * 3
    rows, cells = flatten(terms)
    numbers = np.array(codes, np.int64)[rows] << 32
    return Vectors(rows, numbers | cells, np.concatenate([np.zeros(0), *weights]))
