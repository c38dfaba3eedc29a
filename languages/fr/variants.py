"""The common inflections of French words."""

from __future__ import annotations


def inflections(word: str) -> list[str]:
    """Return a word with the endings of the plural and the feminine."""
    return [word + ending for ending in ("s", "x", "e", "es")]
