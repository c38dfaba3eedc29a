"""Find the phrases of a word list in a text. At each place, the longest phrase wins.

An Aho-Corasick automaton over the folded text (``folding.py``) finds all matches in one pass; then
word boundaries, validity, required words, exclusions and overlaps are checked.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple

import ahocorasick_rs

from tidings.annotation.folding import ENCODINGS, Folded, fold, locate
from tidings.annotation.phrases import Check, Phrase, Rule, prepare, spell_out
from tidings.base.languages import WITHOUT_SPACES, primary_language

# a third faster on Latin text; about 250 bytes per letter of a phrase
_FASTEST = ahocorasick_rs.Implementation.DFA

DENSITY = 1000
"""Characters of a body per occurrence of its theme that a general word needs."""
UNSPACED = 3
"""Letters of an alphabet that correspond to a character of a language without spaces."""
STAND_IN = 200
"""Characters at the beginning of a text without a title that serve as its title."""


class Hit(NamedTuple):
    """A phrase at one place: 0-based character offsets into the original text, end exclusive."""

    phrase_id: str
    theme_id: str
    start: int
    end: int


# Start, negated end, theme, occurrences needed, phrase. Matches that sort first win.
_Match = tuple[int, int, str, int, str]
# Spaces before and after the phrase in its spelling, theme, occurrences needed (-1: an exclusion),
# phrase, and the rule if it has conditions.
_Rule = tuple[int, int, str, int, str, Rule | None]


class Matcher:
    """Match phrases with one automaton per language."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        by_language: dict[str | None, list[Phrase]] = defaultdict(list)  # None: all languages
        for phrase in phrases:
            by_language[primary_language(phrase.language)].append(phrase)
            by_language[None].append(phrase)
        self.languages = frozenset(filter(None, by_language))
        """The primary languages that have phrases."""
        # built when a text of the language appears
        self._build = cache(lambda code: _Automaton(by_language[code]))

    def match(self, text: str, language: str | None, on: dt.date | None) -> list[Hit]:
        """Return the hits in a text, in order: of phrases of the language (a BCP 47 tag; all if
        None) that are valid on a day (any if None).
        """
        automaton = self._automaton(language)
        if automaton is None:
            return []
        return _Found(automaton, text, on).hits()

    def match_article(
        self, title: str, body: str, language: str | None, on: dt.date | None
    ) -> tuple[list[Hit], list[Hit]]:
        """Return the hits in an article's title and body, in order.

        A general word, which has a ``salience``, counts only if a phrase of its theme occurs in the
        title, if phrases of its theme with at most its salience occur in the body at least
        ``salience`` times (never, if it is ``title``) and once per DENSITY characters, or if a
        required word is near.
        """
        automaton = self._automaton(language)
        if automaton is None:
            return [], []
        found = _Found(automaton, title, on), _Found(automaton, body, on)
        is_unspaced = language is not None and primary_language(language) in WITHOUT_SPACES
        usual = len(body) // (DENSITY // UNSPACED if is_unspaced else DENSITY)
        start = [row for row in found[1].kept if row[0] <= STAND_IN]
        rare = _find_rare(*found, found[0].kept if title.strip() else start, usual)
        for part in found:
            part.drop(rare)
        return found[0].hits(), found[1].hits()

    def contains_phrase(self, text: str, language: str | None) -> bool:
        """Return whether the letters of any phrase occur in a text, whatever its conditions."""
        automaton = self._automaton(language)
        return automaton is not None and automaton.contains_phrase(text)

    def _automaton(self, language: str | None) -> _Automaton | None:
        code = None if language is None else primary_language(language)
        return self._build(code) if code is None or code in self.languages else None


class _Automaton:
    """The automaton of one language, or of all languages."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        rules: dict[str, list[_Rule]] = defaultdict(list)
        for phrase in sorted(phrases, key=lambda row: row.phrase_id):
            prepared = prepare(phrase)
            left, right = prepared[0].left, prepared[0].right
            theme, name = phrase.theme_id, phrase.phrase_id
            brief: list[_Rule] = [
                (left, right, theme, rule.least, name, None if rule.is_plain else rule)
                for rule in prepared
            ]
            for spelling in spell_out(phrase.phrase, phrase.language, phrase.match_type):
                if spelling.strip():
                    rules[" " * left + spelling + " " * right] += brief
        self._rules = rules
        self._search = cache(self._make_search)

    def _make_search(
        self, width: int
    ) -> tuple[Callable[..., list[tuple[int, int, int]]], list[list[_Rule]]]:
        """Return the search over one or two bytes per character, and the rules of each spelling."""
        spellings = [text for text in self._rules if width > 1 or max(text) < "\u0100"]
        search = ahocorasick_rs.BytesAhoCorasick(
            [text.encode(ENCODINGS[width]) for text in spellings],
            implementation=_FASTEST if width == 1 else None,
        )
        return search.find_matches_as_indexes, [self._rules[text] for text in spellings]

    def find(self, text: str, on: dt.date | None) -> tuple[Folded, list[_Match], list[_Match]]:
        """Return the folded text, the matches that satisfy their conditions, and the exclusions."""
        folded = fold(f" {text} ")
        (search, rules), shift = self._search(folded.width), folded.width - 1
        check = Check(text, folded, on)
        kept: list[_Match] = []
        exclusions: list[_Match] = []
        for index, start, end in search(folded.units, overlapping=True):
            if start & shift:  # a match at an odd byte consists of halves of two characters
                continue
            for left, right, theme_id, least, phrase_id, rule in rules[index]:
                first, last = (start >> shift) + left, (end >> shift) - right
                if rule is not None and (last := check.end_of(rule, first, last)) < 0:
                    continue
                place = (first, -last, theme_id, least, phrase_id)
                (exclusions if least < 0 else kept).append(place)
        return folded, kept, exclusions

    def contains_phrase(self, text: str) -> bool:
        folded = fold(f" {text} ")
        search, _ = self._search(folded.width)
        starts = (start for _, start, _ in search(folded.units, overlapping=True))
        return not all(start & folded.width - 1 for start in starts)


class _Found:
    """The matches of one text. ``kept`` are those that win. Covered general words are checked too,
    because they win if the longer phrase is dropped.
    """

    def __init__(self, automaton: _Automaton, text: str, on: dt.date | None) -> None:
        self._folded, matches, exclusions = automaton.find(text, on)
        self.matches = _remove_excluded(matches, exclusions)
        self.kept = _resolve_overlaps(self.matches)

    def drop(self, rare: set[tuple[str, int]]) -> None:
        """Remove the general words of these themes and required counts."""
        if any(row[2:4] in rare for row in self.matches):
            self.matches = [row for row in self.matches if row[2:4] not in rare]
            self.kept = _resolve_overlaps(self.matches)

    def hits(self) -> list[Hit]:
        """Return the hits. The folded text begins with an additional space."""
        if self._folded.breaks is None:
            new = tuple.__new__  # a third of the time of Hit(…)
            return [
                new(Hit, (phrase, theme, start - 1, -end - 1))
                for start, end, theme, _, phrase in self.kept
            ]
        places = (
            (*locate(self._folded, start, -end), theme, phrase)
            for start, end, theme, _, phrase in self.kept
        )
        return [Hit(phrase, theme, start - 1, end - 1) for start, end, theme, phrase in places]


def _find_rare(
    title: _Found, body: _Found, heading: list[_Match], usual: int
) -> set[tuple[str, int]]:
    """Return the themes and required counts of the general words that do not count. ``usual`` is
    the least count in a text of this length; words that need more do not support a word.
    """
    needed = {row[2:4] for row in (*title.matches, *body.matches) if row[3]}
    if not needed:
        return needed
    named = {row[2] for row in heading}
    needs = defaultdict(list)
    for row in body.kept:
        needs[row[2]].append(row[3])
    return {
        (theme, least)
        for theme, least in needed
        if theme not in named and sum(need <= least for need in needs[theme]) < max(least, usual)
    }


def _remove_excluded(matches: list[_Match], exclusions: list[_Match]) -> list[_Match]:
    """Return the matches that no exclusion of their theme covers."""
    if not exclusions:
        return matches
    covers: dict[str, tuple[list[int], list[int]]] = {}
    for low, high, theme, _, _ in sorted(exclusions):
        starts, ends = covers.setdefault(theme, ([], []))
        starts.append(low)
        ends.append(min([high, *ends[-1:]]))
    kept = []
    for row in matches:
        starts, ends = covers.get(row[2], ([], []))
        place = bisect_right(starts, row[0])
        if place == 0 or ends[place - 1] > row[1]:  # the furthest negated end up to each start
            kept.append(row)
    return kept


def _resolve_overlaps(matches: list[_Match]) -> list[_Match]:
    """Return the leftmost and then longest matches: one for each theme, with the lowest ID."""
    kept: list[_Match] = []
    start, end, last_theme = -1, 1, ""
    for row in sorted(matches):
        if row[0] >= -end:
            start, end, last_theme = row[:3]
        elif row[0] == start and row[1] == end and row[2] != last_theme:
            last_theme = row[2]
        else:
            continue
        kept.append(row)
    return kept
