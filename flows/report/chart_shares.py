"""Charts of shares over time: the line, its interval, gaps left open, an unfinished week or month as a hollow dot."""

from __future__ import annotations

from typing import Literal

import altair as alt

from tidings.flows.report.chart_axes import ACCENT, PAPER, RULE, from_rows, in_time, time_axis


def _share_layers(y: alt.Y, *, axis: alt.Axis, band: float) -> alt.LayerChart | alt.FacetChart:
    base = from_rows()
    x = in_time(axis)
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
    broken: Literal["break-paths-show-path-domains"] = "break-paths-show-path-domains"
    area = finished.mark_area(color=ACCENT, opacity=band, invalid=broken).encode(x=x, y=bottom, y2="top:Q")
    line = finished.mark_line(color=ACCENT, strokeWidth=1.75, invalid=broken).encode(x=x, y=line_y)
    dots = (
        base.transform_filter("datum.dot > 0")
        .mark_point(filled=True, size=26, strokeWidth=1.5, opacity=1, stroke=ACCENT)
        .encode(x=x, y=y, fill=alt.condition("datum.dot === 2", alt.value(PAPER), alt.value(ACCENT)))
    )
    whiskers = base.transform_filter("datum.dot === 2").mark_rule(color=ACCENT, opacity=0.45).encode(x=x, y="low:Q", y2="high:Q")
    # The whole height of a week or month answers the pointer, not a dot of five pixels.
    columns = base.mark_rect(opacity=0).encode(x=alt.X("start:T", scale=alt.Scale(type="utc")), x2="end:T", tooltip=tooltips)
    return alt.layer(gaps, area, line, whiskers, dots, columns)


def share() -> alt.LayerChart | alt.FacetChart | alt.Chart:
    """Return the large chart of a share by week or month."""
    y = alt.Y("share:Q", scale=alt.Scale(domainMin=0, nice=True), axis=alt.Axis(format="%", title=None, tickCount=4))
    return _share_layers(y, axis=time_axis(), band=0.16).properties(width="container", height=240)


def small_share() -> alt.LayerChart | alt.FacetChart | alt.Chart:
    """Return the small chart of a share; its signal ``most`` is the end of the scale that several share."""
    most = alt.param(name="most", value=1)
    y = alt.Y(
        "share:Q",
        scale=alt.Scale(domainMin=0, domainMax=alt.ExprRef("most"), clamp=True),
        axis=alt.Axis(format="%", title=None, tickCount=2, offset=2),
    )
    return _share_layers(y, axis=time_axis(70), band=0.14).add_params(most).properties(width="container", height=88)
