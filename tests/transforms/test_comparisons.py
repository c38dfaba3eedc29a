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


def series_row(
    series_id: str, unit: str, period: str, theme: str | None = None
) -> dict[str, object]:
    return {
        "series_id": series_id,
        "name": series_id,
        "source": "csv",
        "unit": unit,
        "period": period,
        "theme_id": theme,
    }


def point_row(
    series_id: str, day: dt.date, value: float, article_count: Any = None, total_count: Any = None
) -> dict[str, object]:
    counts = {"article_count": article_count, "total_count": total_count}
    return {"series_id": series_id, "start_on": str(day), "value": value, **counts}


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
            ("a", "share", "day"),
            ("b", "share", "day"),
            ("c", "count", "day"),
            ("d", "index", "month"),
        ):
            lake.insert(
                "ref.comparison_series",
                series_row(name, unit, period, "robots" if name == "a" else None),
            )
        for number, day in enumerate(days(63)):
            for article in range(4):
                text = "factory robots" if article < number // 7 % 3 else "weather"
                lake.add_article(
                    f"{number}-{article}", "gazette", str(day), text, f"{text} {number} {article}"
                )
            if number == 9:
                continue
            lake.insert(
                "ref.comparison_points", point_row("a", day, 0, number + 1, 10 if number else 1000)
            )
            lake.insert("ref.comparison_points", point_row("b", day, 0.5 if number % 2 else 0.25))
            lake.insert("ref.comparison_points", point_row("c", day, number, number))
        lake.insert(
            "ref.comparison_points",
            point_row("d", dt.date(2023, 6, 1), 90.0),
            point_row("d", dt.date(2023, 8, 1), 120.0),
        )
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
    assert lake.rows(
        "select period_start_on, value from measures.comparison_periods where series_id = 'd'"
    ) == [
        (dt.date(2023, 6, 1), 90.0),
        (dt.date(2023, 7, 1), None),
        (dt.date(2023, 8, 1), 120.0),
    ]
    pairs: list[Any] = lake.rows(
        "select theme_share, comparison_value, theme_index, comparison_index from"
        " measures.comparison_themes where period = 'week' order by period_start_on"
    )
    assert [row[0] for row in pairs] == [0, 0.25, 0.5] * 3
    assert pairs[1][1::2] == (None, None)
    table = np.array(pairs, dtype=float)
    assert table[:, 2:] == pytest.approx(
        100 * table[:, :2] / np.nanmean(table[:, :2], axis=0), rel=1e-9, nan_ok=True
    )
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
    for name in ("noise", "trend"):
        slope = 0.5 if name == "trend" else 0.0
        values = np.round(random.normal(size=(40, 2)) + slope * np.arange(40)[:, None], 1)
        values[11, 0] = values[30, 1] = np.nan
        drawn[name] = values
        con.executemany(
            "insert into pairs values (?, ?, ?, ?)",
            [
                [name, day, *(None if np.isnan(x) else x for x in row)]
                for day, row in zip(days(40), values, strict=True)
            ],
        )
    con.executemany(
        "insert into pairs values ('short', ?, ?, ?)",
        [[day, 1.0 * at, 2.0 * at] for at, day in enumerate(days(4))],
    )
    con.executemany(
        "insert into pairs values ('flat', ?, ?, 3)",
        [[day, 1.0 * at] for at, day in enumerate(days(9))],
    )
    found: dict[str, Any] = {
        row[0]: row[1:] for row in con.execute("from agreement('pairs')").fetchall()
    }
    for name, values in drawn.items():
        levels, changes = (
            table[~np.isnan(table).any(axis=1)] for table in (values, np.diff(values, axis=0))
        )
        expected = []
        for table in (levels, changes):
            expected += [
                len(table),
                np.corrcoef(table.T)[0, 1],
                np.corrcoef([mid_ranks(column) for column in table.T])[0, 1],
            ]
        assert found[name][2:8] == pytest.approx(expected, abs=1e-9)
    shown = {name: found[name][8] for name in found}
    assert shown == {"noise": False, "trend": True, "short": False, "flat": False}
    assert found["short"][2:5] == (4, None, None)
    assert found["flat"][2:5] == (9, None, None)


def mid_ranks(values: Any) -> Any:
    """Return ranks from 1, with the mean rank for equal values, by comparing all pairs."""
    return [(values < value).sum() + ((values == value).sum() + 1) / 2 for value in values]
