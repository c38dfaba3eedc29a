"""The common inflections of Italian words."""

from __future__ import annotations


def inflections(word: str) -> list[str]:
    """Return a word with each of the four final vowels; no form for a word that ends with a consonant."""
    return [word[:-1] + vowel for vowel in "aeoi"] if word[-1:] in "aeoi" else []
