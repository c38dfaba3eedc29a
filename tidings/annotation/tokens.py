"""Split a sentence into words and signs, for languages with spaces."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from tidings.base.languages.words import read_tables

TITLES = "|".join(read_tables("abbreviations.toml")["titles"].split())
_TITLES = rf"(?:{TITLES}|Jr)\.(?=\s)"
_INITIAL = r"(?:[A-Z]\.){2,}|[A-Z]\.(?=[\s,])|\d{1,3}(?:,\d{3})+"
# A word may contain hyphens, apostrophes and inner full stops: Baume-Schneider, O'Neill, U.S., 1.5.
_WORD = r"\w+(?:(?:[-](?!(?:t-)?(?:ils?|elles?|on)\b)|['’.&/])\w+)*(?:\.(?=[\w,]))?"
_SIGN = r"''|-(?:t-)?(?:ils?|elles?|on)\b|[^\w\s]"
# A French or Italian article or preposition written together with its noun is a word of its own:
# l'|ambassadeur, dell'|economia.
_LEANING = (
    r"(?:[LlDdJjMmNnSsCcTt]|[Qq]u|[Uu]n|[Dd]ell|[Aa]ll|[Nn]ell|[Dd]all|[Ss]ull|[Cc]oll|[Cc]om|[Jj]usqu|[Ll]orsqu|[Pp]uisqu)'"
    r"(?=[^\W\d_])"
)
_TOKEN = re.compile(rf"{_INITIAL}|{_TITLES}|{_WORD}|{_SIGN}")
_LEANING_TOKEN = re.compile(rf"{_LEANING}|{_INITIAL}|{_TITLES}|{_WORD}|{_SIGN}")

_SINGLE = re.compile(r"‘((?:[^‘']|'[\w'])*+)'")  # an apostrophe closes
_LONGEST_BRACKET = 20  # words, with its signs
QUOTES = frozenset({*'"“”„«»‘’', "''"})


class Token(NamedTuple):
    """A word or sign of a sentence: 0-based offsets, end exclusive, the text and its lower case."""

    start: int
    end: int
    text: str
    lower: str


def tokenize(sentence: str, *, is_leaning: bool = False) -> list[Token]:
    """Return the words and signs of a sentence that ``make_plain`` returned, without most brackets.
    ``is_leaning``: the language writes articles together with their nouns: "l'ambassadeur".
    """
    pattern = _LEANING_TOKEN if is_leaning else _TOKEN
    if "‘" in sentence:
        sentence = _SINGLE.sub("‘\\1’", sentence)
    # tuple.__new__ takes half the time of the constructor.
    tokens = [
        tuple.__new__(Token, (hit.start(), hit.end(), text := hit[0], text.lower()))
        for hit in pattern.finditer(sentence)
    ]
    # no brackets except a long one, a quotation and one in first place
    pairs = find_closing(tokens, {"(": ")"}) if ")" in sentence else {}
    for first, last in reversed(pairs.items()):
        inner = lower_texts(tokens[first : last + 1])
        if first and len(inner) <= _LONGEST_BRACKET and QUOTES.isdisjoint(inner):
            del tokens[first : last + 1]
    return tokens


def trim(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens before a long bracket, without quotation marks and a final possessive
    ending.
    """
    kept = [token for token in tokens if token.text not in QUOTES]
    kept = kept[: [*lower_texts(kept[1:]), "("].index("(") + 1]
    if not (kept and kept[-1].text.endswith("'s")):
        return kept
    last = kept.pop()
    return [*kept, last._replace(end=last.end - 2, text=last.text[:-2], lower=last.lower[:-2])]


def find_closing(tokens: Sequence[Token], pairs: Mapping[str, str]) -> dict[int, int]:
    """Return the places of closing marks by those of their opening marks. ``pairs``: the closing
    marks of each. Inner marks, and an opening mark without a closing one, count as none.
    """
    places: dict[str, list[int]] = {}
    for place, token in enumerate(tokens):
        if not token.text[0].isalnum():
            places.setdefault(token.text, []).append(place)
    found: dict[int, int] = {}
    last = -1
    for place, token in enumerate(tokens):
        if place <= last or token.text not in pairs:
            continue
        ends = [
            ends[at]
            for mark in pairs[token.text]
            if (at := bisect_left(ends := places.get(mark, []), place + 1)) < len(ends)
        ]
        if ends:
            found[place] = last = min(ends)
    return found


def longest_ending(word: str, endings: Container[str]) -> str:
    """Return the longest of these endings that a word has after its first letter, or an empty
    string.
    """
    tails = (word[start:] for start in range(1, len(word)))
    return next(filter(endings.__contains__, tails), "")


def lower_texts(tokens: Iterable[Token]) -> list[str]:
    """Return the lower case of each token."""
    return [token.lower for token in tokens]


def span_of(tokens: Sequence[Token]) -> tuple[int, int]:
    """Return the offsets of tokens."""
    return tokens[0].start, tokens[-1].end


def text_of(tokens: Sequence[Token]) -> str:
    """Return tokens as written, with single spaces for white space."""
    parts = [tokens[0].text]
    for before, token in pairwise(tokens):
        parts.append(f" {token.text}" if token.start > before.end else token.text)
    return "".join(parts)
