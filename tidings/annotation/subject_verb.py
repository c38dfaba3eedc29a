"""Find the subject of each verb of speech in a language whose subject precedes its verb: English,
French and Italian.

A subject ends right before its verb, its auxiliaries and its adverbs; an apposition, a relative
clause, brackets or a time may separate them. Behind a quotation or at the end of a sentence the
verb may precede its subject ("…", said X). A joined verb or a participle ("and added", ", adding")
belongs to the subject of the sentence. The work is linear in the length of the sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.annotation.clauses import ENDS, Clause, Part, Reading
from tidings.annotation.content import Content
from tidings.annotation.noun_phrases import REACH, SIGNS, NounPhrases
from tidings.annotation.tokens import QUOTES, tokenize
from tidings.annotation.verb_index import VerbIndex
from tidings.annotation.word_classes import (
    AUXILIARY,
    COORDINATOR,
    DETERMINER,
    LINK,
    MODAL,
    NEGATION,
    PASSIVE,
    PREPOSITION,
    PRONOUN,
    RELATIVE,
    SKIP,
    STOP,
    TIME,
    WordClasses,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.annotation.languages.statements import Verb
    from tidings.annotation.tokens import Token
    from tidings.annotation.verb_index import Hit
    from tidings.base.languages.clause_words import ClauseWords
    from tidings.base.languages.speaker_words import SpeakerWords

_CONTENT_REACH = 6
_SKIPPED = AUXILIARY | PASSIVE | MODAL | NEGATION | SKIP | TIME


class SubjectVerb:
    """Read the clauses of sentences in one language."""

    def __init__(self, verbs: Iterable[Verb], words: ClauseWords, speakers: SpeakerWords) -> None:
        self._words = words
        self._phrases = NounPhrases(words)
        self._content = Content(words)
        self._speakers = speakers.roles | speakers.bodies | speakers.collectives | speakers.unnamed
        self._norms = speakers.norms
        self._verbs = VerbIndex(verbs, words)
        self.starts = self._verbs.starts
        self._classes = WordClasses(words)
        self.words = self._verbs.first_words | self._classes.words

    def tokenize(self, sentence: str) -> list[Token]:
        """Return the words and signs of a sentence."""
        return tokenize(sentence, is_leaning=self._words.is_leaning)

    def find(self, tokens: Sequence[Token]) -> list[Clause]:
        """Return the clauses of a sentence in order, one per verb and speaker."""
        hits = self._verbs.find(tokens)
        reading = Reading(
            tokens,
            [self._classes.read(token.text, token.start == 0) for token in tokens],
            {hit.first for hit in hits},
            self._speakers,
        )
        colon = _speaker_before_colon(tokens)
        clauses = [] if colon is None else [reading.clause(colon, None)]
        subjects: list[Part] = [] if colon is None else [colon]
        for hit in hits:
            if reading.is_quoted[hit.first] or self._is_name(tokens, hit):
                continue
            found = self._find_subjects(reading, hit, subjects)
            if found and (
                found[0].first and tokens[found[0].first - 1].lower in self._words.conditions
            ):
                continue
            clauses += [
                reading.clause(part, hit)
                for part in found
                if not (hit.is_source and self._is_norm(reading, part))
            ]
            if found and not hit.is_source and not reading.is_relative(found[0]):
                subjects = found
        return sorted(clauses, key=lambda clause: clause.verb_start)

    def _is_norm(self, reading: Reading, part: Part) -> bool:
        """Return whether "according to" means conformity, since the head of the noun phrase is a
        law or criterion.
        """
        first = part.first + bool(reading.flags[part.first] & DETERMINER)
        return any(
            reading.tokens[place].lower in self._norms
            for place in range(first, min(first + 2, part.last + 1))
        )

    def _find_subjects(self, reading: Reading, hit: Hit, earlier: list[Part]) -> list[Part]:
        """Return the subjects of one verb; ``earlier`` are those of the verb before it in the
        sentence.
        """
        if hit.is_noun or hit.is_source:
            return self._possessor(reading, hit) if hit.is_noun else self._source(reading, hit)
        place, seen = self._skip_back(reading, hit.first - 1)
        seen |= reading.negation_at(hit.last + 1)
        lacks_auxiliary = hit.needs_auxiliary and not seen & (AUXILIARY | PASSIVE)
        if (
            seen & (NEGATION | MODAL)
            or lacks_auxiliary
            or self._content.is_missing(reading, hit, place)
        ):
            return []
        if seen & PASSIVE and not hit.is_participle:
            return self._agent(reading, hit)
        is_after_sign = place >= 0 and reading.tokens[place].text in SIGNS
        part = (
            self._phrases.before_apposition(reading, place)
            if is_after_sign and not hit.is_participle
            else None
        )
        if part is not None or (inverted := self._inverted(reading, hit, place)):
            return self._join(reading, part) if part else inverted
        if place >= 0 and (
            reading.flags[place] & COORDINATOR or (hit.is_participle and is_after_sign)
        ):
            return earlier or self._first_subject(reading, hit)
        is_loose = place < 0 or is_after_sign or (hit.is_participle and not seen & AUXILIARY)
        return self._without_signs(
            reading, hit, None if is_loose else self._before_verb(reading, place), place
        )

    def _without_signs(
        self, reading: Reading, hit: Hit, part: Part | None, place: int
    ) -> list[Part]:
        """Return the subject right before a verb, or an empty phrase for the last speaker if the
        language drops subjects.
        """
        if part is None and self._words.drops_subject and self._has_no_subject(reading, hit, place):
            return [Part(hit.first, hit.first - 1)]
        return self._join(reading, part) if part else []

    def _has_no_subject(self, reading: Reading, hit: Hit, place: int) -> bool:
        """Return whether a verb opens the sentence or follows a quotation, so that the last speaker
        continues: Ha detto che.
        """
        if hit.is_participle or reading.tokens[hit.first].lower in self._words.reflexives:
            return False
        before = reading.tokens[place].text if place >= 0 else ""
        return (
            place < 0
            or before in QUOTES
            or (before in SIGNS and reading.tokens[place - 1].text in QUOTES)
        )

    def _before_verb(self, reading: Reading, place: int) -> Part | None:
        """Return the noun phrase before a verb, or before the relative pronoun that is its
        subject.
        """
        if not reading.flags[place] & RELATIVE or reading.flags[place] & PRONOUN:
            return self._phrases.before(reading, place)
        is_apart = place > 0 and reading.tokens[place - 1].text in SIGNS
        return self._phrases.before(reading, place - 2 if is_apart else place - 1)

    @staticmethod
    def _is_name(tokens: Sequence[Token], hit: Hit) -> bool:
        """Return whether a form within a sentence is capitalised and therefore a name: Sultan
        Said.
        """
        if not hit.first or not tokens[hit.first].text[0].isupper() or hit.is_source:
            return False
        return tokens[hit.first - 1].text not in QUOTES | {":"}

    def _skip_back(self, reading: Reading, place: int) -> tuple[int, int]:
        """Return the last place before a verb that is neither auxiliary nor adverb, and the flags
        of the words skipped.
        """
        flags, tokens = reading.flags, reading.tokens
        seen, lowest = 0, max(-1, place - 8)
        while place > lowest:
            here = flags[place]
            if here & PRONOUN and tokens[place].text[0] == "-":
                return place, seen | AUXILIARY  # a-t-elle
            seen |= here & (AUXILIARY | PASSIVE | MODAL | NEGATION)
            if (here & (PRONOUN | RELATIVE) and not here & SKIP) or not here & _SKIPPED:
                break
            if here & TIME and (place == 0 or flags[place - 1] & PREPOSITION):
                break
            place -= 1
            if here & TIME and flags[place] & DETERMINER:
                place -= 1
            elif here & MODAL and place > 0 and tokens[place].lower in self._words.continuing:
                seen &= ~MODAL
                place -= 2 if tokens[place - 1].lower in self._words.continuing else 1
        return place, seen

    def _agent(self, reading: Reading, hit: Hit) -> list[Part]:
        """Return the speaker of a passive: highlighted by Mr X."""
        if hit.written.lower() in self._words.receiving:
            return []
        for place in range(hit.last + 1, min(hit.last + 5, len(reading.tokens))):
            if reading.tokens[place].lower in self._words.by:
                return _listed(self._phrases.after(reading, place + 1))
        return []

    def _source(self, reading: Reading, hit: Hit) -> list[Part]:
        """Return the source after "according to", unless the form is an ordinal: per il secondo
        trimestre.
        """
        if hit.first and reading.flags[hit.first - 1] & DETERMINER:
            return []
        return _listed(self._phrases.after(reading, hit.last + 1, is_source=True))

    def _possessor(self, reading: Reading, hit: Hit) -> list[Part]:
        """Return the owner of a statement whose content follows: X's remarks that …."""
        reach = reading.tokens[hit.last + 1 : hit.last + 1 + _CONTENT_REACH]
        if not any(token.lower in self._words.contents or token.text in QUOTES for token in reach):
            return []
        for place in range(hit.first - 1, max(-1, hit.first - 4), -1):
            if reading.tokens[place].text.endswith(("'s", "s'")):
                return _listed(self._phrases.before(reading, place))
            if reading.flags[place] & ~SKIP:
                break
        return []

    def _inverted(self, reading: Reading, hit: Hit, place: int) -> list[Part]:
        """Return the subjects after an inverted verb."""
        tokens, flags = reading.tokens, reading.flags
        following = hit.last + 1
        if (
            following < len(tokens)
            and tokens[following].text[0] == "-"
            and flags[following] & PRONOUN
        ):
            return [Part(following, following)]  # dit-il
        while following < len(tokens) and flags[following] & TIME:
            following += 1
        if following < len(tokens) and tokens[following].lower in self._words.manner:
            following += 2
        if following < len(tokens) and tokens[following].lower in self._words.addressing:
            addressee = self._phrases.after(reading, following + 1, is_source=True)
            following = (
                addressee.last + 1
                if addressee and tokens[addressee.last].text[0].isupper()
                else following
            )
        before, inner = (tokens[at].text if at >= 0 else "" for at in (place, place - 1))
        is_quoted = before in QUOTES or (before in SIGNS and inner in QUOTES)
        if (
            not is_quoted
            and not (hit.may_invert and before in SIGNS)
            and not self._is_fronted(reading, place)
        ):
            return []
        part = (
            None
            if before != "," and before in SIGNS and hit.is_participle
            else self._phrases.after(reading, following)
        )
        if part is None:
            return []
        part = self._named_behind(reading, part)
        follows = part.last + 1
        if follows + 1 < len(tokens) and flags[follows] & COORDINATOR:
            other = self._phrases.after(reading, follows + 1)
            if other and reading.is_name(other) and reading.is_name(part):
                return [part, other]
        if follows >= len(tokens) or (
            tokens[follows].text in ENDS and (is_quoted or tokens[follows].text not in QUOTES)
        ):
            return [part]
        is_free = (is_quoted and not flags[follows] & (AUXILIARY | MODAL)) or flags[follows] & (
            PREPOSITION | TIME
        )
        return [part] if is_free else []

    def _named_behind(self, reading: Reading, part: Part) -> Part:
        """Return the name behind an office, after a bracket or comma: a déclaré le chef du DFAE,
        Ignazio Cassis.
        """
        tokens, place = reading.tokens, part.last + 1
        if not reading.has_noun(part) or reading.is_full_name(part):
            return part
        if place < len(tokens) and tokens[place].text == "(":
            place = (
                next(
                    (
                        at
                        for at in range(place, min(place + 8, len(tokens)))
                        if tokens[at].text == ")"
                    ),
                    place,
                )
                + 1
            )
        place += place < len(tokens) and tokens[place].text == ","
        name = self._phrases.after(reading, place)
        return (
            name
            if name and tokens[place].text[0].isupper() and reading.is_full_name(name)
            else part
        )

    def _is_fronted(self, reading: Reading, place: int) -> bool:
        """Return whether a word is before the verb after which the subject follows: comme l'a
        souligné X.
        """
        return place >= 0 and reading.tokens[place].lower in self._words.fronted

    def _join(self, reading: Reading, part: Part) -> list[Part]:
        """Return a subject and the one joined to it at the start of the clause: X and Y said.

        Two names that another verb governs are not subjects: Guests who met X and Y said.
        """
        before, tokens = part.first - 1, reading.tokens
        if before < 1 or tokens[before].lower not in self._words.joining:
            return [part]
        if tokens[before - 1].text == ",":
            other = self._phrases.before_apposition(reading, before - 1)
        else:
            other = self._phrases.before(reading, before - 1)
        if other is None:
            return [part]
        if self._is_tail(reading, part, other):
            return [Part(other.first, part.last)]
        if reading.opens(other.first):
            return [other, part] if reading.is_speaking(other) else [part]
        is_governed = reading.is_name(other) and tokens[before - 1].text != ","
        return [] if is_governed else [part]

    @staticmethod
    def _is_tail(reading: Reading, part: Part, other: Part) -> bool:
        """Return whether two joined phrases are one name: the department of justice and police, the
        Ports and Ice Committee.
        """
        flags, last = reading.flags, reading.tokens[part.last]
        if flags[part.first] & PRONOUN or (
            flags[part.first] & DETERMINER and not flags[part.first] & LINK
        ):
            return False
        links = [place for place in range(other.first + 1, other.last) if flags[place] & LINK]
        is_attribute = bool(links) and any(
            reading.is_listed(place) for place in range(other.first, links[0])
        )
        # the ministers of France and Germany
        is_short = bool(links) and other.last == links[-1] + 1
        if is_attribute and (is_short or not reading.is_full_name(part)):
            return True
        is_name = (
            bool(flags[other.first] & DETERMINER)
            and reading.is_listed(part.last)
            and not reading.is_listed(other.last)
        )
        return last.text.islower() or (is_name and last.text[0].isupper())

    def _first_subject(self, reading: Reading, hit: Hit) -> list[Part]:
        """Return the subject of the sentence, for a verb joined to its first verb; nothing if
        another subject may be nearer.
        """
        start = 0
        flags, tokens = reading.flags, reading.tokens
        if flags[0] & (PREPOSITION | STOP | SKIP):
            comma = next(
                (place for place in range(min(REACH, hit.first)) if tokens[place].text == ","), -1
            )
            start = comma + 1
        part = self._phrases.after(reading, start) if start < hit.first else None
        if part is None or part.last >= hit.first - 1 or not reading.is_speaking(part):
            return []
        for place in range(part.last + 2, hit.first - 1):
            is_name = tokens[place].text[0].isupper() and reading.is_complete(place)
            if (
                is_name
                and tokens[place - 1].text == ","
                and not hit.is_participle
                and not self._is_closed(reading, place)
            ):
                return []
        return [part]

    @staticmethod
    def _is_closed(reading: Reading, place: int) -> bool:
        """Return whether a name is an apposition: a comma follows it before any other word."""
        tokens = reading.tokens
        while place + 1 < len(tokens) and tokens[place + 1].text[0].isupper():
            place += 1
        return place + 1 < len(tokens) and tokens[place + 1].text == ","


def _listed(part: Part | None) -> list[Part]:
    return [part] if part else []


def _speaker_before_colon(tokens: Sequence[Token]) -> Part | None:
    """Return the speaker of an interview or of a quotation after a colon: X: "…"."""
    for place in range(1, min(8, len(tokens) - 1)):
        if tokens[place].text == ":":
            is_quoted = tokens[place + 1].text in QUOTES
            is_name = all(token.text[0].isupper() for token in tokens[:place])
            return Part(0, place - 1) if is_quoted and is_name else None
    return None
