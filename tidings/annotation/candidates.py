"""Find possible formulations in a text: sequences of words or Chinese characters with evidence of
policy language, and given ones with their neighbours.

Evidence is a policy verb just before the sequence (加快…, "promote …"), a head noun at its end
(…行动, "… plan"; in Romance languages at its beginning), or quotation marks in a sentence with a
policy verb or head noun. ``seeds/evidence_words.csv`` lists these words by language.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Items
from itertools import chain, repeat, takewhile
from typing import NamedTuple

import ahocorasick_rs

from tidings.annotation.languages import language
from tidings.base.languages import WITHOUT_SPACES
from tidings.base.languages.record import SignBounds, WordBounds

HEADED, QUOTED = "head noun", "quote"

CLAUSE_SIGNS = '.,;:!?()[]"“”„«»‹›\n–—…•'
"""Characters that end a sequence of words."""

MIN_WORDS, MAX_WORDS = 2, 5
MAX_BETWEEN = 3  # function words between a policy verb and its object
MIN_COMPOUND_LENGTH = 9  # letters of a single German word
CLAUSE = re.compile(rf"[^{re.escape(CLAUSE_SIGNS)}]+")
WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")

ITEM = "、"
"""Evidence of the further items of an enumeration that a policy verb opens."""

MIN_SIGNS, MAX_SIGNS = 3, 12
_CLAUSE_END = re.compile("[，。；：！？\n]")
MIN_QUOTED = 2  # characters: “六稳”, “清朗”行动
QUOTE = re.compile(r"[“「『«„‹]\s?([^“”„「」『』«»‹›，。；：！？!?;:\n]{2,60}?)\s?[”」』»“›]")
FREE = ""  # the neighbour of a sequence at punctuation, a function word, or behind a policy verb
_WORD_OR_SIGN = re.compile(rf"[^\W_]+|[{re.escape(CLAUSE_SIGNS)}]")
_STOP = re.compile("[。.\n]")
_SIGNS = re.compile(r"[\u3400-\u9fffA-Za-z\d]+(?:[+＋×·、][\u3400-\u9fffA-Za-z\d]*)*")


class EvidenceWord(NamedTuple):
    """A row of ``ref.evidence_words``."""

    language: str
    word: str
    kind: str


class Sequence(NamedTuple):
    """A sequence and its evidence in a text: policy verbs before it, HEADED or QUOTED.

    ``key`` identifies the sequence in counts, ``phrase`` is its spelling in the text.
    """

    key: str
    phrase: str
    evidence: frozenset[str]


def replace_surrogates(text: str) -> str:
    """Return a text of the same length with ? for each half of a surrogate pair, which the searches
    cannot encode.
    """
    return text.encode("utf-8", "replace").decode("utf-8")


class WordFinder:
    """Find sequences by the policy verbs and head nouns of a language, in lower case."""

    def __init__(self, verbs: Items[str], heads: Items[str], bounds: WordBounds) -> None:
        self._bounds = bounds
        self._verb_forms = {form: verb for verb in verbs for form in self._inflect(verb)}
        self._head_forms = frozenset(heads) | {
            head + ending for head in heads for ending in ("s", "n", "en")
        }
        self._endings = tuple(heads)
        self._closed = bounds.stops | bounds.light
        self._no_begin = self._closed | self._verb_forms.keys()
        self._no_end = self._closed | (self._verb_forms.keys() - self._head_forms)
        self._breaks = bounds.stops - bounds.inner
        self._any_form = ahocorasick_rs.AhoCorasick(sorted({*self._verb_forms, *heads}))

    def find(self, text: str) -> Iterator[tuple[str, str, str]]:
        """Yield key, phrase and evidence (a verb or HEADED) of the sequences in a text."""
        text = text.replace("’", "'")
        for clause in CLAUSE.finditer(text):
            if not self._any_form.find_matches_as_indexes(clause[0].lower()):
                continue  # most clauses
            places = [word.span() for word in WORD.finditer(text, clause.start(), clause.end())]
            tokens = [text[start:end].lower() for start, end in places]
            for first, last, evidence in self._sequences(tokens):
                phrase = text[places[first][0] : places[last][1]]
                is_single = first == last and not phrase[0].isupper()
                if is_single or "  " in phrase or self._names_body(tokens, first, last):
                    continue
                yield make_key(phrase, is_unspaced=False), phrase, evidence

    def fits(self, phrase: str) -> bool:
        """Return whether a quotation may be a sequence."""
        count = len(WORD.findall(phrase))
        is_compound = count == 1 and len(phrase) >= MIN_COMPOUND_LENGTH
        is_one = MIN_WORDS <= count <= MAX_WORDS or (self._bounds.has_compounds and is_compound)
        return is_one and CLAUSE.fullmatch(phrase) is not None

    def _sequences(self, tokens: list[str]) -> Iterator[tuple[int, int, str]]:
        """Yield the first and last word of each sequence with evidence, and the evidence."""
        has_compounds = self._bounds.has_compounds
        for place, token in enumerate(tokens):
            if verb := self._verb_forms.get(token):
                yield from self._beside_verb(tokens, place, verb)
            is_head = token in self._head_forms
            if is_head and self._bounds.is_head_first:
                yield from zip(repeat(place), self._walk(tokens, place, 1), repeat(HEADED))
                continue
            is_compound = has_compounds and len(token) >= MIN_COMPOUND_LENGTH
            if is_head or (is_compound and token[4:].endswith(self._endings)):
                if not is_head:
                    yield place, place, HEADED
                yield from zip(self._walk(tokens, place, -1), repeat(place), repeat(HEADED))

    def _beside_verb(
        self, tokens: list[str], place: int, verb: str
    ) -> Iterator[tuple[int, int, str]]:
        """Yield the sequences behind a verb and, in German, before it."""
        behind = tokens[place + 1 : place + 1 + MAX_BETWEEN]
        stops = [*takewhile(self._bounds.stops.__contains__, behind)]
        first = place + 1 + len(stops)
        yield from zip(repeat(first), self._walk(tokens, first, 1), repeat(verb))
        if self._bounds.has_compounds:
            firsts = self._walk(tokens, place - 1, -1)
            yield from zip(firsts, repeat(place - 1), repeat(verb))

    def _names_body(self, tokens: list[str], first: int, last: int) -> bool:
        """Return whether a sequence or words just before it name a body."""
        before = first - 1
        while before > max(first - 1 - MAX_BETWEEN, 0) and tokens[before] in self._closed:
            before -= 1
        words = (token.rsplit("'", 1)[-1] for token in tokens[max(0, before) : last + 1])
        return not self._bounds.bodies.isdisjoint(words)

    def _walk(self, tokens: list[str], start: int, step: int) -> Iterator[int]:
        """Yield the other ends of sequences that begin (step 1) or end (step -1) with a word."""
        may_not_start, may_not_stop = (self._no_begin, self._no_end)[::step]
        if not 0 <= start < len(tokens) or tokens[start][0].isdigit():
            return
        if tokens[start] in may_not_start:
            return
        most = MAX_WORDS + 2 * (step > 0 and self._bounds.is_head_first)  # de la, pour les
        for place in range(start + step, start + step * most, step):
            if not 0 <= place < len(tokens):
                return
            token = tokens[place]
            if token in self._breaks or token[0].isdigit():
                return
            if token not in may_not_stop:
                yield place

    def _inflect(self, verb: str) -> Iterator[str]:
        yield verb
        cut = next((ending for ending in self._bounds.stem_cut if verb.endswith(ending)), "")
        stem = verb.removesuffix(cut)
        for ending in self._bounds.endings:
            yield stem + ending
            yield verb + ending if not cut else "ge" + stem + ending
        yield verb[:-1] + "ies" if verb.endswith("y") else verb + "ing"


class SignFinder:
    """Find sequences by the policy verbs and head nouns of a language."""

    def __init__(self, verbs: Items[str], heads: Items[str], bounds: SignBounds) -> None:
        self._verbs, self._bounds = verbs, bounds
        self._long_verbs = tuple(verb for verb in verbs if len(verb) > 1)
        self._search = ahocorasick_rs.AhoCorasick([*verbs, *heads])

    def find(self, text: str) -> Iterator[tuple[str, str, str]]:
        """Yield key, phrase (which is equal) and evidence: a verb, ITEM or HEADED."""
        ends: tuple[dict[int, int], dict[int, int]] = ({}, {})
        for number, start, end in self._search.find_matches_as_indexes(text, overlapping=True):
            longest = ends[number >= len(self._verbs)]
            longest[start] = max(end, longest.get(start, 0))
        verbs, heads = ends
        for phrase, evidence in self._behind_verbs(text, verbs):
            yield phrase, phrase, evidence
        for head, end in heads.items():
            start = max(0, end - MAX_SIGNS)
            for cut in self._bounds.cut.finditer(text, start, end):
                start = cut.end()
            for begin in range(start, min(head - 1, end - MIN_SIGNS + 1)):
                if self._may_begin(text, begin):
                    yield text[begin:end], text[begin:end], HEADED

    def fits(self, phrase: str) -> bool:
        """Return whether a quotation may be a sequence."""
        items = phrase.split(ITEM)
        is_list = len(items) > 1 and min(map(len, items)) < MIN_SIGNS
        is_short = MIN_QUOTED <= len(phrase) <= MAX_SIGNS
        return is_short and not is_list and _SIGNS.fullmatch(phrase) is not None

    def _behind_verbs(self, text: str, verbs: dict[int, int]) -> Iterator[tuple[str, str]]:
        """Yield the sequences behind verbs (by start: end), and the verbs."""
        pointed = {(start, text[before:start]) for before, start in verbs.items()}
        pointed |= {
            (match.end(), verb)
            for start, verb in pointed
            if (match := self._bounds.degree.match(text, start))
        }
        pointed |= {(item, ITEM) for item in _items_behind(text, verbs.values())}
        for start, evidence in sorted(pointed):
            for stop in self._stops_behind(text, start):
                yield text[start:stop], evidence

    def _stops_behind(self, text: str, start: int) -> Iterator[int]:
        """Yield the ends of the sequences that begin at a place."""
        cut = self._bounds.cut.search(text, start, start + MAX_SIGNS)
        end = cut.start() if cut else min(start + MAX_SIGNS, len(text))
        stops = range(start + MIN_SIGNS, end + 1)
        if stops and self._may_begin(text, start):
            yield from (stop for stop in stops if not self._bounds.right.match(text, stop))

    def _may_begin(self, text: str, start: int) -> bool:
        """Return whether a phrase may begin here, not with a policy verb or its adverb."""
        is_verb = text.startswith(self._long_verbs, start)
        if self._bounds.left.match(text, start) or (
            is_verb and not self._bounds.noun.match(text, start)
        ):
            return False
        adverb = self._bounds.adverb.match(text, start)
        return adverb is None or not text.startswith(self._long_verbs, adverb.end())


def _items_behind(text: str, places: Iterable[int]) -> Iterator[int]:
    """Yield the starts of the further items of enumerations; each clause is read once."""
    end = -1
    for start in sorted(places):
        if start <= end:
            continue
        end = match.start() if (match := _CLAUSE_END.search(text, start)) else len(text)
        while (comma := text.find(ITEM, start, end)) >= 0:
            start = comma + 1  # noqa: PLW2901 — the next item of the same clause
            yield start


class Finder:
    """Find sequences by the evidence words of one known language."""

    def __init__(self, words: Items[EvidenceWord], code: str) -> None:
        bounds = language(code).bounds
        self._is_unspaced = isinstance(bounds, SignBounds)
        self.verbs, heads = (
            [
                word.word if self._is_unspaced else word.word.lower()
                for word in words
                if word.kind == kind
            ]
            for kind in ("verb", "head_noun")
        )
        self._evidence = ahocorasick_rs.AhoCorasick(
            sorted({word.lower() for word in (*self.verbs, *heads)})
        )
        self._parts: SignFinder | WordFinder = (
            SignFinder(self.verbs, heads, bounds)
            if isinstance(bounds, SignBounds)
            else WordFinder(self.verbs, heads, bounds)
        )

    def find(self, text: str) -> list[Sequence]:
        """Return the sequences of a text that have evidence, each key once."""
        text = replace_surrogates(text)
        sequences: dict[str, tuple[str, set[str]]] = {}
        for key, phrase, evidence in chain(self._find_quotes(text), self._parts.find(text)):
            sequences.setdefault(key, (phrase, set()))[1].add(evidence)
        return [
            Sequence(key, phrase, frozenset(evidence))
            for key, (phrase, evidence) in sequences.items()
        ]

    def _find_quotes(self, text: str) -> Iterator[tuple[str, str, str]]:
        """Yield the quotations in a sentence with an evidence word before or after them."""
        quotes = [match for match in QUOTE.finditer(text) if self._parts.fits(match[1].strip())]
        if not quotes:
            return
        stops = [-1, *(match.start() for match in _STOP.finditer(text)), len(text)]
        lower = "".join(sign.lower()[:1] for sign in text)
        found = self._evidence.find_matches_as_indexes(lower, overlapping=True)
        starts = [*sorted(start for _, start, _ in found), len(text)]
        for match in quotes:
            start, end = match.span()
            first = starts[bisect_left(starts, stops[bisect_left(stops, start) - 1])]
            behind = starts[bisect_left(starts, end)]
            if first < start or behind < stops[bisect_left(stops, end)]:
                phrase = match[1].strip()
                yield make_key(phrase, is_unspaced=self._is_unspaced), phrase, QUOTED


def make_key(phrase: str, *, is_unspaced: bool) -> str:
    """Return the key that identifies a phrase in counts: lower case, words separated by one
    space.
    """
    return phrase if is_unspaced else " ".join(re.findall(r"[^\W_]+", phrase.lower()))


class Counter:
    """Find candidates of one language."""

    def __init__(self, keys: Iterable[str], code: str, verbs: Iterable[str]) -> None:
        bounds = language(code).bounds
        self._keys = sorted(set(keys))
        if isinstance(bounds, SignBounds):
            self._edges: _SignEdges | _WordEdges = _SignEdges(bounds, verbs)
            self._search = ahocorasick_rs.AhoCorasick(self._keys)
        else:
            self._edges = _WordEdges(bounds)
            self._search = ahocorasick_rs.AhoCorasick([f" {key} " for key in self._keys])

    def find(self, text: str) -> list[tuple[str, str, str, bool]]:
        """Return the candidates in a text, each with the neighbours of its first occurrence, and
        whether at least one occurrence has FREE on both sides.
        """
        text = self._edges.prepare(replace_surrogates(text))
        beside: dict[int, tuple[str, str]] = {}
        whole: set[int] = set()
        for number, start, end in self._search.find_matches_as_indexes(text, overlapping=True):
            if number in whole:
                continue
            left = self._edges.left(text, start)
            if number in beside and left != FREE:
                continue
            right = self._edges.right(text, end)
            beside.setdefault(number, (left, right))
            if left == right == FREE:
                whole.add(number)
        return [(self._keys[number], *sides, number in whole) for number, sides in beside.items()]


class _SignEdges:
    """The neighbours of a place in a language that separates no words with spaces."""

    def __init__(self, bounds: SignBounds, verbs: Iterable[str]) -> None:
        self._stop, self._noun = bounds.stop, bounds.noun
        self._free_words = tuple({*verbs, *bounds.light})

    def prepare(self, text: str) -> str:
        """Return the text to search."""
        return text

    def left(self, text: str, start: int) -> str:
        """Return the neighbour before."""
        sign = text[start - 1 : start]
        stops = (self._stop.match(text, max(0, start - length)) for length in (1, 2))
        if not sign.isalnum() or any(stop is not None and stop.end() == start for stop in stops):
            return FREE
        is_behind_word = text.endswith(
            self._free_words, max(0, start - 4), start
        ) and not self._noun.match(text, max(0, start - 2))
        return FREE if is_behind_word else sign

    def right(self, text: str, end: int) -> str:
        """Return the neighbour behind."""
        sign = text[end : end + 1]
        return FREE if not sign.isalnum() or self._stop.match(text, end) else sign


class _WordEdges:
    """The neighbours of a place, which begins and ends with a space, in other languages."""

    def __init__(self, bounds: WordBounds) -> None:
        self._free = frozenset(CLAUSE_SIGNS) | bounds.stops

    def prepare(self, text: str) -> str:
        return f" {' '.join(_WORD_OR_SIGN.findall(text.lower()))} "

    def left(self, text: str, start: int) -> str:
        word = text[text.rfind(" ", 0, start) + 1 : start]
        return FREE if word in self._free else word

    def right(self, text: str, end: int) -> str:
        word = text[end : text.find(" ", end)]
        return FREE if word in self._free else word


def locate(text: str, key: str, code: str) -> tuple[int, int] | None:
    """Return the offsets of a candidate's first occurrence in a text, or None."""
    if code in WITHOUT_SPACES:
        start = text.find(key)
        return (start, start + len(key)) if start >= 0 else None
    between = rf"(?:_|[^\w{re.escape(CLAUSE_SIGNS)}])+"
    match = re.search(
        rf"(?<![^\W_]){between.join(map(re.escape, key.split()))}(?![^\W_])", text, re.IGNORECASE
    )
    return match.span() if match else None
