"""Find the speaker to whom a pronoun, an office without a name or a quotation without a speaker
refers.

A sentence gives most salience to its speakers, less to its subject and least to others. Salience
decreases with every sentence, and a pronoun refers to the most salient person of its gender (Lappin
and Leass, Computational Linguistics 20(4), 1994), unless another person is nearly as salient.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tidings.annotation.sentences import MAX_SENTENCE_LENGTH, Span, split_sentences
from tidings.annotation.speaker_phrases import NEUTER, PLURAL, Person

_SPEAKER, _SUBJECT, _OTHER = 4.0, 3.5, 1.0
"""Salience that a sentence gives to its speaker, its subject, and others whom it names."""
_DECREASE = 0.6
_FARTHEST = 8
"""Most sentences between a pronoun and the last mention of the speaker to whom it refers."""
LAST_SUBJECT = _SUBJECT / 2 * _DECREASE
"""Least salience of the subject of the last sentence."""
_LEAST = 0.5
_RATIO = 1.4
"""Least salience of an antecedent, and least ratio to that of the next person."""


class Mention(NamedTuple):
    """A person whom a sentence names. ``is_sure``: the name is certainly that of a person."""

    person: Person
    is_subject: bool
    is_sure: bool

    @property
    def weight(self) -> float:
        """Return the salience of the person in the sentence."""
        return (_SUBJECT if self.is_subject else _OTHER) / (1 if self.is_sure else 2)


class Antecedents:
    """The speakers of a text so far, and the people whom its sentences name.

    ``has_gender``: nouns have a gender, so that "er" or "elle" may refer to bodies.
    """

    def __init__(
        self,
        find_people: Callable[[str], Sequence[Mention]],
        gender_of: Callable[[Person], str | None],
        may_be_person: Callable[[str], bool],
        has_gender: bool,
    ) -> None:
        self._find_people = find_people
        self._gender_of = gender_of
        self._may_be_person = may_be_person
        self._has_gender = has_gender
        self._last: list[Person] = []  # the speakers of the last sentence with a statement
        self._distance = 0  # sentences since then
        # texts that are not yet read, with their speakers
        self._unread: list[tuple[str, Sequence[Person]]] = []
        # the salience of people by name in the last sentences, the last one first
        self._salience: deque[dict[str, float]] = deque(maxlen=_FARTHEST)
        self._people: dict[str, Person] = {}
        self._meant: set[str] = set()  # names to which a pronoun may refer
        self._genders: dict[str, str] = {}
        # office noun → names of the people who hold it in this text
        self._holders: dict[str, set[str]] = {}
        self._titled: dict[str, set[str]] = {}  # the same for people whom it names
        self._bodies: dict[str, Person] = {}  # lower-case noun → the body named last with it

    def gender(self, person: Person) -> str | None:
        """Return the gender of a person that the text has shown so far."""
        return person.gender or self._genders.get(person.name)

    def remember(self, speakers: Sequence[Person], text: str) -> None:
        """Store a sentence with its speakers, or a paragraph without statements."""
        self._unread.append((text, speakers))
        if not speakers:
            self._distance += 1
            return
        self._last, self._distance = list(speakers), 0
        for person in speakers:
            if person.kind == "body":
                words = person.name.lower().split()
                self._bodies |= dict.fromkeys((*words[len(words) == 1 :], person.role), person)
            if person.gender:
                self._genders.setdefault(person.name, person.gender)
            if person.kind == "person":
                self._people[person.name] = person
                if person.role:
                    self._holders.setdefault(person.role, set()).add(person.name)

    def quoted(self, farthest: int = 0, *, is_group: bool = True) -> Person | None:
        """Return the only speaker of the last statement, at most ``farthest`` sentences ago; a
        group without a name only if ``is_group``.
        """
        is_only = len(self._last) == 1 and self._distance <= farthest
        is_other = is_only and not is_group and self._last[0].kind == "collective"
        return self._last[0] if is_only and not is_other else None

    def holder(self, phrase: Person, *, is_bare: bool) -> Person | None:
        """Return the only person of the text with an office: "the minister" after "Minister X"; for
        ``is_bare``, "the scientist", also the last speaker.
        """
        if phrase.name.count(" ") > 1:
            return None
        self._read()
        held = self._holders | self._titled if is_bare else self._holders
        names = held.get(phrase.role, set())
        if len(names) == 1:
            return self._people[min(names)]
        last = self.quoted(2)
        if not (is_bare and last and last.kind == "person"):
            return None
        known = self.gender(last) or self._gender_of(last)
        return last if phrase.gender in {None, known} else None

    def body(self, noun: str) -> Person | None:
        """Return the body named with a noun: "the ministry" after "the Ministry of Ports"."""
        return self._bodies.get(noun.lower())

    def pronoun(
        self,
        phrase: Person,
        others: Sequence[Person],
        *around: str,
        is_weak: bool,
    ) -> Person | None:
        """Return the speaker to whom a pronoun refers; unnamed if that is not certain. ``others``
        speak before in its sentence, and ``around`` are the words before and behind it.
        """
        is_thing = phrase.name.lower() == "it"
        gender = phrase.gender or (NEUTER if is_thing else PLURAL)
        person = self._referent(gender, others, *around, kind=phrase.kind)
        if person is None:
            unnamed = phrase._replace(kind="unnamed")
            return None if is_weak and (is_thing or self._has_gender) else unnamed
        person = person._replace(start=phrase.start, end=phrase.end)
        if phrase.gender is None or (person.kind == "body" and self._has_gender):
            return person
        kind = person.kind.replace("body", "person")  # a surname alone seems to be a body
        return person._replace(kind=kind, gender=phrase.gender)

    def _referent(
        self, gender: str, others: Sequence[Person], *around: str, kind: str
    ) -> Person | None:
        """Return the only speaker before in the sentence if it is a person of the gender, or the
        most salient one.
        """
        is_only = len(others) == 1 and others[0].kind == "person"
        is_same = is_only and self._may_be(others[0], gender)
        return others[0] if is_same else self.most_salient(gender, *around, kind=kind)

    def most_salient(
        self,
        gender: str | None,
        before: str = "",
        after: str = "",
        *,
        least: float = _LEAST,
        kind: str = "",
    ) -> Person | None:
        """Return the most salient person who may have a gender; None if that is not certain. People
        named behind the pronoun are others: he said that Brandt left.
        """
        self._read()
        most = self._total(before, after)
        other = "body" if kind == "person" else ""
        fits = [
            name
            for name in most
            if self._people[name].kind != other and self._may_be(self._people[name], gender)
        ]
        best, rival, *_ = *sorted(fits, key=most.__getitem__, reverse=True), "", ""
        needed = max(least, _RATIO * most.get(rival, 0.0))
        is_certain = best in self._meant and most[best] >= needed
        return self._people[best] if is_certain else None

    def _total(self, before: str, after: str) -> dict[str, float]:
        """Return the highest salience of each name in the last sentences and this one."""
        most: dict[str, float] = {}
        for distance, sentence in enumerate((self._weigh(before, ()), *self._salience)):
            for name, weight in sentence.items():
                most[name] = max(most.get(name, 0.0), weight * _DECREASE**distance)
        for mention in self._find_people(after) if after else ():
            most.pop(mention.person.name, None)
        return most

    def _read(self) -> None:
        """Read the sentences since the last time."""
        unread, self._unread = self._unread, []
        for text, speakers in unread:
            if speakers:
                self._salience.appendleft(self._weigh(text, speakers))
                continue
            spans = split_sentences(text, Span(0, len(text)), is_spaced=True)
            for start, end in spans[-_FARTHEST:]:
                if end - start <= MAX_SENTENCE_LENGTH:
                    self._salience.appendleft(self._weigh(text[start:end], ()))

    def _weigh(self, sentence: str, speakers: Iterable[Person]) -> dict[str, float]:
        """Return the salience of the speakers of a sentence and of the people whom it names."""
        weights: dict[str, float] = {}
        limit = _OTHER if speakers else _SUBJECT
        for mention in self._find_people(sentence) if sentence else ():
            name, gender = mention.person.name, mention.person.gender
            self._people.setdefault(name, mention.person)
            if gender:
                self._genders.setdefault(name, gender)
            if mention.person.role:
                self._titled.setdefault(mention.person.role, set()).add(name)
            weights[name] = min(mention.weight, limit)
            if mention.is_sure:
                self._meant.add(name)
        for person in speakers:
            if person.kind != "unnamed":
                self._people.setdefault(person.name, person)
                weights[person.name] = _SPEAKER
                self._meant.add(person.name)
        return weights

    def _may_be(self, person: Person, gender: str | None) -> bool:
        """Return whether a speaker may have a gender; None: be any person."""
        if person.kind == "collective":
            return gender == PLURAL
        is_body = person.kind == "body"
        if is_body and not self._has_gender:
            return gender == NEUTER or (gender != PLURAL and self._may_be_person(person.name))
        known = self.gender(person) or self._gender_of(person)
        if known is None or gender is None:
            return not is_body and gender not in {NEUTER, PLURAL}
        return known == gender
