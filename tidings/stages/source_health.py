"""Read the health of sources from the lake, and find the alerts of a nightly run: failing sources,
data problems, and nights without news.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from operator import attrgetter

import duckdb

from tidings.analysis.breaks import Break, read_breaks
from tidings.analysis.report.release import read_silence
from tidings.base.languages.plural import listed
from tidings.fetch.source_verdict import Poll, Verdict, judge
from tidings.storage.lake import Connection
from tidings.storage.load import read_column

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
# Listings by day have no state. One with new items on nearly every day is reported on the first
# night without any.
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


def find_alerts(con: Connection, now: dt.datetime) -> list[str]:
    """Return a sentence for each source that reached FAILURES tonight, was retired, or lists
    nothing for the first night, each new data problem, and first for a night on which no outlet
    published or was collected.
    """
    since = read_silence(con)
    alerts = [f"nothing was published or collected by any outlet since {since}"] if since else []
    alerts += [f"{found} {found.action}" for found in _new_breaks(con)]
    alerts += read_column(con, FAILING, {"now": now, "failures": FAILURES})
    return alerts + read_column(con, EMPTY_DAYS, {"now": now})


def _new_breaks(con: Connection) -> list[Break]:
    """Return the open breaks that the release before the last did not have."""
    known: set[tuple[object, ...]] = set()
    breaks = read_breaks(con)
    query = "select snapshot_id from ops.releases order by snapshot_id desc limit 1 offset 1"
    for before in read_column(con, query) if breaks else ():
        with suppress(duckdb.CatalogException):  # a release of an earlier version has no breaks
            known.update(
                con.execute(
                    "select publisher_id, kind, first_on from marts.outlet_breaks"
                    f" at (version => {before})"
                ).fetchall()
            )
    return [row for row in breaks if (row.publisher_id, row.kind, row.first_on) not in known]


# The newest date of the entries, or else the time of the last new entry, shows a stale source.
SOURCES = """
    with newest as (
        select feed_id, max(published_at) as newest_at from raw.feed_entries
        where date_quality in ('exact', 'zone_assumed', 'day_only') group by feed_id
    )
    select s.feed_id, s.outcome, s.reason, coalesce(s.moved_to, if(s.url != f.url, s.url, null)),
        len(s.entry_ids),
        coalesce(n.newest_at, s.last_new_entry_at), s.failure_count,
        coalesce(f.url, s.url), s.last_polled_at,
        s.last_success_at, s.last_new_entry_at,
        s.next_poll_at, s.retired_at is not null
    from raw.feed_states as s
    left join raw.feeds as f using (feed_id)
    left join newest as n using (feed_id)
    where coalesce(f.is_enabled, true) order by s.feed_id
"""
# A listing by day has no state; it lists nothing if it never showed an item.
EMPTY = """
    select f.feed_id from raw.feeds as f left join raw.feed_states as s using (feed_id)
    where f.is_enabled and f.kind != 'sitemap' and if(
        s.feed_id is null,
        f.day_url is not null
        and not exists (from raw.feed_entries as e where e.feed_id = f.feed_id),
        s.outcome in ('ok', 'not_modified') and len(s.entry_ids) = 0
    ) order by 1
"""


def judge_sources(con: Connection) -> list[tuple[Verdict, Poll]]:
    """Return each enabled source that was polled with its verdict at the last poll of all, those
    that need an action first.
    """
    polls = [Poll(*row) for row in con.execute(SOURCES).fetchall()]
    return judge(polls, max(map(attrgetter("last_polled_at"), polls))) if polls else []


def describe_empty(con: Connection, most_named: int = 10) -> str:
    """Return a sentence that names the polled sources without items, or ''."""
    names = read_column(con, EMPTY)
    shown = f"sources that list nothing: {listed(names, most_named)}."
    return f"{shown} `tidings feeds check ID` shows the reason." if names else ""
