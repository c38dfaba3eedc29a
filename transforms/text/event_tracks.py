"""Follow events over days: the groups of each day join the event that is most similar to them, or begin an event.

This is single-pass clustering with centroids that decay (topic detection and tracking, Allan et al. 1998). The centroid of an
event consists of its groups of the last two weeks, and the weight of a group halves every three days. An event is over after a
week without articles. A day therefore depends only on the two weeks before it.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tidings.transforms.text.linkage import Vectors, products

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

QUIET_DAYS = 7
"""An event is over after so many days without articles."""
MEMORY_DAYS = 14
"""Days before a day whose groups form the centroids of events."""
HALF_LIFE_DAYS = 3
MOST_PAIRS = 50_000
"""A term that more pairs of a group of the day and an event share does not distinguish events, and is left out."""
SAME_EVENT = 0.25
"""Lowest cosine of a group and an event."""
SAME_OUTLET = 0.55
"""The same, if a single outlet reports both: an outlet has more series of similar texts than events."""


class DayGroup(NamedTuple):
    """The articles of one day and language that report one event, as ``EventGroup``; ``event_id`` is the stored one, or None."""

    day: int
    cluster_id: str
    language: str
    publisher_ids: Sequence[str]
    story_ids: Sequence[str]
    article_count: int
    terms: Sequence[int]
    weights: Sequence[float]
    event_id: str | None = None


def track_events(groups: Iterable[DayGroup], first_day: int = 0, last_day: int = 2**31) -> dict[str, str]:
    """Return the event of each cluster. An event has the ID of its first cluster.

    Args:
        groups: All groups from ``MEMORY_DAYS`` days before the first day on.
        first_day: The first day whose groups may have changed; earlier groups have their stored events.
        last_day: The last such day. If two weeks after it or later the events of all groups in memory are the stored ones,
            the rest does not change.
    """
    events: dict[str, str] = {}
    memory: list[DayGroup] = []
    for day, group in groupby(sorted(groups, key=attrgetter("day", "cluster_id", "language")), attrgetter("day")):
        today = list(group)
        memory = [known for known in memory if day - known.day <= MEMORY_DAYS]
        is_stored = day > last_day + MEMORY_DAYS and all(known.event_id == events[known.cluster_id] for known in memory)
        if day < first_day or is_stored:
            events.update((item.cluster_id, item.event_id or item.cluster_id) for item in today)
        else:
            events.update(_assign(today, memory, events, day))
        memory += today
    return events


def _assign(today: list[DayGroup], memory: list[DayGroup], events: dict[str, str], day: int) -> dict[str, str]:
    """Return the events of the clusters of a day."""
    last: dict[str, int] = {}
    outlets: dict[str, set[str]] = defaultdict(set)
    stories: dict[str, str] = {}
    for item in memory:
        event = events[item.cluster_id]
        last[event] = max(item.day, last.get(event, 0))
        outlets[event].update(item.publisher_ids)
        for story in item.story_ids:
            stories.setdefault(story, event)
    open_events = sorted(event for event, seen in last.items() if day - seen <= QUIET_DAYS)
    numbers = {event: number for number, event in enumerate(open_events)}
    clusters = sorted({item.cluster_id for item in today})
    scores = np.zeros((len(clusters), len(open_events)))
    sizes = np.zeros((len(clusters), len(open_events)))
    row_of = {cluster: row for row, cluster in enumerate(clusters)}
    for language in sorted({item.language for item in today}):
        mine = [item for item in today if item.language == language]
        before = [item for item in memory if item.language == language and events[item.cluster_id] in numbers]
        rows = np.array([row_of[item.cluster_id] for item in mine])
        left = _vectors([(row, item, 1.0) for row, item in enumerate(mine)], len(mine))
        decayed = [(numbers[events[i.cluster_id]], i, i.article_count * 0.5 ** ((day - i.day) / HALF_LIFE_DAYS)) for i in before]
        right = _vectors(decayed, len(open_events))
        cosines = products(left, right, len(mine), len(open_events), MOST_PAIRS)
        counts = np.array([item.article_count for item in mine])[:, None]
        spoken = np.isin(np.arange(len(open_events)), right.rows)
        for place, row in enumerate(rows.tolist()):  # a cluster may have several groups of a language
            scores[row] += cosines[place] * counts[place]
            sizes[row] += counts[place] * spoken
    scores /= np.maximum(sizes, 1)
    found: dict[str, str] = {}
    for cluster, items in groupby(sorted(today, key=attrgetter("cluster_id")), attrgetter("cluster_id")):
        parts = list(items)
        found[cluster] = _choose(cluster, parts, scores[row_of[cluster]], open_events, outlets, stories)
    return found


def _choose(  # noqa: PLR0917 — all describe the day
    cluster: str,
    parts: list[DayGroup],
    scores: np.ndarray,
    open_events: list[str],
    outlets: dict[str, set[str]],
    stories: dict[str, str],
) -> str:
    """Return the event of a cluster: that of its story, the most similar open one, or a new one."""
    for part in parts:
        for story in part.story_ids:
            if story in stories:
                return stories[story]
    mine = {publisher for part in parts for publisher in part.publisher_ids}
    best = (0.0, cluster)
    for number in np.flatnonzero(scores >= SAME_EVENT).tolist():
        event, score = open_events[number], float(scores[number])
        if score > best[0] and (score >= SAME_OUTLET or len(mine | outlets[event]) > 1):
            best = (score, event)
    return best[1]


_NO_TERMS, _NO_WEIGHTS = np.zeros(0, np.int64), np.zeros(0)


def _vectors(items: list[tuple[int, DayGroup, float]], size: int) -> Vectors:
    """Return one unit vector per row: the weighted sum of the groups of a row."""
    rows = np.repeat(np.array([row for row, _, _ in items], np.int64), [len(item.terms) for _, item, _ in items])
    terms = np.concatenate([_NO_TERMS, *(np.asarray(item.terms, np.int64) for _, item, _ in items)])
    values = np.concatenate([_NO_WEIGHTS, *(np.asarray(item.weights) * factor for _, item, factor in items)])
    order = np.lexsort((terms, rows))
    rows, terms, values = rows[order], terms[order], values[order]
    is_first = np.ones(len(rows), bool)
    is_first[1:] = (rows[1:] != rows[:-1]) | (terms[1:] != terms[:-1])
    starts = np.flatnonzero(is_first)
    sums = np.add.reduceat(values, starts) if len(starts) else values
    return Vectors(rows[starts], terms[starts], sums.astype(np.float32)).scaled(size)
