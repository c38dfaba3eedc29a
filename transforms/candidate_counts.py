"""Count given candidates in texts: every occurrence, with or without evidence, and what stands beside it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import ahocorasick_rs

from transforms.candidate_words import BOUNDS, GENERAL, WIDE_LIGHT, WIDE_STOPS
from transforms.speakers import WIDE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FREE = ""
"""The neighbour where a sequence ends freely: at a sign, a small word, a policy verb. Each such place is one of its own."""


class Place(NamedTuple):
    """A candidate, or a part of one, in a text: once a text, with the neighbours of its first occurrence.

    ``start`` and ``end`` are offsets into the text as given; None for parts, which are only counted.
    """

    key: str
    left: str
    right: str
    start: int | None
    end: int | None


class Counter:
    """Candidates of one language made ready for counting, and their parts, from whose counts follows whether they cohere."""

    def __init__(self, keys: Iterable[str], language: str, verbs: Iterable[str]) -> None:
        self.is_wide = language in WIDE
        self._bounds = BOUNDS.get(language, GENERAL)
        self._keys = frozenset(keys)
        self._texts = sorted(
            self._keys | {part for key in self._keys for one in split_key(key, is_wide=self.is_wide) for part in one}
        )
        self._verbs = tuple(verbs)

    @cached_property
    def _search(self) -> ahocorasick_rs.AhoCorasick:
        return ahocorasick_rs.AhoCorasick(self._texts if self.is_wide else [f" {text} " for text in self._texts])

    @cached_property
    def _free_left(self) -> re.Pattern[str]:
        return re.compile(f"(?:{'|'.join(map(re.escape, [*self._verbs, *WIDE_LIGHT]))})$")

    @cached_property
    def _free_right(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, [*self._verbs, *WIDE_LIGHT])))

    def find(self, text: str) -> list[Place]:
        """Return which candidates and parts a text holds."""
        if not self._texts:
            return []
        return list(self._find_wide(text) if self.is_wide else self._find_spaced(text))

    def _find_wide(self, text: str) -> Iterator[Place]:
        seen: set[int] = set()
        for index, start, end in self._search.find_matches_as_indexes(text, overlapping=True):
            if index in seen:
                continue
            seen.add(index)
            key = self._texts[index]
            if key not in self._keys:
                yield Place(key, FREE, FREE, None, None)
                continue
            left, right = text[start - 1 : start], text[end : end + 1]
            is_left_free = not left.isalnum() or left in WIDE_STOPS or self._free_left.search(text[max(0, start - 4) : start])
            is_right_free = not right.isalnum() or right in WIDE_STOPS or self._free_right.match(text[end : end + 4])
            yield Place(key, FREE if is_left_free else left, FREE if is_right_free else right, start, end)

    def _find_spaced(self, text: str) -> Iterator[Place]:
        words = [(found.group().lower(), found.start(), found.end()) for found in re.finditer(r"[^\W_]+", text)]
        starts: dict[int, int] = {}
        place = 1
        for number, (word, _, _) in enumerate(words):
            starts[place] = number
            place += len(word) + 1
        joined = f" {' '.join(word for word, _, _ in words)} "
        seen: set[int] = set()
        for index, start, _ in self._search.find_matches_as_indexes(joined, overlapping=True):
            if index in seen:
                continue
            seen.add(index)
            key = self._texts[index]
            if key not in self._keys:
                yield Place(key, FREE, FREE, None, None)
                continue
            first = starts[start + 1]
            last = first + key.count(" ")
            yield Place(
                key, self._beside(text, words, first, -1), self._beside(text, words, last, 1), words[first][1], words[last][2]
            )

    def _beside(self, text: str, words: list[tuple[str, int, int]], number: int, step: int) -> str:
        other = number + step
        if not 0 <= other < len(words):
            return FREE
        between = text[words[min(number, other)][2] : words[max(number, other)][1]]
        word = words[other][0]
        return FREE if re.search(r"[^\s'-]", between) or word in self._bounds.stops else word


def split_key(key: str, *, is_wide: bool) -> list[tuple[str, str]]:
    """Return the ways in which a key falls into two parts: signs at least two a part, words at least one."""
    if is_wide:
        return [(key[:cut], key[cut:]) for cut in range(2, len(key) - 1)]
    tokens = key.split()
    return [(" ".join(tokens[:cut]), " ".join(tokens[cut:])) for cut in range(1, len(tokens))]
