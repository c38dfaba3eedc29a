"""The Chinese words of ``base/languages/zh/words.toml``."""

from __future__ import annotations

import re

from tidings.base.languages.words import read_tables, words

_TABLES = read_tables("zh/words.toml")
LISTS = {name: words(text) for name, text in _TABLES["lists"].items()}
"""Lists of words by name."""
NOUN_BEFORE = {form: tuple(words(text)) for form, text in _TABLES["noun_before"].items()}
_REFERENCE = re.compile(r"(\[?)\{([a-z_]+)\}")


def _read_patterns(table: str) -> dict[str, re.Pattern[str]]:
    """Return the patterns of a table: white space means "or", {name} a list or pattern."""
    known: dict[str, str] = {}

    def insert(hit: re.Match[str]) -> str:
        bracket, name = hit.groups()
        listed = sorted(LISTS.get(name, ()))
        return (
            bracket + "".join(listed) if bracket else f"(?:{known.get(name) or '|'.join(listed)})"
        )

    for name, text in _TABLES[table].items():
        known[name] = _REFERENCE.sub(insert, "|".join(text.split()))
    return {name: re.compile(pattern) for name, pattern in known.items()}


BOUNDS, RULES = map(_read_patterns, ("bounds", "patterns"))
"""Patterns by name: of the bounds of a candidate phrase, and of the other rules."""
TITLES = LISTS["titles"]
"""Titles and occupations that precede a name, or end a role."""
HEADS: dict[str, str] = {
    **dict.fromkeys(LISTS["bodies"], "body"),
    **dict.fromkeys(LISTS["collectives"], "collective"),
    **dict.fromkeys(TITLES | LISTS["roles"], "role"),
    **dict.fromkeys(LISTS["unnamed"] | LISTS["documents"], "unnamed"),
}
"""Kinds of speakers by their last word."""
