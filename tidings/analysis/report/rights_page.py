"""Compose the page with the publishers' statements about the use of their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.analysis.answers import ask
from tidings.analysis.report.render import Page

if TYPE_CHECKING:
    import duckdb

    from tidings.analysis.report.release import Facts

# One row for each outlet and statement, the reservations first.
RIGHTS = """
    with statements as (
        select r.publisher_id, coalesce(p.name, r.publisher_id) as name, r.meaning, r.channel,
            r.statement, min_by(r.location, r.first_on) as location, min(r.first_on) as first_on,
            max(r.last_on) as last_on,
            case when bool_or(r.is_obeyed) then 'title and summary'
                when bool_or(r.applies) then 'full text, recorded' else 'full text' end as counted
        from ops.source_rights as r left join ref.publishers as p using (publisher_id)
        group by all
    )
    from statements
    order by meaning = 'reserved' desc, first_on desc, name, channel, statement
"""
MODES = "select since_at, mode, reason from ops.rights_modes order by since_at desc"


def rights_page(con: duckdb.DuckDBPyConnection, facts: Facts, outlet_paths: dict[str, str]) -> Page:
    """Return the page of rights. A release of an earlier version has none to show."""
    is_known = facts.has("ops.source_rights") and facts.has("ops.rights_modes")
    values = {"rights": ask(con, RIGHTS), "modes": ask(con, MODES)} if is_known else {}
    return Page(
        "rights.html",
        "rights.html",
        {**values, "is_known": is_known, "outlet_paths": outlet_paths},
    )
