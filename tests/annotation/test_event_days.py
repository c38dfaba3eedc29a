"""Tests of the log odds of texts that report one event."""

from __future__ import annotations

import numpy as np
import pytest

from tidings.annotation.event_days import IS_NAME, compare
from tidings.annotation.linkage import MAX_PAIRS, Vectors

FLAG_BITS = 2**8  # terms of texts have a number above the bits of their flags


def texts(*names: int) -> Vectors:
    """Return texts that share nine terms and have one repeated name each."""
    rows, terms = [], []
    for row, name in enumerate(names):
        own = [FLAG_BITS * number for number in (*range(1, 10), name)]
        rows += [row] * 11
        terms += [*own, FLAG_BITS * name | IS_NAME]
    return Vectors(np.array(rows), np.array(terms), np.full(len(rows), 6.0))


@pytest.mark.parametrize("size", [4, 2**16])
def test_each_block_compares_the_names_of_its_own_texts(size: int) -> None:
    """A block has one or two rows among many, and the log odds of one block."""
    left = texts(20, 21, 20, 22)
    blocks = compare(left, left, ["en"] * 4, size, MAX_PAIRS)
    odds = np.concatenate([*blocks])[:, :4]
    same = odds[0, 0]
    assert odds[[0, 2, 1, 3], [2, 0, 1, 3]].tolist() == [same] * 4
    assert (odds[[0, 1, 2, 3], [1, 2, 3, 0]] < same - 0.5).all()
