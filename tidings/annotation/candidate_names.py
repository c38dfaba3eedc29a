"""Find the character sequences, or the names of several capitalised words, that recur in texts
without evidence beside them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tidings.annotation.candidates import CLAUSE, MAX_SIGNS, MAX_WORDS, WORD, replace_surrogates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidings.base.languages.bounds import SignBounds, WordBounds

MIN_TEXTS = 3
MIN_NAME_LENGTH = 3  # characters; shorter sequences are ordinary words
_PART = 0.8  # a sequence is part of a longer one if the longer one has this share of its texts
_FIRST_SIGN, _LAST_SIGN = 0x3400, 0x9FFF

_CAPITALS = re.compile(r"[A-ZÀ-ÖØ-Þ][^.!?]{0,60}?\s[A-ZÀ-ÖØ-Þ]")


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


class WordNameFinder:
    """Find recurring names of two to five words within the bounds of a language, such as Charter of
    Blue Harbour.
    """

    def __init__(self, bounds: WordBounds, titles: frozenset[str]) -> None:
        self._bounds = bounds
        self._titles = titles  # lower case

    def find(self, texts: Sequence[str]) -> list[str]:
        """Return the names in at least MIN_TEXTS texts, in order. A name after a title belongs
        to a person and is left out.
        """
        places: defaultdict[str, set[int]] = defaultdict(set)
        people: set[str] = set()
        for number, text in enumerate(texts):
            for name, is_titled in self._read(text):
                places[name].add(number)
                if is_titled:
                    people.add(name)
        return sorted(
            name for name, where in places.items() if len(where) >= MIN_TEXTS and name not in people
        )

    def _read(self, text: str) -> Iterator[tuple[str, bool]]:
        """Yield the names in a text, and whether a title precedes each. The first word of a clause
        belongs to no name.
        """
        for clause in CLAUSE.finditer(text):
            if not _CAPITALS.search(clause[0]):
                continue
            words = list(WORD.finditer(clause[0]))
            place = 1
            while place < len(words):
                end = self._end(words, place)
                if 1 < end - place <= MAX_WORDS:
                    named = clause[0][words[place].start() : words[end - 1].end()]
                    tokens = [word[0].lower() for word in words[place - 1 : end]]
                    if self._bounds.bodies.isdisjoint(tokens) and "  " not in named:
                        yield named, not self._titles.isdisjoint(tokens)
                place = max(end, place + 1)

    def _end(self, words: Sequence[re.Match[str]], start: int) -> int:
        """Return the place after the last word of the name that begins at a word, or the word's own
        place if none does.
        """
        end = place = start
        while place < len(words) and place - end < 3:
            word = words[place][0]
            if word[0].isupper() and word.lower() not in self._bounds.stops:
                end = place + 1
            elif end == start or word.lower() not in self._bounds.inner:
                break
            place += 1
        return end
