"""The night: poll, obtain, clean, model, audit, release. Each stage takes its work from what is missing in the warehouse."""

from __future__ import annotations

from prefect import flow

from flows import tasks
from warehouse.records import Release


@flow(name="nightly", flow_run_name="nightly", validate_parameters=True)
def nightly(feeds: str = "", now: str = "") -> Release:
    """Read the policy news of the day and release what it tells.

    Args:
        feeds: Path of a feed list with the columns feed_id and url. Empty: the registry in seeds/.
        now: The night's instant, ISO 8601 with a zone, for a run that must be repeatable. Empty: the present.
    """
    run = tasks.open_run(feeds, now)
    sources = tasks.prepare(run)  # schema, reference data, registry
    tasks.poll(run, sources)  # sources that are due → captures, entries, validators
    tasks.obtain(run, sources)  # entries without a page → captures
    tasks.clean(run)  # captures without an article → articles, revisions
    with tasks.one_writer(run):
        tasks.model(run)  # articles → mentions, denominators, shares
        audited = tasks.audit(run)  # what fails here is not released
        released = tasks.release(run, audited)  # snapshot named, tidings.duckdb swapped in
    tasks.show(run, released)
    return released
