"""Catching up: the recent gaps that a listing or a sitemap of the same publisher may still fill."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from tidings.flows.stages.window import Window
from tidings.warehouse.lake import open_lake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.flows.stages.run import Run
    from tidings.warehouse.records import Feed

RECENT = dt.timedelta(days=30)  # a gap longer ago is a person's to fill, with a backfill
GAPS = """
    select min(published_on), max(published_on), list(distinct publisher_id order by publisher_id)
    from marts.outlet_daily
    left join ref.publishers using (publisher_id)
    where is_gap and gap_reason != 'unexpected_silence'
    and published_on >= $since and published_on < timezone(coalesce(time_zone, 'UTC'), $now::timestamptz)::date
    and publisher_id in (select unnest($publishers::varchar[]))
"""


def find_gaps(run: Run, feeds: Sequence[Feed]) -> tuple[Window, list[str]] | None:
    """Return the window that holds the recent gaps of publishers with a listing by day or a sitemap, and those publishers.

    None when there is no such gap. Days that are not over yet where the publisher is are none.
    """
    able = sorted({feed.publisher_id for feed in feeds if feed.day_url or feed.kind == "sitemap"})
    if not able:
        return None
    since = run.now.date() - RECENT
    with open_lake(run.lake, read_only=True) as con:
        found = con.execute(GAPS, {"since": since, "now": run.now, "publishers": able}).fetchone()
    if not found or found[0] is None:
        return None
    return Window(found[0], found[1]), list(found[2])
