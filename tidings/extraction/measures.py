"""Limits of an article's fields, and numbers computed from its text: words, hash, signature."""

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from tidings.base.urls import MAX_URL_CHARS
from tidings.base.writing import ALPHABETS, HAN

# Characters, above those of all labelled pages and of all State of the Union addresses.
MAX_TEXT = 300_000
MAX_LEAD = 20_000
MAX_TITLE = 2_000
MAX_LABEL = 500  # an author, a section, a place
MAX_NAMES = 100  # authors
_COUNTED_SIGN = re.compile(f"[{HAN}{ALPHABETS}]")
_COUNTED_WORD = re.compile(f"[^\\W{HAN}{ALPHABETS}]+")


@dataclass(frozen=True, slots=True)
class Measures:
    """Numbers computed from an article's title and text."""

    word_count: int
    content_hash: str
    signature: tuple[int, ...]


def measure(title: str, paragraphs: Iterable[str]) -> Measures:
    """Return the measures of a title and a text."""
    text = "\n\n".join(paragraphs)
    return Measures(count_words(text), content_hash(title, text), tuple(minhash(text)))


def count_words(text: str) -> int:
    """Return the number of words; in scripts without spaces each character counts."""
    return len(text) - len(_COUNTED_SIGN.sub("", text)) + len(_COUNTED_WORD.findall(text))


def content_hash(title: str, body_text: str) -> str:
    """Return the hash of title and text (SHA-256, 32 hexadecimal digits) without white space."""
    return hashlib.sha256(
        "\n".join(" ".join(part.split()) for part in (title, body_text)).encode("utf-8", "replace")
    ).hexdigest()[:32]


def cut(text: str | None, limit: int) -> str | None:
    """Return a text's first characters; None stays None."""
    return text[:limit] if text else text


def whole(url: str | None) -> str | None:
    """Return a URL, or None if it is too long: a shortened one would identify another page."""
    return url if url and len(url) <= MAX_URL_CHARS else None


SIZE = 128  # numbers per signature; the standard error of an estimated overlap is at most 0.044
_RUN = 4  # words per sequence; characters in scripts that do not separate words
_MIN_WORDS = 12  # words; a shorter text has no signature because it resembles too many others
_CHUNK = 2_048  # sequences hashed in one step, which limits memory to 2 MB for a text of any length
_CJK = f"{HAN}\uac00-\ud7af\u0e00-\u0e7f"
WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")  # each character of these scripts is a word
# Normalisation sorts consecutive combining marks in quadratic time; UAX #15 caps them at 30. No
# word contains a longer run.
_ROW = re.compile(r"[^\w\x00-\u02ff][^\w\x00-\u02ff]{60,}")


def minhash(text: str) -> list[int]:
    """Return the MinHash signature: SIZE numbers below 2**32, or an empty list for under twelve
    words.

    The share of equal positions estimates the Jaccard overlap of two texts' sets of four-word
    sequences. It is the same on every machine: the multipliers come from a fixed seed, and words
    are hashed with CRC-32.

    Source: Broder (1997), On the resemblance and containment of documents.
    """
    words = WORD.finditer(
        unicodedata.normalize("NFKC", _ROW.sub(lambda row: row[0][:60], text)).casefold()
    )
    hashes = np.fromiter((zlib.crc32(word[0].encode()) for word in words), dtype=np.uint64)
    if len(hashes) < _MIN_WORDS:
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
    signature: list[int] = (least >> np.uint64(32)).tolist()
    return signature


@cache
def _constants() -> tuple[Any, Any, Any]:
    """Return odd multipliers and offsets for multiply-shift hashing, and multipliers of places."""
    # numpy guarantees that this stream does not change
    raw = np.random.PCG64(20230925).random_raw(2 * SIZE + _RUN)
    return raw[:SIZE] | np.uint64(1), raw[SIZE : 2 * SIZE], raw[2 * SIZE :] | np.uint64(1)
