"""Refuse the input of a user with one sentence."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches


class InputError(ValueError):
    """A failure that the user can fix; the message is one sentence."""


def refuse(is_wrong: object, sentence: str) -> None:
    """Raise InputError with a sentence if a condition is true."""
    if is_wrong:
        raise InputError(sentence)


def require_themes(themes: Iterable[str], known: Collection[str]) -> None:
    """Raise InputError, with similar IDs, for the first theme that is unknown."""
    for theme in themes:
        similar = ", ".join(get_close_matches(theme, known, 3, 0.5))
        hint = f"Similar: {similar}." if similar else 'List them: tidings sql "from themes".'
        refuse(theme not in known, f"Unknown theme {theme!r}. {hint}")
