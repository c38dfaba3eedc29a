"""Write Python rows to a temporary table of DuckDB, with exact types: as JSON, a text per column of
2,000 rows. Lists of values or arrays of objects take many times as long, and half of a surrogate
pair in an array ends the connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    import duckdb

BATCH = 2_000  # rows of a text
_OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_SERIALIZE_NUMPY


def load_rows(
    con: duckdb.DuckDBPyConnection,
    name: str,
    rows: Iterable[Iterable[Any]],
    types: Mapping[str, str],
) -> None:
    """Write rows to a new temporary table with these SQL types by column. Raises TypeError for a
    text with half of a surrogate pair.
    """
    waiting = iter(rows)
    batches = iter(lambda: encode_columns(islice(waiting, BATCH)), [])
    load_batches(con, name, batches, types)


def encode_columns(rows: Iterable[Iterable[Any]]) -> list[str]:
    """Return each column of rows as a JSON list; an empty list without rows."""
    columns = zip(*rows, strict=True)
    return [orjson.dumps(column, option=_OPTIONS).decode() for column in columns]


def load_batches(
    con: duckdb.DuckDBPyConnection,
    name: str,
    batches: Iterable[Sequence[str]],
    types: Mapping[str, str],
) -> None:
    """Write batches of ``encode_columns`` to a new temporary table."""
    cells = ", ".join(
        f'unnest(from_json_strict(columns[{number}], \'["{kind}"]\')) as "{column}"'
        for number, (column, kind) in enumerate(types.items(), 1)
    )
    con.execute(
        f"create or replace temp table {name} as"
        f" select {cells} from (select unnest($1::varchar[][]) as columns)",
        [[*filter(None, batches)]],
    )
