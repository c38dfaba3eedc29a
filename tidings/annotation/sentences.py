"""Split a text into paragraphs and sentences, for languages with and without spaces between
words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tidings.base.languages.months import MONTH
from tidings.base.languages.words import read_tables


class Span(NamedTuple):
    """A range of a text: 0-based character offsets, end exclusive."""

    start: int
    end: int


MAX_QUOTE_LENGTH = 1200  # characters; a longer quotation probably lacks its closing mark

MAX_SENTENCE_LENGTH, MAX_NAMED = 2_500, 50
"""Most characters and listed names of a sentence with statements. A longer one is a list."""

_PAIRS = dict(zip('"“„«»「『‹›《', ("\"''", '”"', '“”"', *"»«」』›‹》"), strict=True))
# »Ja«, but «Oui» and « Oui »
_CLOSES = re.compile(r"(?<=[^\s(:])[»›]|(?:[»›]|'')(?![\w…›])")
_MARK = re.compile("''|``|[\"“”„«»「」『』‹›《》]")
_PAIRS |= {"``": "''", "''": "''"}
_BLOCK = re.compile(r"[^\n]+(?:\n(?!\n)[^\n]+)*")
_LINE = re.compile(r"[^\n]+")
_WRAPPED = 0.1  # least share of small letters at the beginning of wrapped lines
_CAPITALS = r"[A-Z][A-Z.']{2,20}(?: [A-Z.']{2,20}){0,3}"
# The dateline of a news agency before the first sentence: place and day, and the agency in brackets
# or before a dash or colon.
DATELINE = re.compile(
    r"\s*(?:[A-ZÄÖÜ][\w .,'/-]{1,60}?\((?:[A-Z][\w .&-]{1,30})\)\s*(?:--|[-–—])\s+"
    rf"|\(?(?:{_CAPITALS}(?:,\s[A-Z][\w.]{{1,15}})?|[A-Z][\w.' -]{{2,30}},\s[A-Z]\.?[A-Z]\.?)\)?"
    r"\s*+(?:--|[-–—]|(?<=, [A-Z][A-Z]):)\s*+(?=[\"“A-Z])"
    r"|[^\n，。：]{2,24}?(?:日电|日讯|消息(?=[（(：:]))\s*+(?:[（(][^）)\n]{1,30}[）)])?\s*+[：:]?\s*+(?=\S))"
)
_END_WIDE = re.compile(r"[。！？!?…]+[”’」』）)》]*")
_END = re.compile(
    r"(?<![.!?…])[.!?…]++[\"”“’»›)\]]*(?:\s(?:''|»)(?=\s))?\s+(?=(?:[\"“„«‹(\[¿¡•–—'`-]*\s?|[»›])[^\W\d_a-zß-öø-ÿ]|[\"“„«‹(\[]*\d)"
)
_CLOSED = re.compile(r"(?:''|[\"”“])\s+[A-ZÀ-Þ]")  # . " The
_SHORT = "|".join(" ".join(read_tables("abbreviations.toml").values()).split())
_ABBREVIATION = re.compile(
    rf"(?:^|[\s(\"“„«])(?:[A-ZÄÖÜ]|[a-zäöü]|{_SHORT}|[A-Za-z](?:\.[A-Za-z])+|\d{{1,2}})\.$"
)

# June 30. Boats; Channel 10. Rain; Muster, 13. Boote; but not: Montag 3. Mai
_NUMBERED = re.compile(rf"[A-ZÄÖÜ][^\W\d_]+(?:\s\d{{1,2}}|,\s[1-9]\d)\.[\"”’»]*\s+(?!(?i:{MONTH}))")
_LONGEST_SHORT = 24  # characters of an abbreviation, or of a number and the word before it


def split_paragraphs(text: str) -> Iterator[Span]:
    """Yield the paragraphs of a text in order: the blocks between empty lines if their lines are
    wrapped, else the lines.
    """
    for block in _BLOCK.finditer(text):
        openings = [line[0].lstrip()[:1].islower() for line in _LINE.finditer(block[0])][1:]
        if sum(openings) > _WRAPPED * len(openings):
            yield Span(*block.span())
        else:
            yield from (Span(*line.span()) for line in _LINE.finditer(text, *block.span()))


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
        stop = _end_outside(text, quoted, match)
        if stop is not None and not (is_spaced and _is_short(text, start, match)):
            sentences.append(_trim(text, start, stop))
            start = stop
    sentences.append(_trim(text, start, end))
    return [span for span in sentences if span.start < span.end]


def _is_short(text: str, start: int, end: re.Match[str]) -> bool:
    """Return whether a full stop belongs to an abbreviation or an ordinal."""
    start = max(start, end.start() - _LONGEST_SHORT)
    before = text[start : end.start() + 1]
    if not (before.endswith(".") and _ABBREVIATION.search(before)):
        return False
    is_closed = text[end.end() : end.end() + 1] in _PAIRS or _NUMBERED.search(
        text, start, end.end() + 12
    )
    return not (before[-2].isdigit() and is_closed)


def _end_outside(text: str, quoted: Sequence[Span], end: re.Match[str]) -> int | None:
    """Return where a sentence ends, behind a mark that a space separates from the full stop; None
    within a quotation that continues.
    """
    place = bisect_left(quoted, (end.start(),))
    stop = quoted[place - 1].end if place else 0
    if end.end() >= stop:
        return end.end()
    return stop if _CLOSED.match(text, end.end(), stop + 3) and stop - end.end() < 3 else None


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
            if char in _PAIRS and not _CLOSES.match(text, place):
                opened, closing = place, _PAIRS[char]
        elif char in closing:
            if place - opened <= MAX_QUOTE_LENGTH:
                quotes.append(Span(opened, mark.end()))
            opened = None
    # it continues in the next paragraph
    if opened is not None and text[end : end + 8].lstrip()[:1] == text[opened]:
        quotes += [Span(opened, end + 1)] * (end - opened <= MAX_QUOTE_LENGTH)
    return quotes


def _trim(text: str, start: int, end: int) -> Span:
    inner = text[start:end].lstrip()
    return Span(end - len(inner), end - len(inner) + len(inner.rstrip()))
