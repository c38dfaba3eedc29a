"""Prepare the phrases of the word list, spell them out, and check the conditions of a match."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from typing import NamedTuple

from tidings.annotation.folding import Folded, fold_by_definition, locate
from tidings.annotation.languages import language
from tidings.base.languages import WITHOUT_SPACES, is_known, primary_language
from tidings.base.languages.patterns import UserPattern, compile_pattern

EXCLUDE_WINDOW = 100
"""Characters beside a hit in which ``exclude_regex`` is searched without a window."""

MAX_VARIANTS = 16  # spellings of a phrase: more than any in the word lists has
_NEVER = 1 << 30


@dataclass(frozen=True, slots=True)
class Phrase:
    """A row of ``ref.theme_phrases``. None means no condition. Role ``exclude`` removes the theme's
    hits within the phrase.

    ``salience`` marks a general word, which counts only in an article about its theme: see
    ``Matcher.match_article``.
    """

    phrase_id: str
    theme_id: str
    language: str
    phrase: str
    match_type: str = "phrase"
    role: str = "include"
    requires_any: str | None = None
    window_chars: int | None = None
    exclude_regex: str | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    salience: str | None = None

    def is_valid_on(self, day: dt.date | None) -> bool:
        """Return whether the phrase is valid on a day. An unknown day always counts."""
        first, last = self.valid_from or dt.date.min, self.valid_to or dt.date.max
        return day is None or first <= day <= last


class Rule(NamedTuple):
    """A phrase with the checks that its matches must pass."""

    phrase: Phrase
    left: int  # spaces before the phrase in its spelling
    right: int  # spaces after it
    is_plain: bool  # no further checks
    is_open: bool  # a prefix: its hit extends to the end of the word
    is_spaced: bool
    symbol: str  # a final symbol, such as the plus in 人工智能+, which folding replaces by a space
    required: re.Pattern[str] | None
    excluded: UserPattern | None
    # occurrences in the body that a general word needs without its theme in the title; 0: a phrase;
    # -1: an exclusion
    least: int


def prepare(phrase: Phrase) -> list[Rule]:
    """Return a phrase's rule; for a general word also the rule near its required words."""
    is_spaced = (
        phrase.match_type != "substring" and primary_language(phrase.language) not in WITHOUT_SPACES
    )
    is_open = is_spaced and phrase.match_type == "prefix"
    required = _any_word(phrase.requires_any, is_spaced=is_spaced) if phrase.requires_any else None
    excluded = (
        compile_pattern(phrase.exclude_regex, ignores_case=True) if phrase.exclude_regex else None
    )
    has_latin_edge, symbol = (False, "") if is_spaced else _read_edges(phrase.phrase.strip())
    is_limited = any(
        (excluded, phrase.valid_from, phrase.valid_to, symbol, is_open, has_latin_edge)
    )
    least = _required_count(phrase)
    conditions = [(least, required)]
    if least > 0:
        conditions = [(0, required)] * (required is not None) + [(least, None)]
    return [
        Rule(
            phrase=phrase,
            left=int(is_spaced),
            right=int(is_spaced and not is_open),
            is_plain=words is None and not is_limited,
            is_open=is_open,
            is_spaced=is_spaced,
            symbol=symbol,
            required=words,
            excluded=excluded,
            least=count,
        )
        for count, words in conditions
    ]


def spell_out(phrase: str, tag: str, match_type: str) -> list[str]:
    """Return the folded spellings of a phrase, its own first; ``inflected`` adds inflections of the
    last word. ``tag`` is a BCP 47 tag.
    """
    words = fold_by_definition(phrase.strip().removesuffix("*").strip()).split(" ")
    most = MAX_VARIANTS
    choices = [[word] for word in words]
    if is_known(tag):
        known = language(tag)
        choices = [*map(known.spellings, words)]
        if match_type == "inflected":
            choices[-1] = list(
                dict.fromkeys(
                    form for word in choices[-1] for form in [word, *known.inflections(word)]
                )
            )
            most *= 8
    combined = map(" ".join, product(*choices))
    return list(islice(dict.fromkeys(combined), most))


def _read_edges(phrase: str) -> tuple[bool, str]:
    """Return whether a phrase has a Latin edge, as 5G网络, and its final symbol."""
    edges = fold_by_definition(phrase)
    written = unicodedata.normalize("NFKC", phrase)[-1:] or " "
    symbol = written if unicodedata.category(written)[0] == "S" else ""
    return any(map(str.isascii, {*edges[:1], *edges[-1:]})), symbol


def _required_count(phrase: Phrase) -> int:
    if phrase.role == "exclude":
        return -1
    return _NEVER if phrase.salience == "title" else int(phrase.salience or 0)


def _any_word(words: str, *, is_spaced: bool) -> re.Pattern[str]:
    """Return the pattern of words separated by ``|``; a trailing ``*`` allows any ending."""
    parts = []
    # Put the shortest word first, because it ends first if several words begin at one place.
    for word in sorted(filter(None, (part.strip() for part in words.split("|"))), key=len):
        stem = re.escape(fold_by_definition(word.removesuffix("*")))
        parts.append(
            stem if not is_spaced else rf"\b{stem}" if word.endswith("*") else rf"\b{stem}\b"
        )
    return re.compile("|".join(parts))


class Check:
    """Checks the conditions of phrases in one text."""

    def __init__(self, text: str, folded: Folded, on: dt.date | None) -> None:
        self._text, self._folded, self._on = text, folded, on
        # the first end and the last start of required words
        self._required: dict[re.Pattern[str], tuple[int, int]] = {}

    @cached_property
    def _words(self) -> str:
        return self._folded.text

    def end_of(self, rule: Rule, start: int, end: int) -> int:
        """Return the end of a match in the folded text, or -1 if it does not satisfy its rule."""
        words, phrase = self._words, rule.phrase
        if not phrase.is_valid_on(self._on) or not self._has_bounds(rule, start, end):
            return -1
        if rule.required and not self._has_required(rule.required, phrase, start, end):
            return -1
        reach = EXCLUDE_WINDOW if phrase.window_chars is None else phrase.window_chars
        if rule.excluded and rule.excluded.occurs_in(words[max(0, start - reach) : end + reach]):
            return -1
        return words.find(" ", end) % len(words) if rule.is_open else end

    def _has_bounds(self, rule: Rule, start: int, end: int) -> bool:
        """Return whether no Latin word or number continues outside, and a final symbol follows:
        人工智能+.
        """
        edges = () if rule.is_spaced else ((start - 1, start + 1), (end - 1, end + 1))
        pairs = (self._words[first:last] for first, last in edges)
        if any(pair.isascii() and pair.isalnum() and pair[1:] for pair in pairs):
            return False
        if not rule.symbol:
            return True
        # the folded text begins with an additional space
        last = locate(self._folded, start, end)[1] - 1
        return unicodedata.normalize("NFKC", self._text[last - 1 : last]) == rule.symbol

    def _has_required(
        self, required: re.Pattern[str], phrase: Phrase, start: int, end: int
    ) -> bool:
        window = phrase.window_chars
        if window is None:
            if required not in self._required:
                found = re.finditer(f"(?=({required.pattern}))", self._words)
                spans = [hit.span(1) for hit in found]
                first_end = min((last for _, last in spans), default=len(self._words) + 1)
                self._required[required] = first_end, max(spans, default=(-1, 0))[0]
            first_end, last_start = self._required[required]
            return first_end <= start or last_start >= end
        near = self._words[max(0, start - window) : start], self._words[end : end + window]
        return any(map(required.search, near))
