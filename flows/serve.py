"""Serving: a Prefect server where none is named, the deployments and the night's schedule, until Ctrl-C.

Everything lies in the warehouse's folder and listens on loopback only. Started again after a crash, it closes the runs
that died with the process before, so that none stays Running and none holds a place in the queue.
"""

from __future__ import annotations

import asyncio
import copyreg
import os
import pkgutil
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tidings.flows.server import prefect_server
from tidings.flows.settings import read_settings
from tidings.warehouse.lake import Lake
from tidings.warehouse.writer_lock import writer_lock

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.schemas.objects import State
    from prefect.runner import Runner

STOP_SECONDS = 20  # for runs under way to be told; then they are left to the next start
WEEKLY = "0 12 * * 0"  # upkeep: at noon on Sundays, far from any night
LIVING = ("RUNNING", "PENDING", "CANCELLING")


async def add_flows(cron: str, zone: str, weekly: str = WEEKLY) -> list[Runner]:
    """Register the flows with the API and return a runner for each, so that the night never waits for a backfill.

    A runner starts the flow object that it received. The API's data about a deployment's code (entry point, path, pull steps,
    storage, job variables) has no effect on a run, regardless of who wrote the data.

    Backfills queue in their runner, which writes nothing. The server's queue would reschedule a waiting run every half minute,
    and a hundred waiting runs would keep its SQLite too busy to accept a new one.
    """
    from prefect import Flow
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.runner import Runner
    from prefect.schedules import Cron

    from tidings.flows.backfill import backfill
    from tidings.flows.maintain import maintain
    from tidings.flows.nightly import nightly

    # Runs import their flow, because cloudpickle would copy it without the names that its annotations need.
    copyreg.pickle(Flow, lambda flow: (pkgutil.resolve_name, (f"{flow.fn.__module__}:{flow.fn.__name__}",)))
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
        description="The night: poll, obtain, clean, model, audit, release. It never overlaps itself.",
    )
    await history.aadd_flow(
        backfill,
        tags=["tidings"],
        description="Fetch, clean or tag again what a window of days held. Backfills queue.",
    )
    await upkeep.aadd_flow(
        maintain,
        schedule=Cron(weekly, timezone=zone),
        concurrency_limit=alone,
        tags=["tidings"],
        description="Upkeep: merge files, let go of what no kept release needs, vacuum, look at the disk.",
    )
    return [night, history, upkeep]


async def close_dead_runs(names: tuple[str, ...] = ("nightly", "backfill", "maintain")) -> list[UUID]:
    """Mark as crashed the runs that a process before this one left unfinished, and return their ids.

    Runs are children of the serving process, so at its start none of its own can be alive.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        FlowFilter,
        FlowFilterName,
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.states import Crashed

    closed = []
    async with get_client() as client:
        found = await client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=list(names))),
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType(name) for name in LIVING]))
            ),
        )
        for run in found:
            if run.deployment_id is None:
                continue  # `tidings nightly` at a terminal answers for itself
            state: State[Any] = Crashed(message="The process that ran it is gone; the next run finishes the work.")
            await client.set_flow_run_state(run.id, state, force=True)
            closed.append(run.id)
    return closed


async def _serve_all(cron: str, zone: str, weekly: str) -> None:
    """Serve the flows until SIGINT or SIGTERM."""
    asked, loop = asyncio.Event(), asyncio.get_running_loop()

    def ask(*_: object) -> None:
        loop.call_soon_threadsafe(asked.set)

    runners = await add_flows(cron, zone, weekly)
    for runner in runners:
        runner.handle_sigterm = ask  # type: ignore[method-assign] # a runner's own would end that runner only
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, ask)
    serving = [asyncio.create_task(runner.start()) for runner in runners]
    asking = asyncio.create_task(asked.wait())
    await asyncio.wait([asking, *serving], return_when=asyncio.FIRST_COMPLETED)
    asking.cancel()
    stopping = [asyncio.create_task(runner.astop()) for runner in runners if runner.started]
    for task in [task for runner, task in zip(runners, serving, strict=True) if not runner.started]:
        task.cancel()
    ended, late = await asyncio.wait([*stopping, *serving], timeout=STOP_SECONDS)
    for task in late:
        task.cancel()
    for task in ended:
        if not task.cancelled():
            task.result()  # what a runner failed with is no clean end


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def serve(cron: str, zone: str, port: int, weekly: str = WEEKLY) -> None:
    """Serve the deployments until interrupted; SIGTERM, as a service manager sends it, ends it as Ctrl-C does."""
    signal.signal(signal.SIGTERM, _interrupt)  # before there is a server that would be left behind
    with suppress(KeyboardInterrupt):
        _serve(cron, zone, port, weekly)


def _serve(cron: str, zone: str, port: int, weekly: str) -> None:
    settings = read_settings()
    lake = Lake(settings.warehouse)
    os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "tidings")
    with writer_lock(lake, name="serve.lock", patience=0), prefect_server(settings.warehouse / "prefect", port) as url:
        closed = asyncio.run(close_dead_runs())
        for run_id in closed:
            print(f"closed the run {run_id}, whose process is gone", file=sys.stderr)
        print(f"Prefect's UI:  {url.removesuffix('/api')}/v2/deployments", flush=True)
        print(f"The night:     {cron} ({zone});  Ctrl-C stops.", flush=True)
        asyncio.run(_serve_all(cron, zone, weekly))
