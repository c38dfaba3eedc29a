"""``tidings index``: compute an index from a CSV of article counts."""

from __future__ import annotations

import calendar
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import duckdb
import typer

from tidings.base.functions import create_functions
from tidings.cli.sql import write_result
from tidings.cli.terminal import UserError, print_progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


_DAY = "day or month of the baseline, inclusive. Default: no limit."


def index(
    counts: Annotated[
        Path,
        typer.Argument(
            metavar="COUNTS.csv",
            help="CSV: series, outlet, month, n_all (articles), n_hit (matches); - for stdin.",
        ),
    ],
    method: Annotated[
        Literal["standardised", "pooled"],
        typer.Option(
            help="standardised (Baker, Bloom and Davis) or pooled (Caldara and Iacoviello)."
        ),
    ] = "standardised",
    baseline_from: Annotated[str, typer.Option(metavar="D", help=f"First {_DAY}")] = "",
    baseline_until: Annotated[str, typer.Option(metavar="D", help=f"Last {_DAY}")] = "",
    missing: Annotated[
        Literal["null", "zero"],
        typer.Option(help="Share of a month in which an outlet has no articles."),
    ] = "null",
    unscaled: Annotated[
        Literal["drop", "zero"],
        typer.Option(help="An outlet without variation: drop it, or count it as zero."),
    ] = "drop",
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
    options = [f"missing := '{missing}'"]
    if first := days["first"]:
        options.append(f"baseline_from := date '{first.replace(day=1)}'")
    if last := days["last"]:
        options.append(f"baseline_until := date '{last}'")
    value = "index"
    if method == "standardised":
        options, value = [*options, f"unscaled := '{unscaled}'"], "unweighted"
    # fixed summation order makes results reproducible
    with duckdb.connect(config={"threads": 1}) as con:
        create_functions(con)
        load_counts(con, counts, needs_outlet=value != "index")
        con.execute(f"create table indices as from {method}_index('counts', {', '.join(options)})")
        [(empty,)] = con.execute(
            "select string_agg(series, ', ' order by series) from"
            f" (select series from indices group by series having count({value}) = 0)"
        ).fetchall()
        if empty:
            print_progress(f"The baseline of these series yields no index: {empty}")
        write_result(con.sql("from indices order by series, month"), "csv")


# null values as Stata, R, pandas and SQL write them
UNKNOWN = ("", ".", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
_WRONG = {
    "series, outlet or month is empty": "series is null or outlet is null or month_given is null",
    "the month is invalid or ambiguous": "month is null",
    "n_all is not a count": "(n_all is null and n_all_given is not null)"
    " or not (n_all >= 0 and isfinite(n_all))",
    "n_hit is not a number from 0 to n_all": "(n_hit is null and n_hit_given is not null)"
    " or not (n_hit >= 0 and isfinite(n_hit)) or n_hit > n_all",
    "duplicate series, outlet and month": "count(*) over (partition by series, outlet, month) > 1",
}
_MAX_CELL = 80  # characters of a cell in an error message


def read_bounds(from_name: str, first: str, until_name: str, last: str) -> dict[str, Any]:
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
    if days["first"] and days["last"] and days["first"] > days["last"]:
        raise UserError(
            f"Invalid period: {from_name} {days['first']} is after {until_name} {days['last']}."
        )
    return days


def load_counts(con: duckdb.DuckDBPyConnection, path: Path, *, needs_outlet: bool) -> None:
    """Create the table ``counts`` from a CSV, or raise UserError."""
    needed = ["series", "month", "n_all", "n_hit", *["outlet"] * needs_outlet]
    read_cells(con, path, needed, ["outlet"])
    outlet = "outlet" if needs_outlet else "coalesce(outlet, '')"
    day = "coalesce(try_cast(month as date), try_strptime(month, '%Y-%m'))"
    con.execute(
        f"create table counts as select series, {outlet} as outlet,"
        f" date_trunc('month', {day})::date as month, try_cast(n_all as double) as n_all,"
        " try_cast(n_hit as double) as n_hit, month as month_given, n_all as n_all_given,"
        " n_hit as n_hit_given from given order by series, 3, 2"
    )
    refuse_rows(
        con, path, "counts", "series, outlet, month_given, n_all_given, n_hit_given", _WRONG
    )


def read_cells(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    needed: Iterable[str],
    optional: Iterable[str],
    most: int = 10**9,
) -> None:
    """Create the table ``given`` from the trimmed cells of the first rows of a CSV (``-``: standard
    input), with null for unknown values and missing optional columns, or raise UserError.
    """
    source = {"-": "/dev/stdin"}.get(str(path), str(path))
    if not Path(source).exists():
        raise UserError(f"File not found: {path}.")
    con.execute("set enable_progress_bar = false")
    con.execute(f"create macro cell(text) as if(trim(text) in {UNKNOWN}, null, trim(text))")
    try:
        con.execute(
            "create table cells as from read_csv(?, all_varchar = true, header = true) limit ?",
            [source, most],
        )
    except duckdb.Error as error:
        raise UserError(
            f"{path} is not a CSV file with a header: {str(error).splitlines()[0].rstrip('.')}."
        ) from error
    names = {name.strip().lower(): name for name in con.table("cells").columns}
    if absent := [name for name in needed if name not in names]:
        raise UserError(f"{path}: missing column {', '.join(absent)}.")
    shown = ", ".join(
        f'cell("{names[name]}") as {name}' if name in names else f"null::varchar as {name}"
        for name in (*needed, *optional)
    )
    con.execute(f"create table given as select {shown} from cells")
    if con.execute("select 1 from given limit 1").fetchone() is None:
        raise UserError(f"{path} has no rows below the header.")


def refuse_rows(
    con: duckdb.DuckDBPyConnection, path: Path, table: str, shown: str, wrong: Mapping[str, str]
) -> None:
    """Raise UserError with the name of a condition that is true, and the first such row."""
    for problem, condition in wrong.items():
        row = con.execute(
            f"select {shown} from (select *, {condition} as is_wrong from {table})"
            " where is_wrong order by all limit 1"
        ).fetchone()
        if row is not None:
            cells = ",".join("" if cell is None else str(cell)[:_MAX_CELL] for cell in row)
            raise UserError(f"{path}: {problem} in the row {cells}.")
