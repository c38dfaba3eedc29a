"""Find the subject of each verb of speech in a language whose subject precedes its verb: English,
French and Italian.

A subject ends right before its verb, its auxiliaries and its adverbs; an apposition, a relative
clause, brackets or a time may separate them. Behind a quotation or at the end of a sentence the
verb may precede its subject ("…", said X). A joined verb or a participle ("and added", ", adding")
belongs to the subject of the sentence. The work is linear in the length of the sentence.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from tidings.annotation.noun_phrases import (
    AUXILIARY,
    CAPITAL,
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
    REACH,
    RELATIVE,
    SIGN,
    SKIP,
    STOP,
    TIME,
    Part,
    Reading,
    WordClasses,
)
from tidings.annotation.tokens import QUOTES, lower_texts, tokenize
from tidings.annotation.verb_index import VerbIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tidings.annotation.languages.statements import Clause, Verb
    from tidings.annotation.tokens import Token
    from tidings.annotation.verb_index import Hit
    from tidings.base.languages.word_lists import ClauseWords, SpeakerWords

MIN_QUOTATION_LENGTH = 4
"""Least quoted words before a verb that are content; fewer are a name or a term."""
_CONTENT_REACH = 6
_NEAR = 8
"""Most words between a participle and its auxiliary or "with"."""
_SKIPPED = AUXILIARY | PASSIVE | MODAL | NEGATION | SKIP | TIME


class SubjectVerb:
    """Read the clauses of sentences in one language."""

    def __init__(self, verbs: Iterable[Verb], words: ClauseWords, speakers: SpeakerWords) -> None:
        self._words = words
        self._norms = speakers.norms
        self._insertions = [phrase.split("_") for phrase in sorted(words.insertions)]
        self._verbs = VerbIndex(verbs, words)
        self.starts = self._verbs.starts
        self._classes = WordClasses(
            words, speakers.roles | speakers.bodies | speakers.collectives | speakers.unnamed
        )
        self.words = self._verbs.first_words | self._classes.words

    def tokenize(self, sentence: str) -> list[Token]:
        """Return the words and signs of a sentence."""
        return tokenize(sentence, is_leaning=self._words.is_leaning)

    def find(self, tokens: Sequence[Token]) -> list[Clause]:
        """Return the clauses of a sentence in order, one per verb and speaker."""
        hits, named = self._verbs.find(tokens), _speaker_before_colon(tokens)
        if not (hits or named):
            return []
        flags = [self._classes.read(token.text, token.start == 0) for token in tokens]
        for first, last in self._find_insertions(tokens, flags):
            flags[first:last] = [SKIP] * (last - first)
        return _Sentence(tokens, flags, hits, self._words).find(hits, named, self._norms)

    def _find_insertions(
        self, tokens: Sequence[Token], flags: Sequence[int]
    ) -> Iterator[tuple[int, int]]:
        """Yield listed phrases, or words between commas, behind an auxiliary: a, pour sa part,
        souligné.
        """
        for place, here in enumerate(flags):
            if not here & AUXILIARY:
                continue
            lowers = lower_texts(tokens[place + 1 : place + 1 + _NEAR])
            is_apart = lowers[:1] == [","]
            if is_apart and "," in lowers[1:]:
                yield place + 1, place + 2 + lowers.index(",", 1)
            for phrase in self._insertions:
                if lowers[: len(phrase)] == phrase:
                    yield place + 1, place + 1 + len(phrase)


class _Sentence(Reading):
    _norms: frozenset[str]

    def find(self, hits: Sequence[Hit], named: list[Part], norms: frozenset[str]) -> list[Clause]:
        """Return the clauses of verbs, and of the speaker before a colon."""
        self.subjects, self._norms = named, norms
        clauses = [self.clause(part, None) for part in named]
        for hit in hits:
            found = [] if self._is_no_verb(hit) else self._find_subjects(hit)
            if not found or self.lowers[found[0].first - 1] in self.words.conditions:
                continue
            clauses += [self.clause(part, hit) for part in found]
            if not (hit.form.is_source or self.is_relative(found[0])):
                self.subjects = found
        return sorted(clauses, key=attrgetter("verb_start"))

    def _is_no_verb(self, hit: Hit) -> bool:
        """Return whether a form is quoted, or part of a name: Sultan Said."""
        if self.is_quoted[hit.first]:
            return True
        if not hit.first or hit.form.is_source or not self.flags[hit.first] & CAPITAL:
            return False
        return self.lowers[hit.first - 1] not in QUOTES | {":"}

    def _find_subjects(self, hit: Hit) -> list[Part]:
        if hit.form.is_noun:
            return self._possessor(hit)
        if hit.form.is_source:
            return self._source(hit)
        place, seen = self._skip_back(hit.first - 1)
        if self._is_negated(hit, seen) or self._lacks_content(hit, place):
            return []
        readers = (
            self._agent, self._apposed, self._inverted, self._continued, self._preceding,
        )  # fmt: skip
        found = (read(hit, place, seen) for read in readers)
        return next((parts for parts in found if parts is not None), [])

    def _is_negated(self, hit: Hit, seen: int) -> bool:
        after = self.flags[hit.last + 1]
        if after & NEGATION and not after & (DETERMINER | PREPOSITION):  # said nothing
            return True
        is_alone = hit.form.needs_auxiliary and not seen & (AUXILIARY | PASSIVE)
        return is_alone or bool(seen & (NEGATION | MODAL))

    def _apposed(self, hit: Hit, place: int, _seen: int) -> list[Part] | None:
        if hit.form.is_participle or not self.flags[place] & SIGN:
            return None
        part = self.before_apposition(place)
        return self._join(part) if part else None

    def _inverted(self, hit: Hit, place: int, _seen: int) -> list[Part] | None:
        """Return the subjects after an inverted verb."""
        following = hit.last + 1
        if self.flags[following] & CLITIC:
            return [Part(following, following)]  # dit-il
        is_quoted = self.is_behind_quote(place)
        is_sign = bool(self.flags[place] & SIGN)
        is_fronted = self.lowers[place] in self.words.fronted  # comme l'a souligné X
        if not (is_quoted or is_fronted or (hit.form.may_invert and is_sign)):
            return None
        part = self.after(self._skip_circumstances(following))
        return self._behind_verb(part, is_quoted=is_quoted) if part else None

    def _skip_circumstances(self, place: int) -> int:
        """Return the place behind a time, a manner and an addressee."""
        place = self.skip(place, TIME, TIME)
        if self.lowers[place] in self.words.manner:
            place += 2
        if self.lowers[place] in self.words.addressing:
            addressee = self.after(place + 1, is_source=True)
            return addressee.last + 1 if addressee else place
        return place

    def _behind_verb(self, part: Part, *, is_quoted: bool) -> list[Part] | None:
        """Return the subjects behind an inverted verb, if the words after them allow it."""
        part = self._named_behind(part)
        here = self.flags[part.last + 1]
        other = self.after(part.last + 2) if here & COORDINATOR else None
        if other and self.is_name(part):
            return [part, other]
        is_free = not here & (AUXILIARY | MODAL) if is_quoted else here & (END | CLOSING)
        return [part] if is_free or here & (PREPOSITION | TIME) else None

    def _named_behind(self, part: Part) -> Part:
        """Return the name behind an office: a déclaré le chef du DFAE, Ignazio Cassis."""
        flags, place = self.flags, part.last + 1
        if not self.has_noun(part):
            return part
        if flags[place] & OPENING:
            ends = (at for at, here in enumerate(flags[place : place + 8], place) if here & CLOSING)
            place = next(ends, place) + 1
        place += self.lowers[place] == ","
        name = self.after(place)
        is_name = name and flags[place] & CAPITAL and self.is_full_name(name)
        return name if name and is_name else part

    def _continued(self, hit: Hit, place: int, _seen: int) -> list[Part] | None:
        """Return the subjects of the verb before: and added, issued a tweet saying."""
        here, lower = self.flags[place], self.lowers[place]
        is_by = lower in self.words.by and not hit.form.needs_known
        if hit.form.is_participle and (is_by or lower in self.words.messages):
            return self._first_subject(hit)
        if here & COORDINATOR or (hit.form.is_participle and here & SIGN):
            return self.subjects or self._first_subject(hit)
        return None

    def _preceding(self, hit: Hit, place: int, seen: int) -> list[Part] | None:
        """Return the subject right before a verb, or an empty phrase for the last speaker if the
        language drops subjects.
        """
        flags = self.flags
        if hit.form.is_participle and not seen & AUXILIARY:
            return self._accompanying(place)
        end = place
        if flags[place] & (RELATIVE | PRONOUN) == RELATIVE:
            end -= 2 if flags[place - 1] & SIGN else 1
        part = self.before(end)
        if part:
            return self._join(part)
        # the verb opens the sentence or follows a quotation: Ha detto che
        is_first = place < 0 or self.is_behind_quote(place)
        is_reflexive = self.lowers[hit.first] in self.words.reflexives
        is_dropped = self.words.drops_subject and is_first and not is_reflexive
        return [Part(hit.first, hit.first - 1)] if is_dropped else None

    def _accompanying(self, place: int) -> list[Part] | None:
        """Return the subject of a participle behind "with": …, with X warning that."""
        for at in range(place, max(0, place - _NEAR), -1):
            if self.lowers[at] in self.words.accompanying and self.lowers[at - 1] == ",":
                return [Part(at + 1, place)]
        return None

    def _skip_back(self, place: int) -> tuple[int, int]:
        """Return the last place before a verb, its auxiliaries and adverbs, and the flags of the
        words skipped.
        """
        flags, lowers, continuing = self.flags, self.lowers, self.words.continuing
        seen, lowest = 0, place - 8
        while place > lowest:
            here = flags[place]
            if here & CLITIC:
                return place, seen | AUXILIARY  # a-t-elle
            seen |= here & (AUXILIARY | PASSIVE | MODAL | NEGATION)
            if not here & _SKIPPED or self._is_apart(place):
                break
            place -= 1
            if here & TIME and flags[place] & DETERMINER:
                place -= 1
            elif here & MODAL and lowers[place] in continuing:
                seen &= ~MODAL
                place -= 1 + (lowers[place - 1] in continuing)
        return place, seen

    def _is_apart(self, place: int) -> bool:
        """Return whether a word is a subject, or a time a phrase of its own: on Friday."""
        here = self.flags[place]
        is_phrase = here & TIME and self.flags[place - 1] & PREPOSITION
        return bool(here & (PRONOUN | RELATIVE) or is_phrase)

    def _agent(self, hit: Hit, _place: int, seen: int) -> list[Part] | None:
        """Return the speaker of a passive: highlighted by Mr X."""
        if hit.form.is_participle or not seen & PASSIVE:
            return None
        if hit.written.lower() in self.words.receiving:
            return []
        for place in range(hit.last + 1, min(hit.last + 5, len(self.tokens))):
            if self.lowers[place] in self.words.by:
                return _listed(self.after(place + 1))
        return []

    def _source(self, hit: Hit) -> list[Part]:
        """Return the source after "according to"; none for an ordinal (per il secondo trimestre) or
        conformity with a law.
        """
        part = self.after(hit.last + 1, is_source=True)
        if part is None or self.flags[hit.first - 1] & DETERMINER:
            return []
        first = part.first + bool(self.flags[part.first] & DETERMINER)
        head = self.lowers[first : min(first + 2, part.last + 1)]
        return [part] if self._norms.isdisjoint(head) else []

    def _possessor(self, hit: Hit) -> list[Part]:
        """Return the owner of a statement whose content follows: X's remarks that …."""
        reach = self.lowers[hit.last + 1 : hit.last + 1 + _CONTENT_REACH]
        if (self.words.contents | QUOTES).isdisjoint(reach):
            return []
        for place in range(hit.first - 1, max(-1, hit.first - 4), -1):
            if self.lowers[place].endswith(("'s", "s'")):
                return _listed(self.before(place))
        return []

    def _join(self, part: Part) -> list[Part]:
        """Return a subject and the one joined to it at the start of the clause. Two names that
        another verb governs are none: Guests who met X and Y said.
        """
        before = part.first - 1
        if before < 1 or self.lowers[before] not in self.words.joining:
            return [part]
        is_apart = self.lowers[before - 1] == ","
        read = self.before_apposition if is_apart else self.before
        other = read(before - 1)
        if other is None:
            return [part]
        if self._is_tail(part, other):
            return [Part(other.first, part.last)]
        if self.opens(other.first):
            return [other, part] if self.is_speaking(other) else [part]
        return [] if self.is_name(other) else [part]

    def _is_tail(self, part: Part, other: Part) -> bool:
        """Return whether two joined phrases are one name: the department of justice and police."""
        flags = self.flags
        first, last = flags[part.first], flags[part.last]
        if first & (DETERMINER | LINK) == DETERMINER:
            return False
        if self._continues_head(part, other):
            return True
        is_noun = last & (NOUN | CAPITAL) == NOUN | CAPITAL and not flags[other.last] & NOUN
        is_name = bool(is_noun and flags[other.first] & DETERMINER)
        return is_name or self.tokens[part.last].text.islower()

    def _first_subject(self, hit: Hit) -> list[Part]:
        """Return the subject of the sentence, for a joined verb; nothing if another subject may be
        nearer.
        """
        flags, lowers = self.flags, self.lowers
        start = 0
        if flags[0] & (PREPOSITION | STOP | SKIP) or lowers[1] in self.words.by:
            head = lowers[: min(REACH, hit.first)]
            start = head.index(",") + 1 if "," in head else 0
        part = self.after(start)
        if part is None or not self.is_speaking(part):
            return []
        between = range(part.last + 2, 0 if hit.form.is_participle else hit.first - 1)
        return [] if any(self._is_other_subject(place) for place in between) else [part]

    def _lacks_content(self, hit: Hit, place: int) -> bool:
        """Return whether a verb reports no words: a reception, a reflexive verb, or missing
        content. ``place`` is the last word before it.
        """
        flags, lowers, words = self.flags, self.lowers, self.words
        if not words.reflexives.isdisjoint(lowers[place + 1 : hit.first]):
            return True
        if hit.form.needs_content and not self._has_content_before(hit, place):
            return not self._has_content(hit.last + 1, takes_infinitive=hit.form.takes_infinitive)
        if hit.written.lower() not in words.receiving:
            return False
        first = hit.last + 1
        following = zip(lowers[first : first + 11], flags[first + 1 : first + 12], strict=False)
        return any(lower == "to" and after & CAPITAL for lower, after in following)

    def _has_content_before(self, hit: Hit, place: int) -> bool:
        is_quoted = sum(self.is_quoted[: hit.first]) >= MIN_QUOTATION_LENGTH
        is_inverted = hit.form.may_invert and not self.words.inverts and self.flags[place] & SIGN
        return bool(is_quoted or is_inverted or self.is_behind_quote(place))

    def _has_content(self, place: int, *, takes_infinitive: bool) -> bool:
        flags, lowers, words = self.flags, self.lowers, self.words
        place = self.skip(place, SKIP | DETERMINER, SKIP)
        reach = lowers[place : place + 3]
        if flags[place] & ENDS or not (words.contents | QUOTES).isdisjoint(reach):
            return True
        if flags[place] & PREPOSITION and lowers[place] not in words.infinitives:
            place += 2  # proposer au Parlement de
        return takes_infinitive and lowers[place] in words.infinitives

    def _continues_head(self, part: Part, other: Part) -> bool:
        """Return whether a joined phrase depends on the head of another: the ministers of France
        and Germany.
        """
        links = [at for at in range(other.first + 1, other.last) if self.flags[at] & LINK]
        if not links or (self.is_full_name(part) and other.last - 1 != links[-1]):
            return False
        return self.has_noun(Part(other.first, links[0] - 1))

    def _is_other_subject(self, place: int) -> bool:
        """Return whether a name behind a comma is a subject, and no apposition."""
        flags, lowers = self.flags, self.lowers
        is_behind = bool(flags[place] & CAPITAL) and lowers[place - 1] == ","
        return is_behind and lowers[self.skip(place + 1, CAPITAL, CAPITAL)] != ","


def _listed(part: Part | None) -> list[Part]:
    return [part] if part else []


def _speaker_before_colon(tokens: Sequence[Token]) -> list[Part]:
    """Return the speaker before a colon and a quotation."""
    texts = [token.text for token in tokens[:9]]
    place = texts.index(":", 1) if ":" in texts[1:-1] else 0
    is_name = all(text[0].isupper() for text in texts[:place])
    return [Part(0, place - 1)] if place and is_name and texts[place + 1] in QUOTES else []
