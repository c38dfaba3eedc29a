"""Obtaining: the pages that entries name and the archive does not hold yet, each host in its turn."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from flows.stages.land import land
from flows.stages.landing import Landing, landing_of
from flows.stages.web import open_web
from flows.steps.http import FetchRequest
from flows.steps.outcomes import Outcome
from flows.steps.window import day_span
from warehouse.lake import opened
from warehouse.work import wanted_in_window, wanted_pages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.stages.run import Run
    from flows.steps.window import Window
    from warehouse.records import Feed, FeedEntry

EARLIEST, LATEST = "Pacific/Kiritimati", "Etc/GMT+12"  # where a day begins first and ends last
BATCH = 300  # pages landed together: what a kill can lose, and what one transaction writes
MOST_HELD = 64_000_000  # bytes of pages that wait to be landed, whatever their number


def obtain(run: Run, feeds: Sequence[Feed], window: Window | None = None) -> Counter[str]:
    """Fetch the pages still wanted, those of a window where one is given, and return how many came to which outcome."""
    publisher_of = {feed.feed_id: feed.publisher_id for feed in feeds}
    with opened(run.lake, read_only=True) as con:
        if window:
            since, until = day_span(window.start, EARLIEST)[0], day_span(window.end, LATEST)[1]
            wanted = wanted_in_window(con, run.now, list(publisher_of), since, until)
        else:
            wanted = wanted_pages(con, run.now, list(publisher_of))
    if not wanted:
        run.tell("no page to fetch")
        return Counter()
    return asyncio.run(_fetch(run, wanted, publisher_of))


async def _fetch(run: Run, wanted: Sequence[FeedEntry], publisher_of: dict[str, str]) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    waiting: list[Landing] = []
    held = 0
    requests = [FetchRequest(entry.url or "", expect="page", key=entry) for entry in wanted]
    async with open_web(run) as (client, asked):
        async for request, answer in client.fetch_many(requests):
            entry: FeedEntry = request.key
            if answer.was_sent or answer.outcome is not Outcome.THROTTLED:  # a pause is no try: the page stays wanted
                waiting.append(landing_of(answer, kind="page", feed_id=entry.feed_id, publisher_id=publisher_of[entry.feed_id]))
            outcomes[str(answer.outcome)] += 1
            run.progress("pages", outcomes.total(), len(wanted))
            held += answer.byte_count
            if len(waiting) >= BATCH or held >= MOST_HELD:
                await asyncio.to_thread(land, run, "pages", waiting, asked.take())  # so that no connection waits for the lake
                waiting, held = [], 0
        await asyncio.to_thread(land, run, "pages", waiting, asked.take())
    run.tell("pages: " + ", ".join(f"{count} {name}" for name, count in outcomes.most_common()))
    return outcomes
