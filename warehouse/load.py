"""Writing records: one Arrow batch and one MERGE a table, so that a row written twice is written once."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb


def merge(con: duckdb.DuckDBPyConnection, records: Iterable[Any]) -> int:
    """Write records of one type into their table and return how many rows were new or changed.

    Rows are told apart by the record's KEY; of several with one key the last counts. A known row that differs is
    replaced, unless its record KEEPS_FIRST. Call it inside a transaction.
    """
    batch = list(records)
    if not batch:
        return 0
    kind = type(batch[0])
    columns = [field.name for field in dataclasses.fields(kind)]
    by_key = {tuple(getattr(row, name) for name in kind.KEY): row for row in batch}
    rows = pa.Table.from_pylist([_plain(row, columns) for row in by_key.values()], schema=_schema(con, kind.TABLE, columns))
    con.register("batch", rows)
    try:
        return _merge_table(con, kind.TABLE, kind.KEY, columns, replace=not getattr(kind, "KEEPS_FIRST", False))
    finally:
        con.unregister("batch")


def _merge_table(con: duckdb.DuckDBPyConnection, table: str, key: tuple[str, ...], columns: list[str], *, replace: bool) -> int:
    types = column_types(con, table)
    selected = ", ".join(f"{name}::{types[name]} as {name}" for name in columns)
    same = " and ".join(f"known.{name} = new.{name}" for name in key)
    known, new = (f"row({', '.join(f'{side}.{name}' for name in columns)})" for side in ("known", "new"))
    update = f"when matched and {known} is distinct from {new} then update" if replace else ""
    changed = con.execute(
        f"merge into {table} as known using (select {selected} from batch) as new on ({same})"
        f" {update} when not matched then insert"
    ).fetchone()
    return int(changed[0]) if changed else 0


def column_types(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Return the SQL type of each column of a table of the lake, in order."""
    schema, name = table.split(".")
    found = con.execute(
        "select column_name, data_type from information_schema.columns"
        " where table_catalog = 'lake' and table_schema = ? and table_name = ? order by ordinal_position",
        [schema, name],
    ).fetchall()
    return dict(found)


ARROW = {
    "UUID": pa.string(),
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "DATE": pa.date32(),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", tz="UTC"),
    "VARCHAR[]": pa.list_(pa.string()),
    "UUID[]": pa.list_(pa.string()),
    "UBIGINT[]": pa.list_(pa.uint64()),
    "MAP(VARCHAR, BIGINT)": pa.map_(pa.string(), pa.int64()),
}


def _schema(con: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> pa.Schema:
    types = column_types(con, table)
    return pa.schema([(name, ARROW[types[name]]) for name in columns])


def _plain(row: Any, columns: list[str]) -> dict[str, Any]:
    return {name: _arrow_value(getattr(row, name)) for name in columns}


def _arrow_value(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list):
        return [_arrow_value(item) for item in value]
    return value


def read_records(
    con: duckdb.DuckDBPyConnection, kind: type, where: str = "true", values: Mapping[str, Any] | None = None
) -> list[Any]:
    """Return the rows of a record's table that meet a condition, as records, ordered by their key.

    ``where`` may name parameters as ``$name``, whose ``values`` are bound.
    """
    columns = [field.name for field in dataclasses.fields(kind)]
    table, key = kind.TABLE, kind.KEY  # type: ignore[attr-defined]
    query = f"select {', '.join(columns)} from {table} where {where} order by {', '.join(key)}"
    found = con.execute(query, dict(values or {})).fetchall()
    return [kind(*row) for row in found]
