"""Match words that a user types, as phrases of the language of each article, and describe them as
terms at relative places, as the index of a release's texts stores them.

A text consists of elements: words between spaces of the folded text or, in languages without
spaces, Latin words, numbers and single characters. The place of an element is its number; an
additional space is an empty element. A term is an element or, without spaces, a character with the
one after it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cache, lru_cache
from typing import NamedTuple

from tidings.annotation.folding import fold
from tidings.annotation.matching import Hit, Matcher
from tidings.annotation.phrases import Phrase, spell_out
from tidings.annotation.word_query import Query, Words, parse_words
from tidings.base.languages import CODES, WITHOUT_SPACES, primary_language

Hits = tuple[list[Hit], list[Hit]]

ELEMENT = "[0-9a-z]+|."
"""An element of a folded text in a language without spaces."""
_ELEMENT = re.compile(ELEMENT)
_LATIN_SPACE = re.compile("[0-9a-z] ")


class TypedWords:
    """A matcher of typed words (``word_query.py``). A text without a language may contain the words
    of any. Raises WordQueryError.
    """

    def __init__(self, words: str) -> None:
        self.query = parse_words(words)
        self._matcher = cache(_make_matcher)

    def match(self, title: str, body: str, language: str | None) -> Hits:
        """Return the hits in title and body, in order; ``phrase_id`` is the alternative. Hits of
        NEAR are near each other, and words after NOT have none.
        """
        primary = primary_language(language) if language else None
        found = self._find(self.query, (title, body), primary)
        if isinstance(self.query, Words):
            return found
        in_title, in_body = (sorted(set(hits), key=lambda hit: hit[2:]) for hits in found)
        return in_title, in_body

    def _find(self, query: Query, texts: tuple[str, str], language: str | None) -> Hits:
        if isinstance(query, Words):
            return self._matcher(query, language).match_article(*texts, language, None)
        nothing: Hits = ([], [])
        left = self._find(query.left, texts, language)
        if query.operator != "OR" and not any(left):
            return nothing
        right = self._find(query.right, texts, language)
        if query.operator == "NOT":
            return nothing if any(right) else left
        if query.operator == "NEAR":
            is_unspaced = language in WITHOUT_SPACES
            near = [
                _find_near(*place, query.distance, is_unspaced=is_unspaced)
                for place in zip(texts * 2, left + right, right + left, strict=True)
            ]
            left, right = (near[0], near[1]), (near[2], near[3])
        if query.operator != "OR" and not any(right):
            return nothing
        return left[0] + right[0], left[1] + right[1]


def _make_matcher(words: Words, language: str | None) -> Matcher:
    return Matcher(
        Phrase(word, "words", code, word, match_type(word, code))
        for code in (CODES if language is None else (language,))
        for word in words.alternatives
    )


def _find_near(
    text: str, hits: list[Hit], others: list[Hit], distance: int, *, is_unspaced: bool
) -> list[Hit]:
    """Return the hits in a text from which another hit is at most ``distance`` elements away."""
    places: dict[int, int] = {}  # by offset
    place = last = 0
    edges = {edge for hit in (*hits, *others) for edge in (hit.start, hit.end)}
    for offset in sorted(edges):
        folded = fold(text[last:offset]).text
        place += len(_ELEMENT.findall(folded)) if is_unspaced else folded.count(" ")
        places[offset], last = place, offset
    starts = sorted(places[hit.start] for hit in others)
    ends = sorted(places[hit.end] for hit in others)
    least = 0 if is_unspaced else 1  # between adjacent words

    def is_near(hit: Hit) -> bool:
        first, end = places[hit.start] - least, places[hit.end] + least
        following, before = bisect_left(starts, end), bisect_right(ends, first)
        is_followed = following < len(starts) and starts[following] < end + distance
        return is_followed or (before > 0 and ends[before - 1] > first - distance)

    return [hit for hit in hits if is_near(hit)]


def match_type(words: str, language: str) -> str:
    """Return how a phrase matches in a language."""
    if primary_language(language) in WITHOUT_SPACES:
        return "substring"
    if words.endswith("*"):
        return "prefix"
    return "phrase"


typed_words = lru_cache(maxsize=64)(TypedWords)
"""Return the matcher of typed words."""


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


def find_patterns(words: Words, language: str) -> set[Pattern]:
    """Return the patterns of words in a language."""
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
