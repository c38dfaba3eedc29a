"""Provide the colours, rows and axes that all charts share."""

from __future__ import annotations

from typing import Any

import altair as alt

MUTED, RULE, ACCENT, QUIET, PAPER = (
    "var(--muted)",
    "var(--rule)",
    "var(--accent)",
    "var(--quiet)",
    "var(--paper)",
)
LOST, OPEN = "var(--lost)", "transparent"
DAY = 86_400_000  # milliseconds
TEN_WEEKS, YEAR = 70 * DAY, 366 * DAY
BAND = 0.2  # opacity of an interval; its edge has a contrast of at least 3 to 1 (WCAG 2.2, 1.4.11)
EDGE: dict[str, Any] = {"strokeWidth": 0.75, "strokeOpacity": 0.75}
Chart = alt.LayerChart | alt.FacetChart | alt.Chart


def chart_rows() -> alt.Chart:
    """Return a chart of the page's rows, each with its ``middle`` in time and its formatted first
    day, ``since``.
    """
    # A value belongs to its whole week or month, so charts place it in the middle. Dates are
    # formatted in UTC, because west of Greenwich the reader's own time zone would turn a Monday
    # into a Sunday.
    return alt.Chart(alt.NamedData(name="rows")).transform_calculate(
        middle="(toNumber(toDate(datum.start)) + toNumber(toDate(datum.end))) / 2",
        since="utcFormat(toDate(datum.start), '%-d %b %Y')",
    )


def tips(*columns: tuple[str, ...]) -> list[alt.Tooltip]:
    """Return the tooltips of columns: field, title, and the format if it is a number."""
    return [
        alt.Tooltip(field, title=title, format=form[0] if form else alt.Undefined)
        for field, title, *form in columns
    ]


def time_axis(pixels: int = 90, *, grid: bool = False) -> alt.Axis:
    """Return a time axis with days below ten weeks, months above, and years above four; January is
    labelled with its year.
    """
    # By default Vega mixes names of months with arbitrary Sundays: "Aug 27", "Sep 03", "October".
    span = "(domain('x')[1] - domain('x')[0])"
    # Ticks of less than a day would repeat the day's label.
    count = f"max(2, floor(width / {pixels}))"
    days = f"{span} < {count} * {DAY} ? 'day' : {count}"
    ticks = f"{span} > {4 * YEAR} ? 'year' : {span} > {TEN_WEEKS} ? 'month' : {days}"
    label = (
        f"{span} > {TEN_WEEKS} ? utcFormat(datum.value, utcmonth(datum.value) === 0 ? '%Y' : '%b')"
    )
    return alt.Axis(
        title=None,
        grid=grid,
        tickCount=alt.ExprRef(ticks),
        labelExpr=f"{label} : utcFormat(datum.value, '%-d %b')",
        labelFlush=True,
        labelOverlap="greedy",
        labelSeparation=5,
    )


def label_axis() -> alt.Axis:
    """Return an axis of names, which may use up to three tenths of the width."""
    limit = alt.ExprRef("max(130, containerSize()[0] * 0.3)")
    return alt.Axis(labelLimit=limit, labelPadding=8, ticks=False, domain=False)
