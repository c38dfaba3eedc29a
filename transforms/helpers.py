"""The measures as DuckDB macros, for people who ask the release file: the formulas of ``macros/``, rendered.

``warehouse/helpers.sql`` holds them, so that the warehouse does not import this package. After a change, run
``python -m tidings.transforms.helpers``; a test compares the two.
"""

from __future__ import annotations

import sys
from typing import Any

from tidings.transforms.text.formulas import render

_INDEX = "columns series, outlet, month (date), n_all, n_hit"
# name and parameters; what it returns; the formula's file, name and arguments
_SCALARS: tuple[tuple[str, str, tuple[str, ...] | None], ...] = (
    ("share(hits, total)", "Hits over total; null where nothing was counted.", None),
    ("wilson_low(hits, total)", "Lower end of Wilson's 95 % interval of a share.", ("wilson", "wilson_low", "hits", "total")),
    ("wilson_high(hits, total)", "Upper end of Wilson's 95 % interval of a share.", ("wilson", "wilson_high", "hits", "total")),
    (
        "npmi(pair_count, one_count, other_count, total)",
        "Normalised pointwise mutual information of two things, from their counts.",
        ("measures", "npmi", "pair_count", "one_count", "other_count", "total"),
    ),
    (
        "log_odds(y1, n1, y2, n2, a, a0)",
        "Log-odds ratio with a Dirichlet prior: y of n words, a of a0 prior ones.",
        ("measures", "log_odds", "y1", "n1", "y2", "n2", "a", "a0"),
    ),
    (
        "log_odds_z(y1, n1, y2, n2, a, a0)",
        "The same in standard errors.",
        ("measures", "log_odds_z", "y1", "n1", "y2", "n2", "a", "a0"),
    ),
    (
        "hhi(counts)",
        "Concentration of counts over those who hold them, an aggregate: 1/n, all alike, to 1, one alone.",
        ("measures", "hhi", "counts"),
    ),
    (
        "lag_correlation(deviations, other, lag_days)",
        "How closely another series follows so many days later: lists of deviations from the mean, days in order.",
        (
            "measures",
            "cross_correlation",
            "list_slice(deviations, 1, len(deviations) - lag_days)",
            "list_slice(other, 1 + lag_days, len(other))",
            "list_dot_product(deviations, deviations)",
            "list_dot_product(other, other)",
        ),
    ),
)
_TABLES: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    (
        "standardised_index(counts, baseline_from := null, baseline_until := null, missing := 'null', unscaled := 'drop')",
        f"Outlet-standardised index of the table named by counts, {_INDEX}: series, month, unweighted, weighted.",
        ("indices", "standardised_index", "query_table(counts)", ["series"], "missing", "unscaled"),
    ),
    (
        "pooled_index(counts, baseline_from := null, baseline_until := null, missing := 'null')",
        f"Pooled index of the table named by counts, {_INDEX}: series, month, index.",
        ("indices", "pooled_index", "query_table(counts)", ["series"], "missing"),
    ),
    (
        "kleinberg_bursts(counts)",
        "Batches in a burst or not, of the table named by counts, columns series, batch_on, hits, total.",
        ("bursts", "kleinberg_bursts", "query_table(counts)", ["series"]),
    ),
    (
        "lives(counts)",
        "First day, peak, last day and half-life of the series of the table named by counts, columns series, batch_on, hits.",
        ("lives", "lives", "query_table(counts)", ["series"]),
    ),
    (
        "diffusion(adoptions)",
        "Day on which half of the outlets had a series, of the table named by adoptions, columns series, outlet, adopted_on.",
        ("lives", "diffusion", "query_table(adoptions)", ["series"]),
    ),
)


def write_helpers() -> str:
    """Return the statements that make the macros in the schema in use, each with a comment that says what it returns."""
    lines = ["-- Written by `python -m tidings.transforms.helpers` from transforms/macros/: do not change it by hand.", ""]
    for head, told, formula in _SCALARS:
        body = render(*formula) if formula else "hits / nullif(total, 0)::double"
        lines += [f"-- {told}", f"create or replace macro {head} as ({body.strip()});", ""]
    for head, told, table in _TABLES:
        body = render(*table).strip()
        lines += [f"-- {told}", f"create or replace macro {head} as table {body};", ""]
    return "\n".join(line.rstrip() for line in "\n".join(lines).splitlines()) + "\n"


if __name__ == "__main__":
    sys.stdout.write(write_helpers())
