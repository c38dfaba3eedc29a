"""What the charts have in common: the page's rows as their data, time in UTC, axes and colours."""

from __future__ import annotations

import altair as alt

MUTED, RULE, ACCENT, QUIET, PAPER = "var(--muted)", "var(--rule)", "var(--accent)", "var(--quiet)", "var(--paper)"
LOST = "var(--lost)"
ROWS = alt.NamedData(name="rows")
TEN_WEEKS, YEAR = 70 * 86_400_000, 366 * 86_400_000  # milliseconds


def time_axis(pixels: int = 90, *, grid: bool = False) -> alt.Axis:
    """Return a time axis: days with their month below ten weeks, months above, years above four; a January tells its year."""
    # By default Vega mixes a month's name with Sundays of no meaning: "Aug 27", "Sep 03", "October".
    span = "(domain('x')[1] - domain('x')[0])"
    ticks = f"{span} > {4 * YEAR} ? 'year' : {span} > {TEN_WEEKS} ? 'month' : max(2, floor(width / {pixels}))"
    told = f"{span} > {TEN_WEEKS} ? utcFormat(datum.value, utcmonth(datum.value) === 0 ? '%Y' : '%b')"
    return alt.Axis(
        title=None,
        grid=grid,
        tickCount=alt.ExprRef(ticks),
        labelExpr=f"{told} : utcFormat(datum.value, '%-d %b')",
        labelFlush=True,
        labelOverlap="greedy",
        labelSeparation=5,
    )


def in_time(axis: alt.Axis | None = None) -> alt.X:
    """Return the place of a row in time, its middle."""
    # A value belongs to its whole week or month, so it stands in the middle of it.
    return alt.X("middle:T", scale=alt.Scale(type="utc"), axis=axis or time_axis())


def label_axis() -> alt.Axis:
    """Return an axis of names, which may take up to three tenths of the width."""
    limit = alt.ExprRef("max(130, containerSize()[0] * 0.3)")
    return alt.Axis(labelLimit=limit, labelPadding=8, ticks=False, domain=False)


def from_rows() -> alt.Chart:
    """Return a chart of the page's rows, each with its ``middle`` in time and its first day in words, ``since``."""
    # Dates are told in UTC: in the reader's own zone a Monday would read as a Sunday west of Greenwich.
    return alt.Chart(ROWS).transform_calculate(
        middle="(toNumber(toDate(datum.start)) + toNumber(toDate(datum.end))) / 2",
        since="utcFormat(toDate(datum.start), '%-d %b %Y')",
    )
