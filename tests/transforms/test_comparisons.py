"""Comparison series are summed to longer periods, indexed, and correlated with a theme's share."""

import datetime as dt
from typing import Any

import duckdb
import numpy as np
import pytest

from tests.transforms.conftest import TinyLake
from tidings.base.functions import create_functions
from tidings.storage.release import changed_tables

MONDAY = dt.date(2023, 6, 5)
MARTS = "+comparison_periods +comparison_themes +comparison_agreement"


def point_row(name: str, day: dt.date, value: float, *counts: int) -> dict[str, object]:
    """Return a value, with its articles and their total if they are known."""
    of_total = dict(zip(("article_count", "total_count"), counts, strict=False))
    return {"series_id": name, "start_on": str(day), "value": value, **of_total}


def days(count: int, start: dt.date = MONDAY) -> list[dt.date]:
    return [start + dt.timedelta(number) for number in range(count)]


@pytest.mark.slow
def test_periods_pairs_and_agreement(lake: TinyLake) -> None:
    """Shares with counts are summed, other shares and indices averaged, counts added, and a period
    with a missing day is a gap.

    Both indices have a mean of 100 from the first to the last common week, and a build without
    changes writes nothing.
    """
    with lake.at_once():
        for name, unit, period in (
            ("a", "share", "day"), ("b", "share", "day"), ("c", "count", "day"),
            ("d", "index", "month"),
        ):  # fmt: skip
            row = {"series_id": name, "name": name, "source": "csv", "unit": unit, "period": period}
            theme = "robots" if name == "a" else None
            lake.insert("ref.comparison_series", {**row, "theme_id": theme})
        points = [point_row("d", dt.date(2023, 6, 1), 90), point_row("d", dt.date(2023, 8, 1), 120)]
        for number, day in enumerate(days(63)):
            for article in range(4):
                text = "factory robots" if article < number // 7 % 3 else "weather"
                words = text, f"{text} {number} {article}"
                lake.add_article(f"{number}-{article}", "gazette", str(day), *words)
            if number == 9:
                continue
            points.append(point_row("a", day, 0, number + 1, 10 if number else 1000))
            points.append(point_row("b", day, 0.5 if number % 2 else 0.25))
            points.append(point_row("c", day, number, number))
        lake.insert("ref.comparison_points", *points)
    lake.build(select=MARTS)
    weeks = lake.rows(
        "select series_id, article_count, total_count, value from measures.comparison_periods"
        " where period = 'week' order by series_id, period_start_on"
    )
    found: dict[object, list[Any]] = {
        name: [row[1:] for row in weeks if row[0] == name][:4] for name in "abc"
    }
    assert found["a"][:2] == [(28, 1060, round(28 / 1060, 12)), (None, None, None)]
    shown = [row[2] for row in found["b"]]
    assert shown == [round(2.5 / 7, 12), None, round(2.5 / 7, 12), round(2.75 / 7, 12)]
    assert [row[2] for row in found["c"]] == [21, None, sum(range(14, 21)), sum(range(21, 28))]
    months = (
        "select month(period_start_on), value from measures.comparison_periods"
        " where series_id = 'd'"
    )
    assert lake.rows(months) == [(6, 90.0), (7, None), (8, 120.0)]
    pairs: list[Any] = lake.rows(
        "select theme_share, comparison_value, theme_index, comparison_index from"
        " measures.comparison_themes where period = 'week' order by period_start_on"
    )
    assert [row[0] for row in pairs] == [0, 0.25, 0.5] * 3
    assert pairs[1][1::2] == (None, None)
    table = np.array(pairs, dtype=float)
    indices = 100 * table[:, :2] / np.nanmean(table[:, :2], axis=0)
    assert table[:, 2:] == pytest.approx(indices, rel=1e-9, nan_ok=True)
    known = np.delete(table, 1, axis=0)
    [agreement] = lake.rows(
        "select pair_count, pearson, change_count from"
        " measures.comparison_agreement where period = 'week'"
    )
    assert agreement == (8, pytest.approx(np.corrcoef(known[:, 0], known[:, 1])[0, 1], abs=1e-9), 6)
    before = lake.snapshot()
    lake.build(select=MARTS)
    assert not [table for table in changed_tables(lake.con, before) if table.startswith("marts.")]


def test_agreement_equals_numpy() -> None:
    """Correlations of values and changes equal numpy's, with ties and gaps; short series: null."""
    random = np.random.default_rng(7)
    con = duckdb.connect()
    create_functions(con, "main")
    con.execute("create table pairs (series varchar, start_on date, a double, b double)")
    drawn: dict[str, Any] = {}
    for name, slope in (("noise", 0.0), ("trend", 0.5)):
        values = np.round(random.normal(size=(40, 2)) + slope * np.arange(40)[:, None], 1)
        values[11, 0] = values[30, 1] = np.nan
        drawn[name] = values
    short = {"short": [(1.0 * at, 2.0 * at) for at in range(4)]}
    flat = {"flat": [(1.0 * at, 3) for at in range(9)]}
    for name, values in {**drawn, **short, **flat}.items():
        rows = ((None if np.isnan(x) else x for x in row) for row in values)
        cells = [[name, day, *row] for day, row in zip(days(len(values)), rows, strict=True)]
        con.executemany("insert into pairs values (?, ?, ?, ?)", cells)
    found: dict[str, Any] = {
        row[0]: row[1:] for row in con.execute("from agreement('pairs')").fetchall()
    }
    for name, values in drawn.items():
        expected = []
        for given in (values, np.diff(values, axis=0)):
            table = given[~np.isnan(given).any(axis=1)]
            ranks = [mid_ranks(column) for column in table.T]
            correlations = (np.corrcoef(pair)[0, 1] for pair in (table.T, ranks))
            expected += [len(table), *correlations]
        assert found[name][2:8] == pytest.approx(expected, abs=1e-9)
    shown = {name: found[name][8] for name in found}
    assert shown == {"noise": False, "trend": True, "short": False, "flat": False}
    assert found["short"][2:5] == (4, None, None)
    assert found["flat"][2:5] == (9, None, None)


def mid_ranks(values: Any) -> Any:
    """Return ranks from 1, with the mean rank for equal values, by comparing all pairs."""
    return [(values < value).sum() + ((values == value).sum() + 1) / 2 for value in values]
