"""Match words that a user types, as phrases of the language of each article."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from tidings.annotation.matching import Matcher
from tidings.annotation.phrases import Phrase
from tidings.base.languages import CODES, WITHOUT_SPACES, primary_language

if TYPE_CHECKING:
    from tidings.annotation.matching import Hit


class TypedWords:
    """A matcher of alternatives separated by ``|``; a trailing ``*`` matches any ending. A text
    without a language may contain the words of any.
    """

    def __init__(self, words: str) -> None:
        self.alternatives = tuple(filter(None, (part.strip() for part in words.split("|"))))
        self._matchers: dict[str | None, Matcher] = {}

    def match(self, title: str, body: str, language: str | None) -> tuple[list[Hit], list[Hit]]:
        """Return the hits in title and body, in order; ``phrase_id`` is the alternative."""
        primary = primary_language(language) if language else None
        if primary not in self._matchers:
            languages = CODES if primary is None else (primary,)
            self._matchers[primary] = Matcher(
                [phrase for code in languages for phrase in self.phrases(code)]
            )
        return self._matchers[primary].match_article(title, body, primary, None)

    def phrases(self, language: str) -> list[Phrase]:
        """Return the alternatives as phrases of a language."""
        kinds = {word: match_type(word, language) for word in self.alternatives}
        return [Phrase(word, "words", language, word, kind) for word, kind in kinds.items()]


def match_type(words: str, language: str) -> str:
    """Return how a phrase matches in a language."""
    if primary_language(language) in WITHOUT_SPACES:
        return "substring"
    if words.endswith("*"):
        return "prefix"
    return "phrase"


@lru_cache(maxsize=64)
def typed_words(words: str) -> TypedWords:
    """Return the matcher of typed words."""
    return TypedWords(words)
