"""Compose the page of data problems: times in which an outlet's data differ from its own past, and
revised figures.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING

from tidings.analysis.answers import Answer, ask
from tidings.analysis.breaks import BREAKS, read_breaks
from tidings.analysis.report.render import Page

if TYPE_CHECKING:
    import duckdb

    from tidings.analysis.report.release import Facts

ENDED_DAYS = 84
DIFFERENCE_COUNT = 20
REVISIONS = """
    select release_id, period, reasons, count(*) as figure_count from marts.revised_figures
    group by all order by release_id desc, period, reasons
"""
"""Number of revised figures by release, period and reasons."""
_DIFFERENCES = f"""
    select start_on, period, theme_id, coalesce(label_en, theme_id) as label, released_count,
        revised_count, released_about_count, revised_about_count, reasons, release_id
    from marts.revised_figures left join ref.themes using (theme_id)
    where theme_id is not null
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
    breaks = read_breaks(con, ("open", "accepted", "ended"))
    is_known = facts.has("marts.outlet_breaks") and facts.has("marts.revised_figures")
    none = Answer([], "")
    values = {
        "is_known": is_known,
        "open": [found for found in breaks if found.state == "open"],
        "accepted": [found for found in breaks if found.state == "accepted"],
        "ended": [
            found
            for found in breaks
            if found.state == "ended"
            and facts.last_on
            and (facts.last_on - found.last_on).days < ENDED_DAYS
        ],
        "ended_days": ENDED_DAYS,
        "revisions": ask(con, REVISIONS) if is_known else none,
        "differences": ask(con, _DIFFERENCES) if is_known else none,
        "breaks_sql": cleandoc(BREAKS),
        "paths": theme_paths,
        "outlet_paths": outlet_paths,
    }
    return Page("problems.html", "problems.html", values)
