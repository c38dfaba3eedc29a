"""Find the phrases of a word list in a text. At each place, the longest phrase wins.

An Aho-Corasick automaton over the folded text (``folding.py``) finds all candidates in one pass. The matcher then checks each
candidate for word boundaries, validity, required words within a window, and exclusions, and resolves overlaps.
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

_FASTEST = ahocorasick_rs.Implementation.DFA  # a third faster on Latin text; about 250 bytes per letter of a phrase

EXCLUDE_WINDOW = 100
"""Characters on each side of a hit in which ``exclude_regex`` is searched if the phrase has no window."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A row of ``ref.theme_phrases``. None means no condition. Role ``exclude`` removes the theme's hits within the phrase."""

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
    """A phrase at one place: 0-based character offsets into the original text, end exclusive."""

    phrase_id: str
    theme_id: str
    start: int
    end: int


class _Rule(NamedTuple):
    """A phrase with the checks that its candidates must pass."""

    phrase: Phrase
    left: int  # spaces before the phrase in its spelling
    right: int  # spaces after it
    is_plain: bool  # no further checks
    is_open: bool  # a prefix: its hit extends to the end of the word
    is_spaced: bool
    symbol: str  # a final symbol, such as the plus in 人工智能+, which folding replaces by a space
    required: re.Pattern[str] | None
    excluded: re.Pattern[str] | None


# Start, negated end, theme, phrase. Candidates that sort first win.
_Candidate = tuple[int, int, str, str]


class Matcher:
    """Match phrases with one automaton per language."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        by_language: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in phrases:
            by_language[primary_language(phrase.language)].append(phrase)
        self._by_language = {language: _Automaton(rows) for language, rows in by_language.items()}

    @property
    def languages(self) -> frozenset[str]:
        """The primary languages that have phrases."""
        return frozenset(self._by_language)

    @cached_property
    def _every(self) -> _Automaton:
        return _Automaton([phrase for automaton in self._by_language.values() for phrase in automaton.phrases])

    def match(self, text: str, language: str | None, on: dt.date | None) -> list[Hit]:
        """Return the hits in a text, in order.

        Args:
            text: The original text.
            language: The text's language as a BCP 47 tag. Only phrases of the same primary language match; all phrases if None.
            on: The day of publication, on which a phrase must be valid; any day if None.
        """
        automaton = self._every if language is None else self._by_language.get(primary_language(language))
        return automaton.match(text, on) if automaton is not None and text else []

    def contains_phrase(self, text: str, language: str | None) -> bool:
        """Return whether the letters of any phrase occur in a text. The other conditions of a phrase are not checked."""
        automaton = self._every if language is None else self._by_language.get(primary_language(language))
        return automaton is not None and bool(text) and automaton.contains_phrase(text)


class _Automaton:
    """The automaton of one language, or of all languages."""

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
        """The search over one byte per character, and the rules of each spelling. Latin-1 text contains no others."""
        spellings = [spelling for spelling in self._rules if max(spelling) < "\u0100"]
        search = ahocorasick_rs.BytesAhoCorasick([text.encode("latin-1") for text in spellings], implementation=_FASTEST)
        return search.find_matches_as_indexes, [self._rules[spelling] for spelling in spellings]

    @cached_property
    def _wide(self) -> tuple[Callable[..., list[tuple[int, int, int]]], list[list[_Rule]]]:
        """The search over two bytes per character, and the rules of each spelling."""
        search = ahocorasick_rs.BytesAhoCorasick([spelling.encode("utf-16-le") for spelling in self._rules])
        return search.find_matches_as_indexes, list(self._rules.values())

    def _find(self, folded: Folded) -> tuple[list[list[_Rule]], list[tuple[int, int, int]]]:
        """Return the rules of each spelling, and the matches: number of the spelling, start and end in characters."""
        if folded.width == 1:
            search, rules = self._narrow
            return rules, search(folded.units, overlapping=True)
        search, rules = self._wide
        matches = search(folded.units, overlapping=True)
        # A match at an odd byte consists of halves of two characters.
        return rules, [(index, start >> 1, end >> 1) for index, start, end in matches if not start & 1]

    def match(self, text: str, on: dt.date | None) -> list[Hit]:
        folded = fold(f" {text} ")
        rules, matches = self._find(folded)
        if not matches:
            return []
        words: str | None = None
        kept: list[_Candidate] = []
        exclusions: list[_Candidate] = []
        cache: dict[re.Pattern[str], Callable[[int, int], bool]] = {}
        for index, start, end in matches:
            for rule in rules[index]:
                first, last = start + rule.left, end - rule.right
                if not rule.is_plain:
                    words = folded.text if words is None else words
                    if not _is_valid(rule, words, first, last, on, cache):
                        continue
                    if rule.symbol and not _ends_with_symbol(rule, text, locate(folded, first, last)[1] - 1):
                        continue
                    if rule.is_open:
                        last = words.index(" ", last)
                phrase = rule.phrase
                (kept if phrase.role != "exclude" else exclusions).append((first, -last, phrase.theme_id, phrase.phrase_id))
        if len(kept) > 1 or exclusions:
            kept = _resolve_overlaps(kept, exclusions)
        # The folded text begins with an additional space.
        if folded.breaks is None:
            return [Hit(phrase, theme, start - 1, -end - 1) for start, end, theme, phrase in kept]
        places = ((*locate(folded, start, -end), theme, phrase) for start, end, theme, phrase in kept)
        return [Hit(phrase, theme, start - 1, end - 1) for start, end, theme, phrase in places]

    def contains_phrase(self, text: str) -> bool:
        return bool(self._find(fold(f" {text} "))[1])


def _prepare(phrase: Phrase) -> _Rule:
    is_spaced = phrase.match_type != "substring" and primary_language(phrase.language) not in WITHOUT_SPACES
    is_open = is_spaced and phrase.match_type == "prefix"
    required = _any_word(phrase.requires_any, is_spaced=is_spaced) if phrase.requires_any else None
    excluded = re.compile(phrase.exclude_regex, re.IGNORECASE) if phrase.exclude_regex else None
    edges = fold_by_definition(phrase.phrase.strip())
    # A phrase such as 5G网络 matches anywhere except within a longer Latin word or number.
    has_latin_edge = not is_spaced and bool(edges) and (edges[0].isascii() or edges[-1].isascii())
    written = unicodedata.normalize("NFKC", phrase.phrase.strip())[-1:]
    symbol = written if not is_spaced and unicodedata.category(written or " ").startswith("S") else ""
    has_no_condition = (
        required is None and excluded is None and phrase.valid_from is None and phrase.valid_to is None and not symbol
    )
    return _Rule(
        phrase=phrase,
        left=int(is_spaced),
        right=int(is_spaced and not is_open),
        is_plain=has_no_condition and not has_latin_edge and not is_open,
        is_open=is_open,
        is_spaced=is_spaced,
        symbol=symbol,
        required=required,
        excluded=excluded,
    )


def _any_word(words: str, *, is_spaced: bool) -> re.Pattern[str]:
    """Return the pattern of words separated by ``|``; a trailing ``*`` allows any ending."""
    parts = []
    # Put the shortest word first, because it ends first if several words begin at one place.
    for word in sorted(filter(None, (part.strip() for part in words.split("|"))), key=len):
        stem = re.escape(fold_by_definition(word.removesuffix("*")))
        parts.append(stem if not is_spaced else rf"\b{stem}" if word.endswith("*") else rf"\b{stem}\b")
    return re.compile("|".join(parts))


def _occurs_outside(required: re.Pattern[str], text: str) -> Callable[[int, int], bool]:
    """Return a function that checks whether a required word occurs anywhere before or after a candidate."""
    spans = [match.span(1) for match in re.finditer(f"(?=({required.pattern}))", text)]
    first_end = min((end for _, end in spans), default=len(text) + 1)
    last_start = max((start for start, _ in spans), default=-1)
    return lambda start, end: first_end <= start or last_start >= end


def _is_valid(  # noqa: PLR0917 - a place in a text is two numbers
    rule: _Rule, text: str, start: int, end: int, on: dt.date | None, cache: dict[re.Pattern[str], Callable[[int, int], bool]]
) -> bool:
    """Return whether a candidate satisfies its phrase's boundaries, validity, required words and exclusion.

    Without a window, required words may occur anywhere in the text. ``cache`` stores the result of searching the whole text.
    """
    phrase = rule.phrase
    if not rule.is_spaced and (
        _continues_word(text[start - 1], text[start]) or _continues_word(text[end : end + 1], text[end - 1])
    ):
        return False
    if on is not None and ((phrase.valid_from and on < phrase.valid_from) or (phrase.valid_to and on > phrase.valid_to)):
        return False
    if rule.required is not None and phrase.window_chars is None:
        if rule.required not in cache:
            cache[rule.required] = _occurs_outside(rule.required, text)
        if not cache[rule.required](start, end):
            return False
    elif rule.required is not None:
        reach = phrase.window_chars or 0
        before, after = text[max(0, start - reach) : start], text[end : end + reach]
        if not (rule.required.search(before) or rule.required.search(after)):
            return False
    if rule.excluded is None:
        return True
    reach = EXCLUDE_WINDOW if phrase.window_chars is None else phrase.window_chars
    return rule.excluded.search(text[max(0, start - reach) : end + reach]) is None


def _ends_with_symbol(rule: _Rule, text: str, end: int) -> bool:
    """Return whether the text has the final symbol of the phrase: the plus of 人工智能+, not the full stop after 人工智能."""
    return unicodedata.normalize("NFKC", text[end - 1 : end]) == rule.symbol


def _continues_word(outside: str, inside: str) -> bool:
    """Return whether the character outside a candidate continues a Latin word or number."""
    return outside.isascii() and inside.isascii() and outside.isalnum() and inside.isalnum()


def _resolve_overlaps(candidates: list[_Candidate], exclusions: list[_Candidate]) -> list[_Candidate]:
    """Return the candidates outside exclusions, of overlapping ones the leftmost and then the longest.

    If several themes contain the same phrase, each keeps its hit. If one theme contains it twice, the lower phrase ID wins.
    """
    if exclusions:
        covers: dict[str, tuple[list[int], list[int]]] = {}
        for low, high, theme, _ in sorted(exclusions):
            starts, ends = covers.setdefault(theme, ([], []))
            starts.append(low)
            ends.append(min([high, *ends[-1:]]))
        candidates = [row for row in candidates if not _is_excluded(row, covers)]
    candidates.sort()
    kept: list[_Candidate] = []
    start, end, last_theme = -1, 1, ""
    for row in candidates:
        if row[0] >= -end:
            start, end, last_theme = row[:3]
        elif row[0] == start and row[1] == end and row[2] != last_theme:
            last_theme = row[2]
        else:
            continue
        kept.append(row)
    return kept


def _is_excluded(row: _Candidate, covers: dict[str, tuple[list[int], list[int]]]) -> bool:
    """Return whether an exclusion of the theme covers a candidate. ``covers`` has the furthest end up to each start."""
    starts, ends = covers.get(row[2], ([], []))
    place = bisect_right(starts, row[0])
    return place > 0 and ends[place - 1] <= row[1]
