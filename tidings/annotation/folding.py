"""Fold text for matching, and map places in the folded text back to the original text.

Folding applies Unicode NFKC and case folding (UAX #15, UAX #44), replaces punctuation and symbols
by spaces, and removes invisible characters. A phrase between two spaces is therefore a phrase at
word boundaries. ``ß`` is not folded, because it is the only common letter whose folding changes
the length of a text; ``variants.py`` spells it both ways.

Nearly every character folds to one, so offsets remain the same; for other texts, a table maps
them. The automaton searches one or two bytes per character: UTF-8 needs three for a Chinese one.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from bisect import bisect_left, bisect_right
from itertools import groupby
from typing import NamedTuple

import numpy as np

INVISIBLE = "\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f"
MAX_MARKS = 60
"""Most consecutive marks that may combine with a character. Normalising more takes quadratic time;
UAX #15 allows 30.
"""
ENCODINGS = {1: "latin-1", 2: "utf-16-le"}
"""Encodings of a folded text by its bytes per character."""
_UNEVEN = 0xFFFF  # a code that no text contains: marks characters that do not fold to one character
_ASCII = bytes(
    code + 32 if 65 <= code <= 90 else code if chr(code).isalnum() and code < 128 else 32
    for code in range(256)
)


class Folded(NamedTuple):
    """A folded text: one byte per character if all are in Latin-1, else two (little-endian), as
    ``width`` states. ``breaks`` pairs its offsets with original ones; None if they are equal.
    """

    units: bytes
    width: int
    breaks: tuple[list[int], list[int]] | None

    @property
    def text(self) -> str:
        """The folded text as a string."""
        return self.units.decode(ENCODINGS[self.width])


def fold(text: str) -> Folded:
    """Return the folded text with its table of offsets."""
    if text.isascii():
        return Folded(text.encode("ascii").translate(_ASCII), 1, None)

    codes = _table().take(np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16))
    highest = int(np.max(codes))
    if highest == _UNEVEN:
        return align(text)
    is_narrow = highest < 0x100
    return Folded((codes.astype(np.uint8) if is_narrow else codes).tobytes(), 2 - is_narrow, None)


def fold_by_definition(text: str) -> str:
    """Return the folded text by its definition. ``fold`` returns the same faster."""
    kept = "".join(
        char if is_word(char) or spells_word(char) else " "
        for char in text
        if char not in INVISIBLE
    )
    parts = unicodedata.normalize("NFKC", kept).replace("ẞ", "ß").split("ß")
    folded = "ß".join(part.casefold() for part in parts)
    # Map rare letters beyond the basic plane to its private use area, so that each is one unit.
    return "".join(
        (char if char < "\U00010000" else chr(0xE000 + ord(char) % 0x1900))
        if is_word(char)
        else " "
        for char in folded
    )


def is_word(char: str) -> bool:
    """Return whether a character may be part of a word: a letter, a digit or a combining mark."""
    return char.isalnum() or unicodedata.category(char)[0] == "M"


def spells_word(char: str) -> bool:
    """Return whether a symbol represents letters, such as ㎢, ㍿ or the radical ⼯, unlike ™."""
    if not unicodedata.category(char).startswith("S") or unicodedata.decomposition(char).startswith(
        "<super>"
    ):
        return False
    normal = unicodedata.normalize("NFKC", char)
    return normal != char and all(map(is_word, normal))


def align(text: str) -> Folded:
    """Return the folded text and its offset table by cluster: slow, but always correct."""
    parts: list[str] = []
    there: list[int] = [0]
    here: list[int] = [0]
    for cluster in _clusters().finditer(text):
        start, end = cluster.span()
        even = fold(text[here[-1] : start]).text
        uneven = fold_by_definition(cluster.group())
        parts += (even, uneven)
        there += (there[-1] + len(even), there[-1] + len(even) + len(uneven))
        here += (start, end)
    parts.append(fold(text[here[-1] :]).text)
    folded = "".join(parts)
    width = 1 if max(folded, default="") < "\u0100" else 2
    return Folded(folded.encode(ENCODINGS[width]), width, (there, here))


def locate(folded: Folded, start: int, end: int) -> tuple[int, int]:
    """Return the original span of a folded span, in whole characters."""
    if folded.breaks is None:
        return start, end
    # stretches with even numbers have equal lengths; those with odd numbers are clusters
    there, here = folded.breaks
    first = bisect_right(there, start) - 1
    begin = here[first] if first % 2 else here[first] + start - there[first]
    last = bisect_left(there, end) - 1
    finish = here[last + 1] if last % 2 else here[last] + end - there[last]
    return begin, finish


@functools.cache
def _table() -> np.ndarray[tuple[int], np.dtype[np.uint16]]:
    """Return the folded code of each character in the basic plane; _UNEVEN if it is not one."""
    table = np.full(0x10000, _UNEVEN, np.uint16)
    joining = _joining()
    for code in range(0xFFFF):
        char = chr(code)
        if char in joining or char in INVISIBLE or 0xD800 <= code < 0xE000:
            continue
        folded = fold_by_definition(char)
        if len(folded) == 1 and ord(folded) < _UNEVEN:
            table[code] = ord(folded)
    return table


@functools.cache
def _clusters() -> re.Pattern[str]:
    """Return the pattern of uneven characters, and of characters with their marks."""
    table = _table()
    joins = _ranges(sorted(_joining()))
    uneven = [chr(code) for code in np.flatnonzero(table == _UNEVEN).tolist()]
    alone = _ranges([char for char in uneven if char not in _joining()])
    melting = f"[{INVISIBLE}]*+[{joins}][{joins}{INVISIBLE}]{{0,{MAX_MARKS}}}"
    return re.compile(f"(?s:.){melting}|[{INVISIBLE}]++|[{alone}{joins}\U00010000-\U0010ffff]")


@functools.cache
def _joining() -> frozenset[str]:
    """Return the characters that may combine with the one before, such as marks."""
    seconds = set(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))
    for char in map(chr, range(0x20000)):  # no later plane has any
        if unicodedata.combining(char):
            seconds.add(char)
        parts = unicodedata.decomposition(char).split()
        if len(parts) > 1 and parts[0][0] != "<":
            seconds.add(chr(int(parts[1], 16)))
    normal = {char: unicodedata.normalize("NFKC", char) for char in map(chr, range(0x80, 0x10000))}
    firsts = {char for char, text in normal.items() if text[:1] in seconds}
    return frozenset(char for char in seconds | firsts if not char.isascii())


def _ranges(chars: list[str]) -> str:
    runs = groupby(enumerate(chars), lambda pair: ord(pair[1]) - pair[0])
    spans = ([re.escape(char) for _, char in run] for _, run in runs)
    return "".join(f"{span[0]}-{span[-1]}" for span in spans)
