"""The macros for lives, diffusion, concentration and lags against definitions in plain Python."""

import datetime as dt
import math
import random
import statistics

import duckdb
import pytest

from tidings.base.functions import create_functions

DAY = dt.date(2023, 9, 1)


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """A database with the macros of the release file."""
    connection = duckdb.connect()
    create_functions(connection)
    return connection


def test_life_by_hand(con: duckdb.DuckDBPyConnection) -> None:
    """The peak is the first day with most hits; half of the later hits occur within three days."""
    hits = {0: 1, 2: 4, 3: 1, 5: 4, 9: 2, 20: 1}
    con.execute("create table counts (series varchar, batch_on date, hits bigint)")
    con.executemany(
        "insert into counts values ('a', ?, ?)",
        [[DAY + dt.timedelta(day), count] for day, count in hits.items()],
    )
    con.execute(f"insert into counts values ('b', '{DAY}', 5), ('b', '{DAY + dt.timedelta(1)}', 0)")
    assert con.execute("from lives('counts') order by series").fetchall() == [
        ("a", DAY, DAY + dt.timedelta(2), DAY + dt.timedelta(20), 13, 3),
        ("b", DAY, DAY, DAY, 5, 0),
    ]


def test_lives_follow_the_definition(con: duckdb.DuckDBPyConnection) -> None:
    """Peak and half-life of 200 random series equal those of a search by day."""
    rng = random.Random(5)
    con.execute("create table counts (series integer, batch_on date, hits bigint)")
    expected = []
    for series in range(200):
        days = sorted(rng.sample(range(60), rng.randint(1, 12)))
        hits = {day: rng.randint(1, 5) for day in days}
        con.executemany(
            "insert into counts values (?, ?, ?)",
            [[series, DAY + dt.timedelta(day), hits[day]] for day in days],
        )
        peak = min(day for day in days if hits[day] == max(hits.values()))
        later = [day for day in days if day >= peak]
        half = next(
            day
            for day in later
            if 2 * sum(hits[one] for one in later if one <= day) >= sum(hits[one] for one in later)
        )
        expected.append((DAY + dt.timedelta(peak), half - peak))
    query = "select peak_on, half_life_days from lives('counts') order by series"
    assert con.execute(query).fetchall() == expected


def test_diffusion_and_concentration_at_their_ends(con: duckdb.DuckDBPyConnection) -> None:
    """The second outlet is half of four and of three outlets; a single one has no diffusion. Equal
    counts give 1/n, a single count gives 1, and no counts give null.
    """
    con.execute("create table adoptions (series varchar, outlet varchar, adopted_on date)")
    for series, days in (("four", (0, 3, 3, 9)), ("three", (0, 7, 8)), ("one", (4,))):
        con.executemany(
            "insert into adoptions values (?, ?, ?)",
            [[series, f"o{number}", DAY + dt.timedelta(day)] for number, day in enumerate(days)],
        )
    assert con.execute("from diffusion('adoptions') order by series").fetchall() == [
        ("four", 4, DAY + dt.timedelta(3)),
        ("one", 1, None),
        ("three", 3, DAY + dt.timedelta(7)),
    ]
    for counts, expected in (
        ((2, 2, 2, 2), 0.25),
        ((7, 0, 0), 1.0),
        ((3, 1), 0.625),
        ((0, 0), None),
    ):
        values = ", ".join(f"({count})" for count in counts)
        assert con.execute(f"select hhi(n) from (values {values}) as t(n)").fetchone() == (
            expected,
        )


def test_lagged_series_correlates_at_its_lag(con: duckdb.DuckDBPyConnection) -> None:
    """A series repeated after two days correlates most at lag two, by the textbook's formula."""
    rng = random.Random(2)
    one = [rng.random() for _ in range(80)]
    other = [0.5, 0.5, *one[:-2]]
    x, y = ([value - statistics.fmean(series) for value in series] for series in (one, other))
    squares = [sum(value * value for value in series) for series in (x, y)]
    found = {
        lag: con.execute(
            "select cross_correlation(?, ?, ?, ?)", [x[: 80 - lag], y[lag:], *squares]
        ).fetchone()
        for lag in range(15)
    }
    best, value = max(
        ((lag, row[0]) for lag, row in found.items() if row), key=lambda item: item[1]
    )
    expected = sum(x[t] * y[t + 2] for t in range(78)) / math.sqrt(math.prod(squares))
    assert best == 2
    assert math.isclose(value, expected, rel_tol=1e-9)
