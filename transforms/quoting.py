"""Find the statements in texts outside a warehouse, with the rules of the nightly run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.languages.statements import Verb
from tidings.transforms.tagging import read_cells
from tidings.transforms.text.speakers import Speaker
from tidings.transforms.text.statements import StatementFinder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tidings.transforms.tagging import Text


class Quoter:
    """Finds statements with the speakers and verbs of CSV rows from ``seeds/``."""

    def __init__(self, speakers: Iterable[Mapping[str, str]], verbs: Iterable[Mapping[str, str]]) -> None:
        """Prepare the rules. The rows have the columns of ``speakers.csv`` and ``speech_verbs.csv``; empty cells are unknown."""
        self._finder = StatementFinder(
            [Speaker(**read_cells(row, Speaker.__dataclass_fields__)) for row in speakers],
            [Verb(*(row[name] for name in Verb._fields)) for row in verbs],
        )

    def quote(self, text: Text) -> list[dict[str, Any]]:
        """Return the statements in a text's body, in order. Offsets are characters from 0, end exclusive."""
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
