"""Changes of shares over the same outlets."""

from __future__ import annotations

import math
import random
from typing import Any

import duckdb
import pytest

from tidings.base.functions import create_functions

Count = tuple[str, str, int, int, int, int]  # series, outlet, hits, total, and those before


def change(rows: list[Count]) -> list[dict[str, Any]]:
    """Return the rows of ``share_change`` by series."""
    with duckdb.connect() as con:
        create_functions(con)
        con.execute(
            "create table counts (series text, outlet text, hits int, total int, previous_hits int,"
            " previous_total int)"
        )
        con.executemany("insert into counts values (?, ?, ?, ?, ?, ?)", rows)
        found = con.execute("from share_change('counts') order by series")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.mark.parametrize(
    ("now", "before", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_interval_of_one_outlet_matches_published_values(
    now: tuple[int, int], before: tuple[int, int], low: float, high: float
) -> None:
    """With one outlet the interval is that of Newcombe (1998), Statistics in Medicine 17, 873-890,
    table II, method 10.
    """
    [row] = change([("a", "x", *now, *before)])
    limits = row["panel_change_low"], row["panel_change_high"]
    assert limits == pytest.approx((low, high), abs=1e-3)


def test_an_outlet_that_joins_is_no_change() -> None:
    """An outlet that joins with many articles on the theme changes the pooled share by composition;
    the panel does not move.
    """
    [row] = change([("a", "old", 10, 100, 10, 100), ("a", "new", 90, 100, 0, 0)])
    assert row["panel_outlet_count"] == 1
    assert (row["panel_change"], row["p_value"]) == (0, pytest.approx(1))
    assert row["pooled_change"] == pytest.approx(0.4)
    assert row["within"] == 0
    assert (row["composition"], row["volume"]) == (pytest.approx(0.3), pytest.approx(0.1))


def test_a_larger_outlet_is_no_change() -> None:
    """If an outlet only publishes more, the pooled share changes by its volume, and the panel does
    not move.
    """
    [row] = change([("a", "x", 40, 400, 10, 100), ("a", "y", 50, 100, 50, 100)])
    assert row["panel_change"] == pytest.approx(0)
    assert (row["within"], row["composition"]) == (pytest.approx(0), 0)
    assert row["volume"] == pytest.approx(row["pooled_change"]) == pytest.approx(-0.12)


def test_parts_add_up_and_the_test_follows_its_formula() -> None:
    """The three parts add up to the pooled change, and z is that of Cochran, Mantel and Haenszel,
    for random outlets of which some have a single period.
    """
    rng = random.Random(5)
    rows: list[Count] = []
    for number in range(200):
        for outlet in "abcd":
            totals = [rng.choice((0, 5, 40, 300)), rng.choice((0, 8, 60, 200))]
            hits = [rng.randint(0, total) for total in totals]
            rows.append((f"{number:03}", outlet, hits[0], totals[0], hits[1], totals[1]))
    found = change(rows)
    assert len(found) == 200
    tested = 0
    for row in found:
        if row["pooled_change"] is not None:
            parts = row["within"] + row["volume"] + row["composition"]
            assert parts == pytest.approx(row["pooled_change"], abs=1e-12)
        panel = [count[2:] for count in rows if count[0] == row["series"] and count[3] * count[5]]
        excess = variance = 0.0
        for found_now, total, hits_before, total_before in panel:
            both, joint = found_now + hits_before, total + total_before
            excess += found_now - total * both / joint
            variance += total * total_before * both * (joint - both) / joint**2 / (joint - 1)
        if variance:
            tested += 1
            p_value = math.erfc(abs(excess) / math.sqrt(2 * variance))
            assert row["p_value"] == pytest.approx(p_value, abs=3e-7)
    assert tested > 150


def test_the_test_and_the_interval_have_their_level() -> None:
    """Without a change, 5 % of p-values are below .05 and at least 93 % of the intervals contain 0,
    for three outlets of different size whose mix changes.
    """
    rng = random.Random(2)
    outlets = (("a", 300, 80, 0.05), ("b", 60, 200, 0.3), ("c", 100, 100, 0.02))
    rows: list[Count] = [
        (f"{number:04}", outlet, _draw(rng, now, share), now, _draw(rng, before, share), before)
        for number in range(1500)
        for outlet, now, before, share in outlets
    ]
    found = change(rows)
    false = sum(row["p_value"] < 0.05 for row in found) / len(found)
    held = sum(row["panel_change_low"] <= 0 <= row["panel_change_high"] for row in found)
    assert 0.03 < false < 0.07
    assert held / len(found) > 0.93


def _draw(rng: random.Random, total: int, share: float) -> int:
    return sum(rng.random() < share for _ in range(total))
