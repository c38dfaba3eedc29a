"""Describe the charts of a theme's share, with and without the corrected share."""

from __future__ import annotations

from typing import Literal

import altair as alt

from tidings.analysis.report.chart_parts import (
    ACCENT,
    BAND,
    EDGE,
    LOST,
    MUTED,
    PAPER,
    RULE,
    Chart,
    chart_rows,
    time_axis,
    tips,
)


def share_chart() -> Chart:
    """Return the large chart of a share by week or month."""
    return _share_layers(_large_share_axis(), axis=time_axis(), has_events=True).properties(
        width="container", height=240
    )


def corrected_share_chart() -> Chart:
    """Return the large chart of a share with the corrected share as a dashed line."""
    shares = _share_layers(
        _large_share_axis(), axis=time_axis(), has_corrected=True, has_events=True
    )
    return shares.properties(width="container", height=240)


def _large_share_axis() -> alt.Y:
    return alt.Y(
        "share:Q",
        scale=alt.Scale(domainMin=0, nice=True),
        axis=alt.Axis(format="%", title=None, tickCount=4),
    )


def small_share_chart() -> Chart:
    """Return the small chart of a share. Its signal ``most`` is the maximum of the scale that
    several charts share.
    """
    most = alt.param(name="most", value=1)
    y = alt.Y(
        "share:Q",
        scale=alt.Scale(domainMin=0, domainMax=alt.ExprRef("most"), clamp=True),
        axis=alt.Axis(format="%", title=None, tickCount=2, offset=2),
    )
    return (
        _share_layers(y, axis=time_axis(70))
        .add_params(most)
        .properties(width="container", height=88)
    )


def _share_layers(
    y: alt.Y, *, axis: alt.Axis, has_corrected: bool = False, has_events: bool = False
) -> alt.LayerChart | alt.FacetChart:
    base = chart_rows()
    x = alt.X("middle:T", scale=alt.Scale(type="utc"), axis=axis)
    start = alt.X("start:T", scale=alt.Scale(type="utc"))
    tooltips: list[tuple[str, ...]] = [
        ("since:N", "From"),
        ("share:Q", "Share", ".1%"),
        ("low:Q", "95% low", ".1%"),
        ("high:Q", "95% high", ".1%"),
        ("hits:Q", "Articles", ",d"),
        ("total:Q", "All articles", ",d"),
        ("days:Q", "Covered days"),
        ("status:N", "Status"),
    ]
    if has_events:
        tooltips.append(("event:N", "Event"))
    if has_corrected:
        tooltips[4:4] = [
            ("corrected:Q", "Corrected share", ".1%"),
            ("corrected_low:Q", "Corrected, 95% low", ".1%"),
            ("corrected_high:Q", "Corrected, 95% high", ".1%"),
        ]
    gaps = (
        base.transform_filter("!isValid(datum.share)")
        .mark_rect(fill="transparent", stroke=RULE, strokeDash=[2, 2], strokeWidth=1)
        .encode(x=start, x2="end:T")
    )
    band_layer, *lines = _line_layers(x, y, ("share", "low", "high", "dot"), colour=ACCENT)
    bands = [band_layer]
    if has_corrected:
        fields = ("corrected", "corrected_low", "corrected_high", "corrected_dot")
        band_layer, *corrected_lines = _line_layers(x, y, fields, colour=LOST, dash=(5, 3))
        bands.append(band_layer)
        lines += corrected_lines
    # A dot of five pixels is hard to point at, so the whole height of a week or month shows the
    # tooltip.
    columns = base.mark_rect(opacity=0).encode(x=start, x2="end:T", tooltip=tips(*tooltips))
    return alt.layer(gaps, *bands, *lines, *(_event_layers(x, y) if has_events else ()), columns)


def _event_layers(x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Return a ring around each share with an event, and the event's title above."""
    marked = (
        chart_rows()
        .transform_joinaggregate(first="min(middle)", last="max(middle)")
        .transform_filter("isValid(datum.event)")
    )
    ring = marked.mark_point(
        filled=False, size=110, strokeWidth=1.5, stroke=LOST, opacity=1
    ).encode(x=x, y=y)
    # The title is on the side of its point that has more space.
    sides: tuple[tuple[Literal["left", "right"], int, str], ...] = (
        ("left", 9, "<="),
        ("right", -9, ">"),
    )
    titles = [
        marked.transform_filter(f"datum.middle {sign} (datum.first + datum.last) / 2")
        .mark_text(
            align=side,
            dx=dx,
            dy=-9,
            fontSize=11,
            limit=alt.ExprRef("max(150, width * 0.4)"),
            fill=MUTED,
        )
        .encode(x=x, y=y, text="event:N")
        for side, dx, sign in sides
    ]
    return [ring, *titles]


def _line_layers(
    x: alt.X,
    y: alt.Y,
    fields: tuple[str, str, str, str],
    *,
    colour: str,
    dash: tuple[int, ...] = (),
) -> list[alt.Chart]:
    """Return the band, line, whiskers and dots of one share. ``fields`` are those of the share, its
    interval and its dot.
    """
    share, low, high, dot = fields
    base = chart_rows()
    complete = base.transform_calculate(
        line=f"datum.{dot} === 2 ? null : datum.{share}",
        bottom=f"datum.{dot} === 2 ? null : datum.{low}",
        top=f"datum.{dot} === 2 ? null : datum.{high}",
    )
    line_y, bottom, dot_y = y.copy(), y.copy(), y.copy()
    line_y.shorthand, bottom.shorthand, dot_y.shorthand = "line:Q", "bottom:Q", f"{share}:Q"
    broken: Literal["break-paths-show-path-domains"] = "break-paths-show-path-domains"
    area = complete.mark_area(
        color=colour, fillOpacity=BAND, invalid=broken, **EDGE, stroke=colour
    ).encode(x=x, y=bottom, y2="top:Q")
    line = complete.mark_line(
        color=colour, strokeWidth=1.75, strokeDash=list(dash), invalid=broken
    ).encode(x=x, y=line_y)
    whiskers = (
        base.transform_filter(f"datum.{dot} === 2")
        .mark_rule(color=colour, opacity=EDGE["strokeOpacity"])
        .encode(x=x, y=f"{low}:Q", y2=f"{high}:Q")
    )
    dots = (
        base.transform_filter(f"datum.{dot} > 0")
        .mark_point(filled=True, size=26, strokeWidth=1.5, opacity=1, stroke=colour)
        .encode(
            x=x,
            y=dot_y,
            fill=alt.condition(f"datum.{dot} === 2", alt.value(PAPER), alt.value(colour)),
        )
    )
    return [area, line, whiskers, dots]
