"""Fetch the documents to which pages only lead; the pages are cleaned again with the text of their
document.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tidings.base.owners import Owners
from tidings.fetch.worker_pool import FetchRequest
from tidings.stages.clean import clean
from tidings.stages.obtain import fetch_pages
from tidings.stages.web import run_in_loop
from tidings.storage.lake import open_lake
from tidings.storage.pending import publishers, wanted_documents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.base.records import Feed
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
    counts: Counter[str] = Counter()
    for capture, url in wanted:
        feed = by_id.get(capture.feed_id or "")
        is_own = owners.publisher_of(url, day, feed) == owners.publisher_of(
            capture.final_url or capture.url, day, feed
        )
        if is_own and counts[capture.feed_id or ""] < run.budget.pages:
            counts[capture.feed_id or ""] += 1
            key = (capture.feed_id, capture.publisher_id, "document")
            requests.append(FetchRequest(url, "page", key=key, source=capture.feed_id or ""))
    if not requests:
        return Counter()
    outcomes = run_in_loop(fetch_pages(run, "documents", requests, Counter()))
    if outcomes["ok"]:
        clean(run)
    return outcomes
