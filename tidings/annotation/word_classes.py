"""Return the word classes of a word, as flags."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidings.base.languages.clause_words import ClauseWords

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


_NAME_LIKE = SKIP | MODAL | FINITE | AUXILIARY | PASSIVE | DETERMINER
"""Classes of words that are part of a name if they are capitalised within a sentence: Marine Le
Pen, Norland Will.
"""


class WordClasses:
    """The closed word classes of one language. ``words`` are all listed words; ``read`` returns the
    flags of a word.
    """

    def __init__(self, words: ClauseWords) -> None:
        self._endings = words.adverb_endings
        self._flags: dict[str, int] = {}
        for flag, listed in (
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
        ):
            for word in listed:
                self._flags[word] = self._flags.get(word, 0) | flag
        self.words = frozenset(self._flags)
        self.read = lru_cache(maxsize=1 << 14)(self._read)

    def _read(self, text: str, is_first: bool) -> int:
        """Return the word classes of a token; ``is_first``: it begins the sentence."""
        lower = text.lower()
        is_capital = text[0].isupper()
        flags = self._flags.get(lower)
        if flags is not None:
            return 0 if is_capital and not is_first and flags & _NAME_LIKE else flags
        base, apostrophe, tail = lower.partition("'")
        if apostrophe and lower.endswith("n't"):
            return NEGATION | STOP
        if apostrophe and (known := self._flags.get(base, 0)) & (PRONOUN | RELATIVE):
            return known | (MODAL if tail == "ll" else AUXILIARY)  # he's
        is_adverb = (
            bool(self._endings) and lower.endswith(self._endings) and len(lower) > len("only")
        )
        return SKIP if is_adverb and not is_capital else 0
