"""Open the HTTP client with a run's settings, and store the robots files and pauses that it
collects.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

from tidings.base.guarded_pool import ALLOCATIONS
from tidings.base.records import HostPause, RightsFile, Robots
from tidings.fetch.client import Client, ClientSettings, open_client
from tidings.fetch.rate_limit import PAUSE_AT_MOST
from tidings.stages.rights import RightsLog, read_known
from tidings.storage.lake import open_lake, transaction
from tidings.storage.load import merge, read_records
from tidings.storage.writer_lock import retry_on_conflict, writer_lock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Sequence

    from tidings.stages.run import Run

T = TypeVar("T")


def run_in_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in an event loop and return its result. An exception of a signal handler
    cancels the coroutine.

    The loop runs in another thread, because asyncio discards exceptions of signal handlers, except
    KeyboardInterrupt.
    """
    before = gc.get_threshold()
    gc.set_threshold(ALLOCATIONS)  # records of responses form no cycles
    with asyncio.Runner() as runner, ThreadPoolExecutor(1) as pool:
        loop = runner.get_loop()
        task = loop.create_task(main, context=copy_context())
        running = pool.submit(loop.run_until_complete, task)
        try:
            return running.result()
        finally:
            gc.set_threshold(*before)
            if not running.done():
                loop.call_soon_threadsafe(task.cancel)


@asynccontextmanager
async def open_run_client(run: Run) -> AsyncIterator[tuple[Client, HostChanges]]:
    """Open a client for a stage, with the robots files and pauses that earlier stages and runs
    stored.

    The stage stores changes together with its responses; closing the client stores the remaining
    changes. Each robots file is therefore requested once a day, and a host that responded with 429
    or 503 gets no request until its pause ends.
    """
    settings = ClientSettings(
        user_agent=run.settings.user_agent,
        allow_hosts=run.settings.allow_hosts,
        host_gap=run.settings.host_gap,
        signing_key=run.settings.signing_key,
    )
    with open_lake(run.lake, read_only=True) as con:
        copies = read_records(con, Robots)
        known = read_known(con, run.now)
        # a later end was stored while the clock was ahead
        latest = run.now + PAUSE_AT_MOST + dt.timedelta(days=1)
        pauses = {
            row.host: row.ends_at for row in read_records(con, HostPause) if row.ends_at <= latest
        }
    with run.lake.locks("work/turns") as locks:
        reader = known.reader(settings.user_agent, run.now)
        async with open_client(settings, run.clock, copies, locks, pauses, rights=reader) as client:
            changes = HostChanges(client, RightsLog(run, client, known))
            try:
                yield client, changes
            finally:
                _store(run, changes.drain())


class HostChanges:
    """Robots files, pauses and statements about rights that changed since a client was opened."""

    def __init__(self, client: Client, rights: RightsLog) -> None:
        self._client = client
        self.rights = rights
        self._files = dict(client.rights.files_seen) if client.rights else {}
        self._robots = dict(client.robots_seen)
        self._pauses = dict(client.pauses)

    def drain(self) -> tuple[Sequence[object], ...]:
        """Return the changes since the last call, a list for each type of record."""
        robots = [
            copy
            for origin, copy in self._client.robots_seen.items()
            if self._robots.get(origin) is not copy
        ]
        pauses = [
            HostPause(host, until)
            for host, until in self._client.pauses.items()
            if self._pauses.get(host) != until
        ]
        self._robots |= {copy.origin: copy for copy in robots}
        self._pauses |= {pause.host: pause.ends_at for pause in pauses}
        return robots, pauses, self._drain_files(), self.rights.drain()

    def _drain_files(self) -> list[RightsFile]:
        seen = self._client.rights.files_seen if self._client.rights else {}
        files = [file for url, file in seen.items() if self._files.get(url) is not file]
        self._files |= {file.url: file for file in files}
        return files


@retry_on_conflict
def _store(run: Run, changes: tuple[Sequence[object], ...]) -> None:
    if any(changes):
        with writer_lock(run.lake, log=run.log), open_lake(run.lake) as con, transaction(con):
            for records in changes:
                merge(con, records)
