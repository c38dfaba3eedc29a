"""Find the statements in texts outside a warehouse, with the rules of the nightly run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tidings.annotation.languages.statements import Verb
from tidings.annotation.posts import CountryForms, PostForms, Posts, Speaker
from tidings.annotation.statements import StatementFinder
from tidings.annotation.tagging import Text, read_cells

_RECORDS: dict[str, Any] = {
    "speakers": Speaker, "speech_verbs": Verb, "posts": PostForms, "countries": CountryForms,
}  # fmt: skip
TABLES = tuple(_RECORDS)
"""The tables of ``seeds/`` that a ``Quoter`` needs, in order."""


class Quoter:
    """Finds statements with the speakers, verbs, posts and countries of rows from ``seeds/``."""

    def __init__(self, *tables: Iterable[Mapping[str, str]]) -> None:
        """Prepare the rules. The tables are those of ``TABLES``; empty cells are unknown."""
        people, verbs, posts, countries = (
            [kind(**read_cells(row, kind.__annotations__)) for row in rows]
            for kind, rows in zip(_RECORDS.values(), tables, strict=True)
        )
        self._finder = StatementFinder(people, verbs, Posts(people, posts, countries))

    def quote(self, text: Text) -> list[dict[str, Any]]:
        """Return the statements in a body, in order. Offsets are characters, end exclusive."""
        return [
            {
                "start": row.start,
                "end": row.end,
                "speaker": row.speaker_name,
                "speaker_start": row.speaker_start,
                "speaker_end": row.speaker_end,
                "kind": row.speaker_kind,
                "gender": row.speaker_gender,
                "person_id": row.person_id,
                "office": row.office,
                "verb": row.verb,
            }
            for row in self._finder.find(text.body, text.language, text.day)
        ]
