"""Join similar items into groups by the cosine of their centroids, from sparse unit vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Numbers = NDArray[np.int64]

MOST_PAIRS = 1_000_000
"""A term that more pairs of items share decides little and is left out, so that no term is expensive."""
_LEAST = 1e-9
"""Least square of a group: an item may have no terms, and penalties may make a sum negative."""


class Vectors(NamedTuple):
    """Sparse vectors: the row, term and value of each cell, in order of rows."""

    rows: Numbers
    terms: Numbers
    values: Floats

    def scaled(self, size: int) -> Vectors:
        """Return the vectors with length 1."""
        squares = np.bincount(self.rows, np.square(self.values, dtype=np.float64), size)
        lengths = np.sqrt(np.maximum(squares, 1e-12))[self.rows]
        return self._replace(values=(self.values / lengths).astype(np.float32))

    def shared(self) -> Vectors:
        """Return the cells of terms that several cells have."""
        _, inverse, counts = np.unique(self.terms, return_inverse=True, return_counts=True)
        is_shared = counts[inverse] > 1
        return Vectors(self.rows[is_shared], self.terms[is_shared], self.values[is_shared])

    def by_term(self) -> tuple[Vectors, Numbers, Numbers]:
        """Return the vectors in order of terms, the terms, and the first cell of each, followed by the number of cells."""
        order = np.lexsort((self.rows, self.terms))
        terms, starts = np.unique(self.terms[order], return_index=True)
        ordered = Vectors(self.rows[order], self.terms[order], self.values[order])
        return ordered, terms, np.append(starts, len(order))


def products(left: Vectors, right: Vectors, left_size: int, right_size: int, most_pairs: int = MOST_PAIRS) -> Floats:
    """Return the products of each left vector with each right vector, from the lists of rows of each term.

    A term that more than ``most_pairs`` pairs share is left out.
    """
    result = np.zeros((left_size, right_size), np.float32)
    left, left_terms, left_ends = left.by_term()
    right, right_terms, right_ends = right.by_term()
    _, here, there = np.intersect1d(left_terms, right_terms, assume_unique=True, return_indices=True)
    spans = np.stack([left_ends[here], left_ends[here + 1], right_ends[there], right_ends[there + 1]], axis=1)
    sizes = (spans[:, 1] - spans[:, 0]) * (spans[:, 3] - spans[:, 2])
    for start, end, begin, stop in spans[sizes <= most_pairs].tolist():
        part = left.values[start:end, None] * right.values[begin:stop]
        result[left.rows[start:end, None], right.rows[begin:stop]] += part
    return result


def join_similar(products: Floats, threshold: float) -> list[int]:
    """Return the group of each item, as the number of its first item.

    Again and again, the two groups whose sums of vectors have the highest cosine are joined, while it is at least the threshold.
    Of equal pairs, the first is joined, so the result depends only on the order of the items.

    Args:
        products: The products of all pairs of vectors; the products of a vector with itself are positive.
        threshold: The lowest cosine.
    """
    size = len(products)
    sums = products.copy()
    squares = np.maximum(np.diag(sums), _LEAST)
    lengths = np.sqrt(squares)
    cosines = sums / lengths / lengths[:, None]
    np.fill_diagonal(cosines, -np.inf)
    owner = np.arange(size)
    best = cosines.argmax(axis=1) if size else owner
    value = cosines[np.arange(size), best]
    while size and value[first := int(value.argmax())] >= threshold:
        kept, gone = sorted((first, int(best[first])))
        squares[kept] = max(squares[kept] + squares[gone] + 2 * sums[kept, gone], _LEAST)
        sums[kept] += sums[gone]
        sums[:, kept] = sums[kept]
        owner[owner == gone] = kept
        is_kept = value > -np.inf
        is_kept[[kept, gone]] = False
        joined = np.where(is_kept, sums[kept] / np.sqrt(squares[kept] * squares), -np.inf)
        cosines[kept], cosines[:, kept] = joined, joined
        cosines[gone], cosines[:, gone], value[gone] = -np.inf, -np.inf, -np.inf
        lost = is_kept & ((best == kept) | (best == gone))
        lost[kept] = True
        best[lost] = cosines[lost].argmax(axis=1)
        value[lost] = cosines[lost, best[lost]]
        nearer = is_kept & (joined > value)
        best[nearer], value[nearer] = kept, joined[nearer]
    return [int(group) for group in owner]
