"""Find passages that two texts share, from marks that select a few of their word sequences.

Winnowing (Schleimer, Wilkerson and Aiken 2003, SIGMOD) keeps the sequence with the lowest hash in
each window. Two texts with a common passage of at least ``MIN_WORDS`` words have a mark in common.
A Chinese or Japanese character counts as a word.
"""

from __future__ import annotations

import hashlib
import re
from itertools import islice
from typing import NamedTuple

MIN_WORDS = 30
MIN_CHARACTERS = 50  # 30 Chinese characters may be a formula
MAX_WORDS = 20_000
_RUN = 10
_WINDOW = MIN_WORDS - _RUN + 1
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")


class Passage(NamedTuple):
    """A passage in two texts: 0-based character offsets, end exclusive, and its words."""

    start_offset: int
    end_offset: int
    other_start_offset: int
    other_end_offset: int
    word_count: int


def mark_passages(text: str) -> list[int]:
    """Return the marks of a text, sorted; none with fewer than ``MIN_WORDS`` words."""
    hashes = [hashlib.blake2b(run.encode(), digest_size=8) for run in _runs(_split(text))]
    marks = [int.from_bytes(one.digest()) >> 3 for one in hashes]
    starts = range(len(marks) - _WINDOW + 1)
    return sorted({min(marks[start : start + _WINDOW]) for start in starts})


def find_shared_passages(text: str, other: str) -> list[Passage]:
    """Return the passages of ``MIN_WORDS`` words and ``MIN_CHARACTERS`` in both texts, in the
    other's order; of several places in the first text, the first.
    """
    words, others = _split(text), _split(other)
    runs, other_runs = [*_runs(words), ""], [*_runs(others), None]  # with different ends
    places: dict[str | None, int] = {}
    for place, value in enumerate(runs):
        places.setdefault(value, place)
    found = []
    place = 0
    while place + 1 < len(other_runs):
        start, equal = places.get(other_runs[place], len(runs) - 1), 0
        while runs[start + equal] == other_runs[place + equal]:
            equal += 1
        last = equal + _RUN - 2  # the last equal word, if a run is equal
        if equal >= _WINDOW and words[start + last][2] - words[start][1] >= MIN_CHARACTERS:
            ends = others[place][1], others[place + last][2]
            found.append(Passage(words[start][1], words[start + last][2], *ends, last + 1))
        place += last + 1 if equal else 1
    return found


def _split(text: str) -> list[tuple[str, int, int]]:
    matches = islice(_WORD.finditer(text), MAX_WORDS)
    return [(match[0].casefold(), match.start(), match.end()) for match in matches]


def _runs(words: list[tuple[str, int, int]]) -> list[str]:
    """Return each ten neighbouring words as one text."""
    texts = [word for word, _, _ in words]
    return [" ".join(texts[start : start + _RUN]) for start in range(len(texts) - _RUN + 1)]
