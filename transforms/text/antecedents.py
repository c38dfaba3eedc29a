"""Find the speaker to whom a pronoun, an office without a name or a quotation that stands alone refers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.transforms.text.known_names import KnownNames
    from tidings.transforms.text.sentences import Span
    from tidings.transforms.text.speaker_phrases import Phrase

_CAPITALISED = re.compile(r"[A-ZÀ-ÖØ-Þ][\w'-]{1,30}")
_QUOTED = re.compile(r"[\"“„«][^\"“”„«»]{0,2000}[\"”“»]")
_FARTHEST = 2
"""Most sentences between a pronoun and the speaker to whom it refers."""


class Person(NamedTuple):
    """A speaker: name, kind, the place of the name, noun or pronoun in the text, the listed person, gender and office noun."""

    name: str
    kind: str
    start: int
    end: int
    person_id: str | None = None
    gender: str | None = None
    role: str = ""


class Antecedents:
    """The speakers of a text so far."""

    def __init__(self, names: KnownNames) -> None:
        self._names = names
        self._last: list[Person] = []  # the speakers of the last sentence with a statement
        self._distance = 0  # sentences since then
        self._named: list[str] = []  # full names in the preceding sentence, outside quotations
        self._genders: dict[str, str] = {}
        self._holders: dict[str, set[str]] = {}  # office noun → names of the people who hold it in this text
        self._people: dict[str, Person] = {}

    def start_paragraph(self) -> None:
        """Count a new paragraph as one more sentence, so that a reference does not reach far."""

    def gender(self, name: str) -> str | None:
        """Return the gender that the text has told of a person so far."""
        return self._genders.get(name)

    def remember(self, span: Span, speakers: Sequence[Person]) -> None:  # noqa: ARG002
        """Store the speakers of a sentence."""
        self._last, self._distance, self._named = list(speakers), 0, []
        for person in speakers:
            if person.kind == "person":
                self._people[person.name] = person
                if person.gender:
                    self._genders.setdefault(person.name, person.gender)
                if person.role:
                    self._holders.setdefault(person.role, set()).add(person.name)

    def pass_over(self, span: Span, sentence: str) -> None:  # noqa: ARG002
        """Store the names in a sentence without a statement."""
        self._distance += 1
        self._named = self._names_in(sentence)

    def quoted(self, span: Span) -> Person | None:  # noqa: ARG002
        """Return the speaker of a quotation that stands alone right after a statement; None if there are two."""
        return self._last[0] if len(self._last) == 1 and self._distance == 0 else None

    def holder(self, phrase: Phrase) -> Person | None:
        """Return the only person of the text with an office: "the minister" after "Minister X"."""
        if len(phrase.name.split()) > len(("the", "office")):
            return None
        names = self._holders.get(phrase.role, set())
        return self._people[next(iter(names))] if len(names) == 1 else None

    def pronoun(self, phrase: Phrase, span: Span, before: str, *, is_weak: bool, place: tuple[int, int]) -> Person | None:  # noqa: ARG002
        """Return the speaker to whom a pronoun refers; unnamed if that is not certain."""
        start, end = place
        if phrase.gender is None:  # they, it
            last = self._last[0] if self._last and self._distance == 0 else None
            wanted = {"collective"} if phrase.name.lower() != "it" else {"body"}
            if last and last.kind in wanted:
                return last._replace(start=start, end=end)
            return None if is_weak and phrase.name.lower() == "it" else Person(phrase.name, "unnamed", start, end)
        person = self._antecedent(phrase, self._names_in(before))
        if person is None:
            return Person(phrase.name, "unnamed", start, end, None, phrase.gender)
        return person._replace(start=start, end=end, gender=phrase.gender)

    def _antecedent(self, phrase: Phrase, named: Sequence[str]) -> Person | None:
        fits = [name for name in named if self._genders.get(name, phrase.gender) == phrase.gender]
        last = [
            person
            for person in self._last
            if person.kind in {"person", "role"}
            and (person.gender or self._genders.get(person.name, phrase.gender)) == phrase.gender
        ]
        if self._distance <= _FARTHEST and len(last) == 1:
            others = [
                name
                for name in (*self._named, *fits)
                if name != last[0].name and self._genders.get(name, phrase.gender) == phrase.gender
            ]
            return None if others else last[0]
        candidates = list(
            dict.fromkeys(fits or [name for name in self._named if self._genders.get(name, phrase.gender) == phrase.gender])
        )
        if len(candidates) != 1:
            return None
        return self._people.get(candidates[0]) or Person(candidates[0], "person", 0, 0)

    def _names_in(self, sentence: str) -> list[str]:
        """Return the full names whose surnames a text contains outside quotations."""
        full = self._names.full
        plain = _QUOTED.sub(" ", sentence)
        words = (word.removesuffix("'s") for word in _CAPITALISED.findall(plain))
        return list(dict.fromkeys(full[word] for word in words if word in full))
