"""Find what may be a formulation in a text: sequences of words, or of Chinese signs, that policy language points at.

A sequence needs evidence where it stands: a policy verb just before it (加快…, "promote …"), a head noun at its end
(…行动, "… plan"; in French and Italian at its beginning), or quotation marks in a sentence that has one of these. Which words
these are is in ``seeds/evidence_words.csv``, by language; its kind ``unrelated`` names what belongs to protocol, war, weather
and sport. What is found is raw: counting and ranking it is the work of ``models/marts/candidate_phrases.sql``.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from transforms.candidate_words import BOUNDS, GENERAL, WIDE_ADVERB, WIDE_LIGHT, WIDE_STOPS
from transforms.speakers import WIDE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEQUENCES_VERSION = "1"
"""Raise it when the same words would find other sequences: every text is then read again."""

FEWEST_SIGNS, MOST_SIGNS = 3, 10
FEWEST_WORDS, MOST_WORDS = 2, 5
MOST_BETWEEN = 3  # small words between a policy verb and what it is about
SHORTEST_COMPOUND = 9  # letters of a German word that stands alone
QUOTE = re.compile(r"[“「『«„‹]\s?([^“”„「」『』«»‹›，。；：！？!?;:\n]{3,60}?)\s?[”」』»“›]")
_RUN = re.compile(r"[\u3400-\u9fffA-Za-z]+")
_CLAUSE = re.compile(r"[^.,;:!?()\[\]\"“”„«»‹›\n–—…•]+")
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")


class EvidenceWord(NamedTuple):
    """A row of ``ref.evidence_words``: ``kind`` is verb, head_noun, quote or unrelated."""

    language: str
    word: str
    kind: str


class Sequence(NamedTuple):
    """A sequence with its evidence: ``key`` is what occurrences are counted under, ``phrase`` as written."""

    key: str
    phrase: str
    evidence: str


class Finder:
    """The evidence words of one language made ready."""

    def __init__(self, words: Iterable[EvidenceWord], language: str) -> None:
        self.language = language
        self.is_wide = language in WIDE
        self.bounds = BOUNDS.get(language, GENERAL)
        by_kind: dict[str, list[str]] = {}
        for word in words:
            by_kind.setdefault(word.kind, []).append(word.word if self.is_wide else word.word.lower())
        self.verbs = by_kind.get("verb", [])
        self.heads = by_kind.get("head_noun", [])

    def find(self, text: str) -> list[Sequence]:
        """Return the sequences of a text with evidence, each key and kind of evidence once."""
        parts = self._find_wide(text) if self.is_wide else self._find_spaced(text.replace("’", "'"))
        found = [*self._find_quotes(text), *parts]
        return list({(sequence.key, sequence.evidence): sequence for sequence in found}.values())

    @cached_property
    def _any_evidence(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, [*self.verbs, *self.heads])) or r"(?!)", re.IGNORECASE)

    @cached_property
    def _verb_signs(self) -> re.Pattern[str]:
        return re.compile(f"(?=({'|'.join(sorted(map(re.escape, self.verbs), key=len, reverse=True)) or '(?!)'}))")

    @cached_property
    def _head_signs(self) -> re.Pattern[str]:
        return re.compile(f"(?=({'|'.join(sorted(map(re.escape, self.heads), key=len, reverse=True)) or '(?!)'}))")

    @cached_property
    def _verb_forms(self) -> frozenset[str]:
        return frozenset(form for verb in self.verbs for form in self._inflect(verb))

    @cached_property
    def _head_forms(self) -> frozenset[str]:
        return frozenset(self.heads) | {head + ending for head in self.heads for ending in ("s", "n", "en")}

    def _inflect(self, verb: str) -> Iterator[str]:
        yield verb
        cut = next((ending for ending in self.bounds.stem_cut if verb.endswith(ending)), "")
        stem = verb.removesuffix(cut)
        for ending in self.bounds.endings:
            yield stem + ending
            yield verb + ending if not cut else "ge" + stem + ending
        yield verb[:-1] + "ies" if verb.endswith("y") else verb + "ing"

    def _find_quotes(self, text: str) -> Iterator[Sequence]:
        for found in QUOTE.finditer(text):
            phrase = found[1].strip()
            if not self._fits(phrase):
                continue
            start = max(text.rfind(mark, 0, found.start()) for mark in "。.\n") + 1
            ends = [place for mark in "。.\n" if (place := text.find(mark, found.end())) >= 0]
            beside = text[start : found.start()] + "|" + text[found.end() : min(ends, default=len(text))]
            if self._any_evidence.search(beside):
                yield Sequence(make_key(phrase, is_wide=self.is_wide), phrase, "quote")

    def _fits(self, phrase: str) -> bool:
        if self.is_wide:
            return FEWEST_SIGNS <= len(phrase) <= MOST_SIGNS + 2 and _RUN.fullmatch(phrase) is not None
        tokens = _WORD.findall(phrase)
        return (FEWEST_WORDS <= len(tokens) <= MOST_WORDS and "," not in phrase) or (
            self.bounds.has_compounds and len(tokens) == 1 and len(phrase) >= SHORTEST_COMPOUND
        )

    def _find_wide(self, text: str) -> Iterator[Sequence]:
        for run in _RUN.finditer(text):
            signs = run[0]
            for hit in self._verb_signs.finditer(signs):
                start = end = hit.start() + len(hit[1])
                while end < len(signs) and end - start < MOST_SIGNS and signs[end] not in WIDE_STOPS:
                    end += 1
                for stop in range(start + FEWEST_SIGNS, end + 1):
                    yield Sequence(signs[start:stop], signs[start:stop], "verb")
            for hit in self._head_signs.finditer(signs):
                start, end = hit.start(), hit.start() + len(hit[1])
                while start > 0 and end - start < MOST_SIGNS and signs[start - 1] not in WIDE_STOPS:
                    start -= 1
                for begin in range(start, min(hit.start() - 1, end - FEWEST_SIGNS + 1)):
                    yield Sequence(signs[begin:end], signs[begin:end], "head_noun")

    def _find_spaced(self, text: str) -> Iterator[Sequence]:
        for clause in _CLAUSE.finditer(text):
            places = [word.span() for word in _WORD.finditer(text, clause.start(), clause.end())]
            tokens = [text[start:end].lower() for start, end in places]
            for first, last, evidence in self._point(tokens):
                phrase = text[places[first][0] : places[last][1]]
                if self._is_whole(tokens[first : last + 1], phrase, evidence):
                    yield Sequence(make_key(phrase, is_wide=False), phrase, evidence)

    def _point(self, tokens: list[str]) -> Iterator[tuple[int, int, str]]:
        """Yield the first and last word of what evidence points at."""
        for place, token in enumerate(tokens):
            if token in self._verb_forms:
                yield from self._point_by_verb(tokens, place)
            if self._is_head(token):
                if self.bounds.is_head_first:
                    yield from ((place, last, "head_noun") for last in range(place + 1, min(place + MOST_WORDS + 1, len(tokens))))
                else:
                    yield from ((first, place, "head_noun") for first in range(max(0, place - MOST_WORDS + 1), place + 1))

    def _point_by_verb(self, tokens: list[str], place: int) -> Iterator[tuple[int, int, str]]:
        first = place + 1
        while first < len(tokens) and first - place <= MOST_BETWEEN and tokens[first] in self.bounds.stops:
            first += 1
        for last in range(first, min(first + MOST_WORDS, len(tokens))):
            yield first, last, "verb"
        if self.bounds.has_compounds:  # German puts the verb behind
            for before in range(max(0, place - MOST_WORDS), place):
                yield before, place - 1, "verb"

    def _is_head(self, token: str) -> bool:
        if token in self._head_forms:
            return True
        if not self.bounds.has_compounds or len(token) < SHORTEST_COMPOUND:
            return False
        return any(token.endswith(head) and len(token) >= len(head) + 4 for head in self.heads)

    def _is_whole(self, tokens: list[str], phrase: str, evidence: str) -> bool:
        """Return whether a sequence begins and ends with words of its own and holds no word that parts it."""
        bounds = self.bounds
        if tokens[0] in bounds.stops or tokens[-1] in bounds.stops or tokens[0] in bounds.light or tokens[0] in self._verb_forms:
            return False
        if any(token in bounds.stops and token not in bounds.inner for token in tokens[1:-1]):
            return False
        if any(token[0].isdigit() for token in tokens) or "  " in phrase:
            return False
        if len(tokens) == 1:
            return bounds.has_compounds and evidence == "head_noun" and len(phrase) >= SHORTEST_COMPOUND and phrase[0].isupper()
        return tokens[-1] not in self._verb_forms or tokens[-1] in self._head_forms


def make_key(phrase: str, *, is_wide: bool) -> str:
    """Return what occurrences of a phrase are counted under: lower case, words parted by one space."""
    return phrase if is_wide else " ".join(re.findall(r"[^\W_]+", phrase.lower()))


def is_light(key: str, verbs: Iterable[str]) -> bool:
    """Return whether a Chinese sequence begins with a policy verb, its adverb or not, or holds a word of no formulation."""
    bare = WIDE_ADVERB.sub("", key)
    starts = tuple(verb for verb in verbs if len(verb) > 1)
    return key.startswith(starts) or (bare != key and bare.startswith(starts)) or any(word in key for word in WIDE_LIGHT)
