"""Find the subject of each verb of speech in a language whose subject precedes its verb: English,
French and Italian.

A subject ends right before its verb, its auxiliaries and its adverbs; an apposition, a relative
clause, brackets or a time may separate them. Behind a quotation or at the end of a sentence the
verb may precede its subject ("…", said X). A joined verb or a participle ("and added", ", adding")
belongs to the subject of the sentence. The work is linear in the length of the sentence.
"""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

from tidings.annotation.noun_phrases import REACH, NounPhrases, Part, Reading
from tidings.annotation.tokens import QUOTES, tokenize
from tidings.annotation.verb_index import VerbIndex
from tidings.annotation.word_classes import (
    AUXILIARY,
    CAPITAL,
    CLASSES,
    CLITIC,
    CLOSING,
    COORDINATOR,
    DETERMINER,
    END,
    ENDS,
    LINK,
    MODAL,
    NEGATION,
    NOUN,
    OPENING,
    PASSIVE,
    PREPOSITION,
    PRONOUN,
    RELATIVE,
    SIGN,
    SKIP,
    STOP,
    TIME,
    WordClasses,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.annotation.languages.statements import Clause, Verb
    from tidings.annotation.tokens import Token
    from tidings.annotation.verb_index import Hit
    from tidings.base.languages.clause_words import ClauseWords
    from tidings.base.languages.speaker_words import SpeakerWords

MIN_QUOTATION_LENGTH = 4
"""Least quoted words before a verb that are content; fewer are a name or a term."""
_CONTENT_REACH = 6
_SKIPPED = AUXILIARY | PASSIVE | MODAL | NEGATION | SKIP | TIME


class SubjectVerb:
    """Read the clauses of sentences in one language."""

    def __init__(self, verbs: Iterable[Verb], words: ClauseWords, speakers: SpeakerWords) -> None:
        self._words = words
        self._phrases = NounPhrases(has_adjectives_after=words.has_adjectives_after)
        self._norms = speakers.norms
        self._verbs = VerbIndex(verbs, words)
        self.starts = self._verbs.starts
        self._classes = WordClasses(
            words, speakers.roles | speakers.bodies | speakers.collectives | speakers.unnamed
        )
        self.words = self._verbs.first_words | self._classes.words
        self._readers = (
            self._agent, self._apposed, self._inverted, self._continued, self._preceding,
        )  # fmt: skip

    def tokenize(self, sentence: str) -> list[Token]:
        """Return the words and signs of a sentence."""
        return tokenize(sentence, is_leaning=self._words.is_leaning)

    def find(self, tokens: Sequence[Token]) -> list[Clause]:
        """Return the clauses of a sentence in order, one per verb and speaker."""
        hits, named = self._verbs.find(tokens), _speaker_before_colon(tokens)
        if not (hits or named):
            return []
        flags = [self._classes.read(token.text, token.start == 0) for token in tokens]
        reading = Reading(tokens, flags, hits)
        reading.subjects = named
        clauses = [*map(partial(reading.clause, hit=None), named)]
        for hit in hits:
            if self._is_no_verb(reading, hit):
                continue
            found = self._find_subjects(reading, hit)
            if not found or reading.lowers[found[0].first - 1] in self._words.conditions:
                continue
            clauses += map(partial(reading.clause, hit=hit), found)
            if not (hit.form.is_source or reading.is_relative(found[0])):
                reading.subjects = found
        return sorted(clauses, key=attrgetter("verb_start"))

    @staticmethod
    def _is_no_verb(reading: Reading, hit: Hit) -> bool:
        """Return whether a form is quoted, or capitalised within a sentence and therefore a name:
        Sultan Said.
        """
        if reading.is_quoted[hit.first]:
            return True
        if not hit.first or hit.form.is_source or not reading.flags[hit.first] & CAPITAL:
            return False
        return reading.lowers[hit.first - 1] not in QUOTES | {":"}

    def _find_subjects(self, reading: Reading, hit: Hit) -> list[Part]:
        """Return the subjects of one verb."""
        if hit.form.is_noun:
            return self._possessor(reading, hit)
        if hit.form.is_source:
            return self._source(reading, hit)
        place, seen = self._skip_back(reading, hit.first - 1)
        if self._is_negated(reading, hit, seen) or self._lacks_content(reading, hit, place):
            return []
        found = (read(reading, hit, place, seen) for read in self._readers)
        return next((parts for parts in found if parts is not None), [])

    @staticmethod
    def _is_negated(reading: Reading, hit: Hit, seen: int) -> bool:
        """Return whether a verb is negated, modal, or a participle without an auxiliary."""
        after = reading.flags[hit.last + 1]
        if after & NEGATION and not after & (DETERMINER | PREPOSITION):  # said nothing
            return True
        is_alone = hit.form.needs_auxiliary and not seen & (AUXILIARY | PASSIVE)
        return is_alone or bool(seen & (NEGATION | MODAL))

    def _apposed(self, reading: Reading, hit: Hit, place: int, _seen: int) -> list[Part] | None:
        """Return the subject before an apposition that ends at the verb."""
        if hit.form.is_participle or not reading.flags[place] & SIGN:
            return None
        part = self._phrases.before_apposition(reading, place)
        return self._join(reading, part) if part else None

    def _inverted(self, reading: Reading, hit: Hit, place: int, _seen: int) -> list[Part] | None:
        """Return the subjects after an inverted verb."""
        following = hit.last + 1
        if reading.flags[following] & CLITIC:
            return [Part(following, following)]  # dit-il
        is_quoted = reading.is_behind_quote(place)
        is_sign = bool(reading.flags[place] & SIGN)
        is_fronted = reading.lowers[place] in self._words.fronted  # comme l'a souligné X
        if not (is_quoted or is_fronted or (hit.form.may_invert and is_sign)) or (
            is_sign and hit.form.is_participle and reading.lowers[place] != ","
        ):
            return None
        part = self._phrases.after(reading, self._skip_circumstances(reading, following))
        return self._behind_verb(reading, part, is_quoted=is_quoted) if part else None

    def _skip_circumstances(self, reading: Reading, place: int) -> int:
        """Return the place behind a time, a manner and an addressee."""
        place = reading.skip(place, TIME, TIME)
        if reading.lowers[place] in self._words.manner:
            place += 2
        if reading.lowers[place] in self._words.addressing:
            addressee = self._phrases.after(reading, place + 1, is_source=True)
            if addressee and reading.flags[addressee.last] & CAPITAL:
                return addressee.last + 1
        return place

    def _behind_verb(self, reading: Reading, part: Part, *, is_quoted: bool) -> list[Part] | None:
        """Return the subjects behind an inverted verb, if the words after them allow it."""
        part = self._named_behind(reading, part)
        here = reading.flags[part.last + 1]
        other = self._phrases.after(reading, part.last + 2) if here & COORDINATOR else None
        if other and reading.is_name(other) and reading.is_name(part):
            return [part, other]
        is_free = not here & (AUXILIARY | MODAL) if is_quoted else here & (END | CLOSING)
        return [part] if is_free or here & (PREPOSITION | TIME) else None

    def _named_behind(self, reading: Reading, part: Part) -> Part:
        """Return the name behind an office, after a bracket or comma: a déclaré le chef du DFAE,
        Ignazio Cassis.
        """
        flags, place = reading.flags, part.last + 1
        if not reading.has_noun(part) or reading.is_full_name(part):
            return part
        if flags[place] & OPENING:
            ends = (at for at, here in enumerate(flags[place : place + 8], place) if here & CLOSING)
            place = next(ends, place) + 1
        place += reading.lowers[place] == ","
        name = self._phrases.after(reading, place)
        is_name = name and flags[place] & CAPITAL and reading.is_full_name(name)
        return name if name and is_name else part

    def _continued(self, reading: Reading, hit: Hit, place: int, _seen: int) -> list[Part] | None:
        """Return the subjects of the verb before, to which this one is joined."""
        here = reading.flags[place]
        if here & COORDINATOR or (hit.form.is_participle and here & SIGN):
            return reading.subjects or self._first_subject(reading, hit)
        return None

    def _preceding(self, reading: Reading, hit: Hit, place: int, seen: int) -> list[Part] | None:
        """Return the subject right before a verb, or an empty phrase for the last speaker if the
        language drops subjects.
        """
        flags = reading.flags
        is_loose = (
            place < 0 or flags[place] & SIGN or (hit.form.is_participle and not seen & AUXILIARY)
        )
        end = place
        if flags[place] & (RELATIVE | PRONOUN) == RELATIVE:
            end -= 2 if flags[place - 1] & SIGN else 1
        part = None if is_loose else self._phrases.before(reading, end)
        if part:
            return self._join(reading, part)
        is_dropped = self._words.drops_subject and self._has_no_subject(reading, hit, place)
        return [Part(hit.first, hit.first - 1)] if is_dropped else None

    def _has_no_subject(self, reading: Reading, hit: Hit, place: int) -> bool:
        """Return whether a verb opens the sentence or follows a quotation, so that the last speaker
        continues: Ha detto che.
        """
        if hit.form.is_participle or reading.lowers[hit.first] in self._words.reflexives:
            return False
        return place < 0 or reading.is_behind_quote(place)

    def _skip_back(self, reading: Reading, place: int) -> tuple[int, int]:
        """Return the last place before a verb that is neither auxiliary nor adverb, and the flags
        of the words skipped.
        """
        flags, lowers, continuing = reading.flags, reading.lowers, self._words.continuing
        seen, lowest = 0, place - 8
        while place > lowest:
            here = flags[place]
            if here & CLITIC:
                return place, seen | AUXILIARY  # a-t-elle
            seen |= here & (AUXILIARY | PASSIVE | MODAL | NEGATION)
            if not here & _SKIPPED or self._is_apart(flags, place):
                break
            place -= 1
            if here & TIME and flags[place] & DETERMINER:
                place -= 1
            elif here & MODAL and lowers[place] in continuing:
                seen &= ~MODAL
                place -= 1 + (lowers[place - 1] in continuing)
        return place, seen

    @staticmethod
    def _is_apart(flags: Sequence[int], place: int) -> bool:
        """Return whether an auxiliary or a time is a subject, or a phrase of its own: on Friday."""
        here = flags[place]
        is_subject = here & (PRONOUN | RELATIVE) and not here & SKIP
        is_phrase = here & TIME and (place == 0 or flags[place - 1] & PREPOSITION)
        return bool(is_subject or is_phrase)

    def _agent(self, reading: Reading, hit: Hit, _place: int, seen: int) -> list[Part] | None:
        """Return the speaker of a passive: highlighted by Mr X."""
        if hit.form.is_participle or not seen & PASSIVE:
            return None
        if hit.written.lower() in self._words.receiving:
            return []
        for place in range(hit.last + 1, min(hit.last + 5, len(reading.tokens))):
            if reading.lowers[place] in self._words.by:
                return _listed(self._phrases.after(reading, place + 1))
        return []

    def _source(self, reading: Reading, hit: Hit) -> list[Part]:
        """Return the source after "according to"; none if the form is an ordinal (per il secondo
        trimestre) or means conformity, since the head of the noun phrase is a law or criterion.
        """
        part = self._phrases.after(reading, hit.last + 1, is_source=True)
        if part is None or reading.flags[hit.first - 1] & DETERMINER:
            return []
        first = part.first + bool(reading.flags[part.first] & DETERMINER)
        head = reading.lowers[first : min(first + 2, part.last + 1)]
        return [part] if self._norms.isdisjoint(head) else []

    def _possessor(self, reading: Reading, hit: Hit) -> list[Part]:
        """Return the owner of a statement whose content follows: X's remarks that …."""
        reach = reading.lowers[hit.last + 1 : hit.last + 1 + _CONTENT_REACH]
        if (self._words.contents | QUOTES).isdisjoint(reach):
            return []
        for place in range(hit.first - 1, max(-1, hit.first - 4), -1):
            if reading.lowers[place].endswith(("'s", "s'")):
                return _listed(self._phrases.before(reading, place))
            if reading.flags[place] & CLASSES & ~SKIP:
                break
        return []

    def _join(self, reading: Reading, part: Part) -> list[Part]:
        """Return a subject and the one joined to it at the start of the clause: X and Y said.

        Two names that another verb governs are not subjects: Guests who met X and Y said.
        """
        before = part.first - 1
        if before < 1 or reading.lowers[before] not in self._words.joining:
            return [part]
        is_apart = reading.lowers[before - 1] == ","
        read = self._phrases.before_apposition if is_apart else self._phrases.before
        other = read(reading, before - 1)
        if other is None:
            return [part]
        if self._is_tail(reading, part, other):
            return [Part(other.first, part.last)]
        if reading.opens(other.first):
            return [other, part] if reading.is_speaking(other) else [part]
        return [] if reading.is_name(other) and not is_apart else [part]

    @staticmethod
    def _is_tail(reading: Reading, part: Part, other: Part) -> bool:
        """Return whether two joined phrases are one name: the department of justice and police, the
        Ports and Ice Committee.
        """
        flags = reading.flags
        first, last = flags[part.first], flags[part.last]
        if first & PRONOUN or first & (DETERMINER | LINK) == DETERMINER:
            return False
        if _continues_head(reading, part, other):
            return True
        is_noun = last & (NOUN | CAPITAL) == NOUN | CAPITAL and not flags[other.last] & NOUN
        is_name = bool(is_noun and flags[other.first] & DETERMINER)
        return is_name or reading.tokens[part.last].text.islower()

    def _first_subject(self, reading: Reading, hit: Hit) -> list[Part]:
        """Return the subject of the sentence, for a verb joined to its first verb; nothing if
        another subject may be nearer.
        """
        flags, lowers = reading.flags, reading.lowers
        start = 0
        if flags[0] & (PREPOSITION | STOP | SKIP):
            head = lowers[: min(REACH, hit.first)]
            start = head.index(",") + 1 if "," in head else 0
        part = self._phrases.after(reading, start)
        if part is None or part.last >= hit.first - 1 or not reading.is_speaking(part):
            return []
        between = range(part.last + 2, 0 if hit.form.is_participle else hit.first - 1)
        return [] if any(_is_other_subject(reading, place) for place in between) else [part]

    def _lacks_content(self, reading: Reading, hit: Hit, place: int) -> bool:
        """Return whether a verb reports no words here: a reception at a place, a reflexive verb, or
        content that is missing.

        ``place`` is the last word before the verb and its auxiliaries.
        """
        flags, lowers, words = reading.flags, reading.lowers, self._words
        if not words.reflexives.isdisjoint(lowers[place + 1 : hit.first]):
            return True
        if (
            hit.form.needs_content
            and sum(reading.is_quoted[: hit.first]) < MIN_QUOTATION_LENGTH
            and (lowers[place] == "-" or not reading.is_behind_quote(place))
        ):
            return not self._has_content(
                reading, hit.last + 1, takes_infinitive=hit.form.takes_infinitive
            )
        if hit.written.lower() not in words.receiving:
            return False
        first = hit.last + 1
        following = zip(lowers[first : first + 11], flags[first + 1 : first + 12], strict=False)
        return any(lower == "to" and after & CAPITAL for lower, after in following)

    def _has_content(self, reading: Reading, place: int, *, takes_infinitive: bool) -> bool:
        """Return whether content follows a verb: the end of the clause, "that", a colon or an
        infinitive.
        """
        flags, lowers, words = reading.flags, reading.lowers, self._words
        place = reading.skip(place, SKIP | DETERMINER, SKIP)
        reach = lowers[place : place + 3]
        if flags[place] & ENDS or not (words.contents | QUOTES).isdisjoint(reach):
            return True
        if flags[place] & PREPOSITION and lowers[place] not in words.infinitives:
            place += 2  # proposer au Parlement de
        return takes_infinitive and lowers[place] in words.infinitives


def _continues_head(reading: Reading, part: Part, other: Part) -> bool:
    """Return whether a phrase joined to another one depends on its head: the ministers of France
    and Germany.
    """
    links = [at for at in range(other.first + 1, other.last) if reading.flags[at] & LINK]
    if not links or (reading.is_full_name(part) and other.last - 1 != links[-1]):
        return False
    return reading.has_noun(Part(other.first, links[0] - 1))


def _is_other_subject(reading: Reading, place: int) -> bool:
    """Return whether a name behind a comma is a subject, and no apposition with a comma before any
    other word.
    """
    flags, lowers = reading.flags, reading.lowers
    is_name = flags[place] & CAPITAL and reading.is_complete(place)
    is_behind = bool(is_name) and lowers[place - 1] == ","
    return is_behind and lowers[reading.skip(place + 1, CAPITAL, CAPITAL)] != ","


def _listed(part: Part | None) -> list[Part]:
    return [part] if part else []


def _speaker_before_colon(tokens: Sequence[Token]) -> list[Part]:
    """Return the speaker of an interview or of a quotation after a colon: X: "…"."""
    texts = [token.text for token in tokens[:9]]
    place = texts.index(":", 1) if ":" in texts[1:-1] else 0
    is_name = all(text[0].isupper() for text in texts[:place])
    return [Part(0, place - 1)] if place and is_name and texts[place + 1] in QUOTES else []
