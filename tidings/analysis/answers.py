"""Answer questions about a release with rows, and with the SQL that returned them.

A question is a query with ``$name`` for each value. The values become literals, so that the text is
complete: it runs in ``tidings sql`` and returns the same rows.
"""

import re
from collections.abc import Mapping, Sequence
from inspect import cleandoc
from typing import Any, NamedTuple

import duckdb

from tidings.storage.lake import Connection, quoted

Row = dict[str, Any]
# A row per theme and theme that counts for it, which is the theme itself or one below it.
LINEAGE = """recursive lineage as (
    select theme_id, theme_id as member_id from ref.themes
    union
    select lineage.theme_id, themes.theme_id from lineage
    inner join ref.themes on themes.parent_id = lineage.member_id
)"""
_OF_ONE = re.compile(r"\s+(?:where|and) (?:[\w.]+|coalesce\([^)]+\)) = \$id\b")


class Answer(NamedTuple):
    """The rows of a question and the SQL that returned them."""

    rows: list[Row]
    sql: str


class Answers:
    """The answers to one question about each of many themes or outlets, from one query.

    ``query`` has the condition ``column = $id`` at the end of a clause; without it, it returns the
    rows of all. ``key`` is the column of the ID, and ``values`` are those of the other ``$names``.
    """

    def __init__(self, con: Connection, query: str, key: str = "theme_id", **values: Any) -> None:
        self._query, self._values = query, values
        rows, self.all_sql = ask(con, _OF_ONE.sub("", query), **values)
        self.by_id: dict[str, list[Row]] = {}
        for row in rows:
            self.by_id.setdefault(row[key], []).append(row)

    def rows(self, name: str) -> list[Row]:
        """Return the rows of a theme or outlet."""
        return self.by_id.get(name, [])

    def sql(self, name: str, further: str = "") -> str:
        """Return the SQL that returns the rows of a theme or outlet, with a further condition."""
        return _write(self._query.replace("$id", quoted(name) + further), self._values)


def ask(con: Connection, query: str, **values: Any) -> Answer:
    """Return the answer to a question."""
    sql = _write(query, values)
    return Answer(read_rows(con, sql), sql)


def _write(query: str, values: Mapping[str, Any]) -> str:
    return re.sub(r"\$([a-z_]+)", lambda name: _literal(values[name[1]]), cleandoc(query))


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return f"({', '.join(map(quoted, value)) or 'null'})"
    if value is None:
        return "null::date"
    return quoted(value) if isinstance(value, str) else f"date '{value}'"


def has_table(con: Connection, name: str) -> bool:
    """Return whether a release or lake has a table; those of earlier versions lack some."""
    try:
        con.execute(f"from {name} limit 0")
    except duckdb.CatalogException:
        return False
    return True


def read_rows(con: Connection, query: str, values: Sequence[Any] | Row = ()) -> list[Row]:
    """Return a query's rows as dictionaries by column name."""
    result = con.execute(query, values or None)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
