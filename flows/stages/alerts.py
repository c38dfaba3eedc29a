"""What a person should hear of after a night: sources that keep failing, and outlets that fell silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.lake import opened

if TYPE_CHECKING:
    from flows.stages.run import Run

FAILURES = 3  # nights in a row; told once, when they are reached
FAILING = """
    select feed_id || ' has failed ' || failure_count || ' times in a row: ' || coalesce(reason, outcome)
    from raw.feed_states where last_polled_at >= $now and failure_count = $failures
    union all
    select feed_id || ' was given up: ' || coalesce(reason, outcome) from raw.feed_states where retired_at >= $now
    order by 1
"""
SILENT = """
    select p.name || ' has been silent since ' || min(o.published_on) || ', longer than chance allows'
    from marts.outlet_daily as o inner join ref.publishers as p using (publisher_id)
    where o.gap_reason = 'unexpected_silence' and o.published_on > cast($now as date) - 10
    group by p.name, p.publisher_id
    having max(o.published_on) >= cast($now as date) - 1
    order by 1
"""


def find_alerts(run: Run) -> list[str]:
    """Return a sentence for each source that reached FAILURES tonight or was given up, and each outlet that fell silent."""
    with opened(run.lake, read_only=True) as con:
        failing = con.execute(FAILING, {"now": run.now, "failures": FAILURES}).fetchall()
        silent = con.execute(SILENT, {"now": run.now}).fetchall()
    return [row[0] for row in (*failing, *silent)]
