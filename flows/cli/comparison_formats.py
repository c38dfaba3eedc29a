"""Recognise exports of Media Cloud, GDELT and uncertainty indices, and read them as points of one series."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from tidings.flows.cli.comparison_file import shorten
from tidings.flows.cli.index import MONTH_FORMS, UNKNOWN
from tidings.flows.cli.terminal import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tidings.flows.cli.comparison_file import Table

UNITS = ("share", "count", "index")
_GDELT_TOTALS = {"total monitored articles", "all articles"}
_DAYS_BETWEEN_MONTHS = 31
_LARGEST_COUNT = 1e15
_FIRST_YEAR, _LAST_YEAR = 1600, 2200


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns that the user names, and the unit of the values; empty if not given."""

    date: str = ""
    value: str = ""
    total: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a period: a share (0 to 1), count or index, NaN if it is unknown; the counts are None if the file has none."""

    start_on: dt.date
    value: float = math.nan
    article_count: int | None = None
    total_count: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A read series. ``counted`` is the meaning of a value, ``period`` day, week or month; ``gaps`` are missing periods."""

    source: str
    unit: str
    counted: str
    points: tuple[Point, ...]
    period: str = ""
    gaps: tuple[dt.date, ...] = ()


def read_comparison(table: Table, source: str, columns: Columns) -> Comparison:
    """Return the series in a table. ``source`` is a format, or ``auto``: csv for named columns.

    Raises:
        UserError: With one sentence on the first problem: an unknown format, a missing column, an invalid cell, a count above the
            total, two rows for a period, or periods of different lengths.
    """
    named = columns.date or columns.total or columns.unit
    found = _READERS[source if source != "auto" else "csv" if named else _detect(table)](table, columns)
    days = sorted(point.start_on for point in found.points)
    if twice := next((day for day, following in pairwise(days) if day == following), None):
        raise UserError(f"Two rows have the period {twice}: export one series, with one value for each period.")
    points = sorted((point for point in found.points if not math.isnan(point.value)), key=lambda point: point.start_on)
    if len(points) < 2:
        raise UserError("The file has fewer than two known values.")
    if days[0].year < _FIRST_YEAR or days[-1].year > _LAST_YEAR:
        raise UserError(f"The periods {days[0]} to {days[-1]} are not between {_FIRST_YEAR} and {_LAST_YEAR}.")
    period = _find_period(days)
    known, first = {point.start_on for point in points}, points[0].start_on
    gaps = tuple(day for day in _periods(first, points[-1].start_on, period) if day not in known)
    if len(gaps) > len(points):
        count = len(points) + len(gaps)
        raise UserError(f"Mixed periods: only {len(points)} of the {count} {period}s from {first} have a value.")
    return replace(found, points=tuple(points), period=period, gaps=gaps)


def _detect(table: Table) -> str:
    names = [name.lower() for name in table.header]
    if {"date", "count", "total_count"} <= set(names):
        return "mediacloud"
    if {"date", "series", "value"} <= set(names) or _is_frame(names):
        return "gdelt"
    if {"year", "month"} <= set(names):
        if re.search("epu|uncert", " ".join(names)):
            return "epu"
        raise UserError(f"Unknown index with the columns {', '.join(table.header)}: add --format epu and its --citation.")
    hint = (
        "Several programs write such columns: add --format mediacloud (older exports), gdelt or csv."
        if {"count"} <= set(names) and {"date", "day"} & set(names)
        else "Declare them: --date COLUMN --column COLUMN with --total COLUMN or --unit share, count or index."
    )
    raise UserError(f"Unknown format with the columns {', '.join(table.header)}. {hint}")


def _is_frame(names: Sequence[str]) -> bool:
    """Return whether the columns are those of the Python client gdeltdoc."""
    return "datetime" in names and bool({"article count", "volume intensity"} & set(names))


def _read_mediacloud(table: Table, columns: Columns) -> Comparison:
    total = "total_count" if "total_count" in map(str.lower, table.header) else ""
    return _read_counts(table, Columns("date", columns.value or "count", total), "mediacloud", "articles that match the query")


def _read_gdelt(table: Table, columns: Columns) -> Comparison:
    names = [name.lower() for name in table.header]
    if "series" not in names and not _is_frame(names):  # such as a query of GDELT's tables in BigQuery
        date = next((name for name in ("date", "day", "sqldate") if name in names), "date")
        chosen = Columns(columns.date or date, columns.value or "count", columns.total or ("total" if "total" in names else ""))
        return _read_counts(table, chosen, "gdelt", "articles that match the query")
    at, *_ = [_place(table, name) for name in (("date", "series", "value") if "series" in names else ("datetime",))]
    series: dict[str, dict[dt.date, tuple[int, str]]] = {}
    for number, row in table.rows:
        cells = dict(zip(names, row, strict=True))
        day = _read_day(row[at], number)
        listed = [(cells["series"], cells["value"])] if "series" in names else list(cells.items())
        for name, value in listed:
            if name not in ("", "datetime"):
                values = series.setdefault(name.lower(), {})
                if day in values:
                    raise UserError(f"Line {number}: a second value of {name} for {day}: export one query, by day.")
                values[day] = (number, value)
    totals = next((series[name] for name in sorted(_GDELT_TOTALS & series.keys())), {})
    if "article count" in series:
        points = [
            _point(number, day, value, totals.get(day, (0, ""))[1] if totals else None)
            for day, (number, value) in series["article count"].items()
        ]
        return _counted("gdelt", "articles that match the query", points, has_total=bool(totals))
    if "volume intensity" in series:
        shares = [_single(number, day, value, "share", 100) for day, (number, value) in series["volume intensity"].items()]
        return Comparison("gdelt", "share", "articles that match the query, of all articles", tuple(shares))
    raise UserError(f"Unknown series {', '.join(list(series)[:5])}: Tidings reads GDELT's modes timelinevol and timelinevolraw.")


def _read_epu(table: Table, columns: Columns) -> Comparison:
    """Return an index by year and month, or by day. Rows with text only in the first cell, such as the source, are skipped."""
    names = [name.lower() for name in table.header]
    parts = [_place(table, name) for name in ("year", "month", "day") if name != "day" or "day" in names]
    at = _place(table, value := columns.value or _only_value(table, parts))
    points = []
    for number, row in table.rows:
        cells = [row[part] for part in parts]
        if not any(row[1:]) and not _is_number(row[0]):
            continue
        try:
            day = dt.date(*[int(float(cell)) for cell in (*cells, "1")[:3]])
        except (ValueError, OverflowError) as error:
            raise UserError(f"Line {number}: invalid year or month: {shorten(', '.join(cells))}.") from error
        points.append(_single(number, day, row[at], "index"))
    return Comparison("epu", "index", value, tuple(points))


def _read_any(table: Table, columns: Columns) -> Comparison:
    if not (columns.date and columns.value):
        raise UserError(f"Name the columns with --date and --column. The file has {', '.join(table.header)}.")
    if columns.total:
        if columns.unit not in ("", "share"):
            raise UserError("A count with --total is a share: omit --unit.")
        return _read_counts(table, columns, "csv", f"{columns.value} of {columns.total}")
    if columns.unit not in UNITS:
        raise UserError(f"State the unit of {columns.value}: --unit share, count or index, or --total COLUMN for a count.")
    if columns.unit == "count":
        return _read_counts(table, columns, "csv", columns.value)
    date, at = _place(table, columns.date), _place(table, columns.value)
    points = [_single(number, _read_day(row[date], number), row[at], columns.unit) for number, row in table.rows]
    return Comparison("csv", columns.unit, columns.value, tuple(points))


_READERS: dict[str, Callable[[Table, Columns], Comparison]] = {
    "mediacloud": _read_mediacloud,
    "gdelt": _read_gdelt,
    "epu": _read_epu,
    "csv": _read_any,
}


def _read_counts(table: Table, columns: Columns, source: str, counted: str) -> Comparison:
    date, count = _place(table, columns.date), _place(table, columns.value)
    total = _place(table, columns.total) if columns.total else None
    if total is not None and not any(row[total] for _, row in table.rows):
        total = None
    points = [
        _point(number, _read_day(row[date], number), row[count], None if total is None else row[total])
        for number, row in table.rows
    ]
    return _counted(source, counted, points, has_total=total is not None)


def _counted(source: str, counted: str, points: Iterable[Point], *, has_total: bool) -> Comparison:
    text = f"{counted}, of all articles" if has_total and source != "csv" else counted
    return Comparison(source, "share" if has_total else "count", text, tuple(points))


def _point(number: int, day: dt.date, count: str, total: str | None) -> Point:
    """Return the point of a count and a total (None: the file has none), without a value if a cell is unknown or the total 0."""
    hits, all_hits = _read_count(count, number), None if total is None else _read_count(total, number)
    if hits is None or (total is not None and not all_hits):
        if hits and all_hits == 0:
            raise UserError(f"Line {number}: the count {hits} is above the total 0.")
        return Point(day)
    if all_hits is not None and hits > all_hits:
        raise UserError(f"Line {number}: the count {hits} is above the total {all_hits}.")
    return Point(day, hits / all_hits if all_hits else float(hits), hits, all_hits)


def _single(number: int, day: dt.date, cell: str, unit: str, divisor: float = 1) -> Point:
    if cell in UNKNOWN:
        return Point(day)
    value = float(cell) / divisor if _is_number(cell) else -1.0
    if value < 0 or (unit == "share" and value > 1):
        limits = f"a number from 0 to {divisor:g}" if unit == "share" else "a number from 0"
        raise UserError(f"Line {number}: invalid {unit} {shorten(cell)}: use {limits}.")
    return Point(day, value)


def _read_count(cell: str, number: int) -> int | None:
    if cell in UNKNOWN:
        return None
    if not _is_number(cell) or not 0 <= float(cell) < _LARGEST_COUNT or not float(cell).is_integer():
        raise UserError(f"Line {number}: invalid count {shorten(cell)}: use a whole number from 0.")
    return int(float(cell))


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"[+-]?(\d{1,18}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?", cell)) and math.isfinite(float(cell))


def _read_day(cell: str, number: int) -> dt.date:
    """Return the day of a date, of a midnight, or the first day of a month."""
    try:
        moment = dt.datetime.fromisoformat(cell)
    except ValueError:
        moment = None
    for form in () if moment else MONTH_FORMS:
        try:
            moment = dt.datetime.strptime(cell, form).replace(tzinfo=dt.UTC)
            break
        except ValueError:
            continue
    if moment is None:
        raise UserError(f"Line {number}: invalid or ambiguous date {shorten(cell)}: use the form 2026-08-31.")
    if moment.time() != dt.time():
        raise UserError(f"Line {number}: {shorten(cell)} is a time of day: export counts by day, week or month.")
    return moment.date()


def _place(table: Table, name: str) -> int:
    names = [column.lower() for column in table.header]
    if name.lower() not in names:
        raise UserError(f"Missing column {name}. The file has {', '.join(table.header)}.")
    return names.index(name.lower())


def _only_value(table: Table, parts: Sequence[int]) -> str:
    """Return the name of the only column with numbers, beside those of the date."""
    rest = [
        name
        for at, name in enumerate(table.header)
        if at not in parts and name and any(_is_number(row[at]) for _, row in table.rows)
    ]
    if len(rest) != 1:
        raise UserError(f"Choose the index with --column: {', '.join(rest) or 'the file has no column with numbers'}.")
    return rest[0]


def _find_period(days: Sequence[dt.date]) -> str:
    """Return the length of the periods that start on these days: day, week or month."""
    steps = {(after - before).days for before, after in pairwise(days)}
    if all(day.day == 1 for day in days) and min(steps) > 1:
        if min(steps) > _DAYS_BETWEEN_MONTHS:
            raise UserError("The periods are longer than a month: Tidings compares days, weeks and months.")
        return "month"
    if all(step % 7 == 0 for step in steps):
        if days[0].weekday():
            raise UserError(f"The weeks start on a {days[0]:%A}, those of Tidings on Monday: export counts by day.")
        return "week"
    if min(steps) > 1:
        shown = ", ".join(map(str, days[:3]))
        raise UserError(f"Mixed periods: {shown} are neither days, nor weeks, nor first days of months.")
    return "day"


def _periods(first: dt.date, last: dt.date, period: str) -> Iterable[dt.date]:
    day = first
    while day <= last:
        yield day
        if period == "month":
            day = (day + dt.timedelta(_DAYS_BETWEEN_MONTHS)).replace(day=1)
        else:
            day += dt.timedelta(7 if period == "week" else 1)
