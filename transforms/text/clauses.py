"""The clause of a verb of speech: the verb and the noun phrase of its speaker, as places in a sentence."""

from __future__ import annotations

from typing import NamedTuple


class Clause(NamedTuple):
    """A verb of speech as written, its start offset, and the speaker's noun phrase: 0-based offsets, end exclusive.

    ``verb`` is None if a quotation follows the speaker's name and a colon. The noun phrase includes titles, offices and the
    determiner, but no apposition between commas. Joined speakers each have a clause.
    """

    verb: str | None
    verb_start: int
    start: int
    end: int
