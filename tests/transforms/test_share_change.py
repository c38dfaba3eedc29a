"""Changes of shares over the same outlets."""

import math
import random
from typing import Any

import duckdb
import pytest

from tests.analysis.report.small_release import model
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
        return named(con.execute("from share_change('counts') order by series"))


def named(found: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the rows of a result by the names of its columns."""
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


@pytest.mark.parametrize(
    ("rows", "pooled", "parts"),
    [
        ([("old", 10, 100, 10, 100), ("new", 90, 100, 0, 0)], 0.4, (0, 0.3, 0.1)),
        ([("x", 40, 400, 10, 100), ("y", 50, 100, 50, 100)], -0.12, (0, 0, -0.12)),
    ],
    ids=["an outlet that joins", "an outlet that publishes more"],
)
def test_a_change_of_the_mix_is_no_change_of_the_panel(
    rows: list[Any], pooled: float, parts: tuple[float, ...]
) -> None:
    """Outlets that join, or publish more, with other shares change the pooled share by composition
    and volume; the panel does not move.
    """
    [row] = change([("a", *counts) for counts in rows])
    assert row["panel_outlet_count"] == sum(before > 0 for *_, before in rows)
    assert (row["panel_change"], row["p_value"]) == (pytest.approx(0), pytest.approx(1))
    assert row["pooled_change"] == pytest.approx(pooled)
    found = [row[name] for name in ("within", "composition", "volume")]
    assert found == pytest.approx(parts)


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


@pytest.mark.slow
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


def release_with(**covered: int) -> list[dict[str, Any]]:
    """Return the rows of the model by theme for outlets with ten articles a day that were collected
    for the last number of days. Theme t0 has none of them before the last 28 days, then 27; each
    further theme has three less, and the last has no change.
    """
    with duckdb.connect() as con:
        create_functions(con)
        con.execute(
            "create schema marts; create schema ref; create table ref.themes as select 't' || n as"
            " theme_id, 'area' as parent_id from range(10) as t(n); create table marts.outlet_daily"
            " (publisher_id text, published_on date, is_gap boolean)"
        )
        con.executemany(
            "insert into marts.outlet_daily select ?, date '2026-03-31' - day::integer, day >= ?"
            " from range(60) as t(day)",
            [*covered.items()],
        )
        con.execute(
            "create table marts.theme_outlet_daily as select theme_id, publisher_id, published_on,"
            " if(published_on = '2026-03-31', 27 - 3 * substr(theme_id, 2)::integer, 0) as"
            " about_count, if(is_gap, 0, 10) as total_count from marts.outlet_daily cross join"
            " ref.themes; create table marts.int_corrected_changes (theme_id text,"
            " change_corrected double)"
        )
        return named(con.execute(f"from ({model('share_change')}) order by theme_id"))


def test_the_panel_was_covered_half_of_both_periods() -> None:
    """An outlet with 14 covered days before the last 28 days is compared, one with 13 is not; if
    there is no other, nothing is compared and no change is significant.
    """
    rows = release_with(old=60, enough=42, late=41)
    assert {row["panel_outlet_count"] for row in rows} == {2}
    assert rows[0]["panel_article_count"] == 54
    shown = {(row["panel_change"], row["is_significant"]) for row in release_with(late=41)}
    assert shown == {(None, False)}


def test_false_discoveries_are_controlled() -> None:
    """q-values are those of Benjamini and Hochberg over all tested themes; a change needs 20
    articles in both periods together to be significant.
    """
    rows = release_with(old=60)
    tested = sorted((row["p_value"], row["theme_id"]) for row in rows if row["p_value"] is not None)
    assert len(tested) == 9
    smallest = 1.0
    for rank in range(len(tested), 0, -1):
        p_value, theme = tested[rank - 1]
        smallest = min(smallest, p_value * len(tested) / rank)
        [row] = [row for row in rows if row["theme_id"] == theme]
        assert row["q_value"] == pytest.approx(smallest, abs=1e-8)
        is_worth_words = row["panel_article_count"] >= 20
        assert row["is_significant"] == (smallest <= 0.1 and is_worth_words)
    assert {row["is_significant"] for row in rows} == {True, False}
