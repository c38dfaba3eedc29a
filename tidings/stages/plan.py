"""Plan a backfill without requests: count listed, stored and missing items, and find gaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from tidings.analysis.answers import has_table
from tidings.base.languages.plural import counted
from tidings.base.owners import zone_of
from tidings.base.records import Feed, Publisher
from tidings.base.settings import SettingsError
from tidings.fetch.registry import RegistryError
from tidings.fetch.sources import fill_day_url, lists_any_day
from tidings.fetch.window import Window
from tidings.stages.run import Run
from tidings.storage import pending
from tidings.storage.lake import Connection, Lake
from tidings.storage.load import count_rows, read_by_key
from tidings.storage.release import open_release

COUNTS = f"""
    select day::date, sources.feed_id, count(distinct url) as listed,
        count(distinct url) filter (url in ({pending.OBTAINED})) as stored, listed - stored
    from generate_series($start::date, $end::date, interval 1 day) as days (day)
    cross join (
        select unnest($feeds::varchar[]) as feed_id, unnest($zones::varchar[]) as zone
    ) as sources
    left join raw.feed_entries as entries
        on entries.feed_id = sources.feed_id and timezone(zone, {pending.LISTED_AT})::date = day
    group by all order by all
"""
RECENT = dt.timedelta(days=30)  # longer gaps need a backfill that a person starts
# failures and reasons of exclusion that a backfill cannot change
FINAL = ["gone", "robots_denied", "reserved", "other_page", "repeated_text", "paywall", "teaser"]
GAPS = """
    with gaps as (
        select days.*, coalesce(p.name, publisher_id) as name,
            case gap_reason when 'unexpected_silence' then false
                when 'pages_missing' then (publisher_id, published_on) in (
                    select (publisher_id, published_on) from marts.coverage where missing_count > 0
                    and (failures = [] or not list_has_all($final, failures))
                ) else true end as is_fillable,
            published_on - row_number() over (partition by publisher_id, gap_reason
                order by published_on)::integer as run
        from marts.outlet_daily as days left join ref.publishers as p using (publisher_id)
        where is_gap and published_on >= $since
            and published_on < timezone(coalesce(time_zone, 'UTC'), $now::timestamptz)::date
    )
    select publisher_id, name, replace(gap_reason, '_', ' '), min(published_on), max(published_on),
        count(*), bool_or(is_fillable)
    from gaps group by publisher_id, name, gap_reason, run
    order by max(published_on) desc, name, publisher_id, gap_reason
"""


class Gap(NamedTuple):
    """Successive days of an outlet that are gaps for one reason. ``is_fillable``: a backfill may
    obtain what is missing.
    """

    publisher_id: str
    name: str
    reason: str
    first_on: dt.date
    last_on: dt.date
    day_count: int
    is_fillable: bool


def read_window(start: dt.date | str, end: dt.date | str, mode: str) -> Window | None:
    """Return the date range of a backfill, or None for retag of all days. Texts are empty or in ISO
    8601. Raises SettingsError if a date is invalid or missing.
    """
    if start and end:
        return Window(*map(_day, (start, end)))
    if mode != "retag" or start or end:
        raise SettingsError(
            f"{mode} needs a first and a last day (--start and --end). Only retag works without"
            " dates, and then processes all days."
        )
    return None


def _day(value: dt.date | str) -> dt.date:
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise SettingsError(f"Invalid date {value!r}: use the form 2026-08-31.") from None


def read_paths(lines: str) -> list[Path]:
    """Return the paths of WARC files, one per line. Raises SettingsError if a file is missing."""
    paths = [Path(line.strip()) for line in lines.splitlines() if line.strip()]
    for path in paths:
        if not path.is_file():
            raise SettingsError(f"WARC file not found: {path}.")
    return paths


def plan(run: Run, feeds: Sequence[Feed], window: Window, mode: str) -> list[dict[str, Any]]:
    """Return a row for each source and day in its publisher's time zone: the number of listed,
    stored and missing items and of requests, their least duration in seconds, and whether a refetch
    would request the day's listing. Only stored listings count.
    """
    by_id = {feed.feed_id: feed for feed in feeds}
    with run.reading() as con:
        publishers = read_by_key(con, Publisher)
        sources = {
            "feeds": list(by_id),
            "zones": [zone_of(publishers, feed.publisher_id) for feed in by_id.values()],
        }
        counts = con.execute(
            COUNTS, {"start": window.start, "end": window.end, **sources}
        ).fetchall()
        stored = pending.stored_listings(con, run.now)
    rows = []
    for day, feed_id, listed, stored_count, missing in counts:
        feed, is_refetch = by_id[feed_id], mode == "refetch"
        day_url = fill_day_url(feed.day_url, day) if feed.day_url and is_refetch else None
        listings = int(day_url is not None and day_url not in stored)
        requests = missing + listings if is_refetch else 0
        rows.append(
            {
                "day": str(day),
                "source": feed_id,
                "kind": feed.kind,
                "listed": listed,
                "stored": stored_count,
                "missing": missing,
                "to request": "its listing" if listings else "",
                "requests": requests,
                "seconds": round(requests * run.settings.host_gap),
            }
        )
    return rows


def plan_sentence(rows: Sequence[dict[str, Any]], window: Window, mode: str) -> str:
    """Return a summary of the plan."""
    names = ("listed", "stored", "missing", "requests", "seconds")
    listed, stored, missing, requests, seconds = (sum(row[name] for row in rows) for name in names)
    start = f"{mode} from {window.start} to {window.end}: "
    if mode != "refetch":
        return f"{start}{counted(stored, 'stored item')}, no requests."
    return (
        f"{start}{counted(listed, 'item')} listed so far,"
        f" {missing:,} of them missing; {counted(requests, 'request')} and at least {seconds:,} s"
        " to download them. Listings and sitemaps may add items."
    )


def describe_changes(lake: Lake, window: Window | None) -> str:
    """Return a sentence on the weeks of a window (None: all days) that the last release calls
    complete; empty if there are none.
    """
    if not lake.release_file.exists():
        return ""
    start, end = (window.start, window.end) if window else (dt.date.min, dt.date.max)
    with open_release(lake) as con:
        weeks = count_rows(
            con,
            "select count(distinct week_start_on) from theme_weekly where is_complete"
            " and week_start_on + 6 >= ? and week_start_on <= ?",
            [start, end],
        )
    if not weeks:
        return ""
    return f"This changes figures of {counted(weeks, 'week')} that the last release calls complete."


def check_feeds(
    feeds: Sequence[Feed], names: Sequence[str], publishers: Sequence[str], topics: Sequence[str]
) -> list[Feed]:
    """Return the sources with these feed IDs, publishers or topics, or all if none is given. Raises
    RegistryError if a feed is unknown or no source matches.
    """
    known = set(map(attrgetter("feed_id"), feeds))
    if unknown := [name for name in names if name not in known]:
        raise RegistryError(
            f"Unknown feed ID: {', '.join(unknown)}. `tidings feeds list` lists all IDs."
        )
    chosen = [
        feed
        for feed in feeds
        if not any((names, publishers, topics))
        or feed.feed_id in names
        or feed.publisher_id in publishers
        or not set(topics).isdisjoint(feed.topics)
    ]
    if not chosen:
        raise RegistryError("No source matches these publishers, topics and feeds.")
    return chosen


def find_recent_gaps(run: Run, feeds: Sequence[Feed]) -> tuple[Window, list[str]] | None:
    """Return the window of the recent gaps that a listing by day or a sitemap may fill, and their
    publishers, or None.
    """
    publishers = {feed.publisher_id for feed in feeds if lists_any_day(feed)}
    with run.reading() as con:
        found = read_gaps(con, run.now, run.now.date() - RECENT)
    gaps = [gap for gap in found if gap.is_fillable and gap.publisher_id in publishers]
    return (window_of(gaps), sorted({gap.publisher_id for gap in gaps})) if gaps else None


def window_of(gaps: Sequence[Gap]) -> Window:
    """Return the window of gaps."""
    return Window(min(gap.first_on for gap in gaps), max(gap.last_on for gap in gaps))


def read_gaps(con: Connection, now: dt.datetime, since: dt.date = dt.date.min) -> list[Gap]:
    """Return the outlets' gaps since a day, the newest first, of days that have ended in the
    publisher's time zone; none before the first build.
    """
    if not has_table(con, "marts.outlet_daily"):
        return []
    rows = con.execute(GAPS, {"since": since, "now": now, "final": FINAL}).fetchall()
    return [Gap(*row) for row in rows]


def describe_gaps(gaps: Sequence[Gap]) -> str:
    """Return the days, outlets and period of gaps in words."""
    days = counted(sum(gap.day_count for gap in gaps), "day")
    outlets = counted(len({gap.publisher_id for gap in gaps}), "outlet")
    window = window_of(gaps)
    return f"{days} of {outlets}, {window.start} to {window.end}"
