"""Find the character sequences that recur in texts of a language that writes no spaces, without evidence beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tidings.transforms.text.candidate_unspaced import MOST_SIGNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidings.languages.bounds import SignBounds

FEWEST_TEXTS = 3
SHORTEST_NAME = 3  # characters; shorter sequences are ordinary words
_PART = 0.6  # a sequence is part of a longer one if the longer one has this share of its texts
_FIRST_SIGN, _LAST_SIGN = 0x3400, 0x9FFF


class NameFinder:
    """Find recurring names within the bounds of a language."""

    def __init__(self, bounds: SignBounds, verbs: Sequence[str]) -> None:
        self._bounds = bounds
        self._long_verbs = tuple(verb for verb in verbs if len(verb) > 1)
        self._verbs = [verb for verb in self._long_verbs if verb not in bounds.nominal]

    def find(self, texts: Sequence[str]) -> list[str]:
        """Return the sequences in at least FEWEST_TEXTS texts that no longer sequence mostly contains, in order.

        A sequence has a free end on each side somewhere: punctuation, another script or a function word.
        """
        text = "\n" + "\n".join(sign.replace("\n", " ") for sign in texts) + "\n"
        signs = np.frombuffer(text.encode("utf-32-le"), np.uint32)
        is_inner = (signs >= _FIRST_SIGN) & (signs <= _LAST_SIGN)
        for match in self._bounds.stop.finditer(text):
            is_inner[match.start() : match.end()] = False
        number = np.cumsum(signs == ord("\n"))
        return sorted({text[start:end] for start, end in _recurring(signs, is_inner, number) if self._may_be_name(text, start, end)})

    def _may_be_name(self, text: str, start: int, end: int) -> bool:
        key, bounds = text[start:end], self._bounds
        if bounds.left.match(key) or bounds.right.match(key, len(key)):
            return False
        if bounds.not_named.search(key) or any(word in key for word in bounds.light):
            return False
        if key.startswith(self._long_verbs) and not bounds.noun.match(key):
            return False
        return not any(verb in key for verb in self._verbs)


def _recurring(signs: Any, is_inner: Any, number: Any) -> Iterator[tuple[int, int]]:
    """Yield the place of one occurrence of each sequence that recurs and that no longer sequence mostly contains."""
    place = np.flatnonzero(is_inner)
    codes = signs[place].astype(np.int64)
    length = 1
    before: tuple[Any, ...] = ()
    while len(place) and length < MOST_SIGNS + 2:
        _, codes, _ = _distinct(codes)
        counts = _count_texts(codes, number[place])
        if before:
            yield from _unextended(before, place, codes, counts, is_inner, length - 1)
        is_frequent = counts[codes] >= FEWEST_TEXTS
        place, codes = place[is_frequent], codes[is_frequent]
        before = (place, codes, counts)
        next_to = np.searchsorted(place, place + 1)
        has_next = (next_to < len(place)) & (place[np.minimum(next_to, len(place) - 1)] == place + 1)
        codes = codes[has_next] * (codes.max(initial=0) + 1) + codes[next_to[has_next]]
        place = place[has_next]
        length += 1


def _unextended(before: tuple[Any, ...], place: Any, codes: Any, counts: Any, is_inner: Any, length: int) -> Iterator[tuple[int, int]]:
    """Yield the sequences of a length that have two free ends and few texts with the same longer sequence."""
    if length < SHORTEST_NAME or length > MOST_SIGNS:
        return
    places, parts, part_counts = before
    longest = np.zeros(len(part_counts), np.int64)
    at = np.searchsorted(places, place)
    np.maximum.at(longest, parts[at], counts[codes])
    np.maximum.at(longest, parts[at + 1], counts[codes])
    is_free_left, is_free_right = (np.zeros(len(part_counts), bool) for _ in range(2))
    is_free_left[parts[~is_inner[places - 1]]] = True
    is_free_right[parts[~is_inner[places + length]]] = True
    found, first = np.unique(parts, return_index=True)
    is_name = is_free_left[found] & is_free_right[found] & (longest[found] < _PART * part_counts[found])
    for start in places[first[is_name]]:
        yield int(start), int(start) + length


def _distinct(codes: Any) -> tuple[Any, Any, int]:
    values, inverse = np.unique(codes, return_inverse=True)
    return values, inverse, len(values)


def _count_texts(codes: Any, number: Any) -> Any:
    """Return the number of texts with each code."""
    texts = int(number.max(initial=0)) + 1
    return np.bincount(np.unique(codes * texts + number) // texts)
