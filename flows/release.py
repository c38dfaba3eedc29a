"""A release without a night: every table built anew, audited and released, rows missing or not where a person accepts it."""

from __future__ import annotations

from typing import Any

from prefect import flow

from flows import tasks
from flows.failures import guarded
from flows.notify import tell_failure


@flow(name="release", flow_run_name="release", on_failure=[tell_failure], on_crashed=[tell_failure])
@guarded
def release(accepted_loss: str = "", now: str = "") -> Any:
    """Build every table anew from the articles, audit and release; nothing is fetched or cleaned.

    Args:
        accepted_loss: Why rows may be missing that the last release had. Empty: a release that lacks them is refused.
        now: The run's instant, ISO 8601 with a zone, for a run that must be repeatable. Empty: the present.
    """
    run = tasks.open_run(now=now)
    with tasks.one_writer(run):
        rebuilt = tasks.model(run, is_whole=True)
        audited = tasks.audit(run, accepted_loss or None)
        released = tasks.release(run, audited, accepted_loss or None)
    if accepted_loss and not audited.losses:
        run.tell("no rows were missing once the tables were built anew: there was no loss to accept, and no reason is recorded")
    tasks.report(run)
    tasks.show(run, released, rebuilt)
    return released
