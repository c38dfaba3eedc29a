"""Charts of counts, bursts, change and indices."""

from __future__ import annotations

import altair as alt

from tidings.flows.report.chart_axes import ACCENT, MUTED, QUIET, RULE, from_rows, in_time, label_axis, time_axis


def counts() -> alt.LayerChart | alt.FacetChart | alt.Chart:
    """Return the chart of articles and, within them, stories."""
    base = from_rows()
    x = alt.X("start:T", scale=alt.Scale(type="utc"), axis=time_axis())
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
    articles = base.mark_bar(color=QUIET, binSpacing=1).encode(
        x=x, x2="end:T", y=alt.Y("articles:Q", axis=y), y2=alt.datum(0), tooltip=tips
    )
    stories = base.mark_bar(color=ACCENT, binSpacing=1).encode(
        x=x, x2="end:T", y=alt.Y("stories:Q", axis=y), y2=alt.datum(0), tooltip=tips
    )
    return alt.layer(gaps, articles, stories).properties(width="container", height=150)


def bursts() -> alt.LayerChart | alt.FacetChart | alt.Chart:
    """Return the timeline of bursts."""
    base = from_rows()
    y = alt.Y("label:N", sort=None, title=None, axis=label_axis())
    x = alt.X("start:T", scale=alt.Scale(type="utc"), axis=time_axis(60, grid=True))
    tips = [
        alt.Tooltip("label:N", title="Theme or phrase"),
        alt.Tooltip("since:N", title="From"),
        alt.Tooltip("until:N", title="To"),
        alt.Tooltip("strength:Q", title="Strength", format=".1f"),
        alt.Tooltip("articles:Q", title="Articles", format=",d"),
    ]
    bars = base.mark_bar(color=ACCENT, height=9, cornerRadius=2).encode(x=x, x2="end:T", y=y, tooltip=tips)
    return alt.layer(bars).properties(width="container", height=alt.Step(22))


def change() -> alt.LayerChart | alt.FacetChart | alt.Chart:
    """Return the chart of shares before and now."""
    base = from_rows()
    y = alt.Y("label:N", sort=None, title=None, axis=label_axis())
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
    before = base.mark_tick(color=MUTED, size=14, thickness=2).encode(x=alt.X("before:Q", axis=axis), y=y, tooltip=tips)
    path = base.mark_rule(color=MUTED, strokeWidth=1).encode(x=alt.X("before:Q", axis=axis), x2="now:Q", y=y)
    now = base.mark_point(filled=True, color=ACCENT, size=64, opacity=1).encode(x=alt.X("now:Q", axis=axis), y=y, tooltip=tips)
    return alt.layer(interval, path, before, now).properties(width="container", height=alt.Step(24))


def index() -> alt.LayerChart | alt.FacetChart | alt.Chart:
    """Return the chart of an index, with a rule at 100."""
    base = from_rows()
    y = alt.Y("index:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=None, tickCount=4))
    tips = [alt.Tooltip("since:N", title="Month from"), alt.Tooltip("index:Q", title="Index", format=".1f")]
    hundred = base.mark_rule(color=RULE, strokeWidth=1).encode(y=alt.datum(100))
    line = base.mark_line(
        color=ACCENT, strokeWidth=1.75, invalid="break-paths-show-path-domains", point={"color": ACCENT, "size": 24}
    ).encode(x=in_time(), y=y, tooltip=tips)
    return alt.layer(hundred, line).properties(width="container", height=170)
