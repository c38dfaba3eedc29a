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
    count, number, text and hidden; ``rows`` are in their order. A hidden column ``path`` is where a row's first text leads to.
    ``says`` is what the picture tells in a sentence, ``note`` how it is read beyond its ``legend`` of (swatch, words).
    ``method`` is the place on the method page that tells how the numbers are computed. ``signals`` are passed to the chart.
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
    says: str = ""
    legend: tuple[tuple[str, str], ...] = ()
    method: str = ""
    signals: dict[str, Any] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """Return what the browser needs, JSON's types only."""
        return {"chart": self.chart, "columns": self.columns, "rows": self.rows, "signals": self.signals}

    def words(self) -> list[Any]:
        """Return what the template writes around the picture."""
        return [self.figure_id, self.title, self.says, self.note, self.legend, self.method, self.alt, self.source, self.sql]


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


SHARE_LEGEND = (
    ("line", "share"),
    ("band", "95% interval"),
    ("hollow", "not over yet"),
    ("open", "no share: not covered, or nothing published"),
)


def share_rows(series: Iterable[Sequence[Any]], unit: str) -> list[list[Any]]:
    """Return rows of SHARE_COLUMNS from (start, share, low, high, hits, total, covered days, is complete).

    A dot marks every value of a short series, in a long one those with no neighbour to draw a line to; an unfinished week or
    month gets a hollow dot and no line. One that has just begun and holds nothing yet, though it is covered, is left out.
    """
    taken = list(series)
    while taken and taken[-1][1] is None and not taken[-1][7] and taken[-1][6]:
        taken.pop()
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


def tell_period(start: str, unit: str) -> str:
    """Return a week or month in words: the week of 16 Oct 2023, October 2023."""
    day = dt.date.fromisoformat(start)
    return f"{day:%B %Y}" if unit == "month" else f"the {unit} of {day:%-d %b %Y}"


def tell_shares(found: Sequence[Sequence[Any]], unit: str) -> str:
    """Return what a chart of shares tells: the last value, the highest, and how far the running week or month has come."""
    known = [row for row in found if row[2] is not None]
    over = [row for row in known if row[8] != RUNNING_DOT]
    told = []
    if over:
        top, last = max(over, key=lambda row: row[2]), over[-1]
        told.append(f"{last[2]:.1%} in the last whole {unit} ({tell_period(last[0], unit)})")
        told.append(f"the highest whole {unit}" if top is last else f"highest {top[2]:.1%} in {tell_period(top[0], unit)}")
    if known and known[-1][8] == RUNNING_DOT:
        told.append(f"{known[-1][2]:.1%} in {tell_period(known[-1][0], unit)} so far")
    return "; ".join(told) + "." if told else f"No {unit} was covered."


def describe_shares(found: Sequence[Sequence[Any]], unit: str) -> str:
    """Return a chart of shares in words, for those who do not see it."""
    known = [row for row in found if row[2] is not None]
    if not known:
        return f"Line chart without values: no {unit} was covered."
    gaps = len(found) - len(known)
    return f"Line chart of {len(found)} {unit}s from {tell_period(found[0][0], unit)}. {tell_shares(found, unit)} " + (
        f"{gaps} {unit}{'s' if gaps > 1 else ''} without a share left open." if gaps else f"No {unit} without a share."
    )


def top_of_scale(several: Iterable[Sequence[Sequence[Any]]]) -> float:
    """Return the end of a scale that several small charts share: all values fit, and intervals up to twice the largest value."""
    known = [row for found in several for row in found if row[2] is not None and row[8] != RUNNING_DOT]
    most = max((row[2] for row in known), default=0.0)
    reach = max((row[4] for row in known if row[4] is not None), default=0.0)
    return round(min(max(most * 1.08, reach), most * 2), 4) or 1.0
