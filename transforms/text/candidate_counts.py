"""Count given candidates and their parts in texts, with the neighbours of each candidate."""

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
"""The neighbour of a sequence that ends at punctuation, a function word or a policy verb. Each occurrence counts as different."""

_TOKEN = re.compile(rf"[^\W_]+|[{re.escape(CLAUSE_SIGNS)}]")


class Place(NamedTuple):
    """A candidate in a text, listed once per text, with the neighbours of its first occurrence.

    ``is_whole``: at least one occurrence has FREE on both sides.
    """

    key: str
    left: str
    right: str
    is_whole: bool


class TextCounts(NamedTuple):
    """The candidates in a text, and the numbers in ``Counter.texts`` of its candidates and parts, each once."""

    places: list[Place]
    numbers: list[int]


class Counter:
    """Find candidates of one language and their parts. The counts of the parts show whether a candidate is a fixed phrase."""

    def __init__(self, keys: Iterable[str], code: str, verbs: Iterable[str]) -> None:
        bounds = language(code).bounds
        self.is_unspaced = isinstance(bounds, SignBounds)
        whole = sorted(set(keys))
        parts = {part for key in whole for pair in split_key(key, is_unspaced=self.is_unspaced) for part in pair}
        self.texts = [*whole, *sorted(parts - set(whole))]
        self._count = len(whole)
        if isinstance(bounds, SignBounds):
            self._stop, self._noun = bounds.stop, bounds.noun
            self._free_words = tuple({*verbs, *bounds.light})
        else:
            self._free = frozenset(CLAUSE_SIGNS) | bounds.stops

    @cached_property
    def _search(self) -> ahocorasick_rs.AhoCorasick:
        return ahocorasick_rs.AhoCorasick(self.texts if self.is_unspaced else [f" {text} " for text in self.texts])

    def find(self, text: str) -> TextCounts:
        """Return the candidates and parts that occur in a text."""
        if not self.texts:
            return TextCounts([], [])
        if not self.is_unspaced:
            text = f" {' '.join(_TOKEN.findall(text.lower()))} "
        matches = self._search.find_matches_as_indexes(text, overlapping=True)
        left_of, right_of = (self._left_sign, self._right_sign) if self.is_unspaced else (self._left_word, self._right_word)
        beside: dict[int, tuple[str, str]] = {}
        whole: set[int] = set()
        for number, start, end in matches:
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
        return TextCounts(places, list({number for number, _, _ in matches}))

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
    """Return the offsets of a candidate's first occurrence in a text, or None if it does not occur."""
    if code in WITHOUT_SPACES:
        start = text.find(key)
        return (start, start + len(key)) if start >= 0 else None
    between = rf"(?:_|[^\w{re.escape(CLAUSE_SIGNS)}])+"
    match = re.search(rf"(?<![^\W_]){between.join(map(re.escape, key.split()))}(?![^\W_])", text, re.IGNORECASE)
    return match.span() if match else None


def split_key(key: str, *, is_unspaced: bool) -> list[tuple[str, str]]:
    """Return all splits of a key into two parts of at least two characters, or at least one word."""
    if is_unspaced:
        return [(key[:cut], key[cut:]) for cut in range(2, len(key) - 1)]
    tokens = key.split()
    return [(" ".join(tokens[:cut]), " ".join(tokens[cut:])) for cut in range(1, len(tokens))]
