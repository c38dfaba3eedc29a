"""Find a word list's phrases in a text: one hit a place, the longest phrase, offsets into the text as stored.

Aho-Corasick over folded text (``folding.py``) finds every candidate in one pass; what remains is decided a candidate at a time:
word boundaries, validity, company within a window, exclusions, and last which of the overlapping ones stays.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import ahocorasick_rs

from transforms.folding import Folded, align, fold, fold_plainly, locate
from transforms.variants import spell_out

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

MATCHING_VERSION = "1"
"""Raise it when the same phrases would find something else: every text is then matched again."""

WITHOUT_SPACES = frozenset({"zh", "ja", "th", "lo", "km", "my", "yue", "wuu"})
"""Languages whose writing does not part words: their phrases are found anywhere."""

EXCLUDE_WINDOW = 100
"""Characters on each side of a hit in which ``exclude_regex`` is looked for where the phrase names no window."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A row of ``ref.theme_phrases``; None means no such condition. ``exclude`` swallows the theme's hits that it covers."""

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


class Hit(NamedTuple):
    """A phrase at one place: 0-based character offsets into the text as given, end exclusive."""

    phrase_id: str
    theme_id: str
    start: int
    end: int


class _Rule(NamedTuple):
    """A phrase made ready: what a candidate of it still has to pass."""

    phrase: Phrase
    left: str  # which neighbour is refused: word, latin or nothing
    right: str
    is_plain: bool  # nothing but boundaries to check
    company: re.Pattern[str] | None
    refused: re.Pattern[str] | None


class Matcher:
    """Phrases made ready for matching, an automaton a language."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        by_language: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in phrases:
            by_language[primary_language(phrase.language)].append(phrase)
        self._by_language = {language: _Automaton(language, rows) for language, rows in by_language.items()}

    @property
    def languages(self) -> frozenset[str]:
        """The primary language subtags that have phrases."""
        return frozenset(self._by_language)

    @cached_property
    def _every(self) -> _Automaton:
        return _Automaton(None, [phrase for automaton in self._by_language.values() for phrase in automaton.phrases])

    def match(self, text: str, language: str | None, on: dt.date | None) -> list[Hit]:
        """Return the hits in a text, in order.

        ``language`` is the text's, as BCP 47: only phrases of the same primary language apply. None means unknown, so that
        every phrase applies. ``on`` is the day of publication, against which validity is held; None: validity is not asked.
        """
        automaton = self._every if language is None else self._by_language.get(primary_language(language))
        return automaton.match(text, on) if automaton is not None and text else []

    def holds_any(self, text: str, language: str | None) -> bool:
        """Return whether a text may hold any of the phrases: their letters stand in it, whatever else they ask for."""
        automaton = self._every if language is None else self._by_language.get(primary_language(language))
        return automaton is not None and bool(text) and automaton.holds_any(text)


class _Automaton:
    """The phrases of one language; ``language`` None: of all."""

    def __init__(self, language: str | None, phrases: Sequence[Phrase]) -> None:
        self.language = language
        self.phrases = phrases
        rules: dict[str, list[_Rule]] = defaultdict(list)
        for phrase in sorted(phrases, key=lambda row: row.phrase_id):
            rule = _prepare(phrase)
            for spelling in spell_out(phrase.phrase, primary_language(phrase.language), phrase.match_type):
                if spelling:
                    rules[spelling].append(rule)
        self._rules = list(rules.values())
        self._spellings = list(rules)
        self._search = ahocorasick_rs.AhoCorasick(self._spellings).find_matches_as_indexes

    def match(self, text: str, on: dt.date | None) -> list[Hit]:
        folded = fold(text)
        found = self._search(folded.text, overlapping=True)
        if not found:
            return []
        if folded.breaks is None and not text.isascii() and self._runs_apart(text, found):
            folded = align(text)
        kept = [
            (start, end if rule.phrase.match_type != "prefix" else _word_end(folded.text, end), rule.phrase)
            for index, start, end in found
            for rule in self._rules[index]
            if _stands(rule, folded.text, start, end, on)
        ]
        if not kept:
            return []
        return _to_hits(folded, _longest(kept))

    def holds_any(self, text: str) -> bool:
        return bool(self._search(fold(text).text))

    def _runs_apart(self, text: str, found: list[tuple[int, int, int]]) -> bool:
        """Return whether a text of unchanged length yet folded unevenly: one character grew where two others melted."""
        return any(fold_plainly(text[start:end]) != self._spellings[index] for index, start, end in found)


def primary_language(tag: str) -> str:
    """Return the primary subtag of a BCP 47 tag: ``zh`` of ``zh-Hans-CN``."""
    return re.split("[-_]", tag, maxsplit=1)[0].lower()


def _prepare(phrase: Phrase) -> _Rule:
    spaced = phrase.match_type != "substring" and primary_language(phrase.language) not in WITHOUT_SPACES
    # A formulation such as 5G网络 stands anywhere, but not in the middle of a longer Latin word or number.
    edge = "word" if spaced else "latin"
    company = _company(phrase.requires_any, spaced=spaced) if phrase.requires_any else None
    refused = re.compile(phrase.exclude_regex, re.IGNORECASE) if phrase.exclude_regex else None
    right = "" if phrase.match_type == "prefix" else edge
    bare = company is None and refused is None and phrase.valid_from is None and phrase.valid_to is None
    return _Rule(phrase, edge, right, bare, company, refused)


def _company(words: str, *, spaced: bool) -> re.Pattern[str]:
    """Return the pattern of the words that must stand near: parted by ``|``, a trailing ``*`` for any ending."""
    parts = []
    for word in filter(None, (part.strip() for part in words.split("|"))):
        stem = re.escape(fold_plainly(word.removesuffix("*")))
        parts.append(stem if not spaced else rf"\b{stem}" if word.endswith("*") else rf"\b{stem}\b")
    return re.compile("|".join(parts))


def _stands(rule: _Rule, text: str, start: int, end: int, on: dt.date | None) -> bool:
    """Return whether a candidate is a hit, whatever overlaps it."""
    if rule.left and start and _joins(text[start - 1], text[start], rule.left):
        return False
    if rule.right and end < len(text) and _joins(text[end], text[end - 1], rule.right):
        return False
    return rule.is_plain or _meets(rule, text, start, end, on)


def _joins(outside: str, inside: str, edge: str) -> bool:
    """Return whether a character just outside a candidate makes it part of a longer word."""
    if edge == "word":
        return outside.isalnum() or outside == "_"
    return outside.isascii() and inside.isascii() and outside.isalnum() and inside.isalnum()


def _meets(rule: _Rule, text: str, start: int, end: int, on: dt.date | None) -> bool:
    """Return whether validity, company and exclusion let a candidate stand; a window left open means the whole text."""
    phrase = rule.phrase
    if on is not None and ((phrase.valid_from and on < phrase.valid_from) or (phrase.valid_to and on > phrase.valid_to)):
        return False
    if rule.company is not None:
        reach = len(text) if phrase.window_chars is None else phrase.window_chars
        before, after = text[max(0, start - reach) : start], text[end : end + reach]
        if not (rule.company.search(before) or rule.company.search(after)):
            return False
    if rule.refused is None:
        return True
    reach = EXCLUDE_WINDOW if phrase.window_chars is None else phrase.window_chars
    return rule.refused.search(text[max(0, start - reach) : end + reach]) is None


def _word_end(text: str, end: int) -> int:
    """Return where the word that a prefix begins ends."""
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return end


def _longest(found: list[tuple[int, int, Phrase]]) -> list[tuple[int, int, Phrase]]:
    """Return the candidates that stay: exclusions swallow what they cover, then the leftmost and of those the longest.

    Several themes may hold the same words: each keeps its hit. A theme that lists them twice keeps the lower phrase id.
    """
    swallowed = [(start, end, phrase.theme_id) for start, end, phrase in found if phrase.role == "exclude"]
    rest = [
        (start, -end, phrase.theme_id, phrase.phrase_id, phrase)
        for start, end, phrase in found
        if phrase.role != "exclude"
        and not any(low <= start and end <= high and theme == phrase.theme_id for low, high, theme in swallowed)
    ]
    if len(rest) > 1:
        rest.sort(key=lambda row: row[:4])
    kept: list[tuple[int, int, Phrase]] = []
    for start, negative_end, theme, _, phrase in rest:
        end = -negative_end
        if kept and start < kept[-1][1]:
            low, high, _ = kept[-1]
            alike = (low, high) == (start, end)
            if not alike or any(row[2].theme_id == theme for row in kept if row[:2] == (start, end)):
                continue
        kept.append((start, end, phrase))
    return kept


def _to_hits(folded: Folded, kept: list[tuple[int, int, Phrase]]) -> list[Hit]:
    if folded.breaks is None:
        return [Hit(phrase.phrase_id, phrase.theme_id, start, end) for start, end, phrase in kept]
    return [Hit(phrase.phrase_id, phrase.theme_id, *locate(folded, start, end)) for start, end, phrase in kept]
