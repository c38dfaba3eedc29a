"""The weekly maintenance flow: merge files, delete data that no kept release needs, and audit every
row.
"""

from __future__ import annotations

import functools
from typing import Annotated, Any

from tidings.base.settings import SettingsError
from tidings.flows import artifacts, tasks
from tidings.flows.automations import notify
from tidings.stages.forget import finish_forgetting
from tidings.stages.run import Run
from tidings.storage import maintain as steps


@tasks.guarded_flow
def maintain(
    keep_nights: Annotated[int, tasks.label("Days to keep nightly releases")] = 35,
    keep_raw_days: Annotated[int, tasks.label("Days to keep raw files")] = 0,
    now: Annotated[str, tasks.label("Advanced: run time")] = "",
) -> Any:
    """Merge files, delete data that no kept release needs, and report the free space.

    Args:
        keep_nights: The last release of each month is kept forever.
        keep_raw_days: Delete raw files (WARC) that are older than this number of days. 0 keeps them
            forever. Pages cannot be cleaned again after their raw files are deleted.
        now: ISO 8601 with time zone, for a reproducible run. Empty: the current time.
    """
    if keep_nights < 1 or keep_raw_days < 0:
        raise SettingsError(
            "Invalid retention: keep_nights must be at least 1, and keep_raw_days at least 0."
        )
    keep = steps.Retention(keep_nights, keep_raw_days)
    done = run_maintenance(tasks.open_run(now=now), keep)
    rows = [{"step": step.step, "result": step.text} for step in done]
    artifacts.show_table("maintain", rows, "Maintenance: result of each step")
    if warnings := [step.text for step in done if step.step == "disk" and step.count]:
        notify("Tidings: the disk is nearly full", warnings)
    return done


@functools.partial(tasks.stage, name="maintain")
def run_maintenance(run: Run, keep: steps.Retention) -> list[steps.StepResult]:
    """Complete an interrupted deletion of a page, and run the maintenance steps."""
    if run.lake.exists:
        finish_forgetting(run)
    return steps.maintain(run.lake, run.now, keep, run.log)
