"""Compare items by sparse vectors, and join those into groups that probably belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

MAX_PAIRS = 1_000_000
"""A term that more pairs of items share is left out, so that no term is expensive."""
_BLOCK, _ROWS = 2**17, 32
"""Products and rows in a block, for the cache of a processor."""
STEP = 0.15
"""Rise of the threshold at which a part with too many items is split."""


class Vectors(NamedTuple):
    """Sparse vectors: the row, term and value of each cell, in order of rows."""

    rows: Numbers
    terms: Numbers
    values: NDArray[np.floating]

    def scaled(self, size: int, power: float) -> Vectors:
        """Return the vectors with each value to a power, and then with length 1."""
        values = (self.values**power).astype(np.float32)
        squares = np.bincount(self.rows, np.square(values, dtype=np.float64), size)
        lengths = np.sqrt(np.maximum(squares, 1e-12))[self.rows]
        return self._replace(values=(values / lengths).astype(np.float32))

    def masked(self, is_taken: NDArray[np.bool_]) -> Vectors:
        """Return the vectors with some of their cells."""
        return Vectors(self.rows[is_taken], self.terms[is_taken], self.values[is_taken])

    def merged(self) -> Vectors:
        """Return the vectors with the sums of equal cells. Terms have at most 32 bits."""
        cells, places = np.unique(self.rows << 32 | self.terms, return_inverse=True)
        sums = np.bincount(places, self.values).astype(np.float64)
        return Vectors(cells >> 32, cells & (1 << 32) - 1, sums)

    def taken(self, items: Numbers) -> Vectors:
        """Return the vectors of these rows, which are sorted, with new numbers."""
        is_taken = np.isin(self.rows, items)
        return Vectors(
            np.searchsorted(items, self.rows[is_taken]), self.terms[is_taken], self.values[is_taken]
        )

    def first_rows(self, size: int) -> list[int]:
        """Return the first row with the vector of each row; empty vectors all differ."""
        bounds = np.searchsorted(self.rows, np.arange(size + 1)).tolist()
        first: dict[tuple[bytes, bytes] | int, int] = {}
        parts = (slice(*part) for part in pairwise(bounds))
        cells = ((self.terms[part].tobytes(), self.values[part].tobytes()) for part in parts)
        return [first.setdefault(cell if cell[0] else row, row) for row, cell in enumerate(cells)]


def split_items(vectors: Vectors, size: int, threshold: float, most: int) -> list[Numbers]:
    """Return the items in parts with at most ``most`` items.

    If there are more, a chain of pairs with at least the threshold connects the items of a part,
    and small parts are put together. A larger part is split at a higher threshold.
    """
    owner = np.arange(size)
    if size <= most:
        return [owner]
    if threshold >= 1:
        return np.array_split(owner, range(most, size, most))
    for first, block in product_blocks(vectors, vectors, size, size, MAX_PAIRS):
        for row, cosines in enumerate(block, first):
            near = np.unique(owner[np.append(np.flatnonzero(cosines >= threshold), row)])
            if len(near) > 1:
                owner[np.isin(owner, near)] = near[0]
    order = np.argsort(owner, kind="stable")
    parts: list[Numbers] = []
    waiting: list[Numbers] = []
    for items in np.split(order, np.flatnonzero(np.diff(owner[order])) + 1):
        if len(items) > most:
            inner = split_items(vectors.taken(items), len(items), threshold + STEP, most)
            parts += map(items.__getitem__, inner)
            continue
        if sum(map(len, waiting)) + len(items) > most:
            parts.append(np.sort(np.concatenate(waiting)))
            waiting = []
        waiting.append(items)
    return [*parts, np.sort(np.concatenate(waiting))] if waiting else parts


def product_blocks(
    left: Vectors, right: Vectors, left_size: int, right_size: int, most_pairs: int
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield blocks of the products of each left vector with each right vector, and the first row of
    each block. A term that more than ``most_pairs`` pairs share is left out.
    """
    order = np.argsort(right.terms, kind="stable")
    right_terms, right_rows = right.terms[order], right.rows[order]
    right_values = right.values[order].astype(np.float64)
    terms, inverse, counts = np.unique(left.terms, return_inverse=True, return_counts=True)
    starts, ends = np.searchsorted(right_terms, terms), np.searchsorted(right_terms, terms, "right")
    lengths = np.where(counts * (ends - starts) <= most_pairs, ends - starts, 0)
    is_used = lengths[inverse] > 0
    rows, values, cells = left.rows[is_used], left.values[is_used], inverse[is_used]
    step = max(_BLOCK // max(right_size, 1), 1)
    for first in range(0, left_size, step):
        height = min(step, left_size - first)
        part = slice(*np.searchsorted(rows, (first, first + height)).tolist())
        sources, hits = expand(starts[cells[part]], lengths[cells[part]])
        places = ((rows[part] - first) * right_size)[sources] + right_rows[hits]
        weights = values[part][sources] * right_values[hits]
        sums = np.asarray(np.bincount(places, weights, height * right_size), np.float64)
        yield first, sums.reshape(height, right_size)


def flatten(lists: Iterable[Sequence[int] | Numbers]) -> tuple[Numbers, Numbers]:
    """Return the numbers in some lists, and before them the number of the list of each."""
    found = [np.asarray(numbers, np.int64) for numbers in lists]
    rows = np.repeat(np.arange(len(found)), [*map(len, found)])
    return rows, np.concatenate([np.zeros(0, np.int64), *found])


def expand(starts: Numbers, lengths: Numbers) -> tuple[Numbers, Numbers]:
    """Return all places of some ranges, and before them the number of the range of each."""
    sources = np.repeat(np.arange(len(starts)), lengths)
    return sources, np.arange(len(sources)) + (starts - np.cumsum(lengths) + lengths)[sources]


def join_likely(log_odds: Floats, growth: Callable[[Floats], Floats]) -> list[int]:
    """Return the group of each item, numbered by its first item.

    The two groups with the highest mean log odds of their pairs, plus the ``growth`` for the size
    of the larger one, become one, again and again, as long as this is positive; of equal pairs, the
    first.
    """
    size = len(log_odds)
    sums = log_odds.copy()
    owner, best = np.arange(size), np.zeros(size, np.int64)
    counts, value = np.ones(size, np.float32), np.full(size, -np.inf, np.float32)
    is_gone = np.zeros(size, bool)

    def scores(rows: Numbers) -> Floats:
        mine = counts[rows, None]
        found: Floats = sums[rows] / (mine * counts) + growth(np.maximum(mine, counts))
        found[:, is_gone] = -np.inf
        found[np.arange(len(rows)), rows] = -np.inf
        return found

    def find_best(rows: Numbers) -> None:
        found = scores(rows)
        best[rows] = found.argmax(axis=1)
        value[rows] = found[np.arange(len(rows)), best[rows]]

    for first in range(0, size, _ROWS):
        find_best(owner[first : first + _ROWS])
    while size and value[first := int(value.argmax())] > 0:
        kept, gone = sorted((first, int(best[first])))
        counts[kept] += counts[gone]
        sums[kept] += sums[gone]
        sums[:, kept] = sums[kept]
        owner[owner == gone] = kept
        is_gone[gone], value[gone] = True, -np.inf
        joined = scores(np.array([kept]))[0]
        is_lost = ~is_gone & ((best == kept) | (best == gone))
        is_lost[kept] = True
        find_best(np.flatnonzero(is_lost))
        is_nearer = ~is_gone & (joined > value)
        best[is_nearer], value[is_nearer] = kept, joined[is_nearer]
    return [*map(int, owner)]
