"""The names of the months in dates of pages and feeds, from ``months.toml``."""

from __future__ import annotations

import re
import unicodedata

from tidings.base.languages.words import by_first_letter, read_tables


def without_accents(text: str) -> str:
    """Return text in lower case and without accents."""
    if text.isascii():
        return text.lower()
    return "".join(
        c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c)
    )


def _collect() -> dict[str, int]:
    """Return the number of each month by its names, with and without accents."""
    names: dict[str, int] = {}
    for text in read_tables("months.toml").values():
        for number, forms in enumerate(text.split(), 1):
            for form in forms.split("|"):
                names.setdefault(form, number)
    names.pop("-")
    plain = {without_accents(name): number for name, number in reversed(names.items())}
    return plain | names


MONTHS = _collect()
"""Months by name, in lower case, with and without accents."""
_NAMES = by_first_letter(map(re.escape, sorted(MONTHS, key=len, reverse=True)))
MONTH = rf"(?P<month>{_NAMES})(?!\w)\.?"
"""Pattern of a month's name; the group ``month`` is a key of ``MONTHS`` in other capitals."""
