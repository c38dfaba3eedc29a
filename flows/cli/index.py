"""``tidings index``: an index from anyone's counts, by the SQL that the marts use."""

from __future__ import annotations

import csv
import datetime as dt
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from flows.cli.places import UserError
from transforms.formulas import render

COLUMNS = ("series", "outlet", "month", "n_all", "n_hit")


class Method(StrEnum):
    """How outlets are put together."""

    standardised = "standardised"
    pooled = "pooled"


class Missing(StrEnum):
    """What an outlet's month without articles is."""

    null = "null"
    zero = "zero"


class Unscaled(StrEnum):
    """What an outlet whose standard deviation is zero or unknown is."""

    drop = "drop"
    zero = "zero"


def index(
    counts: Annotated[
        Path, typer.Argument(metavar="COUNTS.csv", help="Columns series, outlet, month, n_all, n_hit; - for stdin.")
    ],
    method: Annotated[
        Method, typer.Option(help="Outlets standardised (Baker, Bloom and Davis) or pooled (Caldara and Iacoviello).")
    ] = (Method.standardised),
    baseline_from: Annotated[str, typer.Option(metavar="D", help="First day of the baseline, included; all when left out.")] = "",
    baseline_until: Annotated[str, typer.Option(metavar="D", help="Last day of the baseline, included; all when left out.")] = "",
    missing: Annotated[Missing, typer.Option(help="A month in which an outlet has no articles: unknown, or a share of zero.")] = (
        Missing.null
    ),
    unscaled: Annotated[
        Unscaled, typer.Option(help="An outlet without a deviation: left out, or zero in the weighted total.")
    ] = (Unscaled.drop),
) -> None:
    """Print an index as CSV, its mean over the baseline 100: series, month, unweighted, weighted; or, pooled, index."""
    first, last = (
        _day(name, value) for name, value in (("--baseline-from", baseline_from), ("--baseline-until", baseline_until))
    )
    con = duckdb.connect()
    try:
        _load(con, counts, first, last)
        if method is Method.pooled:
            sql = render("indices", "pooled_index", "counts", ["series"], missing.value)
        else:
            sql = render("indices", "standardised_index", "counts", ["series"], missing.value, unscaled.value)
        found = con.execute(f"{sql} order by series, month")
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow([column[0] for column in found.description or ()])
        for row in found.fetchall():
            writer.writerow(["" if value is None else value for value in row])
    finally:
        con.close()


def _day(name: str, value: str) -> dt.date | None:
    """Return a day given as YYYY-MM-DD, or None when it was left out."""
    if not value:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        message = f"{name}: {value!r} is not a day, as in 2020-12-31."
        raise UserError(message) from error


def _load(con: duckdb.DuckDBPyConnection, path: Path, first: dt.date | None, last: dt.date | None) -> None:
    """Make the table ``counts`` of a CSV. Raises UserError with one sentence when it cannot be one."""
    source = "/dev/stdin" if str(path) == "-" else str(path)
    if not Path(source).exists():
        message = f"{path}: there is no such file."
        raise UserError(message)
    try:
        con.execute("create table given as select * from read_csv(?, all_varchar = true, header = true)", [source])
    except duckdb.Error as error:
        message = f"{path} is not a CSV with a header: {str(error).splitlines()[0]}"
        raise UserError(message) from error
    names = {str(row[0]) for row in con.execute("select column_name from (describe given)").fetchall()}
    if absent := [name for name in COLUMNS if name not in names]:
        message = f"{path}: the column {', '.join(absent)} is missing."
        raise UserError(message)
    con.execute(
        "create table counts as select series, outlet,"
        " coalesce(try_cast(month as date), try_cast(month || '-01' as date)) as month,"
        " try_cast(n_all as double) as n_all, try_cast(n_hit as double) as n_hit,"
        " $first::date as baseline_from, $last::date as baseline_until, month as month_given, n_all as n_all_given,"
        " n_hit as n_hit_given from given",
        {"first": first, "last": last},
    )
    _check(con, path)


def _check(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise UserError for the first row that can be no count."""
    wrong = {
        "series, outlet or month is empty": "series is null or outlet is null or month_given is null",
        "the month is no date": "month is null",
        "n_all is no number of at least 0": "(n_all is null and n_all_given is not null) or not n_all >= 0",
        "n_hit is no number from 0 to n_all": "(n_hit is null and n_hit_given is not null) or not n_hit between 0 and n_all",
    }
    for what, condition in wrong.items():
        row = con.execute(f"select series, outlet, month_given from counts where {condition} limit 1").fetchone()
        if row is not None:
            message = f"{path}: {what}, as in {', '.join(str(cell) for cell in row)}."
            raise UserError(message)
    twice = con.execute("select series, outlet, month from counts group by all having count(*) > 1 limit 1").fetchone()
    if twice is not None:
        message = f"{path}: {', '.join(str(cell) for cell in twice)} stands there twice."
        raise UserError(message)
