"""Everything that is specific to one language: each folder here is a language.

A folder ``languages/<code>/`` defines ``LANGUAGE``, a ``Language`` record, in its ``__init__.py``, with the functions for
spellings and inflections under which a phrase is matched. Its ``words.toml`` contains the lists of words: ``clauses`` (German:
``verb_second``) and ``speakers`` assign a statement to its speaker, ``bounds`` ends a candidate. Chinese has its own rules.

To add a language, add its folder, and its verbs, evidence words, phrases and speakers to ``seeds/``. No other file lists the
languages. Articles in other languages are stored and counted, but statements and candidate phrases need a folder here.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidings.languages.record import Language

CODES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg))
"""Codes of the known languages, in alphabetical order."""

WITHOUT_SPACES = frozenset({"zh", "ja", "th", "lo", "km", "my", "yue", "wuu"})
"""Languages whose script does not separate words, known here or not."""


class UnknownLanguageError(ValueError):
    """A language that has no folder here; the message names it and lists the known languages."""

    def __init__(self, tag: str) -> None:
        super().__init__(f"Unknown language {tag!r}. Use one of {', '.join(CODES)}, or add a folder to languages/.")


def primary_language(tag: str) -> str:
    """Return the primary subtag of a BCP 47 tag: ``zh`` for ``zh-Hans-CN``."""
    return re.split("[-_]", tag, maxsplit=1)[0].lower()


def is_known(tag: str) -> bool:
    """Return whether the primary language of a BCP 47 tag has a folder."""
    return primary_language(tag) in CODES


@functools.cache
def language(tag: str) -> Language:
    """Return the record of a BCP 47 tag's primary language.

    Raises:
        UnknownLanguageError: If the language has no folder.
    """
    code = primary_language(tag)
    if code not in CODES:
        raise UnknownLanguageError(tag)
    record: Language = importlib.import_module(f"{__name__}.{code}").LANGUAGE
    return record


def all_languages() -> tuple[Language, ...]:
    """Return the records of all known languages, in the order of ``CODES``."""
    return tuple(map(language, CODES))
