"""Count given candidates in texts: where they stand, with evidence or without, what stands beside them, and their parts."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import ahocorasick_rs

from tidings.languages import WITHOUT_SPACES, language
from tidings.languages.bounds import SignBounds
from tidings.transforms.text.candidate_evidence import CLAUSE_SIGNS

if TYPE_CHECKING:
    from collections.abc import Iterable

FREE = ""
"""The neighbour where a sequence ends freely: at a sign, a small word, a policy verb. Each such place is one of its own."""

_TOKEN = re.compile(rf"[^\W_]+|[{re.escape(CLAUSE_SIGNS)}]")


class Place(NamedTuple):
    """A candidate in a text: once a text, with the neighbours of its first occurrence.

    ``is_whole``: one occurrence at least ends freely on both sides.
    """

    key: str
    left: str
    right: str
    is_whole: bool


class Found(NamedTuple):
    """What a text holds: candidates, and the numbers in ``Counter.texts`` of the candidates and parts, each once."""

    places: list[Place]
    numbers: list[int]


class Counter:
    """Candidates of one language made ready for counting, and their parts, from whose counts follows whether they cohere."""

    def __init__(self, keys: Iterable[str], code: str, verbs: Iterable[str]) -> None:
        bounds = language(code).bounds
        self.is_wide = isinstance(bounds, SignBounds)
        whole = sorted(set(keys))
        parts = {part for key in whole for one in split_key(key, is_wide=self.is_wide) for part in one}
        self.texts = [*whole, *sorted(parts - set(whole))]
        self._count = len(whole)
        if isinstance(bounds, SignBounds):
            self._stop, self._noun = bounds.stop, bounds.noun
            self._free_words = tuple({*verbs, *bounds.light})
        else:
            self._free = frozenset(CLAUSE_SIGNS) | bounds.stops

    @cached_property
    def _search(self) -> ahocorasick_rs.AhoCorasick:
        return ahocorasick_rs.AhoCorasick(self.texts if self.is_wide else [f" {text} " for text in self.texts])

    def find(self, text: str) -> Found:
        """Return which candidates and parts a text holds."""
        if not self.texts:
            return Found([], [])
        if not self.is_wide:
            text = f" {' '.join(_TOKEN.findall(text.lower()))} "
        found = self._search.find_matches_as_indexes(text, overlapping=True)
        left_of, right_of = (self._left_sign, self._right_sign) if self.is_wide else (self._left_word, self._right_word)
        beside: dict[int, tuple[str, str]] = {}
        whole: set[int] = set()
        for number, start, end in found:
            if number >= self._count or number in whole:
                continue
            left = left_of(text, start)
            if number in beside and left != FREE:
                continue
            right = right_of(text, end)
            beside.setdefault(number, (left, right))
            if left == right == FREE:
                whole.add(number)
        places = [Place(self.texts[number], left, right, number in whole) for number, (left, right) in beside.items()]
        return Found(places, list({number for number, _, _ in found}))

    def _left_sign(self, text: str, start: int) -> str:
        sign = text[start - 1 : start]
        if not sign.isalnum() or self._stop.match(text, start - 1):
            return FREE
        is_behind_word = text.endswith(self._free_words, max(0, start - 4), start) and not self._noun.match(
            text, max(0, start - 2)
        )
        return FREE if is_behind_word else sign

    def _right_sign(self, text: str, end: int) -> str:
        sign = text[end : end + 1]
        is_free = not sign.isalnum() or self._stop.match(text, end) or text.startswith(self._free_words, end)
        return FREE if is_free else sign

    def _left_word(self, text: str, start: int) -> str:
        word = text[text.rfind(" ", 0, start) + 1 : start]
        return FREE if word in self._free else word

    def _right_word(self, text: str, end: int) -> str:
        word = text[end : text.find(" ", end)] if end < len(text) else FREE
        return FREE if word in self._free else word


def locate(text: str, key: str, code: str) -> tuple[int, int] | None:
    """Return the offsets of a candidate's first occurrence in a text; None: it does not hold it."""
    if code in WITHOUT_SPACES:
        start = text.find(key)
        return (start, start + len(key)) if start >= 0 else None
    between = rf"(?:_|[^\w{re.escape(CLAUSE_SIGNS)}])+"
    found = re.search(rf"(?<![^\W_]){between.join(map(re.escape, key.split()))}(?![^\W_])", text, re.IGNORECASE)
    return found.span() if found else None


def split_key(key: str, *, is_wide: bool) -> list[tuple[str, str]]:
    """Return the ways in which a key falls into two parts: signs at least two a part, words at least one."""
    if is_wide:
        return [(key[:cut], key[cut:]) for cut in range(2, len(key) - 1)]
    tokens = key.split()
    return [(" ".join(tokens[:cut]), " ".join(tokens[cut:])) for cut in range(1, len(tokens))]
