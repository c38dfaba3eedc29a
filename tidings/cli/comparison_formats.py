"""Recognise exports of Media Cloud, GDELT and uncertainty indices, and read them as points of one
series.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import filterfalse, pairwise
from typing import TYPE_CHECKING

from tidings.cli.comparison_file import shorten, widen
from tidings.cli.index import MONTH_FORMS, UNKNOWN
from tidings.cli.terminal import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from tidings.cli.comparison_file import Table

UNITS = ("share", "count", "index")
_GDELT_TOTALS = {"total monitored articles", "all articles"}
_DAYS_BETWEEN_MONTHS = 31
_MAX_VALUE = 1e15
_FIRST_YEAR = 1600
_LAST_ZONE = dt.timezone(dt.timedelta(hours=14))


# options that describe the columns of a format
_OPTIONS = {
    "auto": {"date", "total", "unit"},
    "csv": {"date", "total", "unit"},
    "gdelt": {"date", "total"},
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns that the user names, and the unit of the values; empty if not given."""

    date: str = ""
    value: str = ""
    total: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a period: a share (0 to 1), count or index, NaN if it is unknown; the counts are
    None if the file has none.
    """

    start_on: dt.date
    value: float = math.nan
    article_count: int | None = None
    total_count: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A read series. ``counted`` is the meaning of a value, ``period`` day, week or month; ``gaps``
    are missing periods.

    ``is_over`` is false if the last period is not over yet, so that its value may change.
    """

    source: str
    unit: str
    counted: str
    points: tuple[Point, ...]
    period: str = ""
    gaps: tuple[dt.date, ...] = ()
    is_over: bool = True


def read_comparison(table: Table, source: str, columns: Columns) -> Comparison:
    """Return the series in a table. ``source`` is a format, or ``auto``: csv for named columns.

    Raises:
        UserError: With one sentence on the first problem: an unknown format, an option of another
            format, a missing column, an invalid cell, a count above the total, two rows for a
            period, a forecast, or periods of different lengths.
    """
    read = _choose_reader(table, source, columns)(table, columns)
    days = sorted(point.start_on for point in read.points)
    for day, following in pairwise(days):
        if day == following:
            raise UserError(
                f"Two rows have the period {day}: export one series, with one value for each"
                " period."
            )
    known = {point.start_on: point for point in read.points if not math.isnan(point.value)}
    if len(known) < 2:
        raise UserError("The file has fewer than two known values.")
    if days[0].year < _FIRST_YEAR:
        raise UserError(f"The period {days[0]} is before the year {_FIRST_YEAR}.")
    today = dt.datetime.now(_LAST_ZONE).date()
    past = days[: bisect_right(days, today)]  # rows without a value may follow
    if forecasts := known.keys() & days[len(past) :]:
        raise UserError(
            f"The row of {min(forecasts)} has a value for a period in the future: delete forecasts,"
            " which are not counts."
        )
    period = _find_period(past)
    *inside, after = _periods(min(known), max(known), period)
    gaps = tuple(filterfalse(known.__contains__, inside))
    if len(gaps) > len(known):
        raise UserError(
            f"Mixed periods: only {len(known)} of the {len(known) + len(gaps)} {period}s from"
            f" {min(known)} have a value."
        )
    points = tuple(map(known.__getitem__, sorted(known)))
    return replace(read, points=points, period=period, gaps=gaps, is_over=after <= today)


def _choose_reader(
    table: Table, source: str, columns: Columns
) -> Callable[[Table, Columns], Comparison]:
    options = {name for name in ("date", "total", "unit") if getattr(columns, name)}
    if options - _OPTIONS.get(source, set()):
        raise UserError(
            f"--date, --total and --unit describe any CSV, not the format {source}: omit --format."
        )
    if source == "auto":
        source = "csv" if options else _detect(table)
    return _READERS[source]


def _detect(table: Table) -> str:
    names = set(table.columns)
    if {"date", "count", "total_count"} <= names:
        return "mediacloud"
    if {"date", "series", "value"} <= names or _is_frame(names):
        return "gdelt"
    if {"year", "month"} <= names:
        if re.search("epu|uncert", " ".join(names)):
            return "epu"
        raise UserError(
            f"Unknown index with the columns {table.names}: add --format epu and its --citation."
        )
    hint = (
        "Several programs write such columns: add --format mediacloud (older exports), gdelt or"
        " csv."
        if "count" in names and {"date", "day"} & names
        else "Declare them: --date COLUMN --column COLUMN with --total COLUMN or --unit share,"
        " count or index."
    )
    raise UserError(f"Unknown format with the columns {table.names}. {hint}")


def _is_frame(names: Collection[str]) -> bool:
    """Return whether the columns are those of the Python client gdeltdoc."""
    return "datetime" in names and not {"article count", "volume intensity"}.isdisjoint(names)


def _read_mediacloud(table: Table, columns: Columns) -> Comparison:
    total = "total_count" if "total_count" in table.columns else ""
    chosen = Columns("date", columns.value or "count", total)
    return _read_counts(table, chosen, "mediacloud", "articles that match the query")


def _read_gdelt(table: Table, columns: Columns) -> Comparison:
    counted, names = "articles that match the query", table.columns
    if "series" in names:
        table = widen(table, {"article count", "volume intensity", *_GDELT_TOTALS})
    elif not _is_frame(names):  # such as a query of GDELT's tables in BigQuery
        date = next(filter(names.__contains__, ("date", "day", "sqldate")), "date")
        total = "total" if "total" in names else ""
        chosen = Columns(columns.date or date, columns.value or "count", columns.total or total)
        return _read_counts(table, chosen, "gdelt", counted)
    names = table.columns
    if "article count" in names:
        total = min(_GDELT_TOTALS.intersection(names), default="")
        return _read_counts(table, Columns("datetime", "article count", total), "gdelt", counted)
    if "volume intensity" in names:
        points = _read_values(table, Columns("datetime", "volume intensity", unit="share"), 100)
        return Comparison("gdelt", "share", f"{counted}, of all articles", points)
    raise UserError(
        f"Unknown series {table.names}: Tidings reads GDELT's modes timelinevol and timelinevolraw."
    )


def _read_epu(table: Table, columns: Columns) -> Comparison:
    """Return an index by year and month, or by day. Rows with text only in the first cell, such as
    the source, are skipped.
    """
    parts = [_place(table, name) for name in ("year", "month")]
    parts += [at for at, name in enumerate(table.columns) if name == "day"][:1]
    at = _place(table, value := columns.value or _only_value(table, parts))
    points = []
    for number, row in table.rows:
        cells = [row[part] for part in parts]
        if not any(row[1:]) and not _is_number(row[0]):
            continue
        try:
            day = dt.date(*map(int, map(float, (*cells, "1")[:3])))
        except (ValueError, OverflowError) as error:
            raise UserError(
                f"Line {number}: invalid year or month: {shorten(', '.join(cells))!r}."
            ) from error
        points.append(_single(number, day, row[at], "index"))
    return Comparison("epu", "index", value, tuple(points))


def _read_any(table: Table, columns: Columns) -> Comparison:
    if not (columns.date and columns.value):
        raise UserError(f"Name the columns with --date and --column. The file has {table.names}.")
    if columns.total:
        if columns.unit not in ("", "share"):
            raise UserError("A count with --total is a share: omit --unit.")
        return _read_counts(table, columns, "csv", f"{columns.value} of {columns.total}")
    if columns.unit not in UNITS:
        raise UserError(
            f"State the unit of {columns.value}: --unit share, count or index, or"
            f" --total COLUMN for a count."
        )
    if columns.unit == "count":
        return _read_counts(table, columns, "csv", columns.value)
    return Comparison("csv", columns.unit, columns.value, _read_values(table, columns))


_READERS: dict[str, Callable[[Table, Columns], Comparison]] = {
    "mediacloud": _read_mediacloud,
    "gdelt": _read_gdelt,
    "epu": _read_epu,
    "csv": _read_any,
}


def _read_counts(table: Table, columns: Columns, source: str, counted: str) -> Comparison:
    date, count = _place(table, columns.date), _place(table, columns.value)
    total = _place(table, columns.total) if columns.total else None
    if total is None or not any(row[total] for _, row in table.rows):
        total = None
    elif source != "csv":
        counted += ", of all articles"
    points = [
        _point(
            number, _read_day(row[date], number), row[count], None if total is None else row[total]
        )
        for number, row in table.rows
    ]
    return Comparison(source, "count" if total is None else "share", counted, tuple(points))


def _point(number: int, day: dt.date, count: str, total: str | None) -> Point:
    """Return the point of a count and a total (None: the file has none), without a value if a cell
    is unknown or the total 0.
    """
    hits = _read_count(count, number)
    all_hits = None if total is None else _read_count(total, number)
    if all_hits is not None and (hits or 0) > all_hits:
        raise UserError(f"Line {number}: the count {hits} is above the total {all_hits}.")
    if hits is None or (total is not None and not all_hits):
        return Point(day)
    return Point(day, hits / (all_hits or 1), hits, all_hits)


def _read_values(table: Table, columns: Columns, divisor: float = 1) -> tuple[Point, ...]:
    date, at = _place(table, columns.date), _place(table, columns.value)
    return tuple(
        _single(number, _read_day(row[date], number), row[at], columns.unit, divisor)
        for number, row in table.rows
    )


def _single(number: int, day: dt.date, cell: str, unit: str, divisor: float = 1) -> Point:
    if cell in UNKNOWN:
        return Point(day)
    value = float(cell) / divisor if _is_number(cell) else -1.0
    if value < 0 or (unit == "share" and value > 1):
        limits = f"a number from 0 to {divisor:g}" if unit == "share" else "a number from 0"
        raise UserError(f"Line {number}: invalid {unit} {shorten(cell)!r}: use {limits}.")
    return Point(day, value)


def _read_count(cell: str, number: int) -> int | None:
    if cell in UNKNOWN:
        return None
    value = float(cell) if _is_number(cell) else -1.0
    if not 0 <= value < _MAX_VALUE or not value.is_integer() or cell.endswith(".000"):
        raise UserError(
            f"Line {number}: invalid count {shorten(cell)!r}: use a whole number from"
            f" 0, without separators."
        )
    return int(value)


def _is_number(cell: str) -> bool:
    return bool(
        re.fullmatch(r"[+-]?(\d{1,18}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?", cell)
    ) and math.isfinite(float(cell))


def _read_day(cell: str, number: int) -> dt.date:
    """Return the day of a date, of a midnight, of Excel's number of a date since 1982, or the first
    day of a month.
    """
    if re.fullmatch(r"[345]\d{4}", cell):
        return dt.date(1899, 12, 30) + dt.timedelta(int(cell))
    for form in ("", *MONTH_FORMS):
        with suppress(ValueError):
            moment = (
                dt.datetime.strptime(cell, form).replace(tzinfo=dt.UTC)
                if form
                else dt.datetime.fromisoformat(cell)
            )
            break
    else:
        raise UserError(
            f"Line {number}: invalid or ambiguous date {shorten(cell)!r}: use the form 2026-08-31."
        )
    if moment.time() != dt.time():
        raise UserError(
            f"Line {number}: {shorten(cell)!r} is a time of day: export counts by day,"
            f" week or month."
        )
    return moment.date()


def _place(table: Table, name: str) -> int:
    if name.lower() not in table.columns:
        raise UserError(f"Missing column {name}. The file has {table.names}.")
    return table.columns.index(name.lower())


def _only_value(table: Table, parts: Sequence[int]) -> str:
    """Return the name of the only column with numbers, beside those of the date."""
    rest = [
        name
        for at, name in enumerate(table.header)
        if at not in parts and name and any(_is_number(row[at]) for _, row in table.rows)
    ]
    if len(rest) != 1:
        names = ", ".join(rest) or "the file has no column with numbers such as 101.5"
        raise UserError(f"Choose the index with --column: {names}.")
    return rest[0]


def _find_period(days: Sequence[dt.date]) -> str:
    """Return the length of the periods that start on these days: day, week or month."""
    steps = {(after - before).days for before, after in pairwise(days)}
    shortest = min(steps)
    if shortest > 1 and {day.day for day in days} == {1}:
        if shortest > _DAYS_BETWEEN_MONTHS:
            raise UserError(
                "The periods are longer than a month: Tidings compares days, weeks and months."
            )
        return "month"
    if not any(step % 7 for step in steps):
        if days[0].weekday():
            raise UserError(
                f"The weeks start on a {days[0]:%A}, those of Tidings on Monday:"
                f" export counts by day."
            )
        return "week"
    if shortest > 1:
        shown = ", ".join(map(str, days[:3]))
        raise UserError(
            f"Mixed periods: {shown} are neither days, nor weeks, nor first days of months."
        )
    return "day"


def _periods(first: dt.date, last: dt.date, period: str) -> Iterable[dt.date]:
    """Yield the first days of the periods from the first to the last, and of the period after
    them.
    """
    step = dt.timedelta({"day": 1, "week": 7, "month": _DAYS_BETWEEN_MONTHS}[period])
    yield (day := first)
    while day <= last:
        day = (day + step).replace(day=1) if period == "month" else day + step
        yield day
