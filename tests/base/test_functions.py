"""The SQL functions give the published figures, in DuckDB 1.2 and later."""

import re

import duckdb
import pytest

from tests.transforms import plain_indices
from tidings.base.functions import create_functions
from tidings.paths import TRANSFORMS

FILES = sorted((TRANSFORMS / "formulas").glob("*.sql"))


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """A database with the macros."""
    connection = duckdb.connect()
    create_functions(connection, "memory.main")
    return connection


def test_old_versions_bind_the_macros() -> None:
    """No macro needs a DuckDB after 1.2 (`python -m benchmarks.duckdb_versions` runs them)."""
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    text = re.sub("^ *--.*", "", text, flags=re.MULTILINE)
    assert "->" not in text  # DuckDB 2.0 rejects arrows, and 1.2 reads stored lambdas without them
    for start in (match.end() for match in re.finditer(r"list_reduce\(", text)):
        depth, commas = 1, 0
        for position in range(start, len(text)):
            depth += (text[position] in "([") - (text[position] in ")]")
            commas += depth == 1 and text[position] == ","
            if depth == 0:
                break
        # list, and two parameters of the lambda; no initial value
        assert commas <= 2, text[start : start + 80]


def test_each_macro_is_described(con: duckdb.DuckDBPyConnection) -> None:
    """Each macro has a comment that names all its parameters."""
    query = (
        "select function_name, parameters, comment from duckdb_functions()"
        " where database_name = 'memory' and not internal"
    )
    rows = con.execute(query).fetchall()
    assert len(rows) == sum(
        path.read_text("utf-8").count("create or replace macro") for path in FILES
    )
    for name, parameters, comment in rows:
        assert [
            parameter for parameter in parameters if f"{parameter}: " not in (comment or "")
        ] == [], name


@pytest.mark.parametrize("missing", ["null", "zero"])
def test_indices_equal_the_published_formulas(missing: str) -> None:
    """The macros yield the figures of the published formulas in Python, with every option."""
    con = duckdb.connect()
    create_functions(con)
    con.execute(
        "create table counts (series varchar, outlet varchar, month date, n_all double,"
        " n_hit double)"
    )
    con.executemany("insert into counts values (?, ?, ?, ?, ?)", plain_indices.COUNTS)
    options = f"'counts', baseline_until := date '{plain_indices.UNTIL}', missing := '{missing}'"
    expected = {f"pooled_index({options})": plain_indices.pooled(missing)} | {
        f"standardised_index({options}, unscaled := '{unscaled}')": plain_indices.standardised(
            missing, unscaled
        )
        for unscaled in ("drop", "zero")
    }
    for macro, rows in expected.items():
        for ours, plain in zip(
            con.execute(f"from {macro} order by series, month").fetchall(), rows, strict=True
        ):
            assert ours[:2] == plain[:2]
            assert [value is None for value in ours] == [value is None for value in plain]
            assert [value or 0 for value in ours[2:]] == pytest.approx(
                [value or 0 for value in plain[2:]], rel=1e-12
            )
    assert len({tuple(rows) for rows in expected.values()}) == 3


def test_page_of_returns_the_page_of_an_offset(con: duckdb.DuckDBPyConnection) -> None:
    """The number of a page without text is skipped; an article without pages has none."""
    query = (
        "select page_of([0, 10, 10, 30], 0), page_of([0, 10, 10, 30], 9), page_of([0, 10, 10,"
        " 30], 10), page_of(null, 5)"
    )
    assert con.execute(query).fetchone() == (1, 1, 3, None)
