"""The nightly flow. Each stage processes whatever the warehouse still lacks, so the next run
finishes an interrupted one.
"""

from __future__ import annotations

from typing import Annotated, Any

from tidings.flows import tasks
from tidings.stages.plan import find_recent_gaps
from tidings.storage.writer_lock import NIGHTLY_LOCK, writer_lock


@tasks.guarded_flow
def nightly(
    feeds: Annotated[str, tasks.label("Advanced: another feed list")] = "",
    now: Annotated[str, tasks.label("Advanced: run time")] = "",
) -> Any:
    """Collect new policy news, update all tables and release them.

    Args:
        feeds: Path of a feed list (CSV with columns feed_id and url). Empty: the list that `tidings
            feeds list` names.
        now: ISO 8601 with time zone, for a reproducible run. Empty: the current time.
    """
    run = tasks.open_run(feeds, now)
    # raises LockedError if another nightly run is active
    with writer_lock(run.lake, name=NIGHTLY_LOCK, patience=0):
        sources = tasks.prepare(run)  # schema, reference data → sources
        tasks.poll(run, sources)  # sources that are due → captures, entries, validators
        tasks.obtain(run, sources)  # entries without a page → captures
        tasks.clean(run)  # captures without an article → articles, revisions
        tasks.documents(run, sources)  # pages that only lead to a document → captures, articles
        with run.lock():
            tasks.annotate(run)  # articles → mentions, statements, terms
            tasks.group(run)  # terms, texts → stories, events, candidate phrases
            rebuilt = tasks.model(run)  # mentions, polls → denominators, shares
            audited = tasks.audit(run)  # raises an error if a test fails
            released = tasks.release(run, audited)  # → named snapshot, new tidings.duckdb
        tasks.report(run)  # → HTML report
        tasks.show(run, released, rebuilt)
    # listings and sitemaps may contain items that feeds no longer show
    if gap := find_recent_gaps(run, sources):
        from tidings.flows.backfill import backfill  # noqa: PLC0415 - making its form takes .3 s

        window, publishers = gap
        feed_ids = [feed.feed_id for feed in sources if feed.publisher_id in publishers]
        return backfill(
            window.start, window.end, feeds=feed_ids, feed_list=feeds, now=now, confirm=True
        )
    return released
