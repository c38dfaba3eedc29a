"""Decide whether a verb of speech reports words in its sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.annotation.clauses import ENDS
from tidings.annotation.tokens import QUOTES
from tidings.annotation.word_classes import DETERMINER, PREPOSITION, SKIP

if TYPE_CHECKING:
    from tidings.annotation.clauses import Reading
    from tidings.annotation.verb_index import Hit
    from tidings.base.languages.clause_words import ClauseWords

MIN_QUOTATION_LENGTH = 4
"""Least quoted words before a verb that are content; fewer are a name or a term."""


class Content:
    """The words of one language that introduce content."""

    def __init__(self, words: ClauseWords) -> None:
        self._words = words

    def is_missing(self, reading: Reading, hit: Hit, place: int) -> bool:
        """Return whether a verb reports no words here: a reception at a place, a reflexive verb, or
        content that is missing.

        ``place`` is the last word before the verb and its auxiliaries.
        """
        tokens, words = reading.tokens, self._words
        if any(token.lower in words.reflexives for token in tokens[place + 1 : hit.first]):
            return True
        if (
            hit.needs_content
            and sum(reading.is_quoted[: hit.first]) < MIN_QUOTATION_LENGTH
            and not reading.is_behind_quote(place)
        ):
            return not self._follows(reading, hit.last + 1, takes_infinitive=hit.takes_infinitive)
        if hit.written.lower() not in words.receiving:
            return False
        last = min(hit.last + 12, len(tokens) - 1)
        return any(
            tokens[at].lower == "to" and tokens[at + 1].text[0].isupper()
            for at in range(hit.last + 1, last)
        )

    def _follows(self, reading: Reading, place: int, *, takes_infinitive: bool) -> bool:
        """Return whether content follows a verb: the end of the clause, "that", a colon or an
        infinitive.
        """
        tokens, words, flags = reading.tokens, self._words, reading.flags
        while place < len(tokens) and flags[place] & SKIP and not flags[place] & DETERMINER:
            place += 1
        if place >= len(tokens) or tokens[place].text in ENDS:
            return True
        if any(
            token.lower in words.contents or token.text in QUOTES
            for token in tokens[place : place + 3]
        ):
            return True
        place += (
            2 if flags[place] & PREPOSITION and tokens[place].lower not in words.infinitives else 0
        )  # proposer au Parlement de
        return takes_infinitive and place < len(tokens) and tokens[place].lower in words.infinitives
