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
    places: dict[str, int] = {}
    for place, value in enumerate(_runs(words)):
        places.setdefault(value, place)
    found = []
    runs = _runs(others)
    place = 0
    while place < len(runs):
        start = places.get(runs[place])
        length = 0 if start is None else _equal_words(words, start, others, place)
        if start is not None and length >= MIN_WORDS:
            span = words[start][1], words[start + length - 1][2]
            if span[1] - span[0] >= MIN_CHARACTERS:
                found.append(
                    Passage(*span, others[place][1], others[place + length - 1][2], length)
                )
        place += max(length, 1)
    return found


def _split(text: str) -> list[tuple[str, int, int]]:
    matches = islice(_WORD.finditer(text), MAX_WORDS)
    return [(match[0].casefold(), match.start(), match.end()) for match in matches]


def _runs(words: list[tuple[str, int, int]]) -> list[str]:
    """Return each ten neighbouring words as one text."""
    texts = [word for word, _, _ in words]
    return [" ".join(texts[start : start + _RUN]) for start in range(len(texts) - _RUN + 1)]


def _equal_words(
    words: list[tuple[str, int, int]],
    start: int,
    others: list[tuple[str, int, int]],
    other_start: int,
) -> int:
    length, most = 0, min(len(words) - start, len(others) - other_start)
    while length < most and words[start + length][0] == others[other_start + length][0]:
        length += 1
    return length
