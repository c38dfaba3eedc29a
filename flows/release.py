"""A release without a night: rebuild, audit and release every table, with missing rows only if a person accepts the loss."""

from __future__ import annotations

from typing import Any

from prefect import flow

from tidings.flows import tasks
from tidings.flows.failures import guarded
from tidings.flows.notify import tell_failure


@flow(name="release", flow_run_name="release", on_failure=[tell_failure], on_crashed=[tell_failure])
@guarded
def release(accepted_loss: str = "", now: str = "") -> Any:
    """Rebuild every table from the articles, audit and release, without fetching or cleaning.

    Args:
        accepted_loss: Reason to release although rows of the last release are missing. Empty: the audit refuses such a release.
        now: Run time (ISO 8601 with time zone), for a reproducible run. Empty: the current time.
    """
    run = tasks.open_run(now=now)
    with tasks.one_writer(run):
        rebuilt = tasks.model(run, is_whole=True)
        audited = tasks.audit(run, accepted_loss or None)
        released = tasks.release(run, audited, accepted_loss or None)
    if accepted_loss and not audited.losses:
        run.log("no rows are missing after all tables were rebuilt: there is no loss to accept, so no reason is recorded")
    tasks.report(run)
    tasks.show(run, released, rebuilt)
    return released
