"""The rules of each language: each folder here is a language of ``base.languages``.

A folder ``<code>/`` defines ``LANGUAGE``, a ``Language`` record, with the functions for spellings
and inflections of phrases. Its words are in ``base/languages/<code>/words.toml``. Chinese has its
own rules. To add a language, add both folders, and its verbs, evidence words, phrases and
speakers to ``seeds/``. No other file lists the languages.
"""

from __future__ import annotations

import functools
import importlib

from tidings.base.languages import CODES, UnknownLanguageError, primary_language
from tidings.base.languages.record import Language


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
