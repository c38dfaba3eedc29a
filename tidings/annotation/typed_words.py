"""Match words that a user types, as phrases of the language of each article, and describe them as
terms at relative places, as the index of a release's texts stores them.

A text consists of elements: words between spaces of the folded text or, in languages without
spaces, Latin words, numbers and single characters. The place of an element is its number; an
additional space is an empty element. A term is an element or, without spaces, a character with the
one after it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.folding import fold
from tidings.annotation.matching import Matcher
from tidings.annotation.phrases import Phrase
from tidings.annotation.variants import spell_out
from tidings.base.languages import CODES, WITHOUT_SPACES, primary_language

if TYPE_CHECKING:
    from tidings.annotation.matching import Hit

ELEMENT = "[0-9a-z]+|."
"""An element of a folded text in a language without spaces."""
_ELEMENT = re.compile(ELEMENT)
_LATIN_SPACE = re.compile("[0-9a-z] ")


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


class Term(NamedTuple):
    """A term at a place relative to the first. ``is_open``: any term that begins with it."""

    text: str
    place: int
    is_open: bool


class Pattern(NamedTuple):
    """Terms in every text with the words. ``is_exact``: every text with the terms has the words."""

    terms: tuple[Term, ...]
    is_unspaced: bool
    is_exact: bool


def fold_article(title: str, body: str) -> str:
    """Return the folded title and body, separated by additional spaces, which no words cross."""
    return fold(f" {title}  {body} ").text


def find_patterns(words: TypedWords, language: str) -> set[Pattern]:
    """Return the patterns of typed words in a language."""
    is_unspaced = primary_language(language) in WITHOUT_SPACES
    patterns = set()
    for word in words.alternatives:
        kind = match_type(word, language)
        for spelling in spell_out(word, language, kind):
            if not spelling.strip():
                continue
            terms = (
                _unspaced_terms(spelling)
                if is_unspaced
                else _spaced_terms(spelling, is_open=kind == "prefix")
            )
            # No term contains a space at the edge of the words, after a space, or after a Latin
            # word between characters.
            is_checked = spelling != spelling.strip() or "  " in spelling
            is_checked |= is_unspaced and (
                not word[-1:].isalnum() or bool(_LATIN_SPACE.search(spelling))
            )
            patterns.add(Pattern(tuple(terms), is_unspaced, not is_checked))
    return patterns


def _spaced_terms(spelling: str, *, is_open: bool) -> list[Term]:
    words = spelling.split(" ")
    last = len(words) - 1
    return [
        Term(word, place, is_open and place == last) for place, word in enumerate(words) if word
    ]


def _unspaced_terms(spelling: str) -> list[Term]:
    elements = _ELEMENT.findall(spelling)
    terms = []
    for place, (before, element, following) in enumerate(
        zip(["", *elements], elements, [*elements[1:], ""], strict=False)
    ):
        if element == " ":
            continue
        if _is_latin(element):
            terms.append(Term(element, place, is_open=False))
        elif following and not _is_latin(following):
            terms.append(Term(element + following, place, is_open=False))
        elif following or before == " " or _is_latin(before):
            terms.append(Term(element, place, is_open=True))
    return terms


def _is_latin(element: str) -> bool:
    return element != " " and element.isascii()
