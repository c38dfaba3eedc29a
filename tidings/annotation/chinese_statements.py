"""Read the statements of a Chinese text. Pronouns, offices without a name, and works such as "the
letter" count if their person is certain.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from tidings.annotation.languages.statements import Attribution, Naming, Statement, Verb
from tidings.annotation.languages.zh.attribution import WISHES, ChineseRules, Sentence
from tidings.annotation.languages.zh.noun_phrases import PLACES, People, title_before
from tidings.annotation.languages.zh.words import LISTS, RULES
from tidings.annotation.plain_text import make_plain
from tidings.annotation.posts import Posts, Speaker
from tidings.annotation.sentences import (
    MAX_NAMED,
    MAX_SENTENCE_LENGTH,
    Span,
    divide_sentence,
    split_sentences,
)
from tidings.annotation.speakers import Gazetteer, namings_between
from tidings.base.languages.record import Language

MAX_HEADING_LENGTH = 60
_MARK = re.compile("[：据]")
_LINE = re.compile(r"[^\n]+")
_PAIR = re.compile('"([^"]*)"')
_ENDS = "。！？…；：”）!?."
_ITEM = re.compile(r"(?:^|[；：:;\s])\d{1,2}[.．、](?!\d)")  # of a list of headings
# ASCII marks next to a Chinese character or a quotation, with their wide forms.
_ASCII = re.compile(r"(?<=[\u4e00-\u9fff”》）])[:;,?!()]|[:;,?!()](?=[\u4e00-\u9fff“《])")
_WIDE = str.maketrans(":;,?!()", "：；，？！（）")
MAX_OFFICE_LENGTH = 24
_DOCUMENT = re.compile("|".join(LISTS["documents"]))
# Verbs with which a text also continues a person's words: 中方赞赏….
_CONTINUING = WISHES | LISTS["continuing_verbs"]
_PERSONAL = ("person", "role", "unnamed", "collective")


class ChineseReader:
    """Read Chinese texts."""

    def __init__(
        self, speakers: Iterable[Speaker], verbs: list[Verb], language: Language, posts: Posts
    ) -> None:
        self._gazetteer = Gazetteer(speakers, language.code, posts)
        self._rules = ChineseRules(verbs)

    def read(self, body: str, on: dt.date | None) -> list[Statement]:
        """Return the statements of a text, in order, at most one per sentence and speaker."""
        text = _widen(make_plain(body))
        if not (_MARK.search(text) or self._rules.find_verbs(text)):
            return []
        namings = self._gazetteer.find(text, on)
        listed = {text[naming.start : naming.end] for naming in namings if naming.person_id}
        referents = Referents(self._gazetteer, on, People(text, listed))
        return [
            self._state(text, on, span.start, part)
            for span in self._sentences(text, referents)
            if len(inside := namings_between(namings, span.start, span.end)) <= MAX_NAMED
            for part in self._read_sentence(text, span, inside, referents)
        ]

    @staticmethod
    def _sentences(text: str, referents: Referents) -> Iterator[Span]:
        """Yield the sentences of a text without headings and lists."""
        for line in _LINE.finditer(text):
            paragraph = Span(*line.span())
            is_short = paragraph.end - paragraph.start <= MAX_HEADING_LENGTH
            is_heading = is_short and line[0].rstrip()[-1:] not in _ENDS
            referents.start_paragraph(is_heading)
            if is_heading:
                continue
            for span in _join_quotations(text, split_sentences(text, paragraph, is_spaced=False)):
                is_list = len(_ITEM.findall(text, *span)) > 1
                if span.end - span.start <= MAX_SENTENCE_LENGTH and not is_list:
                    yield span

    def _read_sentence(
        self, text: str, span: Span, inside: Iterable[Naming], referents: Referents
    ) -> list[_Part]:
        """Return the speakers of a sentence with their parts of it, and store who spoke."""
        namings = [
            row._replace(start=row.start - span.start, end=row.end - span.start) for row in inside
        ]
        text = text[span.start : span.end]
        completed = referents.complete(text, namings)
        sentence = Sentence(text, completed, referents.people, self._rules)
        attributions = [
            row._replace(naming=referents.identify(text, row.naming))
            for row in self._find_label(sentence) or sentence.attribute()
        ]
        parts = [
            part
            for part in _divide(sentence, attributions)
            if not referents.is_continued(text, part.naming, part.verb)
        ]
        referents.read(sentence, [part.naming for part in parts])
        return parts

    def _find_label(self, sentence: Sentence) -> list[Attribution]:
        """Return the person before a colon."""
        label = RULES["label"].match(sentence.text)
        if label is None:
            return []
        end = label.end("label")
        nouns = [noun for noun in sentence.find_nouns(0, end) if noun.kind == "person"]
        return [Attribution(speaker, None, end) for speaker in sentence.identify(nouns)]

    def _state(self, text: str, on: dt.date | None, first: int, part: _Part) -> Statement:
        """Return the statement of a part of the sentence that begins at ``first``."""
        naming, verb, *span = part
        office = self._gazetteer.offices(naming.person_id, on)
        places = (first + place for place in (*span, naming.start, naming.end))
        name = naming.name or text[first + naming.start : first + naming.end]
        who = (name, naming.kind, naming.gender, naming.person_id, office, verb)
        return Statement(*who, *places)


class _Part(NamedTuple):
    """A speaker, the verb, and the part of a sentence that states the words."""

    naming: Naming
    verb: str | None
    start: int
    end: int


def _widen(text: str) -> str:
    """Return a text of the same length with Chinese marks for ASCII ones, if a line has pairs."""
    if '"' in text:
        text = _LINE.sub(
            lambda line: _PAIR.sub(r"“\1”", line[0]) if line[0].count('"') % 2 == 0 else line[0],
            text,
        )
    return _ASCII.sub(lambda mark: mark[0].translate(_WIDE), text)


def _divide(sentence: Sentence, attributions: list[Attribution]) -> Iterator[_Part]:
    """Yield the first attribution of each speaker and place; a semicolon separates two speakers."""
    rows = sorted(attributions, key=lambda row: row.start)
    for key in (sentence.identity, attrgetter("start")):
        first: dict[object, Attribution] = {}
        for row in rows:
            first.setdefault(key(row.naming), row)
        rows = [*first.values()]
    parts = divide_sentence(sentence.text, [(row.naming.start, row.start) for row in rows], "；")
    for (naming, verb, _), (start, end) in zip(rows, parts, strict=True):
        yield _Part(naming, verb, start, end)


def _join_quotations(text: str, spans: list[Span]) -> list[Span]:
    """Return sentences; a quotation and the sentence naming its speaker are one: “……。”莫罗说."""
    joined: list[Span] = []
    is_quotation = False
    for span in spans:
        if is_quotation and RULES["speaker_behind"].match(text, *span):
            joined[-1] = Span(joined[-1].start, span.end)
            is_quotation = False
        else:
            joined.append(span)
            is_quotation = text[span.start] == "“" and text[span.end - 1] == "”"
    return joined


_UNKNOWN = Naming(0, 0, None)  # the person of a text without a name


class Referents:
    """The people of a paragraph. ``_speaking`` spoke last; None before the first."""

    def __init__(self, gazetteer: Gazetteer, on: dt.date | None, people: People) -> None:
        self._gazetteer, self._on, self.people = gazetteer, on, people
        # names of listed people that belong to others in this text
        self._strangers: set[str] = set()
        self._speaking: Naming | None = None
        # the last person or body that spoke, or that a document follows, and the sentence
        self._last_speaker: tuple[Naming | None, str] = None, ""
        self._subjects: dict[str, Naming] = {}
        self._last: dict[str, Naming] = {}  # the subjects of the last sentence
        # sentences, and whether anyone speaks
        self._unread: list[tuple[Sentence, bool]] = []
        self._has_pronouns = RULES["pronoun"].search(people.text) is not None
        self._before: Naming | None = None  # the only person of the last paragraph

    def start_paragraph(self, is_heading: bool) -> None:
        """Forget the people of the last paragraph, except for its only speaker or subject, and
        behind a heading also the last speaker.
        """
        if is_heading:
            self._last_speaker = None, ""
            return
        self._before = None
        if self._speaking is None or self._speaking.name:
            self._read_subjects()
            people = self._subjects | {one.name: one for one in [self._speaking] if one}
            self._before = next(iter(people.values())) if len(people) == 1 else None
        self._speaking = None
        self._subjects, self._last, self._unread = {}, {}, []

    def is_continued(self, sentence: str, speaker: Naming, verb: str | None) -> bool:
        """Return whether a sentence continues a person's words: 莫罗表示，港口要开放。中方赞赏…,
        or 双方宣布….
        """
        name, last = sentence[speaker.start : speaker.end], self._speaking
        if not (last and last.name) or f"{verb}，" in sentence[speaker.end : speaker.end + 20]:
            return False
        if name.startswith(("双", "两")) or speaker.person_id not in {None, last.person_id}:
            return verb in {"宣布", "提出"}
        is_side = speaker.kind == "body" and (name.endswith(("方", "政府")) or name in PLACES)
        return is_side and verb in _CONTINUING

    def complete(self, sentence: str, inside: Sequence[Naming]) -> list[Naming]:
        """Return the listed people whom a sentence names, and references to a person."""
        added: list[Naming] = []
        if pronoun := RULES["pronoun"].search(
            sentence, 0, inside[0].start if inside else len(sentence)
        ):
            gender = "female" if pronoun[1] == "她" else "male"
            if person := self._find_antecedent(gender):
                start, end = pronoun.span(1)
                added = [person._replace(start=start, end=end, gender=gender)]
        return sorted([*inside, *added])

    def _refer(self, naming: Naming, name: str) -> Naming:
        """Return the last speaker for "this body" or "this person" (该公司, 该女士), or for the
        document that the last speaker issued (声明称).
        """
        last, issued = self._last_speaker
        is_this = name.startswith("该") and naming.kind in {"body", "role", "unnamed"}
        same = "body" if naming.kind == "body" else "person"
        if last and ((is_this and last.kind == same) or _is_issued(name, issued)):
            return last._replace(start=naming.start, end=naming.end)
        return naming._replace(kind="unnamed") if is_this and naming.kind == "role" else naming

    def identify(self, sentence: str, naming: Naming) -> Naming:
        """Return the naming with the holder of an office, or without a contradicted person."""
        name = sentence[naming.start : naming.end]
        naming = self._refer(naming, name)
        if naming.kind == "role":
            person = self._gazetteer.holder_of(name, self._on)
            if person is None:
                return naming
            return naming._replace(
                kind="person", person_id=person, name=self._gazetteer.name(person)
            )
        if naming.person_id and title_before(sentence, naming.start):
            before = sentence[max(0, naming.start - MAX_OFFICE_LENGTH) : naming.start]
            office = re.split("[，。；：、的]", before)[-1]
            is_other = self._gazetteer.is_contradicted(naming.person_id, office, self._on)
            self._strangers = self._strangers | {name} if is_other else self._strangers - {name}
        return naming._replace(person_id=None) if name in self._strangers else naming

    def read(self, sentence: Sentence, speakers: Sequence[Naming]) -> None:
        """Store the speakers and subjects of a sentence."""
        text = sentence.text
        self._read_author(sentence, speakers)
        # a meeting's words do not change who speaks
        people = [
            self._identify(text, row)
            for row in speakers
            if row.kind in _PERSONAL and text[row.end - 1] not in "会议"
        ]
        if people:
            self._speaking = people[0] if len(people) == 1 else _UNKNOWN
        if self._has_pronouns:
            self._unread.append((sentence, bool(speakers)))

    def _read_author(self, sentence: Sentence, speakers: Sequence[Naming]) -> None:
        """Store the only speaker of a sentence, or the only person whom a document follows."""
        text = sentence.text
        last = speakers or [row for row in sentence.namings if _DOCUMENT.search(text, row.end)]
        if last and not _DOCUMENT.match(text, last[0].end - 2):
            is_sure = len(last) == 1 and last[0].kind in {"person", "body", "collective"}
            self._last_speaker = self._named(text, last[0]) if is_sure else None, text

    def _read_subjects(self) -> None:
        """Store the subjects of the sentences since the last pronoun."""
        for sentence, has_speaker in self._unread:
            text = sentence.text
            found = [
                row
                for row in sentence.namings
                if sentence.is_subject(row)
                or RULES["meeting"].search(text[: row.start], row.start - 40)
            ]
            if not found and not has_speaker:
                found = sentence.find_opening(0, len(text))
            people = [self._identify(text, row) for row in found]
            self._last = {person.name: person for person in people if person.name}
            self._subjects |= self._last
        self._unread = []

    def _named(self, sentence: str, naming: Naming) -> Naming:
        """Return a naming with the person's full name, or with the words of the text."""
        full = naming.person_id and self._gazetteer.name(naming.person_id)
        return naming._replace(name=full or naming.name or sentence[naming.start : naming.end])

    def _identify(self, sentence: str, naming: Naming) -> Naming:
        named = self._named(sentence, naming)
        if naming.person_id:
            return named._replace(kind="person", gender=None)
        return named if naming.kind == "person" else _UNKNOWN

    def _find_antecedent(self, gender: str) -> Naming | None:
        """Return the last speaker or the only subject of the paragraph, for a pronoun."""
        person = self._speaking
        if person is None:
            self._read_subjects()
            only = next((found for found in (self._subjects, self._last) if len(found) == 1), {})
            person = next(iter(only.values()), None if self._subjects else self._before)
        if person is None or not person.name:
            return None
        known = person.gender or (person.person_id and self._gazetteer.gender(person.person_id))
        return person if known in {None, gender} else None


def _is_issued(name: str, text: str) -> bool:
    """Return whether a text names a document: 声明, 《意见》."""
    return (name in LISTS["documents"] or name.startswith("《")) and name.strip("《》") in text
