"""Find the names of several capitalised words that recur in texts of a language with spaces,
without evidence beside them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from tidings.annotation.candidate_names import MIN_TEXTS
from tidings.annotation.candidate_spaced import CLAUSE, MAX_WORDS, WORD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidings.base.languages.bounds import WordBounds

_CAPITALS = re.compile(r"[A-ZÀ-ÖØ-Þ][^.!?]{0,60}?\s[A-ZÀ-ÖØ-Þ]")


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
