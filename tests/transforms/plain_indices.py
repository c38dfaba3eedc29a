"""Invented counts, and their indices in plain Python by the published formulas, for comparison."""

import datetime as dt
import statistics
from itertools import groupby
from typing import Any

UNTIL = dt.date(2020, 6, 30)
Row = tuple[str, str, dt.date, float, float]  # series, outlet, month, n_all, n_hit


def month(number: int) -> dt.date:
    """Return the first day of a month of 2020."""
    return dt.date(2020, number, 1)


# An outlet with an empty month, one with a constant share, one that begins after the baseline, and
# one in another series.
COUNTS: list[Row] = [
    *(("a", "gazette", month(n), 40.0 + n, 3.0 * n % 7) for n in range(1, 10)),
    *(
        ("a", "daily", month(n), 10.0 * n * (n != 3), 1.0 * (n % 4) * (n != 3))
        for n in range(1, 10)
    ),
    *(("a", "flat", month(n), 20.0, 5.0) for n in range(1, 10)),
    *(("a", "late", month(n), 30.0, float(n)) for n in range(7, 10)),
    *(("b", "daily", month(n), 10.0 * n, 2.0 * n % 5) for n in (1, 2, 4, 8)),
    ("b", "daily", month(5), 0.0, 0.0),
]


def standardised(missing: str, unscaled: str) -> list[tuple[Any, ...]]:
    """Return series, month and both indices (Baker, Bloom and Davis 2016, QJE 131(4), II.A)."""
    shares = {
        row[:3]: row[4] / row[3] if row[3] else 0.0 for row in COUNTS if row[3] or missing == "zero"
    }
    means = list[tuple[Any, ...]]()
    for (series, on), rows in _by_month():
        scaled, weighted, weight = list[float](), 0.0, 0.0
        for _, outlet, _, n_all, _ in (row for row in rows if row[:3] in shares):
            baseline = [
                x for (*name, at), x in shares.items() if name == [series, outlet] and at <= UNTIL
            ]
            sigma = statistics.stdev(baseline) if len(baseline) > 1 else 0.0
            if sigma > 0:
                scaled.append(shares[series, outlet, on] / sigma)
                weighted += n_all * scaled[-1]
            if sigma > 0 or unscaled == "zero":
                weight += n_all
        mean = statistics.mean(scaled) if scaled else None
        means.append((series, on, mean, weighted / weight if weight else None))
    return [(*row[:2], _scale(means, row, 2), _scale(means, row, 3)) for row in means]


def pooled(missing: str) -> list[tuple[Any, ...]]:
    """Return series, month and index (Caldara and Iacoviello 2022, AER 112(4), section I)."""
    means = list[tuple[Any, ...]]()
    for key, rows in _by_month():
        n_all, n_hit = sum(row[3] for row in rows), sum(row[4] for row in rows)
        means.append((*key, n_hit / n_all if n_all else 0.0 if missing == "zero" else None))
    return [(*row[:2], _scale(means, row, 2)) for row in means]


def _by_month() -> list[tuple[tuple[str, dt.date], list[Row]]]:
    """Return the rows of each series and month, in order."""
    rows = sorted(COUNTS, key=lambda row: (row[0], row[2]))
    return [(key, list(group)) for key, group in groupby(rows, lambda row: (row[0], row[2]))]


def _scale(means: list[tuple[Any, ...]], row: tuple[Any, ...], place: int) -> float | None:
    """Return a month's mean as a percentage of the series' mean over the baseline."""
    in_baseline = [other for other in means if other[0] == row[0] and other[1] <= UNTIL]
    baseline = [other[place] for other in in_baseline if other[place] is not None]
    return None if row[place] is None else 100 * row[place] / statistics.mean(baseline)
