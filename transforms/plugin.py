"""The dbt-duckdb plugin: opens the lake without downloading anything and registers the matching functions.

``theme_hits(title, body, language, day)`` returns the hits of ``ref.theme_phrases`` in an article as a list of structs
``(field, phrase_id, theme_id, start_offset, end_offset, context)``; ``has_changed_phrase(title, body, language)`` whether an
article holds a phrase that the lexicon gained or changed since the last run that came to its end.
"""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin

from tidings.transforms.text.candidate_functions import register_candidates
from tidings.transforms.text.matching import Matcher, Phrase
from tidings.transforms.text.slow_texts import reading
from tidings.transforms.text.statement_udf import register_statements

if TYPE_CHECKING:
    from collections.abc import Callable

EXTENSIONS = ("ducklake", "sqlite_scanner")
FIELDS = ("title", "body_text")
HIT = pa.struct(
    [
        ("field", pa.string()),
        ("phrase_id", pa.string()),
        ("theme_id", pa.string()),
        ("start_offset", pa.int32()),
        ("end_offset", pa.int32()),
        ("context", pa.string()),
    ]
)
HIT_SQL = (
    "struct(field varchar, phrase_id varchar, theme_id varchar, start_offset integer, end_offset integer, context varchar)[]"
)
REACH = 81
"""Characters of ``context`` before and behind a hit: SQL would count from the text's beginning to cut them out of it."""
_TEXT: list[Any] = ["varchar", "varchar", "varchar"]
_ARROW: Any = {"type": "arrow", "null_handling": "special"}
PHRASE_COLUMNS = tuple(Phrase.__dataclass_fields__)


class Plugin(BasePlugin):
    """What dbt-duckdb calls while it opens its connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Load the extensions from their wheels, attach the lake and register the functions over its phrases."""
        conn.execute("set TimeZone = 'UTC'")
        if threads := os.environ.get("TIDINGS_THREADS"):
            conn.execute(f"set threads = {threads}")
        setup = json.loads(os.environ.get("TIDINGS_DBT_SETUP", "[]"))
        for statement in setup or [f"load {_quoted(str(find_extension(name)))}" for name in EXTENSIONS]:
            conn.execute(statement)
        options = json.loads(os.environ.get("TIDINGS_DBT_ATTACH_OPTIONS", "{}"))
        listed = ", ".join(f"{name} {_quoted(value)}" for name, value in options.items())
        conn.execute(f"attach {_quoted(os.environ['TIDINGS_DBT_LAKE'])} as lake ({listed})")
        register_matching(conn, "lake")
        self._quoting_version = register_statements(conn, "lake")
        self._sequences_version = register_candidates(conn, "lake")

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Set the run's variables, which DuckDB keeps for each connection by itself."""
        told = json.loads(os.environ.get("TIDINGS_DBT_VARIABLES", "{}"))
        told |= {"quoting_version": self._quoting_version, "sequences_version": self._sequences_version}
        cursor.execute(";".join(f"set variable {name} = '{value}'" for name, value in told.items()))


def find_extension(name: str) -> Path:
    """Return the path of a DuckDB extension inside its wheel. Raises FileNotFoundError where it is not installed."""
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    folder = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" if spec and spec.origin else Path()
    found = folder / f"{name}.duckdb_extension"
    if not found.is_file():
        message = f"DuckDB {duckdb.__version__} needs the package duckdb-extension-{name.replace('_', '-')} of the same version."
        raise FileNotFoundError(message)
    return found


def register_matching(con: duckdb.DuckDBPyConnection, database: str) -> None:
    """Register ``theme_hits`` and ``has_changed_phrase`` over the phrases that the lake holds now."""
    columns = ", ".join(PHRASE_COLUMNS)
    current = f"select {columns} from {database}.ref.theme_phrases"
    changed = current
    if _has_table(con, database, "intermediate", "int_tagged_phrases"):
        tagged = f"select {columns} from {database}.intermediate.int_tagged_phrases"
        changed = f"({current} except {tagged}) union all ({tagged} except {current})"
    register_hits(con, "theme_hits", Matcher(read_phrases(con, current)))
    has_changed: Any = find_any(Matcher(read_phrases(con, changed)))
    con.create_function("has_changed_phrase", has_changed, _TEXT, "boolean", **_ARROW)


def register_hits(con: duckdb.DuckDBPyConnection, name: str, matcher: Matcher) -> None:
    """Register a function of title, body, language and day that returns an article's hits as ``theme_hits`` does."""
    function: Any = find_hits(matcher)
    con.create_function(name, function, [*_TEXT, "date"], HIT_SQL, **_ARROW)


def read_phrases(con: duckdb.DuckDBPyConnection, query: str) -> list[Phrase]:
    """Return the phrases of a query with the columns of ``Phrase``, in order."""
    return [Phrase(*row) for row in con.execute(query).fetchall()]


def find_hits(matcher: Matcher) -> Callable[[Any, Any, Any, Any], pa.Array]:
    """Return the vectorised function behind ``theme_hits``: columns of articles in, a list of hits an article out."""

    def theme_hits(titles: Any, bodies: Any, languages: Any, days: Any) -> pa.Array:
        ends = [0]
        fields: list[str] = []
        phrases: list[str] = []
        themes: list[str] = []
        starts: list[int] = []
        stops: list[int] = []
        contexts: list[str] = []
        columns = (column.to_pylist() for column in (titles, bodies, languages, days))
        for title, body, language, day in zip(*columns, strict=True):
            for field, text in zip(FIELDS, (title or "", body or ""), strict=True):
                with reading("theme_hits", text):
                    hits = matcher.match(text, language, day)
                for hit in hits:
                    fields.append(field)
                    phrases.append(hit.phrase_id)
                    themes.append(hit.theme_id)
                    starts.append(hit.start)
                    stops.append(hit.end)
                    contexts.append(text[max(0, hit.start - REACH) : hit.end + REACH])
            ends.append(len(fields))
        kinds = (HIT[index].type for index in range(len(HIT)))
        values = (fields, phrases, themes, starts, stops, contexts)
        parts = [pa.array(column, kind) for column, kind in zip(values, kinds, strict=True)]
        return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.StructArray.from_arrays(parts, fields=list(HIT)))

    return theme_hits


def find_any(matcher: Matcher) -> Callable[[Any, Any, Any], pa.Array]:
    """Return the vectorised function behind ``has_changed_phrase``: columns of articles in, yes or no an article out."""

    def has_changed_phrase(titles: Any, bodies: Any, languages: Any) -> pa.Array:
        columns = (column.to_pylist() for column in (titles, bodies, languages))
        found = [
            matcher.holds_any(title or "", language) or matcher.holds_any(body or "", language)
            for title, body, language in zip(*columns, strict=True)
        ]
        return pa.array(found, pa.bool_())

    return has_changed_phrase


def _has_table(con: duckdb.DuckDBPyConnection, database: str, schema: str, table: str) -> bool:
    found = con.execute(
        "select 1 from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?", [database, schema, table]
    )
    return found.fetchone() is not None


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
