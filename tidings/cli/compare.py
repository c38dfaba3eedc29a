"""``tidings index`` and ``compare``: indices from a CSV of counts, and series of other programs."""

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import duckdb
from typer import Argument, Option

from tidings.analysis.answers import Row, read_rows
from tidings.analysis.own_seeds import change_rows, own_folder
from tidings.base.functions import create_functions
from tidings.base.languages.plural import counted
from tidings.base.settings import read_settings
from tidings.cli.phrase_review import locked, read_tables
from tidings.cli.sql import write_result
from tidings.cli.terminal import UserError, group, note, print_progress, refuse
from tidings.storage.lake import Connection
from tidings.storage.reference import read_seed

Rows = Sequence[Row]
_DAY = "day or month of the baseline, inclusive. Default: no limit."


def index(
    counts: Path = Argument(
        metavar="COUNTS.csv",
        help="CSV: series, outlet, month, n_all (articles), n_hit (matches); - for stdin.",
    ),
    method: Literal["standardised", "pooled"] = Option(
        "standardised",
        help="standardised (Baker, Bloom and Davis) or pooled (Caldara and Iacoviello).",
    ),
    baseline_from: str = Option("", metavar="D", help=f"First {_DAY}"),
    baseline_until: str = Option("", metavar="D", help=f"Last {_DAY}"),
    missing: Literal["null", "zero"] = Option(
        "null", help="Share of a month in which an outlet has no articles."
    ),
    unscaled: Literal["drop", "zero"] = Option(
        "drop", help="An outlet without variation: drop it, or count it as zero."
    ),
) -> None:
    """Compute an index with a mean of 100 over the baseline, and write it as CSV.

    Output columns: series, month, unweighted, weighted; for the pooled method: series, month,
    index.

    Months have the form 2015-02 or 2015-02-01; any day represents its month. Columns can be in any
    order. An empty cell is an unknown count, not zero. Output cells are empty if the value cannot
    be computed. The pooled method does not need the column outlet.

    Example: `tidings index counts.csv --baseline-from 1985-01 --baseline-until 2019-12 --method
    pooled`
    """
    days = read_bounds("--baseline-from", baseline_from, "--baseline-until", baseline_until)
    first, is_pooled = days["first"], method == "pooled"
    options = {
        "missing": missing,
        "baseline_from": first and first.replace(day=1),
        "baseline_until": days["last"],
        "unscaled": "" if is_pooled else unscaled,
    }
    given = "".join(f", {name} := '{cell}'" for name, cell in options.items() if cell)
    value = "index" if is_pooled else "unweighted"
    # fixed summation order makes results reproducible
    with duckdb.connect(config={"threads": 1}) as con:
        create_functions(con)
        load_counts(con, counts, needs_outlet=not is_pooled)
        con.execute(f"create table indices as from {method}_index('counts'{given})")
        [(empty,)] = con.execute(
            "select string_agg(series, ', ' order by series) from"
            f" (select series from indices group by series having count({value}) = 0)"
        ).fetchall()
        if empty:
            print_progress(f"The baseline of these series yields no index: {empty}")
        write_result(con.sql("from indices order by series, month"), "csv")


# null values as Stata, R, pandas and SQL write them
UNKNOWN = ("", ".", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
_WRONG_COUNTS = {
    "series, outlet or month is empty": "series is null or outlet is null or month_given is null",
    "the month is invalid or ambiguous": "month is null",
    "n_all is not a count": "(n_all is null and n_all_given is not null)"
    " or not (n_all >= 0 and isfinite(n_all))",
    "n_hit is not a number from 0 to n_all": "(n_hit is null and n_hit_given is not null)"
    " or not (n_hit >= 0 and isfinite(n_hit)) or n_hit > n_all",
    "duplicate series, outlet and month": "count(*) over (partition by series, outlet, month) > 1",
}
_MAX_CELL = 80  # characters of a cell in an error message


def read_bounds(from_name: str, first: str, until_name: str, last: str) -> Row:
    """Return the ``first`` and ``last`` day of a period, given as YYYY-MM-DD or YYYY-MM; None
    without a limit. Raises UserError.
    """
    days: dict[str, dt.date | None] = {}
    for key, name, value in (("first", from_name, first), ("last", until_name, last)):
        is_month = value.count("-") == 1
        try:
            day = dt.date.fromisoformat(value + "-01" * is_month) if value else None
        except ValueError as error:
            raise UserError(
                f"{name}: invalid date {value!r}. Use the form 2020-12-31 or 2020-12."
            ) from error
        if day and is_month and key == "last":
            day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        days[key] = day
    refuse(
        days["first"] and days["last"] and days["first"] > days["last"],
        f"Invalid period: {from_name} {days['first']} is after {until_name} {days['last']}.",
    )
    return days


def load_counts(con: Connection, path: Path, *, needs_outlet: bool) -> None:
    """Create the table ``counts`` from a CSV, or raise UserError."""
    needed = ("series", "month", "n_all", "n_hit")
    read_cells(con, path, (*needed, *["outlet"] * needs_outlet), ("outlet",))
    outlet = "outlet" if needs_outlet else "coalesce(outlet, '')"
    day = "coalesce(try_cast(month as date), try_strptime(month, '%Y-%m'))"
    con.execute(
        f"create table counts as select series, {outlet} as outlet,"
        f" date_trunc('month', {day})::date as month, try_cast(n_all as double) as n_all,"
        " try_cast(n_hit as double) as n_hit, month as month_given, n_all as n_all_given,"
        " n_hit as n_hit_given from given order by series, 3, 2"
    )
    refuse_rows(
        con, path, "counts", "series, outlet, month_given, n_all_given, n_hit_given", _WRONG_COUNTS
    )


def read_cells(con: Connection, path: Path, needed: Sequence[str], optional: Sequence[str]) -> None:
    """Create the table ``given`` from the trimmed cells of a CSV (``-``: standard input), with null
    for unknown values and missing optional columns, or raise UserError.
    """
    source = "/dev/stdin" if str(path) == "-" else str(path)
    refuse(not Path(source).exists(), f"File not found: {path}.")
    con.execute("set enable_progress_bar = false")
    con.execute(f"create macro cell(text) as if(trim(text) in {UNKNOWN}, null, trim(text))")
    try:
        con.execute(
            r"create table cells as select cell(columns('^\s*(.*?)\s*$')) as '\1'"
            " from read_csv(?, all_varchar = true, header = true)",
            [source],
        )
    except duckdb.Error as error:
        raise UserError(
            f"{path} is not a CSV file with a header: {str(error).splitlines()[0].rstrip('.')}."
        ) from error
    names = {name.lower() for name in con.table("cells").columns}
    absent = [name for name in needed if name not in names]
    refuse(absent, f"{path}: missing column {', '.join(absent)}.")
    shown = ", ".join(f"null::varchar as {name}" for name in {*needed, *optional})
    con.execute(f"create table given as from (select {shown} limit 0) union all by name from cells")
    refuse(not len(con.table("given")), f"{path} has no rows below the header.")


def refuse_rows(
    con: Connection, path: Path, table: str, shown: str, wrong: Mapping[str, str], noun: str = "row"
) -> None:
    """Raise UserError with the name of a condition that is true, and the first such row, which
    ``noun`` names.
    """
    for problem, condition in wrong.items():
        row = con.execute(
            f"select {shown} from (select *, {condition} as is_wrong from {table})"
            " where is_wrong order by all limit 1"
        ).fetchone()
        if row is not None:
            cells = ",".join("" if cell is None else str(cell)[:_MAX_CELL] for cell in row)
            raise UserError(f"{path}: {problem} in the {noun} {cells}.")


SERIES_COLUMNS = ("series_id", "name", "source", "unit", "counted", "period", "theme_id",
                  "citation", "licence", "file_name", "imported_at")  # fmt: skip
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
_WRONG_POINTS = {
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
select *, 'csv' as source,
    case unit when 'share' then 'articles that match, of all articles'
        when 'count' then 'articles that match' else 'values of an index' end as counted,
    date_diff(period, first_on, last_on) + 1 - point_count as gap_count,
    last_on + ('1 ' || period)::interval <= getvariable('today') as is_over
from (
    select series as name, series_id, unit, trim(regexp_replace(source, '\\s+', ' ', 'g'))
            as citation,
        coalesce(licence, '') as licence, count(known) as point_count,
        min(start_on) filter (known is not null) as first_on,
        max(start_on) filter (known is not null) as last_on,
        min(known) as lowest, max(known) as highest, avg(known) as mean,
        case when bool_and(day(start_on) = 1) then 'month'
            when bool_and(isodow(start_on) = 1) then 'week' else 'day' end as period
    from points group by all
)"""
_WRONG_SERIES = {
    "fewer than two known values": "point_count < 2",
    "more than 50,000 values": "point_count > 50000",  # the days of a century and a third
    "periods that are not all days, weeks from Monday or months, or as many gaps as values,": (
        "gap_count >= point_count"
    ),
    "no name with letters or digits of its own": (
        "series_id = '' or count(*) over (partition by series_id) > 1"
    ),
}
_WHEN = "The next nightly run applies it; to use it now: tidings release"

compare = group(
    "Add counts of Media Cloud, GDELT or an uncertainty index as series beside your own.",
    no_args_is_help=True,
)


@compare.command()
def add(
    file: Path = Argument(
        metavar="FILE",
        help="CSV with the columns series, period, source, and value or numerator and"
        " denominator; - for stdin.",
    ),
    theme: str = Option("", metavar="ID", help="Compare with this theme in the report and in SQL."),
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
    read_tables(read_settings().seeds, [theme] * bool(theme))
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    for row in read:
        row |= {"theme_id": theme, "file_name": file.name, "imported_at": now}
        _show(row)
    ids = [row["series_id"] for row in read]
    added = [{name: row[name] for name in SERIES_COLUMNS} for row in read]
    note(f"Added {', '.join(ids)} in {_replace(ids, added, points)}. {_WHEN}")


@compare.command()
def remove(
    series_id: str = Argument(metavar="ID", help="ID of the series, as `add` prints it."),
) -> None:
    """Remove a comparison series. Earlier releases keep it."""
    note(f"Removed {series_id} from {_replace([series_id])}. {_WHEN}")


def read_series(path: Path) -> tuple[list[Row], list[Row]]:
    """Return the facts of each series in a file, and its known values as rows of
    comparison_points.csv. Raises UserError.
    """
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("set variable today = ?::date", [dt.datetime.now(_LAST_ZONE).date()])
        optional = ("value", "numerator", "denominator", "licence")
        read_cells(con, path, ("series", "period", "source"), optional)
        con.execute(_POINTS)
        shown = "series, period, value, numerator, denominator, source, licence"
        refuse_rows(con, path, "points", shown, _WRONG_POINTS)
        con.execute(_FACTS)
        refuse_rows(con, path, "facts", "name", _WRONG_SERIES, "series")
        points = read_rows(
            con,
            "select series_id, start_on::varchar as start_on, known::varchar as value,"
            " article_count, total_count from points where known is not null order by all",
        )
        return read_rows(con, "from facts order by name"), points


def _replace(series_ids: Sequence[str], series: Rows = (), points: Rows = ()) -> Path:
    """Replace the rows of some series in the user's folder of reference data, and return it. Raises
    UserError if unknown series are to be removed.
    """
    folder = own_folder(read_settings())
    with locked(folder):
        known = {row["series_id"] for row in read_seed("comparison_series", [folder])}
        refuse(
            not series and not known.issuperset(series_ids),
            f"Unknown series {series_ids[0]!r}. Series: {', '.join(sorted(known)) or 'none'}.",
        )
        for name, new in (("comparison_points", points), ("comparison_series", series)):
            change_rows(folder / f"{name}.csv", lambda row: row["series_id"] not in series_ids, new)
    return folder


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
