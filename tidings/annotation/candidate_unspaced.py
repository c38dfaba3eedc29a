"""Find the character sequences next to a policy verb or head noun in a language that writes no
spaces.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import ahocorasick_rs

from tidings.annotation.candidate_evidence import HEADED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tidings.base.languages.bounds import SignBounds

ITEM = "、"
"""Evidence of the further items of an enumeration that a policy verb opens; it counts as a verb."""

MIN_SIGNS, MAX_SIGNS = 3, 12
_CLAUSE_END = re.compile("[，。；：！？\n]")


class SignFinder:
    """Find sequences by the policy verbs and head nouns of a language, within its bounds."""

    def __init__(self, verbs: Sequence[str], heads: Sequence[str], bounds: SignBounds) -> None:
        self._verbs, self._bounds = verbs, bounds
        self._long_verbs = tuple(verb for verb in verbs if len(verb) > 1)
        self._search = ahocorasick_rs.AhoCorasick([*verbs, *heads])

    def find(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield the sequences of a text with their evidence: a verb, ITEM or HEADED; a sequence may
        occur more than once.
        """
        verbs: dict[int, int] = {}
        heads: dict[int, int] = {}
        for number, start, end in self._search.find_matches_as_indexes(text, overlapping=True):
            ends = verbs if number < len(self._verbs) else heads
            ends[start] = max(end, ends.get(start, 0))
        pointed = {(start, text[before:start]) for before, start in verbs.items()}
        pointed |= {
            (match.end(), verb)
            for start, verb in pointed
            if (match := self._bounds.degree.match(text, start))
        }
        pointed |= {(item, ITEM) for item in _items_behind(text, verbs.values())}
        for start, evidence in sorted(pointed):
            cut = self._bounds.cut.search(text, start, start + MAX_SIGNS)
            end = cut.start() if cut else min(start + MAX_SIGNS, len(text))
            if end - start >= MIN_SIGNS and self._may_begin(text, start):
                for stop in range(start + MIN_SIGNS, end + 1):
                    if not self._bounds.right.match(text, stop):
                        yield text[start:stop], evidence
        for head, end in heads.items():
            start = max(0, end - MAX_SIGNS)
            for cut in self._bounds.cut.finditer(text, start, end):
                start = cut.end()
            for begin in range(start, min(head - 1, end - MIN_SIGNS + 1)):
                if self._may_begin(text, begin):
                    yield text[begin:end], HEADED

    def _may_begin(self, text: str, start: int) -> bool:
        """Return whether a phrase may begin here: neither within a word nor with a policy verb or
        its adverb.
        """
        if self._bounds.left.match(text, start) or (
            text.startswith(self._long_verbs, start) and not self._bounds.noun.match(text, start)
        ):
            return False
        adverb = self._bounds.adverb.match(text, start)
        return adverb is None or not text.startswith(self._long_verbs, adverb.end())


def _items_behind(text: str, places: Iterable[int]) -> Iterator[int]:
    """Yield the starts of the further items of the enumerations that continue from the places, up
    to the ends of their clauses.

    The first place in a clause covers the later ones: the function reads each clause once.
    """
    end = -1
    for start in sorted(places):
        if start <= end:
            continue
        end = match.start() if (match := _CLAUSE_END.search(text, start)) else len(text)
        while (comma := text.find(ITEM, start, end)) >= 0:
            start = comma + 1  # noqa: PLW2901 — the next item of the same clause
            yield start
