"""Find the subject of each verb of speech in a language whose subject precedes its verb: English,
French, Italian and Spanish.

A sentence is read by closed word classes and capitals. A subject ends right before its verb, its
auxiliaries and its adverbs; an apposition, a relative clause, brackets or a time may separate
them. Behind a quotation or at the end of a sentence the verb may precede its subject ("…", said
X). A joined verb or a participle (", adding") belongs to the subject of the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from operator import attrgetter

from tidings.annotation import subject_verb_words as w
from tidings.annotation.languages.statements import Clause, Verb
from tidings.annotation.subject_verb_phrases import REACH, Part, Phrases
from tidings.annotation.tokens import QUOTES, Token, lower_texts, tokenize
from tidings.annotation.verb_index import Hit, VerbIndex
from tidings.base.languages.word_lists import ClauseWords, SpeakerWords
from tidings.base.languages.words import given_names

MIN_QUOTATION_LENGTH = 4  # least quoted words that are content; fewer are a term
_NEAR = 8  # most words between a participle and its auxiliary or "with"
_MAX_LISTED = 6  # most subjects before the last
_BOUND = w.SIGN | w.ENDS | w.VERB | w.STOP
_VERBAL = w.FINITE | w.AUXILIARY
_SKIPPED = w.AUXILIARY | w.PASSIVE | w.MODAL | w.NEGATION | w.SKIP | w.TIME


class SubjectVerb:
    """Read the clauses of sentences in one language."""

    def __init__(self, verbs: Iterable[Verb], words: ClauseWords, speakers: SpeakerWords) -> None:
        self._words = words
        subordinators = words.subordinators - words.prepositions
        self.clause_openers = subordinators | words.coordinators | words.relatives
        self.reported = frozenset[str]()
        self._speakers = speakers
        self._insertions = [phrase.split("_") for phrase in sorted(words.insertions)]
        self._verbs = VerbIndex(verbs, words)
        self.starts = self._verbs.starts
        self._classes = w.WordClasses(
            words, speakers.roles | speakers.bodies | speakers.collectives | speakers.unnamed
        )
        self.words = self._verbs.first_words | self._classes.words

    def tokenize(self, sentence: str) -> list[Token]:
        """Return the words and signs of a sentence."""
        return tokenize(sentence, is_leaning=self._words.is_leaning)

    def find(self, tokens: Sequence[Token]) -> list[Clause]:
        """Return the clauses of a sentence in order, one per verb and speaker."""
        hits = self._verbs.find(tokens)
        if not hits:
            return []
        flags = [self._classes.read(token.text, token.start == 0) for token in tokens]
        for first, last in self._find_insertions(tokens, flags):
            flags[first:last] = [w.SKIP] * (last - first)
            hits = [hit for hit in hits if not first <= hit.first < last]
        return _Sentence(tokens, flags, hits, self._words, self._speakers).find()

    def opening(self, tokens: Sequence[Token]) -> Sequence[Token]:
        """Return the noun phrase that opens a sentence, before or behind an adverbial; empty if
        its end is not certain.
        """
        flags = [self._classes.read(token.text, token.start == 0) for token in tokens]
        sentence = _Sentence(tokens, flags, [], self._words, self._speakers)
        part = sentence.first_phrase(len(tokens))
        following = sentence.flags[part.last + 1] if part else 0
        if part is None or not (
            following & w.CLASSES or sentence.is_name(part) or sentence.is_complete(part.last)
        ):
            return []
        is_object = self._words.has_adjectives_after and following & (w.DETERMINER | w.PREPOSITION)
        return tokens[part.first : sentence.verb_in(part) if is_object else part.last + 1]

    def _find_insertions(
        self, tokens: Sequence[Token], flags: Sequence[int]
    ) -> Iterator[tuple[int, int]]:
        """Yield listed phrases, or words between commas: a, pour sa part, souligné."""
        for place, here in enumerate(flags):
            if not here & w.AUXILIARY:
                continue
            lowers = lower_texts(tokens[place + 1 : place + 1 + _NEAR])
            is_apart = lowers[:1] == [","]
            if is_apart and self._insertions and "," in lowers[1:]:
                yield place + 1, place + 2 + lowers.index(",", 1)
            for phrase in self._insertions:
                if lowers[: len(phrase)] == phrase:
                    yield place + 1, place + 1 + len(phrase)


class _Sentence(Phrases):
    """A sentence with the clauses of its verbs."""

    def clause(self, part: Part, hit: Hit) -> Clause:
        """Return the clause of a noun phrase and a verb."""
        start = self.tokens[part.first].start
        return Clause(
            hit.written,
            self.tokens[hit.first].start,
            start,
            max(start, self.tokens[part.last].end),
            hit.form.is_weak or hit.form.is_participle or self.is_relative(part),
            hit.form.is_source or hit.form.needs_known,
        )

    def find(self) -> list[Clause]:
        """Return the clauses of verbs."""
        clauses: list[Clause] = []
        for hit in self._hits:
            found = [] if self._is_no_verb(hit) else self._find_subjects(hit)
            if not found or self.lowers[found[0].first - 1] in self.words.conditions:
                continue
            clauses += [self.clause(part, hit) for part in found]
            if not (hit.form.is_source or self.is_relative(found[0])):
                self.subjects = found
        return sorted(clauses, key=attrgetter("verb_start"))

    def _is_no_verb(self, hit: Hit) -> bool:
        """Return whether a form is quoted, a noun, or part of a name: Sultan Said."""
        if self.is_quoted[hit.first] or self._is_noun(hit.first):
            return True
        return bool(hit.first and not hit.form.is_source and self.flags[hit.first] & w.CAPITAL)

    def _is_noun(self, place: int) -> bool:
        """Return whether a form follows an owner or an article, not a pronoun: Lindmar's claim, à
        la demande de.
        """
        before, flags = self.lowers[place - 1], self.flags[place - 1]
        if before.endswith("'s") and flags & (w.CAPITAL | w.PRONOUN) == w.CAPITAL:
            return not self.lowers[place].endswith("d")
        if not place or before not in self._speakers.article_genders:
            return False
        return bool(self.flags[place - 2] & w.PREPOSITION or not flags & w.SKIP)

    def _find_subjects(self, hit: Hit) -> list[Part]:
        if hit.form.is_source:
            return self._source(hit)
        place, seen = self._skip_back(hit.first - 1)
        if self._is_negated(hit, seen) or self._lacks_content(hit, place):
            return []
        if seen & w.PASSIVE and not hit.form.is_participle:  # highlighted by Mr X
            return self._agent_behind(hit.last)
        readers = self._apposed, self._inverted, self._continued, self._preceding
        found = (read(hit, place, seen) for read in readers)
        return next((parts for parts in found if parts is not None), [])

    def _is_negated(self, hit: Hit, seen: int) -> bool:
        after = self.flags[hit.last + 1]
        if after & w.NEGATION and not after & (w.DETERMINER | w.PREPOSITION):  # said nothing
            return True
        is_alone = hit.form.needs_auxiliary and not seen & (w.AUXILIARY | w.PASSIVE)
        return is_alone or bool(seen & (w.NEGATION | w.MODAL))

    def _apposed(self, hit: Hit, place: int, _seen: int) -> list[Part] | None:
        if hit.form.is_participle or not self.flags[place] & w.SIGN:
            return None
        part = self.before_apposition(place)
        if part is None or self.lowers[part.first - 1] in self.words.fronted:
            return None
        if hit.form.may_invert and self._precedes_name(hit.last + 1, self.is_speaking(part)):
            return None
        return self._join(part)

    def _precedes_name(self, place: int, is_speaking: bool) -> bool:
        """Return whether the speaker is behind a verb: as well as memory, explains Anna Muster; if
        another speaker precedes it, only a full name at the end: said a spokesman, Anna Muster.
        """
        if not is_speaking:
            return bool(self.flags[place] & w.NAME)
        part = self.after(place)
        name = self._named_behind(part) if part else None
        return bool(name and self.is_full_name(name) and self.lowers[name.last + 1] == ".")

    def _inverted(self, hit: Hit, place: int, _seen: int) -> list[Part] | None:
        """Return the subjects after an inverted verb."""
        if hit.form.is_participle:  # ringraziando il ministro
            return None
        following = hit.last + 1
        is_quoted = self.is_behind_quote(place)
        is_sign = bool(self.flags[place] & w.SIGN)
        is_fronted = self.lowers[place] in self.words.fronted  # comme l'a souligné X
        if not (is_quoted or is_fronted or (hit.form.may_invert and is_sign)):
            return None
        part = self.after(self._skip_circumstances(following))
        return self._behind_verb(part, is_quoted=is_quoted) if part else None

    def _skip_circumstances(self, place: int) -> int:
        """Return the place behind adverbs, a time, a manner and an addressee."""
        # ha detto poi la ministra
        place = self.skip(place, w.SKIP | w.CAPITAL | w.DETERMINER, w.SKIP)
        place += bool(self.flags[place] & w.DETERMINER and self.flags[place + 1] & w.TIME)
        place = self.skip(place, w.TIME, w.TIME)
        place += 2 * (self.lowers[place] in self.words.manner)
        is_addressed = self.lowers[place] in self.words.addressing
        addressee = self.after(place + 1, is_source=True) if is_addressed else None
        return addressee.last + 1 if addressee else place

    def _behind_verb(self, part: Part, *, is_quoted: bool) -> list[Part] | None:
        """Return the subjects behind an inverted verb, if the words after them allow it."""
        part = self._named_behind(part)
        here = self.flags[part.last + 1]
        other = self.after(part.last + 2) if here & w.COORDINATOR else None
        if other and self.is_name(part):
            # not Anna Muster of the Institute for Human and | Brain Sciences
            return [part] if self.has_noun(part) else [part, other]
        is_free = not here & (w.AUXILIARY | w.MODAL) if is_quoted else here & w.END
        return [part] if is_free or here & (w.PREPOSITION | w.TIME) else None

    def _named_behind(self, part: Part) -> Part:
        """Return the name behind an office: a déclaré le chef du DFAE, Ignazio Cassis."""
        place = part.last + 1
        if self.has_noun(part):
            if attribute := self.flags[place] & w.PREPOSITION and self.after(place + 1):
                place = attribute.last + 1  # la directrice | pour la pêche, Anna Muster
            place += self.lowers[place] == ","
        elif not self._speakers.is_head_first:  # Port Bank vice president Anna Muster
            place = self.skip(place, w.SMALL | w.CLASSES, w.SMALL)
            is_office = self.flags[place - 1] & w.NOUN
            if place == part.last + 1 or not (is_office or self.lowers[place] in given_names()):
                return part
        name = self.after(place)
        return name if name and self.is_full_name(name) else part

    def _continued(self, hit: Hit, place: int, _seen: int) -> list[Part] | None:
        """Return the subjects of the verb before: and added, issued a tweet saying."""
        here, lower = self.flags[place], self.lowers[place]
        is_by = lower in self.words.by and not hit.form.needs_known
        if hit.form.is_participle and (is_by or lower in self.words.messages):
            return self._first_subject(hit)
        if here & w.COORDINATOR or (hit.form.is_participle and here & w.SIGN):
            return self.subjects or self._first_subject(hit)
        return None

    def _preceding(self, hit: Hit, place: int, seen: int) -> list[Part] | None:
        """Return the subject right before a verb, or an empty phrase for the last speaker."""
        flags = self.flags
        if hit.form.is_participle and not seen & w.AUXILIARY:
            return self._accompanying(place)
        end = place
        if flags[place] & (w.RELATIVE | w.PRONOUN) == w.RELATIVE:
            end -= 1 + bool(flags[place - 1] & w.SIGN)
        part = self.before(end)
        if part is None:
            is_dropped = self.words.drops_subject and self._lacks_subject(place)
            return [Part(hit.first, hit.first - 1)] if is_dropped else None
        if end := self._relative_before(part):
            subject = self.before(end - 1 - (self.lowers[end - 1] == ","))
            return self._join(subject) if subject else []
        return self._named_before(part, hit, place)

    def _relative_before(self, part: Part) -> int:
        """Return the place of the relative of whose clause a phrase is no subject: the man | who
        owns the port; else 0.
        """
        place = part.first
        lowest = max(0, place - REACH)
        while place > lowest and (
            self.flags[place - 1] & _VERBAL or not self.flags[place - 1] & _BOUND
        ):
            place -= 1
        is_far = place < part.first or self.is_unlisted(place)
        is_relative = self.flags[place - 1] & w.RELATIVE and is_far
        return place - 1 if is_relative and self.lowers[place - 1] not in self.words.contents else 0

    def _named_before(self, part: Part, hit: Hit, place: int) -> list[Part]:
        """Return the name whose apposition ends before a verb: X, the minister of ports, who said
        that; not: X, the minister said, left.
        """
        comma = part.first - 1
        name = self.before(comma - 1) if self.lowers[comma] == "," else None
        if name and self._is_person(name) and self._is_office(part):
            is_relative = self.flags[place] & w.RELATIVE
            is_end = self.lowers[hit.last + 1] in {",", "."}
            if is_relative or (self.opens(name.first) and not is_end):
                return [name]
        return self._join(part)

    def _is_person(self, part: Part) -> bool:
        """Return whether a phrase is only a full name: not Thanking X, a meeting with X."""
        is_whole = all(flags & w.CAPITAL for flags in self.flags[part.first : part.last + 1])
        is_name = is_whole and self.is_full_name(part)
        return is_name and not re.search(self.words.participle, self.lowers[part.first])

    def _is_office(self, part: Part) -> bool:
        """Return whether a phrase is an office without the name of its holder."""
        is_named = self.is_full_name(part) and not self.flags[part.last - 2] & w.LINK
        words = self.lowers[part.first : part.last + 1]
        return not (is_named or self._speakers.roles.isdisjoint(words))

    def _lacks_subject(self, place: int) -> bool:
        """Return whether nothing, a quotation or an adverbial is before a verb: Inoltre, dice."""
        if place < 0 or (self.is_behind_quote(place) and not self.flags[0] & w.DETERMINER):
            return True
        return self.lowers[place] == "," and "," not in self.lowers[:place]

    def _accompanying(self, place: int) -> list[Part] | None:
        """Return the subject of a participle behind "with": …, with X warning that."""
        for at in range(place, max(-1, place - _NEAR), -1):
            is_apart = at == 0 or self.lowers[at - 1] == ","
            if is_apart and self.lowers[at] in self.words.accompanying:
                return [Part(at + 1, place)]
        return None

    def _skip_back(self, place: int) -> tuple[int, int]:
        """Return the last place before a verb and its adverbs, and the flags of those."""
        flags, seen = self.flags, 0
        for _ in range(8):
            here = flags[place]
            if here & w.CLITIC:
                return place, seen | w.AUXILIARY  # a-t-elle
            seen |= here & (w.AUXILIARY | w.PASSIVE | w.MODAL | w.NEGATION)
            if not here & _SKIPPED or self._is_apart(place):
                break
            place -= 1
            if here & w.TIME and flags[place] & w.DETERMINER:
                place -= 1
        return place, seen

    def _is_apart(self, place: int) -> bool:
        """Return whether a word is a subject, or a time a phrase of its own: on Friday."""
        here = self.flags[place]
        is_phrase = here & w.TIME and self.flags[place - 1] & w.PREPOSITION
        return bool(here & (w.PRONOUN | w.RELATIVE) or is_phrase)

    def _agent_behind(self, last: int) -> list[Part]:
        """Return the speaker behind "by" near the last word of a verb or thing."""
        for place in range(last + 1, min(last + 5, len(self.tokens))):
            if self.lowers[place - 1] in self.words.receiving:  # a memo seen by X
                return []
            if self.lowers[place] in self.words.by:
                part = self.after(place + 1)
                return [self._named_behind(part)] if part else []
        return []

    def _source(self, hit: Hit) -> list[Part]:
        """Return the source after "according to", but not after an ordinal or of a law."""
        part = self.after(hit.last + 1, is_source=True)
        if part is None:
            return []
        first = part.first + bool(self.flags[part.first] & w.DETERMINER)
        head = self.lowers[first : min(first + 2, part.last + 1)]
        is_document = not self._speakers.documents.isdisjoint(head)
        # calculés selon l'étude
        before = self.lowers[self._skip_back(hit.first - 1)[0]]
        is_basis = before in self.words.varying or (
            is_document and re.search(self.words.past_participle, before)
        )
        if is_basis or not self._speakers.norms.isdisjoint(head):
            return []
        # figures released by X
        is_closed = self.lowers[part.last + 1] == ","
        agent = is_document and self._agent_behind(part.last)
        return agent or [part if is_closed else self._named_behind(part)]

    def _join(self, part: Part) -> list[Part]:
        """Return a subject and the one joined to it at the start of the clause. Two names that
        another verb governs are none: Guests who met X and Y said.
        """
        before, others = part.first - 1, list[Part]()
        if self.lowers[before] in self.words.joining:
            is_apart = self.lowers[before - 1] == ","
            other = self.before(before - 1 - is_apart)
            others = self._listed_before(other) if other else []
            if is_apart and not (len(others) > 1 and self.opens(others[0].first)):
                others = [*filter(None, [self.before_apposition(before - 1)])]
        if not others:
            return [part]
        if whole := self._whole(part, others):
            return [whole]
        if self.opens(others[0].first):
            return [*filter(self.is_speaking, others), part]
        return [] if self.is_name(others[-1]) else [part]

    def _whole(self, part: Part, others: list[Part]) -> Part | None:
        """Return the phrase of which joined phrases are parts: the department of | justice and
        police, a report by the agency for boats and | ports, officials in | Lindmar and Norland.
        """
        other, first = others[-1], others[0]
        opens = self.opens(first.first)
        behind = self.flags[other.last + 1 : other.last + 3]
        is_attribute = behind[0] & w.PREPOSITION and not behind[1] & w.TIME
        if is_attribute or self._is_participle(other.last + 1):
            return other if opens else None
        if self._is_tail(part, other):
            return Part(other.first, part.last)
        head = self._head_of_list(part, other)
        if head is None and opens and self._continues_attribute([*others, part]):
            head = first
        return head and Part(head.first, part.last)

    def _continues_attribute(self, parts: list[Part]) -> bool:
        """Return whether names continue the attribute of the first phrase: officials in Lindmar."""
        is_name = not any(self.flags[part.first] & w.DETERMINER for part in parts[1:])
        return len(parts) > 2 and is_name and self._has_attribute(parts[0])

    def _listed_before(self, part: Part) -> list[Part]:
        """Return a phrase and those before it, each with a comma: X, | the union and Y. An office
        behind a full name is an apposition.
        """
        parts = [part]
        while self.lowers[parts[0].first - 1] == "," and len(parts) < _MAX_LISTED:
            before = self.before(parts[0].first - 2)
            # not: On a visit to Lindmar, | X and Y
            is_list = before and self.flags[before.last + 1] & w.SIGN
            if before is None or not (is_list and self.is_speaking(before)):
                break
            is_apposition = self.is_full_name(before) and self._is_office(parts[0])
            parts[:is_apposition] = [before]
        opening = (at for at, one in enumerate(parts) if self.opens(one.first))
        return parts[next(opening, 0) :]

    def _is_tail(self, part: Part, other: Part) -> bool:
        """Return whether two joined phrases are one name: the department of justice and police."""
        flags = self.flags
        first, last = flags[part.first], flags[part.last]
        if first & (w.DETERMINER | w.LINK) == w.DETERMINER:
            return False
        if self._has_attribute(other):
            return True
        is_noun = (
            last & (w.NOUN | w.CAPITAL) == w.NOUN | w.CAPITAL and not flags[other.last] & w.NOUN
        )
        is_name = bool(is_noun and flags[other.first] & w.DETERMINER)
        return is_name or self.tokens[part.last].text.islower()

    def first_phrase(self, limit: int) -> Part | None:
        """Return the phrase that opens a sentence, if it may speak; ``limit``: its last comma."""
        start = 0
        if self.flags[0] & (w.PREPOSITION | w.STOP | w.SKIP) or self.lowers[1] in self.words.by:
            head = self.lowers[: min(REACH, limit)]
            start = head.index(",") + 1 if "," in head else 0
            if any(flags & _VERBAL for flags in self.flags[:start]):
                return None
        part = self.after(start)
        return part if part and self.is_speaking(part) else None

    def _head_of_list(self, part: Part, other: Part) -> Part | None:
        """Return the body whose name a list ends: the department of Trade, | Ports and Fishing."""
        flags = self.flags
        is_list = self.lowers[other.first - 1] == ","
        is_name = flags[other.first] & flags[part.first] & w.CAPITAL
        head = self.before(other.first - 2) if is_list and is_name else None
        return head if head and self.has_noun(head) else None

    def _first_subject(self, hit: Hit) -> list[Part]:
        """Return the subject of the sentence, for a joined verb; none if another may be nearer."""
        part = self.first_phrase(hit.first)
        if part is None:
            return []
        between = range(part.last + 2, 0 if hit.form.is_participle else hit.first - 1)
        names = (at for at in between if self.flags[at] & w.CAPITAL and self.lowers[at - 1] == ",")
        ends = (self.skip(at, w.CAPITAL, w.CAPITAL) for at in names)  # a comma ends an apposition
        return [] if any(self.lowers[end] != "," for end in ends) else [part]

    def _lacks_content(self, hit: Hit, place: int) -> bool:
        """Return whether a verb is reflexive or lacks its content. ``place`` is the last word
        before it.
        """
        is_reflexive = not self.words.reflexives.isdisjoint(self.lowers[place + 1 : hit.first])
        if is_reflexive or re.match(self.words.acts, " ".join(self.lowers[hit.first :])):
            return True
        if not hit.form.needs_content or self._has_content_before(hit, place):
            return False
        is_noun = self.flags[hit.first] & w.NOUN and not self.words.inverts
        if is_noun and self.lowers[hit.last + 1] in {".", ",", "to"}:
            part = self.before(place)  # as Anna Muster states; not 18 NATO states
            return not part or self.flags[part.first - 1] & (w.STOP | w.COORDINATOR) != w.STOP
        return not self._has_content(hit)

    def _has_content_before(self, hit: Hit, place: int) -> bool:
        is_quoted = sum(self.is_quoted[: hit.first]) >= MIN_QUOTATION_LENGTH
        is_enclosed = self.lowers[hit.last + 1] == ","
        is_parted = (is_enclosed or not self.words.inverts) and self.flags[place] & w.SIGN
        is_inverted = hit.form.may_invert and is_parted
        return bool(is_quoted or is_inverted or self.is_behind_quote(place))

    def _has_content(self, hit: Hit) -> bool:
        flags, lowers, words = self.flags, self.lowers, self.words
        place = self.skip(hit.last + 1, w.SKIP | w.DETERMINER, w.SKIP)
        if lowers[place] == "," and words.inverts:  # a relevé, avec X, que
            behind = lowers[place + 1 : place + REACH]
            return any(sign == "," and word in words.contents for sign, word in pairwise(behind))
        if self._introduces_content(place):
            return True
        if flags[place] & w.PREPOSITION and lowers[place] not in words.infinitives:
            place += 2  # proposer au Parlement de
        return hit.form.takes_infinitive and lowers[place] in words.infinitives

    def _introduces_content(self, place: int) -> bool:
        """Return whether "that", a colon or quotation follows; not: launched the “Port” plan."""
        is_object = self.flags[place] & w.DETERMINER
        signs = self.words.contents | (QUOTES if not is_object else frozenset())
        is_sign = self.flags[place] & (w.QUOTE | w.END)
        return bool(is_sign) or not signs.isdisjoint(self.lowers[place : place + 3])

    def _has_attribute(self, part: Part) -> bool:
        """Return whether an attribute follows the head, which "and" continues: the ministers of
        France and Germany.
        """
        links = (at for at in range(part.first + 1, part.last) if self.flags[at] & w.LINK)
        return self.has_noun(Part(part.first, next(links, part.first) - 1))
