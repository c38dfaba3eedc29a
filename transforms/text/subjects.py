"""Find the names that are the subject of a clause, in languages with spaces between words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.languages.spaced_grammar import SpacedGrammar
    from tidings.languages.statements import Naming

_WORD = re.compile(r"[\w'.-]+|[^\w\s]")
# French and Italian contract an article or preposition with its word: l'ambassadeur, secrétaire d'État.
_LEANING_WORD = re.compile(r"\w{1,5}'(?=\w)|[\w.-]+|[^\w\s]")
_LONGEST_TITLE = 24
"""Most words of an office beside a name."""


class Subjects:
    """Distinguish subjects from names governed by another word, by the grammar of one language."""

    def __init__(self, grammar: SpacedGrammar, office_words: Iterable[str]) -> None:
        self.grammar = grammar
        offices = frozenset(office_words) - grammar.prepositions
        self._titles = offices | grammar.determiners
        self._offices = frozenset(word for word in offices if len(word) >= len("chef"))
        self._stops = grammar.prepositions | grammar.openers | grammar.times
        self._word = _LEANING_WORD if grammar.is_leaning else _WORD

    def find(self, sentence: str, namings: Sequence[Naming]) -> list[Naming]:
        """Return the namings that are subjects. A name joined to an object is an object too: met X and Y."""
        subjects: list[Naming] = []
        for number, naming in enumerate(namings):
            before = namings[number - 1] if number else None
            is_joined = before is not None and before not in subjects and self._are_joined(sentence, before, naming)
            if not is_joined and self.is_subject(sentence, naming):
                subjects.append(naming)
        return subjects

    def join(self, sentence: str, naming: Naming, namings: Sequence[Naming]) -> list[Naming]:
        """Return a speaker and the people joined to it by "and": X, head of the …, and Minister Y stressed."""
        first = last = namings.index(naming)
        while first > 0 and self._are_joined(sentence, namings[first - 1], namings[first]):
            first -= 1
        while last + 1 < len(namings) and self._are_joined(sentence, namings[last], namings[last + 1]):
            last += 1
        return list(namings[first : last + 1])

    def is_subject(self, sentence: str, naming: Naming) -> bool:
        """Return whether a name is in the position of a subject: no word before it governs it."""
        before = sentence[: naming.start]
        words = self.split(before)
        if before.endswith(("'", "-")):
            return before.endswith("-")  # a-t-elle
        while words and not self._governs(words) and (self.is_title(words[-1]) or words[-1] == "." or self._is_origin(words)):
            words.pop()
        if not words:
            return True
        last = words[-1].lower()
        if not last[0].isalnum():
            return last not in "'’/&"
        if self.grammar.is_verb_second:
            # ", wie der Bundespräsident betonte" has a subject; "wie Cassis" does not.
            return last not in self.grammar.prepositions or (last == "wie" and words[-2:-1] in ([], [","]))
        return last.rstrip("'") in self.grammar.openers

    def is_joined(self, sentence: str, naming: Naming, namings: Sequence[Naming]) -> bool:
        """Return whether "and" joins a name to other names, listed or not."""
        rest = sentence[naming.end :]
        return len(self.join(sentence, naming, namings)) > 1 or self.grammar.joining.match(rest) is not None

    def _governs(self, words: Sequence[str]) -> bool:
        """Return whether a preposition begins a sentence in a verb-second language: Gegenüber X betonte …."""
        return self.grammar.is_verb_second and len(words) == 1 and words[0].lower() in self.grammar.prepositions

    def split(self, text: str) -> list[str]:
        """Return the words and punctuation marks of a text."""
        return self._word.findall(text)

    def is_title(self, word: str) -> bool:
        """Return whether a word may belong to a name or to an office beside it."""
        return word[0].isupper() or word.lower().rstrip("'") in self._titles

    def is_title_run(self, text: str) -> bool:
        """Return whether a text consists only of titles and offices."""
        words = self.split(text)
        return len(words) <= _LONGEST_TITLE and all(
            self.is_title(word) or word in ",.()" or word.lower().rstrip("'") in self.grammar.linking for word in words
        )

    def is_apposed(self, before: str, gap: str) -> bool:
        """Return whether a name with commas on both sides belongs to the office before it: the head of X, Ms Y, has stressed.

        ``before`` is the part of the sentence before the name, ``gap`` the part between the name and a verb.
        """
        head, comma, titles = before.rpartition(",")
        if not comma or not gap.startswith(",") or "," in gap[1:] or not self.is_title_run(titles):
            return False
        # An office may contain commas, and an adverbial may precede it.
        parts = [head] if "," not in head or self.is_title_run(head) else []
        return any(self._is_office(self.split(part)) for part in [*parts, head.rpartition(",")[2]])

    def _is_office(self, words: Sequence[str]) -> bool:
        determiners = self.grammar.determiners
        return (
            bool(words) and words[0].lower().rstrip("'") in determiners and any(word.lower() in self._offices for word in words)
        )

    def names_another(self, text: str) -> bool:
        """Return whether a text contains another person's name: dankte die Generalsekretärin Anna Muster Bundesrat X."""
        pairs = re.findall(r"(?=\b([^\W\da-z_]\w+)\s+([^\W\da-z_][\w-]+)\s)", text)
        return self.grammar.is_verb_second and any(self._are_two(first, second) for first, second in pairs)

    def _are_two(self, first: str, second: str) -> bool:
        """Return whether two consecutive words name a second person: Anna Muster, or a name and an office, Fischerei Minister.

        An adjective of a place belongs to the office: Zürcher Regierungsrat.
        """
        if {first.lower(), second.lower()}.isdisjoint(self._titles):
            return True
        return (
            first.lower() not in self._titles
            and second.lower() in self._offices
            and not first.endswith("er")
            and not first.isupper()
        )

    def _are_joined(self, sentence: str, first: Naming, second: Naming) -> bool:
        between = self.grammar.joining.match(sentence[first.end : second.start])
        if between is None:
            return False
        rest = sentence[first.end + between.end() : second.start]
        return self.is_title_run(rest) or bool(self.grammar.companion.fullmatch(rest))

    def _is_origin(self, words: Sequence[str]) -> bool:
        """Return whether the last word is the country of an office before it: le ministre slovène."""
        if self.grammar.is_verb_second or len(words) < len(("office", "origin")) or not words[-1].isalpha():
            return False
        return words[-2].lower() in self._offices and words[-1].lower() not in self._stops
