"""Find the themes and policy areas of texts outside a warehouse, as the nightly run does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import duckdb

from tidings.annotation.annotate import describe_hits
from tidings.annotation.matching import Matcher
from tidings.annotation.phrases import Phrase
from tidings.annotation.text_kinds import is_without_policy
from tidings.annotation.udf import HIT
from tidings.base.functions import create_functions
from tidings.base.load_rows import load_rows

_THEME = ("theme_id", "mention_count", "is_about", "mentions")
_THEMES = """
select
    article_id,
    theme_id,
    count(*) as mention_count,
    is_about,
    list(
        struct_pack(phrase_id, field, start_offset, end_offset) order by field desc, start_offset
    )
from assigned
join mentions using (article_id, theme_id)
group by all
order by article_id, mention_count desc, theme_id
"""
_AREA = ("area_id", "cap_code", "area_rank", "is_main", "assigned_by", "mention_count")
_AREAS = f"""
select article_id, {", ".join(_AREA)}
from rank_areas('assigned', 'themes')
order by article_id, area_rank
"""


class Text(NamedTuple):
    """A text to tag. Title, language and day may be unknown."""

    title: str
    body: str
    language: str | None
    day: dt.date | None


class Tagger:
    """Tags texts with the phrases and themes of CSV rows from ``seeds/``."""

    def __init__(
        self, phrases: Iterable[Mapping[str, str]], themes: Iterable[Mapping[str, str]]
    ) -> None:
        """Build the matcher from rows of ``theme_phrases.csv`` and ``themes.csv``."""
        self._con = duckdb.connect(config={"threads": 1})
        # DuckDB writes the bar of a slow query to standard output, among the results of a command.
        self._con.execute("set enable_progress_bar = false")
        create_functions(self._con)
        self._matcher = Matcher([*map(_phrase, phrases)])
        self._con.execute(
            "create table themes (theme_id text, parent_id text, kind text, cap_code integer,"
            " counted_theme_ids text[])"
        )
        listed = {row["theme_id"]: row for row in themes}
        parents = {theme: row["parent_id"] or None for theme, row in listed.items()}
        self._con.executemany(
            "insert into themes values (?, ?, ?, nullif(?, '')::integer, ?)",
            [
                (theme, parents[theme], row.get("kind"), row["cap_code"], _lineage(theme, parents))
                for theme, row in listed.items()
            ],
        )

    def tag(self, texts: Sequence[Text]) -> list[dict[str, list[dict[str, Any]]]]:
        """Return the themes of each text, most mentions first, and its policy areas by rank.

        A theme has ``theme_id``, ``is_about``, and ``mention_count`` and ``mentions`` without those
        of the themes below it. An area has the keys of ``article_areas``. Offsets are characters
        from 0, end exclusive.
        """
        con = self._con
        rows = (
            (number, text.language, *hit)
            for number, text in enumerate(texts)
            for hit in describe_hits(text[:2], self._matcher.match_article(*text))
        )
        load_rows(con, "mentions", rows, {"article_id": "integer", "language": "text"} | HIT)
        con.execute(
            "create or replace temp table assigned as from assign_themes('mentions', 'themes')"
        )
        others = [n for n, text in enumerate(texts) if is_without_policy(text.title, text.language)]
        con.execute("update assigned set is_about = false where article_id in ?", [others])
        found: list[dict[str, list[dict[str, Any]]]] = [{"themes": [], "areas": []} for _ in texts]
        for kind, names, query in (("themes", _THEME, _THEMES), ("areas", _AREA, _AREAS)):
            for number, *row in con.execute(query).fetchall():
                found[number][kind].append(dict(zip(names, row, strict=True)))
        return found


def _lineage(theme: str, parents: Mapping[str, str | None]) -> list[str]:
    found: list[str] = []
    current: str | None = theme
    while current and current not in found:
        found.append(current)
        current = parents.get(current)
    return found


def read_cells(row: Mapping[str, str], names: Iterable[str]) -> dict[str, Any]:
    """Return columns of a CSV row: None for an empty cell, and days as dates."""
    cells: dict[str, Any] = {name: row.get(name) or None for name in names}
    for name in {"valid_from", "valid_to"} & cells.keys():
        cells[name] = dt.date.fromisoformat(cells[name]) if cells[name] else None
    return cells


def _phrase(row: Mapping[str, str]) -> Phrase:
    cells = read_cells(row, Phrase.__dataclass_fields__)
    if cells["window_chars"]:
        cells["window_chars"] = int(cells["window_chars"])
    return Phrase(**cells)
