"""The clause of a verb of speech, and the word classes of its sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from tidings.annotation.tokens import QUOTES
from tidings.annotation.word_classes import (
    AUXILIARY,
    COORDINATOR,
    DETERMINER,
    FINITE,
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
    from collections.abc import Collection, Sequence

    from tidings.annotation.tokens import Token
    from tidings.annotation.verb_index import Hit

ENDS = frozenset(".;:!?,)…–—-'") | QUOTES
"""Signs that end a noun phrase."""
_PAIRS = {"“": "”", "„": "“”", "«": "»", "»": "«", "‘": "’", '"': '"', "''": "''"}


class Clause(NamedTuple):
    """A verb of speech as written, its start offset, and the speaker's noun phrase: 0-based
    offsets, end exclusive.

    ``verb`` is None if a quotation follows the speaker's name and a colon. The noun phrase includes
    titles, offices and the determiner, but no apposition between commas; it is empty if the verb
    has no subject. Joined speakers each have a clause. ``is_weak``: the verb also has subjects that
    do not speak ("suggests"). ``is_source``: "according to". ``needs_known``: a noun in no list is
    not a speaker.
    """

    verb: str | None
    verb_start: int
    start: int
    end: int
    is_weak: bool = False
    is_source: bool = False
    needs_known: bool = False


class ClauseRules(Protocol):
    """Rules that find the noun phrase of each verb's speaker in a sentence with spaces; all offsets
    refer to the sentence.
    """

    @property
    def starts(self) -> frozenset[str]:
        """Return lower-case texts of which a sentence with a clause contains at least one as whole
        words.
        """

    @property
    def words(self) -> Collection[str]:
        """Return the lower-case words that belong to no name."""

    def tokenize(self, sentence: str) -> list[Token]:
        """Return the words and signs of a sentence."""

    def find(self, tokens: Sequence[Token]) -> list[Clause]:
        """Return the clauses of a sentence in order, one per verb and speaker."""


class Part(NamedTuple):
    """A noun phrase as the indices of its first and last token."""

    first: int
    last: int


class Reading:
    """A sentence: its tokens with their word classes, the indices of its verbs of speech, and what
    is quoted.
    """

    def __init__(
        self, tokens: Sequence[Token], flags: Sequence[int], verbs: set[int], nouns: frozenset[str]
    ) -> None:
        self.tokens, self.flags, self.verbs = tokens, flags, verbs
        self._nouns = nouns
        self.is_quoted = _find_quoted(tokens)

    def clause(self, part: Part, hit: Hit | None) -> Clause:
        """Return the clause of a noun phrase and a verb; None: the speaker is before a colon."""
        start, end = (
            self.tokens[part.first].start,
            self.tokens[part.last].end
            if part.last >= part.first
            else self.tokens[part.first].start,
        )
        if hit is None:
            return Clause(None, end, start, end)
        return Clause(
            hit.written,
            self.tokens[hit.first].start,
            start,
            end,
            hit.is_weak or hit.is_participle or self.is_relative(part),
            hit.is_source,
            hit.needs_known,
        )

    def opening(self, place: int) -> int:
        """Return the index of the bracket that the bracket at ``place`` closes, at most 20 tokens
        before it; else ``place``.
        """
        for before in range(place - 1, max(-1, place - 20), -1):
            if self.tokens[before].text == "(":
                return before
        return place

    def opens(self, place: int) -> bool:
        """Return whether a noun phrase that begins at a place may be the first of its clause."""
        before = self.tokens[place - 1].text if place else ""
        if not place or before in QUOTES or before in ";:–—":
            return True
        if (
            self.flags[place - 1] & COORDINATOR
            and place > 1
            and self.tokens[place - 2].text[0].isupper()
        ):
            return False  # Canals and Locks
        if self.flags[place - 1] & STOP and not self.flags[place - 1] & (
            FINITE | AUXILIARY | MODAL | NEGATION
        ):
            return True
        is_adverbial = self.flags[0] & (PREPOSITION | STOP | SKIP | TIME)
        return before == "," and bool(is_adverbial or self.is_quoted[place - 2])

    def is_relative(self, part: Part) -> bool:
        """Return whether a relative clause follows a noun phrase."""
        follows = (
            part.last
            + 1
            + (part.last + 1 < len(self.tokens) and self.tokens[part.last + 1].text == ",")
        )
        return follows < len(self.tokens) and bool(self.flags[follows] & RELATIVE)

    def is_behind_quote(self, place: int) -> bool:
        """Return whether a token is a closing quotation mark, or a sign after one."""
        text = self.tokens[place].text if place >= 0 else ""
        return text in QUOTES or (
            text in {",", "–", "—"} and place > 0 and self.tokens[place - 1].text in QUOTES
        )

    def negation_at(self, place: int) -> int:
        """Return NEGATION if a token is a pronoun that denies: said nothing; else 0."""
        is_denial = place < len(self.tokens) and not self.flags[place] & (DETERMINER | PREPOSITION)
        return self.flags[place] & NEGATION if is_denial else 0

    def is_listed(self, place: int) -> bool:
        """Return whether a token is a noun that may speak."""
        return self.tokens[place].lower in self._nouns

    def is_complete(self, place: int) -> bool:
        """Return whether a token may end a noun phrase: a name, or a noun that may speak."""
        token = self.tokens[place]
        return token.lower in self._nouns or (
            token.text[0].isupper() and not self.flags[place] and not token.text.endswith("'s")
        )

    def is_name(self, part: Part) -> bool:
        """Return whether a noun phrase ends with a name."""
        last = self.tokens[part.last]
        return (
            last.text[0].isupper()
            and last.lower not in self._nouns
            and not self.flags[part.last] & TIME
        )

    def is_full_name(self, part: Part) -> bool:
        """Return whether a noun phrase ends with two capitalised words that are neither nouns nor
        closed words.
        """
        places = range(part.last - 1, part.last + 1)
        return part.last > part.first and all(
            self.is_complete(place) and not self.is_listed(place) for place in places
        )

    def has_noun(self, part: Part) -> bool:
        """Return whether a noun phrase contains a noun that may speak."""
        return any(self.is_listed(place) for place in range(part.first, part.last + 1))

    def is_speaking(self, part: Part) -> bool:
        """Return whether a noun phrase is a pronoun, ends with a name, or contains a noun that may
        speak.
        """
        if self.flags[part.last] & PRONOUN or self.is_name(part):
            return True
        return self.has_noun(part)


def _find_quoted(tokens: Sequence[Token]) -> list[bool]:
    """Return for each token whether it is between quotation marks. An opening mark without a
    closing one counts as none.
    """
    quoted = [False] * len(tokens)
    opened, closing = -1, ""
    for place, token in enumerate(tokens):
        if opened < 0 and token.text in _PAIRS:
            opened, closing = place, _PAIRS[token.text]
        elif opened >= 0 and token.text in closing:
            quoted[opened + 1 : place] = [True] * (place - opened - 1)
            opened = -1
    return quoted
