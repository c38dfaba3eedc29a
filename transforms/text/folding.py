"""Text folded for matching, and the way back from a place in it to the text as stored.

Folding is Unicode NFKC and case folding (UAX #15, UAX #44); every sign that belongs to no word (dashes and no-break hyphens,
quotes, line ends) and stands for no letters becomes a space, and invisible characters go. So a phrase between two spaces is a
phrase at word boundaries.
``ß`` stays, for it would be the one everyday letter that changes a text's length: ``variants.py`` spells it both ways.

Nearly every character folds to one character, so places are the same; where a text holds others, a table of the places at which
the two run apart leads back. Folded text is kept as bytes of one or two a character, as the automaton searches it: UTF-8 would
take three for a Chinese sign and need its places counted.
"""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from bisect import bisect_left, bisect_right
from typing import NamedTuple

import numpy as np

INVISIBLE = "\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f"
MOST_MARKS = 60
"""Marks in a row that may melt into one character. To normalise a longer row takes quadratic time; UAX #15 caps it at 30."""
_UNEVEN = 0xFFFF  # a code that no text holds: marks the characters that do not fold one to one
_ASCII = bytes(code + 32 if 65 <= code <= 90 else code if chr(code).isalnum() and code < 128 else 32 for code in range(256))
_PRINTED = "’“”„‘–—…"  # the signs beyond Latin-1 that printed texts are full of, none of them part of a word


class Folded(NamedTuple):
    """A folded text: one byte a character where all are Latin-1, else two, little end first.

    ``breaks`` pairs places in it with places in the stored text; None: both are the same.
    """

    units: bytes
    width: int
    breaks: tuple[list[int], list[int]] | None

    @property
    def text(self) -> str:
        """The folded text itself."""
        return self.units.decode("latin-1" if self.width == 1 else "utf-16-le")


def fold(text: str) -> Folded:
    """Return the text folded for matching, with what is needed to lead places in it back to the text as given."""
    if text.isascii():
        return Folded(text.encode("ascii").translate(_ASCII), 1, None)
    if (folded := _fold_printed(text)) is not None:
        return Folded(folded, 1, None)
    codes = _table().take(np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16))
    highest = int(np.max(codes))
    if highest < 0x100:
        return Folded(codes.astype(np.uint8).tobytes(), 1, None)
    if highest == _UNEVEN:
        return align(text)
    return Folded(codes.tobytes(), 2, None)


def _fold_printed(text: str) -> bytes | None:
    """Return the folded text of letters of Latin-1 and the usual signs, or None where there are others, or some fold unevenly."""
    for sign in _PRINTED:
        text = text.replace(sign, " ")
    try:
        folded = text.encode("latin-1").translate(_latin())
    except UnicodeEncodeError:
        return None
    return None if 0 in folded else folded


def fold_by_definition(text: str) -> str:
    """Return the folded text as the definition has it, at leisure; ``fold`` gives the same."""
    kept = "".join(char if is_word(char) or spells_word(char) else " " for char in text if char not in INVISIBLE)
    parts = unicodedata.normalize("NFKC", kept).replace("ẞ", "ß").split("ß")
    folded = "ß".join(part.casefold() for part in parts)
    # Rare letters beyond the basic plane stand for themselves in its private area, so that each is one unit.
    return "".join(
        (char if char < "\U00010000" else chr(0xE000 + ord(char) % 0x1900)) if is_word(char) else " " for char in folded
    )


def is_word(char: str) -> bool:
    """Return whether a character may be part of a word: letters, digits, and the marks that stand on them."""
    return char.isalnum() or unicodedata.category(char)[0] == "M"


def spells_word(char: str) -> bool:
    """Return whether a sign stands for letters: ㎢, ㈱, or the radical ⼯, as copied from PDF, for 工; ™ does not."""
    if not unicodedata.category(char).startswith("S") or unicodedata.decomposition(char).startswith("<super>"):
        return False
    normal = unicodedata.normalize("NFKC", char)
    return normal != char and all(map(is_word, normal))


def align(text: str) -> Folded:
    """Return the folded text with its table of breaks, cluster by cluster: slower than ``fold``, right for every text."""
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
    narrow = max(folded, default="") < "\u0100"
    return Folded(folded.encode("latin-1" if narrow else "utf-16-le"), 1 if narrow else 2, (there, here))


def locate(folded: Folded, start: int, end: int) -> tuple[int, int]:
    """Return the span in the stored text that a span of the folded text came from, whole characters only."""
    if folded.breaks is None:
        return start, end
    there, here = folded.breaks  # stretches at even places run alike; those at odd places are uneven clusters
    first = bisect_right(there, start) - 1
    begin = here[first] if first % 2 else here[first] + start - there[first]
    last = bisect_left(there, end) - 1
    finish = here[last + 1] if last % 2 else here[last] + end - there[last]
    return begin, finish


@functools.cache
def _table() -> np.ndarray[tuple[int], np.dtype[np.uint16]]:
    """Return what each character of the basic plane folds to, or the code that marks an uneven one; surrogates are uneven."""
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
def _latin() -> bytes:
    """Return what each character of Latin-1 folds to, or zero where that is not one such character.

    A table of 256 bytes stays in the processor's cache beside the automaton; that of the basic plane does not.
    """
    codes = _table()[:0x100]
    return np.where(codes < 0x100, codes, 0).astype(np.uint8).tobytes()


@functools.cache
def _clusters() -> re.Pattern[str]:
    """Return the pattern of what does not fold one to one: a character with all that may melt into it, or an uneven one."""
    table = _table()
    joins = _ranges(sorted(_joining()))
    uneven = [chr(code) for code in np.flatnonzero(table == _UNEVEN).tolist()]
    alone = _ranges([char for char in uneven if char not in _joining()])
    melting = f"[{INVISIBLE}]*+[{joins}][{joins}{INVISIBLE}]{{0,{MOST_MARKS}}}"
    return re.compile(f"(?s:.){melting}|[{INVISIBLE}]++|[{alone}{joins}\U00010000-\U0010ffff]")


@functools.cache
def _joining() -> frozenset[str]:
    """Return the characters that may melt into the one before them: marks, second halves of decompositions, Hangul finals."""
    seconds = {chr(code) for code in [*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]}
    for code in range(sys.maxunicode + 1):
        parts = unicodedata.decomposition(chr(code))
        if parts and not parts.startswith("<") and " " in parts:
            seconds.add(chr(int(parts.split()[1], 16)))
    whole = {chr(code) for code in range(sys.maxunicode + 1) if unicodedata.combining(chr(code))}
    seconds |= whole
    for code in range(0x80, 0x10000):
        normal = unicodedata.normalize("NFKC", chr(code))
        if normal[:1] in seconds:
            seconds.add(chr(code))
    return frozenset(char for char in seconds if not char.isascii())


def _ranges(chars: list[str]) -> str:
    """Return the inside of a character class that holds the characters, given in order."""
    spans: list[list[int]] = []
    for char in chars:
        code = ord(char)
        if spans and code == spans[-1][1] + 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in spans)
