"""Collect the people whom an article names in full, for their surnames, offices and pronouns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.transforms.text.speaker_phrases import SpeakerPhrases

_UPPER = r"[A-ZÀ-ÖØ-Þ]"
_WORD = rf"{_UPPER}(?:[\w'-]{{1,30}}|\.)"
_SEQUENCE = re.compile(
    rf"(?<![\w'-]){_WORD}(?:[ \t](?:{_WORD}|(?:de|la|le|von|van|der|den|bin|al|el|da|di|du|dos|del|ben)(?=[ \t]))){{1,5}}"
)
"""Two to six capitalised words, with lower-case particles between them."""


class KnownNames:
    """The full names of the people in one article: ``full`` maps each surname to the first full name with it."""

    def __init__(self, text: str, phrases: SpeakerPhrases) -> None:
        self.full: dict[str, str] = {}
        for words in _sequences(text):
            name = phrases.person_in(words)
            if name:
                self.full.setdefault(name[-1], " ".join(name))


def _sequences(text: str) -> Iterator[list[str]]:
    for hit in _SEQUENCE.finditer(text):
        yield hit[0].split()
