"""The macros for measures against published figures, closed forms and exhaustive search."""

import datetime as dt
import math
import random

import duckdb
import pytest

from tidings.base.functions import create_functions


def value(expression: str) -> float:
    """Return the value of a SQL expression."""
    with duckdb.connect() as con:
        create_functions(con)
        (found,) = con.execute(f"select {expression}").fetchone() or ()
    return float("nan") if found is None else float(found)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_printed(hits: int, total: int, low: float, high: float) -> None:
    """The intervals equal those published by Newcombe (1998) to four digits."""
    assert round(value(f"wilson_low({hits}, {total})"), 4) == low
    assert round(value(f"wilson_high({hits}, {total})"), 4) == high


def test_measures_at_their_ends() -> None:
    """The interval is null without trials. NPMI is 0 for independent themes, 1 for themes that
    always occur together, and null if they never do.
    """
    assert math.isnan(value("wilson_low(0, 0)"))
    assert math.isclose(value("npmi(10, 20, 50, 100)"), 0.0, abs_tol=1e-12)
    assert math.isclose(value("npmi(20, 20, 20, 100)"), 1.0)
    assert math.isnan(value("npmi(0, 20, 50, 100)"))


def test_log_odds_follow_the_formula() -> None:
    """δ and z are those of Monroe, Colaresi and Quinn."""
    y1, n1, y2, n2, a, a0 = 12.0, 400.0, 5.0, 900.0, 1.5, 100.0
    delta = math.log((y1 + a) / (n1 + a0 - y1 - a)) - math.log((y2 + a) / (n2 + a0 - y2 - a))
    given = f"({y1}, {n1}, {y2}, {n2}, {a}, {a0})"
    assert math.isclose(value(f"log_odds{given}"), delta, rel_tol=1e-12)
    z = delta / math.sqrt(1 / (y1 + a) + 1 / (y2 + a))
    assert math.isclose(value(f"log_odds_z{given}"), z, rel_tol=1e-12)


def path_cost(path: tuple[int, ...], hits: list[int], totals: list[int]) -> float:
    """Return the cost of a path of states by its definition."""
    p0 = sum(hits) / sum(totals)
    rates = (p0, min(2 * p0, 0.9999))
    cost, state = 0.0, 0
    for here, r, d in zip(path, hits, totals, strict=True):
        cost += math.log(len(hits)) if here > state else 0.0
        cost -= (
            math.log(math.comb(d, r))
            + r * math.log(rates[here])
            + (d - r) * math.log(1 - rates[here])
        )
        state = here
    return cost


def test_bursts_equal_exhaustive_search() -> None:
    """The path is one of the cheapest of all 4,096 for 50 random series of 12 batches."""
    rng = random.Random(7)
    con = duckdb.connect()
    con.execute("create table counts (series integer, batch_on date, hits bigint, total bigint)")
    data = {}
    for series in range(50):
        rate, start, end = rng.choice((0.02, 0.1, 0.3, 0.6)), rng.randrange(7), rng.randrange(6, 13)
        totals = [rng.randint(1, 40) for _ in range(12)]
        rates = [min(1.0, rate * (2.5 if start <= place < end else 0.7)) for place in range(12)]
        hits = [sum(rng.random() < p for _ in range(d)) for p, d in zip(rates, totals, strict=True)]
        data[series] = (hits, totals)
        days = [dt.date(2023, 1, 1) + dt.timedelta(place) for place in range(12)]
        con.executemany(
            "insert into counts values (?, ?, ?, ?)",
            [[series, *row] for row in zip(days, hits, totals, strict=True)],
        )
    found: dict[int, list[int]] = {}
    create_functions(con)
    for series, is_burst in con.execute(
        "select series, is_burst from kleinberg_bursts('counts') order by series, batch_on"
    ).fetchall():
        found.setdefault(series, []).append(int(is_burst))
    with_bursts = 0
    for series, (hits, totals) in data.items():
        if not 0 < sum(hits) / sum(totals) < 0.9999:
            assert series not in found
            continue
        assert path_cost(tuple(found[series]), hits, totals) <= cheapest(hits, totals) + 1e-9
        with_bursts += any(found[series])
    assert with_bursts > 10


def cheapest(hits: list[int], totals: list[int]) -> float:
    """Return the least cost of all 4,096 paths. Common parts are added once."""
    p0 = sum(hits) / sum(totals)
    rates = (p0, min(2 * p0, 0.9999))
    batches = [
        [
            -math.log(math.comb(d, r)) - r * math.log(rate) - (d - r) * math.log(1 - rate)
            for rate in rates
        ]
        for r, d in zip(hits, totals, strict=True)
    ]
    up = math.log(len(hits))
    costs = [(0.0, 0)]
    for batch in batches:
        costs = [
            (cost + batch[here] + (up if here > state else 0.0), here)
            for cost, state in costs
            for here in (0, 1)
        ]
    return min(cost for cost, _ in costs)
