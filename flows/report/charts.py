"""The report's charts: Vega-Lite described with Altair, compiled once to Vega, drawn in the browser from each page's rows.

Compiling here and not in the browser spares it half of the code (vega-lite), and a chart's description is written once for
all pages. Colours are CSS variables, so that light, dark and paper are the style sheet's business.
"""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import vl_convert

INK, MUTED, RULE, ACCENT, QUIET = "var(--ink)", "var(--muted)", "var(--rule)", "var(--accent)", "var(--quiet)"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Noto Sans CJK SC', sans-serif"
# What pages call, a thin cover around Vega; Vega alone, 320 kB less, cannot be had: the bundler's ``vega`` is null in 1.9.
LIBRARY = "window.drawVega = vegaEmbed;"

_ROWS = alt.NamedData(name="rows")


def _time_axis(pixels: int = 90, *, grid: bool = False) -> alt.Axis:
    # A label for so many pixels, whatever the width: by default Vega writes one under every other week.
    ticks = alt.ExprRef(f"max(2, floor(width / {pixels}))")
    return alt.Axis(title=None, grid=grid, tickCount=ticks, labelFlush=True, labelOverlap="greedy")


def _month_axis() -> alt.Axis:
    told = "utcFormat(datum.value, utcmonth(datum.value) === 0 ? '%Y' : '%b')"
    return alt.Axis(title=None, grid=False, tickCount="month", labelExpr=told, labelFlush=True, labelOverlap="greedy")


def _x(axis: alt.Axis | None = None) -> alt.X:
    # A value belongs to its whole week or month, so it stands in the middle of it.
    return alt.X("middle:T", scale=alt.Scale(type="utc"), axis=axis or _time_axis())


def _label_axis() -> alt.Axis:
    limit = alt.ExprRef("max(110, containerSize()[0] * 0.3)")
    return alt.Axis(labelLimit=limit, labelPadding=8, ticks=False, domain=False)


def _base() -> alt.Chart:
    # Dates are told in UTC: in the reader's own zone a Monday would read as a Sunday west of Greenwich.
    return alt.Chart(_ROWS).transform_calculate(
        middle="(toNumber(toDate(datum.start)) + toNumber(toDate(datum.end))) / 2",
        since="utcFormat(toDate(datum.start), '%-d %b %Y')",
    )


def _share_layers(y: alt.Y, *, axis: alt.Axis, band: float) -> alt.LayerChart:
    base = _base()
    x = _x(axis)
    tooltips = [
        alt.Tooltip("since:N", title="From"),
        alt.Tooltip("share:Q", title="Share", format=".1%"),
        alt.Tooltip("low:Q", title="Low", format=".1%"),
        alt.Tooltip("high:Q", title="High", format=".1%"),
        alt.Tooltip("hits:Q", title="Articles", format=",d"),
        alt.Tooltip("total:Q", title="Of", format=",d"),
        alt.Tooltip("days:Q", title="Days covered"),
    ]
    gaps = (
        base.transform_filter("!isValid(datum.share)")
        .mark_rect(fill="transparent", stroke=RULE, strokeDash=[2, 2], strokeWidth=1)
        .encode(x=alt.X("start:T", scale=alt.Scale(type="utc")), x2="end:T")
    )
    finished = base.transform_calculate(
        line="datum.dot === 2 ? null : datum.share",
        bottom="datum.dot === 2 ? null : datum.low",
        top="datum.dot === 2 ? null : datum.high",
    )
    line_y = y.copy()
    line_y.shorthand = "line:Q"
    bottom = y.copy()
    bottom.shorthand = "bottom:Q"
    broken = "break-paths-show-path-domains"
    area = finished.mark_area(color=ACCENT, opacity=band, invalid=broken).encode(x=x, y=bottom, y2="top:Q")
    line = finished.mark_line(color=ACCENT, strokeWidth=1.75, invalid=broken).encode(x=x, y=line_y)
    dots = (
        base.transform_filter("datum.dot > 0")
        .mark_point(filled=True, size=26, strokeWidth=1.5, opacity=1, stroke=ACCENT)
        .encode(x=x, y=y, fill=alt.condition("datum.dot === 2", alt.value("var(--paper)"), alt.value(ACCENT)))
    )
    whiskers = base.transform_filter("datum.dot === 2").mark_rule(color=ACCENT, opacity=0.45).encode(x=x, y="low:Q", y2="high:Q")
    # The whole height of a week or month answers the pointer, not a dot of five pixels.
    columns = base.mark_rect(opacity=0).encode(x=alt.X("start:T", scale=alt.Scale(type="utc")), x2="end:T", tooltip=tooltips)
    return alt.layer(gaps, area, line, whiskers, dots, columns)


def _share(axis: alt.Axis) -> alt.LayerChart:
    y = alt.Y("share:Q", scale=alt.Scale(domainMin=0, nice=True), axis=alt.Axis(format="%", title=None, tickCount=4))
    return _share_layers(y, axis=axis, band=0.16).properties(width="container", height=240)


def _small_share() -> alt.LayerChart:
    most = alt.param(name="most", value=1)
    y = alt.Y(
        "share:Q",
        scale=alt.Scale(domainMin=0, domainMax=alt.ExprRef("most"), clamp=True),
        axis=alt.Axis(format="%", title=None, tickCount=2, offset=2),
    )
    return _share_layers(y, axis=_time_axis(70), band=0.14).add_params(most).properties(width="container", height=88)


def _counts() -> alt.LayerChart:
    base = _base()
    x = alt.X("start:T", scale=alt.Scale(type="utc"), axis=_time_axis())
    y = alt.Axis(title=None, tickCount=4, format="~s")
    tips = [
        alt.Tooltip("since:N", title="From"),
        alt.Tooltip("articles:Q", title="Articles", format=",d"),
        alt.Tooltip("stories:Q", title="Stories", format=",d"),
        alt.Tooltip("days:Q", title="Days covered"),
    ]
    gaps = (
        base.transform_filter("datum.days === 0")
        .mark_rect(fill="transparent", stroke=RULE, strokeDash=[2, 2])
        .encode(x=x, x2="end:T")
    )
    articles = base.mark_bar(color=QUIET, binSpacing=1).encode(x=x, x2="end:T", y=alt.Y("articles:Q", axis=y), y2=alt.datum(0), tooltip=tips)
    stories = base.mark_bar(color=ACCENT, binSpacing=1).encode(x=x, x2="end:T", y=alt.Y("stories:Q", axis=y), y2=alt.datum(0), tooltip=tips)
    return alt.layer(gaps, articles, stories).properties(width="container", height=150)


def _coverage() -> alt.Chart:
    status = ["covered", "quiet", "gap"]
    # A cell keeps a tenth of its width free, so that open boxes stand by themselves.
    inset = "(toNumber(toDate(datum.end)) - toNumber(toDate(datum.start))) * 0.08"
    return (
        _base()
        .transform_calculate(left=f"toNumber(toDate(datum.start)) + {inset}", right=f"toNumber(toDate(datum.end)) - {inset}")
        .mark_rect(strokeWidth=1)
        .encode(
            x=alt.X("left:T", scale=alt.Scale(type="utc"), axis=_time_axis()),
            x2="right:T",
            y=alt.Y(
                "outlet:N",
                sort=None,
                title=None,
                scale=alt.Scale(paddingInner=0.25, paddingOuter=0.15),
                axis=_label_axis(),
            ),
            fill=alt.Fill("status:N", scale=alt.Scale(domain=status, range=[ACCENT, QUIET, "transparent"]), legend=None),
            stroke=alt.Stroke("status:N", scale=alt.Scale(domain=status, range=["transparent", "transparent", MUTED]), legend=None),
            tooltip=[
                alt.Tooltip("outlet:N", title="Outlet"),
                alt.Tooltip("since:N", title="From"),
                alt.Tooltip("articles:Q", title="Articles", format=",d"),
                alt.Tooltip("covered:Q", title="Days covered"),
                alt.Tooltip("reason:N", title="Gap"),
            ],
        )
        .properties(width="container", height=alt.Step(24))
    )


def _bursts() -> alt.LayerChart:
    base = _base()
    y = alt.Y("label:N", sort=None, title=None, axis=_label_axis())
    x = alt.X("start:T", scale=alt.Scale(type="utc"), axis=_time_axis(grid=True))
    tips = [
        alt.Tooltip("label:N", title="Theme or phrase"),
        alt.Tooltip("since:N", title="From"),
        alt.Tooltip("until:N", title="To"),
        alt.Tooltip("strength:Q", title="Strength", format=".1f"),
        alt.Tooltip("articles:Q", title="Articles", format=",d"),
    ]
    bars = base.mark_bar(color=ACCENT, height=9, cornerRadius=2).encode(x=x, x2="end:T", y=y, tooltip=tips)
    return alt.layer(bars).properties(width="container", height=alt.Step(22))


def _change() -> alt.LayerChart:
    base = _base()
    y = alt.Y("label:N", sort=None, title=None, axis=_label_axis())
    axis = alt.Axis(format="%", title=None, orient="top", tickCount=5, domain=False)
    tips = [
        alt.Tooltip("label:N", title="Theme"),
        alt.Tooltip("before:Q", title="Before", format=".1%"),
        alt.Tooltip("now:Q", title="Now", format=".1%"),
        alt.Tooltip("low:Q", title="Low", format=".1%"),
        alt.Tooltip("high:Q", title="High", format=".1%"),
    ]
    interval = base.mark_bar(color=ACCENT, opacity=0.18, height=10, cornerRadius=2).encode(
        x=alt.X("low:Q", axis=axis), x2="high:Q", y=y, tooltip=tips
    )
    before = base.mark_tick(color=MUTED, size=14, thickness=2).encode(
        x=alt.X("before:Q", axis=axis), y=y, tooltip=tips
    )
    path = base.mark_rule(color=MUTED, strokeWidth=1).encode(x=alt.X("before:Q", axis=axis), x2="now:Q", y=y)
    now = base.mark_point(filled=True, color=ACCENT, size=64, opacity=1).encode(x=alt.X("now:Q", axis=axis), y=y, tooltip=tips)
    return alt.layer(interval, path, before, now).properties(width="container", height=alt.Step(24))


def _index() -> alt.LayerChart:
    base = _base()
    y = alt.Y("index:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=None, tickCount=4))
    tips = [alt.Tooltip("since:N", title="Month from"), alt.Tooltip("index:Q", title="Index", format=".1f")]
    hundred = base.mark_rule(color=RULE, strokeWidth=1).encode(y=alt.datum(100))
    broken = "break-paths-show-path-domains"
    line = base.mark_line(color=ACCENT, strokeWidth=1.75, invalid=broken, point={"color": ACCENT, "size": 24}).encode(
        x=_x(_month_axis()), y=y, tooltip=tips
    )
    return alt.layer(hundred, line).properties(width="container", height=170)


_CHARTS = {
    "share_week": lambda: _share(_time_axis()),
    "share_month": lambda: _share(_month_axis()),
    "small_share": _small_share,
    "counts": _counts,
    "coverage": _coverage,
    "bursts": _bursts,
    "change": _change,
    "index": _index,
}

_LOOK: dict[str, Any] = {
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


def compile_charts() -> dict[str, dict[str, Any]]:
    """Return the Vega specification of each chart by name; its data set ``rows`` is empty and filled by the page."""
    compiled = {}
    for name, describe in _CHARTS.items():
        chart = describe().configure(**_LOOK).properties(padding=2)
        compiled[name] = dict(vl_convert.vegalite_to_vega(json.dumps(chart.to_dict())))
    return compiled


def bundle_library() -> str:
    """Return Vega's JavaScript as one script without imports, as the package vl-convert-python carries it."""
    return str(vl_convert.javascript_bundle(LIBRARY))
