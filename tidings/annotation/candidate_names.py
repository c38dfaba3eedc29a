"""Find the character sequences that recur in texts of a language that writes no spaces, without
evidence beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tidings.annotation.candidate_evidence import replace_surrogates
from tidings.annotation.candidate_unspaced import MAX_SIGNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidings.base.languages.bounds import SignBounds

MIN_TEXTS = 3
MIN_NAME_LENGTH = 3  # characters; shorter sequences are ordinary words
_PART = 0.8  # a sequence is part of a longer one if the longer one has this share of its texts
_FIRST_SIGN, _LAST_SIGN = 0x3400, 0x9FFF


class NameFinder:
    """Find recurring names within the bounds of a language."""

    def __init__(self, bounds: SignBounds, verbs: Sequence[str]) -> None:
        self._bounds = bounds
        self._long_verbs = tuple(verb for verb in verbs if len(verb) > 1)
        self._verbs = [verb for verb in self._long_verbs if verb not in bounds.nominal]

    def find(self, texts: Sequence[str]) -> list[str]:
        """Return the sequences in at least MIN_TEXTS texts that no longer sequence mostly
        contains, in order.

        A sequence has a free end on each side somewhere: punctuation, another script or a function
        word.
        """
        text = replace_surrogates(
            "\n" + "\n".join(text.replace("\n", " ") for text in texts) + "\n"
        )
        signs = np.frombuffer(text.encode("utf-32-le"), np.uint32)
        is_inner = (signs >= _FIRST_SIGN) & (signs <= _LAST_SIGN)
        for match in self._bounds.stop.finditer(text):
            is_inner[match.start() : match.end()] = False
        number = np.cumsum(signs == ord("\n"))
        return sorted(
            {
                text[start:end]
                for start, end in _recurring(signs, is_inner, number)
                if self._may_be_name(text, start, end)
            }
        )

    def _may_be_name(self, text: str, start: int, end: int) -> bool:
        key, bounds = text[start:end], self._bounds
        if bounds.left.match(key) or bounds.right.match(key, len(key)):
            return False
        if bounds.not_named.search(key) or any(word in key for word in bounds.light):
            return False
        if key.startswith(self._long_verbs) and not bounds.noun.match(key):
            return False
        return not any(verb in key for verb in self._verbs)


class _Level(NamedTuple):
    """The sequences of one length: the places where they begin, the number of each, and the texts
    of each number.
    """

    length: int
    places: Any
    codes: Any
    counts: Any


def _recurring(signs: Any, is_inner: Any, number: Any) -> Iterator[tuple[int, int]]:
    """Yield the place of one occurrence of each sequence that recurs and that no longer sequence
    mostly contains.
    """
    places = np.flatnonzero(is_inner)
    codes, shorter = signs[places].astype(np.int64), None
    for length in range(1, MAX_SIGNS + 2):
        codes = np.unique(codes, return_inverse=True)[1]
        level = _Level(length, places, codes, _count_texts(codes, number[places]))
        if shorter is not None and shorter.length >= MIN_NAME_LENGTH:
            yield from _unextended(shorter, level, is_inner)
        is_frequent = level.counts[codes] >= MIN_TEXTS
        places, codes = places[is_frequent], codes[is_frequent]
        shorter = _Level(length, places, codes, level.counts)
        if not len(places):
            return
        is_followed = np.append(np.diff(places) == 1, [False])
        codes = codes[is_followed] * (codes.max() + 1) + codes[1:][is_followed[:-1]]
        places = places[is_followed]


def _unextended(level: _Level, longer: _Level, is_inner: Any) -> Iterator[tuple[int, int]]:
    """Yield the sequences of a length that have two free ends and few texts with the same longer
    sequence.
    """
    most = np.zeros(len(level.counts), np.int64)
    at = np.searchsorted(level.places, longer.places)
    np.maximum.at(most, level.codes[at], longer.counts[longer.codes])
    np.maximum.at(most, level.codes[at + 1], longer.counts[longer.codes])
    is_free_left, is_free_right = (np.zeros(len(level.counts), bool) for _ in range(2))
    is_free_left[level.codes[~is_inner[level.places - 1]]] = True
    is_free_right[level.codes[~is_inner[level.places + level.length]]] = True
    codes, first = np.unique(level.codes, return_index=True)
    is_name = (
        is_free_left[codes] & is_free_right[codes] & (most[codes] < _PART * level.counts[codes])
    )
    for start in level.places[first[is_name]]:
        yield int(start), int(start) + level.length


def _count_texts(codes: Any, number: Any) -> Any:
    """Return the number of texts with each code."""
    texts = int(number.max(initial=0)) + 1
    return np.bincount(np.unique(codes * texts + number) // texts)
