"""The SQL functions give the published figures, in DuckDB 1.2 and later."""

from __future__ import annotations

import datetime as dt
import random
import re
from pathlib import Path

import duckdb
import pytest

from tests.transforms import plain_indices
from tidings.base.functions import create_functions
from tidings.paths import TRANSFORMS

FILES = sorted((TRANSFORMS / "formulas").glob("*.sql"))
ORACLES = Path(__file__).parents[3] / "shared" / "oracles"


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """A database with the macros, random counts of six outlets over four years, and random
    batches.
    """
    connection = duckdb.connect()
    create_functions(connection, "memory.main")
    rng = random.Random(3)
    connection.execute(
        "create table counts (series varchar, outlet varchar, month date, n_all"
        " double, n_hit double)"
    )
    rows = [
        [
            series,
            f"o{outlet}",
            dt.date(2020 + month // 12, month % 12 + 1, 1),
            float(total),
            float(rng.randint(0, total)),
        ]
        for series in ("a", "b")
        for outlet in range(6)
        for month in range(48)
        if (total := rng.randint(0, 90)) or True
    ]
    connection.executemany("insert into counts values (?, ?, ?, ?, ?)", rows)
    connection.execute(
        "create table batches as select 's' || (n % 7) as series, date '2023-01-01' + (n //"
        " 7)::integer as batch_on,"
        " (hash(n) % if(n % 5 < 2, 12, 3))::bigint as hits, 15 as total from range(420) t(n)"
    )
    return connection


def test_old_versions_bind_the_macros() -> None:
    """The macros use no syntax that a DuckDB from 1.2 on rejects: `python -m
    benchmarks.duckdb_versions` runs them in each.
    """
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
    """The macros yield the figures that plain Python computes from the published formulas, with
    every option.
    """
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


@pytest.mark.skipif(
    not ORACLES.exists(), reason="the published figures are not beside this checkout"
)
def test_published_series_come_out_of_the_helper() -> None:
    """The macro in the release file reproduces every published value within 1e-9."""
    con = duckdb.connect()
    create_functions(con)
    con.execute(f"create table epu_counts as from '{ORACLES}/epu_counts.csv'")
    wrong, compared = con.execute(
        "select count(*) filter (where ours.unweighted is distinct from published.unweighted"
        " and not abs(ours.unweighted - published.unweighted) < 1e-9 is true"
        " or ours.weighted is distinct from published.weighted and not abs(ours.weighted -"
        " published.weighted) < 1e-9 is true),"
        " count(ours.unweighted) from standardised_index('epu_counts', baseline_until := date"
        " '2020-12-31', missing := 'zero',"
        f" unscaled := 'zero') as ours full join '{ORACLES}/epu_published.csv' as published using"
        f" (series, month)"
    ).fetchone() or (None, None)
    assert wrong == 0
    assert compared > 1500


def test_page_of_returns_the_page_of_an_offset(con: duckdb.DuckDBPyConnection) -> None:
    """A page without text begins where the next one does, and its number is skipped; an article
    without pages has none.
    """
    query = (
        "select page_of([0, 10, 10, 30], 0), page_of([0, 10, 10, 30], 9), page_of([0, 10, 10,"
        " 30], 10), page_of(null, 5)"
    )
    assert con.execute(query).fetchone() == (1, 1, 3, None)
