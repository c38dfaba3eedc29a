"""The guarded client as a night uses it: the settings' pace, and what hosts have asked for so far."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from flows.steps.http import Client, ClientSettings, open_client
from flows.steps.outcomes import Outcome
from flows.steps.robots import RobotsCopy
from warehouse.conflicts import again_on_conflict
from warehouse.lake import opened, transaction, writing
from warehouse.load import merge, read_records
from warehouse.records import HostPause, Robots

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flows.stages.run import Run


@asynccontextmanager
async def open_web(run: Run) -> AsyncIterator[Client]:
    """Give a client for a stage; what hosts asked for meanwhile is kept at the end, for every later stage and night.

    That is their robots files, which are so asked for once a day, and the pauses of those that answered 429 or 503.
    """
    settings = ClientSettings(
        user_agent=run.settings.user_agent, allow_hosts=run.settings.allow_hosts, host_gap=run.settings.host_gap
    )
    with opened(run.lake, read_only=True) as con:
        known = [
            RobotsCopy(row.origin, row.asked_at, Outcome(row.outcome), row.reason, row.text, row.failing_since)
            for row in read_records(con, Robots)
        ]
        pauses = {row.host: row.ends_at for row in read_records(con, HostPause)}
    with run.lake.locks("work/turns") as turns:
        async with open_client(settings, run.clock, known, turns, pauses) as client:
            try:
                yield client
            finally:
                robots = [copy for copy in client.robots_seen.values() if copy not in known]
                paused = [HostPause(host, until) for host, until in client.pauses.items() if pauses.get(host) != until]
                if robots or paused:
                    _keep(run, robots, paused)


@again_on_conflict
def _keep(run: Run, copies: list[RobotsCopy], pauses: list[HostPause]) -> None:
    rows = [Robots(copy.origin, copy.asked_at, str(copy.outcome), copy.reason, copy.text, copy.failing_since) for copy in copies]
    with writing(run.lake, tell=run.tell), opened(run.lake) as con, transaction(con):
        merge(con, rows)
        merge(con, pauses)
