"""Resolve Chinese pronouns, offices without a name, and works such as "the letter", if the person
is certain.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.languages.statements import Naming
from tidings.annotation.languages.zh.attribution import TITLE
from tidings.annotation.languages.zh.heads import PLACES
from tidings.annotation.languages.zh.people import title_before
from tidings.annotation.languages.zh.subjects import find_opening
from tidings.annotation.languages.zh.verbs import WISHES
from tidings.annotation.sentences import Span

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from tidings.annotation.languages.zh.attribution import ChineseRules
    from tidings.annotation.languages.zh.people import People
    from tidings.annotation.speakers import Gazetteer

MAX_OFFICE_LENGTH = 24
_PRONOUN = re.compile(
    r"(?:^|(?<=[，。；”]))(?:随后|最后|同时|此外|当天|但|而)?([他她])(?!们|人|国|日)"
)
# A pronoun may also refer to the person met: 莫罗与勃兰特会面。他表示…
_MEETING = re.compile(
    rf"(?:与|和|同|会见|会晤|拜会|接见|约见|欢迎|看望|致电)(?:[^，。；：]{{0,20}}?{TITLE})?$"
)
_OWNING = re.compile(rf"{TITLE}?(?:的|重要|关于|陪同|同志)")
_OFFICE = "(?:总书记|总理|主席|委员长|部长|首相|行长|局长|总统|外长|发言人)"
_OFFICE_END, _BARE_OFFICE = re.compile(f"{_OFFICE}$"), re.compile(f"[^，。；]{{0,4}}{_OFFICE}")
# Verbs with which a text also continues a person's words: 中方赞赏….
_CONTINUING = WISHES | {"高度评价", "承认", "主张", "表示", "提出", "认为"}
_PERSONAL = ("person", "role", "unnamed", "collective")


class _Person(NamedTuple):
    """A person of the text. The name is empty for an unknown person, and the gender unless the text
    states it.
    """

    name: str
    person_id: str | None = None
    gender: str | None = None

    def at(self, start: int, end: int, gender: str | None = None) -> Naming:
        """Return a naming of the person at a place."""
        return Naming(start, end, self.person_id, self.name, "person", gender or self.gender)


_UNKNOWN = _Person("")


class Referents:
    """The people of the paragraph that is read. ``_speaking`` is the last person who spoke; None
    before the first.
    """

    def __init__(
        self, gazetteer: Gazetteer, on: dt.date | None, rules: ChineseRules, people: People
    ) -> None:
        self._gazetteer, self._on, self._rules, self.people = gazetteer, on, rules, people
        self._works = re.compile(rf"(?:{rules.works})") if rules.works else None
        # the last work that a sentence names, and its author
        self._author: tuple[str, str] | None = None
        # names of listed people that belong to others in this text
        self._strangers: set[str] = set()
        self._speaking: _Person | None = None
        self._subjects: dict[str, _Person] = {}
        self._last: dict[str, _Person] = {}  # the subjects of the last sentence
        # sentences, their namings, and whether anyone speaks
        self._unread: list[tuple[str, Sequence[Naming], bool]] = []
        self._has_pronouns = _PRONOUN.search(people.text) is not None
        self._before: _Person | None = None  # the only person of the last paragraph
        # the name in the last sentence, if that quotes the person
        self._quoting: Span | None = None

    def start_paragraph(self) -> None:
        """Forget the people of the last paragraph, except for the only one who spoke in it."""
        self._before = None
        if self._speaking is not None and self._speaking.name:
            self._read_subjects()
            self._before = (
                self._speaking if {self._speaking.name}.issuperset(self._subjects) else None
            )
        self._speaking, self._subjects, self._last, self._unread, self._quoting = (
            None,
            {},
            {},
            [],
            None,
        )

    def quoted(self) -> list[Naming]:
        """Return the naming of the last speaker, whom the sentence before a quotation without a
        verb quotes.
        """
        is_certain = (
            self._quoting is not None and self._speaking is not None and self._speaking.name
        )
        return (
            [self._speaking.at(*self._quoting)]
            if is_certain and self._quoting and self._speaking
            else []
        )

    def is_continued(self, sentence: str, speaker: Naming, verb: str | None) -> bool:
        """Return whether a sentence continues the words of the last person:
        莫罗表示，港口要开放。中方赞赏….
        """
        name = sentence[speaker.start : speaker.end]
        is_side = speaker.kind == "body" and (name.endswith(("方", "政府")) or name in PLACES)
        is_speaking = self._speaking is not None and bool(self._speaking.name)
        return (
            is_side
            and is_speaking
            and verb in _CONTINUING
            and f"{verb}，" not in sentence[speaker.end : speaker.end + 20]
        )

    def complete(self, sentence: str, inside: Sequence[Naming]) -> list[Naming]:
        """Return the listed people whom a sentence names, and references to a person."""
        added: list[Naming] = []
        if pronoun := _PRONOUN.search(sentence, 0, inside[0].start if inside else len(sentence)):
            gender = "female" if pronoun[1] == "她" else "male"
            person = self._find_antecedent(gender)
            added = [person.at(*pronoun.span(1), gender)] if person else []
        elif not inside and _BARE_OFFICE.match(sentence):
            added = self._find_office(sentence)
        if self._works:
            added = added or ([] if inside else self._refer_to_work(sentence))
            self._remember_work(sentence, inside)
        return sorted([*inside, *added])

    def identify(self, sentence: str, naming: Naming) -> Naming:
        """Return the naming with the holder of an office (挪威外长), and without a person whose
        office contradicts the text.
        """
        name = sentence[naming.start : naming.end]
        if naming.kind == "role":
            person = self._gazetteer.holder_of(name, self._on)
            return naming._replace(kind="person", person_id=person) if person else naming
        if naming.person_id and title_before(sentence, naming.start):
            office = re.split(
                "[，。；：、的]", sentence[max(0, naming.start - MAX_OFFICE_LENGTH) : naming.start]
            )[-1]
            is_other = self._gazetteer.is_contradicted(naming.person_id, office, self._on)
            self._strangers = self._strangers | {name} if is_other else self._strangers - {name}
        return naming._replace(person_id=None) if name in self._strangers else naming

    def read(
        self, sentence: str, offset: int, namings: Sequence[Naming], speakers: Sequence[Naming]
    ) -> None:
        """Store the speakers of a sentence that begins at an offset, and its subjects for a later
        pronoun.
        """
        is_quoting = "“" in sentence and [speaker.kind for speaker in speakers] == ["person"]
        self._quoting = (
            Span(offset + speakers[0].start, offset + speakers[0].end) if is_quoting else None
        )
        # A meeting's words do not change the person who speaks.
        people = [
            self._identify(sentence, row)
            for row in speakers
            if row.kind in _PERSONAL and sentence[row.end - 1] not in "会议"
        ]
        if people or (not speakers and self._rules.is_telling(sentence)):
            self._speaking = people[0] if len(people) == 1 else _UNKNOWN
        if self._has_pronouns:
            self._unread.append((sentence, namings, bool(speakers)))

    def _read_subjects(self) -> None:
        """Store the subjects of the sentences since the last pronoun: listed people, or the person
        at the beginning.
        """
        for sentence, namings, has_speaker in self._unread:
            found = [
                row
                for row in namings
                if self._rules.is_subject(sentence, row, namings) or _is_met(sentence, row)
            ]
            if not found and not has_speaker:
                found = find_opening(sentence, 0, len(sentence), self.people)
            self._last = {
                person.name: person
                for row in found
                if (person := self._identify(sentence, row)).name
            }
            self._subjects |= self._last
        self._unread = []

    def _identify(self, sentence: str, naming: Naming) -> _Person:
        if naming.person_id:
            return _Person(self._gazetteer.name(naming.person_id), naming.person_id)
        name = naming.name or sentence[naming.start : naming.end]
        return _Person(name, None, naming.gender) if naming.kind == "person" else _UNKNOWN

    def _find_antecedent(self, gender: str | None) -> _Person | None:
        """Return the person to whom a pronoun refers: the last speaker, or the only subject of the
        paragraph.
        """
        person = self._speaking
        if person is None:
            self._read_subjects()
            only = next((found for found in (self._subjects, self._last) if len(found) == 1), {})
            person = next(iter(only.values()), None if self._subjects else self._before)
        if person is None or not person.name:
            return None
        known = person.gender or (person.person_id and self._gazetteer.gender(person.person_id))
        return None if len({gender, known} - {None}) > 1 else person

    def _find_office(self, sentence: str) -> list[Naming]:
        """Return the last speaker at an office without a name, if the person holds it: 总理强调."""
        person = self._find_antecedent(None)
        if person is None or person.person_id is None:
            return []
        names = set(self._gazetteer.offices(person.person_id, self._on)) - self._gazetteer.bodies(
            person.person_id
        )
        ends = sorted({end[0] for name in names if (end := _OFFICE_END.search(name))})
        hit = (
            re.compile(rf"(?:^|(?<=[，。；]))(?:{'|'.join(ends)})").search(sentence)
            if ends
            else None
        )
        return [person.at(*hit.span())] if hit else []

    def _refer_to_work(self, sentence: str) -> list[Naming]:
        """Return the author of a letter, speech or article that begins a sentence without a name:
        文章强调.
        """
        if self._author is None:
            return []
        work, person = self._author
        hit = re.compile(rf"(?:{work}|{work[-2:]})(?=[^，。]{{0,3}}[\u4e00-\u9fff])").match(
            sentence
        )
        return [Naming(*hit.span(), person, self._gazetteer.name(person))] if hit else []

    def _remember_work(self, sentence: str, inside: Sequence[Naming]) -> None:
        if self._works is None or not inside:
            return
        people = {naming.person_id for naming in inside}
        works = self._works.findall(sentence, inside[-1].end)
        if works and len(people) == 1 and None not in people:
            self._author = (works[-1], next(iter(people)) or "")
        elif works:
            self._author = None


def _is_met(text: str, naming: Naming) -> bool:
    """Return whether a name is that of a person met, and not part of a possessive."""
    return bool(
        _MEETING.search(text[max(0, naming.start - 40) : naming.start])
    ) and not _OWNING.match(text, naming.end)
