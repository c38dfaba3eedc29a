"""Find the speaker to whom a pronoun, an office without a name or a quotation without a speaker
refers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tidings.annotation.speaker_phrases import Phrase

_FARTHEST = 3
"""Most sentences between a pronoun and the speaker to whom it refers."""


class Person(NamedTuple):
    """A speaker: name, kind, the place of the name, noun or pronoun in the text, the listed person,
    gender and office noun.
    """

    name: str
    kind: str
    start: int
    end: int
    person_id: str | None = None
    gender: str | None = None
    role: str = ""


class Antecedents:
    """The speakers of a text so far, and the people whom its sentences name."""

    def __init__(
        self,
        find_people: Callable[[str], Sequence[Person]],
        listed_gender: Callable[[str], str | None],
        *,
        has_grammatical_gender: bool,
    ) -> None:
        self._find_people = find_people  # the people whom a sentence names
        self._listed_gender = listed_gender
        self._speaking = (
            {"person", "role", "body"} if has_grammatical_gender else {"person", "role"}
        )
        self._last: list[Person] = []  # the speakers of the last sentence with a statement
        self._distance = 0  # sentences since then
        self._sentences: list[str] = []  # sentences of the paragraph so far
        # the last statement's sentence, or the last sentences of the paragraph since
        self._since: list[str] = []
        self._read = 0  # how many of them are in ``_people_named``
        self._people_named: dict[str, Person] = {}  # by name, outside quotations
        self._genders: dict[str, str] = {}
        # office noun → names of the people who hold it in this text
        self._holders: dict[str, set[str]] = {}
        self._people: dict[str, Person] = {}
        self._bodies: dict[str, Person] = {}  # lower-case noun → the body named last with it

    def start_paragraph(self) -> None:
        """Forget the people who are only named; speakers are kept."""
        self._sentences, self._read, self._people_named, self._since = [], 0, {}, []

    def gender(self, person: Person) -> str | None:
        """Return the gender of a person that the text has shown so far."""
        return person.gender or self._genders.get(person.name)

    def remember(self, speakers: Sequence[Person], sentence: str) -> None:
        """Store a sentence and its speakers."""
        self._sentences.append(sentence)
        self._since = [sentence] if speakers else [*self._since[1 - _FARTHEST :], sentence]
        if not speakers:
            self._distance += 1
            return
        self._last, self._distance = list(speakers), 0
        for person in speakers:
            if person.kind == "body" and " " in person.name:
                self._bodies |= {word.lower(): person for word in person.name.split()}
            if person.kind == "person":
                self._people[person.name] = person
                if person.gender:
                    self._genders.setdefault(person.name, person.gender)
                if person.role:
                    self._holders.setdefault(person.role, set()).add(person.name)

    def quoted(self) -> Person | None:
        """Return the speaker of a quotation without a speaker right after a statement; None if
        there are two.
        """
        return self._last[0] if len(self._last) == 1 and self._distance == 0 else None

    def holder(self, phrase: Phrase, offices: Callable[[str], Sequence[str]]) -> Person | None:
        """Return the only person of the text with an office: "the minister" after "Minister X".

        ``offices`` returns the listed offices of a listed person.
        """
        if len(phrase.name.split()) > len(("the", "office")):
            return None
        names = self._holders.get(phrase.role, set())
        if len(names) == 1:
            return self._people[next(iter(names))]
        people = self._named()
        if len(people) != 1 or not people[0].person_id:
            return None
        pattern = re.compile(rf"\b{re.escape(phrase.role)}\b", re.IGNORECASE)
        return people[0] if any(map(pattern.search, offices(people[0].person_id))) else None

    def body(self, noun: str) -> Person | None:
        """Return the body that the text has named with a noun: "the ministry" after "the Ministry
        of Ports".
        """
        return self._bodies.get(noun.lower())

    def pronoun(
        self, phrase: Phrase, before: Sequence[Person], *, is_weak: bool, place: tuple[int, int]
    ) -> Person | None:
        """Return the speaker to whom a pronoun refers; unnamed if that is not certain.

        ``before`` are the people whom the sentence names before the pronoun.
        """
        start, end = place
        unnamed = Person(phrase.name, "unnamed", start, end)
        if phrase.gender is None:
            return self._thing(unnamed, is_weak=is_weak)
        person = self._antecedent(phrase, before)
        if person is not None:
            gender = person.gender if person.kind == "body" else phrase.gender
            return person._replace(start=start, end=end, gender=gender)
        if "body" not in self._speaking:
            return unnamed._replace(gender=phrase.gender)
        return None if is_weak else unnamed  # the pronoun may refer to a thing

    def _thing(self, unnamed: Person, *, is_weak: bool) -> Person | None:
        """Return the speaker to whom "it" or "they" refers."""
        is_thing = unnamed.name.lower() == "it"
        last = self._last[0] if self._last and self._distance == 0 else unnamed
        if last.kind == ("body" if is_thing else "collective"):
            return last._replace(start=unnamed.start, end=unnamed.end)
        return None if is_weak and is_thing else unnamed

    def _named(self) -> list[Person]:
        """Return the people named in the paragraph so far; each sentence is read once."""
        for sentence in self._sentences[self._read :]:
            for person in self._find_people(sentence):
                self._people_named.setdefault(person.name, person)
        self._read = len(self._sentences)
        return list(self._people_named.values())

    def _antecedent(self, phrase: Phrase, before: Sequence[Person]) -> Person | None:
        """Return the last speaker if no other person of the gender is named since; else the only
        other one.

        A person who is only named must have been the subject of the sentence (``start`` 0).
        """
        named = before
        last = self._fitting(self._last, phrase)
        last = [person for person in last if person.kind in self._speaking]
        if self._distance < _FARTHEST and len(last) == 1:
            named = self._others(last[0], before)
            if not self._fitting(named, phrase):
                return last[0]
        fits = self._fitting(named, phrase) or self._fitting(self._named(), phrase)
        people = list({person.name: person for person in fits}.values())
        is_certain = len(people) == 1 and people[0].start == 0  # the subject of its sentence
        return people[0] if is_certain else None

    def _others(self, speaker: Person, before: Sequence[Person]) -> list[Person]:
        """Return the other people whom the text names since a person spoke."""
        since = [person for sentence in self._since for person in self._find_people(sentence)]
        same = f"{speaker.name.lower()} {speaker.role}"
        return [person for person in (*since, *before) if person.name.lower() not in same]

    def _fitting(self, people: Iterable[Person], phrase: Phrase) -> list[Person]:
        """Return the people who may have the gender of a pronoun."""
        return [person for person in people if self._may_be(person, phrase)]

    def _may_be(self, person: Person, phrase: Phrase) -> bool:
        listed = self._listed_gender(person.person_id) if person.person_id else None
        return (self.gender(person) or listed or phrase.gender) == phrase.gender
