"""Describe typed words as parts of folded texts, so that a database finds them without the matcher.

In languages with spaces, a folded text has a space before and after each word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.folding import fold
from tidings.annotation.typed_words import match_type
from tidings.annotation.variants import spell_out
from tidings.base.languages import WITHOUT_SPACES, primary_language

if TYPE_CHECKING:
    from tidings.annotation.typed_words import TypedWords


class Pattern(NamedTuple):
    """Texts that every folded text with the words contains. ``is_exact``: every text that contains
    them has the words.
    """

    parts: tuple[str, ...]
    is_exact: bool


def fold_article(title: str, body: str) -> str:
    """Return the folded title and body, separated by additional spaces, which no words cross."""
    return fold(f" {title}  {body} ").text


def find_patterns(words: TypedWords, language: str) -> set[Pattern]:
    """Return the patterns of typed words in a language, a BCP 47 tag."""
    is_unspaced = primary_language(language) in WITHOUT_SPACES
    patterns = set()
    for word in words.alternatives:
        kind = match_type(word, language)
        for spelling in filter(str.strip, spell_out(word, language, kind)):
            # A Latin word at the edge of characters, and spaces at the edge or in a row, follow
            # rules of the matcher.
            is_exact = spelling == spelling.strip() and "  " not in spelling
            if is_unspaced:
                is_exact &= not any(map(str.isascii, f"{spelling}{word[-1:]}"))
                whole = spelling
            else:
                whole = f" {spelling}" if kind == "prefix" else f" {spelling} "
            patterns.add(Pattern((whole,) if is_exact else tuple(spelling.split()), is_exact))
    return patterns
