"""Collect items into batches, so that many are written together and few are in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def batches(
    items: Iterable[T], size: int, weight_of: Callable[[T], int] = lambda _: 0, weight: int = 1
) -> Iterator[list[T]]:
    """Yield the items in lists, none of them empty, which end with ``size`` items or as soon as
    their items weigh ``weight``.
    """
    batch: list[T] = []
    total = 0
    for item in items:
        batch.append(item)
        total += weight_of(item)
        if len(batch) >= size or total >= weight:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch
