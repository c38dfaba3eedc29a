"""Words of a sentence in a language with the finite verb in second place, and its noun phrases:
their extent, case, and whether they can speak.

A quotation is one word.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.tokens import Token, lower_texts, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tidings.base.languages.speaker_words import SpeakerWords
    from tidings.base.languages.verb_second_grammar import VerbSecondGrammar

QUOTATION = "“”"
"""Text of the word that replaces a quotation."""
BREAKS = frozenset((",", ";", ":", "-", "–", "—", QUOTATION))
"""Signs that end a part of a sentence."""
PAIRS = {
    "„": '“”"',
    "“": "”",
    "»": "«",
    "«": "»",
    '"': '"',
    "‚": "‘’",
    "›": "‹",
    "‹": "›",
    "(": ")",
    "[": "]",
}
"""Opening marks with their closing marks."""

FARTHEST = 45
"""Most words between the parts of a clause."""
_POLITE = frozenset(("sie", "ihr", "ihre", "ihrer", "ihnen"))  # also capital within a sentence
_CONTINUING = frozenset((":", ",", "-"))
_NAME_IN_MARKS = 5  # longest title in quotation marks, in words, that counts as a noun
_DEEPEST = 4  # attributes within attributes
CANNOT, MAY, CAN = 0, 1, 2
"""A phrase cannot speak; is unknown; is a person, body, role, collective or pronoun."""

_ROMAN = re.compile(r"[IVX]+|\d{1,3}")
# before a full stop that does not end the sentence
_SHORT = re.compile(r"[IVX]+|\d{1,3}|[A-Z](?:\.[A-Z])*")
# 39-Jährige, n24, news.ch
_CODE = re.compile(r"\d+-?[^\W\d_][\w-]*|[a-z]{1,4}\d+|[a-z][\w-]+\.(?:de|ch|at|com|org|net)")
_ADJECTIVE = re.compile(r"[^\W\d_][\w-]*(?:e|er|es|en|em)|\d+|rund|etwa|knapp")
_SINGULAR = frozenset(("ein", "eine", "das", "jeder", "jede", "dieses", "kein"))


def simplify(tokens: Sequence[Token]) -> list[Token]:
    """Return the words of a sentence; a quotation and a quoted name are one word each, and brackets
    belong to the word before.
    """
    words: list[Token] = []
    closing = _find_closing(tokens)
    place = 0
    while place < len(tokens):
        token, last = tokens[place], closing.get(place)
        if last is None:
            if (token.text in _CONTINUING or token.text[0].isdigit()) and _is_continued(
                tokens, place
            ):
                token = words.pop()._replace(end=token.end)
            words.append(token)
            place += 1
            continue
        if token.text not in "([":
            last, text = _read_quotation(tokens, place, last)
            words.append(Token(token.start, tokens[last].end, text, text.lower()))
        elif words:
            words[-1] = words[-1]._replace(end=tokens[last].end)
        place = last + 1
    return words


def _read_quotation(tokens: Sequence[Token], place: int, last: int) -> tuple[int, str]:
    """Return the last token and the text of the word that replaces words between marks."""
    inner = tokens[place + 1 : last]
    if (
        not 0 < len(inner) <= _NAME_IN_MARKS
        or not inner[0].text[0].isupper()
        or inner[-1].text in {",", ".", "!", "?"}
    ):
        return last, QUOTATION
    following = tokens[last + 1 : last + 2]
    if following and following[0].text == "-" and following[0].start == tokens[last].end:
        last = min(last + 2, len(tokens) - 1)  # „Bild“-Zeitung
    return last, text_of(tokens[place : last + 1])


def _is_continued(tokens: Sequence[Token], place: int) -> bool:
    """Return whether a token belongs to the word before: Journalistinnen- und, 10:05, 5,3."""
    token, before = tokens[place], tokens[place - 1]
    if place == 0 or before.end != token.start:
        return False
    if token.text == "-":
        return before.text[0].isalnum()
    at = place - token.text[0].isdigit()
    around = tokens[at - 1 : at + 2]
    if len(around) < 3:
        return False
    first, sign, after = around
    return (
        sign.text in {":", ","}
        and first.text[-1].isdigit()
        and after.text[0].isdigit()
        and first.end == sign.start
        and after.start == sign.end
    )


def _find_closing(tokens: Sequence[Token]) -> dict[int, int]:
    """Return the place of the closing mark for each opening mark outside other marks. An unclosed
    mark counts as a sign.
    """
    places: dict[str, list[int]] = {}
    for place, token in enumerate(tokens):
        if not token.text[0].isalnum():
            places.setdefault(token.text, []).append(place)
    found: dict[int, int] = {}
    last = -1
    for place, token in enumerate(tokens):
        if place <= last or token.text not in PAIRS:
            continue
        ends = [
            ends[at]
            for mark in PAIRS[token.text]
            if (at := bisect_left(ends := places.get(mark, []), place + 1)) < len(ends)
        ]
        if ends:
            found[place] = last = min(ends)
    return found


class Parsed:
    """The words of a sentence with the start and end of the part, between signs, of each.

    A capital letter of one of the ``function_words`` also opens a part: it follows a heading
    without a full stop.
    """

    def __init__(self, words: list[Token], function_words: Collection[str]) -> None:
        self.words = words
        self.lowers = lower_texts(words)
        self.known = set(self.lowers)
        self.texts = {*self.lowers[:1], *(word.text for word in words)}
        self.starts, self.ends = [0] * len(words), [len(words)] * len(words)
        start = end = 0
        for place, word in enumerate(words):
            is_break = word.text in BREAKS
            if is_break or (
                place > start and word.lower in function_words and word.text[0].isupper()
            ):
                self.ends[end:place] = [place] * (place - end)
                start, end = place + is_break, place
            self.starts[place] = self.starts[place - 1] if is_break else start
        is_closed = self.lower(len(words) - 1) in {".", "!", "?"}
        self.ends[end:] = [len(words) - is_closed] * (len(words) - end)

    def lower(self, place: int) -> str:
        """Return a word in lower case; empty outside the sentence."""
        return self.lowers[place] if 0 <= place < len(self.lowers) else ""

    def has_colon_behind(self, place: int) -> bool:
        """Return whether a colon follows a word."""
        return ":" in self.known and ":" in self.lowers[place + 1 :]

    def part(self, low: int, high: int) -> list[str]:
        """Return the parts of a sentence from one word to another, in lower case, with at most
        ``FARTHEST`` words around.
        """
        return self.lowers[
            max(self.starts[low], low - FARTHEST) : min(self.ends[high], high + FARTHEST)
        ]


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

    @property
    def is_name(self) -> bool:
        """Return whether a phrase consists of several nouns without a determiner."""
        return not self.determiner and self.first == self.start < self.head


class Phrases:
    """Read noun phrases with the words of a language."""

    def __init__(self, grammar: VerbSecondGrammar, speakers: SpeakerWords) -> None:
        self._grammar = grammar
        self._titles = speakers.titles
        self._determiners = grammar.determiners | grammar.oblique
        self.no_nouns = (
            self._determiners | grammar.pronouns | grammar.prepositions | grammar.no_nouns
        )
        self.openers = self.no_nouns - _POLITE
        closed = grammar.auxiliaries | grammar.modals | grammar.passives | grammar.pronouns
        self._closed = closed | grammar.joins | self._determiners
        self.function_words = (
            self.no_nouns
            | grammar.joins
            | grammar.between
            | grammar.focus
            | grammar.subordinators
            | self._closed
        )
        plurals = grammar.plurals | {"andere", "weitere"}
        # die beiden Minister
        self._between = grammar.joins | {
            word for word in self._determiners if word.removesuffix("n") in plurals
        }
        self._particles = (
            speakers.name_particles - self._determiners - grammar.prepositions - grammar.joins
        ) | {"zu", "&"}
        self._attaching = (grammar.attaching, grammar.attaching | grammar.prepositions)
        self._kinds = (
            dict.fromkeys(speakers.unnamed, "unnamed")
            | dict.fromkeys(speakers.collectives, "collective")
            | dict.fromkeys(speakers.bodies, "body")
            | dict.fromkeys(speakers.roles, "role")
            | dict.fromkeys(speakers.not_speakers, "")
        )
        self._endings = {
            word: "" for word in speakers.not_speakers if len(word) > 3
        } | speakers.endings
        self._lengths = sorted({len(ending) for ending in self._endings}, reverse=True)

    def kind(self, lower: str) -> str | None:
        """Return the kind of a noun, empty for a noun that never speaks, None for an unknown
        one.
        """
        for word in (lower, *map(lower.removesuffix, ("s", "n", "es"))):
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
        word = words[start]
        if word.lower in self._grammar.pronouns:
            # the polite Sie
            is_polite = word.text[0].isupper() and start > 0 and words[start - 1].text not in BREAKS
            return None if is_polite else Phrase(start, start + 1, start, start, "")
        if start == 0 and word.text == "Von" and is_wide:
            name = self.read_von(words, 0, end)
            return name if name and name.end == end else None
        phrase = self._read_core(words, start, end)
        return (
            self._attach(words, phrase, end, is_wide=is_wide, depth=depth)
            if phrase and depth < _DEEPEST
            else phrase
        )

    def _read_core(self, words: Sequence[Token], start: int, end: int) -> Phrase | None:
        """Return the noun phrase at a place without its attributes."""
        determiner = words[start].lower if words[start].lower in self._determiners else ""
        first = self._skip_adjectives(words, start + bool(determiner), end, bool(determiner))
        head, after = self._read_nouns(words, first, end)
        if head is None:
            # dieser; einige der Minister
            is_alone = determiner in self._grammar.standing
            return Phrase(start, start + 1, start, start, determiner) if is_alone else None
        noun, last = words[first].lower, words[head].lower
        if determiner and not last.endswith("s") and self.kind(noun) == "collective":
            # die Schweizer Delegation, but sagten die Fischer | Minister Muster
            is_of_place = noun.endswith("er") and self.kind(last) is not None
            head, after = (head, after) if is_of_place else (first, first + 1)
        return Phrase(start, after, first, head, determiner)

    def read_von(self, words: Sequence[Token], start: int, end: int) -> Phrase | None:
        """Return a name that a preposition opens and that is followed by another one or the end:
        Von der Muster.
        """
        name = self.read(words, start + 1, end, depth=_DEEPEST)
        head = words[name.head].lower if name else ""
        if name is None or self.kind(head) or self._is_thing(head):
            return None
        is_closed = name.end == end or words[name.end].lower in self._grammar.prepositions
        return name._replace(start=start, first=start) if is_closed else None

    def _skip_adjectives(
        self, words: Sequence[Token], place: int, end: int, has_determiner: bool
    ) -> int:
        for _ in range(6):
            if place >= end or self.is_noun(words[place]):
                break
            behind = place + 1
            if has_determiner and words[place].lower in self._grammar.prepositions:
                # der für Bildung zuständige Minister
                inner = self.read(words, behind, min(end, place + 8), depth=_DEEPEST)
                behind = inner.end if inner else end
                is_skipped = behind < end and _ADJECTIVE.fullmatch(words[behind].text) is not None
            else:
                is_skipped = self._is_adjective(words[place], has_determiner)
            if not is_skipped:
                break
            place = behind
        return place

    def _is_adjective(self, word: Token, has_determiner: bool) -> bool:
        if has_determiner:
            is_open = word.lower not in self._closed and word.text[0].isalnum()
            return is_open or word.lower in self._between
        return word.lower not in self.function_words and bool(_ADJECTIVE.fullmatch(word.text))

    def _read_nouns(self, words: Sequence[Token], place: int, end: int) -> tuple[int | None, int]:
        head = None
        while place < end:
            word = words[place]
            if self.is_noun(word):
                head = place
            elif head is None or not (
                _ROMAN.fullmatch(word.text)
                or (word.text == "." and _SHORT.fullmatch(words[place - 1].text))
                or (
                    word.lower in self._particles
                    and place + 1 < end
                    and self.is_noun(words[place + 1])
                )
            ):
                break
            place += 1
        return head, place

    def _attach(
        self, words: Sequence[Token], phrase: Phrase, end: int, *, is_wide: bool, depth: int
    ) -> Phrase:
        """Return a phrase with its attributes: genitives, and phrases with a preposition."""
        grammar, genitive, place = self._grammar, None, phrase.end
        attaching = self._attaching[is_wide]
        has_genitive = is_wide or self._is_common(words, phrase)
        while place < end:
            lower = words[place].lower
            is_genitive = has_genitive and lower in grammar.genitives
            if not (
                is_genitive
                or lower in attaching
                or self._joins_attribute(words, place, end, genitive, depth)
            ):
                break
            nested = self.read(
                words, place + (not is_genitive), end, is_wide=is_wide, depth=depth + 1
            )
            # vom November
            if nested is None or (
                lower == "vom" and not is_wide and self.kind(words[nested.head].lower) == ""
            ):
                break
            if genitive is None and (is_genitive or lower in grammar.agents):
                genitive = nested.start
            place = nested.end
        return phrase._replace(end=place, genitive=genitive)

    def _is_common(self, words: Sequence[Token], phrase: Phrase) -> bool:
        """Return whether the head is a common noun, which a genitive may follow."""
        head = words[phrase.head]
        if phrase.determiner and phrase.first == phrase.head and head.text[0] not in PAIRS:
            return True
        return head.lower in self._grammar.report_nouns or self.kind(head.lower) is not None

    def _joins_attribute(
        self, words: Sequence[Token], place: int, end: int, genitive: int | None, depth: int
    ) -> bool:
        """Return whether a word joins two nouns of an attribute, or two genitives: Vertreter der
        Stadt und der Gemeinde.
        """
        if words[place].lower not in self._grammar.joins or place + 1 >= end:
            return False
        if depth > 0 and self.is_noun(words[place + 1]):
            return True
        if genitive is None or words[place + 1].lower not in self._grammar.genitives:
            return False
        second = self.read(words, place + 1, end, depth=_DEEPEST)
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
        if kind or self._is_reference(head):
            return CAN
        if phrase.head == 0 and kind is None:  # the capital letter may only open the sentence
            return CANNOT if head.lower.endswith(self._grammar.adverb_endings) else MAY
        if kind == "" or (not is_run and self._is_thing(head.lower)):
            return CANNOT
        is_bare = not any((phrase.determiner, is_plural))
        return CAN if is_run or is_bare else MAY

    def _is_reference(self, word: Token) -> bool:
        """Return whether a word is a pronoun or a name in marks."""
        return word.lower in self._grammar.pronouns or word.text[0] in PAIRS

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
        determiner, start = phrase.determiner, words[phrase.start]
        is_many = is_plural and not is_joined
        if determiner and phrase.first == phrase.start < phrase.head:
            return not is_plural  # Von der Muster
        if determiner in self._grammar.oblique:
            return False
        if determiner == self._grammar.ambiguous and (
            is_many
            or words[phrase.first].lower.endswith(self._grammar.feminine_endings)
            or self.kind(words[phrase.head].lower) == "collective"
        ):
            return False
        is_inflected = not determiner and phrase.first > phrase.start
        if is_inflected and start.lower.endswith(("en", "em")):
            return start.text[0].isupper()
        if is_many:
            return determiner not in _SINGULAR
        return is_plural or not (determiner in self._grammar.plurals or start.text.isdigit())
