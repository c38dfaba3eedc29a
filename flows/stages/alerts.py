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
    select feed_id || ' collects nothing: ' || reason || ' Run `tidings feeds check ' || feed_id || '` for new selectors.'
    from raw.feed_states where last_polled_at >= $now and failure_count = 1 and outcome = 'no_items'
    union all
    select feed_id || ' was retired: ' || coalesce(reason, outcome) from raw.feed_states where retired_at >= $now
    order by 1
"""
# Listings by day have no state. One that showed new items on nearly every day is reported on the first night without any.
EMPTY_DAYS = """
    select f.feed_id || ' collects nothing: its listings of the last days contain no new items. Run `tidings feeds check '
        || f.feed_id || '` for new selectors.'
    from raw.feeds as f inner join raw.feed_entries as e using (feed_id)
    where f.is_enabled and f.kind = 'listing' and f.day_url is not null and f.next_selector is null
        and e.first_seen_at between cast($now as timestamptz) - interval 29 days and $now
    group by f.feed_id
    having max(e.first_seen_at) > cast($now as timestamptz) - interval 44 hours
        and max(e.first_seen_at) < cast($now as timestamptz) - interval 20 hours
        and count(distinct cast(e.first_seen_at as date)) >= 24
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
    Listings whose selectors match nothing are reported on the first night.
    """
    failing = con.execute(FAILING, {"now": now, "failures": FAILURES}).fetchall()
    failing += con.execute(EMPTY_DAYS, {"now": now}).fetchall()
    silent = con.execute(SILENT, {"now": now}).fetchall()
    since = read_silence(con)
    outage = [f"nothing was published or collected by any outlet since {since}"] if since else []
    return [*outage, *(row[0] for row in (*failing, *silent))]
