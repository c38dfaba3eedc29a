"""The noun phrases of a sentence of a language with the finite verb in second place: their extent
and case, and whether they can speak.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tidings.annotation.tokens import Token, lower_texts
from tidings.annotation.verb_second_words import BREAKS, PAIRS, SentenceWords, simplify
from tidings.base.languages.words import given_names

FARTHEST = 45  # most words between the parts of a clause
_DEEPEST = 4  # attributes within attributes
CANNOT, MAY, CAN = 0, 1, 2
"""A phrase cannot speak; is unknown; is a person, body, role, collective or pronoun."""

_ROMAN = re.compile(r"[IVX]+|\d{1,3}")
_MAX_NAME = 7  # letters of a surname that ends like a thing: Hartung
_LISTING = re.compile(r"nf(?:n,)+n(?=un)")
_THINGS = ("ung", "ungen", "heit", "heiten", "keit", "keiten")
_YEAR = re.compile(r"\d{4}(?:/\d{2,4})?")
_ADJECTIVE = re.compile(r"[^\W\d_][\w-]*(?:e|er|es|en|em)|\d+|rund|etwa|knapp")


class Phrase(NamedTuple):
    """A noun phrase: its range, first and last noun, and the start of its genitive."""

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
    def is_bare(self) -> bool:
        """Whether it consists of one noun, with which a common noun would have a determiner."""
        return not self.determiner and self.start == self.first == self.head

    @property
    def is_run(self) -> bool:
        """Whether it contains several nouns in a row."""
        return self.first < self.head


class Phrases:
    """The words of a sentence, each with the start and end of its part between signs; the commas of
    ``listed`` are in a name. A capital function word also opens a part: it follows a heading
    without a full stop.
    """

    def __init__(self, tokens: Sequence[Token], lists: SentenceWords) -> None:
        self.lists, self.grammar = lists, lists.grammar
        self.words = words = simplify(tokens)
        self.lowers = lower_texts(words)
        self.texts = {*self.lowers[:1], *(word.text for word in words)}
        self.starts, self.ends = [0] * len(words), [len(words)] * len(words)
        self.listed = self._find_listed() if "," in self.texts else ()
        start = end = 0
        for place, word in enumerate(words):
            is_break = word.text in BREAKS and place not in self.listed
            if is_break or (
                place > start and word.lower in lists.openers and word.text[0].isupper()
            ):
                self.ends[end:place] = [place] * (place - end)
                start, end = place + is_break, place
            self.starts[place] = self.starts[place - 1] if is_break else start
        is_closed = self.lower(len(words) - 1) in {".", "!", "?"}
        self.ends[end:] = [len(words) - is_closed] * (len(words) - end)

    def _find_listed(self) -> set[int]:
        """Return the commas between nouns behind a noun and "für": Amt für Boote, Fisch und Eis."""
        signs = {",": ",", "für": "f", "und": "u"}
        kinds = [
            signs.get(word.lower, "n" * self.lists.is_noun(word) or " ") for word in self.words
        ]
        spans = (hit.span() for hit in _LISTING.finditer("".join(kinds)))
        return {at for span in spans for at in range(*span) if kinds[at] == ","}

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
        """Return the noun phrase at a place; if wide, with all prepositional attributes."""
        end = min(end, start + FARTHEST)
        if start >= end:
            return None
        word = self.words[start]
        if word.text == "Sie" != self.words[0].text:
            return None  # the reader who is addressed
        if word.lower in self.grammar.pronouns:
            return Phrase(start, start + 1, start, start, "")
        is_name = self.is_noun(1) or self.lower(1) in self.grammar.definite
        if start == 0 and word.text == "Von" and is_name:
            return self.read_von(0, end)
        phrase = self._read_core(start, end)
        if phrase is None or depth == _DEEPEST:
            return phrase
        return self._attach(phrase, end, is_wide=is_wide, depth=depth)

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
            and not self._is_attributive(first, head, determiner)
        ):
            head, after = first, first + 1
        return Phrase(start, after, first, head, determiner)

    def _is_attributive(self, first: int, head: int, determiner: str) -> bool:
        """Return whether a group is the attribute of a noun: der Schweizer Minister Muster."""
        noun = head if determiner == "die" else min(first + 1, head)
        kind, lower = self.kind(noun), self.lowers[first]
        is_group = kind == "collective" and not lower.endswith("er")  # die Vereine | Fischer
        return lower.endswith(("er", "en")) and kind is not None and not is_group

    def read_von(self, start: int, end: int) -> Phrase | None:
        """Return a name that "von" opens: Von der Muster."""
        name = self.read(start + 1, end, depth=_DEEPEST)
        is_name = name and self.kind(name.head) is None
        return name._replace(start=start, first=start) if name and is_name else None

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
            if self.is_noun(place) and not (head is not None and self._is_apart(head, place)):
                head = place
            elif head is None or not self._continues_name(place):
                break
            place += 1
        return head, place

    def _is_apart(self, head: int, place: int) -> bool:
        """Return whether a noun does not belong to the one before: a term in marks (Fachleute
        „Möwe“ nennen), a noun behind a name in marks, or a thing behind a person's name (warf Anna
        Muster | Verzögerung vor) or a document (stellt der Bericht | Bedarf fest).
        """
        lower, before = self.lowers[place], self.lowers[head]
        if lower[0] in PAIRS:
            return self.kind(head) in {"", "collective"}
        is_thing = len(lower) > _MAX_NAME and lower.endswith(_THINGS)
        is_name = head > 1 and self.is_noun(head - 1) and before not in given_names()
        is_person = is_name and self.kind(head) is None is self.kind(head - 1)
        is_document = before in self.grammar.documents and self.kind(place) == ""
        return before[0] in PAIRS or is_document or (is_person and is_thing)

    def _continues_name(self, place: int) -> bool:
        """Return whether a word that is no noun belongs to the name before: Kanal 10."""
        word, before = self.words[place], self.lowers[place - 1]
        if word.lower in self.lists.particles:
            is_other = word.lower == "zu" and self.kind(place - 1) is not None
            return self.is_noun(place + 1) and not is_other
        if _YEAR.fullmatch(word.text):  # der Jahresbericht 2022 des Amtes
            is_document = before.endswith(tuple(self.grammar.documents))
            is_behind = place + 1 < len(self.words) and self._opens_genitive(place + 1)
            return is_document and is_behind
        return bool(_ROMAN.fullmatch(word.text)) and not self.is_noun(place + 1)

    def _attach(self, phrase: Phrase, end: int, *, is_wide: bool, depth: int) -> Phrase:
        genitive, place = None, phrase.end
        is_common = self._takes_genitive(phrase, is_wide)
        while place < end:
            is_genitive = is_common and self._opens_genitive(place)
            if not is_genitive and not self._opens_attribute(place, genitive, is_wide, depth):
                break
            nested = self.read(place + (not is_genitive), end, is_wide=is_wide, depth=depth + 1)
            if nested is None:
                break
            if is_genitive or self.lowers[place] in self.grammar.agents:
                genitive = genitive or nested.start
            place = nested.end
        return phrase._replace(end=place, genitive=genitive)

    def _opens_genitive(self, place: int) -> bool:
        """Return whether a determiner or an adjective opens a genitive: Angaben erster Zeugen."""
        lower, behind = self.lowers[place], self.lower(place + 1)
        if lower == self.grammar.ambiguous and behind.endswith("e") and not self.is_noun(place + 1):
            return False  # Angaben der Polizei | der ganze Hafen
        is_bare = lower not in self.lists.function_words and self.words[place].text.islower()
        return (is_bare and lower.endswith("er")) or lower in self.grammar.genitives

    def _opens_attribute(self, place: int, genitive: int | None, is_wide: bool, depth: int) -> bool:
        """Return whether a word is a preposition of an attribute, or joins nouns of one, or
        genitives: Vertreter der Stadt und der Gemeinde.
        """
        if self.lowers[place] not in self.grammar.joins and place not in self.listed:
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
        # warb Muster für …
        is_attached = phrase.is_bare and self.lower(phrase.head + 1) == "für"
        if len(names) > (not is_attached):
            return phrase.head + 1
        for place in range(phrase.head + 1, phrase.end):  # die Polizei vom Dienstag, von Ende Mai
            is_of = self.lowers[place] in {"von", "vom"}
            nested = self.read(place + 1, phrase.end) if is_of else None
            if nested and self.kind(nested.head) == "":
                return place
        return phrase.end

    def speaks(self, phrase: Phrase, *, is_plural: bool = False) -> int:
        """Return CANNOT, MAY or CAN speak."""
        head, lists = self.lowers[phrase.head], self.lists
        kind = lists.kind(head)
        if head in self.grammar.standing:
            return MAY
        if self._is_thing_of(phrase):
            return CANNOT
        if kind or head in self.grammar.pronouns or head[0] in PAIRS:
            return CAN
        if kind is None:
            return self._unlisted_speaks(phrase, head, is_plural)
        is_name = not is_plural and self._is_bare_name(phrase, head)
        return MAY if is_name else CANNOT

    def _is_thing_of(self, phrase: Phrase) -> bool:
        """Return whether a name follows a thing: die Äußerungen Musters."""
        is_common = phrase.is_run and (phrase.determiner or phrase.first > phrase.start)
        return bool(is_common) and self.lists.is_thing(self.lowers[phrase.first])

    def _is_bare_name(self, phrase: Phrase, head: str) -> bool:
        """Return whether a noun like a thing may be a name: laut Automobilwoche."""
        return phrase.is_bare and phrase.head > 0 and head not in self.lists.things

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

    def is_subject(self, phrase: Phrase) -> bool:
        """Return whether the form of a phrase allows a subject."""
        if phrase.determiner == self.grammar.ambiguous:
            is_feminine = self.lowers[phrase.first].endswith(self.grammar.feminine_endings)
            return not is_feminine and self.kind(phrase.head) != "collective"
        if phrase.determiner or phrase.first == phrase.start:
            return phrase.determiner not in self.grammar.oblique
        start = self.words[phrase.start]
        return start.text[0].isupper() or not start.lower.endswith(("en", "em"))
