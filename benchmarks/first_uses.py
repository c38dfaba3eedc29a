"""Measure how often a first use that is reported as certain is the first, by hiding the beginning
of a history and adding gaps.

``python -m benchmarks.first_uses`` simulates phrases of a daily programme over eight years, of
which the first four are hidden. 7 % of the phrases begin in the visible years, as in a television
programme; the others are older. Use follows five patterns.

``python -m benchmarks.first_uses USES DAYS --cut 2013-06-01 --cut 2014-06-01 --gap 180 --years 4``
reads two files that DuckDB can read (CSV or Parquet), with the columns of
``int_phrase_outlet_days`` (phrase_id, publisher_id, published_on, article_count) and of
``outlet_daily`` (publisher_id, published_on, article_count, is_gap). Days before the cut and, with
``--years``, after so many years are hidden, and so is, with ``--gap``, a gap of so many days in the
middle. A first use is wrong if the phrase occurs on an earlier hidden day. The last column
reweights new and old phrases, so that 7 % of the first uses after four weeks are right.
"""

from __future__ import annotations

import argparse
import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from tidings.base.functions import create_functions

if TYPE_CHECKING:
    from numpy.typing import NDArray

START, CUT, END = dt.date(2018, 1, 1), 1461, 2922  # of a simulation; days
ARTICLES = 12  # per day
PHRASES = 1000  # per pattern
SHARE_NEW = 0.07
RULES: tuple[dict[str, float], ...] = (
    {},
    {"most_risk": 0.001},
    {"most_risk": 0.01},
    {"least_months": 1},
)
PATTERNS = ("steady", "bursts", "seasons", "campaigns", "rising")


class Score(NamedTuple):
    """First uses after the first four weeks after a cut: right and wrong ones, and the same of the
    certain ones.
    """

    right: int
    wrong: int
    certain_right: int
    certain_wrong: int

    @property
    def reweighted(self) -> float:
        """Share of right among certain ones if ``SHARE_NEW`` of all are right; nan without certain
        ones.
        """
        found = SHARE_NEW * self.certain_right / max(self.right, 1)
        missed = (1 - SHARE_NEW) * self.certain_wrong / max(self.wrong, 1)
        return found / (found + missed) if found + missed else float("nan")


def main() -> None:
    """Print the scores of each pattern or cut, for the rule and for rules with other thresholds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("uses", nargs="?")
    parser.add_argument("days", nargs="?")
    parser.add_argument("--cut", type=dt.date.fromisoformat, action="append", default=[])
    parser.add_argument("--gap", type=int, default=0)
    parser.add_argument("--years", type=int, default=100, help="visible years after a cut")
    parser.add_argument(
        "--year",
        type=int,
        default=365,
        help="days that must be observed before a certain first use",
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    con = duckdb.connect()
    cases: list[tuple[str, dt.date, int]] = []
    if options.uses:
        for name in ("uses", "days"):
            con.execute(
                f"create table {name} as select * replace (published_on::date as published_on)"
                f" from '{getattr(options, name)}'"
            )
        cases = [("", cut, gap) for cut in options.cut for gap in dict.fromkeys((0, options.gap))]
    else:
        simulate(con, np.random.default_rng(options.seed))
        cases = [
            (pattern, START + dt.timedelta(CUT), gap)
            for gap, patterns in ((0, (*PATTERNS, "")), (180, ("",)))
            for pattern in patterns
        ]
    print(
        "first observed day  gap  pattern    rule                   first uses  right  certain "
        " right  share at 7 % new"
    )
    for pattern, cut, gap in cases:
        for rule in RULES:
            score = measure(con, cut, gap, options.years, pattern, year=options.year, **rule)
            certain = score.certain_right + score.certain_wrong
            print(
                f"{cut}         {gap:4d}  {pattern or 'all':9}  {rule or 'as shipped'!s:22}"
                f" {score.right + score.wrong:10d}"
                f" {score.right:6d} {certain:8d} {score.certain_right:6d} {score.reweighted:9.3f}",
                flush=True,
            )


def measure(
    con: duckdb.DuckDBPyConnection,
    cut: dt.date,
    gap: int = 0,
    years: int = 100,
    pattern: str = "",
    **rule: float,
) -> Score:
    """Return the score of first uses if observation begins on ``cut`` and has a gap of ``gap`` days
    in its middle.

    Args:
        con: A connection with the tables ``uses`` and ``days``.
        cut: The first observed day.
        gap: Days of the gap; 0 for none.
        years: Years observed after the cut.
        pattern: Beginning of the phrases to measure; empty for all.
        rule: Arguments of the macro ``first_uses``.
    """
    con.execute(
        "create or replace temp table hidden as select publisher_id, published_on, published_on <"
        " $cut"
        " or published_on - $cut - (max(published_on) over () - $cut) // 2 between 0 and $gap - 1"
        " as is_hidden"
        " from days where published_on < $cut + to_years($years)",
        {"cut": cut, "gap": gap, "years": years},
    )
    con.execute(
        "create or replace temp table seen_days as select days.* replace (is_gap or is_hidden as"
        " is_gap,"
        " if(is_hidden, 0, article_count) as article_count) from days join hidden using"
        " (publisher_id, published_on)"
    )
    con.execute(
        "create or replace temp table seen_uses as select uses.* from uses join hidden using"
        " (publisher_id, published_on)"
        " where not is_hidden and starts_with(phrase_id, $pattern)",
        {"pattern": pattern},
    )
    create_functions(con)
    options = "".join(f", {name} := {value}" for name, value in rule.items())
    row = con.execute(
        f"""
        with firsts as (from first_uses('seen_uses', 'seen_days'{options})),
        truth as (select phrase_id, publisher_id, min(published_on) as true_on from uses
            group by all),
        judged as (
            select first_on = true_on as is_right, uncertain_because is null as is_certain
            from firsts join truth using (phrase_id, publisher_id) where observed_days >= 28
        )
        select count(*) filter (is_right), count(*) filter (not is_right),
            count(*) filter (is_right and is_certain),
            count(*) filter (not is_right and is_certain)
        from judged
        """
    ).fetchone()
    return Score(*row) if row else Score(0, 0, 0, 0)


def simulate(con: duckdb.DuckDBPyConnection, rng: np.random.Generator) -> None:
    """Create the tables ``uses`` and ``days`` of a simulated programme; a phrase's ID begins with
    its pattern.
    """
    con.execute(
        "create table days as select 'a' as publisher_id, $start + day::integer as published_on,"
        " $articles::bigint as article_count, false as is_gap from range($days) as t(day)",
        {"start": START, "articles": ARTICLES, "days": END},
    )
    phrases, days = [], []
    for pattern in PATTERNS:
        for number in range(PHRASES):
            begin = (
                int(rng.integers(CUT, END))
                if rng.random() < SHARE_NEW
                else -int(rng.integers(1, CUT))
            )
            used = use_days(pattern, begin, rng)
            days.append(used[used >= 0])
            phrases += [f"{pattern}{number}"] * len(days[-1])
    table = pa.table({"phrase_id": phrases, "day": np.concatenate(days)})
    con.register("simulated", table)
    con.execute(
        "create table uses as select phrase_id, 'a' as publisher_id, $start + day::integer as"
        " published_on, 1 as article_count"
        " from simulated",
        {"start": START},
    )


def use_days(pattern: str, begin: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the days on which a phrase that begins on a day is used; one use in 60 days to daily
    use when it is in use.

    steady has independent days, and bursts have pauses with a Weibull distribution (Altmann et al.
    2009). seasons are used in 40 days of each year. campaigns last for two months on average, and
    pauses between them have a Pareto distribution of at least six months with exponent 1. rising
    phrases become a hundred times more frequent in eight years.
    """
    span = np.arange(begin, END)
    rate = 60 ** -rng.random()
    if pattern == "bursts":
        pauses = rng.weibull(rng.uniform(0.3, 0.7), len(span))
        days = begin + np.cumsum(pauses / pauses.mean() / rate)
        return np.unique(days[days < END].astype(np.int64))
    rates = np.full(len(span), rate)
    if pattern == "seasons":
        rates *= (span - begin) % 365 < 40
    if pattern == "rising":
        rates = np.minimum(60 * rate * 100.0 ** (span / END - 1), 1)
    if pattern == "campaigns":
        lengths = [
            value for _ in span for value in (1 + rng.exponential(60), 180 / (1 - rng.random()))
        ][: len(span)]
        rates *= np.searchsorted(np.cumsum(lengths), span - begin, side="right") % 2 == 0
    return span[rng.random(len(span)) < rates]


if __name__ == "__main__":
    main()
