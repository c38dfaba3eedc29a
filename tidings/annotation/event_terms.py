"""Turn the title and lead of an article into numbered terms, by which articles about one event are
found.

A term is a word without its ending; in a language that writes no spaces, a pair of neighbouring
characters. Terms are in the order of the text. A mark is a number, or the first letters of a word
without accents: it is the same in several languages. Terms and marks are stored as hashes.
"""

from __future__ import annotations

import functools
import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from tidings.annotation.languages import language
from tidings.annotation.plain_text import without_accents
from tidings.annotation.sentences import DATELINE
from tidings.base.languages import WITHOUT_SPACES, is_known, primary_language
from tidings.base.languages.record import WordBounds

LEAD_LENGTH = 300
"""Characters of the body whose words are terms."""
MARKED_LENGTH = 600
"""Characters of the body whose numbers and words are marks."""
IN_TITLE, IS_LOWER, IS_KEY = 1, 2, 4
FLAGS = IN_TITLE | IS_LOWER | IS_KEY
"""The lowest bits of a stored term; a key is a number, or a name that occurs more than once."""

_TITLE_LENGTH = 300
_STEM_LENGTH = 7
_WORD = re.compile(r"[^\W_]+(?:[.,’']\d+)*")
_NUMBER = re.compile(r"\d[\d.,'’\u00a0\u202f]{0,20}\d|\d")
_SESSION_OR_WORK = re.compile(
    r"([\d一二三四五六七八九十]+)届[^\d，。、；]{0,14}?([\d一二三四五六七八九十]+)[次中]|《([^《》]+)》"
)
_OPENING = re.compile(rf"\A(?:{DATELINE.pattern})")
_NAME = r"[A-ZÀ-Þ][\w.'’-]{1,20}(?: [A-ZÀ-Þ][\w.'’-]{0,20}){1,3}"
_AND = r"(?:and|et|und|e|y) "
# A list of four people or more: Anna Muster and Karl Renn, Ivo Falk, and Tove Hallberg
_PEOPLE = re.compile(
    rf"({_NAME})(?:,? {_AND}(?:[A-Z]\w{{2,15}} )?{_NAME}|, (?:{_AND})?{_NAME}){{3,50}}"
)
_READ = 2_000  # characters of the body that are read, in which a list may be before other words
_STARTS = re.compile(r"([^\W\d_]{3,5})[^\W\d_]*")


class EventTerms(NamedTuple):
    """The terms of an article with their flags, in the order of their first places, and its sorted
    marks.
    """

    terms: list[int]
    marks: list[int]


def find_event_terms(title: str | None, body: str | None, tag: str | None) -> EventTerms:
    """Return the terms of a title and the first characters of a body, and their marks. A dateline,
    which a day's reports of an agency share, is left out, and so are the other people of a list:
    who signs together does so often.
    """
    head, text = (title or "")[:_TITLE_LENGTH], _OPENING.sub("", (body or "")[:_READ])
    text = _PEOPLE.sub(r"\1", text)
    code = primary_language(tag or "")
    terms: dict[int, int] = {}
    _add_terms(terms, head, code, IN_TITLE)
    if code in WITHOUT_SPACES:
        keys = map(" ".join, _SESSION_OR_WORK.findall(head))
        terms |= {find_term(key, code): IN_TITLE | IS_KEY | IS_LOWER for key in keys}
    _add_terms(terms, text[:LEAD_LENGTH], code, 0)
    marked = f"{head} {text[:MARKED_LENGTH]}"
    return EventTerms([term | flags for term, flags in terms.items()], sorted(_marks(marked)))


def _add_terms(terms: dict[int, int], text: str, code: str, place: int) -> None:
    """Add the terms of a text with their flags, and that of its place; lower case is lower case
    everywhere.
    """
    for term, flags in _read_terms(text, code):
        if term in terms:
            both = terms[term] & (flags | IN_TITLE)
            terms[term] = both if both & IS_LOWER else both | IS_KEY
        elif term:
            terms[term] = flags | place


def _read_terms(text: str, code: str) -> Iterator[tuple[int, int]]:
    """Return the term and flags of each word, or of each two neighbouring characters."""
    words = _WORD.findall(text)
    if code not in WITHOUT_SPACES:
        return (_word(word, code) for word in words)
    signs = (word[i : i + 2] for word in words for i in range(len(word) - 1 or 1))
    return ((find_term(sign, code), 0) for sign in signs)


@functools.lru_cache(200_000)
def _word(word: str, code: str) -> tuple[int, int]:
    """Return the term of a word and its flags; 0 for a stop word."""
    lower = word.lower()
    if len(lower) == 1 or lower in _stops(code):  # a single letter is the rest of a contraction
        return 0, 0
    is_number = word[0].isdigit()
    return find_term(lower, code), IS_KEY * is_number | IS_LOWER * (not word[0].isupper())


def find_term(word: str, code: str) -> int:
    """Return the term of a word in lower case, or of two characters, without flags."""
    is_whole = code in WITHOUT_SPACES or word[0].isdigit()
    return _checksum(code, word if is_whole else without_accents(word)[:_STEM_LENGTH]) & ~FLAGS


def _marks(text: str) -> set[int]:
    numbers = {"".join(filter(str.isdigit, hit)) for hit in _NUMBER.findall(text)}
    starts = set(_STARTS.findall(without_accents(text.lower())))
    return {_checksum("#", hit) & ~FLAGS for hit in numbers} | {
        _checksum("=", start) & ~FLAGS for start in starts
    }


@functools.lru_cache(200_000)
def _checksum(kind: str, term: str) -> int:
    return zlib.crc32(f"{kind} {term}".encode("utf-8", "replace"))


@functools.cache
def _stops(code: str) -> frozenset[str]:
    bounds = language(code).bounds if is_known(code) else None
    return bounds.stops if isinstance(bounds, WordBounds) else frozenset()
