"""Find possible formulations in a text: sequences of words or Chinese characters with evidence of
policy language.

Evidence is a policy verb just before the sequence (加快…, "promote …"), a head noun at its end
(…行动, "… plan"; in French and Italian at its beginning), or quotation marks in a sentence with a
policy verb or head noun. ``seeds/evidence_words.csv`` lists these words by language. Its kind
``unrelated`` lists words of protocol, war, weather and sport, and its kind ``common`` everyday
words of official language. ``models/marts/candidate_phrases.sql`` counts and ranks the sequences.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.candidate_evidence import QUOTED, replace_surrogates
from tidings.annotation.candidate_spaced import (
    CLAUSE,
    MAX_WORDS,
    MIN_COMPOUND_LENGTH,
    MIN_WORDS,
    WORD,
    WordFinder,
)
from tidings.annotation.candidate_unspaced import ITEM, MAX_SIGNS, MIN_SIGNS, SignFinder
from tidings.annotation.languages import language
from tidings.base.languages.bounds import SignBounds, WordBounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MIN_QUOTED = 2  # characters: “六稳”, “清朗”行动
QUOTE = re.compile(r"[“「『«„‹]\s?([^“”„「」『』«»‹›，。；：！？!?;:\n]{2,60}?)\s?[”」』»“›]")
_STOP = re.compile("[。.\n]")
_SIGNS = re.compile(r"[\u3400-\u9fffA-Za-z\d]+(?:[+＋×·、][\u3400-\u9fffA-Za-z\d]*)*")


class EvidenceWord(NamedTuple):
    """A row of ``ref.evidence_words``: ``kind`` is verb, head_noun, quote, unrelated or common."""

    language: str
    word: str
    kind: str


class Sequence(NamedTuple):
    """A sequence and its evidence in a text: policy verbs before it, HEADED for a head noun, QUOTED
    for quotation marks.

    ``key`` identifies the sequence in counts, ``phrase`` is its spelling in the text.
    """

    key: str
    phrase: str
    evidence: frozenset[str]


class _SentenceEvidence:
    """Find evidence words in the sentence around a quotation. Pass quotations in order: each search
    continues the last.
    """

    def __init__(self, text: str, evidence: re.Pattern[str], longest: int) -> None:
        self._text, self._evidence, self._longest = text, evidence, longest
        self._stops = [-1, *(match.start() for match in _STOP.finditer(text)), len(text)]
        # start of the sentence, end of the searched part, whether that part contains evidence
        self._before = (-1, 0, False)
        # end of the sentence, and start of the first evidence after the last quotation
        self._after = (-1, -1)

    def surrounds(self, start: int, end: int) -> bool:
        """Return whether the sentence has an evidence word before or after a quotation."""
        head = self._stops[bisect_left(self._stops, start) - 1] + 1
        tail = self._stops[bisect_left(self._stops, end)]
        seen, searched, is_before = self._before
        if seen != head:
            searched, is_before = head, False
        is_before = is_before or bool(
            self._evidence.search(self._text, max(head, searched - self._longest), start)
        )
        self._before = (head, start, is_before)
        if self._after[0] != tail or self._after[1] < end:
            match = self._evidence.search(self._text, end, tail)
            self._after = (tail, match.start() if match else len(self._text) + 1)
        return is_before or self._after[1] < tail


class Finder:
    """Find sequences by the evidence words of one known language."""

    def __init__(self, words: Iterable[EvidenceWord], code: str) -> None:
        self._bounds = language(code).bounds
        self.is_unspaced = isinstance(self._bounds, SignBounds)
        by_kind: dict[str, list[str]] = {}
        for word in words:
            by_kind.setdefault(word.kind, []).append(
                word.word if self.is_unspaced else word.word.lower()
            )
        self.verbs = by_kind.get("verb", [])
        self._heads = by_kind.get("head_noun", [])
        self._parts: SignFinder | WordFinder = (
            SignFinder(self.verbs, self._heads, self._bounds)
            if isinstance(self._bounds, SignBounds)
            else WordFinder(self.verbs, self._heads, self._bounds)
        )

    def find(self, text: str) -> list[Sequence]:
        """Return the sequences of a text that have evidence, each key once."""
        text = replace_surrogates(text)
        sequences: dict[str, tuple[str, set[str]]] = {}
        for key, phrase, evidence in itertools.chain(
            self._find_quotes(text), self._find_parts(text)
        ):
            sequences.setdefault(key, (phrase, set()))[1].add(evidence)
        return [
            Sequence(key, phrase, frozenset(evidence))
            for key, (phrase, evidence) in sequences.items()
        ]

    def _find_parts(self, text: str) -> Iterator[tuple[str, str, str]]:
        if isinstance(self._parts, SignFinder):
            return ((key, key, evidence) for key, evidence in self._parts.find(text))
        return self._parts.find(text.replace("’", "'"))

    @cached_property
    def _any_evidence(self) -> re.Pattern[str]:
        return re.compile(
            "|".join(map(re.escape, [*self.verbs, *self._heads])) or r"(?!)", re.IGNORECASE
        )

    def _find_quotes(self, text: str) -> Iterator[tuple[str, str, str]]:
        """Yield key, phrase and evidence of each quotation."""
        sentences = _SentenceEvidence(
            text, self._any_evidence, max(map(len, [*self.verbs, *self._heads]), default=0)
        )
        for match in QUOTE.finditer(text):
            phrase = match[1].strip()
            if not self._fits(phrase):
                continue
            if sentences.surrounds(*match.span()):
                yield make_key(phrase, is_unspaced=self.is_unspaced), phrase, QUOTED

    def _fits(self, phrase: str) -> bool:
        if self.is_unspaced:
            items = phrase.split(ITEM)
            return (
                MIN_QUOTED <= len(phrase) <= MAX_SIGNS
                and _SIGNS.fullmatch(phrase) is not None
                and (len(items) == 1 or min(map(len, items)) >= MIN_SIGNS)
            )
        tokens = WORD.findall(phrase)
        if not CLAUSE.fullmatch(phrase):
            return False
        return MIN_WORDS <= len(tokens) <= MAX_WORDS or (
            isinstance(self._bounds, WordBounds)
            and self._bounds.has_compounds
            and len(tokens) == 1
            and len(phrase) >= MIN_COMPOUND_LENGTH
        )


def make_key(phrase: str, *, is_unspaced: bool) -> str:
    """Return the key that identifies a phrase in counts: lower case, words separated by one
    space.
    """
    return phrase if is_unspaced else " ".join(re.findall(r"[^\W_]+", phrase.lower()))
