"""The function words of a language whose main clauses have the finite verb in second place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


class VerbSecondGrammar:
    """Lists of lower-case words that mark the parts of a clause; the table ``verb_second`` of
    ``words.toml`` explains them.
    """

    ambiguous: str
    adverb_endings: tuple[str, ...]
    report_endings: tuple[str, ...]
    abstract_endings: tuple[str, ...]
    feminine_endings: tuple[str, ...]
    particle_prefixes: tuple[str, ...]
    bound_prefixes: tuple[str, ...]

    def __init__(self, **lists: Any) -> None:
        vars(self).update(lists)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> frozenset[str]: ...
