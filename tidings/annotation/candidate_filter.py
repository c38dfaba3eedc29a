"""Reject sequences that are not new formulations: names, places, fragments, unrelated subjects and
listed phrases.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

import ahocorasick_rs
from babel import Locale, UnknownLocaleError

from tidings.annotation.candidate_evidence import replace_surrogates
from tidings.annotation.candidates import make_key
from tidings.annotation.languages import language
from tidings.base.languages import is_known
from tidings.base.languages.bounds import SignBounds

if TYPE_CHECKING:
    from collections.abc import Iterable


MIN_LISTED = 4  # characters


class Filter:
    """Reject candidates of one language."""

    def __init__(
        self,
        code: str,
        *,
        unrelated: Iterable[str],
        names: Iterable[str],
        listed: Iterable[str],
        common: Iterable[str] = (),
    ) -> None:
        self._bounds = language(code).bounds
        self.is_unspaced = isinstance(self._bounds, SignBounds)
        self._common = frozenset(make_key(text, is_unspaced=self.is_unspaced) for text in common)

        def edge(text: str) -> str:
            return text if self.is_unspaced else f" {text} "

        keys = [
            {make_key(text.rstrip("*"), is_unspaced=self.is_unspaced) for text in texts if text}
            for texts in (unrelated, names, listed)
        ]
        named = keys[1] | {
            make_key(place, is_unspaced=self.is_unspaced) for place in list_places(code)
        }
        self._unrelated, self._named = (
            ahocorasick_rs.AhoCorasick([edge(text) for text in sorted(texts) if text])
            for texts in (keys[0], named)
        )
        self._listed = [edge(text) for text in sorted(keys[2]) if text]
        self._search = ahocorasick_rs.AhoCorasick(self._listed)
        self._edge = edge

    def keeps(self, key: str) -> bool:
        """Return whether a sequence may be a new formulation: neither excluded nor mostly a listed
        phrase.
        """
        key = replace_surrogates(key)
        text = self._edge(key)
        if not key or key in self._common or self._is_rejected(key, text):
            return False
        matches = self._search.find_matches_as_indexes(text, overlapping=True)
        return not any(
            self._is_most_of(len(self._listed[index].strip()), len(key)) for index, _, _ in matches
        )

    def _is_most_of(self, part: int, length: int) -> bool:
        """Return whether a listed phrase makes up most of a sequence. Short Chinese words do so
        only from two thirds (资本).
        """
        return 3 * part >= 2 * length or (
            2 * part >= length and not (self.is_unspaced and part < MIN_LISTED)
        )

    def _is_rejected(self, key: str, text: str) -> bool:
        bounds = self._bounds
        if self._unrelated.find_matches_as_indexes(text):
            return True
        if not isinstance(bounds, SignBounds):
            return bool(self._named.find_matches_as_indexes(text))
        may_bear = bounds.bearing.search(key) is not None
        if (
            bounds.numbered.search(key)
            or bounds.bodies.search(key)
            or (bounds.two_countries.match(key) and not may_bear)
        ):
            return True
        matches = self._named.find_matches_as_indexes(bounds.own_country.sub("", key))
        return any(start > 0 or not may_bear for _, start, _ in matches)


@functools.cache
def list_places(code: str) -> frozenset[str]:
    """Return names of countries and regions in a language, from the Unicode CLDR and the language's
    folder.

    The result is empty for a language that the CLDR does not contain.
    """
    try:
        territories = Locale.parse(code).territories.values()
    except (UnknownLocaleError, ValueError):
        return frozenset()
    bare = {
        re.sub(r"(?:领土|特别行政区)|\s*[（(].*", "", str(name)).strip() for name in territories
    }
    bounds = language(code).bounds if is_known(code) else None
    return frozenset(name for name in bare if len(name) > 1) | (
        bounds.places if isinstance(bounds, SignBounds) else frozenset()
    )
