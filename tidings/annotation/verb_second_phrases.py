"""The words of a sentence of a language with the finite verb in second place, and its noun phrases
with their extent, case, and whether they can speak.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.tokens import Token, lower_texts, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.annotation.languages.statements import Verb
    from tidings.base.languages.word_lists import SpeakerWords, VerbSecondGrammar

QUOTATION = "“”"
"""Text of the word that replaces a quotation."""
BREAKS = frozenset((",", ";", ":", "-", "–", "—", QUOTATION))
"""Signs that end a part of a sentence."""
NO_WORDS = BREAKS | {""}
"""Signs that end a part of a sentence, and the text outside a sentence."""
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
_NAME_IN_MARKS = 5  # longest title in quotation marks, in words, that counts as a noun
_DEEPEST = 4  # attributes within attributes
CANNOT, MAY, CAN = 0, 1, 2
"""A phrase cannot speak; is unknown; is a person, body, role, collective or pronoun."""

_ROMAN = re.compile(r"[IVX]+|\d{1,3}")
# before a full stop that does not end the sentence
_SHORT = re.compile(r"[IVX]+|\d{1,3}|[A-Z](?:\.[A-Z])*")
# 39-Jährige, n24, al-Dschasira, news.ch
_CODE = re.compile(
    r"\d+-?[^\W\d_][\w-]*|[a-z]{1,4}\d+|(?:al|el|ar|as)-[A-Z][\w-]+|[a-z][\w-]+\.(?:de|ch|at|com|org|net)"
)
_ADJECTIVE = re.compile(r"[^\W\d_][\w-]*(?:e|er|es|en|em)|\d+|rund|etwa|knapp")
_SINGULAR = frozenset(("ein", "eine", "das", "jeder", "jede", "dieses", "kein"))


def simplify(tokens: Sequence[Token]) -> list[Token]:
    """Return the words of a sentence; a quotation or quoted name is one word, and brackets belong
    to the word before.
    """
    words: list[Token] = []
    closing = _find_closing(tokens)
    place = 0
    while place < len(tokens):
        token, last = tokens[place], closing.get(place)
        if last is None and (last := _continued_to(tokens, place)) is None:
            words.append(token)
            last = place
        elif token.text in PAIRS and token.text not in "([":
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


def _continued_to(tokens: Sequence[Token], place: int) -> int | None:
    """Return the last token of a sign that belongs to the word before: Journalistinnen- und, 10:05,
    5,3.
    """
    sign, before = tokens[place], tokens[place - 1]
    if before.end != sign.start:
        return None
    if sign.text == "-":
        return place if before.text[0].isalnum() else None
    behind = [token for token in tokens[place + 1 : place + 2] if token.start == sign.end]
    is_number = before.text[-1].isdigit() and any(token.text[0].isdigit() for token in behind)
    return place + 1 if sign.text in {":", ","} and is_number else None


def _find_closing(tokens: Sequence[Token]) -> dict[int, int]:
    """Return the places of closing marks by those of their opening marks, without inner ones."""
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


class Phrase(NamedTuple):
    """A noun phrase as indices of words: its range, first and last noun, and the start of its
    genitive.
    """

    start: int
    end: int
    first: int
    head: int
    determiner: str
    genitive: int | None = None

    @property
    def is_name(self) -> bool:
        """Whether it consists of several nouns without a determiner."""
        return not self.determiner and self.first == self.start < self.head

    @property
    def is_run(self) -> bool:
        """Whether it contains several nouns in a row."""
        return self.first < self.head


class SentenceWords:
    """The word classes of a language. ``triggers`` are beside a source: laut, zufolge, so."""

    def __init__(
        self, grammar: VerbSecondGrammar, speakers: SpeakerWords, verbs: Iterable[Verb]
    ) -> None:
        self.grammar = grammar
        self.determiners = grammar.determiners | grammar.oblique
        no_nouns = self.determiners | grammar.pronouns | grammar.prepositions | grammar.no_nouns
        self.openers = no_nouns - _POLITE
        self._no_capitals = no_nouns | grammar.adjectives
        closed = grammar.auxiliaries | grammar.modals | grammar.passives | grammar.pronouns
        closed |= grammar.joins | self.determiners
        focus = grammar.between | grammar.focus | grammar.subordinators
        self.function_words = no_nouns | focus | closed
        plurals = grammar.plurals | {"andere", "weitere"}
        # die beiden Minister
        self.closed = (
            closed
            - grammar.joins
            - {word for word in self.determiners if word.removesuffix("n") in plurals}
        )
        self.particles = (
            speakers.name_particles - self.determiners - grammar.prepositions - grammar.joins
        ) | {"zu", "&"}
        self.attaching = (grammar.attaching, grammar.attaching | grammar.prepositions)
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
        self.circumstances = grammar.subordinators - grammar.openers
        self.finite = grammar.auxiliaries | grammar.passives | grammar.modals
        self.reporting = self.finite | grammar.subjunctives
        self.limits = grammar.joins | grammar.nobody | grammar.openers
        sources = {verb.form for verb in verbs if verb.pattern == "according"}
        self.triggers = {"nach", "aus"} | sources | grammar.impersonal
        self._lengths = sorted({len(ending) for ending in self._endings}, reverse=True)

    def kind(self, lower: str) -> str | None:
        """Return the kind of a noun: empty if it never speaks, None if unknown."""
        for word in (lower, *map(lower.removesuffix, ("s", "n", "es"))):
            if word in self._kinds:
                return self._kinds[word]
        tails = (lower[-length:] for length in self._lengths if length < len(lower))
        return next((self._endings[tail] for tail in tails if tail in self._endings), None)

    def is_thing(self, lower: str) -> bool:
        """Return whether a noun is listed as never speaking, or an unlisted abstract noun."""
        kind = self.kind(lower)
        return kind == "" or (kind is None and lower.endswith(self.grammar.abstract_endings))

    def is_noun(self, word: Token) -> bool:
        """Return whether a word is written like a noun."""
        if word.text[0].isupper():
            return word.lower not in self._no_capitals
        is_in_marks = word.text[0] in PAIRS and len(word.text) > 1
        return word.text != QUOTATION and (is_in_marks or bool(_CODE.fullmatch(word.text)))


class Sentence:
    """The words of a sentence, each with the start and end of its part between signs. A capital
    function word also opens a part: it follows a heading without a full stop.
    """

    def __init__(self, tokens: Sequence[Token], lists: SentenceWords) -> None:
        self.lists, self.grammar = lists, lists.grammar
        self.words = words = simplify(tokens)
        self.lowers = lower_texts(words)
        self.known = set(self.lowers)
        self.texts = {*self.lowers[:1], *(word.text for word in words)}
        self.starts, self.ends = [0] * len(words), [len(words)] * len(words)
        start = end = 0
        for place, word in enumerate(words):
            is_break = word.text in BREAKS
            if is_break or (
                place > start and word.lower in lists.openers and word.text[0].isupper()
            ):
                self.ends[end:place] = [place] * (place - end)
                start, end = place + is_break, place
            self.starts[place] = self.starts[place - 1] if is_break else start
        is_closed = self.lower(len(words) - 1) in {".", "!", "?"}
        self.ends[end:] = [len(words) - is_closed] * (len(words) - end)

    def lower(self, place: int) -> str:
        """Return a word in lower case; empty outside the sentence."""
        return self.lowers[place] if 0 <= place < len(self.lowers) else ""

    def part(self, low: int, high: int) -> list[str]:
        """Return the words of the parts with two words, at most ``FARTHEST`` around them."""
        return self.lowers[
            max(self.starts[low], low - FARTHEST) : min(self.ends[high], high + FARTHEST)
        ]

    def is_noun(self, place: int) -> bool:
        """Return whether a word is written like a noun."""
        return place < len(self.words) and self.lists.is_noun(self.words[place])

    def kind(self, place: int) -> str | None:
        """Return the kind of a noun."""
        return self.lists.kind(self.lowers[place])

    def read(self, start: int, end: int, *, is_wide: bool = False, depth: int = 0) -> Phrase | None:
        """Return the noun phrase at a place, or None. A wide phrase includes all prepositional
        attributes.
        """
        end = min(end, start + FARTHEST)
        if start >= end:
            return None
        word = self.words[start]
        if word.lower in self.grammar.pronouns:
            # the polite Sie
            is_polite = word.text[0].isupper() and self.lower(start - 1) not in NO_WORDS
            return None if is_polite else Phrase(start, start + 1, start, start, "")
        if start == 0 and word.text == "Von" and self._opens_name(1):
            return self.read_von(0, end)
        phrase = self._read_core(start, end)
        if phrase is None or depth == _DEEPEST:
            return phrase
        return self._attach(phrase, end, is_wide=is_wide, depth=depth)

    def _opens_name(self, place: int) -> bool:
        return self.is_noun(place) or self.lower(place) in self.grammar.definite

    def _read_core(self, start: int, end: int) -> Phrase | None:
        determiner = self.lowers[start] if self.lowers[start] in self.lists.determiners else ""
        first = self._skip_adjectives(start + bool(determiner), end, bool(determiner))
        head, after = self._read_nouns(first, end)
        if head is None:
            # dieser; einige der Minister
            is_alone = determiner in self.grammar.standing
            return Phrase(start, start + 1, start, start, determiner) if is_alone else None
        if (
            determiner
            and not self.lowers[head].endswith("s")
            and self.kind(first) == "collective"
            # die Schweizer Delegation, but sagten die Fischer | Minister Muster
            and not (self.lowers[first].endswith("er") and self.kind(head) is not None)
        ):
            head, after = first, first + 1
        return Phrase(start, after, first, head, determiner)

    def read_von(self, start: int, end: int) -> Phrase | None:
        """Return a name that "von" opens: Von der Muster."""
        name = self.read(start + 1, end, depth=_DEEPEST)
        is_closed = name and (name.end == end or self.lower(name.end) in self.grammar.prepositions)
        return name._replace(start=start, first=start) if name and is_closed else None

    def _skip_adjectives(self, place: int, end: int, has_determiner: bool) -> int:
        for _ in range(6):
            if place >= end or self.is_noun(place):
                break
            behind = place + 1
            if has_determiner and self.lowers[place] in self.grammar.prepositions:
                # der für Bildung zuständige Minister
                inner = self.read(behind, min(end, place + 8), depth=_DEEPEST)
                behind = inner.end if inner else end
                text = self.words[behind].text if behind < end else ""
                is_skipped = bool(_ADJECTIVE.fullmatch(text))
            else:
                is_skipped = self._is_adjective(self.words[place], has_determiner)
            if not is_skipped:
                break
            place = behind
        return place

    def _is_adjective(self, word: Token, has_determiner: bool) -> bool:
        if has_determiner:
            return word.lower not in self.lists.closed and word.text[0].isalnum()
        is_open = word.lower not in self.lists.function_words
        return is_open and bool(_ADJECTIVE.fullmatch(word.text))

    def _read_nouns(self, place: int, end: int) -> tuple[int | None, int]:
        head = None
        while place < end:
            if self.is_noun(place):
                head = place
            elif head is None or not self._continues_name(place, end):
                break
            place += 1
        return head, place

    def _continues_name(self, place: int, end: int) -> bool:
        """Return whether a word that is no noun belongs to the name before: Karl IV., J. Muster."""
        word = self.words[place]
        if word.lower in self.lists.particles:
            return place + 1 < end and self.is_noun(place + 1)
        is_stop = word.text == "." and _SHORT.fullmatch(self.words[place - 1].text)
        return bool(is_stop or _ROMAN.fullmatch(word.text))

    def _attach(self, phrase: Phrase, end: int, *, is_wide: bool, depth: int) -> Phrase:
        genitive, place = None, phrase.end
        is_common = self._takes_genitive(phrase, is_wide)
        while place < end:
            is_genitive = is_common and self.lowers[place] in self.grammar.genitives
            if not is_genitive and not self._opens_attribute(place, genitive, is_wide, depth):
                break
            nested = self.read(place + (not is_genitive), end, is_wide=is_wide, depth=depth + 1)
            if nested is None:
                break
            if is_genitive or self.lowers[place] in self.grammar.agents:
                genitive = genitive or nested.start
            place = nested.end
        return phrase._replace(end=place, genitive=genitive)

    def _opens_attribute(self, place: int, genitive: int | None, is_wide: bool, depth: int) -> bool:
        """Return whether a word is a preposition of an attribute, or joins nouns of one, or
        genitives: Vertreter der Stadt und der Gemeinde.
        """
        if self.lowers[place] not in self.grammar.joins:
            return self.lowers[place] in self.lists.attaching[is_wide]
        is_genitive = genitive and self.lower(place + 1) in self.grammar.genitives
        return bool(is_genitive or (depth > 0 and self.is_noun(place + 1)))

    def _takes_genitive(self, phrase: Phrase, is_wide: bool) -> bool:
        head = self.words[phrase.head]
        if is_wide or (phrase.determiner and not phrase.is_run and head.text[0] not in PAIRS):
            return True
        return head.lower in self.grammar.report_nouns or self.kind(phrase.head) is not None

    def name_end(self, phrase: Phrase) -> int:
        """Return the end of a phrase, or of the name in "Anna Muster vom Hafenamt"."""
        run = self.lowers[phrase.first : phrase.head + 1]
        names = [word for word in run if self.lists.kind(word) is None]
        is_name = not phrase.determiner and len(names) > 1 and names[-1] == run[-1]
        return phrase.head + 1 if is_name else phrase.end

    def speaks(self, phrase: Phrase, *, is_plural: bool = False) -> int:
        """Return CANNOT, MAY or CAN speak."""
        head, lists = self.lowers[phrase.head], self.lists
        kind = lists.kind(head)
        if head in self.grammar.standing:
            return MAY
        if phrase.is_run and phrase.determiner and lists.is_thing(self.lowers[phrase.first]):
            return CANNOT  # die Äußerungen Musters
        if kind or head in self.grammar.pronouns or head[0] in PAIRS:
            return CAN
        return CANNOT if kind == "" else self._unlisted_speaks(phrase, head, is_plural)

    def _unlisted_speaks(self, phrase: Phrase, head: str, is_plural: bool) -> int:
        if phrase.head == 0:  # the capital letter may only open the sentence
            return CANNOT if head.endswith(self.grammar.adverb_endings) else MAY
        if phrase.is_run:
            return CAN
        if self.lists.is_thing(head):
            return CANNOT
        if 1 < len(head) < 7 and self.words[phrase.head].text.isupper():
            return CAN
        return MAY if phrase.determiner or is_plural else CAN

    def is_subject(self, phrase: Phrase, *, is_plural: bool, is_joined: bool) -> bool:
        """Return whether the form of a phrase allows a subject of the verb."""
        determiner, start = phrase.determiner, self.words[phrase.start]
        is_many = is_plural and not is_joined
        if self._is_oblique(phrase, is_many):
            return False
        if not determiner and phrase.first > phrase.start and start.lower.endswith(("en", "em")):
            return start.text[0].isupper()
        if is_many:
            return determiner not in _SINGULAR
        return is_plural or not (determiner in self.grammar.plurals or start.text.isdigit())

    def _is_oblique(self, phrase: Phrase, is_many: bool) -> bool:
        if phrase.determiner != self.grammar.ambiguous:
            return phrase.determiner in self.grammar.oblique
        is_feminine = self.lowers[phrase.first].endswith(self.grammar.feminine_endings)
        return is_many or is_feminine or self.kind(phrase.head) == "collective"
