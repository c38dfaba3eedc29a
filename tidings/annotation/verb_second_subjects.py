"""Speakers in a language with the finite verb in second place: subjects of verbs, and sources
without a verb of their own: "laut X", "nach Angaben von X", "X zufolge", ", so X", "heißt es in X",
and "X: …".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.verb_second_phrases import (
    BREAKS,
    CAN,
    CANNOT,
    FARTHEST,
    MAY,
    PAIRS,
    QUOTATION,
    Phrase,
    Phrases,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.annotation.verb_second_phrases import Parsed
    from tidings.base.languages.speaker_words import SpeakerWords
    from tidings.base.languages.verb_second_grammar import VerbSecondGrammar

_BEHIND = 25  # most words between a verb and its subject
_BACK = 14  # longest noun phrase, in words, that is read backwards
_NO_START = (BREAKS - {QUOTATION}) | {""}  # erklärte, sie werde …
_NO_CONJUNCTION = BREAKS | {""}
_INTERPOSED = 4  # most parts between commas that separate a subject from its verb

_MAX_PHRASE_WORDS = 14  # words of a noun phrase that is read backwards, or that precedes a colon
_NEAR = 8  # words between "heißt es" and its source


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
        self._reporting = self._finite | grammar.subjunctives
        self._limits = grammar.joins | grammar.nobody | grammar.openers

    def find(self, parsed: Parsed, verb: Finite, carried: list[Phrase]) -> list[Phrase]:
        """Return the subjects of a finite verb; ``carried`` are the subjects of the verb before."""
        grammar, finite, is_plural = self.grammar, verb.place, verb.is_plural
        start = self.skip_conjunctions(parsed, finite)
        is_subordinate = self._is_subordinate(parsed, start, verb)
        if verb.is_final and not is_subordinate:
            return self._find_apposed(parsed, finite, is_plural, verb.needed)
        if self._is_carried(parsed, start, finite):
            first = parsed.starts[finite]
            return carried or self._read_before(parsed, first, finite, is_plural, verb.needed)
        is_inverted = parsed.lower(finite + 1) in grammar.certain
        before = [] if is_inverted else self._read_before(parsed, start, finite, is_plural, CANNOT)
        if before and self.reaches(parsed, before[-1].end, finite):
            if self.phrases.speaks(parsed.words, before[0], is_plural=is_plural) != CANNOT:
                return self._find_name_before(parsed, start) or self._choose(parsed, before, verb)
            # der Sturm forderte …
            if before[0].determiner == grammar.ambiguous and not is_subordinate:
                return []
        read = self._find_subordinate if is_subordinate else self._find_inverted
        return read(parsed, start, verb, carried)

    def _is_carried(self, parsed: Parsed, start: int, finite: int) -> bool:
        """Return whether a conjunction joins a verb to the one before: traf ein und sagte."""
        before = parsed.lower(finite - 1)
        is_joined = start == finite or before in self.grammar.conjunctions
        return before not in _NO_CONJUNCTION and is_joined

    def _find_inverted(
        self, parsed: Parsed, start: int, verb: Finite, carried: list[Phrase]
    ) -> list[Phrase]:
        """Return the subjects behind a verb, or before an apposition that ends at the verb."""
        grammar, finite, is_plural = self.grammar, verb.place, verb.is_plural
        if parsed.lower(finite + 1) in grammar.certain:
            return self.read_joined(parsed, finite + 1, finite + 2, is_plural, verb.needed)
        if finite - start > FARTHEST or not self._finite.isdisjoint(parsed.lowers[start:finite]):
            return []
        if start == finite:
            if parsed.lower(finite + 1) in grammar.contrasts:  # fordert aber …
                return carried or self._read_before(parsed, 0, finite, is_plural, verb.needed)
            apposed = self._find_apposed(parsed, finite, is_plural, verb.needed)
            if subjects := apposed or (carried if verb.needed == CAN else []):
                return subjects
        elif start and finite + 1 >= parsed.ends[finite]:
            # wie die Leiterin, Anna Muster, heute sagte
            return self._find_apposed(parsed, finite, is_plural, verb.needed)
        return self._find_behind(parsed, start, verb)

    def _find_behind(self, parsed: Parsed, start: int, verb: Finite) -> list[Phrase]:
        """Return the subjects behind a verb."""
        finite, high = verb.place, verb.high
        is_open = start == finite or parsed.lower(parsed.ends[high] + 1) in self.grammar.openers
        is_divided = high > finite and self._closes(parsed, high)
        limit = high if is_divided else parsed.ends[finite]
        needed = verb.needed if is_open else CAN
        return self.read_after(parsed, finite + 1, verb.is_plural, needed, limit)

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
        is_free = parsed.lower(opening - 1) in {"", QUOTATION}
        return [name] if name and is_free and name.is_name and name.end == start - 1 else []

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
        words, phrases = parsed.words, self.phrases
        found: list[Phrase] = []
        while phrase := phrases.read(words, start, end, is_wide=is_wide):
            # die Minister Frankreichs und Polens
            if phrases.has_second_genitive(words, phrase, end):
                phrase = phrase._replace(end=phrase.end + 2, head=phrase.end + 1)
            is_joined = parsed.lower(phrase.end) in self.grammar.joins and phrase.end + 1 < end
            # der Minister und Parteichef Muster
            if is_joined and not is_plural and phrases.is_noun(words[phrase.end + 1]):
                second = phrases.read(words, phrase.end + 1, end, is_wide=is_wide) or phrase
                phrase = phrase._replace(end=second.end, head=second.head)
            if (
                not phrases.is_subject(
                    words, phrase, is_plural=is_plural, is_joined=bool(found) or is_joined
                )
                or phrases.speaks(words, phrase, is_plural=is_plural) < needed
            ):
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
        if parsed.lower(start) in _NO_START:
            return []
        place, end = start, min(parsed.ends[start], start + _BEHIND, limit or len(words))
        while place < end and (lower := parsed.lower(place)) not in self._limits:
            if lower in grammar.prepositions:
                place = self._skip_adverbial(parsed, place, end)
                continue
            least = CAN if lower in grammar.possessives else needed
            if found := self.read_joined(parsed, place, end, is_plural, least):
                return self._with_name(parsed, found)
            phrase = self.phrases.read(words, place, end)
            place = phrase.end if phrase else place + 1
        # sagte von der Muster
        is_von = parsed.lower(start) == "von" and parsed.lower(start + 1) in grammar.definite
        name = self.phrases.read_von(words, start, end) if is_von and not is_plural else None
        return [name] if name else []

    def _skip_adverbial(self, parsed: Parsed, place: int, end: int) -> int:
        """Return the place behind a phrase with a preposition."""
        behind = parsed.lower(place + 1)
        if behind in {"anderem", "allem"}:  # unter anderem, vor allem
            return place + 2
        inner = place + 1 + (behind == "'" and place + 1 < end)
        phrase = self.phrases.read(parsed.words, inner, end)
        return phrase.end if phrase else inner

    def _with_name(self, parsed: Parsed, subjects: list[Phrase]) -> list[Phrase]:
        """Return subjects with the name behind the last one in its place."""
        name = self.find_name_behind(parsed, subjects[-1])
        return [*subjects[:-1], name] if name else subjects

    def find_name_behind(self, parsed: Parsed, phrase: Phrase) -> Phrase | None:
        """Return the name behind an office and a comma: der Vorsitzende des Verbands, Hans
        Muster.
        """
        start = phrase.end + 1
        if not phrase.determiner or parsed.lower(phrase.end) != "," or start >= len(parsed.words):
            return None
        end = parsed.ends[start]
        name = self.phrases.read(parsed.words, start, end)
        return name if name and name.is_name and name.end == end else None

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

    def _find_subordinate(
        self, parsed: Parsed, start: int, verb: Finite, _carried: list[Phrase]
    ) -> list[Phrase]:
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
            # …, habe er erreicht, sagte …
            if words[comma + 1].text in self._reporting:
                return []
            if parsed.lower(start) in self.grammar.conditions:
                return []
            is_opening = parsed.lower(start - 1) in {"", QUOTATION, ":"}
            # wie die Leiterin, Anna Muster, sagte
            is_conjoined = parsed.lower(start) in self.grammar.subordinators
            subjects = self._read_before(parsed, start + is_conjoined, comma, is_plural, needed)
            if subjects and subjects[-1].end == comma:
                named = self._with_name(parsed, subjects)
                if named is not subjects or is_opening or is_conjoined:
                    return named
        return []


class Sources:
    """Find source phrases. ``prepositions`` are the forms that precede or follow a source: laut,
    zufolge, so.
    """

    def __init__(self, subjects: Subjects, prepositions: Iterable[str]) -> None:
        self._subjects = subjects
        self._phrases = subjects.phrases
        self._grammar = subjects.grammar
        self._prepositions = frozenset(prepositions) | {"nach"}
        self._report = re.compile(rf"\w+(?:{'|'.join(self._grammar.report_endings)})")
        self.triggers = self._prepositions | self._grammar.impersonal
        self._alone = self.triggers - {"nach"}

    def may_occur(self, known: set[str]) -> bool:
        """Return whether a sentence with these lower-case texts may contain a source."""
        has_mark = ":" in known and not PAIRS.keys().isdisjoint(known)
        if has_mark or not self._alone.isdisjoint(known):
            return True
        is_report = not self._grammar.report_nouns.isdisjoint(known)
        return "nach" in known and (is_report or any(map(self._report.fullmatch, known)))

    def find(self, parsed: Parsed, place: int) -> Phrase | None:
        """Return the source that a trigger at a place introduces."""
        lower = parsed.lower(place)
        if lower in self._grammar.impersonal:
            return self._find_impersonal(parsed, place)
        if lower == "so":
            return self._find_quoted(parsed, place)
        is_report = lower == "nach"
        is_behind = lower == "zufolge" or (
            is_report and parsed.lower(place - 1) in self._grammar.report_nouns
        )
        if is_behind and parsed.lower(place - 1) in self._grammar.datives:
            return Phrase(place - 1, place, place - 1, place - 1, "")
        phrase = (
            self._read_to(parsed, place)
            if is_behind
            else self._phrases.read(parsed.words, place + 1, parsed.ends[place])
        )
        needed = CAN if lower.startswith("gem") else MAY
        return self._unpack(parsed, phrase, needed, is_report=is_report) if phrase else None

    def find_name(self, parsed: Parsed) -> Sequence[Phrase]:
        """Return the speaker at the start of a sentence before a colon and a quotation."""
        words = parsed.words
        end = parsed.ends[0] if words else 0
        has_mark = parsed.lower(end) == ":" and parsed.lower(end + 1) == QUOTATION
        if not (has_mark and 0 < end < _MAX_PHRASE_WORDS):
            return []
        start = 0
        while parsed.lower(start) in self._grammar.no_nouns:
            start += 1
        subjects = self._subjects.read_joined(
            parsed, start, end, is_plural=False, needed=MAY, is_wide=True
        )
        if not subjects or not self._subjects.reaches(parsed, subjects[0].end, end):
            return []
        is_first = subjects[0].head == 0
        return subjects if is_first or self._phrases.speaks(words, subjects[0]) == CAN else []

    def _find_quoted(self, parsed: Parsed, place: int) -> Phrase | None:
        """Return the speaker of ", so X"."""
        words, end = parsed.words, parsed.ends[place]
        if place == 0 or words[place - 1].text not in BREAKS:
            return None
        phrase = self._phrases.read(words, place + 1, end)
        if phrase is None or phrase.determiner in self._grammar.oblique:
            return None
        if words[phrase.head].lower in self._grammar.standing:
            return None
        certainty = self._phrases.speaks(words, phrase)
        is_closed = phrase.end >= end or self._subjects.reaches(parsed, phrase.end, end)
        is_attributed = certainty == CAN and parsed.lower(phrase.end) in self._grammar.prepositions
        if certainty == CANNOT or not (is_closed or is_attributed):
            return None
        return self._subjects.find_name_behind(parsed, phrase) or phrase

    def _read_to(self, parsed: Parsed, end: int) -> Phrase | None:
        """Return the longest noun phrase that ends at a place, and opens with a determiner or a
        noun.
        """
        if parsed.lower(end - 1) in self._grammar.documents and self._phrases.is_noun(
            parsed.words[end - 2]
        ):
            # nimmt die Organisation Schätzungen zufolge …
            return self._phrases.read(parsed.words, end - 1, end)
        for start in range(max(parsed.starts[end], end - _MAX_PHRASE_WORDS), end):
            phrase = self._phrases.read(parsed.words, start, end)
            if phrase and phrase.end == end and (phrase.determiner or phrase.first == start):
                return phrase
        return None

    def _unpack(
        self, parsed: Parsed, phrase: Phrase, needed: int = CAN, *, is_report: bool = False
    ) -> Phrase | None:
        """Return the source that a phrase names: the genitive of "Angaben", or the phrase.

        ``is_report``: only nouns of reports introduce a source, as after "nach".
        """
        words, grammar = parsed.words, self._grammar
        first, head = words[phrase.first].lower, words[phrase.head].lower
        if phrase.first < phrase.head and first in grammar.report_nouns:  # Angaben Musters
            name = phrase._replace(start=phrase.first + 1, first=phrase.first + 1, determiner="")
            return name if head.endswith("s") else None
        if head not in grammar.report_nouns:
            speaks = not is_report and self._phrases.speaks(words, phrase) >= needed
            return phrase if speaks or self._report.fullmatch(head) else None
        # nach der Erklärung
        is_time = is_report and head in grammar.occasions and phrase.determiner in grammar.definite
        return None if is_time else self._find_reporter(parsed, phrase)

    def _find_reporter(self, parsed: Parsed, phrase: Phrase) -> Phrase | None:
        """Return whose report a phrase names: by a genitive, a possessive or "eigenen"; or a
        document.
        """
        words, grammar = parsed.words, self._grammar
        if phrase.genitive is not None:
            source = self._phrases.read(words, phrase.genitive, phrase.end)
            if source is None or self._phrases.speaks(words, source) == CANNOT:
                return None
            return self._subjects.find_name_behind(parsed, source) or source
        if phrase.determiner in grammar.possessives:  # nach seinen Angaben
            is_polite = phrase.start > 0 and words[phrase.start].text[0].isupper()
            start = phrase.start
            return None if is_polite else Phrase(start, start + 1, start, start, "")
        if phrase.first < phrase.head:  # nach Musters Angaben
            return phrase._replace(end=phrase.head, head=phrase.head - 1)
        if not grammar.own.isdisjoint(parsed.lowers[phrase.start : phrase.head]):
            return self._find_clause_subject(parsed, phrase)
        return phrase if words[phrase.head].lower in grammar.documents else None

    def _find_clause_subject(self, parsed: Parsed, phrase: Phrase) -> Phrase | None:
        """Return the subject of a clause with "nach eigenen Angaben": before it or, at the start of
        the clause, behind it.
        """
        start = parsed.starts[phrase.start]
        if start < phrase.start - 1:
            found = self._subjects.read_joined(
                parsed, start, phrase.start, is_plural=False, needed=CAN
            )
        else:
            found = self._subjects.read_after(parsed, phrase.end, is_plural=False, needed=CAN)
        return found[0] if found else None

    def _find_impersonal(self, parsed: Parsed, place: int) -> Phrase | None:
        """Return the source of "heißt es" or "verlautete": behind it, or at the start of its
        clause.
        """
        is_saying = parsed.lower(place).startswith("h")
        if is_saying and "es" not in {parsed.lower(place - 1), parsed.lower(place + 1)}:
            return None
        start, end = parsed.starts[place], parsed.ends[place]
        for at in (start, *range(place + 1, min(end, place + _NEAR))):
            if parsed.lower(at) not in self._grammar.places:
                continue
            phrase = self._phrases.read(parsed.words, at + 1, end if at > place else place)
            if phrase and (phrase.determiner or parsed.lower(at) != "in"):
                return self._unpack(parsed, phrase, MAY)
        return None
