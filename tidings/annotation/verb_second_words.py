"""The words of a sentence of a language with the finite verb in second place. A quotation is one
word; lists state which words are nouns, and of which kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from tidings.annotation.languages.statements import Verb
from tidings.annotation.tokens import Token, find_closing, longest_ending, lower_texts, text_of
from tidings.base.languages.word_lists import SpeakerWords, VerbSecondGrammar

QUOTATION = "“”"  # the word that replaces a quotation
TERM = "„“"  # the one that replaces a few words within a clause: als „falsch“ bezeichnet
BREAKS = frozenset((",", ";", ":", "-", "–", "—", QUOTATION))  # end a part of a sentence
NO_WORDS = BREAKS | {""}  # also the text outside a sentence
# opening marks with their closing marks
PAIRS = dict(zip('„“»«"‚›‹([', ('“”"', "”", "«", "»", '"', "‘’", "‹", "›", ")", "]"), strict=True))
_POLITE = frozenset(("sie", "ihr", "ihre", "ihrer", "ihnen"))  # also capital within a sentence
_NAME_IN_MARKS = 5  # longest title in quotation marks, in words, that counts as a noun
# 39-Jährige, Bündnis 90/Die Grünen, n24, n-tv, al-Dschasira, news.ch
_CODE = re.compile(
    r"\d+[-/]?[A-ZÄÖÜ][\w-]*|[a-z]{1,4}\d+|[a-z]{1,3}-[A-Za-z]\w*|(?:al|el|ar|as)-[A-Z][\w-]+|[a-z][\w-]+\.(?:de|ch|at|com|org|net)"
)


def simplify(tokens: Sequence[Token]) -> list[Token]:
    """Return the words of a sentence; a quotation is one."""
    words: list[Token] = []
    closing = find_closing(tokens, PAIRS)
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
            kept = words[-1] if last == place else tokens[last]
            end = max(kept.end, tokens[last].end)
            words[-1] = kept._replace(start=words[-1].start, end=end)
        place = last + 1
    return words


def _read_quotation(tokens: Sequence[Token], place: int, last: int) -> tuple[int, str]:
    """Return the last token and the text of the word that replaces words between marks."""
    inner = tokens[place + 1 : last]
    if not 0 < len(inner) <= _NAME_IN_MARKS or inner[-1].text in {",", ".", "!", "?"}:
        return last, QUOTATION
    if not inner[0].text[0].isupper():
        return last, TERM
    following = tokens[last + 1 : last + 2]
    if following and following[0].text == "-":
        last = min(last + 2, len(tokens) - 1)  # „Bild“-Zeitung
    return last, text_of(tokens[place : last + 1])


def _continued_to(tokens: Sequence[Token], place: int) -> int | None:
    """Return the last token of a sign within a word: Boots-, 10:05, 5,3, Stimm- und Wahlrecht."""
    sign, before = tokens[place], tokens[place - 1]
    if before.end != sign.start:
        return None
    if sign.text == "-":
        joined = tokens[place + 1 : place + 3]
        is_noun = lower_texts(joined[:1]) in (["und"], ["oder"]) and joined[-1].text[0].isupper()
        return place + 2 * is_noun
    behind = [token for token in tokens[place + 1 : place + 2] if token.start == sign.end]
    is_number = before.text[-1].isdigit() and any(token.text[0].isdigit() for token in behind)
    return place + 1 if sign.text in {":", ","} and is_number else None


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
        self.finite = grammar.auxiliaries | grammar.passives | grammar.modals
        closed = self.finite | grammar.pronouns | self.determiners
        focus = grammar.between | grammar.focus | grammar.subordinators
        self.function_words = no_nouns | focus | closed | grammar.joins
        plurals = grammar.plurals | {"andere", "weitere"}
        # die beiden Minister
        self.closed = closed - {
            word for word in self.determiners if word.removesuffix("n") in plurals
        }
        self.particles = (
            speakers.name_particles - self.determiners - grammar.prepositions - grammar.joins
        ) | {"zu", "&"}
        self.attaching = (grammar.attaching, grammar.attaching | grammar.prepositions)
        self._kinds = speakers.kinds | dict.fromkeys(speakers.not_speakers, "")
        self.things = speakers.not_speakers
        self._endings = {
            word: "" for word in speakers.not_speakers if len(word) > 3
        } | speakers.endings
        self.circumstances = grammar.subordinators - grammar.openers
        self.reporting = self.finite | grammar.subjunctives
        self.limits = grammar.joins | grammar.nobody | grammar.openers
        sources = {verb.form for verb in verbs if verb.pattern == "according"}
        self.triggers = {"nach", "aus"} | sources | grammar.impersonal

    def kind(self, lower: str) -> str | None:
        """Return the kind of a noun: empty if it never speaks, None if unknown."""
        words = (lower, *map(lower.removesuffix, ("s", "n", "es")))
        kinds = map(self._kinds.get, words)
        endings = (self._endings.get(longest_ending(word, self._endings)) for word in words)
        return next((kind for kind in chain(kinds, endings) if kind is not None), None)

    def is_thing(self, lower: str) -> bool:
        """Return whether a noun is listed as never speaking, or an unlisted abstract noun."""
        kind = self.kind(lower)
        return kind == "" or (kind is None and lower.endswith(self.grammar.abstract_endings))

    def is_noun(self, word: Token) -> bool:
        """Return whether a word is written like a noun."""
        if word.text[0].isupper():
            return word.lower not in self._no_capitals
        is_in_marks = word.text[0] in PAIRS and len(word.text) > 1
        return word.text not in {QUOTATION, TERM} and (
            is_in_marks or bool(_CODE.fullmatch(word.text))
        )
