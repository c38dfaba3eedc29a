"""Fetch the documents to which pages only lead; the pages are cleaned again with the text of their
document.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tidings.base.owners import Owners
from tidings.stages.clean import clean
from tidings.stages.obtain import fetch_pages, page_request, within_budget
from tidings.stages.web import run_in_loop
from tidings.storage.lake import open_lake
from tidings.storage.pending import publishers, wanted_documents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.base.records import Feed
    from tidings.fetch.worker_pool import FetchRequest
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
