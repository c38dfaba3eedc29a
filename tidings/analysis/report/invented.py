"""State that data are invented, if a release has articles of the sample newsroom.

The articles are the evidence, so that the statement survives copies, exports and further runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import duckdb

# IDs instead of an import: importing the sample takes longer than a short query.
PUBLISHERS = (
    "sample_agency",
    "sample_bulletin",
    "sample_daily",
    "sample_gazette",
    "sample_ministry",
)


class Invented(NamedTuple):
    """A label for titles and a sentence for notices; both are empty if all data are real."""

    label: str = ""
    notice: str = ""

    @property
    def heading(self) -> str:
        """The label at the beginning of a sentence."""
        return self.label.capitalize()

    def mark(self, title: str) -> str:
        """Return a title with the label in brackets."""
        return f"{title} ({self.label})" if self.label else title


NONE = Invented()
ALL = Invented(
    "invented sample data",
    "Invented sample data: the outlets, people and articles in this release do not exist.",
)
PART = Invented(
    "partly invented sample data",
    "Partly invented sample data: some outlets, people and articles in this release do not exist.",
)


def read_invented(con: duckdb.DuckDBPyConnection) -> Invented:
    """Return the statement for the release that a connection has opened."""
    query = "select count(*) filter (publisher_id in ?), count(*) from core.articles"
    invented, total = con.execute(query, [list(PUBLISHERS)]).fetchone() or (0, 0)
    return (ALL if invented == total else PART) if invented else NONE
