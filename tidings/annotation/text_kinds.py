"""Recognise texts without policy, and round-ups, by their titles."""

from __future__ import annotations

import re
from functools import cache

from tidings.base.languages import is_known, primary_language
from tidings.base.languages.words import read_tables

TITLE_LENGTH = 300


def find_text_kind(title: str, code: str) -> str | None:
    """Return sports_event (results, preparations and ceremonies of a competition), obituary,
    round_up (a text about several events) or comment (an editorial, what people say about an
    occasion, or a part of a series) for a title in a primary language; None for any other.
    """
    kinds = _patterns(code).items()
    return next((kind for kind, pattern in kinds if pattern.search(title[:TITLE_LENGTH])), None)


def is_without_policy(title: str, tag: str | None) -> bool:
    """Return whether a text with this title and language is about no theme."""
    return find_text_kind(title, primary_language(tag or "")) in {"sports_event", "obituary"}


@cache
def _patterns(code: str) -> dict[str, re.Pattern[str]]:
    kinds = read_tables(f"{code}/kinds.toml") if is_known(code) else {}
    return {
        kind: re.compile(pattern.replace("\n", ""), re.IGNORECASE)
        for kind, pattern in kinds.items()
    }
