"""The word lists behind candidate phrases, and the finders, filters and counters built from
them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tidings.annotation.candidate_counts import Counter
from tidings.annotation.candidate_filter import Filter
from tidings.annotation.candidate_names import NameFinder
from tidings.annotation.candidate_word_names import WordNameFinder
from tidings.annotation.candidates import EvidenceWord, Finder, make_key
from tidings.annotation.languages import language as read_language
from tidings.base.languages import is_known
from tidings.base.languages.bounds import SignBounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class CandidateLists:
    """Word lists by primary language. Builds each finder, filter and counter once."""

    def __init__(
        self,
        words: Iterable[EvidenceWord],
        phrases: Iterable[tuple[str, str]],
        names: Iterable[tuple[str, str]],
    ) -> None:
        self._words = list(words)
        self._phrases = list(phrases)
        self._names = list(names)
        self._finders: dict[str, Finder] = {}
        self._filters: dict[str, Filter] = {}
        self._counters: dict[str, Counter] = {}

    def finder(self, language: str) -> Finder:
        """Return the finder of sequences in texts of a primary language."""
        if language not in self._finders:
            self._finders[language] = Finder(
                [word for word in self._words if word.language == language], language
            )
        return self._finders[language]

    def may_be_candidate(self, key: str | None, language: str) -> bool:
        """Return whether a sequence is more than a name, a place or a listed phrase."""
        if not key:
            return False
        if language not in self._filters:
            self._filters[language] = Filter(
                language,
                unrelated=self._list(language, "unrelated"),
                common=self._list(language, "common"),
                names=[name for other, name in self._names if other == language],
                listed=[phrase for other, phrase in self._phrases if other == language],
            )
        return self._filters[language].keeps(key)

    def find_names(self, language: str, texts: Sequence[str] | None) -> list[str]:
        """Return the names that recur in texts of a language, without the rejected ones; none for
        an unknown language.
        """
        if not is_known(language):
            return []
        known = read_language(language)
        is_unspaced = isinstance(known.bounds, SignBounds)
        names = (
            NameFinder(known.bounds, self.finder(language).verbs)
            if isinstance(known.bounds, SignBounds)
            else WordNameFinder(known.bounds, known.titles)
        )
        found = names.find(texts or [])
        return [
            name
            for name in found
            if self.may_be_candidate(make_key(name, is_unspaced=is_unspaced), language)
        ]

    def _list(self, language: str, kind: str) -> list[str]:
        return [
            word.word for word in self._words if word.language == language and word.kind == kind
        ]

    def prepare(self, language: str, keys: Sequence[str] | None) -> str:
        """Build a counter of candidates and return its token. Equal candidates have equal
        tokens.
        """
        keys = keys or []
        token = f"{language}:{hashlib.sha256(chr(10).join(keys).encode()).hexdigest()[:16]}"
        if token not in self._counters:
            self._counters[token] = Counter(keys, language, self.finder(language).verbs)
        return token

    def counter(self, token: str) -> Counter:
        """Return the counter of a token."""
        return self._counters[token]
