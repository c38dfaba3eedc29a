"""Describe the report's charts in Vega-Lite with Altair and compile them to Vega; the browser draws them from the page's rows.

All pages share one compiled specification per chart, so the browser need not compile any. Colours are CSS variables, so the style
sheet sets them for light, dark and print.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Literal

import altair as alt
import vl_convert

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Noto Sans CJK SC', sans-serif"
# Pages call vega-embed. Vega alone would be 320 kB smaller, but the bundler of vl-convert 1.9 exports ``vega`` as null.
LIBRARY = "window.drawVega = vegaEmbed;"
MUTED, RULE, ACCENT, QUIET, PAPER = "var(--muted)", "var(--rule)", "var(--accent)", "var(--quiet)", "var(--paper)"
LOST, OPEN = "var(--lost)", "transparent"
TEN_WEEKS, YEAR = 70 * 86_400_000, 366 * 86_400_000  # milliseconds
Chart = alt.LayerChart | alt.FacetChart | alt.Chart

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
    """Return the Vega specification of each chart by name. The page fills the empty data set ``rows``."""
    charts = {
        "share": _share,
        "small_share": _small_share,
        "counts": _counts,
        "coverage": _coverage,
        "sources": _sources,
        "bursts": _bursts,
        "change": _change,
        "index": _index,
    }
    compiled = {}
    for name, describe in charts.items():
        chart = describe().configure(**_CONFIG).properties(padding=2)
        compiled[name] = dict(vl_convert.vegalite_to_vega(json.dumps(chart.to_dict())))
    return compiled


@cache
def bundle_library() -> str:
    """Return Vega's JavaScript as one script without imports, from the package vl-convert-python."""
    return str(vl_convert.javascript_bundle(LIBRARY))


def _share() -> Chart:
    """Return the large chart of a share by week or month."""
    y = alt.Y("share:Q", scale=alt.Scale(domainMin=0, nice=True), axis=alt.Axis(format="%", title=None, tickCount=4))
    return _share_layers(y, axis=_time_axis(), band=0.16).properties(width="container", height=240)


def _small_share() -> Chart:
    """Return the small chart of a share. Its signal ``most`` is the maximum of the scale that several charts share."""
    most = alt.param(name="most", value=1)
    y = alt.Y(
        "share:Q",
        scale=alt.Scale(domainMin=0, domainMax=alt.ExprRef("most"), clamp=True),
        axis=alt.Axis(format="%", title=None, tickCount=2, offset=2),
    )
    return _share_layers(y, axis=_time_axis(70), band=0.14).add_params(most).properties(width="container", height=88)


def _share_layers(y: alt.Y, *, axis: alt.Axis, band: float) -> alt.LayerChart | alt.FacetChart:
    base = _rows()
    x = alt.X("middle:T", scale=alt.Scale(type="utc"), axis=axis)
    start = alt.X("start:T", scale=alt.Scale(type="utc"))
    tooltips = [
        alt.Tooltip("since:N", title="From"),
        alt.Tooltip("share:Q", title="Share", format=".1%"),
        alt.Tooltip("low:Q", title="95% low", format=".1%"),
        alt.Tooltip("high:Q", title="95% high", format=".1%"),
        alt.Tooltip("hits:Q", title="Articles", format=",d"),
        alt.Tooltip("total:Q", title="All articles", format=",d"),
        alt.Tooltip("days:Q", title="Covered days"),
    ]
    gaps = (
        base.transform_filter("!isValid(datum.share)")
        .mark_rect(fill="transparent", stroke=RULE, strokeDash=[2, 2], strokeWidth=1)
        .encode(x=start, x2="end:T")
    )
    complete = base.transform_calculate(
        line="datum.dot === 2 ? null : datum.share",
        bottom="datum.dot === 2 ? null : datum.low",
        top="datum.dot === 2 ? null : datum.high",
    )
    line_y, bottom = y.copy(), y.copy()
    line_y.shorthand, bottom.shorthand = "line:Q", "bottom:Q"
    broken: Literal["break-paths-show-path-domains"] = "break-paths-show-path-domains"
    area = complete.mark_area(color=ACCENT, opacity=band, invalid=broken).encode(x=x, y=bottom, y2="top:Q")
    line = complete.mark_line(color=ACCENT, strokeWidth=1.75, invalid=broken).encode(x=x, y=line_y)
    dots = (
        base.transform_filter("datum.dot > 0")
        .mark_point(filled=True, size=26, strokeWidth=1.5, opacity=1, stroke=ACCENT)
        .encode(x=x, y=y, fill=alt.condition("datum.dot === 2", alt.value(PAPER), alt.value(ACCENT)))
    )
    whiskers = base.transform_filter("datum.dot === 2").mark_rule(color=ACCENT, opacity=0.45).encode(x=x, y="low:Q", y2="high:Q")
    # A dot of five pixels is hard to point at, so the whole height of a week or month shows the tooltip.
    columns = base.mark_rect(opacity=0).encode(x=start, x2="end:T", tooltip=tooltips)
    return alt.layer(gaps, area, line, whiskers, dots, columns)


def _counts() -> Chart:
    """Return the bar chart of articles, with the stories among them."""
    base = _rows()
    x = alt.X("start:T", scale=alt.Scale(type="utc"), axis=_time_axis())
    y = alt.Axis(title=None, tickCount=4, format="~s")
    tooltips = [
        alt.Tooltip("since:N", title="From"),
        alt.Tooltip("articles:Q", title="Articles", format=",d"),
        alt.Tooltip("stories:Q", title="Stories", format=",d"),
        alt.Tooltip("days:Q", title="Covered days"),
    ]
    gaps = (
        base.transform_filter("datum.days === 0")
        .mark_rect(fill="transparent", stroke=RULE, strokeDash=[2, 2])
        .encode(x=x, x2="end:T")
    )
    articles = base.mark_bar(color=QUIET, binSpacing=1).encode(
        x=x, x2="end:T", y=alt.Y("articles:Q", axis=y), y2=alt.datum(0), tooltip=tooltips
    )
    stories = base.mark_bar(color=ACCENT, binSpacing=1).encode(
        x=x, x2="end:T", y=alt.Y("stories:Q", axis=y), y2=alt.datum(0), tooltip=tooltips
    )
    return alt.layer(gaps, articles, stories).properties(width="container", height=150)


def _bursts() -> Chart:
    """Return the timeline of bursts."""
    base = _rows()
    y = alt.Y("label:N", sort=None, title=None, axis=_label_axis())
    x = alt.X("start:T", scale=alt.Scale(type="utc"), axis=_time_axis(60, grid=True))
    tooltips = [
        alt.Tooltip("label:N", title="Theme or phrase"),
        alt.Tooltip("since:N", title="From"),
        alt.Tooltip("until:N", title="To"),
        alt.Tooltip("strength:Q", title="Strength", format=".1f"),
        alt.Tooltip("articles:Q", title="Articles", format=",d"),
    ]
    bars = base.mark_bar(color=ACCENT, height=9, cornerRadius=2).encode(x=x, x2="end:T", y=y, tooltip=tooltips)
    return alt.layer(bars).properties(width="container", height=alt.Step(22))


def _change() -> Chart:
    """Return the chart of shares in the last 28 days and in the previous 28 days."""
    base = _rows()
    y = alt.Y("label:N", sort=None, title=None, axis=_label_axis())
    axis = alt.Axis(format="%", title=None, orient="top", tickCount=5, domain=False)
    tooltips = [
        alt.Tooltip("label:N", title="Theme"),
        alt.Tooltip("before:Q", title="Previous 28 days", format=".1%"),
        alt.Tooltip("now:Q", title="Last 28 days", format=".1%"),
        alt.Tooltip("low:Q", title="95% low", format=".1%"),
        alt.Tooltip("high:Q", title="95% high", format=".1%"),
    ]
    interval = base.mark_bar(color=ACCENT, opacity=0.18, height=10, cornerRadius=2).encode(
        x=alt.X("low:Q", axis=axis), x2="high:Q", y=y, tooltip=tooltips
    )
    before = base.mark_tick(color=MUTED, size=14, thickness=2).encode(x=alt.X("before:Q", axis=axis), y=y, tooltip=tooltips)
    path = base.mark_rule(color=MUTED, strokeWidth=1).encode(x=alt.X("before:Q", axis=axis), x2="now:Q", y=y)
    now = base.mark_point(filled=True, color=ACCENT, size=64, opacity=1).encode(
        x=alt.X("now:Q", axis=axis), y=y, tooltip=tooltips
    )
    return alt.layer(interval, path, before, now).properties(width="container", height=alt.Step(24))


def _index() -> Chart:
    """Return the chart of an index, with a rule at 100."""
    base = _rows()
    x = alt.X("middle:T", scale=alt.Scale(type="utc"), axis=_time_axis())
    y = alt.Y("index:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=None, tickCount=4))
    tooltips = [alt.Tooltip("since:N", title="Month from"), alt.Tooltip("index:Q", title="Index", format=".1f")]
    hundred = base.mark_rule(color=RULE, strokeWidth=1).encode(y=alt.datum(100))
    line = base.mark_line(
        color=ACCENT, strokeWidth=1.75, invalid="break-paths-show-path-domains", point={"color": ACCENT, "size": 24}
    ).encode(x=x, y=y, tooltip=tooltips)
    return alt.layer(hundred, line).properties(width="container", height=170)


def _coverage() -> Chart:
    """Return the grid of outlets by day or week: a darker cell has more articles, an open box is a gap."""
    colours = {
        "covered": (ACCENT, OPEN),
        "partly covered": (ACCENT, MUTED),
        "no articles": (QUIET, OPEN),
        "gap": (OPEN, MUTED),
    }
    tooltips = [
        alt.Tooltip("outlet:N", title="Outlet"),
        alt.Tooltip("since:N", title="From"),
        alt.Tooltip("articles:Q", title="Articles", format=",d"),
        alt.Tooltip("covered:Q", title="Covered days"),
        alt.Tooltip("reason:N", title="Reason for the gap"),
    ]
    shade = "datum.status === 'covered' || datum.status === 'partly covered' ? 0.25 + 0.75 * datum.level : 1"
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
    tooltips = [
        alt.Tooltip("outlet:N", title="Source"),
        alt.Tooltip("since:N", title="Week from"),
        alt.Tooltip("listed:Q", title="Listed", format=",d"),
        alt.Tooltip("obtained:Q", title="Obtained", format=",d"),
        alt.Tooltip("missing:Q", title="Missing", format=",d"),
        alt.Tooltip("later:Q", title="Captured late", format=",d"),
    ]
    return _grid(colours, tooltips, "datum.status === 'captured late' ? 0.45 : 1")


def _grid(colours: dict[str, tuple[str, str]], tooltips: list[alt.Tooltip], shade: str) -> alt.Chart:
    # Each cell leaves a margin of 8% on both sides, so that neighbouring open boxes do not touch.
    inset = "(toNumber(toDate(datum.end)) - toNumber(toDate(datum.start))) * 0.08"
    fills, strokes = [fill for fill, _ in colours.values()], [stroke for _, stroke in colours.values()]
    chart: alt.Chart = (
        _rows()
        .transform_calculate(
            left=f"toNumber(toDate(datum.start)) + {inset}", right=f"toNumber(toDate(datum.end)) - {inset}", shade=shade
        )
        .mark_rect(strokeWidth=1)
        .encode(
            x=alt.X("left:T", scale=alt.Scale(type="utc"), axis=_time_axis()),
            x2="right:T",
            y=alt.Y("outlet:N", sort=None, title=None, scale=alt.Scale(paddingInner=0.25, paddingOuter=0.15), axis=_label_axis()),
            fill=alt.Fill("status:N", scale=alt.Scale(domain=list(colours), range=fills), legend=None),
            stroke=alt.Stroke("status:N", scale=alt.Scale(domain=list(colours), range=strokes), legend=None),
            fillOpacity=alt.FillOpacity("shade:Q", scale=None, legend=None),
            tooltip=tooltips,
        )
        .properties(width="container", height=alt.Step(24))
    )
    return chart


def _rows() -> alt.Chart:
    """Return a chart of the page's rows, each with its ``middle`` in time and its formatted first day, ``since``."""
    # A value belongs to its whole week or month, so charts place it in the middle. Dates are formatted in UTC, because west of
    # Greenwich the reader's own time zone would turn a Monday into a Sunday.
    return alt.Chart(alt.NamedData(name="rows")).transform_calculate(
        middle="(toNumber(toDate(datum.start)) + toNumber(toDate(datum.end))) / 2",
        since="utcFormat(toDate(datum.start), '%-d %b %Y')",
    )


def _time_axis(pixels: int = 90, *, grid: bool = False) -> alt.Axis:
    """Return a time axis with days below ten weeks, months above, and years above four; January is labelled with its year."""
    # By default Vega mixes names of months with arbitrary Sundays: "Aug 27", "Sep 03", "October".
    span = "(domain('x')[1] - domain('x')[0])"
    ticks = f"{span} > {4 * YEAR} ? 'year' : {span} > {TEN_WEEKS} ? 'month' : max(2, floor(width / {pixels}))"
    label = f"{span} > {TEN_WEEKS} ? utcFormat(datum.value, utcmonth(datum.value) === 0 ? '%Y' : '%b')"
    return alt.Axis(
        title=None,
        grid=grid,
        tickCount=alt.ExprRef(ticks),
        labelExpr=f"{label} : utcFormat(datum.value, '%-d %b')",
        labelFlush=True,
        labelOverlap="greedy",
        labelSeparation=5,
    )


def _label_axis() -> alt.Axis:
    """Return an axis of names, which may use up to three tenths of the width."""
    limit = alt.ExprRef("max(130, containerSize()[0] * 0.3)")
    return alt.Axis(labelLimit=limit, labelPadding=8, ticks=False, domain=False)
