"""Swiss and German spellings, and the common inflections, of German words."""

from __future__ import annotations


def spellings(word: str) -> list[str]:
    """Return a folded word, and the same word with ss for ß and with ß for ss."""
    if "ss" in word or "ß" in word:
        return list(dict.fromkeys([word, word.replace("ß", "ss"), word.replace("ss", "ß")]))
    return [word]


def inflections(word: str) -> list[str]:
    """Return a word with the common endings of adjectives and nouns."""
    return [word + ending for ending in ("e", "en", "er", "es", "em", "n", "s")]
