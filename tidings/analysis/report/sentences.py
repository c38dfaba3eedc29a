"""Find the sentence around a place in a text."""

from __future__ import annotations

from typing import NamedTuple

from tidings.analysis.report.render import begin_at_word, end_at_word
from tidings.annotation.sentences import split_paragraphs, split_sentences
from tidings.base.languages import WITHOUT_SPACES, primary_language

REACH = 200
"""Most characters of a sentence before and after the place."""


class Snippet(NamedTuple):
    """The parts of a sentence before, at and after a place, and the span of the sentence in the
    text.
    """

    before: str
    match: str
    after: str
    span: tuple[int, int]


def find_sentence(text: str, start: int, end: int, language: str | None) -> Snippet:
    """Return the sentence that contains a place, cut between words at REACH characters on each
    side.

    Args:
        text: A title or body.
        start: First character of the place, from 0.
        end: Character after its last.
        language: The text's language as a BCP 47 tag, or None.
    """
    is_spaced = language is None or primary_language(language) not in WITHOUT_SPACES
    low, high = 0, len(text)
    for paragraph in split_paragraphs(text):
        if paragraph.start <= start < paragraph.end:
            low, high = paragraph
            for sentence in split_sentences(text, paragraph, is_spaced=is_spaced):
                if sentence.start <= start < sentence.end:
                    low, high = sentence
            break
    span, high = (low, high), max(high, end)
    before, after = begin_at_word(text[low:start], REACH), end_at_word(text[end:high], REACH)
    return Snippet(_one_line(before), _one_line(text[start:end]), _one_line(after), span)


def _one_line(text: str) -> str:
    return "".join(" " if char in "\n\r\t" else char for char in text)
