"""Upkeep: once a week, what is no longer needed goes, and every kept release stays readable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.states import Failed

from tidings.flows import tasks
from tidings.flows.failures import guarded, scrubbed
from tidings.flows.notify import notify, tell_failure
from tidings.flows.stages.forget import finish_forgetting
from tidings.flows.stages.maintain import maintain as do_upkeep
from tidings.warehouse.maintain_lake import Retention

if TYPE_CHECKING:
    from tidings.flows.stages.run import Run
    from tidings.warehouse.maintain_lake import StepResult


@flow(name="maintain", flow_run_name="maintain", on_failure=[tell_failure], on_crashed=[tell_failure])
@guarded
def maintain(keep_nights: int = 35, keep_raw_days: int = 0, dry_run: bool = False, now: str = "") -> Any:
    """Merge files, let go of what no kept release needs, say how much room that gave back, and audit every row.

    Args:
        keep_nights: Days for which every night's release is kept; the last release of each month is kept for ever.
        keep_raw_days: Age in days from which raw files (WARC) are deleted. 0 keeps them for ever; without them a page cannot
            be cleaned again.
        dry_run: Only say what would be done.
        now: The run's instant, ISO 8601 with a zone, for a run that must be repeatable. Empty: the present.
    """
    if keep_nights < 1 or keep_raw_days < 0:
        return Failed(message="keep_nights is at least 1 day, and keep_raw_days at least 0.")
    run = tasks.open_run(now=now)
    done = upkeep(run, Retention(nights=keep_nights, raw_days=keep_raw_days or None, run_days=keep_nights), dry_run=dry_run)
    show_upkeep(done)
    if warnings := [one.text for one in done if one.step == "disk" and one.count]:
        notify("Tidings: the disk is nearly full", warnings)
    if not dry_run:
        with tasks.one_writer(run):
            tasks.audit_all(run)  # a night asks only what was written since the last release for being unique
    return done


@task(name="maintain", cache_policy=NO_CACHE)
@scrubbed
def upkeep(run: Run, keep: Retention, dry_run: bool) -> list[StepResult]:
    """Do the upkeep and return what each step came to; a page whose forgetting was broken off is forgotten first."""
    if not dry_run and run.lake.exists:
        finish_forgetting(run)
    return do_upkeep(run, keep, dry_run=dry_run)


def show_upkeep(done: list[StepResult]) -> None:
    """Leave what each step came to in the UI, as a table."""
    from prefect.artifacts import create_table_artifact  # noqa: PLC0415 - only a flow run has a UI

    rows = [{"step": one.step, "what": one.text, "bytes": one.byte_count} for one in done]
    create_table_artifact(table=rows, key="maintain", description="Upkeep: what each step came to")
