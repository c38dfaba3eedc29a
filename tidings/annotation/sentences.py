"""Split a text into paragraphs and sentences, for languages with and without spaces between
words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from tidings.base.languages.words import read_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Span(NamedTuple):
    """A range of a text: 0-based character offsets, end exclusive."""

    start: int
    end: int


MAX_QUOTE_LENGTH = 1200  # characters; a longer quotation probably lacks its closing mark

MAX_SENTENCE_LENGTH, MAX_NAMED = 2_500, 50
"""Most characters and listed names of a sentence with statements. A longer one is a list."""

_PAIRS = dict(zip("“„«»「『‹›《", ("”", '“”"', *"»«」』›‹》"), strict=True))
_CLOSES = re.compile(r"(?<=[^\s(:])[»›]|[»›](?![\w…›])")  # »Ja«, but «Oui» and « Oui »
_MARK = re.compile(rf"[\"{''.join(_PAIRS)}{''.join(_PAIRS.values())}]")
_PARAGRAPH = re.compile(r"[^\n]+(?:\n(?!\n)[^\n]+)*")
_LINE = re.compile(r"[^\n]+")
_BREAK = re.compile(r"(?<!\n)\n[ \t]*([^\s])")
_WRAPPED = 0.1  # least share of line breaks before a small letter in a text with wrapped lines
# The dateline of a news agency before the first sentence: place and day, and the agency in brackets
# or before a dash or colon.
DATELINE = re.compile(
    r"\s*(?:[A-ZÄÖÜ][\w .,'/-]{1,60}?\((?:[A-Z][\w .&-]{1,30})\)\s*(?:--|[-–—])\s+"
    r"|[^\n，。：]{2,24}?(?:日电|日讯|消息(?=[（(：:]))\s*+(?:[（(][^）)\n]{1,30}[）)])?\s*+[：:]?\s*+(?=\S))"
)
_END_WIDE = re.compile(r"[。！？!?…]+[”’」』）)》]*")
_END = re.compile(
    r"(?<![.!?…])[.!?…]++[\"”’»›)\]]*\s+(?=(?:[\"“„«‹(\[¿¡•–—-]*\s?|[»›])[^\W\d_a-zß-öø-ÿ]|[\"“„«‹(\[]*\d)"
)
_SHORT = "|".join(" ".join(read_tables("abbreviations.toml").values()).split())
_ABBREVIATION = re.compile(
    rf"(?:^|[\s(\"“„«])(?:[A-ZÄÖÜ]|[a-zäöü]|{_SHORT}|[A-Za-z](?:\.[A-Za-z])+|\d{{1,2}})\.$"
)


def split_paragraphs(text: str) -> Iterator[Span]:
    """Yield the paragraphs of a text in order: separated by empty lines if the lines are wrapped,
    else the lines.
    """
    opening = "".join(_BREAK.findall(text))
    is_wrapped = sum(map(str.islower, opening)) > _WRAPPED * len(opening)
    for match in (_PARAGRAPH if is_wrapped else _LINE).finditer(text):
        yield Span(*match.span())


def split_sentences(text: str, paragraph: Span, *, is_spaced: bool) -> list[Span]:
    """Return the sentences of a paragraph without its dateline, in order.

    A quotation stays in one sentence with its speaker. In a language with spaces (``is_spaced``),
    an ordinal (1.) or abbreviation (z.B.) does not end a sentence.
    """
    start, end = paragraph
    dateline = DATELINE.match(text, start, end)
    start = dateline.end() if dateline else start
    quoted = _find_quotes(text, start, end)
    sentences = []
    for match in (_END if is_spaced else _END_WIDE).finditer(text, start, end):
        is_quoted = _is_quoted(quoted, match.start(), match.end())
        before = text[max(start, match.start() - 23) : match.start() + 1]
        is_short = is_spaced and before.endswith(".") and _ABBREVIATION.search(before)
        if not (is_quoted or is_short):
            sentences.append(_trim(text, start, match.end()))
            start = match.end()
    sentences.append(_trim(text, start, end))
    return [span for span in sentences if span.start < span.end]


def _is_quoted(quoted: Sequence[Span], start: int, end: int) -> bool:
    """Return whether the last quotation before a full stop contains it and continues."""
    place = bisect_left(quoted, (start,))
    return place > 0 and end < quoted[place - 1].end


def divide_sentence(sentence: str, places: Sequence[tuple[int, int]], semicolon: str) -> list[Span]:
    """Return the part of each speaker in a sentence: all of it, unless a semicolon separates two.

    ``places`` are the start offsets of each speaker and verb, in order.
    """
    parts = []
    for number, (speaker, verb) in enumerate(places):
        start = sentence.rfind(semicolon, 0, min(speaker, verb)) + 1 if number else 0
        end = len(sentence)
        if number + 1 < len(places):
            end = sentence.rfind(semicolon, verb, max(verb, min(places[number + 1]))) + 1 or end
        parts.append(Span(end - len(sentence[start:end].lstrip(" ；;")), end))
    return parts


def _find_quotes(text: str, start: int, end: int) -> list[Span]:
    """Return the quotations with their marks. Straight marks open and close alternately."""
    quotes: list[Span] = []
    opened: int | None = None
    closing = ""
    for mark in _MARK.finditer(text, start, end):
        place, char = mark.start(), mark[0]
        if opened is None:
            if (char in _PAIRS and not _CLOSES.match(text, place)) or char == '"':
                opened, closing = place, _PAIRS.get(char, '"')
        elif char in closing:
            if place - opened <= MAX_QUOTE_LENGTH:
                quotes.append(Span(opened, place + 1))
            opened = None
    if opened is not None and _is_continued(text, opened, end):
        quotes.append(Span(opened, end + 1))
    return quotes


def _is_continued(text: str, opened: int, end: int) -> bool:
    """Return whether a quotation continues in the next paragraph."""
    is_short = end - opened <= MAX_QUOTE_LENGTH
    return is_short and text[end : end + 8].lstrip()[:1] == text[opened]


def _trim(text: str, start: int, end: int) -> Span:
    inner = text[start:end].lstrip()
    return Span(end - len(inner), end - len(inner) + len(inner.rstrip()))
