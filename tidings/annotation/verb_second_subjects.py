"""Subjects of verbs in a language with the finite verb in second place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.verb_second_phrases import CAN, CANNOT, MAY, Phrase, Phrases
from tidings.annotation.verb_second_phrases import BREAKS, FARTHEST, QUOTATION

if TYPE_CHECKING:
    from tidings.annotation.verb_second_phrases import Parsed
    from tidings.base.languages.speaker_words import SpeakerWords
    from tidings.base.languages.verb_second_grammar import VerbSecondGrammar

_BEHIND = 25  # most words between a verb and its subject
_BACK = 14  # longest noun phrase, in words, that is read backwards
_INTERPOSED = 4  # most parts between commas that separate a subject from its verb


class Finite(NamedTuple):
    """A finite verb: its place, that of its last part, and the least certainty that its subject can
    speak.
    """

    place: int
    high: int
    needed: int  # MAY or CAN
    is_plural: bool
    is_final: bool  # occurs only at the end of a subordinate clause


class Subjects:
    """Find the subjects of a finite verb. ``needed`` is MAY or CAN: the least certainty that a
    subject can speak.
    """

    def __init__(self, grammar: VerbSecondGrammar, speakers: SpeakerWords) -> None:
        self.grammar = grammar
        self.phrases = Phrases(grammar, speakers)
        self._circumstances = grammar.subordinators - grammar.openers
        self._finite = grammar.auxiliaries | grammar.passives | grammar.modals

    def find(self, parsed: Parsed, verb: Finite, carried: list[Phrase]) -> list[Phrase]:
        """Return the subjects of a finite verb; ``carried`` are the subjects of the verb before."""
        grammar, finite, start = (
            self.grammar,
            verb.place,
            self.skip_conjunctions(parsed, verb.place),
        )
        is_subordinate = self._is_subordinate(parsed, start, verb)
        if verb.is_final and not is_subordinate:
            return self._find_apposed(parsed, finite, verb.is_plural, verb.needed)
        if self._is_carried(parsed, start, finite):
            return carried or self._read_before(
                parsed, parsed.starts[finite], finite, verb.is_plural, verb.needed
            )
        before = self._read_before(parsed, start, finite, verb.is_plural, CANNOT)
        if (
            before
            and self.reaches(parsed, before[-1].end, finite)
            and parsed.lower(finite + 1) not in grammar.certain
        ):
            if self.phrases.speaks(parsed.words, before[0], is_plural=verb.is_plural) != CANNOT:
                return self._find_name_before(parsed, start) or self._choose(parsed, before, verb)
            # der Sturm forderte …
            if before[0].determiner == grammar.ambiguous and not is_subordinate:
                return []
        if is_subordinate:
            return self._find_subordinate(parsed, start, verb)
        return self._find_inverted(parsed, start, verb, carried)

    def _is_carried(self, parsed: Parsed, start: int, finite: int) -> bool:
        """Return whether a conjunction joins a verb to the one before: traf ein und sagte."""
        before = parsed.words[finite - 1] if finite else None
        if before is None or before.text in BREAKS:
            return False
        return start == finite or before.lower in self.grammar.conjunctions

    def _find_inverted(
        self, parsed: Parsed, start: int, verb: Finite, carried: list[Phrase]
    ) -> list[Phrase]:
        """Return the subjects behind a verb, or before an apposition that ends at the verb."""
        grammar, finite, is_plural = self.grammar, verb.place, verb.is_plural
        if parsed.lower(finite + 1) in grammar.certain:
            return self.read_joined(parsed, finite + 1, finite + 2, is_plural, verb.needed)
        if finite - start > FARTHEST or not self._finite.isdisjoint(parsed.lowers[start:finite]):
            return []
        # wie die Leiterin, Anna Muster, heute sagte
        if 0 < start < finite and finite + 1 >= parsed.ends[finite]:
            return self._find_apposed(parsed, finite, is_plural, verb.needed)
        if start == finite:
            if parsed.lower(finite + 1) in grammar.contrasts:  # fordert aber …
                return carried or self._read_before(parsed, 0, finite, is_plural, verb.needed)
            apposed = self._find_apposed(parsed, finite, is_plural, verb.needed)
            if subjects := apposed or (carried if verb.needed == CAN else []):
                return subjects
        is_open = start == finite or parsed.lower(parsed.ends[verb.high] + 1) in grammar.openers
        limit = (
            verb.high
            if verb.high > finite and self._closes(parsed, verb.high)
            else parsed.ends[finite]
        )
        return self.read_after(
            parsed, finite + 1, is_plural, verb.needed if is_open else CAN, limit
        )

    def is_inserted(self, parsed: Parsed, finite: int) -> bool:
        """Return whether a verb opens its part behind the words that it reports: …, sagte der
        Minister.
        """
        if finite < 2 or parsed.lower(finite + 1) in self.grammar.contrasts:
            return False
        if not {parsed.lower(0), parsed.lower(parsed.starts[finite - 2])}.isdisjoint(
            self._circumstances
        ):
            return False  # da das Eis dünn war, bat er …
        return not self._find_apposed(parsed, finite, parsed.lower(finite).endswith("en"), MAY)

    def skip_conjunctions(self, parsed: Parsed, finite: int) -> int:
        """Return the start of a verb's clause behind its conjunction."""
        start = parsed.starts[finite]
        while start < finite and parsed.lower(start) in self.grammar.conjunctions:
            start += 1
        return start

    def _choose(self, parsed: Parsed, before: list[Phrase], verb: Finite) -> list[Phrase]:
        """Return the phrase before the verb, or the one behind it if only this one is certain to
        speak.
        """
        if self.phrases.speaks(parsed.words, before[0], is_plural=verb.is_plural) == CAN:
            return before
        is_name = before[0].head == 0  # or an adverb that the lists do not contain
        after = self.read_after(parsed, verb.place + 1, verb.is_plural, CAN)
        if after and after[0].determiner in (
            {self.grammar.ambiguous} if is_name else {"", self.grammar.ambiguous}
        ):
            return after
        return before if verb.needed == MAY or is_name else []

    def _find_name_before(self, parsed: Parsed, start: int) -> list[Phrase]:
        """Return the name before an apposition that no comma closes: Anna Muster, Leiterin des
        Amtes sagte.
        """
        if start < 3 or parsed.lower(start - 1) != ",":
            return []
        opening = parsed.starts[start - 2]
        name = self.phrases.read(parsed.words, opening, start - 1)
        is_name = (
            name is not None
            and name.end == start - 1
            and not name.determiner
            and name.first == opening < name.head
        )
        return (
            [name]
            if is_name and name and (opening == 0 or parsed.words[opening - 1].text == QUOTATION)
            else []
        )

    def reaches(self, parsed: Parsed, place: int, finite: int) -> bool:
        """Return whether only adverbs separate a subject from its verb."""
        return finite - place <= 3 and all(
            parsed.lower(at) in self.grammar.between for at in range(place, finite)
        )

    def _read_before(
        self, parsed: Parsed, start: int, finite: int, is_plural: bool, needed: int
    ) -> list[Phrase]:
        while start < finite and parsed.lower(start) in self.grammar.focus:
            start += 1
        return self.read_joined(parsed, start, finite, is_plural, needed, is_wide=True)

    def read_joined(
        self,
        parsed: Parsed,
        start: int,
        end: int,
        is_plural: bool,
        needed: int,
        *,
        is_wide: bool = False,
    ) -> list[Phrase]:
        """Return the subjects at a place: one, or several that are joined if the verb is in the
        plural.
        """
        words = parsed.words
        found: list[Phrase] = []
        while True:
            phrase = self.phrases.read(words, start, end, is_wide=is_wide)
            if phrase is None:
                break
            # die Minister Frankreichs und Polens
            if self.phrases.has_second_genitive(words, phrase, end):
                phrase = phrase._replace(end=phrase.end + 2, head=phrase.end + 1)
            is_joined = parsed.lower(phrase.end) in self.grammar.joins and phrase.end + 1 < end
            # der Minister und Parteichef Muster
            if is_joined and not is_plural and self.phrases.is_noun(words[phrase.end + 1]):
                second = self.phrases.read(words, phrase.end + 1, end, is_wide=is_wide)
                phrase = phrase._replace(end=second.end, head=second.head) if second else phrase
            if not self.phrases.is_subject(
                words, phrase, is_plural=is_plural, is_joined=bool(found) or is_joined
            ):
                break
            if self.phrases.speaks(words, phrase, is_plural=is_plural) < needed:
                break
            found.append(phrase)
            if not (is_plural and is_joined):
                break
            start = phrase.end + 1
        return found

    def read_after(
        self, parsed: Parsed, start: int, is_plural: bool, needed: int, limit: int | None = None
    ) -> list[Phrase]:
        """Return the first subjects behind a verb, its adverbs, objects and phrases with a
        preposition.
        """
        words, grammar = parsed.words, self.grammar
        if start >= len(words) or (words[start].text in BREAKS and words[start].text != QUOTATION):
            return []  # erklärte, sie werde …
        place, end = start, min(parsed.ends[start], start + _BEHIND, limit or len(words))
        while place < end:
            lower = parsed.lower(place)
            if lower in grammar.joins or lower in grammar.nobody or lower in grammar.openers:
                break
            is_adverbial = lower in grammar.prepositions
            least = CAN if lower in grammar.possessives else needed
            if (
                found := []
                if is_adverbial
                else self.read_joined(parsed, place, end, is_plural, least)
            ):
                name = self.find_name_behind(parsed, found[-1])
                return [*found[:-1], name] if name else found
            # unter anderem, vor allem
            if is_adverbial and parsed.lower(place + 1) in {"anderem", "allem"}:
                place += 2
                continue
            inner = place + is_adverbial
            inner += (
                is_adverbial
                and inner < end
                and not words[inner].text[0].isalnum()
                and words[inner].text == "'"
            )
            phrase = self.phrases.read(words, inner, end)
            place = phrase.end if phrase else inner + (not is_adverbial)
        is_name = (
            parsed.lower(start) == "von"
            and parsed.lower(start + 1) in grammar.definite
            and not is_plural
        )
        name = self.phrases.read_von(words, start, end) if is_name else None  # sagte von der Muster
        return [name] if name else []

    def find_name_behind(self, parsed: Parsed, phrase: Phrase) -> Phrase | None:
        """Return the name behind an office and a comma: der Vorsitzende des Verbands, Hans
        Muster.
        """
        start = phrase.end + 1
        if not phrase.determiner or parsed.lower(phrase.end) != "," or start >= len(parsed.words):
            return None
        name = self.phrases.read(parsed.words, start, parsed.ends[start])
        is_name = (
            name is not None
            and not name.determiner
            and name.first == name.start
            and name.head > name.first
        )
        return name if is_name and name and name.end == parsed.ends[start] else None

    def _is_subordinate(self, parsed: Parsed, start: int, verb: Finite) -> bool:
        """Return whether a verb ends a clause that a conjunction or relative pronoun opens."""
        grammar = self.grammar
        if start >= verb.place or verb.place < verb.high or not self._closes(parsed, verb.place):
            return False
        is_relative = (
            parsed.lower(start + (parsed.lower(start) in grammar.prepositions)) in grammar.relatives
        )
        return parsed.lower(start) in grammar.subordinators or (is_relative and start > 0)

    def _closes(self, parsed: Parsed, place: int) -> bool:
        """Return whether a clause ends after a word."""
        return place + 1 >= parsed.ends[place] or parsed.lower(place + 1) in self.grammar.joins

    def _find_subordinate(self, parsed: Parsed, start: int, verb: Finite) -> list[Phrase]:
        """Return the subjects of a subordinate clause with the verb at its end."""
        first = parsed.lower(start)
        if first in self.grammar.conditions:
            return []
        inside = self.read_after(parsed, start + 1, verb.is_plural, verb.needed, verb.place)
        if first not in self.grammar.relative_subjects:
            return inside
        if (
            inside
            and self.phrases.speaks(parsed.words, inside[0]) == CAN
            and inside[0].start == start + 1
        ):
            return inside
        return self._read_back(parsed, start - 1, verb.is_plural, verb.needed)

    def _read_back(self, parsed: Parsed, comma: int, is_plural: bool, needed: int) -> list[Phrase]:
        """Return the longest noun phrase that ends at a comma and can speak."""
        words = parsed.words
        if comma < 1 or words[comma].text != ",":
            return []
        low = max(parsed.starts[comma - 1], comma - _BACK)
        for start in range(low, comma):
            phrase = self.phrases.read(words, start, comma, is_wide=start == low)
            if (
                phrase
                and phrase.end == comma
                and (start == low or parsed.lower(start - 1) not in self.grammar.attaching)
            ):
                return (
                    [phrase]
                    if self.phrases.speaks(words, phrase, is_plural=is_plural) >= needed
                    else []
                )
        return []

    def _find_apposed(
        self, parsed: Parsed, finite: int, is_plural: bool, needed: int
    ) -> list[Phrase]:
        """Return the subject before an apposition or relative clause: Anna Muster, die Leiterin des
        Amtes, sagte.
        """
        words, comma = parsed.words, parsed.starts[finite] - 1
        for _ in range(_INTERPOSED):
            if comma < 3 or words[comma].text != ",":
                return []
            comma = parsed.starts[comma - 1] - 1
            if comma < 1 or words[comma].text != ",":
                return []
            start = parsed.starts[comma - 1]
            if words[comma + 1].text in self._finite | self.grammar.subjunctives:
                return []  # …, habe er erreicht, sagte …
            is_opening = start == 0 or words[start - 1].text in {QUOTATION, ":"}
            # wie die Leiterin, Anna Muster, sagte
            is_conjoined = parsed.lower(start) in self.grammar.subordinators
            if parsed.lower(start) in self.grammar.conditions:
                return []
            subjects = self._read_before(parsed, start + is_conjoined, comma, is_plural, needed)
            if subjects and subjects[-1].end == comma:
                name = self.find_name_behind(parsed, subjects[-1])
                if name or is_opening or is_conjoined:
                    return [*subjects[:-1], name] if name else subjects
        return []
