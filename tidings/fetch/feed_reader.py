"""Read feeds in worker processes, so that a feed which hangs or crashes the parser affects no other
feed.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import math
import pickle
import resource
import signal
import struct
import sys
from asyncio.subprocess import PIPE, Process
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from tidings.base.guarded_pool import CpuWatch
from tidings.fetch.feed.entry import ParsedFeed, Unreadable
from tidings.fetch.feed.read import read_feed
from tidings.fetch.sources import open_source
from tidings.paths import PACKAGE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Coroutine

    from tidings.base.records import Feed


_MAX_MEMORY = 2 * 1024**3
# The path is an argument, so that a worker loads this code whatever the current folder is.
_ROOT = str(PACKAGE.parent)
_COMMAND = (
    "import sys; sys.path.insert(0, sys.argv[1]); from tidings.fetch.feed_reader import"
    " serve; serve(float(sys.argv[2]))"
)
_SLOW = 10.0  # seconds after which the log names a feed
_START_SECONDS = 300.0  # one second on an idle machine
# factor from the CPU limit to the seconds after which a worker that uses no CPU is killed
_PATIENCE = 12


def serve(seconds: float) -> None:
    """Run a worker process: read requests from standard input and write results to standard output,
    until the input ends.

    A request or result is a length of four bytes and a pickle. Each request may use ``seconds`` of
    CPU time.
    """
    with contextlib.suppress(ValueError, OSError):  # some systems allow no limit
        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    requests, results = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a print must not end up among the results
    gc.freeze()
    _send(results, b"ready")
    while True:
        head = requests.read(4)
        if len(head) < 4:
            return
        body = requests.read(struct.unpack("<I", head)[0])
        _allow(seconds)
        request = pickle.loads(body)  # noqa: S301 - the main process wrote it
        try:
            function, *arguments = request
            result: object = function(*arguments)
        except (RecursionError, MemoryError) as error:
            name = type(error).__name__
            result = Unreadable(f"Reading the feed needed too much memory or nesting: {name}.")
        except Exception as error:  # noqa: BLE001 - a bug that one feed triggers must not affect the next feed; the reason names it
            result = Unreadable(f"The parser failed: {type(error).__name__}: {error}"[:300])
        _send(results, pickle.dumps(result, protocol=5))


def _allow(seconds: float) -> None:
    """Limit the CPU time of the next request. The system ends the process with SIGXCPU, which also
    stops C code.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(
            resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime + seconds), hard)
        )


def _send(results: BinaryIO, data: bytes) -> None:
    results.write(struct.pack("<I", len(data)))
    results.write(data)
    results.flush()


class FeedReader:
    """Reads feeds in ``workers`` processes. A worker is killed and replaced if a feed takes over
    ``timeout`` seconds of CPU.

    The limit is in CPU time, because a busy machine may read a valid feed slowly. A worker that
    uses almost no CPU for twelve times as long is killed. ``log`` receives a line for each feed
    that takes over ten seconds. Use the reader as an asynchronous context manager: workers start
    when they are first needed, and end with it.

        async with FeedReader(workers=2, timeout=5.0) as reader:
            parsed = await reader.read(response.body, response.content_type, response.final_url,
            "Asia/Shanghai", now, feed)
    """

    def __init__(
        self,
        workers: int = 2,
        timeout: float = 5.0,
        log: Callable[[str], None] = lambda _text: None,
    ) -> None:
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

    async def read(  # noqa: PLR0917 - the arguments of Source.read
        self,
        body: bytes,
        content_type: str | None,
        url: str,
        zone: str,
        now: dt.datetime,
        feed: Feed | None = None,
    ) -> ParsedFeed | Unreadable:
        """Return the feed in a response body, or Unreadable; ``is_killed`` is True if the worker
        was stopped or crashed.

        ``feed`` selects the reader for its kind. None: the body is read as a feed.
        """
        parsed = await self.run(_read_source, body, content_type, url, zone, now, feed)
        assert isinstance(parsed, ParsedFeed | Unreadable)  # noqa: S101
        return parsed

    async def run(
        self,
        function: Callable[..., Any],
        body: bytes,
        content_type: str | None,
        url: str,
        *others: object,
    ) -> Any:
        """Return the result of a function of a module for a response body, as ``read`` does, or
        Unreadable.
        """
        process = await self._idle.get()
        is_reusable, timer = False, None
        try:
            process = process or await _start(self._timeout)
            notice = f"still reading after {_SLOW:g} s: {url} ({len(body):,} bytes)"
            timer = asyncio.get_running_loop().call_later(_SLOW, self._log, notice)
            result = await self._wait(
                process, _request(process, (function, body, content_type, url, *others))
            )
            is_reusable = True
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError) as error:
            await _end(process)
            is_late = isinstance(error, TimeoutError) or (
                process is not None and process.returncode == -signal.SIGXCPU
            )
            process = None
            if is_late:
                return Unreadable(
                    f"Reading the feed took over {self._timeout:g} seconds and was stopped.",
                    is_killed=True,
                )
            return Unreadable("Reading the feed crashed the worker.", is_killed=True)
        finally:
            if timer:
                timer.cancel()
            if not is_reusable:
                await _end(process)
            self._idle.put_nowait(process if is_reusable else None)
        return result

    async def _wait(self, process: Process, request: Coroutine[Any, Any, object]) -> object:
        """Return the result of a request. Raises TimeoutError if its worker uses almost no CPU for
        a while.
        """
        task, watch = asyncio.create_task(request), CpuWatch(process.pid, self._timeout)
        try:
            while not (await asyncio.wait({task}, timeout=_PATIENCE * self._timeout))[0]:
                if not watch.is_working():
                    raise TimeoutError
            return task.result()
        finally:
            task.cancel()
            # the worker's pipe has one reader at a time
            await asyncio.gather(task, return_exceptions=True)


def _read_source(  # noqa: PLR0917 - the arguments of FeedReader.read
    body: bytes, content_type: str | None, url: str, zone: str, now: dt.datetime, feed: Feed | None
) -> ParsedFeed | Unreadable:
    if feed is None:
        return read_feed(body, content_type, url, zone, now)
    return open_source(feed).read(body, content_type, url, zone, now)


async def _start(seconds: float) -> Process:
    """Return a worker that is ready, so that its start does not count against a feed's limit."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _COMMAND,
        _ROOT,
        str(seconds),
        stdin=PIPE,
        stdout=PIPE,
        process_group=0,
    )  # its own group, so that only the main process handles Ctrl-C
    try:
        async with asyncio.timeout(_START_SECONDS):
            await _receive(process)
    except BaseException:
        await _end(process)
        raise
    return process


async def _request(process: Process, request: tuple[object, ...]) -> object:
    data = pickle.dumps(request, protocol=5)
    assert process.stdin is not None  # noqa: S101 - it was opened as a pipe
    process.stdin.write(struct.pack("<I", len(data)))
    process.stdin.write(data)
    await process.stdin.drain()
    return pickle.loads(await _receive(process))  # noqa: S301 - the worker wrote it


async def _receive(process: Process) -> bytes:
    assert process.stdout is not None  # noqa: S101
    (length,) = struct.unpack("<I", await process.stdout.readexactly(4))
    return await process.stdout.readexactly(length)


async def _end(process: Process | None) -> None:
    """Kill a worker if it is still running, and wait until it has ended."""
    if process is None:
        return
    assert process.stdout is not None  # noqa: S101
    if not process.stdout.at_eof():  # kill() would reap an ended worker and lose its exit status
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    # Read the rest of the output, because wait() does not return while the pipe is full.
    await process.communicate()
