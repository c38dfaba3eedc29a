"""``tidings index``: an index from anyone's counts, by the SQL that the marts use."""

from __future__ import annotations

import csv
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from tidings.flows.cli.counts import load_counts, read_bound
from tidings.flows.cli.places import UserError
from tidings.transforms.text.formulas import render


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
