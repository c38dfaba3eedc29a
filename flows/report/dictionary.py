"""What each table and column of a release means, as dbt's own files say it; what they do not say stays unsaid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tidings import transforms

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a released table; ``description`` is empty where nobody wrote one."""

    name: str
    kind: str
    description: str


@dataclass(frozen=True, slots=True)
class Table:
    """A released table with its columns in order."""

    name: str
    description: str
    row_count: int
    columns: tuple[Column, ...]


@cache
def _described() -> dict[str, tuple[str, dict[str, str]]]:
    folder = Path(transforms.__file__).parent / "models"
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for path in sorted(folder.rglob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for model in content.get("models", ()):
            found[f"marts.{model['name']}"] = _words(model)
        for source in content.get("sources", ()):
            for table in source.get("tables", ()):
                found[f"{source.get('schema', source['name'])}.{table['name']}"] = _words(table)
    return found


def _words(model: dict[str, Any]) -> tuple[str, dict[str, str]]:
    columns = {column["name"]: " ".join((column.get("description") or "").split()) for column in model.get("columns", ())}
    return " ".join((model.get("description") or "").split()), columns


def read_dictionary(con: duckdb.DuckDBPyConnection, schemas: tuple[str, ...] = ("marts", "core", "ref", "ops")) -> list[Table]:
    """Return the released tables of some schemas with types, row counts and what dbt's files say of them."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for table, name, kind in con.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()"
        " where schema_name in ? and database_name = current_database() order by schema_name, table_name, column_index",
        [list(schemas)],
    ).fetchall():
        kinds.setdefault(table, []).append((name, kind))
    tables = []
    for table, columns in kinds.items():
        words, per_column = _described().get(table, ("", {}))
        schema, _, name = table.partition(".")
        counted = con.execute(f'select count(*) from "{schema}"."{name}"').fetchone()
        described = tuple(Column(column, kind, per_column.get(column, "")) for column, kind in columns)
        tables.append(Table(table, words, int(counted[0]) if counted else 0, described))
    order = {schema: place for place, schema in enumerate(schemas)}
    return sorted(tables, key=lambda table: (order[table.name.partition(".")[0]], table.name))
