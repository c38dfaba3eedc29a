"""Measure how often a first use that is reported as certain is the first, by hiding the beginning of a history and adding gaps.

``python -m benchmarks.first_uses USES DAYS --cut 2023-10-01 --cut 2023-11-01 --gap 30`` reads two files that DuckDB can read (CSV
or Parquet), with the columns of ``int_phrase_outlet_days`` (phrase_id, publisher_id, published_on, article_count) and of
``outlet_daily`` (publisher_id, published_on, article_count, is_gap). Days before the cut are hidden, and so is, with ``--gap``, a
gap of so many days that begins in the middle of the rest. A first use is wrong if the phrase occurs on an earlier hidden day.
"""

from __future__ import annotations

import argparse
import datetime as dt
from typing import NamedTuple

import duckdb

from tidings.transforms.text.formulas import render


class Score(NamedTuple):
    """First uses after a cut: all of them, those that are right, and the same of the certain ones."""

    first_count: int
    right: int
    certain: int
    certain_right: int


def main() -> None:
    """Print the shares for each cut, without and with a gap, for the rule and for rules with other thresholds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("uses")
    parser.add_argument("days")
    parser.add_argument("--cut", type=dt.date.fromisoformat, action="append", required=True)
    parser.add_argument("--gap", type=int, default=0)
    parser.add_argument("--year", type=int, default=365, help="days that must be observed before a certain first use")
    options = parser.parse_args()
    con = duckdb.connect()
    for name in ("uses", "days"):
        con.execute(
            f"create table {name} as select * replace (published_on::date as published_on) from '{getattr(options, name)}'"
        )
    print("first observed day  gap  rule          first uses  right  certain  right")
    for cut in options.cut:
        for gap in dict.fromkeys((0, options.gap)):
            for risk in (0.05, 0.02, 0.01):
                score = measure(con, cut, gap, most_risk=risk, year=options.year)
                print(
                    f"{cut}        {gap:4d}  risk {risk:<8} {score.first_count:10d} {score.right:6d} {score.certain:8d}"
                    f" {score.certain_right:6d}"
                )


def measure(con: duckdb.DuckDBPyConnection, cut: dt.date, gap: int = 0, **rule: float) -> Score:
    """Return the score of first uses if observation begins on ``cut``, with a gap of ``gap`` days in the middle of the rest."""
    con.execute(
        "create or replace temp table hidden as select publisher_id, published_on, published_on < $cut"
        " or published_on - $cut - (max(published_on) over () - $cut) // 2 between 0 and $gap - 1 as is_hidden"
        " from days",
        {"cut": cut, "gap": gap},
    )
    con.execute(
        "create or replace temp table seen_days as select days.* replace (is_gap or is_hidden as is_gap,"
        " if(is_hidden, 0, article_count) as article_count) from days join hidden using (publisher_id, published_on)"
    )
    con.execute(
        "create or replace temp table seen_uses as select uses.* from uses join hidden using (publisher_id, published_on)"
        " where not is_hidden"
    )
    row = con.execute(
        f"""
        with firsts as ({render("first_uses", "first_uses", "seen_uses", "seen_days", **rule)}),
        truth as (select phrase_id, publisher_id, min(published_on) as true_on from uses group by all)
        select count(*), count(*) filter (first_on = true_on), count(*) filter (uncertain_because is null),
            count(*) filter (uncertain_because is null and first_on = true_on)
        from firsts join truth using (phrase_id, publisher_id)
        """
    ).fetchone()
    return Score(*row) if row else Score(0, 0, 0, 0)


if __name__ == "__main__":
    main()
