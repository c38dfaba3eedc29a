"""Serve the deployments and their schedules until Ctrl-C, and start a Prefect server unless
PREFECT_API_URL names another.

The server stores its data in the warehouse folder and listens on loopback only. After a crash, the
next start marks the runs of the crashed process as Crashed, so that they do not stay Running and do
not block the queue.
"""

from __future__ import annotations

import asyncio
import copyreg
import os
import pkgutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tidings.base.settings import read_settings
from tidings.flows.prefect_server import prefect_server
from tidings.storage.lake import Lake
from tidings.storage.writer_lock import writer_lock

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State
    from prefect.runner import Runner

STOP_SECONDS = 20  # for active runs to stop; the next start closes runs that take longer
WEEKLY = "0 12 * * 0"  # maintenance: Sundays at noon, when no nightly run is active


async def add_flows(cron: str, zone: str, weekly: str) -> list[Runner]:
    """Register the flows with the API and return one runner per flow, so that a nightly run never
    waits for a backfill.

    Backfills queue in their runner: the server's own queue would reschedule each waiting run every
    half minute, and 100 waiting runs would block new submissions on SQLite.
    """
    from prefect import Flow
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.runner import Runner
    from prefect.schedules import Cron

    from tidings.flows.backfill import NO_DAYS, backfill
    from tidings.flows.maintain import maintain
    from tidings.flows.nightly import nightly

    # Runs import their flow, because cloudpickle would copy it without the names that its
    # annotations need.
    copyreg.pickle(
        Flow, lambda flow: (pkgutil.resolve_name, (f"{flow.fn.__module__}:{flow.fn.__name__}",))
    )
    alone = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    night, history, upkeep = (
        Runner(name=name, limit=limit, pause_on_shutdown=False)
        for name, limit in (("nightly", 2), ("backfill", 1), ("maintain", 1))
    )
    await night.aadd_flow(
        nightly,
        schedule=Cron(cron, timezone=zone),
        concurrency_limit=alone,
        tags=["tidings"],
        description="Nightly run: poll, obtain, clean, model, audit, release. A second run at the"
        " same time is cancelled.",
    )
    await history.aadd_flow(
        backfill,
        parameters=NO_DAYS,
        tags=["tidings"],
        description="Backfill only what is missing (refetch, the default), or process stored pages"
        " again (reprocess, retag). Backfills run one at a time.",
    )
    await upkeep.aadd_flow(
        maintain,
        schedule=Cron(weekly, timezone=zone),
        concurrency_limit=alone,
        tags=["tidings"],
        description="Maintenance: merge files, delete data that no kept release needs, vacuum the"
        " databases, check disk space.",
    )
    return [night, history, upkeep]


async def close_dead_runs() -> list[UUID]:
    """Mark the unfinished runs of an earlier ``tidings serve``, whose children have ended, as
    Crashed, and return their IDs.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowFilter, FlowRunFilter
    from prefect.states import Crashed

    closed = []
    flows = FlowFilter.model_validate({"name": {"any_": ["nightly", "backfill", "maintain"]}})
    states = ["RUNNING", "PENDING", "CANCELLING"]
    living = FlowRunFilter.model_validate({"state": {"type": {"any_": states}}})
    async with get_client() as client:
        unfinished = await client.read_flow_runs(flow_filter=flows, flow_run_filter=living)
        for run in unfinished:
            if run.deployment_id is None:
                continue  # a run of `tidings nightly` in a terminal may still be alive
            state: State[Any] = Crashed(
                message="The process of this run has ended; the next run finishes its work."
            )
            await client.set_flow_run_state(run.id, state, force=True)
            closed.append(run.id)
    return closed


def _check(stop: Event) -> None:
    """Raise KeyboardInterrupt if a signal has arrived during the set-up: Python discards an
    exception in a destructor or a weak reference's callback, so the handler's may be lost.
    """
    if stop.is_set():
        raise KeyboardInterrupt


async def _serve_all(cron: str, zone: str, weekly: str, stop: Event) -> None:
    """Serve the flows until SIGINT or SIGTERM, also if a server refuses the automations."""
    from prefect.exceptions import PrefectHTTPStatusError

    from tidings.flows.automations import register_automations

    stop_requested, loop = asyncio.Event(), asyncio.get_running_loop()

    def request_stop(*_: object) -> None:
        with suppress(RuntimeError):  # a further signal, after the end of the loop
            loop.call_soon_threadsafe(stop_requested.set)

    runners = await add_flows(cron, zone, weekly)
    _check(stop)
    try:
        await register_automations(cron, zone)
    except PrefectHTTPStatusError as error:
        print(f"serve: automations not registered ({error.response.status_code})", file=sys.stderr)
    _handle_signals(request_stop)
    _check(stop)
    serving = [asyncio.create_task(runner.start()) for runner in runners]
    await asyncio.sleep(0)  # each runner sets a handler of SIGTERM that would stop only itself
    _handle_signals(request_stop)
    waiting = asyncio.create_task(stop_requested.wait())
    await asyncio.wait([waiting, *serving], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    ending = [*serving]
    for runner, task in zip(runners, serving, strict=True):
        if runner.started:
            ending.append(asyncio.create_task(runner.astop()))
        else:
            task.cancel()
    ended, late = await asyncio.wait(ending, timeout=STOP_SECONDS)
    for task in late:
        task.cancel()
    for task in ended:
        if not task.cancelled():
            task.result()  # raises the exception of a runner that failed


def _handle_signals(handler: Callable[..., None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def serve(cron: str, zone: str, port: int, weekly: str = WEEKLY) -> None:
    """Serve the deployments until Ctrl-C or SIGTERM, which service managers send."""
    stop = Event()

    def request_stop(*_: object) -> None:
        stop.set()
        _check(stop)

    try:
        _handle_signals(request_stop)  # before the server starts, which would otherwise survive
        _serve(cron, zone, port, weekly, stop)
    except (KeyboardInterrupt, Exception):
        if not stop.is_set():
            raise


def _serve(cron: str, zone: str, port: int, weekly: str, stop: Event) -> None:
    settings = read_settings()
    lake = Lake(settings.warehouse)
    os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "tidings")
    with (
        writer_lock(lake, name="serve.lock", patience=0),
        prefect_server(settings.warehouse / "prefect", port) as url,
    ):
        _check(stop)
        closed = asyncio.run(close_dead_runs())
        _check(stop)
        for run_id in closed:
            print(
                f"serve: marked run {run_id} as crashed, because its process has ended",
                file=sys.stderr,
            )
        print(
            f"Prefect UI:    {url.removesuffix('/api')}/v2/deployments\nNightly run:   {cron}"
            f" ({zone})\nMaintenance:   {weekly} ({zone})\nPress Ctrl-C to stop.",
            flush=True,
        )
        asyncio.run(_serve_all(cron, zone, weekly, stop))
