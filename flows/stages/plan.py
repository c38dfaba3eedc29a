"""A backfill's plan: what of a window is listed, held and missing, and what it would cost, without asking anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.flows.fetch.registry import RegistryError
from tidings.warehouse import pending
from tidings.warehouse.lake import open_lake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.flows.stages.run import Run
    from tidings.flows.stages.window import Window
    from tidings.warehouse.records import Feed

HELD = f"""
    with days as (select unnest(generate_series($start::date, $end::date, interval 1 day))::date as day),
    sources as (select unnest($feeds::varchar[]) as feed_id, unnest($zones::varchar[]) as zone),
    listed as (
        select feed_id, coalesce(if(date_quality in ('exact', 'zone_assumed', 'day_only'), published_at, null), updated_at) as at,
            url, url in ({pending.OBTAINED}) as is_held
        from raw.feed_entries where url is not null
    ),
    counted as (
        select d.day, s.feed_id, count(distinct l.url) as listed, count(distinct l.url) filter (l.is_held) as held
        from days as d cross join sources as s
        left join listed as l on l.feed_id = s.feed_id and (l.at at time zone s.zone)::date = d.day
        group by all
    )
    select day, feed_id, listed, held, listed - held as missing from counted order by day, feed_id
"""


def plan(run: Run, feeds: Sequence[Feed], window: Window, mode: str) -> list[dict[str, Any]]:
    """Return a row a day and source: listed, held, missing, requests and seconds that fetching it would take at least.

    Days are those of each publisher's zone. Only what is stored is counted; a source that can list the window but has not
    been asked is told of as ``to ask``.
    """
    kinds = {feed.feed_id: feed for feed in feeds}
    with open_lake(run.lake, read_only=True) as con:
        zones = {publisher.publisher_id: publisher.time_zone for publisher in pending.publishers(con).values()}
        sources = {"feeds": list(kinds), "zones": [zones.get(feed.publisher_id, "UTC") for feed in kinds.values()]}
        found = con.execute(HELD, {"start": window.start, "end": window.end, **sources}).fetchall()
        stored = {
            row[0] for row in con.execute("select url from raw.captures where kind = 'listing' and outcome = 'ok'").fetchall()
        }
    rows = []
    for day, feed_id, listed, held, missing in found:
        feed = kinds[feed_id]
        asks = int(mode == "refetch" and feed.day_url is not None and _listing(feed, day) not in stored)
        requests = missing + asks if mode == "refetch" else 0
        rows.append(
            {
                "day": str(day),
                "source": feed_id,
                "kind": feed.kind,
                "listed": listed,
                "held": held,
                "missing": missing,
                "to ask": "its listing" if asks else "",
                "requests": requests,
                "seconds": round(requests * run.settings.host_gap),
            }
        )
    return rows


def plan_sentence(rows: Sequence[dict[str, Any]], window: Window, mode: str) -> str:
    """Return the plan in one sentence, for a log or an artifact's heading."""
    missing, requests = sum(row["missing"] for row in rows), sum(row["requests"] for row in rows)
    listed, seconds = sum(row["listed"] for row in rows), sum(row["seconds"] for row in rows)
    return (
        f"{mode} of {window.start} to {window.end}: {listed:,} items listed so far, {missing:,} of them missing, "
        f"{requests:,} requests and at least {seconds:,} s to fetch them, beside what listings and sitemaps add."
    )


def check_feeds(feeds: Sequence[Feed], names: Sequence[str], publishers: Sequence[str], topics: Sequence[str]) -> list[Feed]:
    """Return the sources that are meant: those named, of these publishers or topics; all where nothing was chosen.

    Raises RegistryError if a feed is unknown or no source matches.
    """
    known = {feed.feed_id: feed for feed in feeds}
    if unknown := [name for name in names if name not in known]:
        raise RegistryError(f"There is no feed {', '.join(unknown)} in the registry; `tidings feeds list` shows them.")
    chosen = [
        feed
        for feed in feeds
        if (feed.feed_id in names or feed.publisher_id in publishers or set(feed.topics) & set(topics))
        or not (names or publishers or topics)
    ]
    if not chosen:
        raise RegistryError("No source fits these publishers, topics and feeds.")
    return chosen


def _listing(feed: Feed, day: Any) -> str:
    from tidings.flows.fetch.discover import day_address  # noqa: PLC0415 - discovery loads BeautifulSoup

    return day_address(feed.day_url or "", day)
