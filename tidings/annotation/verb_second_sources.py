"""Sources without a verb of their own: "laut X", "nach Angaben von X", "X zufolge", ", so X",
"heißt es in X", and "X: …".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tidings.annotation.verb_second_phrases import CAN, CANNOT, MAY, Phrase
from tidings.annotation.verb_second_phrases import BREAKS, PAIRS, QUOTATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.annotation.verb_second_subjects import Subjects
    from tidings.annotation.verb_second_phrases import Parsed

_MAX_PHRASE_WORDS = 14  # words of a noun phrase that is read backwards, or that precedes a colon
_NEAR = 8  # words between "heißt es" and its source


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
        if not self._alone.isdisjoint(known) or (
            ":" in known and not PAIRS.keys().isdisjoint(known)
        ):
            return True
        if "nach" not in known:
            return False
        return not self._grammar.report_nouns.isdisjoint(known) or any(
            map(self._report.fullmatch, known)
        )

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
        if (
            not 0 < end < min(len(words) - 1, _MAX_PHRASE_WORDS)
            or words[end].text != ":"
            or words[end + 1].text != QUOTATION
        ):
            return []
        start = 0
        while parsed.lower(start) in self._grammar.no_nouns:
            start += 1
        subjects = self._subjects.read_joined(
            parsed, start, end, is_plural=False, needed=MAY, is_wide=True
        )
        is_name = subjects and self._subjects.reaches(parsed, subjects[0].end, end)
        return (
            subjects
            if is_name
            and (subjects[0].head == 0 or self._phrases.speaks(words, subjects[0]) == CAN)
            else []
        )

    def _find_quoted(self, parsed: Parsed, place: int) -> Phrase | None:
        """Return the speaker of ", so X"."""
        words, end = parsed.words, parsed.ends[place]
        if place == 0 or words[place - 1].text not in BREAKS:
            return None
        phrase = self._phrases.read(words, place + 1, end)
        if (
            phrase is None
            or phrase.determiner in self._grammar.oblique
            or words[phrase.head].lower in self._grammar.standing
        ):
            return None
        certainty = self._phrases.speaks(words, phrase)
        is_closed = phrase.end >= end or self._subjects.reaches(parsed, phrase.end, end)
        if certainty == CANNOT or not (
            is_closed
            or (certainty == CAN and parsed.lower(phrase.end) in self._grammar.prepositions)
        ):
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
            return (
                phrase._replace(start=phrase.first + 1, first=phrase.first + 1, determiner="")
                if head.endswith("s")
                else None
            )
        if head in grammar.report_nouns:
            # nach der Erklärung
            is_time = (
                is_report and head in grammar.occasions and phrase.determiner in grammar.definite
            )
            return None if is_time else self._find_reporter(parsed, phrase)
        is_source = self._report.fullmatch(head) or (
            not is_report and self._phrases.speaks(words, phrase) >= needed
        )
        return phrase if is_source else None

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
            return (
                None
                if is_polite
                else Phrase(phrase.start, phrase.start + 1, phrase.start, phrase.start, "")
            )
        if phrase.first < phrase.head:  # nach Musters Angaben
            return phrase._replace(end=phrase.head, head=phrase.head - 1)
        if not grammar.own.isdisjoint(parsed.lowers[phrase.start : phrase.head]):
            return self._find_own(parsed, phrase)
        return phrase if words[phrase.head].lower in grammar.documents else None

    def _find_own(self, parsed: Parsed, phrase: Phrase) -> Phrase | None:
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
