"""Italian."""

from tidings.base.languages.words import read_language


def inflections(word: str) -> list[str]:
    """Return a word with each of the four final vowels; none after a consonant."""
    return [word[:-1] + vowel for vowel in "aeoi"] if word[-1:] in "aeoi" else []


LANGUAGE = read_language("it", inflections=inflections)
