"""Figures in words and numbers: intervals against published ones, scales, dots."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest

from tidings.flows.report.figure import describe_shares, period_end, share_rows, shared_maximum
from tidings.flows.report.temp_tables import create_interval_macros
from tidings.flows.report.trends import _change_with_interval, pick_changed


@pytest.fixture
def con():
    with duckdb.connect() as made:
        create_interval_macros(made)
        yield made


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_the_published_ones(con, hits, total, low, high):
    """Wilson's interval gives the figures of Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3."""
    found = con.execute("select report_low(?, ?), report_high(?, ?)", [hits, total, hits, total]).fetchone()
    assert found == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 20), 0.6791, 1.0)],
)
def test_the_interval_of_a_change_is_the_published_one(con, one, other, low, high):
    """The change's interval gives the figures of Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10."""
    row = con.execute(
        "select report_low(?, ?), report_high(?, ?), report_low(?, ?), report_high(?, ?)", [*one, *one, *other, *other]
    ).fetchone()
    change = _change_with_interval(
        {"now": one[0] / one[1], "before": other[0] / other[1]}
        | dict(zip(("low", "high", "low_before", "high_before"), row, strict=True))
    )
    assert (change["change_low"], change["change_high"]) == pytest.approx((low, high), abs=1e-3)


def test_what_is_unknown_does_not_move():
    """A theme whose earlier share is unknown is listed neither as rising nor as fading."""
    known = {"change": 0.2, "change_low": 0.1, "change_high": 0.3}
    unknown = _change_with_interval({"now": 0.4, "before": None})
    rising, maybe, fading = pick_changed({"a": known, "b": unknown}, {"a", "b"})
    assert (rising, maybe, fading) == (["a"], [], [])


def test_periods_end_where_the_next_begins():
    """A month ends at the first of the next, December included."""
    assert period_end(dt.date(2026, 12, 1), "month") == dt.date(2027, 1, 1)
    assert period_end(dt.date(2026, 12, 28), "week") == dt.date(2027, 1, 4)


def test_long_series_mark_only_what_no_line_reaches():
    """In a long series a dot marks a value between two gaps, and the running month."""
    day = dt.date(2020, 1, 1)
    series = []
    for number in range(60):
        share = None if number in {10, 12} else 0.1
        series.append((day, share, share, share, 1, 10, 0 if share is None else 30, number < 59))
        day = period_end(day, "month")
    dots = [row[-1] for row in share_rows(series, "month")]
    assert [place for place, dot in enumerate(dots) if dot] == [11, 59]
    assert dots[59] == 2


def test_a_chart_is_described_with_its_gaps():
    """Who does not see the chart hears the highest, the last, and how much was not covered."""
    series = [(dt.date(2026, 1, 5 + 7 * n), share, share, share, 1, 10, 7, True) for n, share in enumerate([0.1, None, 0.3])]
    told = describe_shares(share_rows(series, "week"), "week")
    assert (
        "The share was 30.0% in the last complete week, the week of 19 Jan 2026. This is the highest value of all complete weeks."
        in told
    )
    assert "The share is unknown in 1 week." in told


def test_small_charts_share_a_scale_that_holds_all_values():
    """The scale ends above the largest value and never beyond twice of it, however wide the intervals are."""
    row = ["2026-01-05", "2026-01-12", 0.2, 0.1, 0.9, 1, 5, 7, 1]
    assert shared_maximum([[row]]) == 0.4
    assert shared_maximum([[[*row[:2], None, None, None, 0, 0, 0, 0]]]) == 1.0
