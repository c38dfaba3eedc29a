"""Prepare the phrases of the word list for matching, and check a candidate's conditions: words near
it, dates, boundaries.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.folding import fold_by_definition
from tidings.base.languages import WITHOUT_SPACES, primary_language
from tidings.base.languages.patterns import compile_pattern

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from tidings.base.languages.patterns import UserPattern

EXCLUDE_WINDOW = 100
"""Characters on each side of a hit in which ``exclude_regex`` is searched if the phrase has no
window.
"""

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


class Rule(NamedTuple):
    """A phrase with the checks that its candidates must pass."""

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
    """Return a phrase's rule; for a general word with required words also the rule for the places
    near them.
    """
    is_spaced = (
        phrase.match_type != "substring" and primary_language(phrase.language) not in WITHOUT_SPACES
    )
    is_open = is_spaced and phrase.match_type == "prefix"
    required = _any_word(phrase.requires_any, is_spaced=is_spaced) if phrase.requires_any else None
    excluded = (
        compile_pattern(phrase.exclude_regex, ignores_case=True) if phrase.exclude_regex else None
    )
    edges = fold_by_definition(phrase.phrase.strip())
    # A phrase such as 5G网络 matches anywhere except within a longer Latin word or number.
    has_latin_edge = not is_spaced and bool(edges) and (edges[0].isascii() or edges[-1].isascii())
    written = unicodedata.normalize("NFKC", phrase.phrase.strip())[-1:]
    symbol = (
        written if not is_spaced and unicodedata.category(written or " ").startswith("S") else ""
    )
    has_no_condition = (
        excluded is None and phrase.valid_from is None and phrase.valid_to is None and not symbol
    )
    least = (
        0 if not phrase.salience else _NEVER if phrase.salience == "title" else int(phrase.salience)
    )
    least = -1 if phrase.role == "exclude" else least
    conditions = (
        [(least, required)]
        if least <= 0
        else [(least, None)]
        if required is None
        else [(0, required), (least, None)]
    )
    return [
        Rule(
            phrase=phrase,
            left=int(is_spaced),
            right=int(is_spaced and not is_open),
            is_plain=has_no_condition and words is None and not has_latin_edge and not is_open,
            is_open=is_open,
            is_spaced=is_spaced,
            symbol=symbol,
            required=words,
            excluded=excluded,
            least=count,
        )
        for count, words in conditions
    ]


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


def _occurs_outside(required: re.Pattern[str], text: str) -> Callable[[int, int], bool]:
    """Return a function that checks whether a required word occurs anywhere before or after a
    candidate.
    """
    spans = [match.span(1) for match in re.finditer(f"(?=({required.pattern}))", text)]
    first_end = min((end for _, end in spans), default=len(text) + 1)
    last_start = max((start for start, _ in spans), default=-1)
    return lambda start, end: first_end <= start or last_start >= end


def is_valid(  # noqa: PLR0917 - a place in a text is two numbers
    rule: Rule,
    text: str,
    start: int,
    end: int,
    on: dt.date | None,
    cache: dict[re.Pattern[str], Callable[[int, int], bool]],
) -> bool:
    """Return whether a candidate satisfies its phrase's boundaries, validity, required words and
    exclusion.

    Without a window, required words may occur anywhere in the text. ``cache`` stores the result of
    searching the whole text.
    """
    phrase = rule.phrase
    if not rule.is_spaced and (
        _continues_word(text[start - 1], text[start])
        or _continues_word(text[end : end + 1], text[end - 1])
    ):
        return False
    if on is not None and (
        (phrase.valid_from and on < phrase.valid_from) or (phrase.valid_to and on > phrase.valid_to)
    ):
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
    return not rule.excluded.occurs_in(text[max(0, start - reach) : end + reach])


def ends_with_symbol(rule: Rule, text: str, end: int) -> bool:
    """Return whether the text has the final symbol of the phrase: the plus of 人工智能+, not the
    full stop after 人工智能.
    """
    return unicodedata.normalize("NFKC", text[end - 1 : end]) == rule.symbol


def _continues_word(outside: str, inside: str) -> bool:
    """Return whether the character outside a candidate continues a Latin word or number."""
    return outside.isascii() and inside.isascii() and outside.isalnum() and inside.isalnum()
