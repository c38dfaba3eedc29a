"""``tidings compare``: add series that other programs counted beside one's own."""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import duckdb
import typer

from tidings.analysis.answers import Row, read_rows
from tidings.analysis.own_seeds import change_rows, own_folder
from tidings.base.languages.plural import counted
from tidings.base.settings import read_settings
from tidings.cli.index import read_cells, refuse_rows
from tidings.cli.phrase_review import find_theme, locked
from tidings.cli.terminal import UserError, group
from tidings.storage.reference import read_seed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Rows = Sequence[Row]

SERIES_COLUMNS = ("series_id", "name", "source", "unit", "counted", "period", "theme_id",
                  "citation", "licence", "file_name", "imported_at")  # fmt: skip
_MAX_BYTES, _MAX_ROWS = 10_000_000, 50_000  # the days of a century and a third
_LIMITS = "Tidings imports counts by day, week or month."
_LAST_ZONE = dt.timezone(dt.timedelta(hours=14))
# a whole number as the programs write it; 12.000 may be twelve or twelve thousand
_COUNT = r"'\d{1,15}(\.0)?'"
_POINTS = rf"""
    create table points as
    select *, case unit
            when 'share' then article_count / nullif(total_count, 0)::double
            when 'count' then article_count
            else try_cast(value as double)
        end as known
    from (
        select *,
            try_strptime(period, ['%Y-%m-%d', '%Y-%m'])::date as start_on,
            left(trim(regexp_replace(lower(series), '[^\pL\pN_]+', '_', 'g'), '_'), 60)
                as series_id,
            case when regexp_full_match(numerator, {_COUNT})
                then numerator::double::bigint end as article_count,
            case when regexp_full_match(denominator, {_COUNT})
                then denominator::double::bigint end as total_count,
            case when count(denominator) over same > 0 then 'share'
                when count(numerator) over same > 0 then 'count' else 'index' end as unit
        from given
        window same as (partition by series)
    )"""
_WRONG = {
    "series or source is empty": "series is null or source is null",
    "the period is not a date such as 2026-08-31 or 2026-08": "start_on is null",
    "numerator or denominator is not a whole number from 0, without separators,": (
        "(numerator is not null and article_count is null)"
        " or (denominator is not null and total_count is null)"
    ),
    "the numerator is above the denominator": "article_count > total_count",
    "a value is given without the counts of the other rows": (
        "unit != 'index' and value is not null and numerator is null"
    ),
    "the value is not a number from 0": (
        "unit = 'index' and value is not null"
        " and not coalesce(known >= 0 and isfinite(known), false)"
    ),
    "a period in the future has a value (delete forecasts)": (
        "known is not null and start_on > getvariable('today')"
    ),
    "two rows for the same series and period": (
        "count(*) over (partition by series, start_on) > 1"
    ),
    "a series has two sources or licences": (
        "min(source || chr(10) || coalesce(licence, '')) over (partition by series)"
        " != max(source || chr(10) || coalesce(licence, '')) over (partition by series)"
    ),
}
_FACTS = """
    create table facts as
    with steps as (
        select *, start_on <= getvariable('today') as is_past,
            if(is_past, start_on - lag(start_on) over same, null) as step
        from points
        window same as (partition by series order by start_on)
    ),
    sums as (
        select series as name, series_id, unit, trim(regexp_replace(source, '\\s+', ' ', 'g'))
                as citation,
            coalesce(licence, '') as licence, count(known) as point_count,
            min(start_on) filter (known is not null) as first_on,
            max(start_on) filter (known is not null) as last_on,
            min(known) as lowest, max(known) as highest, avg(known) as mean, min(step) as shortest,
            case when min(step) > 1 and bool_and(day(start_on) = 1) filter (is_past) then 'month'
                when bool_and(coalesce(step % 7, 0) = 0) then 'week'
                when min(step) = 1 then 'day' end as period
        from steps group by all
    )
    select *, 'csv' as source,
        case unit when 'share' then 'articles that match, of all articles'
            when 'count' then 'articles that match' else 'values of an index' end as counted,
        date_diff(period, first_on, last_on) + 1 - point_count as gap_count,
        case period when 'day' then last_on + 1 when 'week' then last_on + 7
            else last_day(last_on) + 1 end <= getvariable('today') as is_over
    from sums"""
_WRONG_SERIES = {
    "fewer than two known values": "point_count < 2",
    "periods longer than a month (Tidings compares days, weeks and months)": (
        "period = 'month' and shortest > 31"
    ),
    "weeks that do not start on Monday (export counts by day)": (
        "period = 'week' and isodow(first_on) != 1"
    ),
    "mixed periods, which are not all days, weeks or first days of months": (
        "period is null or gap_count > point_count"
    ),
    "no name with letters or digits of its own": (
        "series_id = '' or count(*) over (partition by series_id) > 1"
    ),
}
_WHEN = "The next nightly run applies it; without requests: `tidings backfill --mode retag`."

compare = group(
    "Add counts of Media Cloud, GDELT or an uncertainty index as series beside one's own.",
    no_args_is_help=True,
)


@compare.command()
def add(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV with the columns series, period, source, and value or numerator and"
            " denominator; - for stdin.",
        ),
    ],
    theme: Annotated[
        str, typer.Option(metavar="ID", help="Compare with this theme in the report and in SQL.")
    ] = "",
) -> None:
    """Add series by day, week or month in place of those with the same names, and print how they
    were understood.

    A row is the value of a period: `series` is the name, `period` the first day (2026-08-31) or the
    month (2026-08), `source` the reference to cite, and `licence` that of the values. A share has
    its counts in `numerator` and `denominator`, a count only `numerator`, and an index `value`. The
    guide has a query for the files of Media Cloud, GDELT and uncertainty indices.

    The series is stored in the last folder of TIDINGS_SEEDS, by default `seeds/` in the data
    folder. The next release contains it.

    Example: `tidings compare add steel.csv --theme steel_overcapacity`
    """
    read, points = read_series(file)
    if theme:
        find_theme(theme, read_seed("themes", read_settings().seeds))
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    with _own_series() as (folder, known):
        for row in read:
            row |= {"theme_id": theme, "file_name": file.name, "imported_at": now}
            _show(row)
        ids = [row["series_id"] for row in read]
        added = [{name: row[name] for name in SERIES_COLUMNS} for row in read]
        _replace(folder, ids, added, points)
    verb = "Replaced" if known.intersection(ids) else "Added"
    print(f"{verb} {', '.join(ids)} in {folder}. {_WHEN}", file=sys.stderr)


@compare.command()
def remove(
    series_id: Annotated[
        str, typer.Argument(metavar="ID", help="ID of the series, as `add` prints it.")
    ],
) -> None:
    """Remove a comparison series. Earlier releases keep it."""
    with _own_series() as (folder, known):
        if series_id not in known:
            shown = ", ".join(sorted(known)) or "none"
            raise UserError(f"Unknown series {series_id!r}. Series: {shown}.")
        _replace(folder, [series_id])
    print(f"Removed {series_id} from {folder}. {_WHEN}", file=sys.stderr)


def read_series(path: Path) -> tuple[list[Row], list[Row]]:
    """Return the facts of each series in a file, and its known values as rows of
    comparison_points.csv. Raises UserError.
    """
    if path.is_file() and path.stat().st_size > _MAX_BYTES:
        raise UserError(f"{path} has more than {_MAX_BYTES:,} bytes. {_LIMITS}")
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("set variable today = ?::date", [dt.datetime.now(_LAST_ZONE).date()])
        optional = ("value", "numerator", "denominator", "licence")
        read_cells(con, path, ("series", "period", "source"), optional, _MAX_ROWS + 1)
        con.execute(_POINTS)
        shown = "series, period, value, numerator, denominator, source, licence"
        refuse_rows(con, path, "points", shown, _WRONG)
        con.execute(_FACTS)
        refuse_rows(con, path, "facts", "name, point_count, first_on, last_on", _WRONG_SERIES)
        points = read_rows(
            con,
            "select series_id, start_on::varchar as start_on, known::varchar as value,"
            " article_count, total_count from points where known is not null order by all",
        )
        series = read_rows(con, "from facts order by name")
    if len(points) > _MAX_ROWS:
        raise UserError(f"{path} has more than {_MAX_ROWS:,} values. {_LIMITS}")
    return series, points


@contextmanager
def _own_series() -> Iterator[tuple[Path, set[str]]]:
    """Yield the user's locked folder of reference data, and the IDs of the series in it."""
    folder = own_folder(read_settings())
    with locked(folder):
        rows = read_seed("comparison_series", [folder])
        yield folder, {row["series_id"] for row in rows}


def _replace(folder: Path, series_ids: Sequence[str], series: Rows = (), points: Rows = ()) -> None:
    """Replace the rows of some series."""
    for name, new in (("comparison_points", points), ("comparison_series", series)):
        change_rows(folder / f"{name}.csv", lambda row: row["series_id"] not in series_ids, new)


def _show(row: Row) -> None:
    gaps = counted(row["gap_count"], "gap") if row["gap_count"] else "no gaps"
    gaps += "" if row["is_over"] else "; the last is not over yet"
    lines = {
        "Series": f"{row['name']} ({row['series_id']})",
        "Unit": f"{row['unit']}: {row['counted']}",
        "Periods": f"{row['point_count']} {row['period']}s from {row['first_on']} to"
        f" {row['last_on']}, {gaps}",
        "Values": f"{row['lowest']:.6g} to {row['highest']:.6g}, mean {row['mean']:.6g}",
        "Theme": row["theme_id"] or "none: use --theme to compare it in the report",
        "Citation": row["citation"],
        "Licence": row["licence"] or "not stated",
    }
    for label, text in lines.items():
        print(f"{label:10}{text}")
