"""Prefect tasks, one per stage, and the names of runs and the states in which they end."""

from __future__ import annotations

import datetime as dt
import functools
import inspect
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, TypeVar

from prefect import Flow, State, flow, task
from prefect._internal.control_listener import get_intent
from prefect._internal.result_records import ResultRecord
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRunPolicy
from prefect.exceptions import CancelledRun
from prefect.runtime import flow_run
from prefect.states import Cancelled, Failed
from pydantic import Field

from tidings.base.languages.plural import listed
from tidings.base.messages import explain, guard_logs, is_connection_lost, message, scrub
from tidings.base.records import Feed, Publisher, Release
from tidings.base.settings import read_instant, read_settings
from tidings.fetch.window import Window
from tidings.flows import artifacts
from tidings.flows.automations import emit_alerts, notify, notify_failure
from tidings.flows.cluster import spread_of
from tidings.flows.metrics import record_end
from tidings.stages import annotate as annotating
from tidings.stages import audit as auditing
from tidings.stages import build as building
from tidings.stages import clean as cleaning
from tidings.stages import discover as discovering
from tidings.stages import group as grouping
from tidings.stages import obtain as obtaining
from tidings.stages import plan as planning
from tidings.stages import poll as polling
from tidings.stages import prepare as preparing
from tidings.stages import release as releasing
from tidings.stages import source_health as alerting
from tidings.stages.run import Run, start_run
from tidings.storage.load import read_records
from tidings.storage.writer_lock import LockedError

MAX_CHOSEN = 3  # sources that the name of a run lists
CANCELLED = "This run was cancelled. The next run completes its work."
LOST = (
    "the connection to the catalog was lost; the run starts again in 20 seconds, at most three"
    " times"
)


def guarded(function: Callable[P, R]) -> Callable[P, R]:
    """Return a flow's function that returns a failed state with the message of ``explain``, or a
    cancelled one if another run has the lock, and raises all other exceptions.

    Prefect runs the flow again only if the connection to the catalog was lost.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        guard_logs()
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            if is_cancelled():
                log.info(CANCELLED)
                return Cancelled(message=CANCELLED)  # type: ignore[return-value]
            if not isinstance(error, Exception):
                raise
            sentence = explain(error)
            if is_connection_lost(error):
                log.info(LOST)
            elif flow_run.id is not None:  # the same failure would occur again
                with get_client(sync_client=True) as client:
                    once = FlowRunPolicy(retries=0, retry_delay=0)
                    client.update_flow_run(flow_run.id, empirical_policy=once)
            if sentence is None:
                raise scrub(error) from None
            ended: Any = Cancelled if isinstance(error, LockedError) else Failed
            return ended(message=sentence)  # type: ignore[no-any-return]

    # Prefect builds the form from the signature, and would resolve the names in its annotations in
    # this module.
    run.__signature__ = inspect.signature(function, eval_str=True)  # type: ignore[attr-defined]
    run.__annotations__ = inspect.get_annotations(function, eval_str=True)
    return run


def is_cancelled() -> bool:
    """Return whether a user has cancelled this process's run, or its server is stopping. Libraries
    may replace the exception of Prefect's signal handler.
    """
    return get_intent() == "cancel"


P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger("tidings")


def _refuse(*_: object, **__: object) -> NoReturn:
    """Refuse to read a result, which would unpickle bytes from a place that the API supplies."""
    raise RuntimeError("Tidings reads no stored results.")


# Prefect 3.9 has no setting for this: the state in the API names the serializer.
ResultRecord.deserialize = _refuse  # type: ignore[method-assign]
ResultRecord.deserialize_from_result_and_metadata = _refuse  # type: ignore[method-assign]

# after the loss of the connection to the catalog: enough for the restart of a server
RETRIES, RETRY_SECONDS = 3, 20


def label(title: str) -> Any:
    """Return the annotation that gives a flow's parameter this label in the form."""
    return Field(json_schema_extra={"title": title})


def name_run(flow: str, parameters: Mapping[str, Any], at: dt.datetime | None) -> str:
    """Return a name that describes a run: ``refetch 2026-06-08 to 2026-06-12, sample_ministry``.
    Missing ``parameters`` have their defaults; ``at`` is the scheduled time, if known.
    """
    dry = "dry run: " if parameters.get("dry_run") else ""
    if flow == "backfill":
        return dry + message(
            f"{parameters.get('mode') or 'refetch'} {_days(parameters)}{_chosen(parameters)}"
        )
    if now := parameters.get("now"):
        return f"{dry}{flow} as of {message(str(now))}"
    return f"{dry}{flow} {at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC" if at else f"{dry}{flow}"


def _days(parameters: Mapping[str, Any]) -> str:
    start, end = parameters.get("start"), parameters.get("end")
    if not start and not end:
        return "all days"
    return str(start) if start == end else f"{start or '…'} to {end or '…'}"


def _chosen(parameters: Mapping[str, Any]) -> str:
    names = [
        str(name) for key in ("publishers", "topics", "feeds") for name in parameters.get(key) or ()
    ]
    return f", {listed(names, MAX_CHOSEN)}" if names else ""


def current_name() -> str:
    """Return the name of the starting run, or a description if Prefect named it (with a hyphen)."""
    if "-" not in flow_run.name:
        return str(flow_run.name)
    return name_run(flow_run.flow_name, flow_run.parameters, flow_run.scheduled_start_time)


def guarded_flow(function: Callable[P, R]) -> Flow[P, R]:
    """Return a function as a flow with messages for failures and retries."""
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
    """Return the settings, lake, time and log of this flow run. Raises SettingsError. ``feeds`` is
    the path of a feed list, and ``now`` a run time in ISO 8601 with time zone; empty texts mean the
    configured list and the current time.
    """
    log.setLevel(logging.INFO)  # else the root's WARNING applies to PREFECT_LOGGING_EXTRA_LOGGERS
    # each stage reports its own end
    logging.getLogger("prefect.task_runs").setLevel(logging.WARNING)
    guard_logs()
    env = {**os.environ, "TIDINGS_FEEDS": feeds} if feeds else os.environ
    return start_run(
        read_settings(env),
        now=read_instant(now) if now else None,
        run_id=flow_run.id,
        log=log.info,
        progress=artifacts.show_progress(log.info),
        spread=spread_of(os.environ.get("TIDINGS_CLUSTER", "")),
        is_backfill=is_backfill,
    )


def stage(function: Callable[P, R], name: str = "") -> Callable[P, R]:
    """Return a function that runs a stage as a task without a cache, and raises CancelledRun if the
    run is cancelled. Exceptions of the task, which Prefect shows, contain no secrets.
    """
    name = name or function.__name__

    @task(name=name, task_run_name=name, cache_policy=NO_CACHE)
    @functools.wraps(function)
    def run_task(*args: P.args, **kwargs: P.kwargs) -> R | State:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            if is_cancelled():
                # Prefect logs this state, and each exception, as an error
                logging.getLogger("prefect.task_runs").setLevel(logging.CRITICAL)
                return Cancelled(message=CANCELLED)
            if isinstance(error, Exception):
                raise scrub(error) from None
            raise

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
documents = stage(obtaining.documents)
discover = stage(discovering.discover)
reprocess = stage(cleaning.reprocess)
annotate = stage(annotating.annotate)
group = stage(grouping.group)
model = stage(building.model)
audit = stage(auditing.audit)
release = stage(releasing.release)


@stage
def report(run: Run) -> Path | None:
    """Write the report, and send the news of saved questions to the webhook."""
    return releasing.report(run, notify)


@functools.partial(stage, name="import")
def import_files(run: Run, files: list[Path], feeds: Sequence[Feed], window: Window) -> int:
    """Import the pages of these sources' publishers in a window; return their number."""
    ids = {"ids": [feed.publisher_id for feed in feeds]}
    with run.reading() as con:
        publishers = read_records(con, Publisher, "list_contains($ids, publisher_id)", ids)
    urls = discovering.listing_urls(feeds, window)
    return obtaining.import_files(run, files, publishers, window, sources=urls)


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
    today = run.now.date()
    if not run.lake.exists:
        return Window(today, today)
    query = "select coalesce(min(published_on), $1), coalesce(max(published_on), $1)"
    with run.reading() as con:
        ((first, last),) = con.execute(f"{query} from core.articles", [today]).fetchall()
    return Window(first, last)


def show(run: Run, released: Release, rebuilt: Sequence[dt.date]) -> None:
    """Write the artifacts of a finished run, and send alerts about its sources."""
    with run.reading() as con:
        artifacts.show_coverage(con, run.now)
        artifacts.show_summary(con, run, released, building.describe_days(rebuilt))
        alerts = alerting.find_alerts(con, run.now)
        if empty := alerting.describe_empty(con):
            run.log(empty)
    if alerts:
        for alert in alerts:
            run.log(alert)
        notify("Tidings: check these sources", alerts)
        emit_alerts(alerts)
