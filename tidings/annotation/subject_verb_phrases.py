"""The noun phrases of a sentence of a language whose subject precedes its verb, before and behind a
place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tidings.annotation import subject_verb_words as w
from tidings.annotation.tokens import QUOTES, Token, find_closing, lower_texts
from tidings.annotation.verb_index import Hit
from tidings.base.languages.word_lists import ClauseWords, SpeakerWords

REACH = 40  # most words between a verb and its subject
_MAX_PHRASE_LENGTH = 18
_PAIRS = {"“": '”"', "„": "“”", "«": "»", "»": "«", "‘": "’", '"': '"', "''": "''"}
_FEDERAL = frozenset(("federal", "federale", "fédéral", "fédérale"))  # end a body's name
_AROUND = 3  # full stops after the tokens, for a look beyond the sentence in either direction
_FULL_STOP = Token(0, 0, ".", ".")
_BREAKS = w.STOP | w.PRONOUN | w.VERB | w.END | w.QUOTE  # not in a noun phrase


class Part(NamedTuple):
    """A noun phrase as the indices of its first and last token."""

    first: int
    last: int


class Phrases:
    """A sentence with flags, quotations and noun phrases. ``subjects``: of the last verb."""

    def __init__(
        self,
        tokens: Sequence[Token],
        flags: Sequence[int],
        hits: Sequence[Hit],
        words: ClauseWords,
        speakers: SpeakerWords,
    ) -> None:
        self.tokens = [*tokens, *[_FULL_STOP] * _AROUND]
        self.lowers = lower_texts(self.tokens)
        self.flags = [*flags, *[w.END] * _AROUND]
        for hit in hits:
            self.flags[hit.first] |= 0 if self.flags[hit.first] & w.CAPITAL else w.VERB
        self.is_quoted = _find_quoted(self.tokens)
        self.subjects: list[Part] = []
        self.words, self._hits, self._speakers = words, hits, speakers

    def skip(self, place: int, mask: int, skipped: int, end: int | None = None) -> int:
        """Return the first place whose flags within a mask are not the skipped ones."""
        while place != end and self.flags[place] & mask == skipped:
            place += 1
        return place

    def opens(self, place: int) -> bool:
        """Return whether a noun phrase that begins at a place may be the first of its clause."""
        before, flags = self.lowers[place - 1], self.flags[place - 1]
        if not place or before in QUOTES:
            return True
        if flags & w.COORDINATOR and self.flags[place - 2] & w.CAPITAL:
            return False  # Canals and Locks
        if flags & (w.STOP | w.FINITE | w.AUXILIARY | w.MODAL | w.NEGATION) == w.STOP:
            return True
        is_adverbial = self.flags[0] & (w.PREPOSITION | w.STOP | w.SKIP | w.TIME)
        return before == "," and bool(is_adverbial)

    def is_relative(self, part: Part) -> bool:
        """Return whether a relative clause follows a noun phrase."""
        follows = part.last + 1 + (self.lowers[part.last + 1] == ",")
        return bool(self.flags[follows] & w.RELATIVE)

    def is_behind_quote(self, place: int) -> bool:
        """Return whether a token is a closing quotation mark, or a sign after one."""
        here, before = self.flags[place], self.flags[place - 1]
        return bool(here & w.QUOTE or (here & w.SIGN and before & w.QUOTE))

    def is_name(self, part: Part) -> bool:
        """Return whether a noun phrase ends with a name."""
        return self.flags[part.last] & (w.CAPITAL | w.NOUN | w.TIME) == w.CAPITAL

    def is_full_name(self, part: Part) -> bool:
        """Return whether a noun phrase ends with two words of a name."""
        return bool(self.flags[part.last - 1] & self.flags[part.last] & w.NAME)

    def is_unlisted(self, place: int) -> bool:
        """Return whether a word in lower case is in no list."""
        return self.flags[place] & (w.CLASSES | w.NOUN | w.SMALL) == w.SMALL

    def has_noun(self, part: Part) -> bool:
        """Return whether a noun phrase contains a noun that may speak."""
        return any(flags & w.NOUN for flags in self.flags[part.first : part.last + 1])

    def verb_in(self, part: Part) -> int:
        """Return the place of the verb in a phrase: le Conseil fédéral | approuve; else its end."""
        places = range(part.first + 2, part.last + 1)
        pairs = (at for at in places if self.is_unlisted(at - 1) and self.is_unlisted(at))
        pair = next(pairs, part.last)
        return pair if self.is_unlisted(pair) and pair > part.first else part.last + 1

    def is_speaking(self, part: Part) -> bool:
        """Return whether a noun phrase is a pronoun or name, or may speak."""
        is_pronoun = bool(self.flags[part.last] & w.PRONOUN)
        return is_pronoun or self.is_name(part) or self.has_noun(part)

    def before(self, place: int) -> Part | None:
        """Return the noun phrase that ends at a place, without adverbials around it."""
        flags = self.flags
        if flags[place] & w.PRONOUN:
            return Part(place, place)
        first = self._first(place)
        # an object, or "no minister"
        is_object = flags[first - 1] & (w.MODAL | w.AUXILIARY | w.NEGATION)
        if is_object or flags[place] & (w.ENDS | w.BARE) or first > place:
            return None
        first = self._before_genitives(first)
        if flags[first] & w.PREPOSITION:
            return self._after_adverbial(first, place)
        first = self._last_opening(self.skip(first, w.TIME, w.TIME, place), place)
        last = self._last(first, place)
        is_adverbial = first == last and flags[last] & (w.TIME | w.DETERMINER | w.PREPOSITION)
        return None if is_adverbial else Part(first, last)

    def _before_genitives(self, first: int) -> int:
        """Return the first word of a phrase with joined genitives: le ministère du port et | de la
        pêche; else ``first``.
        """
        flags, start = self.flags, first
        while flags[start] & w.GENITIVE:
            start = self._first(start - 2)
        is_head = not flags[start] & w.PREPOSITION and self.has_noun(Part(start, first - 1))
        return start if is_head else first

    def _first(self, place: int) -> int:
        """Return the first word that may belong to the noun phrase of a place."""
        flags = self.flags
        first, lowest = place, max(0, place - _MAX_PHRASE_LENGTH)
        while first >= lowest and not flags[first] & _BREAKS:
            first -= 1
        return self.skip(first + 1, w.SKIP | w.DETERMINER | w.CAPITAL, w.SKIP, place + 1)

    def _last(self, first: int, place: int) -> int:
        """Return the last word of a phrase without the adverbial behind it: Trump on Friday."""
        flags = self.flags
        for inner in range(first + 1, place):
            if flags[inner] & (w.PREPOSITION | w.GENITIVE) == w.PREPOSITION and (
                flags[inner + 1] & w.TIME
                or self.lowers[place] in self.words.messages
                or not flags[inner] & w.LINK
                or self.is_name(Part(inner - 1, inner - 1))
            ):
                return inner - 1 - (inner - 1 > first and self._is_participle(inner - 1))
        return place

    def _last_opening(self, first: int, place: int) -> int:
        """Return the last determiner of a phrase of its own: paying | an architect."""
        flags = self.flags
        for inner in range(place, first, -1):
            is_opening = flags[inner] & (w.DETERMINER | w.PREPOSITION | w.GENITIVE) == w.DETERMINER
            if is_opening and not flags[inner - 1] & (w.PREPOSITION | w.DETERMINER | w.LINK):
                return inner
        return first

    def _after_adverbial(self, first: int, place: int) -> Part | None:
        """Return the noun phrase after an adverbial without a comma: On Friday X."""
        flags, start = self.flags, place
        closed = w.PREPOSITION | w.DETERMINER
        while flags[start] & (w.CAPITAL | w.TIME | closed) == w.CAPITAL:
            start -= 1
        if start < place and not flags[start] & closed:
            return Part(start + 1, place)
        for inner in range(place, first + 1, -1):
            if flags[inner] & (w.DETERMINER | w.GENITIVE) == w.DETERMINER:
                return None if flags[inner - 1] & w.PREPOSITION else Part(inner, place)
        return None

    def before_apposition(self, comma: int) -> Part | None:
        """Return the subject before an apposition: X, the minister of ports, stressed."""
        inner = self.before(comma - 1)
        part = self._before_signs(comma)
        if part is None or not (self.opens(part.first) or self.is_name(part)):
            return None
        is_office = self.has_noun(part)
        is_named = inner is not None and self.is_full_name(inner)
        return inner if is_office and is_named and not self.is_full_name(part) else part

    def _before_signs(self, comma: int) -> Part | None:
        """Return the phrase before the first sign of the clause that a comma ends."""
        part, flags = None, self.flags
        for place in range(comma - 1, max(-1, comma - REACH), -1):
            if flags[place] & w.QUOTE:
                break
            found = self.before(place - 1) if flags[place] & w.SIGN else None
            part = found or part
            if found and self.opens(found.first):
                break
        return part

    def after(self, place: int, *, is_source: bool = False) -> Part | None:
        """Return the noun phrase that begins at a place; ``is_source``: behind "according to"."""
        here = self.flags[place]
        if here & w.PRONOUN:
            return Part(place, place)
        is_unlisted = here & (w.DETERMINER | w.NOUN | w.SMALL) == w.SMALL and not is_source
        is_adverbial = here & (w.STOP | w.TIME | w.SKIP) and not here & w.DETERMINER
        if here & (w.ENDS | w.PREPOSITION) or is_adverbial or is_unlisted:
            return None
        last = place
        while last + 1 < place + _MAX_PHRASE_LENGTH and self._extends(last, is_source=is_source):
            last += 1
        last = self._without_tail(place, last)
        return Part(place, last) if last >= place else None

    def _without_tail(self, first: int, last: int) -> int:
        """Return the last word of a phrase without small words and a participle."""
        small = w.BARE | w.COORDINATOR
        while self.flags[last] & small or (last > first and self._is_participle(last)):
            last -= 1
        return last

    def _is_participle(self, place: int) -> bool:
        """Return whether a word in no list precedes "by": a poll conducted by X."""
        return self.is_unlisted(place) and self.lowers[place + 1] in self.words.by

    def _extends(self, last: int, *, is_source: bool) -> bool:
        here = self.flags[last + 1]
        if here & w.COORDINATOR:
            return self._joins_attribute(last)
        if here & (_BREAKS | w.TIME):
            return False
        if here & w.PREPOSITION:
            return bool(here & w.GENITIVE) or self._is_attribute(last, is_source=is_source)
        if here & (w.SKIP | w.DETERMINER | w.CAPITAL) == w.SKIP:
            return False
        if here & (w.SMALL | w.LINK) != w.SMALL:
            return True
        # le Conseil fédéral | juge
        return not (self.is_complete(last) or (not here & w.NOUN and self._is_full(last)))

    def _joins_attribute(self, last: int) -> bool:
        """Return whether "and" joins an attribute to another: l'office du port et | de la pêche,
        l'office pour le port et | la pêche.
        """
        before, behind = self.flags[max(0, last - 3) : last + 1], self.flags[last + 2]
        if behind & w.GENITIVE:
            return any(flags & w.GENITIVE for flags in before)
        is_joined = behind & w.DETERMINER and not self.flags[last + 3] & (w.NOUN | w.CAPITAL)
        pair = before[-3:-1]
        return bool(is_joined and pair[1:] and pair[0] & w.LINK and pair[1] & w.DETERMINER)

    def _is_attribute(self, last: int, *, is_source: bool) -> bool:
        """Return whether a preposition continues a phrase: officials at X."""
        is_head = is_source or self.flags[last] & w.NOUN
        is_own = self.lowers[last + 2] in self.words.possessives  # ministerio en su balance
        return bool(is_head and self.flags[last + 1] & w.LINK) and not is_own

    def is_complete(self, last: int) -> bool:
        """Return whether no adjective follows a word: il Consiglio federale | riafferma."""
        return self.lowers[last] in _FEDERAL and bool(self.flags[last - 1] & w.NOUN)

    def _is_full(self, last: int) -> bool:
        """Return whether no article, nor unlisted word in lower case, may continue a phrase."""
        flags = self.flags
        if flags[last + 1] & w.DETERMINER and not flags[last] & (
            w.DETERMINER | w.LINK | w.COORDINATOR
        ):
            return True
        if not self.words.has_adjectives_after:
            return bool(flags[last] & (w.NAME | w.NOUN))
        # At most two words that are in no list: affaires étrangères.
        is_third = self.is_unlisted(last - 1) and self.is_unlisted(last)
        return self.is_name(Part(last, last)) or is_third


def _find_quoted(tokens: Sequence[Token]) -> list[bool]:
    """Return for each token whether closed quotation marks surround it."""
    quoted = [False] * len(tokens)
    for first, last in find_closing(tokens, _PAIRS).items():
        quoted[first + 1 : last] = [True] * (last - first - 1)
    return quoted
