"""Rows of Python become tables with exact types."""

import datetime as dt
import uuid
from itertools import chain
from typing import Any

import duckdb
import numpy as np
import pytest

from tests.cases import cases
from tidings.base.load_rows import BATCH, encode_columns, load_batches, load_rows

BEIJING = dt.timezone(dt.timedelta(hours=8))
VALUES: dict[str, list[Any]] = {
    "UUID": [uuid.UUID(int=7)],
    "VARCHAR": ["a\0b", "'\"\\\n", "港口🚢", "", "x" * 20_000_000],
    "BOOLEAN": [True, False],
    "INTEGER": [-(2**31), 2**31 - 1],
    "BIGINT": [-(2**63), 2**63 - 1],
    "DOUBLE": [0.1, 1e300, -2.5e-310],
    "DATE": [dt.date(1, 1, 1), dt.date(2026, 2, 28)],
    "TIMESTAMP WITH TIME ZONE": [dt.datetime(2026, 5, 1, 3, 4, 5, 678901, tzinfo=BEIJING)],
    "VARCHAR[]": [["a", None, "b, 'c'"], []],
    "UUID[]": [[uuid.UUID(int=8)]],
    "UINTEGER[]": [[0, 2**32 - 1]],
    "UBIGINT[]": [[0, 2**64 - 1]],
    "INTEGER[]": [[-1]],
    "DOUBLE[]": [[0.1, None]],
    "MAP(VARCHAR, BIGINT)": [{"a'b": 2**40, "": 1}],
}


@pytest.fixture
def con() -> Any:
    with duckdb.connect() as opened:
        opened.execute("set TimeZone = 'Asia/Tokyo'")
        yield opened


def test_values_of_every_type_are_equal_afterwards(con: Any) -> None:
    """A column keeps its type, its values and nulls. The session's time zone changes no time.
    Arrays and numbers of NumPy are written as lists and numbers.
    """
    for kind, values in VALUES.items():
        load_rows(con, "given", [(value,) for value in [*values, None]], {"left": kind})
        assert con.execute('select "left" from given').fetchall() == [(v,) for v in [*values, None]]
        assert con.execute("select column_type from (describe given)").fetchall() == [(kind,)]
    rows = [(dt.datetime(2026, 5, 1, 12),)]  # noqa: DTZ001 - the case
    load_rows(con, "given", rows, {"moment": "timestamptz"})
    assert con.execute("select epoch(moment) from given").fetchone() == (1777636800,)
    row = (np.array([3, 2**32 - 1], np.uint32), np.float32(0.1))
    load_rows(con, "given", [row], {"terms": "uinteger[]", "weight": "float"})
    assert con.execute("from given where weight = 0.1::float").fetchall()[0][0] == [3, 2**32 - 1]


def test_many_rows_keep_their_cells_together(con: Any) -> None:
    """Rows of several batches, also an empty one, are complete; no rows make an empty table."""
    count = 2 * BATCH + 1
    types = {"number": "integer", "name": "varchar"}
    rows = [(n, f"{n}" if n % 3 else None) for n in range(count)]
    load_rows(con, "given", iter(rows), types)
    assert con.execute("from given order by number").fetchall() == rows
    load_batches(con, "given", [encode_columns(part) for part in (rows[:5], [], rows[5:])], types)
    assert con.execute("from given order by number").fetchall() == rows
    load_rows(con, "given", [], types)
    assert con.execute("select number, name from given").fetchall() == []


@cases(
    "kind, value, error",
    ("varchar", "\ud83d", TypeError),
    ("integer", 2**31, duckdb.Error),
    ("integer", "many", duckdb.Error),
    ("date", "yesterday", duckdb.Error),
)
def test_values_that_do_not_fit_are_refused(con: Any, kind: str, value: Any, error: Any) -> None:
    """No value is replaced by null or cut, and the connection remains usable."""
    with pytest.raises(error):
        load_rows(con, "given", chain([(value,)]), {"cell": kind})
    assert con.execute("select 1").fetchone() == (1,)
