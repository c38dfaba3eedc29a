"""The languages that Tidings knows, and their words: each folder here with ``words.toml`` is one.
Others only have words of page boilerplate. The rules of a language are in
``annotation/languages/<code>/``.
"""

from __future__ import annotations

import re
from pathlib import Path

CODES = tuple(sorted(path.parent.name for path in Path(__file__).parent.glob("*/words.toml")))
"""Codes of the known languages, in alphabetical order."""

WITHOUT_SPACES = frozenset({"zh", "ja", "th", "lo", "km", "my", "yue", "wuu"})
"""Languages whose script does not separate words, known here or not."""


class UnknownLanguageError(ValueError):
    """A language that has no folder here; the message names it and lists the known languages."""

    def __init__(self, tag: str) -> None:
        super().__init__(
            f"Unknown language {tag!r}. Use one of {', '.join(CODES)}, or add it"
            f" (docs/howto/language.md)."
        )


def primary_language(tag: str) -> str:
    """Return the primary subtag of a BCP 47 tag: ``zh`` for ``zh-Hans-CN``."""
    return re.split("[-_]", tag, maxsplit=1)[0].lower()


def is_known(tag: str) -> bool:
    """Return whether the primary language of a BCP 47 tag has a folder."""
    return primary_language(tag) in CODES
