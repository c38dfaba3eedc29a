"""Read a sentence by closed word classes and capitals: the bounds of the noun phrases before and
after a place.

No search reads more than ``REACH`` words.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.languages.statements import Clause
from tidings.annotation.tokens import QUOTES, Token, lower_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidings.annotation.verb_index import Hit
    from tidings.base.languages.word_lists import ClauseWords

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
(CAPITAL, SMALL, NOUN, NAME, GENITIVE, CLITIC, BARE, SIGN, QUOTE, END, OPENING, CLOSING, VERB) = (
    1 << place for place in range(14, 27)
)
"""CAPITAL and SMALL describe the first letter, NOUN may speak, NAME is a capitalised word in no
list, and GENITIVE always continues a noun phrase. CLITIC is a pronoun behind a hyphen, BARE a
determiner or preposition that is not a NOUN. SIGN may enclose an apposition, OPENING and CLOSING
are
brackets. VERB is a verb of speech, which only its sentence shows.
"""
ENDS = QUOTE | END | CLOSING
"""Signs that end a noun phrase."""

SIGNS = frozenset({",", "–", "—", "-"})
_NAME_LIKE = SKIP | MODAL | FINITE | AUXILIARY | PASSIVE | DETERMINER
"""Classes of words that are part of a name if they are capitalised within a sentence: Marine Le
Pen, Norland Will.
"""

REACH = 40
"""Most words between a verb and its subject."""
_MAX_PHRASE_LENGTH = 18
_BRACKET_REACH = 20
_PAIRS = {"“": "”", "„": "“”", "«": "»", "»": "«", "‘": "’", '"': '"', "''": "''"}
_AROUND = 3
"""Full stops after the tokens, so that a look beyond the sentence, in either direction, finds an
end.
"""
_FULL_STOP = Token(0, 0, ".", ".")
_BREAKS = STOP | PRONOUN | VERB | END | QUOTE
"""Words and signs that cannot belong to a noun phrase."""


class WordClasses:
    """The closed word classes of one language; ``words`` are all listed words."""

    def __init__(self, words: ClauseWords, nouns: frozenset[str]) -> None:
        self._endings = words.adverb_endings
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
            (END, ".;:!?,…–—-'"),
            (OPENING, "("),
            (CLOSING, ")"),
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
        traits |= CAPITAL * letter.isupper() | SMALL * letter.islower()
        if not flags:
            flags = self._guess(lower, is_capital=letter.isupper())
        elif flags & (_NAME_LIKE * (not is_first) | CLASSES * (len(text) > 2 and text.isupper())):
            flags *= not traits & CAPITAL  # Marine Le Pen, the WHO
        if flags & (DETERMINER | PREPOSITION) and not traits & NOUN:
            traits |= BARE
        if traits & (CAPITAL | NOUN) == CAPITAL and not flags and not text.endswith("'s"):
            traits |= NAME
        return flags | traits

    def _guess(self, lower: str, *, is_capital: bool) -> int:
        """Return the classes of an unlisted word: a contraction or an adverb."""
        base, apostrophe, tail = lower.partition("'")
        if apostrophe and lower.endswith("n't"):
            return NEGATION | STOP
        if apostrophe and (known := self._flags.get(base, 0) & CLASSES) & (PRONOUN | RELATIVE):
            return known | (MODAL if tail == "ll" else AUXILIARY)  # he's
        is_adverb = lower.endswith(self._endings) and len(lower) > len("only")
        return SKIP if is_adverb and not is_capital else 0


class Part(NamedTuple):
    """A noun phrase as the indices of its first and last token."""

    first: int
    last: int


class Reading:
    """A sentence: its tokens with flags, what is quoted, and its noun phrases. ``subjects`` are
    those of the last verb.
    """

    def __init__(
        self,
        tokens: Sequence[Token],
        flags: Sequence[int],
        verbs: Sequence[Hit],
        words: ClauseWords,
    ) -> None:
        self.tokens = [*tokens, *[_FULL_STOP] * _AROUND]
        self.lowers = lower_texts(self.tokens)
        self.flags = [*flags, *[END] * _AROUND]
        for hit in verbs:
            self.flags[hit.first] |= 0 if self.flags[hit.first] & CAPITAL else VERB
        self.is_quoted = _find_quoted(self.tokens)
        self.subjects: list[Part] = []
        self.words = words

    def clause(self, part: Part, hit: Hit | None) -> Clause:
        """Return the clause of a noun phrase and a verb; None: the speaker is before a colon."""
        start = self.tokens[part.first].start
        end = self.tokens[part.last].end if part.last >= part.first else start
        if hit is None:
            return Clause(None, end, start, end)
        return Clause(
            hit.written,
            self.tokens[hit.first].start,
            start,
            end,
            hit.form.is_weak or hit.form.is_participle or self.is_relative(part),
            hit.form.is_source,
            hit.form.needs_known,
        )

    def skip(self, place: int, mask: int, skipped: int, end: int | None = None) -> int:
        """Return the first place whose flags within a mask are not the skipped ones."""
        while place != end and self.flags[place] & mask == skipped:
            place += 1
        return place

    def opening(self, place: int) -> int:
        """Return the place of the bracket that a bracket closes; else ``place``."""
        for before in range(place - 1, max(-1, place - _BRACKET_REACH), -1):
            if self.flags[before] & OPENING:
                return before
        return place

    def opens(self, place: int) -> bool:
        """Return whether a noun phrase that begins at a place may be the first of its clause."""
        before, flags = self.lowers[place - 1], self.flags[place - 1]
        if not place or before in QUOTES or before in ";:–—":
            return True
        if flags & COORDINATOR and self.flags[place - 2] & CAPITAL:
            return False  # Canals and Locks
        if flags & (STOP | FINITE | AUXILIARY | MODAL | NEGATION) == STOP:
            return True
        is_adverbial = self.flags[0] & (PREPOSITION | STOP | SKIP | TIME)
        return before == "," and bool(is_adverbial)

    def is_relative(self, part: Part) -> bool:
        """Return whether a relative clause follows a noun phrase."""
        follows = part.last + 1 + (self.lowers[part.last + 1] == ",")
        return bool(self.flags[follows] & RELATIVE)

    def is_behind_quote(self, place: int) -> bool:
        """Return whether a token is a closing quotation mark, or a sign after one."""
        here, before = self.flags[place], self.flags[place - 1]
        return bool(here & QUOTE or (here & SIGN and before & QUOTE))

    def is_name(self, part: Part) -> bool:
        """Return whether a noun phrase ends with a name."""
        return self.flags[part.last] & (CAPITAL | NOUN | TIME) == CAPITAL

    def is_full_name(self, part: Part) -> bool:
        """Return whether a noun phrase ends with two words of a name."""
        return bool(self.flags[part.last - 1] & self.flags[part.last] & NAME)

    def has_noun(self, part: Part) -> bool:
        """Return whether a noun phrase contains a noun that may speak."""
        return any(flags & NOUN for flags in self.flags[part.first : part.last + 1])

    def is_speaking(self, part: Part) -> bool:
        """Return whether a noun phrase is a pronoun, ends with a name or contains a noun that may
        speak.
        """
        is_pronoun = bool(self.flags[part.last] & PRONOUN)
        return is_pronoun or self.is_name(part) or self.has_noun(part)

    def before(self, place: int) -> Part | None:
        """Return the noun phrase that ends at a place, without adverbials around it."""
        flags = self.flags
        if flags[place] & CLOSING:
            place = self.opening(place) - 1
        if flags[place] & PRONOUN:
            return Part(place, place)
        first = self._first(place)
        if flags[place] & (ENDS | BARE) or first > place or _governs(flags[first - 1]):
            return None
        if flags[first] & PREPOSITION:
            return self._after_adverbial(first, place)
        first = self._last_opening(self.skip(first, TIME, TIME, place), place)
        last = self._last(first, place)
        is_adverbial = first == last and flags[last] & (TIME | DETERMINER | PREPOSITION)
        return None if is_adverbial else Part(first, last)

    def _first(self, place: int) -> int:
        """Return the first word that may belong to the noun phrase of a place."""
        flags = self.flags
        first, lowest = place, max(0, place - _MAX_PHRASE_LENGTH)
        while first >= lowest and not flags[first] & _BREAKS:
            first -= 1
        return self.skip(first + 1, SKIP | DETERMINER | CAPITAL, SKIP, place + 1)

    def _last(self, first: int, place: int) -> int:
        """Return the last word of a phrase without the adverbial behind it: Trump on Friday."""
        flags = self.flags
        for inner in range(first + 1, place):
            if flags[inner] & (PREPOSITION | GENITIVE) == PREPOSITION and (
                flags[inner + 1] & TIME
                or not flags[inner] & LINK
                or self.is_name(Part(inner - 1, inner - 1))
            ):
                return inner - 1
        return place

    def _last_opening(self, first: int, place: int) -> int:
        """Return the last determiner that opens a phrase of its own: paying | an architect, not the
        head of the bank.
        """
        flags = self.flags
        for inner in range(place, first, -1):
            is_opening = flags[inner] & (DETERMINER | PREPOSITION | GENITIVE) == DETERMINER
            if is_opening and not flags[inner - 1] & (PREPOSITION | DETERMINER | LINK):
                return inner
        return first

    def _after_adverbial(self, first: int, place: int) -> Part | None:
        """Return the noun phrase after an adverbial without a comma: On Friday X."""
        flags, start = self.flags, place
        closed = PREPOSITION | DETERMINER
        while flags[start] & (CAPITAL | TIME | closed) == CAPITAL:
            start -= 1
        if start < place and not flags[start] & closed:
            return Part(start + 1, place)
        for inner in range(place, first + 1, -1):
            if flags[inner] & DETERMINER:
                return None if flags[inner - 1] & PREPOSITION else Part(inner, place)
        return None

    def before_apposition(self, comma: int) -> Part | None:
        """Return the subject before an apposition: X, the minister of ports, stressed."""
        inner = self.before(comma - 1)
        part = self._before_signs(comma, inner)
        if part is None or not (self.opens(part.first) or self.is_name(part)):
            return None
        is_office = self.has_noun(part)
        is_named = inner is not None and self.is_full_name(inner)
        return inner if is_office and is_named and not self.is_full_name(part) else part

    def _before_signs(self, comma: int, inner: Part | None) -> Part | None:
        """Return the phrase before the first sign that opens the words before a comma, or the
        ``inner`` phrase if it is the name behind an office.
        """
        part = None
        for place in self._signs_before(comma):
            if (found := self.before(place - 1)) is None:
                continue
            is_behind = inner is not None and inner.first == place + 1
            if inner and is_behind and self.is_name(inner) and not self.is_name(found):
                return inner
            part = found
            if self.opens(found.first):
                break
        return part

    def _signs_before(self, comma: int) -> Iterator[int]:
        """Yield the signs before a comma, back to a quotation mark or the end of a clause."""
        flags, place, lowest = self.flags, comma - 1, max(-1, comma - REACH)
        while place > lowest and not flags[place] & QUOTE and self.lowers[place] not in ".;:!?":
            if flags[place] & CLOSING:
                place = self.opening(place)
            elif flags[place] & SIGN:
                yield place
            place -= 1

    def after(self, place: int, *, is_source: bool = False) -> Part | None:
        """Return the noun phrase that begins at a place; ``is_source``: behind "according to"."""
        flags, here = self.flags, self.flags[place]
        if here & PRONOUN and not is_source:
            return Part(place, place)
        is_unlisted = here & (DETERMINER | NOUN | SMALL) == SMALL and not is_source
        if _cannot_begin(here) or is_unlisted:
            return None
        last = place
        while last + 1 < place + _MAX_PHRASE_LENGTH and self._extends(last, is_source=is_source):
            last += 1
        while flags[last] & BARE:
            last -= 1
        return Part(place, last) if last >= place else None

    def _extends(self, last: int, *, is_source: bool) -> bool:
        flags, here = self.flags, self.flags[last + 1]
        if here & (_BREAKS | OPENING | CLOSING | TIME):
            return False
        if here & PREPOSITION:
            # the head of X, officials at X
            is_head = is_source or flags[last] & NOUN
            is_link = here & GENITIVE or (is_head and not self.is_name(Part(last, last)))
            return bool(here & LINK and is_link)
        if here & (SKIP | DETERMINER | CAPITAL) == SKIP:
            return False
        return here & (SMALL | LINK | NOUN) != SMALL or not self._is_full(last)

    def _is_full(self, last: int) -> bool:
        """Return whether no unlisted word in lower case may continue a noun phrase."""
        if not self.words.has_adjectives_after:
            return bool(self.flags[last] & (NAME | NOUN))
        # At most two words that are in no list: affaires étrangères.
        flags, unlisted = self.flags, CLASSES | NOUN | SMALL
        is_third = flags[last - 1] & unlisted == flags[last] & unlisted == SMALL
        return self.is_name(Part(last, last)) or is_third


def _find_quoted(tokens: Sequence[Token]) -> list[bool]:
    """Return for each token whether closed quotation marks surround it."""
    quoted = [False] * len(tokens)
    opened, closing = -1, ""
    for place, token in enumerate(tokens):
        if opened < 0 and token.text in _PAIRS:
            opened, closing = place, _PAIRS[token.text]
        elif opened >= 0 and token.text in closing:
            quoted[opened + 1 : place] = [True] * (place - opened - 1)
            opened = -1
    return quoted


def _cannot_begin(flags: int) -> bool:
    is_adverbial = flags & (STOP | TIME | SKIP) and not flags & DETERMINER
    return bool(flags & (ENDS | PRONOUN | PREPOSITION) or is_adverbial)


def _governs(flags: int) -> bool:
    """Return whether the noun phrase behind a word is an object, or "no minister"."""
    return bool(flags & (MODAL | AUXILIARY | NEGATION) and not flags & (PRONOUN | RELATIVE))
