"""The guarded client as a night uses it: the settings' pace, and what hosts have asked for so far."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tidings.flows.fetch.client import Client, ClientSettings, open_client
from tidings.flows.fetch.outcomes import Outcome
from tidings.flows.fetch.robots import RobotsCopy
from tidings.warehouse.lake import open_lake, transaction
from tidings.warehouse.load import merge, read_records
from tidings.warehouse.records import HostPause, Robots
from tidings.warehouse.writer_lock import retry_on_conflict, writer_lock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tidings.flows.stages.run import Run


@asynccontextmanager
async def open_web(run: Run) -> AsyncIterator[tuple[Client, Asked]]:
    """Give a client for a stage, and what hosts ask for meanwhile: it lands with their answers, and what is left at the end.

    Every later stage and night holds to it: robots files, so asked for once a day, and the pauses of those that answered 429 or
    503.
    """
    settings = ClientSettings(
        user_agent=run.settings.user_agent, allow_hosts=run.settings.allow_hosts, host_gap=run.settings.host_gap
    )
    with open_lake(run.lake, read_only=True) as con:
        known = [
            RobotsCopy(row.origin, row.asked_at, Outcome(row.outcome), row.reason, row.text, row.failing_since)
            for row in read_records(con, Robots)
        ]
        pauses = {row.host: row.ends_at for row in read_records(con, HostPause)}
    with run.lake.locks("work/turns") as turns:
        async with open_client(settings, run.clock, known, turns, pauses) as client:
            asked = Asked(client)
            try:
                yield client, asked
            finally:
                _keep(run, asked.take())


class Asked:
    """What hosts asked for since a client was opened."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._robots = dict(client.robots_seen)
        self._pauses = dict(client.pauses)

    def take(self) -> tuple[list[Robots], list[HostPause]]:
        """Return what was not returned before, as records of two types."""
        copies = [copy for origin, copy in self._client.robots_seen.items() if self._robots.get(origin) is not copy]
        pauses = [HostPause(host, until) for host, until in self._client.pauses.items() if self._pauses.get(host) != until]
        self._robots |= {copy.origin: copy for copy in copies}
        self._pauses |= {pause.host: pause.ends_at for pause in pauses}
        robots = [
            Robots(copy.origin, copy.asked_at, str(copy.outcome), copy.reason, copy.text, copy.failing_since) for copy in copies
        ]
        return robots, pauses


@retry_on_conflict
def _keep(run: Run, asked: tuple[list[Robots], list[HostPause]]) -> None:
    if any(asked):
        with writer_lock(run.lake, log=run.log), open_lake(run.lake) as con, transaction(con):
            for records in asked:
                merge(con, records)
