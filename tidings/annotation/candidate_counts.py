"""Find given candidates in texts, with the neighbours of each candidate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import ahocorasick_rs

from tidings.annotation.candidates import CLAUSE_SIGNS, replace_surrogates
from tidings.annotation.languages import language
from tidings.base.languages import WITHOUT_SPACES
from tidings.base.languages.bounds import SignBounds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidings.base.languages.bounds import WordBounds

FREE = ""
"""The neighbour of a sequence at punctuation, a function word, or behind a policy verb."""

_TOKEN = re.compile(rf"[^\W_]+|[{re.escape(CLAUSE_SIGNS)}]")


class Counter:
    """Find candidates of one language."""

    def __init__(self, keys: Iterable[str], code: str, verbs: Iterable[str]) -> None:
        bounds = language(code).bounds
        self._keys = sorted(set(keys))
        if isinstance(bounds, SignBounds):
            self._edges: _SignEdges | _WordEdges = _SignEdges(bounds, verbs)
            self._search = ahocorasick_rs.AhoCorasick(self._keys)
        else:
            self._edges = _WordEdges(bounds)
            self._search = ahocorasick_rs.AhoCorasick([f" {key} " for key in self._keys])

    def find(self, text: str) -> list[tuple[str, str, str, bool]]:
        """Return the candidates in a text, each with the neighbours of its first occurrence, and
        whether at least one occurrence has FREE on both sides.
        """
        text = self._edges.prepare(replace_surrogates(text))
        beside: dict[int, tuple[str, str]] = {}
        whole: set[int] = set()
        for number, start, end in self._search.find_matches_as_indexes(text, overlapping=True):
            if number in whole:
                continue
            left = self._edges.left(text, start)
            if number in beside and left != FREE:
                continue
            right = self._edges.right(text, end)
            beside.setdefault(number, (left, right))
            if left == right == FREE:
                whole.add(number)
        return [(self._keys[number], *sides, number in whole) for number, sides in beside.items()]


class _SignEdges:
    """The neighbours of a place in a language that separates no words with spaces."""

    def __init__(self, bounds: SignBounds, verbs: Iterable[str]) -> None:
        self._stop, self._noun = bounds.stop, bounds.noun
        self._free_words = tuple({*verbs, *bounds.light})

    def prepare(self, text: str) -> str:
        """Return the text in which candidates are searched."""
        return text

    def left(self, text: str, start: int) -> str:
        """Return the neighbour before a place."""
        sign = text[start - 1 : start]
        stops = (self._stop.match(text, max(0, start - length)) for length in (1, 2))
        if not sign.isalnum() or any(stop is not None and stop.end() == start for stop in stops):
            return FREE
        is_behind_word = text.endswith(
            self._free_words, max(0, start - 4), start
        ) and not self._noun.match(text, max(0, start - 2))
        return FREE if is_behind_word else sign

    def right(self, text: str, end: int) -> str:
        """Return the neighbour behind a place."""
        sign = text[end : end + 1]
        return FREE if not sign.isalnum() or self._stop.match(text, end) else sign


class _WordEdges:
    """The neighbours of a place, which begins and ends with a space, in other languages."""

    def __init__(self, bounds: WordBounds) -> None:
        self._free = frozenset(CLAUSE_SIGNS) | bounds.stops

    def prepare(self, text: str) -> str:
        return f" {' '.join(_TOKEN.findall(text.lower()))} "

    def left(self, text: str, start: int) -> str:
        word = text[text.rfind(" ", 0, start) + 1 : start]
        return FREE if word in self._free else word

    def right(self, text: str, end: int) -> str:
        word = text[end : text.find(" ", end)]
        return FREE if word in self._free else word


def locate(text: str, key: str, code: str) -> tuple[int, int] | None:
    """Return the offsets of a candidate's first occurrence in a text, or None."""
    if code in WITHOUT_SPACES:
        start = text.find(key)
        return (start, start + len(key)) if start >= 0 else None
    between = rf"(?:_|[^\w{re.escape(CLAUSE_SIGNS)}])+"
    match = re.search(
        rf"(?<![^\W_]){between.join(map(re.escape, key.split()))}(?![^\W_])", text, re.IGNORECASE
    )
    return match.span() if match else None
