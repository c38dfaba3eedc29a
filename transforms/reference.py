"""What a pronoun, a bare office or a bare "the letter" refers to, where that is certain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from transforms.attribution_wide import TITLE
from transforms.speakers import Gazetteer, Naming, hold_between

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from transforms.sentences import Span

_PRONOUNS = {
    "en": r"\b(?:[Hh]e|[Ss]he)\b",
    "de": r"\b(?:[Ee]r|[Ss]ie)\b",
    "fr": r"\b(?:[Ii]l|[Ee]lle)\b",
    "it": r"\b(?:[Ee]gli|[Ll]ui|[Ll]ei)\b",
    "zh": r"(?:^|(?<=[，。；”]))[他她](?!们|人|国|日)",
}
# A pronoun as the subject of the sentence, though others are named behind it: he told Mr X; das hat er … betont.
_OPENING = {
    "en": r"(?:[A-Z]\w+ly,? )?((?:[Hh]e|[Ss]he)\b)",
    "de": r"(?:[\w-]+ ){0,2}((?:[Ee]r|[Ss]ie)\b)(?! sich)",
    "fr": r"((?:[Ii]l|[Ee]lle)\b)",
    "it": r"((?:[Ee]gli|[Ll]ui|[Ll]ei)\b)",
    "zh": r"(?:随后|最后|同时|此外)?，?([他她])(?!们|人|国|日)",
}
_ARTICLES = {"en": "the", "de": "der|die", "fr": "le|la|l'", "it": "il|lo|la|l'"}
# Somebody who is not listed: a title or a word for a person, and a name behind it.
_STRANGER = re.compile(
    r"(?<!\w)(?:[Mm]r|[Mm]rs|[Mm]s|[Mm]me|M|[Hh]errn?|[Ff]rau|[Dd]r|[Pp]rof|[\w-]*(?:[Mm]inist(?:er|erin|re|ro|ra)|[Pp]r[eäé]sident\w*|"
    r"[Cc]hancell?or|[Kk]anzler(?:in)?|[Dd]ire[ck]t\w+|[Aa]mbassad\w+|[Bb]otschafter\w*|[Ss]ecretary|[Ss]ecrétaire|[Cc]hair\w*|"
    r"[Ss]precher(?:in)?|[Ss]pokes\w+|[Kk]ing|[Pp]ope|[Pp]ap[ae]|[Pp]rofess\w+))\.?,?\s+(?:[A-ZÀ-Ý][\w'-]+\s+)?[A-ZÀ-Ý][\w'-]+"
)
# Two capitals in a row that no place's preposition governs; German writes every noun so.
_NAME = re.compile(
    r"(?<!\w)(?<!in )(?<!at )(?<!to )(?<!of )(?<!from )(?<!visited )[A-ZÀ-Ý][\w'-]+\s+(?:[A-Z]\.\s+)?[A-ZÀ-Ý][\w'-]+"
)


# Whom a person meets may be meant as well as the person: 莫罗与勃兰特会面。他表示…
_MEETING = re.compile(rf"(?:与|和|同|会见|会晤|拜会|接见|约见|欢迎|看望|致电)(?:[^，。；：]{{0,20}}?{TITLE})?$")
_OWNING = re.compile(rf"{TITLE}?(?:的|重要|关于|陪同|同志)")


def _is_counterpart(text: str, naming: Naming) -> bool:
    """Return whether a Chinese text tells at a name of somebody met, and not of something that is the person's."""
    return bool(_MEETING.search(text[max(0, naming.start - 40) : naming.start])) and not _OWNING.match(text, naming.end)


class Earlier(NamedTuple):
    """What the sentences before one have told.

    ``speaking`` is who spoke last in the paragraph: empty where it is several or somebody who is not listed, None where nobody
    has spoken yet. ``last`` is the sentence right before, if somebody speaks in it.
    """

    subjects: set[Naming]
    speaking: str | None = None
    last: Span | None = None


class Resolver:
    """Adds to a sentence's namings what pronouns and bare offices in it refer to."""

    def __init__(self, gazetteer: Gazetteer, language: str, on: dt.date | None, nouns: str) -> None:
        self._gazetteer = gazetteer
        self._language = language
        self._on = on
        self._pronoun = re.compile(_PRONOUNS[language]) if language in _PRONOUNS else None
        self._opening = re.compile(_OPENING[language]) if language in _OPENING else None
        self._works = re.compile(rf"(?:{nouns})") if nouns else None
        self._author: tuple[str, str] | None = None  # a work of the last sentence that names one, and its author

    def complete(self, text: str, paragraph: Span, span: Span, namings: Sequence[Naming], earlier: Earlier) -> list[Naming]:
        """Return who a sentence of a paragraph names, referred to or by name, in order of place."""
        inside = hold_between(namings, span.start, span.end)
        person = self._find_antecedent(text, hold_between(namings, paragraph.start, span.start), earlier, (paragraph, span))
        added: list[Naming] = []
        if person and not inside:
            added = self._refer(text, span, person)
        elif person and self._opening and (hit := self._opening.match(text, span.start, inside[0].start)):
            added = [Naming(hit.start(1), hit.end(1), person)]
        if self._works and not inside and not added:
            added = self._refer_to_work(text, span)
        if self._works:
            self._remember(text[span.start : span.end], inside)
        return sorted([*inside, *added])

    def _find_antecedent(self, text: str, named: list[Naming], earlier: Earlier, spans: tuple[Span, Span]) -> str | None:
        """Return whom a pronoun means: who spoke last, or the only one whom the paragraph, or the sentence before, names."""
        paragraph, span = spans
        if self._gazetteer.is_wide:
            if earlier.speaking is not None:
                return earlier.speaking
            named = [naming for naming in named if naming in earlier.subjects or _is_counterpart(text, naming)]
        # The subject of the sentence before is meant, not whom it met.
        person = self._only(text, paragraph.start, span.start, named) if named and named[-1] in earlier.subjects else None
        last = earlier.last
        if person is None and last is not None:
            return self._only(text, last.start, last.end, hold_between(named, last.start, last.end))
        return person

    def _only(self, text: str, start: int, end: int, earlier: Sequence[Naming]) -> str | None:
        """Return the one person that a stretch names; None: nobody, several, or somebody who is not listed."""
        people = {naming.person_id for naming in earlier}
        if len(people) != 1 or None in people:
            return None
        if self._gazetteer.is_wide:
            return next(iter(people))
        for pattern in (_STRANGER,) if self._language == "de" else (_STRANGER, _NAME):
            for found in pattern.finditer(text, start, end):
                if not any(naming.start < found.end() and found.start() < naming.end for naming in earlier):
                    words = {word.lower() for word in re.findall(r"\w+", found[0])}
                    if not words <= self._gazetteer.office_words:
                        return None
        return next(iter(people))

    def _refer(self, text: str, span: Span, person: str) -> list[Naming]:
        found = []
        if self._pronoun and (hit := self._pronoun.search(text, span.start, span.end)):
            found.append(Naming(hit.start(), hit.end(), person))
        elif bare := self._bare_offices(person):
            hit = re.compile(bare).search(text, span.start, span.end)
            found += [Naming(hit.start(), hit.end(), person)] if hit else []
        return found

    def _bare_offices(self, person: str) -> str:
        """Return the pattern of a person's offices as they stand without the name, or empty."""
        offices = {office for office in self._gazetteer.offices(person, self._on) if office}
        names = offices - self._gazetteer.bodies(person)
        if self._gazetteer.is_wide:
            tails = {tail for office in names for tail in re.findall(r"(?:总书记|总理|主席|委员长|部长|首相|行长|局长)$", office)}
            return rf"(?:^|(?<=[，。；\n])){'|'.join(sorted(tails))}" if tails else ""
        heads = {office.split(" of ")[0] for office in names} if self._language == "en" else names
        article = _ARTICLES.get(self._language)
        if not heads or not article:
            return ""
        return rf"(?i:\b(?:{article}))\s*(?i:{'|'.join(map(re.escape, sorted(heads, key=len, reverse=True)))})\b"

    def _refer_to_work(self, text: str, span: Span) -> list[Naming]:
        """Return the author of a letter, speech or article that opens a sentence without a name: 文章强调."""
        if self._author is None:
            return []
        work, person = self._author
        hit = re.compile(rf"(?:{work}|{work[-2:]})(?=[^，。]{{0,3}}[\u4e00-\u9fff])").match(text, span.start, span.end)
        return [Naming(hit.start(), hit.end(), person)] if hit else []

    def _remember(self, sentence: str, inside: Sequence[Naming]) -> None:
        if self._works is None or not inside:
            return
        people = {naming.person_id for naming in inside}
        works = self._works.findall(sentence, inside[-1].end)
        if works and len(people) == 1 and None not in people:
            self._author = (works[-1], next(iter(people)) or "")
        elif works:
            self._author = None
