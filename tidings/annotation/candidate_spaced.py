"""Find the word sequences of a text that follow a policy verb or contain a head noun."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import ahocorasick_rs

from tidings.annotation.candidate_evidence import CLAUSE_SIGNS, HEADED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidings.base.languages.bounds import WordBounds

MIN_WORDS, MAX_WORDS = 2, 5
MAX_BETWEEN = 3  # function words between a policy verb and its object
MIN_COMPOUND_LENGTH = 9  # letters of a single German word
CLAUSE = re.compile(rf"[^{re.escape(CLAUSE_SIGNS)}]+")
WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")


class WordFinder:
    """Find sequences by the policy verbs and head nouns of a language, in lower case, within its
    bounds.
    """

    def __init__(self, verbs: Sequence[str], heads: Sequence[str], bounds: WordBounds) -> None:
        self._verbs, self._heads, self._bounds = verbs, heads, bounds
        self._verb_forms = {form: verb for verb in verbs for form in self._inflect(verb)}
        self._head_forms = frozenset(heads) | {
            head + ending for head in heads for ending in ("s", "n", "en")
        }
        self._endings = tuple(heads)
        self._any_form = ahocorasick_rs.AhoCorasick(sorted({*self._verb_forms, *heads}))

    def find(self, text: str) -> Iterator[tuple[str, str, str]]:
        """Yield key, phrase and evidence (a verb or HEADED) of each sequence in a text. A sequence
        may occur more than once.
        """
        for clause in CLAUSE.finditer(text):
            if not self._any_form.find_matches_as_indexes(clause[0].lower()):
                continue  # most clauses
            places = [word.span() for word in WORD.finditer(text, clause.start(), clause.end())]
            tokens = [text[start:end].lower() for start, end in places]
            bodies = {
                place
                for place, token in enumerate(tokens)
                if token.rsplit("'", 1)[-1] in self._bounds.bodies
            }
            for first, last, evidence in self._sequences(tokens):
                if bodies and not bodies.isdisjoint(self._with_name(tokens, first, last)):
                    continue
                phrase = text[places[first][0] : places[last][1]]
                if "  " not in phrase and (last > first or phrase[0].isupper()):
                    yield (
                        " ".join(tokens[first : last + 1]).replace("-", " ").replace("'", " "),
                        phrase,
                        evidence,
                    )

    def _sequences(self, tokens: list[str]) -> list[tuple[int, int, str]]:
        """Return the first and last word of each sequence with evidence, and the evidence."""
        sequences: list[tuple[int, int, str]] = []
        for place, token in enumerate(tokens):
            if verb := self._verb_forms.get(token):
                first = place + 1
                while (
                    first < len(tokens)
                    and first - place <= MAX_BETWEEN
                    and tokens[first] in self._bounds.stops
                ):
                    first += 1
                sequences += [(first, last, verb) for last in self._walk(tokens, first, 1)]
                if self._bounds.has_compounds:  # a German verb may follow its object
                    sequences += [
                        (first, place - 1, verb) for first in self._walk(tokens, place - 1, -1)
                    ]
            if token in self._head_forms or (
                self._bounds.has_compounds and self._ends_with_head(token)
            ):
                if self._bounds.is_head_first:
                    sequences += [(place, last, HEADED) for last in self._walk(tokens, place, 1)]
                    continue
                if self._is_compound(token):
                    sequences.append((place, place, HEADED))
                sequences += [(first, place, HEADED) for first in self._walk(tokens, place, -1)]
        return sequences

    def _with_name(self, tokens: list[str], first: int, last: int) -> range:
        """Return the places of a sequence, of the word before it and of function words in
        between.
        """
        before, bounds = first - 1, self._bounds
        while (
            before > first - 1 - MAX_BETWEEN
            and before > 0
            and tokens[before] in bounds.stops | bounds.light
        ):
            before -= 1
        return range(max(0, before), last + 1)

    def _walk(self, tokens: list[str], start: int, step: int) -> Iterator[int]:
        """Yield the other ends of the sequences of at least two words that begin (step 1) or end
        (step -1) with a word.
        """
        may_start, may_stop = (self._may_begin, self._may_end)[::step]
        if not 0 <= start < len(tokens) or not may_start(tokens[start]):
            return
        most = MAX_WORDS + 2 * (step > 0 and self._bounds.is_head_first)  # de la, pour les
        for place in range(start + step, start + step * most, step):
            if not 0 <= place < len(tokens):
                return
            token = tokens[place]
            if token in self._bounds.stops:
                if token not in self._bounds.inner:
                    return
            elif token[0].isdigit():
                return
            elif may_stop(token):
                yield place

    def _is_compound(self, token: str) -> bool:
        """Return whether a word that ends with a head noun may be a formulation on its own."""
        return (
            self._bounds.has_compounds
            and len(token) >= MIN_COMPOUND_LENGTH
            and token not in self._head_forms
        )

    def _may_begin(self, token: str) -> bool:
        bounds = self._bounds
        return not (
            token in bounds.stops
            or token in bounds.light
            or token in self._verb_forms
            or token[0].isdigit()
        )

    def _may_end(self, token: str) -> bool:
        if token in self._bounds.stops or token in self._bounds.light or token[0].isdigit():
            return False
        return token not in self._verb_forms or token in self._head_forms

    def _ends_with_head(self, token: str) -> bool:
        if len(token) < MIN_COMPOUND_LENGTH or not token.endswith(self._endings):
            return False
        return any(token.endswith(head) and len(token) >= len(head) + 4 for head in self._heads)

    def _inflect(self, verb: str) -> Iterator[str]:
        yield verb
        cut = next((ending for ending in self._bounds.stem_cut if verb.endswith(ending)), "")
        stem = verb.removesuffix(cut)
        for ending in self._bounds.endings:
            yield stem + ending
            yield verb + ending if not cut else "ge" + stem + ending
        yield verb[:-1] + "ies" if verb.endswith("y") else verb + "ing"
