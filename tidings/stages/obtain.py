"""Obtain pages: fetch the pages that feed entries link and the archive lacks, and the documents to
which pages only lead.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from tidings.base.budget import Ledger, deferred_line
from tidings.base.languages.plural import counted
from tidings.base.owners import Owners
from tidings.fetch.response import Outcome
from tidings.fetch.window import day_span
from tidings.fetch.worker_pool import FetchRequest
from tidings.stages.clean import clean
from tidings.stages.land import MAX_HELD, Landing, land, make_page_landing
from tidings.stages.web import open_run_client, run_in_loop
from tidings.storage.lake import open_lake
from tidings.storage.pending import publishers, wanted_documents, wanted_in_window, wanted_pages

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from tidings.base.records import Feed, FeedEntry
    from tidings.fetch.window import Window
    from tidings.stages.run import Run


def documents(run: Run, feeds: Sequence[Feed]) -> Counter[str]:
    """Fetch the missing documents of pages that only lead to one, clean these pages again, and
    count the outcomes.

    A document is requested like a page: robots files, gaps and the budget of its source apply. It
    must belong to the publisher of the page.
    """
    by_id = {feed.feed_id: feed for feed in feeds}
    with open_lake(run.lake, read_only=True) as con:
        owners = Owners(publishers(con).values())
        wanted = wanted_documents(con, run.now, list(by_id))
    day = run.now.date()
    requests: list[FetchRequest] = []
    for capture, url in wanted:
        feed = by_id[capture.feed_id or ""]
        owner, other = (owners.publisher_of(at, day, feed) for at in (url, capture.page_url))
        if owner == other:
            requests.append(page_request(url, feed.feed_id, capture.publisher_id, "document"))
    requests, _ = within_budget(run, requests)
    if not requests:
        return Counter()
    outcomes = run_in_loop(fetch_pages(run, "documents", requests, Counter()))
    if outcomes["ok"]:
        clean(run)
    return outcomes


# the time zones in which a day begins first and ends last
EARLIEST, LATEST = "Pacific/Kiritimati", "Etc/GMT+12"
# also used without a request, after an earlier response of the host
SKIPPED = {Outcome.THROTTLED, Outcome.CHALLENGE}
BATCH = 300  # pages stored in one transaction; an interrupted run loses at most this many


def obtain(run: Run, feeds: Sequence[Feed], window: Window | None = None) -> Counter[str]:
    """Fetch the missing pages, of a window if given, and return the number of pages for each
    outcome.
    """
    publisher_of = {feed.feed_id: feed.publisher_id for feed in feeds}
    with open_lake(run.lake, read_only=True) as con:
        owners = Owners(publishers(con).values())
        if window:
            since, until = day_span(window.start, EARLIEST)[0], day_span(window.end, LATEST)[1]
            entries = wanted_in_window(con, run.now, list(publisher_of), since, until)
        else:
            entries = wanted_pages(con, run.now, list(publisher_of))
    if not entries:
        run.log("pages: none missing")
        return Counter()
    requests, deferred = within_budget(
        run,
        [
            page_request(entry.url or "", entry.feed_id, publisher_of[entry.feed_id], "page")
            for entry in _own_first(run, entries, feeds, owners)
        ],
    )
    outcomes = run_in_loop(fetch_pages(run, "pages", requests, deferred))
    for (source, reason), count in sorted(deferred.items()):
        run.log(deferred_line(count, source, reason))
    return outcomes


def _own_first(
    run: Run, entries: Sequence[FeedEntry], feeds: Sequence[Feed], owners: Owners
) -> list[FeedEntry]:
    """Return one entry for each URL: first the entries of the URL's own publisher, then the others,
    each by first sighting.

    If a feed lists another outlet's pages, it neither uses that outlet's budget nor delays its
    pages. If the feed's requests cause a challenge, a pause or a timeout, the outlet's own pages
    have already been fetched.
    """
    by_id = {feed.feed_id: feed for feed in feeds}

    def place(entry: FeedEntry) -> tuple[bool, dt.datetime, str, str]:
        feed = by_id[entry.feed_id]
        is_own = owners.publisher_of(entry.url or "", run.now.date(), feed) == feed.publisher_id
        return not is_own, entry.first_seen_at, entry.feed_id, entry.url or ""

    first_entry: dict[str | None, FeedEntry] = {}
    for entry in sorted(entries, key=place):
        first_entry.setdefault(entry.url, entry)
    return list(first_entry.values())


def page_request(url: str, feed_id: str, publisher_id: str | None, kind: str) -> FetchRequest:
    """Return the request for a page or document that a source lists."""
    return FetchRequest(url, "page", key=(feed_id, publisher_id, kind), source=feed_id)


def within_budget(
    run: Run, requests: Iterable[FetchRequest]
) -> tuple[list[FetchRequest], Counter[tuple[str, str]]]:
    """Return the requests within their sources' budget of pages, in their order, and the number of
    deferred ones.
    """
    counts: Counter[str] = Counter()
    deferred: Counter[tuple[str, str]] = Counter()
    allowed = []
    for request in requests:
        if counts[request.source] < run.budget.pages:
            counts[request.source] += 1
            allowed.append(request)
        else:
            deferred[request.source, f"fetching used its {counted(run.budget.pages, 'page')}"] += 1
    return allowed, deferred


async def fetch_pages(
    run: Run, stem: str, requests: Sequence[FetchRequest], deferred: Counter[tuple[str, str]]
) -> Counter[str]:
    """Fetch and store pages and return a count for each outcome; add pages that wait for the next
    run to ``deferred``.

    ``stem`` names the pages in the log and in the archive. The key of a request is its feed_id,
    publisher_id and kind.
    """
    outcomes: Counter[str] = Counter()
    waiting: list[Landing] = []
    byte_count = 0
    async with open_run_client(run) as (client, changes):
        async for request, response in client.fetch_many(
            requests, Ledger(run.budget.fetch_seconds), run.log
        ):
            if response.outcome is Outcome.DEFERRED:
                deferred[request.source, response.reason or ""] += 1
            elif (
                response.was_sent or response.outcome not in SKIPPED
            ):  # without a request, the page is still missing
                waiting.append(make_page_landing(response, *request.key))
            outcomes[str(response.outcome)] += 1
            run.progress(stem, outcomes.total(), len(requests))
            byte_count += response.byte_count
            if len(waiting) >= BATCH or byte_count >= MAX_HELD:
                # In a thread, so that no connection waits for the lake.
                await asyncio.to_thread(land, run, stem, waiting, changes.drain())
                waiting, byte_count = [], 0
        await asyncio.to_thread(land, run, stem, waiting, changes.drain())
    run.log(f"{stem}: " + ", ".join(f"{count} {name}" for name, count in outcomes.most_common()))
    return outcomes
