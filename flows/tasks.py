"""Prefect tasks, one per stage. A nightly run has few task runs, so that the Prefect server remains
responsive for the UI.
"""

from __future__ import annotations

import functools
import logging
import os
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypeVar

from prefect import Flow, State, flow, task
from prefect._internal.result_records import ResultRecord
from prefect.cache_policies import NO_CACHE
from prefect.context import get_run_context
from prefect.exceptions import CancelledRun

from tidings.base.messages import guard_logs
from tidings.base.settings import read_instant, read_settings
from tidings.fetch.window import Window
from tidings.flows import artifacts
from tidings.flows.automations import emit_alerts
from tidings.flows.cluster import spread_of
from tidings.flows.ended_runs import guarded, scrubbed
from tidings.flows.metrics import record_end
from tidings.flows.notify import notify, notify_failure
from tidings.flows.run_names import current_name
from tidings.stages import alerts as alerting
from tidings.stages import annotate as annotating
from tidings.stages import audit as auditing
from tidings.stages import build as building
from tidings.stages import clean as cleaning
from tidings.stages import discover as discovering
from tidings.stages import documents as documenting
from tidings.stages import group as grouping
from tidings.stages import import_warc as importing
from tidings.stages import obtain as obtaining
from tidings.stages import plan as planning
from tidings.stages import poll as polling
from tidings.stages import prepare as preparing
from tidings.stages import release as releasing
from tidings.stages import report as reporting
from tidings.stages.run import Run, start_run
from tidings.stages.source_health import describe_empty
from tidings.storage import pending
from tidings.storage import writer_lock as lock
from tidings.storage.lake import open_lake, transaction

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tidings.base.records import Feed, Release

P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger("tidings")


def _refuse(*_: object, **__: object) -> NoReturn:
    """Raise RuntimeError: reading a stored result would unpickle bytes from a location that the API
    supplies.
    """
    raise RuntimeError("Tidings reads no stored results.")


# Prefect 3.9 has no setting for this: the state in the API names the serializer.
ResultRecord.deserialize = _refuse  # type: ignore[method-assign]
ResultRecord.deserialize_from_result_and_metadata = _refuse  # type: ignore[method-assign]

# after the loss of the connection to the catalog: enough for the restart of a server
RETRIES, RETRY_SECONDS = 3, 20


def guarded_flow(function: Callable[P, R]) -> Flow[P, R]:
    """Return a function as a flow of the same name, with messages for failures and retries after a
    lost connection.
    """
    return flow(
        name=function.__name__,
        flow_run_name=current_name,
        retries=RETRIES,
        retry_delay_seconds=RETRY_SECONDS,
        on_completion=[record_end],
        on_failure=[notify_failure, record_end],
        on_crashed=[notify_failure, record_end],
    )(guarded(function))


def open_run(feeds: str = "", now: str = "", *, is_backfill: bool = False) -> Run:
    """Return the settings, the lake, the time and the log of this flow run.

    Args:
        feeds: Path of a feed list, or empty for the configured one.
        now: Fixed run time in ISO 8601 with time zone, or empty for the current time.
        is_backfill: Whether the run is a backfill.

    Raises:
        SettingsError: If a setting or ``now`` is invalid.
    """
    # Prefect sets no level for PREFECT_LOGGING_EXTRA_LOGGERS, so that the root's WARNING would
    # apply
    log.setLevel(logging.INFO)
    # each stage reports its own end
    logging.getLogger("prefect.task_runs").setLevel(logging.WARNING)
    guard_logs()
    env = {**os.environ, "TIDINGS_FEEDS": feeds} if feeds else os.environ
    context = get_run_context()
    run_id = str(getattr(getattr(context, "flow_run", None), "id", ""))
    return start_run(
        read_settings(env),
        now=read_instant(now) if now else None,
        run_id=run_id,
        log=log.info,
        progress=artifacts.show_progress(log.info),
        spread=spread_of(os.environ.get("TIDINGS_CLUSTER", "")),
        is_backfill=is_backfill,
    )


def stage(function: Callable[P, R], name: str = "") -> Callable[P, R]:
    """Return a function that runs a stage as a task without a cache, because a stage reads its
    pending work from the warehouse.

    The function raises CancelledRun if the run is cancelled.
    """
    name = name or function.__name__
    run_task = task(name=name, task_run_name=name, cache_policy=NO_CACHE)(scrubbed(function))

    @functools.wraps(function)
    def run_stage(*args: P.args, **kwargs: P.kwargs) -> R:
        result = run_task(*args, **kwargs)
        if isinstance(result, State):
            raise CancelledRun(result.message)
        return result

    return run_stage


prepare = stage(preparing.prepare)
poll = stage(polling.poll)
obtain = stage(obtaining.obtain)
clean = stage(cleaning.clean)
documents = stage(documenting.documents)
discover = stage(discovering.discover)
reprocess = stage(cleaning.reprocess)
annotate = stage(annotating.annotate)
group = stage(grouping.group)
model = stage(building.model)
audit = stage(auditing.audit)
release = stage(releasing.release)
gaps_to_fill = planning.find_recent_gaps


@stage
def report(run: Run) -> Path | None:
    """Write the report, and send the news of saved questions to the webhook."""
    return reporting.report(run, notify)


def writer_lock(run: Run, name: str = lock.WRITER_LOCK) -> AbstractContextManager[None]:
    """Hold the warehouse's writer lock, so that no other run changes the tables between audit and
    release; or another lock.
    """
    return lock.writer_lock(run.lake, name=name, log=run.log)


def nightly_lock(run: Run) -> AbstractContextManager[None]:
    """Hold the lock of nightly runs. Raises LockedError, which names the owner, if another nightly
    run is active.
    """
    return lock.writer_lock(run.lake, name=lock.NIGHTLY_LOCK, patience=0)


@functools.partial(stage, name="import")
def import_files(run: Run, files: list[Path], feeds: Sequence[Feed], window: Window) -> int:
    """Import the pages of these sources' publishers from WARC files for a window; return the number
    of pages.
    """
    publisher_ids = {feed.publisher_id for feed in feeds}
    with open_lake(run.lake, read_only=True) as con:
        publishers = [
            publisher
            for publisher in pending.publishers(con).values()
            if publisher.publisher_id in publisher_ids
        ]
    return importing.import_files(
        run, files, publishers, window, sources=discovering.listing_urls(feeds, window)
    )


@stage
def plan(run: Run, feeds: Sequence[Feed], window: Window, mode: str) -> str:
    """Write a backfill's plan as a table artifact and return it as one sentence."""
    rows = planning.plan(run, feeds, window, mode)
    sentence = planning.plan_sentence(rows, window, mode)
    artifacts.show_table("plan", rows, sentence)
    run.log(sentence)
    return sentence


def all_days(run: Run) -> Window:
    """Return the window of all stored articles, or of the run's day if there are none."""
    row = None
    if run.lake.exists:
        with open_lake(run.lake, read_only=True) as con, transaction(con):
            row = con.execute(
                "select min(published_on), max(published_on) from core.articles"
            ).fetchone()
    return Window(row[0], row[1]) if row and row[0] else Window(run.now.date(), run.now.date())


def show(run: Run, released: Release, rebuilt: Sequence[dt.date]) -> None:
    """Write the artifacts of a finished run, and send alerts about its sources to the log and the
    webhook.
    """
    # DuckLake reads its catalog in each transaction
    with open_lake(run.lake, read_only=True) as con, transaction(con):
        artifacts.show_coverage(con, run.now)
        artifacts.show_summary(con, run, released, building.describe_days(rebuilt))
        alerts = alerting.find_alerts(con, run.now)
        if empty := describe_empty(con):
            run.log(empty)
    if alerts:
        for alert in alerts:
            run.log(alert)
        notify("Tidings: check these sources", alerts)
        emit_alerts(alerts)
