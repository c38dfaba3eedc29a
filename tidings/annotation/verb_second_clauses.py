"""The subjects of the verbs of a sentence of a language with the finite verb in second place, and
sources without a verb of their own: "laut X", "nach Angaben von X", "X zufolge", ", so X" and
"heißt es in X".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from tidings.annotation.verb_second_phrases import CAN, CANNOT, FARTHEST, MAY, Phrase, Phrases
from tidings.annotation.verb_second_words import BREAKS, NO_WORDS, QUOTATION

_INFINITIVE = re.compile(r"\bzu \w+n\b|\w+zu\w+n\b")
_BEHIND = 25  # most words between a verb and its subject
_BACK = 14  # longest noun phrase, in words, that is read backwards, or that precedes a colon
_INTERPOSED = 4  # most parts between commas that separate a subject from its verb
_STUDIES = ("analyse", "bericht", "statistik", "studie", "umfrage")
_NEAR = 8  # words between "heißt es" and its source
NEVER = CAN + 1  # more certainty than any phrase has
# certainty that a source can speak
_NEEDED = {"nach": NEVER, "aus": NEVER, "gemäß": CAN, "gemäss": CAN}

PLURAL = ("en", "ern", "eln")  # endings of a finite verb in the plural: sagten, fordern


class Finite(NamedTuple):
    """A finite verb: its place, last part, number, and how certainly its subject can speak."""

    place: int
    high: int
    is_plural: bool = False
    needed: int = CAN


class Clauses(Phrases):
    """The clauses of a sentence."""

    def find_subjects(self, verb: Finite, carried: list[Phrase]) -> list[Phrase]:
        """Return the subjects of a finite verb; ``carried`` are those of the verb before."""
        finite = verb.place
        start = self.skip_conjunctions(finite)
        if self._is_carried(start, finite):
            first = self._start_of_joined(finite)
            return carried or self._read_before(first, verb) or self.read_after(first, verb, finite)
        if self.lower(finite + 1) in self.grammar.certain:
            return self.read_joined(finite + 1, finite + 2, verb)
        before = self._read_before(start, verb._replace(needed=CANNOT))
        is_before = self.reaches(before, finite)
        if is_before and self.speaks(before[0], is_plural=verb.is_plural) != CANNOT:
            named = self._find_name_before(start) or self._find_listing(start, verb)
            return named or self._choose(before, verb)
        # a thing is more often the subject: Das Gesetz fordert …
        verb = verb._replace(needed=max(verb.needed, CAN * is_before))
        is_subordinate = self._is_subordinate(start, verb)
        read = self._find_subordinate if is_subordinate else self._find_inverted
        return read(start, verb)

    def _start_of_joined(self, finite: int) -> int:
        """Return where the clauses of a second verb begin: sah die Pflicht, zu reden, und sagte."""
        before = " ".join(self.lowers[max(0, finite - 3) : finite - 1])
        return 0 if _INFINITIVE.search(before) else self.starts[finite]

    def _is_carried(self, start: int, finite: int) -> bool:
        """Return whether a verb is joined to the one before: traf ein und sagte."""
        before = self.lower(finite - 1)
        is_joined = start == finite or before in self.grammar.conjunctions
        return before not in NO_WORDS and is_joined

    def _find_inverted(self, start: int, verb: Finite) -> list[Phrase]:
        """Return the subjects behind a verb, or before an apposition that ends at it."""
        finite = verb.place
        if not self.lists.finite.isdisjoint(self.lowers[start:finite]):
            return []
        if start == finite:
            if self.lower(finite + 1) in self.grammar.contrasts:  # fordert aber …
                return self._read_before(0, verb)
            if apposed := self._find_apposed(verb):
                return apposed
        elif start and finite + 1 >= self.ends[finite]:
            # wie die Leiterin, Anna Muster, heute sagte
            return self._find_apposed(verb)
        return self._find_behind(start, verb)

    def _find_behind(self, start: int, verb: Finite) -> list[Phrase]:
        finite, high = verb.place, verb.high
        behind = self.lowers[high + 1 : high + FARTHEST]
        is_content = not self.grammar.openers.isdisjoint(behind)
        is_open = start == finite or is_content or _INFINITIVE.search(" ".join(behind))
        verb = verb if is_open else verb._replace(needed=CAN)
        # spricht sie von Opfern
        before = self.read_after(finite + 1, verb, high) if high > finite + 1 else []
        return before or self.read_after(finite + 1, verb)

    def is_inserted(self, finite: int) -> bool:
        """Return whether a verb follows the words that it reports: …, sagte der Minister."""
        if finite < 2 or self.lower(finite + 1) in self.grammar.contrasts:
            return False
        openings = {self.lower(0), self.lower(self.starts[finite - 2])}
        if not openings.isdisjoint(self.lists.circumstances):
            return False  # da das Eis dünn war, bat er …
        is_plural = self.lowers[finite].endswith(PLURAL)
        return not self._find_apposed(Finite(finite, finite, is_plural, MAY))

    def skip_conjunctions(self, finite: int) -> int:
        """Return the start of a clause behind its conjunctions."""
        start = self.starts[finite]
        while start < finite and self.lowers[start] in self.grammar.conjunctions:
            start += 1
        return start

    def _choose(self, before: list[Phrase], verb: Finite) -> list[Phrase]:
        """Return the phrase before the verb, or one behind it that more certainly speaks."""
        if self.speaks(before[0], is_plural=verb.is_plural) == CAN:
            return before
        is_name = before[0].head == 0  # or an adverb that the lists do not contain
        after = self.read_after(verb.place + 1, verb._replace(needed=CAN))
        allowed = {self.grammar.ambiguous} if is_name else {"", self.grammar.ambiguous}
        if after and after[0].determiner in allowed:
            return after
        return before if verb.needed == MAY or is_name else []

    def _find_name_before(self, start: int) -> list[Phrase]:
        """Return the name before an unclosed apposition: Anna Muster, Leiterin des Amtes sagte."""
        if start < 3:
            return []
        name = self.read(self.starts[start - 2], start - 1)
        return [name] if name and name.is_name and name.end == start - 1 else []

    def _find_listing(self, start: int, verb: Finite) -> list[Phrase]:
        """Return the subject before a list: Vertreter aus Handel, Sport und | Politik sagten; die
        Gruppen A, B und | C sagten.
        """
        if not verb.is_plural or self.lower(start - 1) != ",":
            return []
        for comma in islice(self._find_commas(verb.place), _INTERPOSED):
            found = self._read_before(
                self.starts[comma - 1], verb._replace(place=comma, needed=CAN)
            )
            behind = found[-1].head + 1 if found else comma
            is_group = found and self.kind(behind - 1) == "collective" and self.is_noun(behind)
            if is_group or (behind < comma and self.lower(behind) in self.grammar.prepositions):
                return [*found[:-1], found[-1]._replace(end=behind)]
        return []

    def reaches(self, subjects: Sequence[Phrase], end: int) -> bool:
        """Return whether only adverbs separate subjects from a place."""
        between = self.grammar.between
        return bool(subjects) and between.issuperset(self.lowers[subjects[-1].end : end])

    def _read_before(self, start: int, verb: Finite) -> list[Phrase]:
        while start < verb.place and self.lowers[start] in self.grammar.focus:
            start += 1
        return self.read_joined(start, verb.place, verb, is_wide=True)

    def read_joined(
        self, start: int, end: int, verb: Finite, *, is_wide: bool = False
    ) -> list[Phrase]:
        """Return the subjects at a place: one, or several joined ones of a verb in the plural."""
        found: list[Phrase] = []
        while phrase := self._read_subject(start, end, verb, is_wide):
            is_certain = self.speaks(phrase, is_plural=verb.is_plural) >= verb.needed
            is_joined = verb.is_plural and self._is_joined(phrase)
            is_alone = verb.is_plural and not (found or is_joined)
            is_single = is_alone and phrase.determiner in self.grammar.singulars
            if not is_certain or is_single or not self.is_subject(phrase):
                break
            found.append(phrase)
            if not is_joined:
                break
            start = phrase.end + 1
        return found

    def _is_joined(self, phrase: Phrase) -> bool:
        return self.lower(phrase.end) in self.grammar.joins

    def _read_subject(self, start: int, end: int, verb: Finite, is_wide: bool) -> Phrase | None:
        """Return the noun phrase at a place; for a verb in the singular, two joined nouns are one:
        der Minister und Parteichef Muster; also those of both sexes: Leserinnen und Leser.
        """
        phrase = self.read(start, end, is_wide=is_wide)
        if phrase is None or not self._is_joined(phrase):
            return phrase
        if verb.is_plural and not self.lowers[phrase.head].endswith("innen"):
            return phrase
        behind = phrase.end + 1
        second = self.read(behind, end, is_wide=is_wide) if self.is_noun(behind) else None
        return phrase._replace(end=second.end, head=second.head) if second else phrase

    def read_after(self, start: int, verb: Finite, *limits: int) -> list[Phrase]:
        """Return the first subjects behind a verb, its adverbs and objects."""
        if self.lower(start) in NO_WORDS - {QUOTATION}:  # erklärte, sie werde …
            return []
        place, end = start, min(self.ends[start], start + _BEHIND, *limits)
        while place < end and self.lowers[place] not in self.lists.limits:
            if self.lowers[place] in self.grammar.prepositions:
                place = self._skip_adverbial(place, end)
                continue
            if found := self.read_joined(place, end, verb):
                return self._with_name(found)
            phrase = self.read(place, end)
            place = phrase.end if phrase else place + 1
        # sagte von der Muster
        is_von = self.lowers[start] == "von" and self.lower(start + 1) in {"der", "dem"}
        name = self.read_von(start, end) if is_von else None
        return [name] if name else []

    def _skip_adverbial(self, place: int, end: int) -> int:
        if self.lower(place + 1) in {"anderem", "allem"}:  # unter anderem, vor allem
            return place + 2
        phrase = self.read(place + 1, end)
        return phrase.end if phrase else place + 1

    def _with_name(self, subjects: list[Phrase]) -> list[Phrase]:
        return [*subjects[:-1], *map(self.name_behind, subjects[-1:])]

    def name_behind(self, phrase: Phrase) -> Phrase:
        """Return the name behind an office and a comma: der Vorsitzende, Hans Muster."""
        wide = self.read(phrase.start, self.ends[phrase.start], is_wide=True)
        start = max(phrase.end, wide.end if wide else 0) + 1
        if not phrase.determiner or self.lower(start - 1) != ",":
            return phrase
        name = self._name_behind_list(start)
        is_name = name is not None and name.is_name
        return name if name and is_name and self.reaches([name], self.ends[name.start]) else phrase

    def _name_behind_list(self, start: int) -> Phrase | None:
        """Return the phrase behind single nouns and commas: Amt für Boote, Fisch und Eis, | Anna
        Muster.
        """
        name = None
        for _ in range(1 + _INTERPOSED):
            if start >= len(self.words):
                break
            name = self.read(start, self.ends[start])
            if name is None or not name.is_bare:
                break
            start = self.ends[start] + 1
        return name

    def _is_subordinate(self, start: int, verb: Finite) -> bool:
        """Return whether a verb ends a subordinate clause."""
        if start >= verb.place or verb.place < verb.high or not self._closes(verb.place):
            return False
        return self.lowers[start] in self.grammar.subordinators or self.is_relative(start)

    def is_relative(self, start: int) -> bool:
        """Return whether a clause opens with a relative pronoun."""
        place = start + (self.lowers[start] in self.grammar.prepositions)
        return start > 0 and self.lower(place) in self.grammar.relatives

    def _closes(self, place: int) -> bool:
        return place + 1 >= self.ends[place] or self.lower(place + 1) in self.grammar.joins

    def _find_subordinate(self, start: int, verb: Finite) -> list[Phrase]:
        first = self.lowers[start]
        is_time = first in self.grammar.times and verb.needed == CAN
        if is_time or first in self.grammar.conditions:
            return []
        inside = self.read_after(start + 1, verb, verb.place)
        is_first = inside and inside[0].start == start + 1
        if first not in self.grammar.relative_subjects or is_first:
            return inside
        for phrase in self._phrases_to(start - 1, is_wide=True):
            if self.speaks(phrase, is_plural=verb.is_plural) >= verb.needed:
                return [phrase]
        return []

    def _phrases_to(self, end: int, *, is_wide: bool = False) -> Iterator[Phrase]:
        """Yield the noun phrases that end at a place, the longest first, which may be wide."""
        low = max(self.starts[end], end - _BACK)
        for start in range(low, end):
            phrase = self.read(start, end, is_wide=is_wide and start == low)
            if phrase and phrase.end == end:
                yield phrase

    def _find_apposed(self, verb: Finite) -> list[Phrase]:
        """Return the subject before an apposition: Anna Muster, die Leiterin, sagte."""
        for comma in islice(self._find_commas(verb.place), 1, 1 + _INTERPOSED):
            # …, habe er erreicht, sagte …
            if self.words[comma + 1].text in self.lists.reporting:
                return []
            start = self.starts[comma - 1]
            is_opening = self.lower(start - 1) in {"", QUOTATION, ":"}
            # wie die Leiterin, Anna Muster, sagte
            is_conjoined = self.lowers[start] in self.grammar.subordinators
            subjects = self._read_before(start + is_conjoined, verb._replace(place=comma))
            if subjects and subjects[-1].end == comma:
                named = self._with_name(subjects)
                if named != subjects or is_opening or is_conjoined:
                    return named
        return []

    def _find_commas(self, place: int) -> Iterator[int]:
        """Yield the commas that open the parts before a word, the last first."""
        while (place := self.starts[place] - 1) > 0 and self.lowers[place] == ",":
            yield place
            place -= 1

    def find_source(self, place: int) -> Phrase | None:
        """Return the source that a trigger introduces."""
        lower = self.lowers[place]
        if lower in self.grammar.impersonal:
            return self._find_impersonal(place)
        if lower == "so":  # not: so genannte, or: So scheitern Boote
            is_other = self.words[place].text == "So" or "genannt" in self.lower(place + 1)
            return None if is_other else self._find_quoted(place)
        # aus Sicht des Amtes; aus einem Brief des Amtes geht hervor
        shown = self.grammar.shown.isdisjoint(self.lowers[place : self.ends[place]])
        return None if lower == "aus" and shown else self._find_report(place, lower)

    def _find_report(self, place: int, lower: str) -> Phrase | None:
        """Return the source beside a preposition: nach Angaben, zufolge."""
        before = self.lower(place - 1)
        is_behind = lower == "zufolge" or (lower == "nach" and before in self.grammar.report_nouns)
        if is_behind and before in self.grammar.datives:
            return Phrase(place - 1, place, place - 1, place - 1, "")
        phrase = self._read_to(place) if is_behind else self.read(place + 1, self.ends[place])
        return self._unpack(phrase, _NEEDED.get(lower, MAY)) if phrase else None

    def find_document(self, place: int, end: int) -> Phrase | None:
        """Return the author of a document behind a preposition, or the document."""
        phrase = self.read(place + 1, end)
        is_document = phrase and self.lowers[phrase.head] in self.grammar.documents
        return self._find_reporter(phrase) if phrase and is_document else None

    def _find_quoted(self, place: int) -> Phrase | None:
        """Return the speaker of ", so X"."""
        end = self.ends[place]
        phrase = self.read(place + 1, end) if self.lower(place - 1) in BREAKS else None
        if phrase is None:
            return None
        certainty = self.speaks(phrase)
        if certainty == CANNOT:  # so die Einschätzung des Amtes, not of a document
            owner = self._find_owner(phrase.genitive, phrase.end) if phrase.genitive else None
            is_text = owner and self.lowers[owner.head] in self.grammar.documents
            return None if is_text else owner
        is_attributed = certainty == CAN and self.lower(phrase.end) in self.grammar.prepositions
        is_whole = is_attributed or self.reaches([phrase], end)
        return self.name_behind(phrase) if is_whole else None

    def _read_to(self, end: int) -> Phrase | None:
        """Return the longest noun phrase that ends at a place."""
        for phrase in self._phrases_to(end):
            is_own = self.lowers[phrase.start] in self.grammar.own  # eigenen Angaben zufolge
            if phrase.determiner or phrase.first == phrase.start or is_own:
                return phrase
        return None

    def _unpack(self, phrase: Phrase, needed: int) -> Phrase | None:
        """Return the source in a phrase: the genitive of "Angaben", or the phrase itself."""
        grammar, first, head = self.grammar, self.lowers[phrase.first], self.lowers[phrase.head]
        if phrase.is_run and first in grammar.report_nouns:  # Angaben Musters
            name = phrase._replace(start=phrase.first + 1, first=phrase.first + 1, determiner="")
            return name if head.endswith("s") else None
        if head not in grammar.report_nouns:
            speaks = self.speaks(phrase) >= needed
            return phrase if speaks or head.endswith(grammar.report_endings) else None
        return self._find_reporter(phrase)

    def _find_reporter(self, phrase: Phrase) -> Phrase | None:
        """Return whose report a phrase names, or a document."""
        grammar, start = self.grammar, phrase.start
        if phrase.genitive is not None:
            return self._find_owner(phrase.genitive, phrase.end, self.lowers[phrase.head])
        if phrase.determiner in grammar.possessives:  # nach seinen Angaben
            is_polite = start > 0 and self.words[start].text[0].isupper()
            return None if is_polite else Phrase(start, start + 1, start, start, "")
        if phrase.is_run:  # nach Musters Angaben, not: aus Schweizer Sicht
            is_group = self.kind(phrase.head - 1) == "collective"
            return None if is_group else phrase._replace(end=phrase.head, head=phrase.head - 1)
        if not grammar.own.isdisjoint(self.lowers[start : phrase.head]):
            return self._find_clause_subject(phrase)
        is_joined = self.lower(phrase.end) in grammar.joins
        return phrase if self.lowers[phrase.head] in grammar.documents and not is_joined else None

    def _find_owner(self, start: int, end: int, report: str = "") -> Phrase | None:
        """Return the speaker in a genitive: Angaben libanesischer Sicherheitskreise. The first
        genitive may be what a document is about: Statistik der Boote des | Hafenamts.
        """
        source = self.read(start, end)
        if source is None:
            return None
        certainty = self.speaks(source)
        if source.genitive and report.endswith(_STUDIES) and certainty != CAN:
            return self._find_owner(source.genitive, end)
        if certainty == CANNOT:
            return None
        first = source.start if source.determiner else source.first
        return self.name_behind(source._replace(start=first))

    def _find_clause_subject(self, phrase: Phrase) -> Phrase | None:
        """Return the subject of a clause with "nach eigenen Angaben"."""
        place, start = phrase.start, self.starts[phrase.start]
        verb = Finite(place, place)
        found = (
            self.read_joined(start, place, verb)
            if start < place - 1
            else self.read_after(phrase.end, verb)
        )
        return next(iter(found), None)

    def _find_impersonal(self, place: int) -> Phrase | None:
        """Return the source of "heißt es" or "verlautete"; an empty phrase for the last speaker."""
        is_saying = self.lowers[place].startswith("h")
        if is_saying and "es" not in {self.lower(place - 1), self.lower(place + 1)}:
            return None
        start = self.starts[place] + (self.lowers[self.starts[place]] == "wie")
        if start < place and self.is_relative(start):  # ein Brief, in dem es heißt
            letter = self._read_to(start - 1)
            return self._unpack(letter, MAY) if letter else None
        source = self._find_text(start if start < place else 0, place)
        is_continued = source is None and start == place
        return Phrase(place, place, place, place, "") if is_continued else source

    def _find_text(self, start: int, place: int) -> Phrase | None:
        """Return the source behind a preposition at the start of a clause or behind its verb."""
        end = self.ends[place]
        for at in (start, *range(place + 1, min(end, place + _NEAR))):
            is_place, last = self.lowers[at] in self.grammar.places, end if at > place else place
            if is_place and (phrase := self.read(at + 1, last)):
                return self._unpack(phrase, MAY)
        return None
