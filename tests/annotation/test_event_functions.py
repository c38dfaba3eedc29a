"""The SQL functions that find events give the same result in every thread."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tidings.annotation import event_functions

if TYPE_CHECKING:
    import pytest


def test_months_that_are_prepared_at_once_have_separate_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two threads that prepare the words of two months at the same time receive different
    tokens.
    """
    both_began = threading.Barrier(2, timeout=10)

    def numbers(_column: object, _row: int) -> object:
        both_began.wait()
        return np.zeros(1, np.int64)

    monkeypatch.setattr(event_functions, "_numbers", numbers)
    words = event_functions._KnownWords()
    languages, cells = pa.array([["en"]]), pa.array([[1]], pa.list_(pa.uint32()))
    with ThreadPoolExecutor(2) as pool:
        months = [pool.submit(words.prepare, languages, cells, cells, cells) for _ in range(2)]
    assert len({month.result().to_pylist()[0] for month in months}) == 2
