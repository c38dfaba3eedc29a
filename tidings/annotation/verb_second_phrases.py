"""Noun phrases of a language with the finite verb in second place: their extent, case, and whether
they can speak.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.verb_second_words import BREAKS, FARTHEST, PAIRS, QUOTATION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.annotation.tokens import Token
    from tidings.base.languages.speaker_words import SpeakerWords
    from tidings.base.languages.verb_second_grammar import VerbSecondGrammar

CANNOT, MAY, CAN = 0, 1, 2
"""A phrase cannot speak; is unknown; is a person, body, role, collective or pronoun."""

_ROMAN = re.compile(r"[IVX]+|\d{1,3}")
# before a full stop that does not end the sentence
_SHORT = re.compile(r"[IVX]+|\d{1,3}|[A-Z](?:\.[A-Z])*")
# 39-Jährige, n24, news.ch
_CODE = re.compile(r"\d+-?[^\W\d_][\w-]*|[a-z]{1,4}\d+|[a-z][\w-]+\.(?:de|ch|at|com|org|net)")
_ADJECTIVE = re.compile(r"[^\W\d_][\w-]*(?:e|er|es|en|em)|\d+|rund|etwa|knapp")
_SINGULAR = frozenset(("ein", "eine", "das", "jeder", "jede", "dieses", "kein"))


class Phrase(NamedTuple):
    """A noun phrase as indices of words: its range, its first and last noun, determiner, and the
    start of its genitive.
    """

    start: int
    end: int
    first: int
    head: int
    determiner: str
    genitive: int | None = None


class Phrases:
    """Read noun phrases with the words of a language."""

    def __init__(self, grammar: VerbSecondGrammar, speakers: SpeakerWords) -> None:
        self._grammar = grammar
        self._titles = speakers.titles
        self._determiners = grammar.determiners | grammar.oblique
        self.no_nouns = (
            self._determiners | grammar.pronouns | grammar.prepositions | grammar.no_nouns
        )
        self._no_adjectives = (
            self.no_nouns | grammar.joins | grammar.between | grammar.focus | grammar.subordinators
        )
        self._closed = (
            grammar.auxiliaries
            | grammar.modals
            | grammar.passives
            | grammar.pronouns
            | grammar.joins
        )
        self._particles = (
            speakers.name_particles - self._determiners - grammar.prepositions - grammar.joins
        ) | {"zu"}
        self.function_words = self._no_adjectives | self._closed
        self._kinds: dict[str, str] = dict.fromkeys(speakers.unnamed, "unnamed")
        for kind in ("collective", "body", "role"):
            self._kinds |= dict.fromkeys(
                getattr(speakers, {"body": "bodies"}.get(kind, f"{kind}s")), kind
            )
        self._kinds |= dict.fromkeys(speakers.not_speakers, "")
        self._endings = {
            word: "" for word in speakers.not_speakers if len(word) > 3
        } | speakers.endings
        self._lengths = sorted({len(ending) for ending in self._endings}, reverse=True)

    def kind(self, lower: str) -> str | None:
        """Return the kind of a noun, empty for a noun that never speaks, None for an unknown
        one.
        """
        for word in (
            lower,
            lower.removesuffix("s"),
            lower.removesuffix("n"),
            lower.removesuffix("es"),
        ):
            if word in self._kinds:
                return self._kinds[word]
        for length in self._lengths:
            if length < len(lower) and lower[-length:] in self._endings:
                return self._endings[lower[-length:]]
        return None

    def is_noun(self, word: Token) -> bool:
        """Return whether a word is written like a noun."""
        first = word.text[0]
        if not first.isupper():
            return word.text != QUOTATION and (
                (first in PAIRS and len(word.text) > 1) or bool(_CODE.fullmatch(word.text))
            )
        return word.lower not in self.no_nouns and word.lower not in self._grammar.adjectives

    def read(
        self, words: Sequence[Token], start: int, end: int, *, is_wide: bool = False, depth: int = 0
    ) -> Phrase | None:
        """Return the noun phrase at a place, or None. A wide phrase includes all prepositional
        attributes.
        """
        end = min(end, start + FARTHEST)
        if start >= end:
            return None
        if words[start].lower in self._grammar.pronouns:
            if words[start].text[0].isupper() and start > 0 and words[start - 1].text not in BREAKS:
                return None  # the polite Sie
            return Phrase(start, start + 1, start, start, "")
        place = start
        if words[place].lower in self._determiners:
            place += 1
        elif start == 0 and words[0].text == "Von" and is_wide:
            name = self.read_von(words, 0, end)
            return name if name and name.end == end else None
        determiner = words[start].lower if place > start else ""
        first = self._skip_adjectives(words, place, end, bool(determiner))
        head, after = self._read_nouns(words, first, end)
        if head is None:
            if determiner not in self._grammar.standing:
                return None
            head, first, after = start, start, start + 1  # dieser; einige der Minister
        # die Schweizer Delegation
        is_of_place = words[first].lower.endswith("er") and self.kind(words[head].lower) is not None
        is_group = determiner and self.kind(words[first].lower) == "collective" and not is_of_place
        if is_group and not words[head].lower.endswith("s"):
            head, after = first, first + 1  # sagten die Fischer | Minister Muster
        phrase = Phrase(start, after, first, head, determiner)
        return (
            self._attach(words, phrase, end, is_wide=is_wide, depth=depth) if depth < 4 else phrase
        )

    def read_von(self, words: Sequence[Token], start: int, end: int) -> Phrase | None:
        """Return a name that a preposition opens and that is followed by another one or the end:
        Von der Muster.
        """
        name = self.read(words, start + 1, end, depth=4)
        if (
            name is None
            or self._is_thing(words[name.head].lower)
            or self.kind(words[name.head].lower)
        ):
            return None
        is_closed = name.end == end or words[name.end].lower in self._grammar.prepositions
        return name._replace(start=start, first=start) if is_closed else None

    def _skip_adjectives(
        self, words: Sequence[Token], place: int, end: int, has_determiner: bool
    ) -> int:
        for _ in range(6):
            if place >= end or self.is_noun(words[place]):
                break
            word = words[place]
            # der für Bildung zuständige Minister
            if has_determiner and word.lower in self._grammar.prepositions:
                inner = self.read(words, place + 1, min(end, place + 8), depth=4)
                if (
                    inner is None
                    or inner.end >= end
                    or not _ADJECTIVE.fullmatch(words[inner.end].text)
                ):
                    break
                place = inner.end
            elif word.lower in self._grammar.joins and has_determiner:
                place += 1
            elif (
                has_determiner
                and word.lower in self._determiners
                and word.lower.removesuffix("n") in self._grammar.plurals | {"andere", "weitere"}
            ):
                place += 1  # die beiden Minister
            elif (
                word.lower in (self._determiners if has_determiner else self._no_adjectives)
                or word.lower in self._closed
                or (not has_determiner and not _ADJECTIVE.fullmatch(word.text))
                or not word.text[0].isalnum()
            ):
                break
            else:
                place += 1
        return place

    def _read_nouns(self, words: Sequence[Token], place: int, end: int) -> tuple[int | None, int]:
        head = None
        while place < end:
            word = words[place]
            if self.is_noun(word):
                head = place
                place += 1
            elif head is None:
                break
            elif (
                _ROMAN.fullmatch(word.text)
                or (word.text == "." and _SHORT.fullmatch(words[place - 1].text))
                or (
                    (word.lower in self._particles or word.text == "&")
                    and place + 1 < end
                    and self.is_noun(words[place + 1])
                )
            ):
                place += 1
            else:
                break
        return head, place

    def _attach(
        self, words: Sequence[Token], phrase: Phrase, end: int, *, is_wide: bool, depth: int
    ) -> Phrase:
        """Return a phrase with its attributes: genitives, and phrases with a preposition."""
        grammar, genitive, place = self._grammar, None, phrase.end
        head = words[phrase.head]
        is_common = self.kind(head.lower) is not None or head.lower in grammar.report_nouns
        is_common |= (
            bool(phrase.determiner) and phrase.first == phrase.head and head.text[0] not in PAIRS
        )
        while place < end:
            lower = words[place].lower
            is_genitive = lower in grammar.genitives and (is_wide or is_common)
            is_attribute = lower in grammar.attaching or (is_wide and lower in grammar.prepositions)
            is_joined = self._is_second_genitive(words, place, end, genitive) or (
                depth > 0
                and lower in grammar.joins
                and place + 1 < end
                and self.is_noun(words[place + 1])
            )
            if not (is_genitive or is_attribute or is_joined):
                break
            nested = self.read(
                words, place if is_genitive else place + 1, end, is_wide=is_wide, depth=depth + 1
            )
            if nested is None or (
                lower == "vom" and self.kind(words[nested.head].lower) == "" and not is_wide
            ):
                break  # vom November
            if genitive is None and (is_genitive or lower in grammar.agents):
                genitive = nested.start
            place = nested.end
        return phrase._replace(end=place, genitive=genitive)

    def _is_second_genitive(
        self, words: Sequence[Token], place: int, end: int, genitive: int | None
    ) -> bool:
        """Return whether a word joins two genitives: Vertreter der Stadt und der Gemeinde."""
        if genitive is None or words[place].lower not in self._grammar.joins or place + 1 >= end:
            return False
        if words[place + 1].lower not in self._grammar.genitives:
            return False
        second = self.read(words, place + 1, end, depth=4)
        return second is not None and not self.is_subject(words, second)

    def has_second_genitive(self, words: Sequence[Token], phrase: Phrase, end: int) -> bool:
        """Return whether a conjunction and a genitive follow a phrase that ends with one: Vertreter
        Roms und Berlins.
        """
        place = phrase.end + 1
        if (
            place >= end
            or words[place - 1].lower not in self._grammar.joins
            or not self.kind(words[phrase.first].lower)
        ):
            return False
        is_last = place + 1 >= end or not self.is_noun(words[place + 1])
        names = (words[phrase.head], words[place])
        return (
            phrase.first < phrase.head
            and is_last
            and all(self.is_noun(name) and name.text.endswith("s") for name in names)
        )

    def name_end(self, words: Sequence[Token], phrase: Phrase) -> int:
        """Return the end of a phrase; that of the name in "Anna Muster vom Hafenamt"."""
        run = [words[at].lower for at in range(phrase.first, phrase.head + 1)]
        names = [word for word in run if self.kind(word) is None and word not in self._titles]
        is_name = not phrase.determiner and len(names) > 1 and names[-1] == run[-1]
        return phrase.head + 1 if is_name and phrase.head + 1 < phrase.end else phrase.end

    def speaks(self, words: Sequence[Token], phrase: Phrase, *, is_plural: bool = False) -> int:
        """Return CANNOT, MAY or CAN speak."""
        head, is_run = words[phrase.head], phrase.first < phrase.head
        kind = self.kind(head.lower)
        if head.lower in self._grammar.standing:
            return MAY
        if is_run and phrase.determiner and self._is_thing(words[phrase.first].lower):
            return CANNOT  # die Äußerungen Musters
        if head.lower in self._grammar.pronouns or head.text[0] in PAIRS or kind:
            return CAN
        if phrase.head == 0 and kind is None:  # the capital letter may only open the sentence
            return CANNOT if head.lower.endswith(self._grammar.adverb_endings) else MAY
        if kind == "" or (not is_run and self._is_thing(head.lower)):
            return CANNOT
        return CAN if is_run or not (phrase.determiner or is_plural) else MAY

    def _is_thing(self, lower: str) -> bool:
        """Return whether a noun is listed as one that never speaks, or is an unlisted abstract
        noun.
        """
        kind = self.kind(lower)
        return kind == "" or (kind is None and lower.endswith(self._grammar.abstract_endings))

    def is_subject(
        self,
        words: Sequence[Token],
        phrase: Phrase,
        *,
        is_plural: bool = False,
        is_joined: bool = False,
    ) -> bool:
        """Return whether the form of a phrase allows a subject of a verb in the singular or
        plural.
        """
        determiner, head = phrase.determiner, words[phrase.head].lower
        if determiner and phrase.first == phrase.start < phrase.head:
            return not is_plural  # Von der Muster
        if determiner in self._grammar.oblique:
            return False
        if determiner == self._grammar.ambiguous:
            common = words[phrase.first].lower
            is_feminine = common.endswith(self._grammar.feminine_endings)
            if (is_plural and not is_joined) or is_feminine or self.kind(head) == "collective":
                return False
        if (
            not determiner
            and phrase.first > phrase.start
            and words[phrase.start].lower.endswith(("en", "em"))
        ):
            return words[phrase.start].text[0].isupper()
        if is_plural and not is_joined:
            return determiner not in _SINGULAR
        return is_plural or not (
            determiner in self._grammar.plurals or words[phrase.start].text.isdigit()
        )
