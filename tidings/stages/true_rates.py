"""Store the true rates that ``analysis.true_rates`` estimates from the coded articles, if
``int_coded_themes`` or the formula changed.
"""

from __future__ import annotations

from tidings.analysis.true_rates import VERSION, Cell, draw_true_rates, is_coded_twice, store_rates
from tidings.storage.lake import Connection
from tidings.storage.load import read_column, write_differences

TABLE = "annotations.true_rates"
# Rounded: sums in another order must not make a row differ.
_CELLS = """
    create or replace temp view coded as
        select *, theme_id as series from intermediate.int_coded_themes;
    create or replace temp view divided as
        select * replace (concat(prediction, coalesce(outside_label, ':unlabelled')) as prediction)
        from coded where theme_id in (select theme_id from coded where outside_label is not null);
    create or replace temp view all_divided as
        from divided union all by name
        from coded where theme_id not in (select theme_id from divided);
    create or replace temp table coding_cells as
        select is_divided, series as theme_id, language, prediction,
            round(columns(c -> c like '%_count'), 6)
        from (
            select false as is_divided, * from coding_cells('coded')
            union all select true, * from coding_cells('all_divided')
            where exists (from divided)
        )
"""
_VERSION = """
    select concat_ws(' ', ?, md5(string_agg(hash(cells)::varchar, ' ' order by hash(cells))),
        (select md5(string_agg(hash(labels)::varchar, ' ' order by hash(labels)))
        from ref.outside_labels as labels))
    from temp.coding_cells as cells
"""

_ROWS = "select * exclude (is_divided) from temp.coding_cells where"


def record_true_rates(con: Connection) -> None:
    """Replace the rows of the table if the cells changed. The caller has a transaction."""
    con.execute(_CELLS)
    (version,) = read_column(con, _VERSION, [VERSION])
    if read_column(con, f"select distinct rates_version from {TABLE}") == [version]:
        return
    cells, divided = (
        [Cell(*row) for row in con.execute(f"{_ROWS} {condition}").fetchall()]
        for condition in ("not is_divided order by all", "is_divided order by all")
    )
    # of predictions that labels of other programs divide
    names = {cell.theme for cell in divided if ":" in cell.prediction}
    more = [
        rate
        for rate in draw_true_rates(divided)
        if ":" in rate.prediction and rate.theme_id in names
    ]
    store_rates(con, [*draw_true_rates(cells), *more])
    write_differences(
        con,
        TABLE,
        f"select *, {not is_coded_twice(cells)} as assumes_perfect_coding, '{version}' as"
        " rates_version from temp.rates",
        "theme_id, language, prediction",
    )
