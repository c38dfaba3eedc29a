"""Open the HTTP client with a run's settings, and store robots files and pauses."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
from collections.abc import AsyncIterator, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from typing import Any, TypeVar

from tidings.base.guarded_pool import ALLOCATIONS
from tidings.base.records import HostPause, Robots
from tidings.fetch.client import Client, client_settings, open_client
from tidings.fetch.rate_limit import PAUSE_AT_MOST
from tidings.fetch.rights_reader import RightsReader
from tidings.stages.rights import read_rights
from tidings.stages.run import Run
from tidings.storage.load import merge, read_by_key, read_records
from tidings.storage.writer_lock import retry_on_conflict

T = TypeVar("T")


def run_in_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in an event loop and return its result. The loop runs in another thread:
    asyncio discards exceptions of signal handlers, which here cancel the coroutine.
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
    """Open a client for a stage, with the stored robots files and pauses: each robots file is
    requested once a day, and a host that responded with 429 or 503 gets no request until its pause
    ends. The stage stores changes with its responses; closing the client stores the rest.
    """
    settings = client_settings(run.settings)
    with run.reading() as con:
        copies = read_by_key(con, Robots)
        rights = read_rights(con, run, copies)
        # a later end was stored while the clock was ahead
        latest = run.now + PAUSE_AT_MOST + dt.timedelta(days=1)
        pauses = {
            row.host: row.ends_at for row in read_records(con, HostPause) if row.ends_at <= latest
        }
    with run.lake.locks("work/turns") as locks:
        async with open_client(settings, run.clock, copies, locks, pauses, rights=rights) as client:
            changes = HostChanges(client, rights)
            try:
                yield client, changes
            finally:
                _store(run, changes.drain())


class HostChanges:
    """Robots files, pauses and statements about rights that changed since a client was opened."""

    def __init__(self, client: Client, rights: RightsReader) -> None:
        self._client, self.rights = client, rights
        self._known = [dict(seen) for seen in self._seen()]

    def _seen(self) -> tuple[Mapping[Any, object], ...]:
        pauses = {host: HostPause(host, until) for host, until in self._client.pauses.items()}
        return self._client.robots_seen, pauses, self.rights.files_seen, self.rights.rights_seen

    def drain(self) -> list[list[object]]:
        """Return the changes since the last call, a list for each type of record."""
        changes = []
        for known, seen in zip(self._known, self._seen(), strict=True):
            new = {key: row for key, row in seen.items() if known.get(key) != row}
            known.update(new)
            changes.append(list(new.values()))
        return changes


@retry_on_conflict
def _store(run: Run, changes: list[list[object]]) -> None:
    if any(changes):
        with run.writing() as con:
            for records in changes:
                merge(con, records)
