"""Find the speaker to whom a pronoun, an office without a name or a quotation without a speaker
refers.

Each sentence gives salience to the people whom it names: most to its speakers, less to its subject,
least to others. Salience decreases with every sentence (Lappin and Leass, "An algorithm for
pronominal anaphora resolution", Computational Linguistics 20(4), 1994). A pronoun refers to the
most salient person of its gender, unless another person is nearly as salient.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.sentences import Span, split_sentences
from tidings.annotation.speaker_phrases import QUOTED
from tidings.base.languages.word_lists import FEMALE, MALE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tidings.annotation.speaker_phrases import Phrase

_SPEAKER, _SUBJECT, _OTHER = 4.0, 3.5, 1.0
"""Salience that a sentence gives to its speaker, its subject, and others whom it names."""
_DECREASE = 0.6
_FARTHEST = 8
"""Most sentences between a pronoun and the last mention of the speaker to whom it refers."""
_WORD = re.compile(r"\w+")
_LAST_SUBJECT = _SUBJECT / 2 * _DECREASE
_LEAST = 0.5
_RATIO = 1.4
"""Least salience of an antecedent, and least ratio to that of the next person."""


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


class Mention(NamedTuple):
    """A person whom a sentence names. ``is_sure``: the text or a list shows that the name is that
    of a person.
    """

    person: Person
    is_subject: bool
    is_sure: bool

    @property
    def weight(self) -> float:
        """Return the salience of the person in the sentence."""
        return (_SUBJECT if self.is_subject else _OTHER) / (1 if self.is_sure else 2)


class PronounWords(NamedTuple):
    """Words of a language: pronouns and possessives with their gender, those that are subjects, and
    words that open a clause before the subject. ``speaking`` are the kinds to which a pronoun with
    a gender may refer.
    """

    genders: Mapping[str, str]
    subjects: frozenset[str]
    opening: frozenset[str]
    openers: frozenset[str]
    speaking: frozenset[str]


class Antecedents:
    """The speakers of a text so far, and the people whom its sentences name.

    ``find_people`` returns the people whom a sentence names. ``gender_of`` returns the gender that
    a person probably has, or None. ``may_be_person`` returns whether a body may be a person whom
    the text names only by surname. ``pronouns`` are lower-case words with the gender of the person
    to whom they refer.
    """

    def __init__(
        self,
        find_people: Callable[[str], Sequence[Mention]],
        gender_of: Callable[[Person], str | None],
        may_be_person: Callable[[str], bool],
        words: PronounWords,
    ) -> None:
        self._find_people = find_people
        self._gender_of = gender_of
        self._may_be_person = may_be_person
        self._words = words
        self._last: list[Person] = []  # the speakers of the last sentence with a statement
        self._distance = 0  # sentences since then
        # texts that are not yet read, with their speakers
        self._unread: list[tuple[str, Sequence[Person]]] = []
        # the salience of people by name in the last sentences, the last one first
        self._salience: deque[dict[str, float]] = deque(maxlen=_FARTHEST)
        self._people: dict[str, Person] = {}
        self._meant: set[str] = set()  # names to which a pronoun may refer
        self._genders: dict[str, str] = {}
        self._votes: Counter[tuple[str, str]] = Counter()
        # office noun → names of the people who hold it in this text
        self._holders: dict[str, set[str]] = {}
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

    def introduced(self) -> Person | None:
        """Return the subject of the last sentence, which is no statement, as the speaker of a
        quotation.
        """
        return self.most_salient(None, least=_LAST_SUBJECT)

    def holder(self, phrase: Phrase, offices: Callable[[str], Sequence[str]]) -> Person | None:
        """Return the only person of the text with an office: "the minister" after "Minister X".

        ``offices`` returns the listed offices of a listed person.
        """
        if len(phrase.name.split()) > len(("the", "office")):
            return None
        names = self._holders.get(phrase.role, set())
        if len(names) == 1:
            return self._people[next(iter(names))]
        self._read()
        near = {name for sentence in self._salience for name in sentence}
        people = [self._people[name] for name in near if self._people[name].kind == "person"]
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
        self, phrase: Phrase, before: str, after: str, *, is_weak: bool, place: tuple[int, int]
    ) -> Person | None:
        """Return the speaker to whom a pronoun refers; unnamed if that is not certain.

        ``before`` and ``after`` are the parts of the sentence around the pronoun.
        """
        start, end = place
        unnamed = Person(phrase.name, "unnamed", start, end)
        if phrase.gender is None:
            return self._thing(unnamed, is_weak=is_weak)
        person = self._following(phrase.gender, before, after)
        person = person or self.most_salient(phrase.gender, before, after)
        if person is not None:
            gender = person.gender if person.kind == "body" else phrase.gender
            return person._replace(start=start, end=end, gender=gender)
        if "body" not in self._words.speaking:
            return unnamed._replace(gender=phrase.gender)
        return None if is_weak else unnamed  # the pronoun may refer to a thing

    def _thing(self, unnamed: Person, *, is_weak: bool) -> Person | None:
        """Return the speaker to whom "it" or "they" refers."""
        is_thing = unnamed.name.lower() == "it"
        last = self._last[0] if self._last and self._distance == 0 else unnamed
        if last.kind == ("body" if is_thing else "collective"):
            return last._replace(start=unnamed.start, end=unnamed.end)
        return None if is_weak and is_thing else unnamed

    def _following(self, gender: str, before: str, after: str) -> Person | None:
        """Return the subject behind a clause that opens the sentence and contains the pronoun: As
        he left, Otto Brandt.
        """
        opening = before.split(maxsplit=1)
        if not opening or "," in before or opening[0].lower() not in self._words.opening:
            return None
        for mention in self._find_people(QUOTED.sub("", after).partition(", ")[2]):
            name = mention.person.name
            self._people.setdefault(name, mention.person)
            if mention.is_subject and mention.is_sure and self._may_be(name, gender):
                last = self.most_salient(gender)
                return mention.person if last is None or last.name == name else None
        return None

    def most_salient(
        self, gender: str | None, before: str = "", after: str = "", *, least: float = _LEAST
    ) -> Person | None:
        """Return the most salient person who may have a gender, or None if that is not certain.

        ``before`` is the present sentence up to the pronoun. The people named in its rest are
        others: he said that Brandt left.
        """
        self._read()
        most: dict[str, float] = {}
        here = self._weigh(before, ())
        excluded = {mention.person.name for mention in self._find_people(after)} - here.keys()
        for far, sentence in enumerate((here, *self._salience)):
            for name, weight in sentence.items():
                most[name] = max(most.get(name, 0.0), weight * _DECREASE**far)
        fits = [name for name in most if name not in excluded and self._may_be(name, gender)]
        best, *others = sorted(fits, key=most.__getitem__, reverse=True) or [""]
        rivals = (most[name] for name in others if not (best.endswith(name) or name.endswith(best)))
        is_certain = best in self._meant and most[best] >= max(least, _RATIO * next(rivals, 0.0))
        return self._people[best] if is_certain else None

    def _read(self) -> None:
        """Read the sentences since the last time; each sentence is read once."""
        unread, self._unread = self._unread, []
        for text, speakers in unread:
            if speakers:
                self._salience.appendleft(self._weigh(text, speakers))
                continue
            spans = split_sentences(text, Span(0, len(text)), is_spaced=True)
            for start, end in spans[-_FARTHEST:]:
                self._salience.appendleft(self._weigh(text[start:end], ()))

    def _weigh(self, sentence: str, speakers: Iterable[Person]) -> dict[str, float]:
        """Return the salience of the people in a sentence by name."""
        weights: dict[str, float] = {}
        for mention in self._find_people(sentence) if sentence else ():
            name, gender = mention.person.name, mention.person.gender
            self._people.setdefault(name, mention.person)
            if gender:
                self._genders.setdefault(name, gender)
            weights[name] = min(mention.weight, _OTHER if speakers else _SUBJECT)
            if mention.is_sure:
                self._meant.add(name)
        for person in speakers:
            is_person = person.kind == "body" and self._may_be_person(person.name)
            if is_person or person.kind in self._words.speaking:
                kind = "person" if is_person else person.kind
                self._people.setdefault(person.name, person._replace(kind=kind))
                name = self._name_behind(person, sentence)
                weights[name] = _SPEAKER
                self._meant.add(name)
        plain = QUOTED.sub(" ", sentence.lower())
        words = [word for word in _WORD.findall(plain) if word in self._words.genders]
        genders = {self._words.genders[word] for word in words}
        if len(genders) == 1:
            is_subject = words[0] in self._words.subjects
            self._follow(weights, genders.pop(), _SUBJECT if is_subject else _OTHER)
        return weights

    def _name_behind(self, speaker: Person, sentence: str) -> str:
        """Return the name of a speaker, or of the most salient person for an office with a definite
        article: the senator.
        """
        is_definite = speaker.kind == "role" and f"the {speaker.name}" in sentence.lower()
        person = self.most_salient(speaker.gender) if is_definite else None
        return person.name if person else speaker.name

    def _follow(self, weights: dict[str, float], gender: str, weight: float) -> None:
        """Give salience to the person to whom a pronoun within a sentence refers."""
        people = [name for name in weights if self._people[name].kind == "person"]
        has_subject = any(weights[name] >= _SUBJECT / 2 for name in people)
        if has_subject and len(people) == 1:
            self._votes[people[0], gender] += 1
        elif not has_subject and (person := self.most_salient(gender)):
            weights[person.name] = max(weights.get(person.name, 0), weight)

    def _may_be(self, name: str, gender: str | None) -> bool:
        person = self._people[name]
        known = self.gender(person) or self._gender_of(person) or self._voted(name)
        if known is None or gender is None:
            return gender is None or person.kind != "body"
        return known == gender

    def _voted(self, name: str) -> str | None:
        """Return the gender of most pronouns in sentences that name only one person."""
        female, male = self._votes[name, FEMALE], self._votes[name, MALE]
        if abs(female - male) < 2 or min(female, male) * 4 > max(female, male):
            return None
        return FEMALE if female > male else MALE
