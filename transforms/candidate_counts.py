"""Count given candidates in texts: where they stand, with evidence or without, what stands beside them, and their parts."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import ahocorasick_rs

from transforms.candidate_words import BOUNDS, CLAUSE_SIGNS, GENERAL, WIDE_LIGHT, WIDE_NOUN, WIDE_STOP
from transforms.speakers import WIDE

if TYPE_CHECKING:
    from collections.abc import Iterable

FREE = ""
"""The neighbour where a sequence ends freely: at a sign, a small word, a policy verb. Each such place is one of its own."""

_TOKEN = re.compile(rf"[^\W_]+|[{re.escape(CLAUSE_SIGNS)}]")
_SIGNS = frozenset(CLAUSE_SIGNS)


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

    def __init__(self, keys: Iterable[str], language: str, verbs: Iterable[str]) -> None:
        self.is_wide = language in WIDE
        self._stops = BOUNDS.get(language, GENERAL).stops
        whole = sorted(set(keys))
        parts = {part for key in whole for one in split_key(key, is_wide=self.is_wide) for part in one}
        self.texts = [*whole, *sorted(parts - set(whole))]
        self._count = len(whole)
        self._free_words = tuple({*verbs, *WIDE_LIGHT})

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
        beside = self._beside_signs if self.is_wide else self._beside_words
        places: dict[int, Place] = {}
        for number, start, end in found:
            if number < self._count:
                known = places.get(number)
                if known is None or not known.is_whole:
                    left, right = beside(text, start, end)
                    is_whole = left == right == FREE
                    places[number] = (
                        known._replace(is_whole=is_whole) if known else Place(self.texts[number], left, right, is_whole)
                    )
        return Found(list(places.values()), list({number for number, _, _ in found}))

    def _beside_signs(self, text: str, start: int, end: int) -> tuple[str, str]:
        left, right = text[start - 1 : start], text[end : end + 1]
        is_after_word = text.endswith(self._free_words, max(0, start - 4), start) and not WIDE_NOUN.match(text, max(0, start - 2))
        if is_after_word or not left.isalnum() or WIDE_STOP.match(text, start - 1):
            left = FREE
        if not right.isalnum() or WIDE_STOP.match(text, end) or text.startswith(self._free_words, end):
            right = FREE
        return left, right

    def _beside_words(self, text: str, start: int, end: int) -> tuple[str, str]:
        left = text[text.rfind(" ", 0, start) + 1 : start]
        right = text[end : text.find(" ", end)] if end < len(text) else ""
        return (
            FREE if left in _SIGNS or left in self._stops else left,
            FREE if right in _SIGNS or right in self._stops else right,
        )


def locate(text: str, key: str, language: str) -> tuple[int, int] | None:
    """Return the offsets of a candidate's first occurrence in a text; None: it does not hold it."""
    if language in WIDE:
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
