"""Find what may be a formulation in a text: sequences of words, or of Chinese signs, that policy language points at.

A sequence needs evidence where it stands: a policy verb just before it (加快…, "promote …"), a head noun at its end
(…行动, "… plan"; in French and Italian at its beginning), or quotation marks in a sentence that has one of these. Which words
these are is in ``seeds/evidence_words.csv``, by language; its kind ``unrelated`` names what belongs to protocol, war, weather
and sport. What is found is raw: counting and ranking it is the work of ``models/marts/candidate_phrases.sql``.
"""

from __future__ import annotations

import itertools
import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import ahocorasick_rs

from transforms.candidate_words import BOUNDS, GENERAL, WIDE_ADVERB, WIDE_LEFT, WIDE_LIGHT, WIDE_NOUN, WIDE_RIGHT, WIDE_STOP
from transforms.speakers import WIDE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEQUENCES_VERSION = "2"
"""Raise it when the same words would find other sequences: every text is then read again."""

FEWEST_SIGNS, MOST_SIGNS = 3, 12
FEWEST_QUOTED = 2  # signs, where it begins with a numeral, as “六稳”, or a head noun follows, as in “清朗”行动
_NUMERALS = frozenset("一二两三四五六七八九十双多零百千万")
FEWEST_WORDS, MOST_WORDS = 2, 5
MOST_BETWEEN = 3  # small words between a policy verb and what it is about
SHORTEST_COMPOUND = 9  # letters of a German word that stands alone
QUOTE = re.compile(r"[“「『«„‹]\s?([^“”„「」『』«»‹›，。；：！？!?;:\n]{2,60}?)\s?[”」』»“›]")
_SIGNS = re.compile(r"[\u3400-\u9fffA-Za-z\d]+(?:[+＋×·][\u3400-\u9fffA-Za-z\d]*)*")
_FOLLOWING = re.compile(r"[\u3400-\u9fff]{0,8}")
_CLAUSE_END = re.compile("[，。；：！？\n]")
_CUT = re.compile(
    rf"[^\u3400-\u9fffA-Za-z]|{WIDE_STOP.pattern}|{'|'.join(sorted(WIDE_LIGHT))}|[一二三四五六七八九十百千万亿]+[届次个项名位条]"
)
CLAUSE_SIGNS = '.,;:!?()[]"“”„«»‹›\n–—…•'
"""What ends a sequence of words."""
_CLAUSE = re.compile(rf"[^{re.escape(CLAUSE_SIGNS)}]+")
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")


class EvidenceWord(NamedTuple):
    """A row of ``ref.evidence_words``: ``kind`` is verb, head_noun, quote or unrelated."""

    language: str
    word: str
    kind: str


HEADED, QUOTED = "head noun", "quote"
ITEM = "、"
"""The evidence, among verbs, of what is enumerated behind what a Chinese verb points at."""


class Sequence(NamedTuple):
    """A sequence and what points at it in a text: the policy verbs before it, HEADED by its head noun, QUOTED.

    ``key`` is what occurrences are counted under, ``phrase`` as written.
    """

    key: str
    phrase: str
    evidence: frozenset[str]


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
        """Return the sequences of a text that have evidence, each key once."""
        parts = self._find_wide(text) if self.is_wide else self._find_spaced(text.replace("’", "'"))
        found: dict[str, tuple[str, set[str]]] = {}
        for key, phrase, evidence in itertools.chain(self._find_quotes(text), parts):
            found.setdefault(key, (phrase, set()))[1].add(evidence)
        return [Sequence(key, phrase, frozenset(evidence)) for key, (phrase, evidence) in found.items()]

    @cached_property
    def _any_evidence(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, [*self.verbs, *self.heads])) or r"(?!)", re.IGNORECASE)

    @cached_property
    def _signs(self) -> ahocorasick_rs.AhoCorasick:
        return ahocorasick_rs.AhoCorasick([*self.verbs, *self.heads])

    @cached_property
    def _long_verbs(self) -> tuple[str, ...]:
        return tuple(verb for verb in self.verbs if len(verb) > 1)

    @cached_property
    def _verb_forms(self) -> dict[str, str]:
        return {form: verb for verb in self.verbs for form in self._inflect(verb)}

    @cached_property
    def _head_forms(self) -> frozenset[str]:
        return frozenset(self.heads) | {head + ending for head in self.heads for ending in ("s", "n", "en")}

    @cached_property
    def _any_form(self) -> ahocorasick_rs.AhoCorasick:
        return ahocorasick_rs.AhoCorasick(sorted({*self._verb_forms, *self.heads}))

    def _inflect(self, verb: str) -> Iterator[str]:
        yield verb
        cut = next((ending for ending in self.bounds.stem_cut if verb.endswith(ending)), "")
        stem = verb.removesuffix(cut)
        for ending in self.bounds.endings:
            yield stem + ending
            yield verb + ending if not cut else "ge" + stem + ending
        yield verb[:-1] + "ies" if verb.endswith("y") else verb + "ing"

    def _find_quotes(self, text: str) -> Iterator[tuple[str, str, str]]:
        """Yield key, phrase and evidence of what stands between quotation marks."""
        for found in QUOTE.finditer(text):
            phrase = found[1].strip()
            if not self._fits(phrase) or (self.is_wide and len(phrase) < FEWEST_SIGNS and not self._is_known_short(text, found)):
                continue
            start = max(text.rfind(mark, 0, found.start()) for mark in "。.\n") + 1
            ends = [place for mark in "。.\n" if (place := text.find(mark, found.end())) >= 0]
            beside = text[start : found.start()] + "|" + text[found.end() : min(ends, default=len(text))]
            if self._any_evidence.search(beside):
                yield make_key(phrase, is_wide=self.is_wide), phrase, QUOTED

    def _fits(self, phrase: str) -> bool:
        if self.is_wide:
            return FEWEST_QUOTED <= len(phrase) <= MOST_SIGNS and _SIGNS.fullmatch(phrase) is not None
        tokens = _WORD.findall(phrase)
        if not _CLAUSE.fullmatch(phrase):
            return False
        return FEWEST_WORDS <= len(tokens) <= MOST_WORDS or (
            self.bounds.has_compounds and len(tokens) == 1 and len(phrase) >= SHORTEST_COMPOUND
        )

    def _is_known_short(self, text: str, found: re.Match[str]) -> bool:
        following = _FOLLOWING.match(text, found.end())
        return found[1][:1] in _NUMERALS or (following is not None and any(head in following[0] for head in self.heads))

    def _find_wide(self, text: str) -> Iterator[tuple[str, str, str]]:
        verbs: dict[int, int] = {}
        heads: dict[int, int] = {}
        for number, start, end in self._signs.find_matches_as_indexes(text, overlapping=True):
            ends = verbs if number < len(self.verbs) else heads
            ends[start] = max(end, ends.get(start, 0))
        pointed = {(start, text[before:start]) for before, start in verbs.items()}
        pointed |= {(item, ITEM) for start in verbs.values() for item in _items_behind(text, start)}
        for start, evidence in pointed:
            cut = _CUT.search(text, start, start + MOST_SIGNS)
            end = cut.start() if cut else min(start + MOST_SIGNS, len(text))
            if end - start >= FEWEST_SIGNS and self._may_begin_at(text, start):
                for stop in range(start + FEWEST_SIGNS, end + 1):
                    if not WIDE_RIGHT.match(text, stop):
                        yield (key := text[start:stop]), key, evidence
        for head, end in heads.items():
            start = max(0, end - MOST_SIGNS)
            for cut in _CUT.finditer(text, start, end):
                start = cut.end()
            for begin in range(start, min(head - 1, end - FEWEST_SIGNS + 1)):
                if self._may_begin_at(text, begin):
                    yield (key := text[begin:end]), key, HEADED

    def _may_begin_at(self, text: str, start: int) -> bool:
        """Return whether a formulation may begin here: not within a word, nor with a policy verb or its adverb."""
        if WIDE_LEFT.match(text, start) or (text.startswith(self._long_verbs, start) and not WIDE_NOUN.match(text, start)):
            return False
        adverb = WIDE_ADVERB.match(text, start)
        return adverb is None or not text.startswith(self._long_verbs, adverb.end())

    def _find_spaced(self, text: str) -> Iterator[tuple[str, str, str]]:
        for clause in _CLAUSE.finditer(text):
            if not self._any_form.find_matches_as_indexes(clause[0].lower()):
                continue  # most clauses
            places = [word.span() for word in _WORD.finditer(text, clause.start(), clause.end())]
            tokens = [text[start:end].lower() for start, end in places]
            for first, last, evidence in self._point(tokens):
                phrase = text[places[first][0] : places[last][1]]
                if "  " not in phrase and (last > first or phrase[0].isupper()):
                    yield " ".join(tokens[first : last + 1]).replace("-", " ").replace("'", " "), phrase, evidence

    def _point(self, tokens: list[str]) -> Iterator[tuple[int, int, str]]:
        """Yield the first and last word of what evidence points at, and that evidence."""
        for place, token in enumerate(tokens):
            if verb := self._verb_forms.get(token):
                first = place + 1
                while first < len(tokens) and first - place <= MOST_BETWEEN and tokens[first] in self.bounds.stops:
                    first += 1
                yield from ((first, last, verb) for last in self._forward(tokens, first))
                if self.bounds.has_compounds:  # German puts the verb behind
                    yield from ((first, place - 1, verb) for first in self._backward(tokens, place - 1))
            if self._is_head(token):
                if self.bounds.is_head_first:
                    yield from ((place, last, HEADED) for last in self._forward(tokens, place))
                else:
                    if self._is_compound(token):
                        yield place, place, HEADED
                    yield from ((first, place, HEADED) for first in self._backward(tokens, place))

    def _forward(self, tokens: list[str], first: int) -> Iterator[int]:
        """Yield the last words of the sequences of two words or more that begin with a word."""
        if first >= len(tokens) or not self._may_begin(tokens[first]):
            return
        most = MOST_WORDS + 2 * self.bounds.is_head_first  # de la, pour les
        for last in range(first + 1, min(first + most, len(tokens))):
            token = tokens[last]
            if token in self.bounds.stops:
                if token not in self.bounds.inner:
                    return
            elif token[0].isdigit():
                return
            elif self._may_end(token):
                yield last

    def _backward(self, tokens: list[str], last: int) -> Iterator[int]:
        """Yield the first words of the sequences of two words or more that end with a word."""
        if last < 0 or not self._may_end(tokens[last]):
            return
        for first in range(last - 1, max(-1, last - MOST_WORDS), -1):
            token = tokens[first]
            if token in self.bounds.stops:
                if token not in self.bounds.inner:
                    return
            elif token[0].isdigit():
                return
            elif self._may_begin(token):
                yield first

    def _is_compound(self, token: str) -> bool:
        """Return whether a word that ends with a head noun may be a formulation by itself."""
        return self.bounds.has_compounds and len(token) >= SHORTEST_COMPOUND and token not in self._head_forms

    def _may_begin(self, token: str) -> bool:
        bounds = self.bounds
        return not (token in bounds.stops or token in bounds.light or token in self._verb_forms or token[0].isdigit())

    def _may_end(self, token: str) -> bool:
        if token in self.bounds.stops or token[0].isdigit() or (self.bounds.is_head_first and token in self.bounds.light):
            return False
        return token not in self._verb_forms or token in self._head_forms

    def _is_head(self, token: str) -> bool:
        if token in self._head_forms:
            return True
        if not self.bounds.has_compounds or len(token) < SHORTEST_COMPOUND:
            return False
        return any(token.endswith(head) and len(token) >= len(head) + 4 for head in self.heads)


def _items_behind(text: str, start: int) -> Iterator[int]:
    """Yield where the further items of an enumeration begin that goes on from a place in a text, up to its clause's end."""
    end = found.start() if (found := _CLAUSE_END.search(text, start)) else len(text)
    while (comma := text.find(ITEM, start, end)) >= 0:
        start = comma + 1
        yield start


def make_key(phrase: str, *, is_wide: bool) -> str:
    """Return what occurrences of a phrase are counted under: lower case, words parted by one space."""
    return phrase if is_wide else " ".join(re.findall(r"[^\W_]+", phrase.lower()))
