"""Find the sequences of signs of a Chinese text that a policy verb or a head noun points at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import ahocorasick_rs

from tidings.transforms.text.candidate_words import (
    HEADED,
    WIDE_ADVERB,
    WIDE_DEGREE,
    WIDE_LEFT,
    WIDE_LIGHT,
    WIDE_NOUN,
    WIDE_RIGHT,
    WIDE_STOP,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ITEM = "、"
"""The evidence, among verbs, of what is enumerated behind what a verb points at."""

FEWEST_SIGNS, MOST_SIGNS = 3, 12
_CLAUSE_END = re.compile("[，。；：！？\n]")
_CUT = re.compile(
    rf"[^\u3400-\u9fffA-Za-z]|{WIDE_STOP.pattern}|{'|'.join(sorted(WIDE_LIGHT))}|[一二三四五六七八九十百千万亿]+[届次个项名位条]"
)


class SignFinder:
    """The policy verbs and head nouns of a language that writes no spaces, made ready."""

    def __init__(self, verbs: Sequence[str], heads: Sequence[str]) -> None:
        self._verbs = verbs
        self._long_verbs = tuple(verb for verb in verbs if len(verb) > 1)
        self._search = ahocorasick_rs.AhoCorasick([*verbs, *heads])

    def find(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield the sequences of a text that have evidence, each with it: a verb, ITEM or HEADED; some of them more than once."""
        verbs: dict[int, int] = {}
        heads: dict[int, int] = {}
        for number, start, end in self._search.find_matches_as_indexes(text, overlapping=True):
            ends = verbs if number < len(self._verbs) else heads
            ends[start] = max(end, ends.get(start, 0))
        pointed = {(start, text[before:start]) for before, start in verbs.items()}
        pointed |= {(found.end(), verb) for start, verb in pointed if (found := WIDE_DEGREE.match(text, start))}
        pointed |= {(item, ITEM) for item in _items_behind(text, verbs.values())}
        for start, evidence in sorted(pointed):
            cut = _CUT.search(text, start, start + MOST_SIGNS)
            end = cut.start() if cut else min(start + MOST_SIGNS, len(text))
            if end - start >= FEWEST_SIGNS and self._may_begin(text, start):
                for stop in range(start + FEWEST_SIGNS, end + 1):
                    if not WIDE_RIGHT.match(text, stop):
                        yield text[start:stop], evidence
        for head, end in heads.items():
            start = max(0, end - MOST_SIGNS)
            for cut in _CUT.finditer(text, start, end):
                start = cut.end()
            for begin in range(start, min(head - 1, end - FEWEST_SIGNS + 1)):
                if self._may_begin(text, begin):
                    yield text[begin:end], HEADED

    def _may_begin(self, text: str, start: int) -> bool:
        """Return whether a formulation may begin here: not within a word, nor with a policy verb or its adverb."""
        if WIDE_LEFT.match(text, start) or (text.startswith(self._long_verbs, start) and not WIDE_NOUN.match(text, start)):
            return False
        adverb = WIDE_ADVERB.match(text, start)
        return adverb is None or not text.startswith(self._long_verbs, adverb.end())


def _items_behind(text: str, places: Iterable[int]) -> Iterator[int]:
    """Yield the starts of the further items of the enumerations that continue from the places, up to the ends of their clauses.

    The first place in a clause covers the later ones: the function reads each clause once.
    """
    end = -1
    for start in sorted(places):
        if start <= end:
            continue
        end = found.start() if (found := _CLAUSE_END.search(text, start)) else len(text)
        while (comma := text.find(ITEM, start, end)) >= 0:
            start = comma + 1  # noqa: PLW2901 — the next item of the same clause
            yield start
