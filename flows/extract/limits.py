"""Limits of an article's fields, and the numbers that are computed from its text."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidings.flows.extract.minhash import sign
from tidings.flows.urls import MAX_URL_CHARS

if TYPE_CHECKING:
    from collections.abc import Iterable

# Characters. Of 876 labelled pages the longest text has 53,411, the longest first paragraph 10,040, the longest title 175; the
# longest State of the Union address has about 210,000.
MAX_TEXT = 300_000
MAX_LEAD = 20_000
MAX_TITLE = 2_000
MAX_LABEL = 500  # an author, a section, a place
MAX_NAMES = 100  # authors
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_WORD = re.compile("[^\\W\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]+")


@dataclass(frozen=True, slots=True)
class Measures:
    """Numbers that are computed from an article's title and text, in the process that cleans."""

    word_count: int
    content_hash: str
    signature: tuple[int, ...]


def measure(title: str, paragraphs: Iterable[str]) -> Measures:
    """Return the numbers of a title and a text."""
    text = "\n\n".join(paragraphs)
    return Measures(count_words(text), content_hash(title, text), tuple(sign(text)))


def count_words(text: str) -> int:
    """Return the number of words, counting each character of scripts that do not separate words (Chinese, Japanese, Thai)."""
    return sum(1 for _ in _CJK.finditer(text)) + sum(1 for _ in _WORD.finditer(text))


def content_hash(title: str, body_text: str) -> str:
    """Return the hash of a title and a text (SHA-256, 32 hexadecimal digits), each run of white space counting as one space."""
    return hashlib.sha256(
        "\n".join(" ".join(part.split()) for part in (title, body_text)).encode("utf-8", "replace")
    ).hexdigest()[:32]


def shorten(paragraphs: Iterable[str]) -> tuple[str, ...]:
    """Return the paragraphs up to MAX_TEXT characters, separators included; the last one may be cut."""
    kept, room = list[str](), MAX_TEXT
    for paragraph in paragraphs:
        if room <= 0:
            break
        kept.append(paragraph[:room])
        room -= len(paragraph) + 2
    return tuple(kept)


def cut(text: str | None, limit: int) -> str | None:
    """Return a text's first ``limit`` characters; None stays None."""
    return text[:limit] if text else text


def whole(url: str | None) -> str | None:
    """Return a URL, or None if it is too long to be stored: a part of a URL names another page."""
    return url if url and len(url) <= MAX_URL_CHARS else None
