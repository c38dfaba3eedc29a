"""Write only the rows of a table that differ from those of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tidings.storage.load import column_types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.storage.lake import Connection

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
    r"""Replace the rows of a table that differ from those of a query, in the caller's transaction,
    and return whether there were any; else nothing is written, so that repeating a run makes no
    snapshot.\n\n``keys`` are the columns that identify a row, separated by commas. Only the rows of
    the condition ``scope`` are compared; its constant bounds let the lake skip files. ``order_by``
    is the order in files, by default that of the keys.
    """
    types = column_types(con, table)
    names = ", ".join(types)
    # A null equals a null within a struct.
    key = f"struct_pack({', '.join(f'{name} := {name}' for name in keys.split(', '))})"
    cast = ", ".join(f"{name}::{kind} as {name}" for name, kind in types.items())
    con.execute(
        f"""
        create or replace temp table differing as
        select {names}, sum(surplus)::bigint as surplus
        from (
            select {cast}, 1 as surplus from ({query})
            union all
            select {names}, -1 as surplus from {table} where {scope}
        )
        group by all
        having sum(surplus) != 0
        """
    )
    has_stale, has_missing = (has_rows(con, f"{CHANGED} where surplus {sign} 0") for sign in "<>")
    if has_stale:
        con.execute(
            f"delete from {table} where {scope} and {key} in"
            f" (select {key} from {CHANGED} where surplus < 0)"
        )
    if has_missing:
        con.execute(
            f"insert into {table} ({names}) select {names} from (select *, unnest(range(surplus))"
            f" from {CHANGED} where surplus > 0) order by {order_by or keys}"
        )
    return has_stale or has_missing


def has_rows(con: Connection, relation: str) -> bool:
    """Return whether a table has rows."""
    return con.execute(f"select 1 from {relation} limit 1").fetchone() is not None


def columns(kind: pa.DataType, names: str) -> list[tuple[str, pa.DataType]]:
    """Return a schema's columns of one type; white space separates their names."""
    return [(name, kind) for name in names.split()]


def load_rows(con: Connection, name: str, rows: Sequence[Sequence[Any]], schema: pa.Schema) -> None:
    """Write rows to a temporary table."""
    con.register("given_rows", tabulate(rows, schema))
    con.execute(f"create or replace temp table {name} as from given_rows")
    con.unregister("given_rows")


def tabulate(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    """Return rows as an Arrow table."""
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)]
    return pa.table(arrays, schema=schema)


def set_range(con: Connection, name: str, column: str, relation: str) -> None:
    """Store the lowest and the highest value of a column in DuckDB variables, for ``is_within``."""
    con.execute(
        f"set variable {name}_first = (select min({column}) from {relation});"
        f" set variable {name}_last = (select max({column}) from {relation})"
    )


def is_within(name: str, column: str) -> str:
    """Return the condition that a column is in a range of ``set_range``, which the lake reads as
    constants to skip files.
    """
    return f"{column} between getvariable('{name}_first') and getvariable('{name}_last')"
