"""Find statements: sentences in which a listed person says something, with the verb as written and the office held that day.

Names come from the list of speakers (``speakers.py``) and sentences from ``sentences.py``. Rules assign verbs to speakers:
``attribution.py``, or ``languages/<code>/attribution.py`` for a language without spaces. A pronoun or an office without a name
("she", "the premier") refers to the only person named in its paragraph; if the paragraph names two people or an unlisted person,
it refers to nobody.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from tidings.languages import is_known, language, primary_language
from tidings.languages.statements import Attribution, Naming
from tidings.transforms.text.attribution import Attributor
from tidings.transforms.text.references import Earlier, Resolver
from tidings.transforms.text.sentences import Span, split_paragraphs, split_sentences
from tidings.transforms.text.speakers import Gazetteer, Speaker, make_plain

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from tidings.languages.statements import StatementRules, Verb

LONGEST_SENTENCE, MOST_NAMED = 2_500, 50
"""Characters and names beyond which a sentence is a list, in which nobody speaks: the rules read a sentence once per verb."""


class Statement(NamedTuple):
    """A sentence in which a person says something: 0-based character offsets into the body as given, end exclusive.

    ``office`` holds the offices of that day, parted by "; "; None: the list has none. ``verb`` is as written, the first of the
    sentence where it has several; what stands apart of it is put behind it: "kündigte an".
    """

    person_id: str
    office: str | None
    verb: str
    start: int
    end: int


class StatementFinder:
    """Speakers and verbs made ready for finding statements."""

    def __init__(self, speakers: Iterable[Speaker], verbs: Iterable[Verb]) -> None:
        self._speakers = list(speakers)
        self._verbs = list(verbs)
        self._readers: dict[str, _Reader | None] = {}

    def find(self, body: str, tag: str | None, on: dt.date | None) -> list[Statement]:
        """Return the statements in a body text, in order, one a sentence and person.

        ``tag`` is the text's language, as BCP 47; None, an unknown language and one without verbs yield no statements. ``on`` is
        the day of publication, on which the person must hold a listed office; None: any day.
        """
        if not tag or not body:
            return []
        primary = primary_language(tag)
        if primary not in self._readers:
            verbs = [verb for verb in self._verbs if primary_language(verb.language) == primary]
            is_readable = is_known(primary) and verbs and self._speakers
            self._readers[primary] = _Reader(self._speakers, verbs, primary) if is_readable else None
        reader = self._readers[primary]
        return reader.read(body, on) if reader else []


class _Reader:
    """What is needed to read texts of one language."""

    def __init__(self, speakers: Iterable[Speaker], verbs: list[Verb], code: str) -> None:
        self.language = language(code)
        self.gazetteer = Gazetteer(speakers, code)
        self._verbs = verbs

    @cached_property
    def rules(self) -> StatementRules:
        """Return the statement rules of the language over its verbs."""
        if self.language.grammar is not None:
            return Attributor(self._verbs, self.language.grammar, self.gazetteer.office_words)
        assert self.language.rules is not None, self.language.code  # noqa: S101
        return self.language.rules(self._verbs)

    def read(self, body: str, on: dt.date | None) -> list[Statement]:
        text = make_plain(body)
        namings = self.gazetteer.find(text, on)
        if not any(naming.person_id for naming in namings):
            return []
        resolver = Resolver(self.gazetteer, self.language, on, self.rules.works)
        found: list[Statement] = []
        subjects: set[Naming] = set()
        for paragraph in split_paragraphs(text):
            earlier = Earlier(subjects)
            for span in split_sentences(text, paragraph, is_spaced=not self.gazetteer.is_wide):
                inside = resolver.complete(text, paragraph, span, namings, earlier)
                if span.end - span.start > LONGEST_SENTENCE or len(inside) > MOST_NAMED:
                    earlier = Earlier(subjects, earlier.speaking)
                    continue
                subjects |= self._find_subjects(text, span, inside)
                said = list(self._state(text, span, inside, on))
                speaking = self._next_speaker(text[span.start : span.end], said, earlier.speaking)
                earlier = Earlier(subjects, speaking, span if said else None)
                found += said
        return found

    def _next_speaker(self, sentence: str, said: list[Statement], speaking: str | None) -> str | None:
        """Return who has spoken last after a sentence; empty: several, or somebody who is not listed."""
        if said:
            return said[0].person_id if len(said) == 1 else ""
        return "" if self.rules.is_telling(sentence) else speaking

    def _find_subjects(self, text: str, span: Span, namings: list[Naming]) -> set[Naming]:
        """Return the namings of a sentence that stand where a clause has its subject."""
        sentence = text[span.start : span.end]
        shifted = _shift(namings, span)
        return {naming for naming, moved in zip(namings, shifted, strict=True) if self.rules.is_subject(sentence, moved, shifted)}

    def _state(self, text: str, span: Span, namings: list[Naming], on: dt.date | None) -> Iterable[Statement]:
        """Return a sentence's statements: where two people speak in it, each has the part from a sign that parts them."""
        sentence = text[span.start : span.end]
        shifted = _shift(namings, span)
        first: dict[str, Attribution] = {}
        for attribution in sorted(self.rules.attribute(sentence, shifted), key=lambda one: one.start):
            first.setdefault(attribution.naming.person_id or "", attribution)
        told = list(first.values())
        for number, attribution in enumerate(told):
            person = attribution.naming.person_id or ""
            start = _part(sentence, 0, min(attribution.naming.start, attribution.start)) if number else 0
            end = len(sentence)
            if number + 1 < len(told):
                following = told[number + 1]
                end = _part(sentence, attribution.start, min(following.naming.start, following.start)) or end
            while start < end and sentence[start] in " ；;":
                start += 1
            office = "; ".join(self.gazetteer.offices(person, on)) or None
            yield Statement(person, office, attribution.verb, span.start + start, span.start + end)


def _shift(namings: list[Naming], span: Span) -> list[Naming]:
    """Return namings with offsets into a sentence."""
    return [Naming(one.start - span.start, one.end - span.start, one.person_id) for one in namings]


def _part(sentence: str, after: int, before: int) -> int:
    """Return the place behind the last semicolon in a stretch, 0 where there is none."""
    return max(sentence.rfind("；", after, before), sentence.rfind("; ", after, before)) + 1
