"""French."""

from tidings.base.languages.words import read_language


def inflections(word: str) -> list[str]:
    """Return a word with the endings of the plural and the feminine."""
    return [word + ending for ending in ("s", "x", "e", "es")]


LANGUAGE = read_language("fr", inflections=inflections)
