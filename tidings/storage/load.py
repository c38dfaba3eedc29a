"""Write records to the lake as one Arrow batch per table, idempotently, and read them back."""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from tidings.base.records import LastBuild
from tidings.storage.lake import LIVE_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tidings.storage.lake import Connection

T = TypeVar("T")
# types by whose values files differ
_ORDERED = frozenset({"DATE", "TIMESTAMP WITH TIME ZONE"})


def merge(con: Connection, records: Iterable[Any]) -> int:
    """Write records of one type and return the number of new or changed rows; the caller has a
    transaction.

    Of records with the same KEY, the last is written; it replaces a stored row unless the type has
    KEEPS_FIRST.
    """
    batch = list(records)
    if not batch:
        return 0
    kind = type(batch[0])
    columns = [field.name for field in dataclasses.fields(kind)]
    key_of = attrgetter(*kind.KEY)
    by_key = {key_of(row): row for row in batch}
    all_types = column_types(con, kind.TABLE)
    types = {name: all_types[name] for name in columns}
    rows = list(by_key.values())
    # by column, in a fifth of the time
    arrays = {}
    for name in columns:
        values = [*map(attrgetter(name), rows)]
        if types[name] == "UUID":
            values = [value and value.hex for value in values]
        arrays[name] = pa.array(values, ARROW[types[name]])
    con.register("batch", pa.table(arrays))
    try:
        return _merge_table(con, kind.TABLE, kind.KEY, types, replace=not kind.KEEPS_FIRST)
    finally:
        con.unregister("batch")


def changed_records(records: Iterable[T], stored: Mapping[Any, T]) -> list[T]:
    """Return the records that differ from the stored record with the same key, or have none."""
    return [row for row in records if row != stored.get(attrgetter(*row.KEY)(row))]  # type: ignore[attr-defined]


def count_rows(con: Connection, query: str, values: Any = None) -> int:
    """Return the number that a statement computes, or 0 for null or no row."""
    row = con.execute(query, values).fetchone()
    return int(row[0] or 0) if row else 0


def _merge_table(
    con: Connection,
    table: str,
    key: tuple[str, ...],
    types: Mapping[str, str],
    *,
    replace: bool,
) -> int:
    """Insert the new rows of ``batch``, replace stored rows that differ, and return their number.

    The keys are looked up first, because MERGE alone would read all columns of the table. It then
    reads only the files within the times of the known rows.
    """
    selected = ", ".join(f"{name}::{kind} as {name}" for name, kind in types.items())
    keys = ", ".join(key)
    ordered = [name for name, kind in types.items() if replace and kind in _ORDERED]
    con.execute(f"create or replace temp table arriving as select {selected} from batch")
    columns = dict.fromkeys((*key, *ordered))
    looked_up = f"select {', '.join(columns)} from {table} semi join temp.arriving using ({keys})"
    con.execute(f"create or replace temp table known as {looked_up}")
    unknown = f"select * from temp.arriving anti join temp.known using ({keys})"
    count = count_rows(con, f"insert into {table} by name {unknown}")
    bounds = _bounds(con, ordered) if replace else None
    if bounds is None:
        return count
    same = " and ".join(f"stored.{name} = new.{name}" for name in key)
    stored, given = (
        f"row({', '.join(f'{side}.{name}' for name in types)})" for side in ("stored", "new")
    )
    return count + count_rows(
        con,
        f"merge into {table} as stored using (from temp.arriving semi join temp.known using"
        f" ({keys})) as new on ({same}{bounds})"
        f" when matched and {stored} is distinct from {given} then update",
    )


def _bounds(con: Connection, columns: Sequence[str]) -> str | None:
    """Return a condition that limits MERGE to the range of the stored rows; None without any."""
    bounds = ", ".join(
        f"count({name}), min({name})::varchar, max({name})::varchar" for name in columns
    )
    total, *values = con.execute(
        f"select count(*){', ' if bounds else ''}{bounds} from temp.known"
    ).fetchone() or (0,)
    if not total:
        return None
    parts = zip(columns, values[::3], values[1::3], values[2::3], strict=True)
    return "".join(
        f" and stored.{name} between '{low}' and '{high}'"
        for name, count, low, high in parts
        if count == total
    )


def read_column(con: Connection, query: str, values: Any = None) -> list[Any]:
    """Return the first value of each row of a query."""
    return [row[0] for row in con.execute(query, values).fetchall()]


def read_last_build(con: Connection) -> LastBuild | None:
    """Return the last completed build of the tables, or None before the first."""
    return next(iter(read_records(con, LastBuild)), None)


def known_tables(con: Connection) -> set[str]:
    """Return the names of the lake's tables as ``schema.table``."""
    return set(read_column(con, f"select schema_name || '.' || table_name from {LIVE_TABLES}"))


def column_types(con: Connection, table: str) -> dict[str, str]:
    """Return the SQL type of each column of a table, in order."""
    # information_schema takes several times as long.
    return dict(
        con.execute(f"select column_name, column_type from (describe lake.{table})").fetchall()
    )


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
    "UINTEGER[]": pa.list_(pa.uint32()),
    "UBIGINT[]": pa.list_(pa.uint64()),
    "INTEGER[]": pa.list_(pa.int32()),
    "MAP(VARCHAR, BIGINT)": pa.map_(pa.string(), pa.int64()),
}


def read_records(
    con: Connection,
    kind: type,
    where: str = "true",
    values: Mapping[str, Any] | None = None,
) -> list[Any]:
    """Return the rows of a record type's table that satisfy a condition, in the order of their key.

    ``values`` are bound to ``$name``. A column that an earlier version's lake lacks has its
    default.
    """
    table, key = kind.TABLE, kind.KEY  # type: ignore[attr-defined]
    added = {
        field.name for field in dataclasses.fields(kind) if field.default is not dataclasses.MISSING
    }
    absent = added - column_types(con, table).keys() if added else set()
    columns = [
        f"{field.name}::varchar[]" if field.type == "list[Key]" else field.name
        for field in dataclasses.fields(kind)
        if field.name not in absent
    ]
    query = f"select {', '.join(columns)} from {table} where {where} order by {', '.join(key)}"
    rows = con.execute(query, dict(values or {})).fetchall()
    return [kind(*row) for row in rows]
