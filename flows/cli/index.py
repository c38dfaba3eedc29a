"""``tidings index``: compute an index from a CSV of article counts."""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import duckdb
import typer

from tidings.flows.cli.terminal import UserError
from tidings.transforms.text.formulas import render

if TYPE_CHECKING:
    from collections.abc import Collection


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
        Path,
        typer.Argument(
            metavar="COUNTS.csv", help="Columns series, outlet, month, n_all (articles), n_hit (those that hit); - for stdin."
        ),
    ],
    method: Annotated[
        Method, typer.Option(help="Outlets standardised (Baker, Bloom and Davis) or pooled (Caldara and Iacoviello).")
    ] = (Method.standardised),
    baseline_from: Annotated[
        str, typer.Option(metavar="D", help="First day or month of the baseline, included; all when left out.")
    ] = "",
    baseline_until: Annotated[
        str, typer.Option(metavar="D", help="Last day or month of the baseline, included; all when left out.")
    ] = "",
    missing: Annotated[Missing, typer.Option(help="A month in which an outlet has no articles: unknown, or a share of zero.")] = (
        Missing.null
    ),
    unscaled: Annotated[
        Unscaled, typer.Option(help="An outlet without a deviation: left out, or zero in the weighted total.")
    ] = (Unscaled.drop),
) -> None:
    """Print an index as CSV, its mean over the baseline 100: series, month, unweighted, weighted; or, pooled, index.

    A month may be written 2015-02, 2015-02-01, 201502, Feb 2015 or, where the file leaves no doubt, 2/1/2015. Columns may
    stand in any order, others beside them are passed over, and an empty cell is a count that nobody knows: it makes no share of
    zero. What cannot be computed is empty in the answer too. The pooled index needs no column outlet.

    tidings index counts.csv --baseline-from 1985-01 --baseline-until 2019-12 --method pooled
    """
    first = read_bound("--baseline-from", baseline_from, is_end=False)
    last = read_bound("--baseline-until", baseline_until, is_end=True)
    if first and last and first > last:
        message = f"--baseline-from {first} lies after --baseline-until {last}."
        raise UserError(message)
    con = duckdb.connect(config={"threads": 1})  # one order of adding up: the same digits each time
    try:
        load_counts(con, counts, first, last, optional=("outlet",) if method is Method.pooled else ())
        _tell_empty_baselines(con)
        arguments = [f"'{missing.value}'"]
        if method is Method.standardised:
            arguments.append(f"'{unscaled.value}'")
        sql = render("indices", f"{method.value}_index", "counts", ["series"], *arguments)
        found = con.execute(f"{sql} order by series, month")
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow([column[0] for column in found.description or ()])
        for row in found.fetchall():
            writer.writerow(["" if value is None else value for value in row])
    finally:
        con.close()


def _tell_empty_baselines(con: duckdb.DuckDBPyConnection) -> None:
    """Name the series that have no count in the baseline, whose index is therefore empty."""
    empty = con.execute(
        "select series from counts group by series having not bool_or(n_all > 0 and n_hit is not null"
        " and month >= coalesce(baseline_from, month) and month <= coalesce(baseline_until, month)) is true order by series"
    ).fetchall()
    if empty:
        names = ", ".join(str(row[0]) for row in empty)
        print(f"tidings: no month of the baseline has articles, so the index is empty: {names}", file=sys.stderr)


COLUMNS = ("series", "outlet", "month", "n_all", "n_hit")
_UNKNOWN = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")  # as R, pandas and SQL write what is not known
_MONTHS = ("%Y-%m", "%Y/%m", "%Y%m", "%Y%m%d", "%Ym%m", "%b %Y", "%B %Y")
_BOUND = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


def read_bound(name: str, value: str, *, is_end: bool) -> dt.date | None:
    """Return a day given as YYYY-MM-DD, YYYY-MM or YYYY, of the last two the first day or the last; None when it was left out.

    Raises UserError naming the option.
    """
    if not value:
        return None
    found = _BOUND.fullmatch(value.strip())
    year, month, day = (int(part) if part else None for part in (found.groups() if found else (None, None, None)))
    try:
        first = dt.date(year or 0, month or (12 if is_end else 1), day or 1)
    except ValueError as error:
        message = f"{name}: {value!r} is no day or month, as in 2020-12-31 or 2020-12."
        raise UserError(message) from error
    if day or not is_end:
        return first
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def load_counts(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    first: dt.date | None,
    last: dt.date | None,
    optional: Collection[str] = (),
) -> None:
    """Make the table ``counts`` of a CSV: series, outlet, month (date), n_all, n_hit, baseline_from and baseline_until.

    Of months, which is what an outlet that never has two days of one month is told of, any day stands for the whole: days of one
    series and month become the earliest of them, and the baseline's ends their months' ends. Columns of ``optional`` may be
    absent. Raises UserError with one sentence when the file cannot be counts.
    """
    _read(con, path, optional)
    con.execute(
        "create table dated as select *, case"
        r" when regexp_full_match(month_given, '\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ].*)?') then try_cast(month_given as date)"
        f" else coalesce(try_strptime(month_given, {list(_MONTHS)})::date, {_slashed(con)}) end as day,"
        " try_cast(n_all_given as double) as n_all, try_cast(n_hit_given as double) as n_hit from given"
    )
    _check(con, path)
    con.execute(
        "create table counts as with monthly as ("
        " select not exists (select 1 from dated group by series, outlet, date_trunc('month', day) having count(*) > 1) as is_so)"
        " select series, outlet, if(is_so, min(day) over (partition by series, date_trunc('month', day)), day) as month,"
        " n_all, n_hit, if(is_so, date_trunc('month', $first::date), $first::date)::date as baseline_from,"
        " if(is_so, last_day($last::date), $last::date) as baseline_until from dated, monthly",
        {"first": first, "last": last},
    )


def _read(con: duckdb.DuckDBPyConnection, path: Path, optional: Collection[str]) -> None:
    """Make the table ``given`` of a CSV's cells as they stand there, null where they say that nothing is known."""
    source = "/dev/stdin" if str(path) == "-" else str(path)
    if not Path(source).exists() or Path(source).is_dir():
        message = f"{path}: there is no such file."
        raise UserError(message)
    try:
        con.execute("create table cells as select * from read_csv(?, all_varchar = true, header = true)", [source])
    except duckdb.Error as error:
        message = f"{path} is not a CSV with a header: {str(error).splitlines()[0]}"
        raise UserError(message) from error
    names = {
        str(row[0]).strip().lower(): str(row[0]) for row in con.execute("select column_name from (describe cells)").fetchall()
    }
    if absent := [name for name in COLUMNS if name not in names and name not in optional]:
        message = f"{path}: the column {', '.join(absent)} is missing."
        raise UserError(message)
    unknown = ", ".join(f"'{word}'" for word in _UNKNOWN)
    cells = {
        name: f'if(trim("{names[name]}") in ({unknown}), null, trim("{names[name]}"))' if name in names else "''"
        for name in COLUMNS
    }
    con.execute(
        f"create table given as select {cells['series']} as series, {cells['outlet']} as outlet, {cells['month']} as month_given,"
        f" {cells['n_all']} as n_all_given, {cells['n_hit']} as n_hit_given from cells"
    )
    if con.execute("select 1 from given limit 1").fetchone() is None:
        message = f"{path}: there is no row under the header."
        raise UserError(message)


def _slashed(con: duckdb.DuckDBPyConnection) -> str:
    """Return the SQL that reads 2/1/2015: month first or day first, whichever gives every month the same day, first or last."""
    for form in ("%m/%d/%Y", "%d/%m/%Y"):
        row = con.execute(
            "select bool_and(day is not null) and (bool_and(day = date_trunc('month', day)) or bool_and(day = last_day(day)))"
            " from (select try_strptime(month_given, $form)::date as day from given where contains(month_given, '/')"
            r" and not regexp_matches(month_given, '^\d{4}/'))",
            {"form": form},
        ).fetchone()
        if row is not None and row[0]:
            return f"try_strptime(month_given, '{form}')::date"
    return "null"


def _check(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise UserError for the first row that can be no count."""
    wrong = {
        "series, outlet or month is empty": "series is null or outlet is null or month_given is null",
        "the month is no date that can be read in one way only": "day is null",
        "n_all is no number of at least 0": "(n_all is null and n_all_given is not null) or not (n_all >= 0 and isfinite(n_all))",
        "n_hit is no number from 0 to n_all": (
            "(n_hit is null and n_hit_given is not null) or not (n_hit >= 0 and isfinite(n_hit)) or n_hit > n_all"
        ),
    }
    for what, condition in wrong.items():
        row = con.execute(
            "select series, outlet, month_given, n_all_given, n_hit_given from dated"
            f" where {condition} order by series, outlet, day, month_given limit 1"
        ).fetchone()
        if row is not None:
            message = f"{path}: {what}, as in {','.join('' if cell is None else str(cell) for cell in row)}."
            raise UserError(message)
    twice = con.execute("select series, outlet, day from dated group by all having count(*) > 1 order by all limit 1").fetchone()
    if twice is not None:
        message = f"{path}: {', '.join(str(cell) for cell in twice)} stands there twice."
        raise UserError(message)
