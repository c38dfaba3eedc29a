"""Correct simulated shares as a release does, for a program that simulates coders.

    python benchmarks/corrections.py [--change] [--alone] FOLDER

FOLDER has periods.csv (series, period, language, prediction, article_count) and coded.csv (series,
language, prediction, article_weight, story, label, second_label). The command prints
share_corrected with its interval by series and period, or with --change, the change from period 1
to period 2. A series is a theme, and rates are pooled over themes; with --alone, each series is a
sample of its own.
"""

from __future__ import annotations

import csv
import sys
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import duckdb

from tidings.analysis.true_rates import Cell, draw_true_rates, store_rates
from tidings.base.functions import create_functions

NAMES = {
    False: ("share_corrected", "share_corrected_low", "share_corrected_high"),
    True: ("change_corrected", "change_corrected_low", "change_corrected_high"),
}


def main() -> None:
    """Read the folder, and print CSV."""
    folder, is_change = Path(sys.argv[-1]), "--change" in sys.argv
    con = duckdb.connect(config={"threads": 1})
    create_functions(con)
    for name in ("periods", "coded"):
        con.read_csv(str(folder / f"{name}.csv"), all_varchar=True).create(name)
    con.execute("""create temp table sample as select series, language, prediction, story,
        article_weight::double as weight, label::int::bool as label,
        nullif(second_label, '')::int::bool as second_label from coded""")
    rows = con.execute("from coding_cells('sample') order by series").fetchall()
    groups = (
        [list(group) for _, group in groupby(rows, itemgetter(0))]
        if "--alone" in sys.argv
        else [rows]
    )
    store_rates(con, [rate for cells in groups for rate in draw_true_rates(map(Cell._make, cells))])
    if is_change:
        counts = "sum(article_count::int) filter (where period = '{}')"
        columns = (
            f"series, {counts.format(2)} as article_count, {counts.format(1)} as previous_count"
        )
    else:
        columns = "{'series': series, 'period': period} as series, sum(article_count::int) as"
        columns += " article_count"
    con.execute(f"""create temp table counts as
        select series as theme_id, language, prediction, {columns} from periods
        group by periods.series, language, prediction {"" if is_change else ", period"}""")
    con.execute("create temp table strata as from rated_strata('counts', 'rates')")
    keys = "series" if is_change else "series.series, series.period"
    found = con.execute(
        f"select {keys}, {', '.join(NAMES[is_change])}"
        f" from corrected_{'changes' if is_change else 'shares'}('strata')"
    )
    out = csv.writer(sys.stdout)
    out.writerow(
        ("series", "change", "change_low", "change_high")
        if is_change
        else ("series", "period", *NAMES[False])
    )
    out.writerows(found.fetchall())


if __name__ == "__main__":
    main()
