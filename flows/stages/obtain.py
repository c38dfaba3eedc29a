"""Obtaining: the pages that entries name and the archive does not hold yet, each host in its turn."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from tidings.flows.fetch.budget import Ledger, deferred_line
from tidings.flows.fetch.client import FetchRequest
from tidings.flows.fetch.outcomes import Outcome
from tidings.flows.owners import Owners
from tidings.flows.stages.land import land
from tidings.flows.stages.landing import MOST_HELD, Landing, landing_of
from tidings.flows.stages.web import open_web
from tidings.flows.stages.window import day_span
from tidings.warehouse.lake import open_lake
from tidings.warehouse.pending import publishers, wanted_in_window, wanted_pages

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from tidings.flows.stages.run import Run
    from tidings.flows.stages.window import Window
    from tidings.warehouse.records import Feed, FeedEntry

EARLIEST, LATEST = "Pacific/Kiritimati", "Etc/GMT+12"  # where a day begins first and ends last
LEFT_ALONE = {Outcome.THROTTLED, Outcome.CHALLENGE}  # outcomes of earlier requests to the host
BATCH = 300  # pages landed together: what a kill can lose, and what one transaction writes


def obtain(run: Run, feeds: Sequence[Feed], window: Window | None = None) -> Counter[str]:
    """Fetch the pages still wanted, those of a window where one is given, and return how many came to which outcome."""
    publisher_of = {feed.feed_id: feed.publisher_id for feed in feeds}
    with open_lake(run.lake, read_only=True) as con:
        owners = Owners(publishers(con).values())
        if window:
            since, until = day_span(window.start, EARLIEST)[0], day_span(window.end, LATEST)[1]
            wanted = wanted_in_window(con, run.now, list(publisher_of), since, until)
        else:
            wanted = wanted_pages(con, run.now, list(publisher_of))
    if not wanted:
        run.log("no page to fetch")
        return Counter()
    wanted, deferred = _within_budget(run, _own_first(run, wanted, feeds, owners))
    outcomes = asyncio.run(_fetch(run, wanted, publisher_of, deferred))
    for (source, why), count in sorted(deferred.items()):
        run.log(deferred_line(count, source, why))
    return outcomes


def _own_first(run: Run, wanted: Sequence[FeedEntry], feeds: Sequence[Feed], owners: Owners) -> list[FeedEntry]:
    """Return one entry for each URL: first the entries of the URL's own publisher, then the others, each by first sighting.

    If a feed lists another outlet's pages, it thus neither uses its budget for them nor delays them. If its requests cause a
    challenge, a pause or a timeout of that outlet's host, this happens after the outlet's own pages.
    """
    by_id = {feed.feed_id: feed for feed in feeds}

    def place(entry: FeedEntry) -> tuple[bool, dt.datetime, str, str]:
        feed = by_id[entry.feed_id]
        is_own = owners.publisher_of(entry.url or "", run.now.date(), feed) == feed.publisher_id
        return not is_own, entry.first_seen_at, entry.feed_id, entry.url or ""

    entries: dict[str | None, FeedEntry] = {}
    for entry in sorted(wanted, key=place):
        entries.setdefault(entry.url, entry)
    return list(entries.values())


def _within_budget(run: Run, wanted: Sequence[FeedEntry]) -> tuple[list[FeedEntry], Counter[tuple[str, str]]]:
    """Return the entries within their sources' budget of pages, in their order, and the number of deferred ones."""
    counts: Counter[str] = Counter()
    deferred: Counter[tuple[str, str]] = Counter()
    kept = []
    for entry in wanted:
        if counts[entry.feed_id] < run.budget.pages:
            counts[entry.feed_id] += 1
            kept.append(entry)
        else:
            deferred[entry.feed_id, f"fetching used its {run.budget.pages:,} pages"] += 1
    return kept, deferred


async def _fetch(
    run: Run, wanted: Sequence[FeedEntry], publisher_of: dict[str, str], deferred: Counter[tuple[str, str]]
) -> Counter[str]:
    """Fetch and store pages and return a count for each outcome; add pages that wait for the next run to ``deferred``."""
    outcomes: Counter[str] = Counter()
    waiting: list[Landing] = []
    held = 0
    requests = [FetchRequest(entry.url or "", expect="page", key=entry, source=entry.feed_id) for entry in wanted]
    async with open_web(run) as (client, asked):
        async for request, answer in client.fetch_many(requests, Ledger(run.budget.fetch_seconds), run.log):
            entry: FeedEntry = request.key
            if answer.outcome is Outcome.DEFERRED:
                deferred[entry.feed_id, answer.reason or ""] += 1
            elif answer.was_sent or answer.outcome not in LEFT_ALONE:  # without a request, the page stays wanted
                waiting.append(landing_of(answer, kind="page", feed_id=entry.feed_id, publisher_id=publisher_of[entry.feed_id]))
            outcomes[str(answer.outcome)] += 1
            run.progress("pages", outcomes.total(), len(wanted))
            held += answer.byte_count
            if len(waiting) >= BATCH or held >= MOST_HELD:
                await asyncio.to_thread(land, run, "pages", waiting, asked.take())  # so that no connection waits for the lake
                waiting, held = [], 0
        await asyncio.to_thread(land, run, "pages", waiting, asked.take())
    run.log("pages: " + ", ".join(f"{count} {name}" for name, count in outcomes.most_common()))
    return outcomes
