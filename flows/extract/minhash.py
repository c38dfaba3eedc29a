"""A MinHash signature: texts that share most of their word sequences share most of its numbers."""

from __future__ import annotations

import re
import unicodedata
import zlib
from functools import cache
from typing import Any

import numpy as np

SIZE = 128  # numbers a signature; the standard error of an estimated overlap is at most 0.044
_RUN = 4  # words a sequence; characters in scripts that do not part words
_FEWEST = 12  # words below which a text is too short to be told from others
_CHUNK = 2_048  # sequences hashed at once: 2 MB of numbers, whatever the length of the text
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")
# Normalisation sorts consecutive combining marks in quadratic time; UAX #15 caps them at 30. No word contains such a row.
_ROW = re.compile(r"(\W{60})\W+")


def sign(text: str) -> list[int]:
    """Return the signature of a text: SIZE numbers below 2**32, or none when it has fewer than twelve words.

    The share of places in which two signatures are equal estimates the overlap (Jaccard) of the texts' sets of four-word
    sequences (Broder 1997, On the resemblance and containment of documents). The same text gives the same numbers on every
    machine and in every version: the multipliers come from a fixed seed, the words' hashes are CRC-32.
    """
    words = _WORD.finditer(unicodedata.normalize("NFKC", _ROW.sub(r"\1", text)).casefold())
    hashes = np.fromiter((zlib.crc32(word[0].encode()) for word in words), dtype=np.uint64)
    if len(hashes) < _FEWEST:
        return []
    multipliers, offsets, places = _constants()
    last = len(hashes) - _RUN + 1
    runs = hashes[:last] * places[0]
    for i in range(1, _RUN):
        runs += hashes[i : last + i] * places[i]
    runs ^= runs >> np.uint64(29)
    least = np.full(SIZE, np.iinfo(np.uint64).max)
    for start in range(0, last, _CHUNK):
        numbers = multipliers[:, None] * runs[start : start + _CHUNK]
        numbers += offsets[:, None]
        np.minimum(least, numbers.min(axis=1), out=least)
    return [int(number) for number in least >> np.uint64(32)]


def resemblance(a: list[int], b: list[int]) -> float | None:
    """Return the estimated overlap of two texts, 0 to 1, or None when either was too short for a signature."""
    return sum(x == y for x, y in zip(a, b, strict=True)) / len(a) if a and b else None


@cache
def _constants() -> tuple[Any, Any, Any]:
    """Return odd multipliers and offsets for multiply-shift hashing, and a multiplier for each place in a sequence."""
    raw = np.random.PCG64(20230925).random_raw(2 * SIZE + _RUN)  # a stream that numpy promises not to change
    return raw[:SIZE] | np.uint64(1), raw[SIZE : 2 * SIZE], raw[2 * SIZE :] | np.uint64(1)
