"""Write records to the lake in one batch per table, or the rows of a table that differ from
those of a query, idempotently, and read them back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from tidings.base.load_rows import load_rows
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
    load_rows(con, "arriving", map(attrgetter(*columns), by_key.values()), types)
    return _merge_batch(con, kind, types)


def changed_records(records: Iterable[T], stored: Mapping[Any, T]) -> list[T]:
    """Return the records that differ from the stored record with the same key, or have none."""
    return [row for row in records if row != stored.get(attrgetter(*row.KEY)(row))]  # type: ignore[attr-defined]


def count_rows(con: Connection, query: str, values: Any = None) -> int:
    """Return the number that a statement computes, or 0 for null or no row."""
    row = con.execute(query, values).fetchone()
    return int(row[0] or 0) if row else 0


def _merge_batch(con: Connection, kind: Any, types: Mapping[str, str]) -> int:
    """Insert the new rows of ``arriving``, replace stored ones that differ, and return the number.

    The keys are looked up first, because MERGE alone would read all columns of the table. It then
    reads only the files within the times of the known rows.
    """
    table, key, replace = kind.TABLE, kind.KEY, not kind.KEEPS_FIRST
    keys = ", ".join(key)
    ordered = [name for name, of in types.items() if replace and of in _ORDERED]
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
    bounds = (
        f" || if(count({name}) < count(*), '', format(' and stored.{name} between ''{{}}'' and"
        f" ''{{}}''', min({name})::varchar, max({name})::varchar))"
        for name in columns
    )
    query = f"select ''{''.join(bounds)} from temp.known having count(*) > 0"
    return next(iter(read_column(con, query)), None)


def read_column(con: Connection, query: str, values: Any = None) -> list[Any]:
    """Return the first value of each row of a query."""
    return [row[0] for row in con.execute(query, values).fetchall()]


def read_last(con: Connection, kind: type[T]) -> T | None:
    """Return the row of a record type's table with the highest key, or None without rows."""
    return next(reversed(read_records(con, kind)), None)


def column_types(con: Connection, table: str) -> dict[str, str]:
    """Return the SQL type of each column of a table, in order."""
    # information_schema takes several times as long.
    return dict(con.execute(f"select column_name, column_type from (describe {table})").fetchall())


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


def read_by_key(
    con: Connection, kind: type[T], where: str = "true", values: Mapping[str, Any] | None = None
) -> dict[Any, T]:
    """Return the rows of ``read_records`` by their key."""
    key_of = attrgetter(*kind.KEY)  # type: ignore[attr-defined]
    return {key_of(row): row for row in read_records(con, kind, where, values)}


CHANGED = "temp.differing"
"""The rows that the last call of ``write_differences`` deleted and inserted."""


def write_differences(
    con: Connection,
    table: str,
    query: str,
    keys: str,
    *,
    scope: str = "true",
    order_by: str = "",
) -> bool:
    """Replace the rows of a table that differ from those of a query, in the caller's transaction,
    and return whether there were any; else nothing is written, so that repeating a run makes no
    snapshot.

    ``keys`` are the columns that identify a row, separated by commas. Only the rows of the
    condition ``scope`` are compared; its constant bounds let the lake skip files. ``order_by`` is
    the order in files, by default that of the keys.
    """
    types = column_types(con, table)
    names = ", ".join(types)
    # A null equals a null within a struct.
    key = f"struct_pack({', '.join(f'{name} := {name}' for name in keys.split(', '))})"
    cast = ", ".join(f"{name}::{kind} as {name}" for name, kind in types.items())
    con.execute(
        f"""
        create or replace temp table differing as
        select {names}, sum(surplus)::bigint as surplus, count(*) filter (surplus > 0) as wanted
        from (
            select {cast}, 1 as surplus from ({query})
            union all
            select {names}, -1 as surplus from {table} where {scope}
        )
        group by all
        having sum(surplus) != 0
        """
    )
    if not has_rows(con, CHANGED):
        return False
    con.execute(
        f"delete from {table} where {scope} and {key} in"
        f" (select {key} from {CHANGED} where surplus < 0)"
    )
    # of a row that was stored twice, both were deleted
    con.execute(
        f"insert into {table} ({names}) select {names} from (select *, unnest(range(if(surplus > 0,"
        f" surplus, wanted))) from {CHANGED}) order by {order_by or keys}"
    )
    return True


def has_rows(con: Connection, relation: str) -> bool:
    """Return whether a table has rows."""
    return con.execute(f"select 1 from {relation} limit 1").fetchone() is not None


def set_range(con: Connection, name: str, relation: str, first: str, last: str = "") -> None:
    """Store the lowest value of a column and the highest of ``last``, by default the same, in
    DuckDB variables, for ``is_within``.
    """
    con.execute(
        f"set variable {name}_first = (select min({first}) from {relation});"
        f" set variable {name}_last = (select max({last or first}) from {relation})"
    )


def is_within(name: str, column: str) -> str:
    """Return the condition that a column is in a range of ``set_range``, which the lake reads as
    constants to skip files.
    """
    return f"{column} between getvariable('{name}_first') and getvariable('{name}_last')"
