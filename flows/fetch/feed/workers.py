"""Workers that read feeds in processes of their own, so that what hangs or crashes a parser costs one feed."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import signal
import struct
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tidings import flows
from tidings.flows.fetch.feed.parsed import ParsedFeed, Unreadable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from tidings.warehouse.records import Feed

# The path is given, not found: a worker reads the same code whatever folder the night was started in.
_ROOT = str(Path(flows.__file__).parents[2])
_COMMAND = (
    "import sys; sys.path.insert(0, sys.argv[1]); from tidings.flows.fetch.feed.worker import serve; serve(float(sys.argv[2]))"
)
_SLOW = 10.0  # seconds after which the log names a feed
_START_SECONDS = 300.0  # a second on an idle machine
_PATIENCE = 12  # times the CPU that a feed may take is how long it is waited for, since others may have the machine


class FeedReader:
    """Reads feeds in ``workers`` processes; one that takes over ``timeout`` seconds of CPU on a feed is killed and replaced.

    Of CPU, since a feed that a busy machine reads slowly is not at fault; what takes none is killed after twelve times as long.
    ``log`` receives a line for each feed that takes over ten seconds. An asynchronous context manager. Workers start when
    they are first needed and end with it.
    """

    def __init__(self, workers: int = 2, timeout: float = 5.0, log: Callable[[str], None] = lambda _text: None) -> None:
        self._timeout = timeout
        self._log = log
        self._count = max(1, workers)
        self._idle: asyncio.LifoQueue[Process | None] = asyncio.LifoQueue()

    async def __aenter__(self) -> Self:
        for _ in range(self._count):
            self._idle.put_nowait(None)
        return self

    async def __aexit__(self, *_: object) -> None:
        while not self._idle.empty():
            await _end(self._idle.get_nowait())

    async def read(  # noqa: PLR0917 — as read_source
        self, body: bytes, content_type: str | None, url: str, zone: str, now: dt.datetime, feed: Feed | None = None
    ) -> ParsedFeed | Unreadable:
        """Return what ``read_source`` does, or Unreadable with ``is_killed`` when the worker hung or crashed.

        Give ``feed`` for a source that may be a listing or a sitemap: it holds the kind and the selectors.
        """
        process = await self._idle.get()
        is_waiting, timer = False, None
        try:
            process = process or await _start(self._timeout)
            notice = f"still reading after {_SLOW:g} s: {url} ({len(body):,} bytes)"
            timer = asyncio.get_running_loop().call_later(_SLOW, self._log, notice)
            async with asyncio.timeout(_PATIENCE * self._timeout):
                found = await _ask(process, (body, content_type, url, zone, now, feed))
            is_waiting = True
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError) as error:
            await _end(process)
            is_late = isinstance(error, TimeoutError) or (process is not None and process.returncode == -signal.SIGXCPU)
            process = None
            if is_late:
                return Unreadable(f"Reading it took over {self._timeout:g} seconds and was stopped.", is_killed=True)
            return Unreadable("Reading it crashed the reader.", is_killed=True)
        finally:
            if timer:
                timer.cancel()
            if not is_waiting:
                await _end(process)
            self._idle.put_nowait(process if is_waiting else None)
        return found


async def _start(seconds: float) -> Process:
    """Return a worker that is ready: what its start costs is no part of any feed's time."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _COMMAND, _ROOT, str(seconds), stdin=PIPE, stdout=PIPE, process_group=0
    )  # only the run handles Ctrl-C
    try:
        async with asyncio.timeout(_START_SECONDS):
            await _receive(process)
    except BaseException:
        await _end(process)
        raise
    return process


async def _ask(process: Process, request: tuple[object, ...]) -> ParsedFeed | Unreadable:
    data = pickle.dumps(request, protocol=5)
    assert process.stdin is not None  # noqa: S101 — it was opened as a pipe
    process.stdin.write(struct.pack("<I", len(data)))
    process.stdin.write(data)
    await process.stdin.drain()
    found = pickle.loads(await _receive(process))  # noqa: S301 — written by our own worker
    assert isinstance(found, ParsedFeed | Unreadable)  # noqa: S101
    return found


async def _receive(process: Process) -> bytes:
    assert process.stdout is not None  # noqa: S101
    (length,) = struct.unpack("<I", await process.stdout.readexactly(4))
    return await process.stdout.readexactly(length)


async def _end(process: Process | None) -> None:
    """Kill a worker, unless it has ended by itself, and wait until it is gone."""
    if process is None:
        return
    assert process.stdout is not None  # noqa: S101
    if not process.stdout.at_eof():  # after it killing would reap the worker, and its exit status be lost
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    # What it had still to say is read and dropped: an unread pipe would keep wait() from returning.
    await process.communicate()
