"""Refuse the input of a user with one sentence."""

from __future__ import annotations


class InputError(ValueError):
    """A failure that the user can fix; the message is one sentence."""


def refuse(is_wrong: object, sentence: str) -> None:
    """Raise InputError with a sentence if a condition is true."""
    if is_wrong:
        raise InputError(sentence)
