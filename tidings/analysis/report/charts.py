"""Describe the report's charts in Vega-Lite with Altair and compile them to Vega; the browser draws
them from the page's rows.

All pages share one compiled specification per chart, so the browser need not compile any. Colours
are CSS variables, so the style sheet sets them for light, dark and print. ``python -m
tidings.analysis.report.charts`` writes static/charts.js, so the report needs neither Altair nor
vl-convert.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

from tidings.analysis.report.chart_parts import (
    ACCENT,
    BAND,
    EDGE,
    LOST,
    MUTED,
    OPEN,
    QUIET,
    RULE,
    Chart,
    chart_rows,
    label_axis,
    time_axis,
    tips,
)
from tidings.analysis.report.share_charts import (
    corrected_share_chart,
    share_chart,
    small_share_chart,
)

FONT = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Noto Sans CJK"
    " SC', sans-serif"
)

_CONFIG: dict[str, Any] = {
    "background": "transparent",
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "labelFontSize": 11,
        "gridColor": RULE,
        "gridOpacity": 0.7,
        "domainColor": MUTED,
        "tickColor": MUTED,
        "tickSize": 4,
        "labelPadding": 4,
    },
    "axisY": {"domain": False, "ticks": False},
    "axisX": {"domainWidth": 1},
}


@cache
def compile_charts() -> dict[str, dict[str, Any]]:
    """Return the Vega specification of each chart by name. The page fills the empty data set
    ``rows``.
    """
    charts = {
        "share": share_chart,
        "corrected_share": corrected_share_chart,
        "small_share": small_share_chart,
        "counts": _counts,
        "coverage": _coverage,
        "sources": _sources,
        "bursts": _bursts,
        "change": _change,
        "index": _index,
        "comparison": _comparison,
        "quality": _quality,
    }
    compiled = {}
    for name, describe in charts.items():
        chart = describe().configure(**_CONFIG).properties(padding=2)
        compiled[name] = dict(vl_convert.vegalite_to_vega(json.dumps(chart.to_dict())))
    return compiled


def write_charts() -> str:
    """Return the content of static/charts.js."""
    charts = json.dumps(compile_charts(), sort_keys=True, separators=(",", ":"))
    return f"window.tidingsCharts = {charts};\n"


def _counts() -> Chart:
    """Return the bar chart of articles, with the stories among them."""
    base = chart_rows()
    x = alt.X("start:T", scale=alt.Scale(type="utc"), axis=time_axis())
    y = alt.Axis(title=None, tickCount=4, format="~s")
    tooltips: list[tuple[str, ...]] = [
        ("since:N", "From"),
        ("articles:Q", "Articles", ",d"),
        ("stories:Q", "Stories", ",d"),
        ("days:Q", "Covered days"),
        ("status:N", "Status"),
    ]
    shade = alt.condition("datum.status === 'not over yet'", alt.value(0.45), alt.value(1))
    gaps = (
        base.transform_filter("datum.days === 0")
        .mark_rect(fill="transparent", stroke=RULE, strokeDash=[2, 2])
        .encode(x=x, x2="end:T")
    )
    bars = [
        base.mark_bar(color=colour, binSpacing=1).encode(
            x=x,
            x2="end:T",
            y=alt.Y(f"{name}:Q", axis=y),
            y2=alt.datum(0),
            opacity=shade,
            tooltip=tips(*tooltips),
        )
        for name, colour in (("articles", QUIET), ("stories", ACCENT))
    ]
    return alt.layer(gaps, *bars).properties(width="container", height=150)


def _bursts() -> Chart:
    """Return the timeline of bursts."""
    base = chart_rows()
    y = alt.Y("label:N", sort=None, title=None, axis=label_axis())
    x = alt.X("start:T", scale=alt.Scale(type="utc"), axis=time_axis(60, grid=True))
    tooltips: list[tuple[str, ...]] = [
        ("label:N", "Theme or phrase"),
        ("since:N", "From"),
        ("until:N", "To"),
        ("strength:Q", "Strength", ".1f"),
        ("articles:Q", "Articles", ",d"),
    ]
    bars = base.mark_bar(color=ACCENT, height=9, cornerRadius=2).encode(
        x=x, x2="end:T", y=y, tooltip=tips(*tooltips)
    )
    return alt.layer(bars).properties(width="container", height=alt.Step(22))


def _change() -> Chart:
    """Return the chart of shares in the last 28 days and in the previous 28 days."""
    base = chart_rows()
    y = alt.Y("label:N", sort=None, title=None, axis=label_axis())
    axis = alt.Axis(format="%", title=None, orient="top", tickCount=5, domain=False)
    tooltips: list[tuple[str, ...]] = [
        ("label:N", "Theme"),
        ("before:Q", "Previous 28 days", ".1%"),
        ("now:Q", "Last 28 days", ".1%"),
        ("low:Q", "95% low", ".1%"),
        ("high:Q", "95% high", ".1%"),
    ]
    interval = base.mark_bar(
        color=ACCENT, fillOpacity=BAND, stroke=ACCENT, **EDGE, height=10, cornerRadius=2
    ).encode(x=alt.X("low:Q", axis=axis), x2="high:Q", y=y, tooltip=tips(*tooltips))
    before = base.mark_tick(color=MUTED, size=14, thickness=2).encode(
        x=alt.X("before:Q", axis=axis), y=y, tooltip=tips(*tooltips)
    )
    path = base.mark_rule(color=MUTED, strokeWidth=1).encode(
        x=alt.X("before:Q", axis=axis), x2="now:Q", y=y
    )
    now = base.mark_point(filled=True, color=ACCENT, size=64, opacity=1).encode(
        x=alt.X("now:Q", axis=axis), y=y, tooltip=tips(*tooltips)
    )
    return alt.layer(interval, path, before, now).properties(width="container", height=alt.Step(24))


def _index() -> Chart:
    """Return the chart of an index, with a rule at 100."""
    return _index_chart({"index": ("Index", ACCENT, [1, 0])}, 170)


def _comparison() -> Chart:
    """Return the chart of a theme's index and, dashed, the index of a comparison series, with a
    rule at 100.
    """
    return _index_chart(
        {"other": ("Comparison", LOST, [6, 4]), "index": ("Theme", ACCENT, [1, 0])}, 190
    )


def _index_chart(columns: dict[str, tuple[str, str, list[int]]], height: int) -> Chart:
    """Return a chart of indices. ``columns`` maps a column to the title, colour and dashes of its
    line.
    """
    base = chart_rows()
    x = alt.X("middle:T", scale=alt.Scale(type="utc"), axis=time_axis())
    tooltips: list[tuple[str, ...]] = [
        (f"{name}:Q", title, ".1f") for name, (title, *_) in columns.items()
    ]
    tooltips.insert(0, ("since:N", "From"))
    layers = [base.mark_rule(color=RULE, strokeWidth=1).encode(y=alt.datum(100))]
    for name, (_, colour, dashes) in columns.items():
        y = alt.Y(f"{name}:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=None, tickCount=4))
        point = {"color": colour, "size": 24}
        line = base.mark_line(
            color=colour,
            strokeWidth=1.75,
            strokeDash=dashes,
            invalid="break-paths-show-path-domains",
            point=point,
        )
        layers.append(line.encode(x=x, y=y, tooltip=tips(*tooltips)))
    return alt.layer(*layers).properties(width="container", height=height)


def _quality() -> Chart:
    """Return the chart of recall (above) and precision (below) with their intervals, by language or
    quarter.
    """
    base = chart_rows()
    y = alt.Y("label:N", sort=None, title=None, axis=label_axis())
    scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(format="%", title=None, tickCount=5)
    tooltips: list[tuple[str, ...]] = [("label:N", "Articles")]
    for name in ("recall", "precision"):
        tooltips += [
            (f"{name}:Q", name.capitalize(), ".1%"),
            (f"{name}_low:Q", f"{name.capitalize()}, 95% low", ".1%"),
            (f"{name}_high:Q", f"{name.capitalize()}, 95% high", ".1%"),
        ]
    tooltips += [("coded:Q", "Coded articles", ",d")]
    # This layer contains every row, so a language without values has a place on the axis.
    layers = [
        base.mark_bar(opacity=0, height=28).encode(
            y=y, x=alt.datum(0, scale=scale, axis=axis), x2=alt.datum(1)
        )
    ]
    for name, colour, shape, shift in (
        ("recall", ACCENT, "circle", -6),
        ("precision", LOST, "diamond", 6),
    ):
        known = base.transform_filter(f"isValid(datum.{name})")
        interval = known.mark_rule(
            color=colour, strokeWidth=2, opacity=EDGE["strokeOpacity"], yOffset=shift
        )
        layers.append(
            interval.encode(
                y=y, x=alt.X(f"{name}_low:Q", scale=scale, axis=axis), x2=f"{name}_high:Q"
            )
        )
        point = known.mark_point(
            filled=True, color=colour, shape=shape, size=64, opacity=1, yOffset=shift
        )
        layers.append(point.encode(y=y, x=alt.X(f"{name}:Q", scale=scale, axis=axis)))
    unknown = base.transform_filter("!isValid(datum.recall) && !isValid(datum.precision)")
    layers.append(
        unknown.mark_text(color=MUTED, align="left", dx=6, text="too few coded articles").encode(
            y=y, x=alt.datum(0, scale=scale, axis=axis)
        )
    )
    layers.append(
        base.mark_bar(opacity=0, height=28).encode(
            y=y, x=alt.datum(0, scale=scale, axis=axis), x2=alt.datum(1), tooltip=tips(*tooltips)
        )
    )
    return alt.layer(*layers).properties(width="container", height=alt.Step(36))


def _coverage() -> Chart:
    """Return the grid of outlets by day or week: a darker cell has more articles, an open box is a
    gap.
    """
    colours = {
        "covered": (ACCENT, OPEN),
        "partly covered": (ACCENT, MUTED),
        "no articles": (QUIET, OPEN),
        "gap": (OPEN, MUTED),
        "not over yet": (OPEN, ACCENT),
    }
    tooltips: list[tuple[str, ...]] = [
        ("outlet:N", "Outlet"),
        ("since:N", "From"),
        ("status:N", "Status"),
        ("articles:Q", "Articles", ",d"),
        ("covered:Q", "Covered days"),
        ("reason:N", "Reason for the gap"),
    ]
    shade = (
        "datum.status === 'covered' || datum.status === 'partly covered' ? 0.25 + 0.75 *"
        " datum.level : 1"
    )
    return _grid(colours, tooltips, shade)


def _sources() -> Chart:
    """Return the grid of an outlet's sources by week: whether the listed items were obtained."""
    colours = {
        "complete": (ACCENT, OPEN),
        "captured late": (ACCENT, OPEN),
        "items missing": (LOST, OPEN),
        "nothing listed": (QUIET, OPEN),
        "no listing": (OPEN, MUTED),
    }
    tooltips: list[tuple[str, ...]] = [
        ("outlet:N", "Source"),
        ("since:N", "Week from"),
        ("listed:Q", "Listed", ",d"),
        ("obtained:Q", "Obtained", ",d"),
        ("missing:Q", "Missing", ",d"),
        ("later:Q", "Captured late", ",d"),
    ]
    return _grid(colours, tooltips, "datum.status === 'captured late' ? 0.45 : 1")


def _grid(
    colours: dict[str, tuple[str, str]], tooltips: list[tuple[str, ...]], shade: str
) -> alt.Chart:
    # Each cell leaves a margin of 16% at its end, so that neighbouring open boxes do not touch.
    inset = "(toNumber(toDate(datum.end)) - toNumber(toDate(datum.start))) * 0.16"
    fills, strokes = map(list, zip(*colours.values(), strict=True))
    chart: alt.Chart = (
        chart_rows()
        .transform_calculate(
            left="toNumber(toDate(datum.start))",
            right=f"toNumber(toDate(datum.end)) - {inset}",
            shade=shade,
        )
        .mark_rect(strokeWidth=1)
        .encode(
            x=alt.X("left:T", scale=alt.Scale(type="utc"), axis=time_axis()),
            x2="right:T",
            y=alt.Y(
                "outlet:N",
                sort=None,
                title=None,
                scale=alt.Scale(paddingInner=0.25, paddingOuter=0.15),
                axis=label_axis(),
            ),
            fill=alt.Fill(
                "status:N", scale=alt.Scale(domain=list(colours), range=fills), legend=None
            ),
            stroke=alt.Stroke(
                "status:N", scale=alt.Scale(domain=list(colours), range=strokes), legend=None
            ),
            fillOpacity=alt.FillOpacity("shade:Q", scale=None, legend=None),
            tooltip=tips(*tooltips),
        )
        .properties(width="container", height=alt.Step(24))
    )
    return chart


if __name__ == "__main__":
    (Path(__file__).parent / "static" / "charts.js").write_text(write_charts(), encoding="utf-8")
