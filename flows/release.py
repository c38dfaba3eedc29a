"""The release flow: rebuild, audit and release every table."""

from __future__ import annotations

from typing import Annotated, Any

from tidings.flows import tasks


@tasks.guarded_flow
def release(
    accepted_loss: Annotated[str, tasks.label("Reason to accept missing rows")] = "",
    now: Annotated[str, tasks.label("Advanced: run time")] = "",
) -> Any:
    """Rebuild every table from the articles, audit and release, without fetching or cleaning.

    Args:
        accepted_loss: Reason to release although rows of the last release are missing. Empty: the
            audit then fails.
        now: ISO 8601 with time zone, for a reproducible run. Empty: the current time.
    """
    run = tasks.open_run(now=now)
    tasks.prepare(run)
    with run.lock():
        tasks.annotate(run)
        tasks.group(run)
        rebuilt = tasks.model(run, is_whole=True)
        audited = tasks.audit(run, accepted_loss or None)
        released = tasks.release(run, audited, accepted_loss or None)
    if accepted_loss and not audited.losses:
        run.log("release: no rows are missing after the rebuild; the reason was not recorded")
    tasks.report(run)
    tasks.show(run, released, rebuilt)
    return released
