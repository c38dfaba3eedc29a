"""Resolve pronouns, offices without a name, and works such as "the letter", if the person is certain."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tidings.languages.statements import Naming
from tidings.languages.zh.attribution import TITLE
from tidings.transforms.text.sentences import Span
from tidings.transforms.text.speakers import Gazetteer, namings_between

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from tidings.languages.record import Language

# An unlisted person: a title or a word for a person, followed by a name.
_STRANGER = re.compile(
    r"(?<!\w)(?:[Mm]r|[Mm]rs|[Mm]s|[Mm]me|M|[Hh]errn?|[Ff]rau|[Dd]r|[Pp]rof|[\w-]{0,40}(?:[Mm]inist(?:er|erin|re|ro|ra)|[Pp]r[eäé]sident\w{0,40}|"
    r"[Cc]hancell?or|[Kk]anzler(?:in)?|[Dd]ire[ck]t\w{1,40}|[Aa]mbassad\w{1,40}|[Bb]otschafter\w{0,40}|[Ss]ecretary|[Ss]ecrétaire|[Cc]hair\w{0,40}|"
    r"[Ss]precher(?:in)?|[Ss]pokes\w{1,40}|[Kk]ing|[Pp]ope|[Pp]ap[ae]|[Pp]rofess\w{1,40}))\.?,?\s++(?:[A-ZÀ-Ý][\w'-]{1,40}\s++)?[A-ZÀ-Ý][\w'-]{1,40}"
)
# Two capitalised words without a preposition of place before them. German capitalises every noun.
_NAME = re.compile(
    r"(?<!\w)(?<!in )(?<!at )(?<!to )(?<!of )(?<!from )(?<!visited )[A-ZÀ-Ý][\w'-]{1,40}\s++(?:[A-Z]\.\s++)?[A-ZÀ-Ý][\w'-]{1,40}"
)


# A pronoun may also refer to the person met: 莫罗与勃兰特会面。他表示…
_MEETING = re.compile(rf"(?:与|和|同|会见|会晤|拜会|接见|约见|欢迎|看望|致电)(?:[^，。；：]{{0,20}}?{TITLE})?$")
_OWNING = re.compile(rf"{TITLE}?(?:的|重要|关于|陪同|同志)")


def _only(people: set[str | None]) -> str | None:
    """Return the only person of a set; None for no person, several people, or an unlisted person."""
    return next(iter(people)) if len(people) == 1 else None


def _is_counterpart(text: str, naming: Naming) -> bool:
    """Return whether a name in a Chinese text is that of a person met, and not part of a possessive."""
    return bool(_MEETING.search(text[max(0, naming.start - 40) : naming.start])) and not _OWNING.match(text, naming.end)


class Earlier(NamedTuple):
    """Results of the preceding sentences.

    ``speaking`` is the last speaker in the paragraph: empty for several speakers or an unlisted one, None if there is none yet.
    ``last`` is the preceding sentence if it contains a statement.
    """

    subjects: set[Naming]
    speaking: str | None = None
    last: Span | None = None


@dataclass(slots=True)
class _Known:
    """The people named so far in a paragraph. ``following`` is the index of the next naming to read.

    ``stranger`` is the end of the first unlisted name in the paragraph; None before the search for it.
    """

    paragraph: Span
    following: int
    named: list[Naming] = field(default_factory=list)
    people: set[str | None] = field(default_factory=set)
    stranger: int | None = None


class Resolver:
    """Add the people to whom pronouns and offices without a name refer to the namings of a sentence."""

    def __init__(self, gazetteer: Gazetteer, language: Language, on: dt.date | None, works: str) -> None:
        self._gazetteer = gazetteer
        self._grammar = language.grammar
        self._on = on
        self._pronoun = re.compile((language.grammar or language).pronoun)
        self._opening = re.compile((language.grammar or language).opening_pronoun)
        self._works = re.compile(rf"(?:{works})") if works else None
        self._known = _Known(Span(-1, -1), 0)
        self._author: tuple[str, str] | None = None  # the last work that a sentence names, and its author

    def complete(self, text: str, paragraph: Span, span: Span, namings: Sequence[Naming], earlier: Earlier) -> list[Naming]:
        """Return the people in a sentence, by name or by reference, in order."""
        inside = namings_between(namings, span.start, span.end)
        self._read_on(text, paragraph, span.start, namings, earlier.subjects)
        person = self._find_antecedent(text, span.start, namings, earlier)
        added: list[Naming] = []
        if person and not inside:
            added = self._refer(text, span, person)
        elif person and (hit := self._opening.match(text, span.start, inside[0].start)):
            added = [Naming(hit.start(1), hit.end(1), person, self._gazetteer.name(person))]
        if self._works and not inside and not added:
            added = self._refer_to_work(text, span)
        if self._works:
            self._remember(text[span.start : span.end], inside)
        return sorted([*inside, *added])

    def _read_on(self, text: str, paragraph: Span, end: int, namings: Sequence[Naming], subjects: set[Naming]) -> None:
        """Add the namings of a paragraph up to a place. Each naming is read once per paragraph."""
        known = self._known
        if known.paragraph != paragraph:
            known = self._known = _Known(paragraph, bisect_left(namings, (paragraph.start,)))
        while known.following < len(namings) and namings[known.following].end <= end:
            naming = namings[known.following]
            known.following += 1
            if not self._gazetteer.is_unspaced or naming in subjects or _is_counterpart(text, naming):
                known.named.append(naming)
                known.people.add(naming.person_id)

    def _find_antecedent(self, text: str, start: int, namings: Sequence[Naming], earlier: Earlier) -> str | None:
        """Return the person a pronoun refers to: the last speaker, or the only person in the paragraph or preceding sentence."""
        known, last = self._known, earlier.last
        if self._gazetteer.is_unspaced and earlier.speaking is not None:
            return earlier.speaking
        # A pronoun refers to the subject of the preceding sentence, not to the person met.
        if known.named and known.named[-1] in earlier.subjects and (person := _only(known.people)):
            if known.stranger is None:
                beside = namings_between(namings, *known.paragraph)
                known.stranger = self._find_stranger(text, known.paragraph, beside)
            if known.stranger > start:
                return person
        if last is None:
            return None
        named = namings_between(known.named, last.start, last.end)
        person = _only({naming.person_id for naming in named})
        return person if person and self._find_stranger(text, last, named) > last.end else None

    def _find_stranger(self, text: str, span: Span, named: Sequence[Naming]) -> int:
        """Return the end of the first unlisted name in a range, or a place after the text if there is none."""
        ends = [len(text) + 1]
        patterns = () if self._grammar is None else (_STRANGER,) if self._grammar.has_capital_nouns else (_STRANGER, _NAME)
        for pattern in patterns:
            place = 0
            for match in pattern.finditer(text, *span):
                while place < len(named) and named[place].end <= match.start():
                    place += 1
                is_listed = place < len(named) and named[place].start < match.end()
                if not is_listed and not {word.lower() for word in re.findall(r"\w+", match[0])} <= self._gazetteer.office_words:
                    ends.append(match.end())
                    break
        return min(ends)

    def _refer(self, text: str, span: Span, person: str) -> list[Naming]:
        namings = []
        if hit := self._pronoun.search(text, span.start, span.end):
            namings.append(Naming(hit.start(), hit.end(), person, self._gazetteer.name(person)))
        elif bare := self._bare_offices(person):
            hit = re.compile(bare).search(text, span.start, span.end)
            namings += [Naming(hit.start(), hit.end(), person, self._gazetteer.name(person))] if hit else []
        return namings

    def _bare_offices(self, person: str) -> str:
        """Return the pattern of a person's offices without the name, or an empty string."""
        offices = {office for office in self._gazetteer.offices(person, self._on) if office}
        names = offices - self._gazetteer.bodies(person)
        if self._gazetteer.is_unspaced:
            tails = {tail for office in names for tail in re.findall(r"(?:总书记|总理|主席|委员长|部长|首相|行长|局长)$", office)}
            return rf"(?:^|(?<=[，。；\n])){'|'.join(sorted(tails))}" if tails else ""
        if self._grammar is None or not names:
            return ""
        heads = {office.split(f" {self._grammar.office_complement} ")[0] for office in names}
        written = "|".join(map(re.escape, sorted(heads, key=len, reverse=True)))
        return rf"(?i:\b(?:{self._grammar.office_articles}))\s*(?i:{written})\b"

    def _refer_to_work(self, text: str, span: Span) -> list[Naming]:
        """Return the author of a letter, speech or article that begins a sentence without a name: 文章强调."""
        if self._author is None:
            return []
        work, person = self._author
        hit = re.compile(rf"(?:{work}|{work[-2:]})(?=[^，。]{{0,3}}[\u4e00-\u9fff])").match(text, span.start, span.end)
        return [Naming(hit.start(), hit.end(), person, self._gazetteer.name(person))] if hit else []

    def _remember(self, sentence: str, inside: Sequence[Naming]) -> None:
        if self._works is None or not inside:
            return
        people = {naming.person_id for naming in inside}
        works = self._works.findall(sentence, inside[-1].end)
        if works and len(people) == 1 and None not in people:
            self._author = (works[-1], next(iter(people)) or "")
        elif works:
            self._author = None
