"""Store the true rates that ``analysis.true_rates`` estimates from the coded articles, if
``int_coded_themes`` or the formula changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.analysis.true_rates import VERSION, Cell, draw_true_rates, is_coded_twice, store_rates
from tidings.stages.differences import write_differences
from tidings.storage.load import read_column

if TYPE_CHECKING:
    from tidings.storage.lake import Connection
TABLE = "annotations.true_rates"
# Rounded: sums in another order must not make a row differ.
_CELLS = """
    create or replace temp view coded as
        select *, theme_id as series from intermediate.int_coded_themes;
    create or replace temp table coding_cells as
        select series as theme_id, language, prediction, round(columns(c -> c like '%_count'), 6)
        from coding_cells('coded')
"""
_VERSION = """
    select concat(?, ' ', md5(string_agg(hash(cells)::varchar, ' ' order by hash(cells))))
    from temp.coding_cells as cells
"""


def record_true_rates(con: Connection) -> None:
    """Replace the rows of the table if the cells changed. The caller has a transaction."""
    con.execute(_CELLS)
    (version,) = read_column(con, _VERSION, [VERSION])
    if read_column(con, f"select distinct rates_version from {TABLE}") == [version]:
        return
    rows = con.execute("from temp.coding_cells order by all").fetchall()
    cells = [Cell(*row) for row in rows]
    store_rates(con, draw_true_rates(cells))
    write_differences(
        con,
        TABLE,
        f"select *, {not is_coded_twice(cells)} as assumes_perfect_coding, '{version}' as"
        " rates_version from temp.rates",
        "theme_id, language, prediction",
    )
