"""The closed word classes by which the clauses of a subject–verb–object language are read, as flags
of each word.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from tidings.annotation.tokens import QUOTES
from tidings.base.languages.word_lists import ClauseWords
from tidings.base.languages.words import given_names

(
    STOP,
    SKIP,
    LINK,
    DETERMINER,
    PREPOSITION,
    TIME,
    PRONOUN,
    COORDINATOR,
    RELATIVE,
    NEGATION,
    MODAL,
    AUXILIARY,
    PASSIVE,
    FINITE,
) = (1 << place for place in range(14))
"""STOP ends a noun phrase, SKIP is an adverb or clitic, LINK a preposition that may continue a noun
phrase.
"""
CLASSES = (1 << 14) - 1
(CAPITAL, SMALL, NOUN, NAME, GENITIVE, CLITIC, BARE, SIGN, QUOTE, END, VERB) = (
    1 << place for place in range(14, 25)
)
"""CAPITAL and SMALL describe the first letter, NOUN may speak, NAME is a capitalised word in no
list, GENITIVE always continues a noun phrase, CLITIC is a pronoun behind a hyphen, BARE a
determiner or preposition that is no NOUN, SIGN may enclose an apposition, and VERB is a verb of
speech.
"""
ENDS = QUOTE | END  # of a noun phrase

SIGNS = frozenset({",", "–", "—", "-"})
_NAME_LIKE = SKIP | MODAL | FINITE | AUXILIARY | PASSIVE | DETERMINER
"""Classes of words that belong to a name if they are capitalised: Marine Le Pen."""


class WordClasses:
    """The closed word classes of one language; ``words`` are all listed words."""

    def __init__(self, words: ClauseWords, nouns: frozenset[str]) -> None:
        self._endings, self._finite_endings = words.adverb_endings, words.finite_endings
        classes = (
            (DETERMINER, words.determiners),
            (PREPOSITION, words.prepositions),
            (LINK, words.linking),
            (TIME, words.times),
            (PRONOUN, words.pronouns),
            (COORDINATOR | STOP, words.coordinators),
            (RELATIVE | STOP, words.relatives),
            (STOP, words.subordinators),
            (FINITE | STOP, words.finite_verbs),
            (NEGATION | STOP, words.negations),
            (MODAL | STOP, words.modals),
            (AUXILIARY | STOP, words.auxiliaries),
            (PASSIVE | STOP, words.passives),
            (SKIP, words.adverbs),
        )
        traits = (
            (NOUN, nouns),
            (GENITIVE, words.genitives),
            (CLITIC, [word for word in words.pronouns if word[0] == "-"]),
            (SIGN, SIGNS),
            (QUOTE, QUOTES),
            (END, ".;:!?,…–—-'()"),
        )
        self.words = frozenset[str]().union(*(listed for _, listed in classes))
        self._flags: dict[str, int] = defaultdict(int)
        for flag, listed in (*classes, *traits):
            for word in listed:
                self._flags[word] |= flag
        self.read = lru_cache(maxsize=1 << 14)(self._read)

    def _read(self, text: str, is_first: bool) -> int:
        """Return the flags of a token; ``is_first``: it begins the sentence."""
        lower, letter = text.lower(), text[0]
        known = self._flags.get(lower, 0)
        flags, traits = known & CLASSES, known & ~CLASSES
        traits |= self._case(letter, lower, is_first)
        if not (flags or traits & NOUN):
            flags = self._guess(lower, is_capital=not traits & SMALL)
        elif flags & (_NAME_LIKE * (not is_first) | CLASSES * (len(text) > 2 and text.isupper())):
            flags *= not traits & CAPITAL  # Marine Le Pen, the WHO
        if flags & (DETERMINER | PREPOSITION) and not traits & NOUN:
            traits |= BARE
        if traits & (CAPITAL | NOUN) == CAPITAL and not flags and not text.endswith("'s"):
            traits |= NAME
        return flags | traits

    @staticmethod
    def _case(letter: str, lower: str, is_first: bool) -> int:
        """Return CAPITAL or SMALL; an adverb that begins a sentence counts as small: Justamente."""
        is_adverb = is_first and lower.endswith(("ment", "mente")) and lower not in given_names()
        return SMALL if is_adverb or letter.islower() else CAPITAL * letter.isupper()

    def _guess(self, lower: str, *, is_capital: bool) -> int:
        """Return the classes of an unlisted word: a contraction or an adverb."""
        base, apostrophe, tail = lower.partition("'")
        if apostrophe and lower.endswith("n't"):
            return NEGATION | STOP
        if apostrophe and (known := self._flags.get(base, 0) & CLASSES) & (PRONOUN | RELATIVE):
            return known | (MODAL if tail == "ll" else AUXILIARY)  # he's
        is_finite = lower.endswith(self._finite_endings)
        is_adverb = lower.endswith(self._endings) and len(lower) > len("only")
        return 0 if is_capital else (FINITE | STOP) * is_finite | SKIP * is_adverb
