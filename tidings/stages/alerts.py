"""Find alerts after a nightly run: failing sources, data problems, and nights without any news."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import duckdb

from tidings.analysis.breaks import read_breaks
from tidings.analysis.report.trends import read_silence
from tidings.stages.source_health import previous_release

if TYPE_CHECKING:
    import datetime as dt

    from tidings.analysis.breaks import Break

FAILURES = 3  # consecutive failures; reported once, when the number is reached
FAILING = """
    select feed_id || ' has failed ' || failure_count || ' times in a row: '
        || coalesce(reason, outcome)
    from raw.feed_states where last_polled_at >= $now and failure_count = $failures
    union all
    select feed_id || ' collects nothing: ' || reason || ' Run `tidings feeds check ' || feed_id
        || '` for new selectors.'
    from raw.feed_states where last_polled_at >= $now and failure_count = 1 and outcome = 'no_items'
    union all
    select feed_id || ' was retired: ' || coalesce(reason, outcome) from raw.feed_states
    where retired_at >= $now
    order by 1
"""
# Listings by day have no state. One that showed new items on nearly every day is reported on the
# first night without any.
EMPTY_DAYS = """
    select f.feed_id || ' collects nothing: its listings of the last days contain no new items.'
        || ' Run `tidings feeds check ' || f.feed_id || '` for new selectors.'
    from raw.feeds as f inner join raw.feed_entries as e using (feed_id)
    where f.is_enabled and f.kind = 'listing' and f.day_url is not null and f.next_selector is null
        and e.first_seen_at between cast($now as timestamptz) - interval 29 days and $now
    group by f.feed_id
    having max(e.first_seen_at) > cast($now as timestamptz) - interval 44 hours
        and max(e.first_seen_at) < cast($now as timestamptz) - interval 20 hours
        and count(distinct cast(e.first_seen_at as date)) >= 24
    order by 1
"""


def find_alerts(con: duckdb.DuckDBPyConnection, now: dt.datetime) -> list[str]:
    """Return a sentence for each source that reached FAILURES tonight or was retired, and each new
    data problem.

    If no outlet published or was collected, the first sentence reports this.
    Listings whose selectors match nothing are reported on the first night.
    """
    since = read_silence(con)
    alerts = [f"nothing was published or collected by any outlet since {since}"] if since else []
    alerts += [f"{found} {found.action}" for found in _new_breaks(con)]
    for query, values in (
        (FAILING, {"now": now, "failures": FAILURES}),
        (EMPTY_DAYS, {"now": now}),
    ):
        alerts += [sentence for (sentence,) in con.execute(query, values).fetchall()]
    return alerts


def _new_breaks(con: duckdb.DuckDBPyConnection) -> list[Break]:
    """Return the open breaks that the release before the last did not have, so that each is
    reported once.
    """
    known: set[tuple[object, ...]] = set()
    before = previous_release(con)
    if (breaks := read_breaks(con)) and before is not None:
        with suppress(duckdb.CatalogException):  # a release of an earlier version has no breaks
            known.update(
                con.execute(
                    "select publisher_id, kind, first_on from marts.outlet_breaks"
                    f" at (version => {before})"
                ).fetchall()
            )
    return [row for row in breaks if (row.publisher_id, row.kind, row.first_on) not in known]
