"""A figure: a chart's rows, its words, its source and its SQL. One record feeds the picture, its table and its description."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DOTS_UP_TO = 40  # more dots than that hide the line
NO_DOT, DOT, RUNNING_DOT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Figure:
    """What a template draws.

    ``chart`` names a specification of ``flows.report.charts``. ``columns`` are (key, heading, kind) with kind one of date, share,
    count, number, text and hidden; ``rows`` are in their order. ``signals`` are passed to the chart.
    """

    figure_id: str
    chart: str
    title: str
    note: str
    alt: str
    columns: tuple[tuple[str, str, str], ...]
    rows: list[list[Any]]
    source: str
    sql: str
    signals: dict[str, Any] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """Return what the browser needs, JSON's types only."""
        return {"chart": self.chart, "columns": self.columns, "rows": self.rows, "signals": self.signals}


SHARE_COLUMNS = (
    ("start", "From", "date"),
    ("end", "Until before", "date"),
    ("share", "Share", "share"),
    ("low", "Low", "share"),
    ("high", "High", "share"),
    ("hits", "Articles", "count"),
    ("total", "Of", "count"),
    ("days", "Days covered", "count"),
    ("dot", "", "hidden"),
)


def period_end(start: dt.date, unit: str) -> dt.date:
    """Return the first day after a week or month that starts on a day."""
    if unit == "week":
        return start + dt.timedelta(days=7)
    if unit == "day":
        return start + dt.timedelta(days=1)
    return (start.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def share_rows(series: Iterable[Sequence[Any]], unit: str) -> list[list[Any]]:
    """Return rows of SHARE_COLUMNS from (start, share, low, high, hits, total, covered days, is complete).

    A dot marks every value of a short series, in a long one those with no neighbour to draw a line to; an unfinished week or
    month gets a hollow dot and no line.
    """
    taken = list(series)
    found = []
    for place, (start, share, low, high, hits, total, days, is_complete) in enumerate(taken):
        near = [taken[at] for at in (place - 1, place + 1) if 0 <= at < len(taken)]
        is_alone = not any(other[1] is not None and other[7] for other in near)
        dot = NO_DOT
        if share is not None:
            dot = RUNNING_DOT if not is_complete else DOT if is_alone or len(taken) <= DOTS_UP_TO else NO_DOT
        rounded = [None if value is None else round(value, 5) for value in (share, low, high)]
        found.append([start.isoformat(), period_end(start, unit).isoformat(), *rounded, hits, total, days, dot])
    return found


def describe_shares(found: Sequence[Sequence[Any]], unit: str) -> str:
    """Return a chart of shares in words, for those who do not see it."""
    known = [row for row in found if row[2] is not None]
    if not known:
        return f"Line chart without values: no {unit} was covered."
    top, last = max(known, key=lambda row: row[2]), known[-1]
    gaps = len(found) - len(known)
    running = " so far" if last[8] == RUNNING_DOT else ""
    return (
        f"Line chart of {len(found)} {unit}s from {found[0][0]}. Highest {top[2]:.1%} in the {unit} of {top[0]}; "
        f"last {last[2]:.1%}{running} in the {unit} of {last[0]}. "
        + (f"{gaps} {unit}{'s' if gaps > 1 else ''} without coverage left open." if gaps else f"No {unit} without coverage.")
    )


def top_of_scale(several: Iterable[Sequence[Sequence[Any]]]) -> float:
    """Return the end of a scale that several small charts share: all values fit, and intervals up to twice the largest value."""
    known = [row for found in several for row in found if row[2] is not None and row[8] != RUNNING_DOT]
    most = max((row[2] for row in known), default=0.0)
    reach = max((row[4] for row in known if row[4] is not None), default=0.0)
    return round(min(max(most * 1.08, reach), most * 2), 4) or 1.0
