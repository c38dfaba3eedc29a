"""Grids of outlets or sources by day or week: what was covered, and what is a gap."""

from __future__ import annotations

import altair as alt

from tidings.flows.report.chart_axes import ACCENT, LOST, MUTED, QUIET, from_rows, label_axis, time_axis

OPEN = "transparent"


def coverage() -> alt.LayerChart | alt.FacetChart | alt.Chart:
    """Return the grid of outlets and days, the darker the more articles, a gap as an open box."""
    looks = {"covered": (ACCENT, OPEN), "partly": (ACCENT, MUTED), "quiet": (QUIET, OPEN), "gap": (OPEN, MUTED)}
    tips = [
        alt.Tooltip("outlet:N", title="Outlet"),
        alt.Tooltip("since:N", title="From"),
        alt.Tooltip("articles:Q", title="Articles", format=",d"),
        alt.Tooltip("covered:Q", title="Days covered"),
        alt.Tooltip("reason:N", title="Gap"),
    ]
    shade = "datum.status === 'covered' || datum.status === 'partly' ? 0.25 + 0.75 * datum.level : 1"
    return _grid(looks, tips, shade)


def sources() -> alt.LayerChart | alt.FacetChart | alt.Chart:
    """Return the grid of an outlet's sources and weeks, by what became of the items that they listed."""
    looks = {"full": (ACCENT, OPEN), "pale": (ACCENT, OPEN), "lost": (LOST, OPEN), "quiet": (QUIET, OPEN), "gap": (OPEN, MUTED)}
    tips = [
        alt.Tooltip("outlet:N", title="Source"),
        alt.Tooltip("since:N", title="Week from"),
        alt.Tooltip("listed:Q", title="Listed", format=",d"),
        alt.Tooltip("obtained:Q", title="Held", format=",d"),
        alt.Tooltip("missing:Q", title="Missing", format=",d"),
        alt.Tooltip("later:Q", title="Copied later", format=",d"),
    ]
    return _grid(looks, tips, "datum.status === 'pale' ? 0.45 : 1")


def _grid(looks: dict[str, tuple[str, str]], tips: list[alt.Tooltip], shade: str) -> alt.Chart:
    # A cell keeps a tenth of its width free, so that open boxes stand by themselves.
    inset = "(toNumber(toDate(datum.end)) - toNumber(toDate(datum.start))) * 0.08"
    fills, strokes = [fill for fill, _ in looks.values()], [stroke for _, stroke in looks.values()]
    chart: alt.Chart = (
        from_rows()
        .transform_calculate(
            left=f"toNumber(toDate(datum.start)) + {inset}", right=f"toNumber(toDate(datum.end)) - {inset}", shade=shade
        )
        .mark_rect(strokeWidth=1)
        .encode(
            x=alt.X("left:T", scale=alt.Scale(type="utc"), axis=time_axis()),
            x2="right:T",
            y=alt.Y("outlet:N", sort=None, title=None, scale=alt.Scale(paddingInner=0.25, paddingOuter=0.15), axis=label_axis()),
            fill=alt.Fill("status:N", scale=alt.Scale(domain=list(looks), range=fills), legend=None),
            stroke=alt.Stroke("status:N", scale=alt.Scale(domain=list(looks), range=strokes), legend=None),
            fillOpacity=alt.FillOpacity("shade:Q", scale=None, legend=None),
            tooltip=tips,
        )
        .properties(width="container", height=alt.Step(24))
    )
    return chart
