"""Apply a function to texts of strangers in worker processes that can be killed."""

from __future__ import annotations

import contextlib
import gc
import math
import multiprocessing
import resource
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection  # loads the libraries of archives

T = TypeVar("T")
R = TypeVar("R")
# characters or bytes from which items are processed one at a time: each may use all its memory
_LARGE = 1_000_000
# factor from the CPU limit to the seconds after which an idle item is stalled
_PATIENCE = 12
# minimum seconds that an item counts: some CPU clocks advance in steps of ten milliseconds
_MIN_SECONDS = 0.001
_MIN_SHARE = 0.1  # of the CPU limit, which a working process uses between two checks
_CPU_CLOCK = 2  # Linux: clock of the CPU time of a process, as in clock_getcpuclockid(3)
_SLOW = 10.0  # seconds after which the log names an item
_STARTING = 300.0  # seconds in which a worker must have imported its libraries
# between garbage collections, which otherwise take a tenth of the time; it costs 70 MB
ALLOCATIONS = 200_000
_WINDOW = 8  # items per worker that may be finished before an earlier one
# a process that starts waits for all children, and would take the exit status of another
_CHILDREN = threading.Lock()


@dataclass(frozen=True, slots=True)
class Work(Generic[T, R]):
    """A function over items, with its limits.

    ``start``, which must be picklable, returns it in each worker. ``noun`` and ``doing`` name the
    work in messages, ``name_of`` an item. An item may use ``cpu_seconds``, a worker ``memory_mb``
    more than after ``start``.
    """

    start: Callable[[], Callable[[T], R]]
    noun: str
    doing: str
    name_of: Callable[[T], str]
    size_of: Callable[[T], int]
    cpu_seconds: float
    memory_mb: int


class Failure(NamedTuple):
    """An item without a result: a named outcome, and the reason as a sentence."""

    outcome: str
    reason: str


class Result(NamedTuple):
    """The result of an item, or its failure, and the CPU seconds that it took."""

    found: Any
    seconds: float


@contextlib.contextmanager
def without_interrupts() -> Iterator[None]:
    """Start processes that ignore Ctrl-C, which a terminal sends to all processes."""
    # else the start of the process starts it, and thereby receives signals again
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class GuardedPool(Generic[T, R]):
    """``workers`` processes, which start when they are needed. An item that ends its process has a
    Failure. ``log`` receives a line for each item that takes longer than ten seconds.
    """

    def __init__(self, work: Work[T, R], workers: int, log: Callable[[str], None]) -> None:
        self.size = max(1, workers)
        self._work = work
        self._staff = [GuardedProcess(work, log) for _ in range(self.size)]
        self._idle, self._large = deque(self._staff), threading.Lock()
        self._threads = ThreadPoolExecutor(self.size)

    def submit(self, item: T) -> Future[Result]:
        """Return the future result of an item, or an OSError if a process cannot start."""
        # with the context of Prefect's run, which the log needs
        return self._threads.submit(copy_context().run, self._apply, item)

    def _apply(self, item: T) -> Result:
        process = self._idle.pop()
        try:
            is_large = self._work.size_of(item) >= _LARGE
            with self._large if is_large else contextlib.nullcontext():
                return process.apply(item)
        finally:
            self._idle.append(process)

    def close(self) -> None:
        """Kill the processes."""
        for process in self._staff:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._staff:
            process.close()


def apply_guarded(
    items: Iterable[T], work: Work[T, R], workers: int, log: Callable[[str], None]
) -> Iterator[Result]:
    """Yield the result of each item in order. Raises OSError if a process cannot start."""
    pool = GuardedPool(work, workers, log)
    waiting = map(pool.submit, items)
    results: deque[Future[Result]] = deque()
    try:
        while True:
            busy = [result for result in results if not result.done()]
            has_place = len(busy) < pool.size and len(results) < pool.size * _WINDOW
            if has_place and (begun := next(waiting, None)):
                results.append(begun)
            elif results:
                wait(busy, return_when=FIRST_COMPLETED)
                while results and results[0].done():
                    yield results.popleft().result()
            else:
                return
    finally:
        pool.close()


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds that a child process has used; 0 if they are unknown."""
    try:
        return time.clock_gettime((~pid << 3) | _CPU_CLOCK)
    except OSError:
        return 0.0


class CpuWatch:
    """The CPU use of a worker process for one item, which may use ``limit`` seconds."""

    def __init__(self, pid: int, limit: float) -> None:
        self._pid, self._limit = pid, limit
        self._begun = self._last = cpu_seconds(pid)

    def is_over_limit(self) -> bool:
        """Return whether the process used its limit; the system counts whole seconds."""
        return cpu_seconds(self._pid) - self._begun >= self._limit

    def is_working(self) -> bool:
        """Return whether the process used CPU since the last call, within its limit."""
        before, self._last = self._last, cpu_seconds(self._pid)
        return self._last - before >= _MIN_SHARE * self._limit and not self.is_over_limit()


class GuardedProcess(Generic[T, R]):
    """A process for the items of one thread. It starts with the first, and anew after a failure."""

    def __init__(self, work: Work[T, R], log: Callable[[str], None]) -> None:
        self._work, self._log = work, log
        self._process: Any = None
        self._pipe: Any = None
        self._is_killed = False

    def apply(self, item: T) -> Result:
        """Return the result of an item, or its Failure: timed_out, out_of_memory, worker_died, or
        stalled without CPU use for twelve times the CPU limit. Raises OSError with the process's
        error if it cannot start. It starts with spawn, so a process with threads may call this.
        """
        while True:
            if self._process is None:
                self._start()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._pipe.send((item, self._work.cpu_seconds))
                break
            self.close()  # the process had ended while it was idle
        result = self._receive(self._work.name_of(item))
        if isinstance(result.found, Failure):
            self.close()  # so that the next item starts with free memory
        return result

    def kill(self) -> None:
        """Kill the process for good, from another thread than that of ``apply``."""
        self._is_killed = True
        if process := self._process:
            process.kill()

    def close(self, seconds: float = 0.0) -> int | None:
        """End the process, unless it ends itself within some seconds; return its exit status."""
        if self._process is None:
            return None
        process, self._process = self._process, None
        process.join(seconds)
        process.kill()
        with _CHILDREN:
            process.join(5)
            code: int | None = process.exitcode
        self._pipe.close()
        return code

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        work = self._work
        arguments = theirs, work.start, work.memory_mb
        process = context.Process(target=_work, args=arguments, daemon=True)
        with _CHILDREN, without_interrupts():
            process.start()
        theirs.close()
        self._process = process
        if self._is_killed:
            process.kill()
        why: str | None = f"it was not ready after {_STARTING:g} seconds"
        try:
            if self._pipe.poll(_STARTING):
                why = self._pipe.recv()
        except (EOFError, ConnectionResetError):
            why = f"exit status {self.close(5)}"
        if why is not None:
            self.close()
            raise OSError(f"A worker process for {work.noun.lower()} could not start: {why}")

    def _receive(self, name: str) -> Result:
        work, watch = self._work, CpuWatch(self._process.pid, self._work.cpu_seconds)
        patience = work.cpu_seconds * _PATIENCE
        try:
            is_sent = self._pipe.poll(min(_SLOW, patience))
            if not is_sent and patience > _SLOW:
                self._log(f"still {work.doing} after {_SLOW:g} s: {name}")
                is_sent = self._pipe.poll(patience - _SLOW)
            # on a busy machine: the system ends the process at its CPU limit
            while not is_sent and watch.is_working():
                is_sent = self._pipe.poll(patience)
            if is_sent:
                result: Result = self._pipe.recv()
                return result
        except (EOFError, ConnectionResetError):
            # the exit status may follow late on a busy machine
            failure = self._died(self.close(_STARTING))
        else:
            failure = Failure("stalled", f"{work.noun} used almost no CPU for {patience:g} s.")
            if watch.is_over_limit():
                failure = self._died(-signal.SIGXCPU)
        return Result(failure, work.cpu_seconds)

    def _died(self, code: int | None) -> Failure:
        if code in {-signal.SIGXCPU, -signal.SIGALRM}:
            limit = f"{self._work.cpu_seconds:g} seconds of CPU"
            return Failure("timed_out", f"{self._work.noun} used more than {limit}.")
        reason = f"The worker process ended (exit status {code}) on this text."
        return Failure("worker_died", reason)


def _work(pipe: Connection, start: Callable[[], Callable[[Any], Any]], memory_mb: int) -> None:
    """Send a result for each item until the pipe closes."""
    gc.set_threshold(ALLOCATIONS)
    try:
        function = start()
    except Exception as error:  # noqa: BLE001 # the run reports any error
        pipe.send(str(error) or type(error).__name__)
        return
    statm = Path("/proc/self/statm")
    if statm.exists():
        used = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + memory_mb * 2**20, resource.RLIM_INFINITY))
    pipe.send(None)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        began = time.process_time()
        try:
            item, cpu_seconds = pipe.recv()
            _allow(began + cpu_seconds)
            result = function(item)
        except EOFError:
            return
        except MemoryError:
            result = Failure("out_of_memory", "The text alone exceeds a worker's memory limit.")
        item = None
        pipe.send(Result(result, max(_MIN_SECONDS, time.process_time() - began)))


def _allow(seconds: float) -> None:
    """Let the system end this process with SIGXCPU: C code runs no Python signal handler."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(
            resource.RLIMIT_CPU, (math.ceil(seconds), resource.getrlimit(resource.RLIMIT_CPU)[1])
        )
