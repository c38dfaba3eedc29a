"""Find the statements in texts outside a warehouse, with the rules of the nightly run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.annotation.languages.statements import Verb
from tidings.annotation.posts import CountryForms, PostForms, Posts, Speaker
from tidings.annotation.statements import StatementFinder
from tidings.annotation.tagging import read_cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tidings.annotation.tagging import Text


TABLES = ("speakers", "speech_verbs", "posts", "countries")
"""The tables of ``seeds/`` that a ``Quoter`` needs, in order."""


class Quoter:
    """Finds statements with the speakers, verbs, posts and countries of CSV rows from
    ``seeds/``.
    """

    def __init__(
        self,
        speakers: Iterable[Mapping[str, str]],
        verbs: Iterable[Mapping[str, str]],
        posts: Iterable[Mapping[str, str]],
        countries: Iterable[Mapping[str, str]],
    ) -> None:
        """Prepare the rules. The rows have the columns of ``TABLES``; empty cells are unknown."""
        people = [Speaker(**read_cells(row, Speaker.__dataclass_fields__)) for row in speakers]
        forms = Posts(
            people,
            [PostForms(**read_cells(row, PostForms._fields)) for row in posts],
            [CountryForms(**read_cells(row, CountryForms._fields)) for row in countries],
        )
        self._finder = StatementFinder(
            people, [Verb(**read_cells(row, Verb._fields)) for row in verbs], forms
        )

    def quote(self, text: Text) -> list[dict[str, Any]]:
        """Return the statements in a text's body, in order. Offsets are characters from 0, end
        exclusive.
        """
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
