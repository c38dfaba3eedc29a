"""Replace characters by plain ones, so that names match; offsets stay the same."""

from __future__ import annotations

import unicodedata

_ACCENTED = {
    code: base
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    if (base := unicodedata.normalize("NFD", chr(code))[0]).isascii()
}
_LETTERS = frozenset(map(chr, _ACCENTED))
_PLAIN = {"\xa0": " ", "\u202f": " ", "\u2009": " ", "\u2019": "'", "\u02bc": "'", "\u2011": "-"}


def make_plain(text: str) -> str:
    """Return a text of the same length with plain spaces, apostrophes and hyphens."""
    # str.replace only scans the text if nothing matches; str.translate looks up every character.
    for written, plain in _PLAIN.items():
        text = text.replace(written, plain)
    return text


def without_accents(text: str) -> str:
    """Return a text of the same length without the accents of Latin letters."""
    if text.isascii():
        return text
    # str.translate looks up every character; most texts contain few of the letters.
    for letter in _LETTERS.intersection(text):
        text = text.replace(letter, _ACCENTED[ord(letter)])
    return text
