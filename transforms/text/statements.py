"""Find statements: sentences that report words of a listed person, with the verb and the person's office on that day.

Names come from the list of speakers (``speakers.py``) and sentences from ``sentences.py``. Rules assign verbs to speakers:
``attribution.py``, or ``languages/<code>/attribution.py`` for a language without spaces. A pronoun or an office without a name
("she", "the premier") refers to the only person named in its paragraph; if the paragraph names two people or an unlisted person,
it is not resolved.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from tidings.languages import WITHOUT_SPACES, is_known, language, primary_language
from tidings.languages.statements import Statement
from tidings.transforms.text.attribution import Attributor
from tidings.transforms.text.chinese_statements import ChineseReader
from tidings.transforms.text.open_statements import OpenReader
from tidings.transforms.text.plain_text import make_plain
from tidings.transforms.text.posts import Posts
from tidings.transforms.text.references import Earlier, Resolver
from tidings.transforms.text.sentences import Span, split_paragraphs, split_sentences
from tidings.transforms.text.speakers import Gazetteer, Speaker

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from tidings.languages.record import Language
    from tidings.languages.statements import Attribution, Naming, StatementRules, Verb

LONGEST_SENTENCE, MOST_NAMED = 2_500, 50
"""Limits of a sentence in characters and names. A longer sentence is a list without statements; the rules scan it per verb."""


class StatementFinder:
    """Find statements of the given speakers by the given verbs."""

    def __init__(self, speakers: Iterable[Speaker], verbs: Iterable[Verb], posts: Posts | None = None) -> None:
        self._speakers = list(speakers)
        self._posts = posts or Posts(self._speakers)
        self._verbs = list(verbs)
        self._readers: dict[str, _Reader | OpenReader | ChineseReader | None] = {}

    def find(self, body: str, tag: str | None, on: dt.date | None) -> list[Statement]:
        """Return the statements in a body text, in order, at most one per sentence and person.

        ``tag`` is the text's language, as BCP 47; None, an unknown language and one without verbs yield no statements. ``on`` is
        the day of publication, on which the person must hold a listed office; None: any day.
        """
        if not tag or not body:
            return []
        primary = primary_language(tag)
        if primary not in self._readers:
            verbs = [verb for verb in self._verbs if primary_language(verb.language) == primary]
            is_readable = is_known(primary) and verbs and self._speakers
            is_unspaced = primary in WITHOUT_SPACES
            kind = ChineseReader if is_unspaced else OpenReader if is_readable and language(primary).speakers else _Reader
            self._readers[primary] = kind(self._speakers, verbs, language(primary), self._posts) if is_readable else None
        reader = self._readers[primary]
        return reader.read(body, on) if reader else []


class _Reader:
    """Read texts of one language."""

    def __init__(self, speakers: Iterable[Speaker], verbs: list[Verb], language: Language, posts: Posts) -> None:
        self.language = language
        self.gazetteer = Gazetteer(speakers, language.code, posts)
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
        result: list[Statement] = []
        subjects: set[Naming] = set()
        for paragraph in split_paragraphs(text):
            earlier = Earlier(subjects)
            for span in split_sentences(text, paragraph, is_spaced=not self.gazetteer.is_unspaced):
                inside = resolver.complete(text, paragraph, span, namings, earlier)
                if span.end - span.start > LONGEST_SENTENCE or len(inside) > MOST_NAMED:
                    earlier = Earlier(subjects, earlier.speaking)
                    continue
                subjects |= self._find_subjects(text, span, inside)
                statements = list(self._state(text, span, inside, on))
                speaking = self._next_speaker(text[span.start : span.end], statements, earlier.speaking)
                earlier = Earlier(subjects, speaking, span if statements else None)
                result += statements
        return result

    def _next_speaker(self, sentence: str, statements: list[Statement], speaking: str | None) -> str | None:
        """Return the last speaker after a sentence; empty for several speakers or an unlisted one."""
        if statements:
            return statements[0].person_id if len(statements) == 1 else ""
        return "" if self.rules.is_telling(sentence) else speaking

    def _find_subjects(self, text: str, span: Span, namings: list[Naming]) -> set[Naming]:
        """Return the namings of a sentence that are the subject of a clause."""
        sentence = text[span.start : span.end]
        shifted = _shift(namings, span)
        return {naming for naming, moved in zip(namings, shifted, strict=True) if self.rules.is_subject(sentence, moved, shifted)}

    def _state(self, text: str, span: Span, namings: list[Naming], on: dt.date | None) -> Iterable[Statement]:
        """Yield a sentence's statements. If two people speak in it, a semicolon separates their parts."""
        sentence = text[span.start : span.end]
        shifted = _shift(namings, span)
        first: dict[str, Attribution] = {}
        for attribution in sorted(self.rules.attribute(sentence, shifted), key=lambda row: row.start):
            first.setdefault(attribution.naming.person_id or "", attribution)
        attributions = list(first.values())
        for number, attribution in enumerate(attributions):
            person = attribution.naming.person_id or ""
            start = _after_semicolon(sentence, 0, min(attribution.naming.start, attribution.start)) if number else 0
            end = len(sentence)
            if number + 1 < len(attributions):
                following = attributions[number + 1]
                end = _after_semicolon(sentence, attribution.start, min(following.naming.start, following.start)) or end
            while start < end and sentence[start] in " ；;":
                start += 1
            office = "; ".join(self.gazetteer.offices(person, on)) or None
            naming = attribution.naming
            speaker_start, speaker_end = span.start + naming.start, span.start + naming.end
            name = naming.name or text[speaker_start:speaker_end]
            place = (span.start + start, span.start + end, speaker_start, speaker_end)
            yield Statement(name, naming.kind, naming.gender, naming.person_id, office, attribution.verb, *place)


def _shift(namings: list[Naming], span: Span) -> list[Naming]:
    """Return namings with offsets into a sentence."""
    return [row._replace(start=row.start - span.start, end=row.end - span.start) for row in namings]


def _after_semicolon(sentence: str, after: int, before: int) -> int:
    """Return the place after the last semicolon in a range, or 0 if there is none."""
    return max(sentence.rfind("；", after, before), sentence.rfind("; ", after, before)) + 1
