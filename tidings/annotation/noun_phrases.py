"""Find the bounds of noun phrases before and after a place in a sentence, by closed word classes
and capitals.

No search reads more than ``REACH`` words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.annotation.clauses import ENDS, Part
from tidings.annotation.tokens import QUOTES
from tidings.annotation.word_classes import (
    AUXILIARY,
    DETERMINER,
    LINK,
    MODAL,
    NEGATION,
    PREPOSITION,
    PRONOUN,
    RELATIVE,
    SKIP,
    STOP,
    TIME,
)

if TYPE_CHECKING:
    from tidings.annotation.clauses import Reading
    from tidings.base.languages.clause_words import ClauseWords

REACH = 40
"""Most words between a verb and its subject."""
SIGNS = frozenset({",", "–", "—", "-"})
"""Signs that may enclose an apposition."""
_MAX_PHRASE_LENGTH = 18


class NounPhrases:
    """The noun phrases of one language."""

    def __init__(self, words: ClauseWords) -> None:
        self._genitives = words.genitives
        self._has_adjectives_after = words.has_adjectives_after

    def before(self, reading: Reading, place: int) -> Part | None:
        """Return the noun phrase that ends at a place, without adverbials before and after it."""
        tokens, flags = reading.tokens, reading.flags
        if place >= 0 and tokens[place].text == ")":
            place = reading.opening(place) - 1
        if place < 0 or tokens[place].text in ENDS:
            return None
        if flags[place] & PRONOUN:
            return (
                None
                if place and flags[place - 1] & PREPOSITION and not flags[place - 1] & STOP
                else Part(place, place)
            )
        first = self._first(reading, place)
        if first > place or (
            flags[place] & (DETERMINER | PREPOSITION) and not reading.is_listed(place)
        ):
            return None
        if (
            first
            and flags[first - 1] & (MODAL | AUXILIARY | NEGATION)
            and not flags[first - 1] & (PRONOUN | RELATIVE)
        ):
            return None  # the object of another verb, or "no minister"
        if flags[first] & PREPOSITION:
            return self._after_adverbial(reading, first, place)
        while first < place and flags[first] & TIME:
            first += 1
        first = self._last_opening(reading, first, place)
        last = self._last(reading, first, place)
        return (
            None
            if flags[last] & (TIME | DETERMINER | PREPOSITION) and first == last
            else Part(first, last)
        )

    def _first(self, reading: Reading, place: int) -> int:
        """Return where the words end that may belong to a noun phrase, before a place."""
        tokens, flags = reading.tokens, reading.flags
        first, lowest = place, max(0, place - _MAX_PHRASE_LENGTH)
        while first >= lowest and not self._is_end(reading, first):
            if tokens[first].text == ")":
                first = reading.opening(first)
            first -= 1
        first += 1
        while (
            first <= place
            and flags[first] & SKIP
            and not flags[first] & DETERMINER
            and not tokens[first].text[0].isupper()
        ):
            first += 1
        return first

    def _last(self, reading: Reading, first: int, place: int) -> int:
        """Return the last word of a phrase without the adverbial behind it: Trump on Friday, she in
        Paris.
        """
        flags = reading.flags
        for inner in range(first + 1, place):
            if not flags[inner] & PREPOSITION or reading.tokens[inner].lower in self._genitives:
                continue
            is_named = flags[first] & PRONOUN or reading.is_name(Part(inner - 1, inner - 1))
            if flags[inner + 1] & TIME or not flags[inner] & LINK or is_named:
                return inner - 1
        return place

    def _last_opening(self, reading: Reading, first: int, place: int) -> int:
        """Return the last determiner that opens a noun phrase of its own: paying | an architect,
        not the head of the bank.
        """
        for inner in range(place, first, -1):
            is_opening = (
                reading.flags[inner] & DETERMINER
                and not reading.flags[inner] & PREPOSITION
                and reading.tokens[inner].lower not in self._genitives
            )
            if is_opening and not reading.flags[inner - 1] & (PREPOSITION | DETERMINER | LINK):
                return inner
        return first

    def _after_adverbial(self, reading: Reading, first: int, place: int) -> Part | None:
        """Return the noun phrase after an adverbial that no comma separates from it: On Friday X,
        In Paris the minister.
        """
        flags, tokens = reading.flags, reading.tokens
        start = place
        while (
            start > first
            and tokens[start].text[0].isupper()
            and not flags[start] & (TIME | PREPOSITION | DETERMINER)
        ):
            start -= 1
        if start < place and not flags[start] & (PREPOSITION | DETERMINER):
            return Part(start + 1, place)
        for inner in range(place, first + 1, -1):
            if flags[inner] & DETERMINER:
                return None if flags[inner - 1] & PREPOSITION else Part(inner, place)
        return None

    @staticmethod
    def _is_end(reading: Reading, place: int) -> bool:
        """Return whether a word or sign cannot belong to a noun phrase."""
        token = reading.tokens[place]
        if place in reading.verbs and not token.text[0].isupper():
            return True
        return bool(reading.flags[place] & (STOP | PRONOUN)) or (
            token.text in ENDS and token.text != ")"
        )

    def before_apposition(self, reading: Reading, comma: int) -> Part | None:
        """Return the subject before an apposition or clause between two commas: X, the minister of
        ports, stressed.
        """
        tokens, flags = reading.tokens, reading.flags
        inner, part = self.before(reading, comma - 1), None
        place, lowest = comma - 1, max(-1, comma - REACH)
        while place > lowest:
            text = tokens[place].text
            if text in QUOTES or text in ".;:!?":
                break
            if text == ")":
                place = reading.opening(place)
            elif text in SIGNS and (found := self.before(reading, place - 1)) is not None:
                is_beside = (
                    inner is not None and inner.first == place + 1 and reading.is_name(inner)
                )
                if is_beside and not reading.is_name(found):
                    return inner
                part = found
                if flags[found.first] & PRONOUN or reading.opens(found.first):
                    break
            place -= 1
        if part is None or not (reading.opens(part.first) or reading.is_name(part)):
            return None
        is_office = reading.tokens[part.first].lower not in self._genitives and reading.has_noun(
            part
        )
        is_full_name = (
            inner is not None and inner.last > inner.first and reading.is_full_name(inner)
        )
        return inner if is_office and is_full_name and not reading.is_full_name(part) else part

    def after(self, reading: Reading, place: int, *, is_source: bool = False) -> Part | None:
        """Return the noun phrase that begins at a place. ``is_source``: it follows "according
        to".
        """
        tokens, flags = reading.tokens, reading.flags
        if place >= len(tokens) or tokens[place].text in ENDS:
            return None
        if flags[place] & PRONOUN:
            return None if is_source else Part(place, place)
        if flags[place] & PREPOSITION or (
            flags[place] & (STOP | TIME | SKIP) and not flags[place] & DETERMINER
        ):
            return None
        is_open = (
            flags[place] & DETERMINER
            or not tokens[place].text[0].islower()
            or is_source
            or reading.is_listed(place)
        )
        if not is_open:
            return None
        last = place
        while last + 1 < min(len(tokens), place + _MAX_PHRASE_LENGTH) and self._extends(
            reading, last, is_source=is_source
        ):
            last += 1
        while (
            last > place
            and flags[last] & (PREPOSITION | DETERMINER)
            and not reading.is_listed(last)
        ):
            last -= 1
        is_article = flags[last] & DETERMINER and last == place and not reading.is_listed(place)
        return None if is_article else Part(place, last)

    def _extends(self, reading: Reading, last: int, *, is_source: bool) -> bool:
        """Return whether the word after ``last`` belongs to the same noun phrase."""
        token, flags = reading.tokens[last + 1], reading.flags[last + 1]
        if (
            self._is_end(reading, last + 1)
            or token.text in ENDS
            or token.text == "("
            or flags & TIME
        ):
            return False
        if flags & PREPOSITION:
            return self._is_link(reading, last + 1, is_source=is_source)
        if flags & SKIP and not flags & DETERMINER and not token.text[0].isupper():
            return False
        is_other = token.text[0].islower() and not flags & LINK and not reading.is_listed(last + 1)
        if self._has_adjectives_after:
            # At most two words that are in no list: affaires étrangères.
            is_third = all(
                not reading.flags[place]
                and not reading.is_listed(place)
                and reading.tokens[place].text[0].islower()
                for place in (last - 1, last)
            )
            return not (is_other and (reading.is_name(Part(last, last)) or is_third))
        return not (is_other and reading.is_complete(last))

    def _is_link(self, reading: Reading, place: int, *, is_source: bool) -> bool:
        """Return whether a preposition continues the noun phrase before it: the head of X,
        officials at X.
        """
        flags = reading.flags[place]
        if not flags & LINK or place + 1 >= len(reading.tokens) or reading.flags[place + 1] & TIME:
            return False
        if reading.tokens[place].lower in self._genitives:
            return True
        return (is_source or reading.is_listed(place - 1)) and not reading.is_name(
            Part(place - 1, place - 1)
        )
