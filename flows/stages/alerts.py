"""Find alerts after a nightly run: failing sources, silent outlets, and nights without any news."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.flows.report.trends import read_silence

if TYPE_CHECKING:
    import datetime as dt

    import duckdb

FAILURES = 3  # consecutive failures; reported once, when the number is reached
FAILING = """
    select feed_id || ' has failed ' || failure_count || ' times in a row: ' || coalesce(reason, outcome)
    from raw.feed_states where last_polled_at >= $now and failure_count = $failures
    union all
    select feed_id || ' was retired: ' || coalesce(reason, outcome) from raw.feed_states where retired_at >= $now
    order by 1
"""
SILENT = """
    select p.name || ' has been silent since ' || max(o.published_on) filter (o.article_count + o.excluded_count > 0) + 1
        || ', significantly longer than usual'
    from marts.outlet_daily as o inner join ref.publishers as p using (publisher_id)
    group by p.name, p.publisher_id
    having max(o.published_on) filter (o.gap_reason = 'unexpected_silence') >= cast($now as date) - 1
    order by 1
"""


def find_alerts(con: duckdb.DuckDBPyConnection, now: dt.datetime) -> list[str]:
    """Return a sentence for each source that reached FAILURES tonight or was retired, and for each silent outlet.

    If no outlet published or was collected, the first sentence reports this.
    """
    failing = con.execute(FAILING, {"now": now, "failures": FAILURES}).fetchall()
    silent = con.execute(SILENT, {"now": now}).fetchall()
    since = read_silence(con)
    outage = [f"nothing was published or collected by any outlet since {since}"] if since else []
    return [*outage, *(row[0] for row in (*failing, *silent))]
