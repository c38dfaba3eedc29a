"""The night: poll, obtain, clean, model, audit, release. Each stage takes its work from what is missing in the warehouse."""

from __future__ import annotations

from typing import Any

from prefect import flow

from tidings.flows import tasks
from tidings.flows.backfill import backfill
from tidings.flows.messages import guarded
from tidings.flows.notify import tell_failure


@flow(name="nightly", flow_run_name="nightly", on_failure=[tell_failure], on_crashed=[tell_failure])
@guarded
def nightly(feeds: str = "", now: str = "") -> Any:
    """Read the policy news of the day and release what it tells.

    Args:
        feeds: Path of a feed list with the columns feed_id and url. Empty: the registry in seeds/.
        now: The night's instant, ISO 8601 with a zone, for a run that must be repeatable. Empty: the present.
    """
    run = tasks.open_run(feeds, now)
    with tasks.one_night(run):  # a second night at the same time raises LockedError
        sources = tasks.prepare(run)  # schema, reference data, registry
        tasks.poll(run, sources)  # sources that are due → captures, entries, validators
        tasks.obtain(run, sources)  # entries without a page → captures
        tasks.clean(run)  # captures without an article → articles, revisions
        with tasks.one_writer(run):
            rebuilt = tasks.model(run)  # articles → mentions, denominators, shares
            audited = tasks.audit(run)  # what fails here is not released
            released = tasks.release(run, audited)  # snapshot named, tidings.duckdb swapped in
        tasks.report(run)  # the same as pages to look at
        tasks.show(run, released, rebuilt)
    if gap := tasks.gaps_to_fill(run, sources):  # what feeds no longer show, listings and sitemaps may
        window, publishers = gap
        named = " ".join(feed.feed_id for feed in sources if feed.publisher_id in publishers)
        return backfill(start=window.start, end=window.end, feeds=named, feed_list=feeds, now=now)  # a run of its own
    return released
