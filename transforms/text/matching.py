"""Find a word list's phrases in a text: one hit a place, the longest phrase, offsets into the text as stored.

Aho-Corasick over folded text (``folding.py``) finds every candidate in one pass; what remains is decided a candidate at a time:
word boundaries, validity, company within a window, exclusions, and last which of the overlapping ones stays.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import ahocorasick_rs

from tidings.languages import WITHOUT_SPACES, primary_language
from tidings.transforms.text.folding import Folded, fold, fold_by_definition, locate
from tidings.transforms.text.variants import spell_out

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Sequence

_FASTEST = ahocorasick_rs.Implementation.DFA  # over bytes of Latin text: a third faster, some 250 bytes a letter of a phrase

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
    """A phrase made ready: how much of the spelling found is a space around it, and what a candidate still has to pass."""

    phrase: Phrase
    left: int  # spaces that the spelling begins with
    right: int
    is_plain: bool  # nothing more to check
    is_open: bool  # a prefix: its hit ends where the word ends
    is_spaced: bool
    sign: str  # a plus or another symbol that the phrase ends with and folding takes for a space: 人工智能+
    company: re.Pattern[str] | None
    refused: re.Pattern[str] | None


# start, minus end, theme, phrase: in the order in which candidates are preferred
_Candidate = tuple[int, int, str, str]


class Matcher:
    """Phrases made ready for matching, an automaton a language."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        by_language: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in phrases:
            by_language[primary_language(phrase.language)].append(phrase)
        self._by_language = {language: _Automaton(rows) for language, rows in by_language.items()}

    @property
    def languages(self) -> frozenset[str]:
        """The primary language subtags that have phrases."""
        return frozenset(self._by_language)

    @cached_property
    def _every(self) -> _Automaton:
        return _Automaton([phrase for automaton in self._by_language.values() for phrase in automaton.phrases])

    def match(self, text: str, language: str | None, on: dt.date | None) -> list[Hit]:
        """Return the hits in a text, in order.

        ``language`` is the text's, as BCP 47: only phrases of the same primary language apply. None means unknown, so that
        every phrase applies. ``on`` is the day of publication, against which validity is held; None: validity is not asked.
        """
        automaton = self._every if language is None else self._by_language.get(primary_language(language))
        return automaton.match(text, on) if automaton is not None and text else []

    def contains_phrase(self, text: str, language: str | None) -> bool:
        """Return whether a text may hold any of the phrases: their letters stand in it, whatever else they ask for."""
        automaton = self._every if language is None else self._by_language.get(primary_language(language))
        return automaton is not None and bool(text) and automaton.contains_phrase(text)


class _Automaton:
    """The phrases of one language, or of all."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self.phrases = phrases
        rules: dict[str, list[_Rule]] = defaultdict(list)
        for phrase in sorted(phrases, key=lambda row: row.phrase_id):
            rule = _prepare(phrase)
            for spelling in spell_out(phrase.phrase, phrase.language, phrase.match_type):
                if spelling.strip():
                    rules[" " * rule.left + spelling + " " * rule.right].append(rule)
        self._rules = rules

    @cached_property
    def _narrow(self) -> tuple[Callable[..., list[tuple[int, int, int]]], list[list[_Rule]]]:
        """The search over one byte a character, with the rules of each spelling; others cannot stand in such a text."""
        spellings = [spelling for spelling in self._rules if max(spelling) < "\u0100"]
        search = ahocorasick_rs.BytesAhoCorasick([text.encode("latin-1") for text in spellings], implementation=_FASTEST)
        return search.find_matches_as_indexes, [self._rules[spelling] for spelling in spellings]

    @cached_property
    def _wide(self) -> tuple[Callable[..., list[tuple[int, int, int]]], list[list[_Rule]]]:
        """The search over two bytes a character."""
        search = ahocorasick_rs.BytesAhoCorasick([spelling.encode("utf-16-le") for spelling in self._rules])
        return search.find_matches_as_indexes, list(self._rules.values())

    def _find(self, folded: Folded) -> tuple[list[list[_Rule]], list[tuple[int, int, int]]]:
        """Return the rules of each spelling, and what the automaton finds: a spelling's number and its place in characters."""
        if folded.width == 1:
            search, rules = self._narrow
            return rules, search(folded.units, overlapping=True)
        search, rules = self._wide
        found = search(folded.units, overlapping=True)
        # At an odd place it is the half of one character and the half of the next.
        return rules, [(index, start >> 1, end >> 1) for index, start, end in found if not start & 1]

    def match(self, text: str, on: dt.date | None) -> list[Hit]:
        folded = fold(f" {text} ")
        rules, found = self._find(folded)
        if not found:
            return []
        words: str | None = None
        kept: list[_Candidate] = []
        swallowing: list[_Candidate] = []
        spread: dict[re.Pattern[str], Callable[[int, int], bool]] = {}
        for index, start, end in found:
            for rule in rules[index]:
                first, last = start + rule.left, end - rule.right
                if not rule.is_plain:
                    words = folded.text if words is None else words
                    if not _stands(rule, words, first, last, on, spread):
                        continue
                    if rule.sign and not _ends_as_written(rule, text, locate(folded, first, last)[1] - 1):
                        continue
                    if rule.is_open:
                        last = words.index(" ", last)
                phrase = rule.phrase
                (kept if phrase.role != "exclude" else swallowing).append((first, -last, phrase.theme_id, phrase.phrase_id))
        if len(kept) > 1 or swallowing:
            kept = _longest(kept, swallowing)
        # The folded text has one space before it that the text as given has not.
        if folded.breaks is None:
            return [Hit(phrase, theme, start - 1, -end - 1) for start, end, theme, phrase in kept]
        places = ((*locate(folded, start, -end), theme, phrase) for start, end, theme, phrase in kept)
        return [Hit(phrase, theme, start - 1, end - 1) for start, end, theme, phrase in places]

    def contains_phrase(self, text: str) -> bool:
        return bool(self._find(fold(f" {text} "))[1])


def _prepare(phrase: Phrase) -> _Rule:
    is_spaced = phrase.match_type != "substring" and primary_language(phrase.language) not in WITHOUT_SPACES
    is_open = is_spaced and phrase.match_type == "prefix"
    company = _company(phrase.requires_any, is_spaced=is_spaced) if phrase.requires_any else None
    refused = re.compile(phrase.exclude_regex, re.IGNORECASE) if phrase.exclude_regex else None
    edges = fold_by_definition(phrase.phrase.strip())
    # A formulation such as 5G网络 stands anywhere, but not in the middle of a longer Latin word or number.
    has_latin_edge = not is_spaced and bool(edges) and (edges[0].isascii() or edges[-1].isascii())
    written = unicodedata.normalize("NFKC", phrase.phrase.strip())[-1:]
    sign = written if not is_spaced and unicodedata.category(written or " ").startswith("S") else ""
    bare = company is None and refused is None and phrase.valid_from is None and phrase.valid_to is None and not sign
    return _Rule(
        phrase=phrase,
        left=int(is_spaced),
        right=int(is_spaced and not is_open),
        is_plain=bare and not has_latin_edge and not is_open,
        is_open=is_open,
        is_spaced=is_spaced,
        sign=sign,
        company=company,
        refused=refused,
    )


def _company(words: str, *, is_spaced: bool) -> re.Pattern[str]:
    """Return the pattern of the words that must stand near: parted by ``|``, a trailing ``*`` for any ending."""
    parts = []
    # The shortest word first: it ends first where several words begin at one place.
    for word in sorted(filter(None, (part.strip() for part in words.split("|"))), key=len):
        stem = re.escape(fold_by_definition(word.removesuffix("*")))
        parts.append(stem if not is_spaced else rf"\b{stem}" if word.endswith("*") else rf"\b{stem}\b")
    return re.compile("|".join(parts))


def _spread(company: re.Pattern[str], text: str) -> Callable[[int, int], bool]:
    """Return a function that tells whether a text has one of the words before or behind a candidate, however far away."""
    found = [match.span(1) for match in re.finditer(f"(?=({company.pattern}))", text)]
    first_end = min((end for _, end in found), default=len(text) + 1)
    last_start = max((start for start, _ in found), default=-1)
    return lambda start, end: first_end <= start or last_start >= end


def _stands(  # noqa: PLR0917 — a place in a text is two numbers
    rule: _Rule, text: str, start: int, end: int, on: dt.date | None, spread: dict[re.Pattern[str], Callable[[int, int], bool]]
) -> bool:
    """Return whether edges, validity, company and exclusion let a candidate stand; no window means the whole text.

    ``spread`` holds what one reading of the whole text found for each company, so that no candidate reads it again.
    """
    phrase = rule.phrase
    if not rule.is_spaced and (_joins(text[start - 1], text[start]) or _joins(text[end : end + 1], text[end - 1])):
        return False
    if on is not None and ((phrase.valid_from and on < phrase.valid_from) or (phrase.valid_to and on > phrase.valid_to)):
        return False
    if rule.company is not None and phrase.window_chars is None:
        if rule.company not in spread:
            spread[rule.company] = _spread(rule.company, text)
        if not spread[rule.company](start, end):
            return False
    elif rule.company is not None:
        reach = phrase.window_chars or 0
        before, after = text[max(0, start - reach) : start], text[end : end + reach]
        if not (rule.company.search(before) or rule.company.search(after)):
            return False
    if rule.refused is None:
        return True
    reach = EXCLUDE_WINDOW if phrase.window_chars is None else phrase.window_chars
    return rule.refused.search(text[max(0, start - reach) : end + reach]) is None


def _ends_as_written(rule: _Rule, text: str, end: int) -> bool:
    """Return whether the sign that ends a phrase stands in the text: 人工智能+, not the full stop after 人工智能."""
    return unicodedata.normalize("NFKC", text[end - 1 : end]) == rule.sign


def _joins(outside: str, inside: str) -> bool:
    """Return whether a character just outside a candidate makes it part of a longer Latin word or number."""
    return outside.isascii() and inside.isascii() and outside.isalnum() and inside.isalnum()


def _longest(found: list[_Candidate], swallowing: list[_Candidate]) -> list[_Candidate]:
    """Return the candidates that stay: exclusions swallow what they cover, then the leftmost and of those the longest.

    Several themes may hold the same words: each keeps its hit. A theme that lists them twice keeps the lower phrase id.
    """
    if swallowing:
        covers: dict[str, tuple[list[int], list[int]]] = {}
        for low, high, theme, _ in sorted(swallowing):
            starts, ends = covers.setdefault(theme, ([], []))
            starts.append(low)
            ends.append(min([high, *ends[-1:]]))
        found = [row for row in found if not _is_swallowed(row, covers)]
    found.sort()
    kept: list[_Candidate] = []
    start, end, last_theme = -1, 1, ""
    for row in found:
        if row[0] >= -end:
            start, end, last_theme = row[:3]
        elif row[0] == start and row[1] == end and row[2] != last_theme:
            last_theme = row[2]
        else:
            continue
        kept.append(row)
    return kept


def _is_swallowed(row: _Candidate, covers: dict[str, tuple[list[int], list[int]]]) -> bool:
    """Return whether one of a theme's exclusions covers a candidate; of those up to each start the furthest end is known."""
    starts, ends = covers.get(row[2], ([], []))
    place = bisect_right(starts, row[0])
    return place > 0 and ends[place - 1] <= row[1]
