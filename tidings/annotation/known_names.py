"""Collect the people whom an article names in full, for their surnames, offices and pronouns."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tidings.annotation.languages.statements import Naming
    from tidings.annotation.speaker_phrases import SpeakerPhrases

_UPPER = r"[A-ZÀ-ÖØ-Þ]"
_WORD = rf"{_UPPER}(?:[\w'-]{{1,30}}|\.)"
_AT_PLACE = re.compile(r"(?:^|\s)(?:in|at|near|from|visited|à|aus|bei|nach)\s$")
_CAPITALISED = re.compile(rf"{_UPPER}[\w'-]{{1,30}}")
_QUOTED = re.compile(r"[\"“„«][^\"“”„«»]{0,2000}[\"”“»]")
_SEQUENCE = re.compile(
    rf"(?<![\w'-]){_WORD}(?:["
    rf" \t]{{1,3}}(?:{_WORD}|(?:de|la|le|von|van|der|den|bin|al|el|da|di|du|dos|del|ben)(?=["
    rf" \t]))){{1,5}}"
)
"""Two to six capitalised words, with lower-case particles between them."""


class KnownNames:
    """The people whom one article names in full. ``person_ids`` maps full names to people of the
    list.
    """

    def __init__(self, text: str, phrases: SpeakerPhrases, namings: Sequence[Naming]) -> None:
        self._text, self._phrases = text, phrases
        self.person_ids: dict[str, str] = {}
        for naming in namings:
            name = text[naming.start : naming.end].split()
            if naming.person_id and len(name) > 1 and name[0][0].isupper():
                self.person_ids.setdefault(" ".join(name), naming.person_id)

    @cached_property
    def full(self) -> Mapping[str, str]:
        """Return the full name of each surname, or the surname itself if two people have it.

        Names that differ only in a middle name or initial are those of one person.
        """
        names: dict[str, str] = {}
        sequences = map(self._phrases.person_in, _sequences(self._text))
        for name in (*(full.split() for full in self.person_ids), *sequences):
            if not name:
                continue
            surname, full = name[-1], " ".join(name)
            known = names.get(surname)
            if known is None or known.endswith(f" {full}"):
                names[surname] = full
            elif known.split()[0] != name[0] and not full.endswith(f" {known}"):
                names[surname] = surname
        return names

    def find(self, text: str) -> list[tuple[str, int]]:
        """Return the full names whose surnames a text contains outside quotations, each with its
        first place.
        """
        plain = _QUOTED.sub(lambda hit: " " * len(hit[0]), text)
        found: dict[str, int] = {}
        for hit in _CAPITALISED.finditer(plain):
            if (name := self.full.get(hit[0].removesuffix("'s"))) is not None:
                start = hit.end() - len(name)
                found.setdefault(
                    name, start if start >= 0 and text[start : hit.end()] == name else hit.start()
                )
        return list(found.items())


def _sequences(text: str) -> Iterator[str]:
    """Yield the sequences of capitalised words, except after a preposition of place."""
    for hit in _SEQUENCE.finditer(text):
        if not _AT_PLACE.search(text, max(0, hit.start() - 10), hit.start()):
            yield hit[0]
