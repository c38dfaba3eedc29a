"""Turn the title and lead of an article into numbered terms, by which articles about one event are
found.

A term is a word without its ending, or a pair of neighbouring words; in a language that writes no
spaces, a pair of neighbouring characters. Function words are left out. A mark is a number, or the
first letters of a word without accents: names, numbers and international words have the same mark
in several languages. Terms and marks are stored as hashes.
"""

from __future__ import annotations

import functools
import re
import zlib
from typing import NamedTuple

from tidings.annotation.languages import language
from tidings.annotation.plain_text import without_accents
from tidings.base.languages import WITHOUT_SPACES, is_known, primary_language
from tidings.base.languages.bounds import WordBounds

LEAD_LENGTH = 300
"""Characters of the body whose words are terms."""
MARKED_LENGTH = 600
"""Characters of the body whose numbers and words are marks."""
IN_TITLE, IS_LOWER, IS_PAIR = 1, 2, 4
FLAGS = IN_TITLE | IS_LOWER | IS_PAIR
"""The lowest bits of a stored term: whether it is in the title, written in lower case, and a pair
of words.
"""

_TITLE_LENGTH = 300
_STEM_LENGTH = 7
_WORD = re.compile(r"[^\W_]+(?:[.,’']\d+)*")
_NUMBER = re.compile(r"\d[\d.,'’\u00a0\u202f]{0,20}\d|\d")
_STARTS = re.compile(r"([^\W\d_]{3,5})[^\W\d_]*")


class EventTerms(NamedTuple):
    """The terms of an article, with their flags, and its marks: sorted numbers without
    repetition.
    """

    terms: list[int]
    marks: list[int]


def find_event_terms(title: str | None, body: str | None, tag: str | None) -> EventTerms:
    """Return the terms of a title and the first characters of a body, and their marks."""
    head, text = (title or "")[:_TITLE_LENGTH], body or ""
    code = primary_language(tag or "")
    terms = dict(_terms(text[:LEAD_LENGTH], code))
    for term, flags in _terms(head, code):
        terms[term] = terms.get(term, flags) & flags | IN_TITLE
    marked = f"{head} {text[:MARKED_LENGTH]}"
    return EventTerms(sorted(term | flags for term, flags in terms.items()), sorted(_marks(marked)))


def _terms(text: str, code: str) -> list[tuple[int, int]]:
    """Return the terms of a text with their flags; a word that is anywhere written with a capital
    is not in lower case.
    """
    words = _WORD.findall(text)
    if code in WITHOUT_SPACES:
        signs = [word[i : i + 2] for word in words for i in range(len(word) - 1 or 1)]
        return [(_checksum(code, sign) & ~FLAGS, 0) for sign in signs]
    found: dict[int, int] = {}
    before = 0
    for word in words:
        flags, checksum, suffix = _word(word, code)
        if not suffix:
            continue
        number = checksum & ~FLAGS
        found[number] = found.get(number, flags) & flags
        if before:  # a checksum can be continued: this is that of "code before word"
            found[zlib.crc32(suffix, before) & ~FLAGS] = IS_PAIR
        before = checksum
    return list(found.items())


@functools.lru_cache(200_000)
def _word(word: str, code: str) -> tuple[int, int, bytes]:
    """Return the flags of a word, the checksum of its stem, and the stem after a space; nothing of
    a stop word.
    """
    lower = word.lower()
    if len(lower) == 1 or lower in _stops(code):  # a single letter is the rest of a contraction
        return 0, 0, b""
    stem = lower if lower[0].isdigit() else without_accents(lower)[:_STEM_LENGTH]
    return (
        IS_LOWER if word[0].islower() else 0,
        _checksum(code, stem),
        f" {stem}".encode("utf-8", "replace"),
    )


def _marks(text: str) -> set[int]:
    numbers = {"".join(filter(str.isdigit, hit)) for hit in _NUMBER.findall(text)}
    starts = set(_STARTS.findall(without_accents(text.lower())))
    return {_checksum("#", hit) & ~FLAGS for hit in numbers} | {
        _checksum("=", start) & ~FLAGS for start in starts
    }


@functools.lru_cache(200_000)
def _checksum(kind: str, term: str) -> int:
    return zlib.crc32(f"{kind} {term}".encode("utf-8", "replace"))


SMALL_NUMBERS = sorted(
    {
        _checksum("#", number) & ~FLAGS
        for count in range(100)
        for number in (f"{count}", f"{count:02}")
    }
)
"""The marks of numbers of one or two digits: hours, days of months and small counts occur in most
texts with figures.
"""


@functools.cache
def _stops(code: str) -> frozenset[str]:
    bounds = language(code).bounds if is_known(code) else None
    return bounds.stops if isinstance(bounds, WordBounds) else frozenset()
