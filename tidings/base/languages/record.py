"""The record of everything that the code needs to know about a language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from tidings.base.languages.bounds import SignBounds, WordBounds
    from tidings.base.languages.word_lists import ClauseWords, SpeakerWords, VerbSecondGrammar


def keep_spelling(word: str) -> list[str]:
    """Return only the word itself: a language without alternative spellings."""
    return [word]


def no_inflections(_word: str) -> list[str]:
    """Return no forms: a language without inflections."""
    return []


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language: its folder defines one instance as ``LANGUAGE``."""

    code: str  # BCP 47 primary subtag; also the folder's name
    clauses: ClauseWords | None = None  # of a language whose subject precedes its verb
    # of a language with the finite verb in second place
    verb_second: VerbSecondGrammar | None = None
    speakers: SpeakerWords | None = None
    has_capital_nouns: bool = False
    bounds: WordBounds | SignBounds
    # a folded word and its other spellings, its own first
    spellings: Callable[[str], list[str]] = keep_spelling
    # simple inflections of a folded word; not all need exist
    inflections: Callable[[str], list[str]] = no_inflections
    titles: frozenset[str] = frozenset()  # titles and honorifics before a name, lower case
    # words of an office that are not titles by themselves
    particles_of_titles: frozenset[str] = frozenset()
    # before the country to which an official is sent: "ambassador to"
    posting_words: frozenset[str] = frozenset()
    # a full stop after one of them does not end a sentence
    # occupations of people who only share a listed person's name
    ordinary_people: re.Pattern[str] | None = None
    places_like_names: tuple[str, ...] = ()  # places that begin with a listed person's name

    @property
    def joining(self) -> frozenset[str]:
        """Return the conjunctions that join two subjects; empty for a language without spaces."""
        if self.verb_second is not None:
            return self.verb_second.joins
        return self.clauses.joining if self.clauses else frozenset()
