"""Fetch the documents to which pages only lead; the pages are cleaned again with the text of their document."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

from tidings.flows.fetch.budget import Ledger
from tidings.flows.fetch.worker_pool import FetchRequest
from tidings.flows.owners import Owners
from tidings.flows.stages.clean import clean
from tidings.flows.stages.land import MOST_HELD, Landing, land, make_page_landing
from tidings.flows.stages.obtain import SKIPPED
from tidings.flows.stages.web import open_run_client
from tidings.warehouse.lake import open_lake
from tidings.warehouse.pending import publishers
from tidings.warehouse.pending_documents import wanted_documents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.flows.stages.run import Run
    from tidings.warehouse.records import Capture, Feed


def documents(run: Run, feeds: Sequence[Feed]) -> Counter[str]:
    """Fetch the missing documents of pages that only lead to one, clean these pages again, and count the outcomes.

    A document is requested like a page: robots files, gaps and the budget of its source apply. It must belong to the publisher
    of the page.
    """
    by_id = {feed.feed_id: feed for feed in feeds}
    with open_lake(run.lake, read_only=True) as con:
        owners = Owners(publishers(con).values())
        wanted = wanted_documents(con, run.now, list(by_id))
    day = run.now.date()
    requests: list[FetchRequest] = []
    counts: Counter[str] = Counter()
    for capture, url in wanted:
        feed = by_id.get(capture.feed_id or "")
        is_own = owners.publisher_of(url, day, feed) == owners.publisher_of(capture.final_url or capture.url, day, feed)
        if is_own and counts[capture.feed_id or ""] < run.budget.pages:
            counts[capture.feed_id or ""] += 1
            requests.append(FetchRequest(url, expect="page", key=capture, source=capture.feed_id or ""))
    if not requests:
        return Counter()
    outcomes = asyncio.run(_fetch(run, requests))
    run.log("documents: " + ", ".join(f"{count} {name}" for name, count in outcomes.most_common()))
    if outcomes["ok"]:
        clean(run)
    return outcomes


async def _fetch(run: Run, requests: Sequence[FetchRequest]) -> Counter[str]:
    """Fetch and store documents, and return a count for each outcome."""
    outcomes: Counter[str] = Counter()
    waiting: list[Landing] = []
    async with open_run_client(run) as (client, changes):
        async for request, response in client.fetch_many(requests, Ledger(run.budget.fetch_seconds), run.log):
            outcomes[str(response.outcome)] += 1
            if response.was_sent or response.outcome not in {*SKIPPED, "deferred"}:
                page: Capture = request.key
                landing = make_page_landing(response, page.feed_id, page.publisher_id)
                waiting.append(dataclasses.replace(landing, capture=dataclasses.replace(landing.capture, kind="document")))
            if sum(len(landing.body) for landing in waiting) >= MOST_HELD:
                await asyncio.to_thread(land, run, "documents", waiting, changes.drain())
                waiting = []
        await asyncio.to_thread(land, run, "documents", waiting, changes.drain())
    return outcomes
