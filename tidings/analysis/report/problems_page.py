"""Compose the page of data problems: times in which an outlet's data differ from its own past, and
revised figures.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING

from tidings.analysis.answers import ask
from tidings.analysis.breaks import BREAKS, read_breaks
from tidings.analysis.report.render import Page

if TYPE_CHECKING:
    import datetime as dt

    import duckdb

    from tidings.analysis.breaks import Break
    from tidings.analysis.report.release import Facts

ENDED_DAYS = 84
DIFFERENCE_COUNT = 20
# The number of revised figures by release, period and reasons.
_REVISIONS = """
    select release_id, period, reasons, count(*) as figure_count from marts.revised_figures
    group by all order by release_id desc, period, reasons
"""
# The themes whose figures changed most, with the old and the new numbers.
_DIFFERENCES = f"""
    select start_on, period, theme_id, coalesce(label_en, theme_id) as label, released_count,
        revised_count, released_about_count, revised_about_count, reasons, release_id
    from marts.revised_figures left join ref.themes using (theme_id)
    where theme_id != '*'
    order by greatest(abs(revised_count - released_count),
            abs(revised_about_count - released_about_count)) desc,
        start_on desc, period, theme_id, release_id
    limit {DIFFERENCE_COUNT}
"""


def problems_page(
    con: duckdb.DuckDBPyConnection,
    facts: Facts,
    theme_paths: dict[str, str],
    outlet_paths: dict[str, str],
) -> Page:
    """Return the page of data problems. A release of an earlier version has none to show."""
    is_known = facts.has("marts.outlet_breaks") and facts.has("marts.revised_figures")
    queries = {"revisions": _REVISIONS, "differences": _DIFFERENCES}
    values = {
        **_read_by_state(con, facts.last_on),
        **{name: ask(con, query) for name, query in queries.items() if is_known},
        "is_known": is_known,
        "ended_days": ENDED_DAYS,
        "breaks_sql": cleandoc(BREAKS),
        "paths": theme_paths,
        "outlet_paths": outlet_paths,
    }
    return Page("problems.html", "problems.html", values)


def _read_by_state(
    con: duckdb.DuckDBPyConnection, last_on: dt.date | None
) -> dict[str, list[Break]]:
    """Return the breaks by state; of those that ended, the ones of the last 84 days."""
    shown: dict[str, list[Break]] = {"open": [], "accepted": [], "ended": []}
    for found in read_breaks(con, shown):
        is_old = last_on is not None and (last_on - found.last_on).days >= ENDED_DAYS
        if found.state != "ended" or not is_old:
            shown[found.state].append(found)
    return shown
