"""Text folded for matching, and the way back from a place in it to the text as stored.

Folding is Unicode NFKC and full case folding (UAX #15, UAX #44), with dashes, no-break hyphens and every kind of space made one
space, and invisible characters dropped. Most texts keep their length, so places are the same; where they do not, a table of
the places at which the two run apart leads back.
"""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from bisect import bisect_left, bisect_right
from typing import NamedTuple

_DASHES = "-\u2010\u2011\u2012\u2013\u2212"
_SPACES = "\t\n\r\u00a0\u2002\u2003\u2009\u202f\u3000"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_TO_SPACE = str.maketrans(dict.fromkeys(_DASHES + _SPACES, " "))
_DROP = str.maketrans(dict.fromkeys(_INVISIBLE))
_SOME_INVISIBLE = re.compile(f"[{_INVISIBLE}]")
# Dashes left after NFKC: the no-break hyphen has become U+2010, spaces have become plain ones.
_LEFT_AFTER_NFKC = ("-", "\n", "\u2010", "\u2013", "\u2012", "\u2212", "\t", "\r")
_APOSTROPHES = "\u2019"


class Folded(NamedTuple):
    """A folded text; ``breaks`` pairs places in it with places in the stored text, None where both are the same."""

    text: str
    breaks: tuple[list[int], list[int]] | None


def fold(text: str) -> Folded:
    """Return the text folded for matching, with what is needed to lead places in it back to the text as given."""
    if text.isascii():
        return Folded(text.lower().replace("-", " ").replace("\n", " ").replace("\t", " ").replace("\r", " "), None)
    folded = fold_plainly(text)
    if len(folded) == len(text):
        return Folded(folded, None)
    return align(text)


def fold_plainly(text: str) -> str:
    """Return the folded text alone, as phrases and texts are compared."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not folded.isascii():
        if _SOME_INVISIBLE.search(folded):
            folded = folded.translate(_DROP)
        folded = folded.replace(_APOSTROPHES, "'")
        for char in _LEFT_AFTER_NFKC:
            folded = folded.replace(char, " ")
        return folded
    return folded.replace("-", " ").replace("\n", " ").replace("\t", " ").replace("\r", " ")


def align(text: str) -> Folded:
    """Return the folded text with its table of breaks, cluster by cluster: slower than ``fold``, right for every text."""
    parts: list[str] = []
    there: list[int] = [0]
    here: list[int] = [0]
    done = 0
    length = 0
    for cluster in _uneven().finditer(text):
        start, end = cluster.span()
        parts.append(fold_plainly(text[done:start]))
        length += start - done
        there.append(length)
        here.append(start)
        piece = fold_plainly(cluster.group())
        parts.append(piece)
        length += len(piece)
        there.append(length)
        here.append(end)
        done = end
    parts.append(fold_plainly(text[done:]))
    return Folded("".join(parts), (there, here))


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
def _uneven() -> re.Pattern[str]:
    """Return the pattern of clusters that do not fold one character to one."""
    alone: list[str] = []
    joining: list[str] = []
    seconds = _second_parts()
    for code in range(0x80, sys.maxunicode + 1):
        char = chr(code)
        kind = unicodedata.category(char)
        if kind in {"Cn", "Cs", "Co"}:
            continue
        normal = unicodedata.normalize("NFKC", char)
        if (
            unicodedata.combining(char)
            or char in seconds
            or (normal and (unicodedata.combining(normal[0]) or normal[0] in seconds))
        ):
            joining.append(char)
        elif char in _INVISIBLE or len(normal.casefold()) != 1:
            alone.append(char)
    joins, singles = _ranges(joining), _ranges(alone)
    return re.compile(f"(?s:.)[{joins}]+|[{singles}{joins}]")


def _second_parts() -> set[str]:
    """Return the characters that may melt into the one before them: second halves of decompositions, Hangul vowels and finals."""
    seconds = {chr(code) for code in [*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]}
    for code in range(sys.maxunicode + 1):
        parts = unicodedata.decomposition(chr(code))
        if parts and not parts.startswith("<") and " " in parts:
            seconds.add(chr(int(parts.split()[1], 16)))
    return {char for char in seconds if not char.isascii()}


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
