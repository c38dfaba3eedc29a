"""Find alerts after a nightly run: failing sources, data problems, badly extracted outlets, and
nights without any news.
"""

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
# The last 7 days against the 28 days before. The rise must exceed three standard errors of the
# difference of two shares.
DOUBTFUL = """
    with counts as (
        select publisher_id, sum(estimated_count) filter (is_new) as n1,
            sum(low_count) filter (is_new) as k1,
            sum(estimated_count) filter (not is_new) as n2,
            sum(low_count) filter (not is_new) as k2,
            k1 / n1 - k2 / n2 as rise, (k1 + k2) / (n1 + n2) as pooled
        from (select *, published_on > $today - 7 as is_new from measures.extraction_daily)
        where published_on > $today - 35 and published_on <= $today group by publisher_id
    )
    select format('{}: pages with a low confidence of extraction rose'
        || ' from {:.0f} % to {:.0f} % in a week,'
        || ' as after a change of the template: run `tidings status`',
        coalesce(p.name, c.publisher_id), 100 * k2 / n2, 100 * k1 / n1)
    from counts as c left join ref.publishers as p using (publisher_id)
    where n1 >= $least and n2 >= $least and rise >= $rise
        and rise > 3 * sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    order by 1
"""
MIN_PAGES = 5  # in each of both periods
MIN_RISE = 0.3  # of the share of pages with a low confidence


def find_alerts(con: duckdb.DuckDBPyConnection, now: dt.datetime) -> list[str]:
    """Return a sentence for each source that reached FAILURES tonight or was retired, each new data
    problem, and each badly extracted outlet.

    If no outlet published or was collected, the first sentence reports this.
    Listings whose selectors match nothing are reported on the first night.
    """
    since = read_silence(con)
    alerts = [f"nothing was published or collected by any outlet since {since}"] if since else []
    alerts += [f"{found} {found.action}" for found in _new_breaks(con)]
    for query, values in (
        (FAILING, {"now": now, "failures": FAILURES}),
        (EMPTY_DAYS, {"now": now}),
        (DOUBTFUL, {"today": now.date(), "least": MIN_PAGES, "rise": MIN_RISE}),
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
