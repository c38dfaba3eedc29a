"""The records of a language, and of the words or characters that bound a candidate phrase."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tidings.base.languages.word_lists import ClauseWords, SpeakerWords, VerbSecondGrammar


@dataclass(frozen=True, kw_only=True)
class WordBounds:
    """Closed word classes, lower case, of a language that separates words with spaces."""

    stops: frozenset[str]  # end a sequence
    # may occur within a sequence, but not at its ends
    inner: frozenset[str] = frozenset()
    # begin the name of a body, not a phrase: Office fédéral de la sécurité
    bodies: frozenset[str] = frozenset()
    # verbs and adjectives that a sequence neither begins nor ends with
    light: frozenset[str] = frozenset()
    is_head_first: bool = False  # "plan d'action", not "action plan"
    has_compounds: bool = False  # a single word may be a phrase: Hafenpakt
    endings: tuple[str, ...] = ("",)  # of a policy verb, after its stem
    stem_cut: tuple[str, ...] = ()  # endings removed from a listed verb to find its stem


@dataclass(frozen=True, kw_only=True)
class SignBounds:
    """Patterns over the characters of a language that writes no spaces."""

    stop: re.Pattern[str]  # characters that are words of their own and end a sequence
    # words that a sequence neither begins nor ends with, and that end it inside
    light: frozenset[str]
    # ends a sequence: other scripts, ``stop``, ``light``, numbers with a measure word
    cut: re.Pattern[str]
    adverb: re.Pattern[str]  # may precede a policy verb
    degree: re.Pattern[str]  # degree or quantity between a policy verb and a phrase
    noun: re.Pattern[str]  # nouns that begin with the characters of a policy verb
    left: re.Pattern[str]  # characters at which a sequence would begin within a word
    right: re.Pattern[str]  # characters at which a sequence would end within a word
    numbered: re.Pattern[str]  # numbers, years and ordinals, which exclude a sequence
    # names of bodies, media and series of reports, which exclude a sequence
    bodies: re.Pattern[str]
    bearing: re.Pattern[str]  # kinds of phrases that may contain a person's or place's name
    own_country: re.Pattern[str]  # the country's own name, which does not exclude a phrase
    two_countries: re.Pattern[str]  # two countries' short names in a row, as in 中美
    # provinces, cities and regions that the CLDR lacks
    places: frozenset[str]


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
    # occupations of people who only share a listed person's name
    ordinary_people: re.Pattern[str] | None = None
    places_like_names: tuple[str, ...] = ()  # places that begin with a listed person's name

    @property
    def joining(self) -> frozenset[str]:
        """Return the conjunctions that join two subjects; empty for a language without spaces."""
        if self.verb_second is not None:
            return self.verb_second.joins
        return self.clauses.joining if self.clauses else frozenset()
