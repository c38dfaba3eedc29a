"""``tidings index``: compute an index from a CSV of article counts."""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import duckdb
import typer

from tidings.base.functions import create_functions
from tidings.cli.terminal import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping


def index(
    counts: Annotated[
        Path,
        typer.Argument(
            metavar="COUNTS.csv",
            help="CSV with columns series, outlet, month, n_all (articles) and n_hit (matching"
            " articles); - for stdin.",
        ),
    ],
    method: Annotated[
        Literal["standardised", "pooled"],
        typer.Option(
            help="standardised (Baker, Bloom and Davis) or pooled (Caldara and Iacoviello)."
        ),
    ] = "standardised",
    baseline_from: Annotated[
        str,
        typer.Option(
            metavar="D", help="First day or month of the baseline, inclusive. Default: no limit."
        ),
    ] = "",
    baseline_until: Annotated[
        str,
        typer.Option(
            metavar="D", help="Last day or month of the baseline, inclusive. Default: no limit."
        ),
    ] = "",
    missing: Annotated[
        Literal["null", "zero"],
        typer.Option(help="Share of a month in which an outlet has no articles."),
    ] = "null",
    unscaled: Annotated[
        Literal["drop", "zero"],
        typer.Option(
            help="Treatment of an outlet with no variation: drop it, or count it as zero"
            " in the weighted total."
        ),
    ] = "drop",
) -> None:
    """Compute an index with a mean of 100 over the baseline, and write it as CSV.

    Output columns: series, month, unweighted, weighted; for the pooled method: series, month,
    index.

    Accepted month formats: 2015-02, 2015-02-01, 201502, Feb 2015, and 2/1/2015 if the file shows
    the order of day and month. Columns can be in any order, and the command ignores other columns.
    An empty cell is an unknown count, not zero. Output cells are empty if the value cannot be
    computed. The pooled method does not need the column outlet.

    Example: `tidings index counts.csv --baseline-from 1985-01 --baseline-until 2019-12 --method
    pooled`
    """
    first = read_bound("--baseline-from", baseline_from, is_end=False)
    last = read_bound("--baseline-until", baseline_until, is_end=True)
    if first and last and first > last:
        raise UserError(
            f"Invalid baseline: --baseline-from {first} is after --baseline-until {last}."
        )
    con = duckdb.connect(config={"threads": 1})  # fixed summation order makes results reproducible
    con.execute("set enable_progress_bar = false")
    try:
        load_counts(con, counts, first, last, needs_outlet=method == "standardised")
        empty = con.execute(
            "select series from counts group by series having not bool_or(n_all > 0 and n_hit is"
            " not null and month >= coalesce(baseline_from, month) and month <="
            " coalesce(baseline_until, month)) is true order by series"
        ).fetchall()
        if empty:
            names = ", ".join(str(row[0]) for row in empty)
            print(
                f"tidings: The index of these series is empty, because the baseline has no"
                f" articles: {names}",
                file=sys.stderr,
            )
        arguments = [f"missing := '{missing}'"]
        if method == "standardised":
            arguments.append(f"unscaled := '{unscaled}'")
        create_functions(con)
        result = con.execute(
            "with marked as (select *, month >= coalesce(baseline_from, month) and month <="
            " coalesce(baseline_until, month) as is_baseline from counts)"
            f" from {method}_index_by_baseline('marked', {', '.join(arguments)})"
            " order by series, month"
        )
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow([column[0] for column in result.description or ()])
        writer.writerows(result.fetchall())
    finally:
        con.close()


# null values as Stata, R, pandas and SQL write them
UNKNOWN = ("", ".", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
_MONTH_FORMS = ["%Y-%m", "%Y/%m", "%Y%m", "%Y%m%d", "%Ym%m", "%b %Y", "%B %Y"]
_WRONG = {
    "series, outlet or month is empty": "series is null or outlet is null or month_given is null",
    "the month is invalid or ambiguous": "day is null",
    "n_all is not a count": "(n_all is null and n_all_given is not null)"
    " or not (n_all >= 0 and isfinite(n_all))",
    "n_hit is not a number from 0 to n_all": "(n_hit is null and n_hit_given is not null)"
    " or not (n_hit >= 0 and isfinite(n_hit)) or n_hit > n_all",
    "duplicate series, outlet and month": "count(*) over (partition by series, outlet, day) > 1",
}
_MAX_CELL = 80  # characters of a cell in an error message
_BOUND = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


def read_bound(name: str, value: str, *, is_end: bool) -> dt.date | None:
    """Return the first or last day of a period.

    Args:
        name: Name of the option, for the error message.
        value: YYYY-MM-DD, YYYY-MM or YYYY, or empty for None.
        is_end: Whether to return the last day.

    Raises:
        UserError: If the value is invalid.
    """
    if not value:
        return None
    match = _BOUND.fullmatch(value.strip())
    year, month, day = map(int, match.groups("0") if match else (0, 0, 0))
    try:
        first = dt.date(year, month or (12 if is_end else 1), day or 1)
    except ValueError as error:
        raise UserError(
            f"{name}: invalid date {value!r}. Use the form 2020-12-31 or 2020-12."
        ) from error
    if day or not is_end:
        return first
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def load_counts(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    first: dt.date | None,
    last: dt.date | None,
    *,
    needs_outlet: bool = True,
) -> None:
    """Create the table ``counts`` from a CSV: series, outlet, month (date), n_all, n_hit,
    baseline_from and baseline_until.

    If no outlet has two days of one month, the data is monthly, and any day represents its month:
    the function replaces the days of a series and month by the earliest of them, and extends the
    baseline to whole months.

    Raises:
        UserError: If the file is invalid.
    """
    outlet = "" if needs_outlet else "''"
    read_cells(con, path, {"series": "", "outlet": outlet, "month": "", "n_all": "", "n_hit": ""})
    con.execute(
        "create table dated as select series, outlet, month as month_given, n_all as n_all_given,"
        " n_hit as n_hit_given, case"
        r" when regexp_full_match(month, '\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ].*)?') then"
        " try_cast(month as date)"
        f" else coalesce(try_strptime(month, {_MONTH_FORMS})::date, {_slashed(con)})"
        " end as day,"
        " try_cast(n_all as double) as n_all, try_cast(n_hit as double) as n_hit from given"
    )
    refuse_rows(con, path, "dated", "series, outlet, month_given, n_all_given, n_hit_given", _WRONG)
    con.execute(
        "create table counts as with monthly as ("
        " select not exists (select 1 from dated group by series, outlet, date_trunc('month', day)"
        " having count(*) > 1) as is_so)"
        " select series, outlet, if(is_so, min(day) over (partition by series, date_trunc('month',"
        " day)), day) as month,"
        " n_all, n_hit, if(is_so, date_trunc('month', $first::date), $first::date)::date as"
        " baseline_from,"
        " if(is_so, last_day($last::date), $last::date) as baseline_until from dated, monthly",
        {"first": first, "last": last},
    )


def read_cells(
    con: duckdb.DuckDBPyConnection, path: Path, columns: dict[str, str], most: int = 10**9
) -> None:
    """Create the table ``given`` from the trimmed cells of a CSV (``-``: standard input), with null
    for unknown values.

    Args:
        con: Connection to a database in memory.
        path: The file.
        columns: Its columns, each with SQL for a file without the column; empty if it is needed.
        most: Number of rows to read at most.

    Raises:
        UserError: If the file is no CSV, has no rows or lacks a column.
    """
    _read_csv(con, path, most)
    names = {
        str(row[0]).strip().lower(): str(row[0])
        for row in con.execute("select column_name from (describe cells)").fetchall()
    }
    if absent := [name for name, sql in columns.items() if not sql and name not in names]:
        raise UserError(f"{path}: missing column {', '.join(absent)}.")
    con.execute(f"create macro cell(text) as if(trim(text) in {UNKNOWN}, null, trim(text))")
    cells = columns | {name: f'cell("{names[name]}")' for name in names.keys() & columns}
    shown = ", ".join(f"{sql} as {name}" for name, sql in cells.items())
    con.execute(f"create table given as select {shown} from cells")
    if con.execute("select 1 from given limit 1").fetchone() is None:
        raise UserError(f"{path} has no rows below the header.")


def _read_csv(con: duckdb.DuckDBPyConnection, path: Path, most: int) -> None:
    """Create the table ``cells`` from the first rows of a CSV, as texts."""
    source = "/dev/stdin" if str(path) == "-" else str(path)
    if not Path(source).exists() or Path(source).is_dir():
        raise UserError(f"File not found: {path}.")
    try:
        con.execute(
            "create table cells as select * from read_csv(?, all_varchar = true, header = true)"
            " limit ?",
            [source, most],
        )
    except duckdb.Error as error:
        raise UserError(
            f"{path} is not a CSV file with a header: {str(error).splitlines()[0].rstrip('.')}."
        ) from error


def refuse_rows(
    con: duckdb.DuckDBPyConnection, path: Path, table: str, shown: str, wrong: Mapping[str, str]
) -> None:
    """Raise UserError with the first row, as the columns ``shown``, for which one of the conditions
    is true, and with the name of the condition.
    """
    for problem, condition in wrong.items():
        row = con.execute(
            f"select {shown} from (select *, {condition} as is_wrong from {table})"
            " where is_wrong order by all limit 1"
        ).fetchone()
        if row is not None:
            cells = ",".join("" if cell is None else str(cell)[:_MAX_CELL] for cell in row)
            raise UserError(f"{path}: {problem} in the row {cells}.")


def _slashed(con: duckdb.DuckDBPyConnection) -> str:
    """Return the SQL expression that parses 2/1/2015. The order of day and month is known if all
    are first or last days.
    """
    for form in ("%m/%d/%Y", "%d/%m/%Y"):
        row = con.execute(
            "select bool_and(day is not null) and (bool_and(day = date_trunc('month', day)) or"
            " bool_and(day = last_day(day)))"
            " from (select try_strptime(month, $form)::date as day from given where"
            " contains(month, '/')"
            r" and not regexp_matches(month, '^\d{4}/'))",
            {"form": form},
        ).fetchone()
        if row is not None and row[0]:
            return f"try_strptime(month, '{form}')::date"
    return "null"
