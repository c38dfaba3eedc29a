"""The word lists behind candidate phrases, and the finders and filters built from them."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise, starmap
from math import log1p
from typing import Any

import ahocorasick_rs
from babel import Locale, UnknownLocaleError

from tidings.annotation.candidates import EvidenceWord, Finder, make_key, replace_surrogates
from tidings.annotation.languages import language as read_language
from tidings.annotation.phrases import Phrase
from tidings.annotation.posts import Speaker
from tidings.base.languages import is_known, primary_language
from tidings.base.languages.record import SignBounds

MIN_LISTED = 4  # characters


class Filter:
    """Reject names, places, fragments, unrelated subjects and listed phrases of one language."""

    def __init__(
        self,
        code: str,
        *,
        unrelated: Iterable[str],
        names: Iterable[str],
        listed: Iterable[str],
        common: Iterable[str] = (),
    ) -> None:
        self._bounds = read_language(code).bounds
        self.is_unspaced = isinstance(self._bounds, SignBounds)
        kinds = (common, unrelated, (*names, *list_places(code)), listed)
        self._common, *others = (
            {make_key(text.rstrip("*"), is_unspaced=self.is_unspaced) for text in texts}
            for texts in kinds
        )
        edged = [[self._edge(key) for key in sorted(keys - {""})] for keys in others]
        self._parts_listed = Counter(part for key in others[2] for part in {*self._parts(key)})
        self._unrelated, self._named, self._search = map(ahocorasick_rs.AhoCorasick, edged)
        self._listed = edged[2]

    def _edge(self, key: str) -> str:
        return key if self.is_unspaced else f" {key} "

    def _parts(self, key: str) -> list[str]:
        """Return the words of a key, in Chinese its pairs of neighbouring characters."""
        return [*map("".join, pairwise(key))] if self.is_unspaced else key.split()

    def resemblance(self, key: str) -> float:
        """Return the mean of ln (1 + listed phrases with a part) over the parts of a sequence."""
        parts = self._parts(key)
        return sum(log1p(self._parts_listed[part]) for part in parts) / max(len(parts), 1)

    def keeps(self, key: str) -> bool:
        """Return whether a sequence may be a new formulation."""
        key = replace_surrogates(key)
        text = self._edge(key)
        if not key or key in self._common or self._is_rejected(key, text):
            return False
        matches = self._search.find_matches_as_indexes(text, overlapping=True)
        length, parts = len(key), (len(self._listed[index].strip()) for index, _, _ in matches)
        # no listed phrase makes up most of it; short Chinese words do only from two thirds (资本)
        return not any(
            3 * part >= 2 * length
            or (2 * part >= length and not (self.is_unspaced and part < MIN_LISTED))
            for part in parts
        )

    def _is_rejected(self, key: str, text: str) -> bool:
        bounds = self._bounds
        if self._unrelated.find_matches_as_indexes(text):
            return True
        if not isinstance(bounds, SignBounds):
            return bool(self._named.find_matches_as_indexes(text))
        if bounds.numbered.search(key) or bounds.bodies.search(key):
            return True
        may_bear = bounds.bearing.search(key) is not None
        matches = self._named.find_matches_as_indexes(bounds.own_country.sub("", key))
        starts = [start for _, start, _ in matches if start > 0 or not may_bear]
        return bool(starts or (not may_bear and bounds.two_countries.match(key)))


@functools.cache
def list_places(code: str) -> frozenset[str]:
    """Return names of countries and regions in a language, from the Unicode CLDR (empty for a
    language that it does not contain) and the language's folder.
    """
    try:
        territories = Locale.parse(code).territories.values()
    except (UnknownLocaleError, ValueError):
        return frozenset()
    bare = {
        re.sub(r"(?:领土|特别行政区)|\s*[（(].*", "", str(name)).strip() for name in territories
    }
    bounds = read_language(code).bounds if is_known(code) else None
    return frozenset(name for name in bare if len(name) > 1) | (
        bounds.places if isinstance(bounds, SignBounds) else frozenset()
    )


class CandidateLists:
    """Word lists by primary language, of rows of tables in ``ref``. Builds each finder and filter
    once.
    """

    def __init__(
        self,
        phrases: Iterable[Sequence[Any]],
        speakers: Iterable[Sequence[Any]],
        evidence_words: Iterable[Sequence[str]],
    ) -> None:
        self._words = [
            EvidenceWord(primary_language(tag), word, kind) for tag, word, kind in evidence_words
        ]
        self._phrases = [
            (primary_language(phrase.language), phrase.phrase)
            for phrase in starmap(Phrase, phrases)
            if phrase.role == "include"
        ]
        self._names = [
            (primary_language(person.language), name)
            for person in starmap(Speaker, speakers)
            for name in (*person.short_forms, person.name)
        ]
        self.finder = functools.cache(self._make_finder)
        self.filter = functools.cache(self._make_filter)

    def _make_finder(self, language: str) -> Finder:
        """Return the finder of sequences in texts of a primary language."""
        return Finder([word for word in self._words if word.language == language], language)

    def _make_filter(self, language: str) -> Filter:
        """Return the filter of a primary language."""
        words = {
            kind: [word.word for word in self._words if word[::2] == (language, kind)]
            for kind in ("unrelated", "common")
        }
        return Filter(
            language,
            **words,
            names=[name for other, name in self._names if other == language],
            listed=[phrase for other, phrase in self._phrases if other == language],
        )
