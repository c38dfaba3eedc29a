"""Read the statements of a Chinese text: by the listed people of the text, and by all others who
speak in it.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.chinese_references import Referents
from tidings.annotation.languages.statements import Attribution, Naming, Statement
from tidings.annotation.languages.zh.attribution import ChineseRules, identify, identity
from tidings.annotation.languages.zh.noun_phrases import find_nouns
from tidings.annotation.languages.zh.people import People
from tidings.annotation.plain_text import make_plain
from tidings.annotation.sentences import (
    MAX_NAMED,
    MAX_SENTENCE_LENGTH,
    Span,
    divide_sentence,
    split_sentences,
)
from tidings.annotation.speakers import Gazetteer, namings_between

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from tidings.annotation.languages.statements import Verb
    from tidings.annotation.posts import Posts, Speaker
    from tidings.base.languages.record import Language

MAX_HEADING_LENGTH = 60
_MARK = re.compile("[：据]")
_QUOTATION = re.compile("“[^“]*”")
_LINE = re.compile(r"[^\n]+")
_PAIR = re.compile('"([^"]*)"')
_ENDS = "。！？…；：”）!?."
# ASCII marks next to a Chinese character or a quotation, with their wide forms.
_ASCII = re.compile(r"(?<=[\u4e00-\u9fff”》）])[:;,?!]|[:;,?!](?=[\u4e00-\u9fff“《])")
_WIDE = str.maketrans(":;,?!", "：；，？！")
# The speaker of a quotation, after it: “……。”莫罗说。
_BEHIND = re.compile(r"[^“”。！？\n]{2,40}(?:说|表示|指出|强调|道|称|认为)(?:。|，(?=“)|：(?=“))")
# The speaker of an interview at the beginning of a paragraph: 港务局局长 莫罗：港口要开放。
_LABEL = re.compile(r"(?P<label>[^，。：；！？“”\n]{2,40})：(?=\S{8})")


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
        if not (_MARK.search(text) or self._rules.verbs.find(text)):
            return []
        namings = self._gazetteer.find(text, on)
        listed = {text[naming.start : naming.end] for naming in namings if naming.person_id}
        referents = Referents(self._gazetteer, on, self._rules, People(text, listed))
        statements: list[Statement] = []
        for line in _LINE.finditer(text):
            paragraph = Span(*line.span())
            if (
                paragraph.end - paragraph.start <= MAX_HEADING_LENGTH
                and line[0].rstrip()[-1:] not in _ENDS
            ):
                continue
            referents.start_paragraph()
            for span in _join_quotations(text, split_sentences(text, paragraph, is_spaced=False)):
                inside = namings_between(namings, span.start, span.end)
                if span.end - span.start > MAX_SENTENCE_LENGTH or len(inside) > MAX_NAMED:
                    continue
                parts = self._read_sentence(text, span, inside, referents)
                statements += map(partial(self._state, text, on), parts)
        return statements

    def _read_sentence(
        self, text: str, span: Span, inside: Iterable[Naming], referents: Referents
    ) -> list[_Part]:
        """Return the speakers of a sentence with their parts of it, and store who spoke."""
        sentence, people = text[span.start : span.end], referents.people
        namings = [_move(naming, -span.start) for naming in inside]
        if _QUOTATION.fullmatch(sentence):
            return [_Part(naming, None, *span) for naming in referents.quoted()]
        completed = referents.complete(sentence, namings)
        attributions = self._find_label(sentence, namings, people) or self._rules.attribute(
            sentence, completed, people
        )
        attributions = [
            row._replace(naming=referents.identify(sentence, row.naming)) for row in attributions
        ]
        parts = [
            part
            for part in _divide(sentence, attributions)
            if not referents.is_continued(sentence, part.naming, part.verb)
        ]
        referents.read(sentence, span.start, completed, [part.naming for part in parts])
        return [
            _Part(_move(naming, span.start), verb, start + span.start, end + span.start)
            for naming, verb, start, end in parts
        ]

    def _find_label(
        self, sentence: str, namings: list[Naming], people: People
    ) -> list[Attribution]:
        """Return the person before a colon: an office and a name, or a name of the text."""
        label = _LABEL.match(sentence)
        if label is None or self._rules.verbs.find(label["label"]):
            return []
        end = label.end("label")
        nouns = [noun for noun in find_nouns(sentence, 0, end, people) if noun.kind == "person"]
        return [Attribution(speaker, None, end) for speaker in identify(sentence, nouns, namings)]

    def _state(self, text: str, on: dt.date | None, part: _Part) -> Statement:
        naming, verb, start, end = part
        offices = self._gazetteer.offices(naming.person_id, on) if naming.person_id else []
        name = naming.name or text[naming.start : naming.end]
        place = (start, end, naming.start, naming.end)
        return Statement(
            name,
            naming.kind,
            naming.gender,
            naming.person_id,
            "; ".join(offices) or None,
            verb,
            *place,
        )


class _Part(NamedTuple):
    """A speaker, the verb, and the part of a sentence that states the words."""

    naming: Naming
    verb: str | None
    start: int
    end: int


def _widen(text: str) -> str:
    """Return a text of the same length with Chinese marks in place of ASCII ones; a line's straight
    quotes must form pairs.
    """
    if '"' in text:
        text = _LINE.sub(
            lambda line: _PAIR.sub(r"“\1”", line[0]) if line[0].count('"') % 2 == 0 else line[0],
            text,
        )
    return _ASCII.sub(lambda mark: mark[0].translate(_WIDE), text)


def _divide(sentence: str, attributions: list[Attribution]) -> Iterator[_Part]:
    """Yield the first attribution of each speaker and place. If two speak in a sentence, a
    semicolon separates their parts.
    """
    first: dict[str, Attribution] = {}
    for attribution in sorted(attributions, key=lambda row: row.start):
        first.setdefault(identity(sentence, attribution.naming), attribution)
    places = [row.naming.start for row in first.values()]
    rows = [
        row for number, row in enumerate(first.values()) if row.naming.start not in places[:number]
    ]
    parts = divide_sentence(sentence, [(row.naming.start, row.start) for row in rows], "；")
    for (naming, verb, _), (start, end) in zip(rows, parts, strict=True):
        yield _Part(naming, verb, start, end)


def _join_quotations(text: str, spans: list[Span]) -> Iterator[Span]:
    """Yield sentences; a quotation and the sentence behind it that names its speaker are one:
    “……。”莫罗说.
    """
    waiting: Span | None = None
    for span in spans:
        if waiting is not None:
            is_speaker = text[span.start] != "“" and _BEHIND.match(text, span.start, span.end)
            yield Span(waiting.start, span.end) if is_speaker else waiting
            waiting = None
            if is_speaker:
                continue
        if text[span.start] == "“" and text[span.end - 1] == "”":
            waiting = span
        else:
            yield span
    if waiting is not None:
        yield waiting


def _move(naming: Naming, by: int) -> Naming:
    return naming._replace(start=naming.start + by, end=naming.end + by)
