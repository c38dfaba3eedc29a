"""English plurals for counts in messages, such as ``1 article`` and ``2 articles``."""

from __future__ import annotations

from collections.abc import Sequence


def plural(noun: str) -> str:
    """Return the regular plural of an English noun: articles, entries, matches."""
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless the number is 1."""
    return f"{number:,} {noun if number == 1 else plural(noun)}"


def listed(names: Sequence[str], most: int) -> str:
    """Return the first names, and the number of the others: ``a, b and 3 more``."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
