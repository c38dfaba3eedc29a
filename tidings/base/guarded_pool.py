"""Apply a function to many texts of strangers in worker processes that can be killed, so that a
text that hangs or exhausts memory affects no other.
"""

from __future__ import annotations

import contextlib
import gc
import math
import multiprocessing
import resource
import signal
import time
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from tidings.base.cpu_watch import CpuWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection

T = TypeVar("T")
R = TypeVar("R")
# characters or bytes: items of this size are processed one at a time, because each may use all its
# memory
_LARGE = 1_000_000
# factor from the CPU limit to the seconds after which an item without CPU use is stalled
_PATIENCE = 12
# minimum seconds that an item counts: the CPU clock of some systems advances in steps of ten
# milliseconds
_MIN_SECONDS = 0.001
_SLOW = 10.0  # seconds after which the log names an item
_STARTING = 300.0  # seconds in which a worker must have imported its libraries
# Allocations between garbage collections in a worker: frequent collections take a tenth of the
# time. A worker uses 70 MB more.
ALLOCATIONS = 200_000
_WINDOW = 8  # items per worker that may be finished before an earlier one
_IDLE = -1  # number of the item of a worker without one


@dataclass(frozen=True, slots=True)
class Work(Generic[T, R]):
    """A function over items, with its limits.

    ``start`` is called once in each worker and returns the function; it must be picklable.
    ``noun`` and ``doing`` name the work in messages, ``name_of`` and ``size_of`` an item and its
    size.
    ``cpu_seconds`` is the CPU limit of an item, ``memory_mb`` the memory limit of a worker in
    addition to what it uses after ``start``.
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


@dataclass(slots=True)
class _Worker:
    """A process with a pipe.

    ``number`` is the current item, ``deadline`` the time at which the process is killed if it does
    not use CPU, ``watch`` its CPU use, and ``notice`` the log line that is due at ``notice_at``.
    """

    process: Any
    pipe: Connection
    is_ready: bool = False
    number: int = _IDLE
    is_large: bool = False
    deadline: float = field(default=0.0)
    watch: CpuWatch | None = None
    notice: str = ""
    notice_at: float = math.inf


def apply_guarded(
    items: Iterable[T], work: Work[T, R], workers: int, log: Callable[[str], None]
) -> Iterator[Result]:
    """Yield the result of each item, in input order; workers take items as they become free.

    An item that exceeds a limit or kills its worker yields a Failure timed_out, out_of_memory or
    worker_died, and the others continue. An item whose worker uses almost no CPU for twelve times
    the CPU limit is stalled. ``log`` receives a line for each item that takes longer than ten
    seconds. Workers start with spawn, so a process with threads may call this; they end with the
    generator. Raises OSError with the worker's error if a worker ends before its first item, as on
    a full disk.
    """
    pool = _Pool(enumerate(items), work, max(1, workers), log)
    following = 0
    try:
        while pool.fill(following):
            pool.collect()
            while following in pool.done:
                yield pool.done.pop(following)
                following += 1
    finally:
        for worker in pool.staff:
            _end(worker)


@dataclass(slots=True)
class _Pool:
    """The workers of one call, with the numbered items that wait, and the results by number."""

    source: Iterator[tuple[int, Any]]
    work: Work[Any, Any]
    size: int
    log: Callable[[str], None]
    staff: list[_Worker] = field(default_factory=list)
    done: dict[int, Result] = field(default_factory=dict)
    drawn: int = 0  # items that workers got
    large: tuple[int, Any] | None = None  # a large item that waits for another one to finish
    is_over: bool = False

    @property
    def busy(self) -> list[_Worker]:
        return [worker for worker in self.staff if worker.number != _IDLE]

    def fill(self, finished: int) -> bool:
        """Give items to the free workers, and return whether any item is not finished."""
        while (
            not self.is_over
            and self.drawn - finished < self.size * _WINDOW
            and len(self.busy) < self.size
        ):
            drawn, self.large = self.large or next(self.source, None), None
            if drawn is None:
                self.is_over = True
            elif self._is_large(drawn[1]) and any(worker.is_large for worker in self.busy):
                self.large = drawn
                break
            else:
                self.drawn += 1
                while not self._give(*drawn):
                    pass  # the worker had ended while it was idle
            del drawn
        return self.drawn > finished

    def _is_large(self, item: Any) -> bool:
        return self.work.size_of(item) >= _LARGE

    def _give(self, number: int, item: Any) -> bool:
        """Return whether an idle or new worker could be given the item."""
        worker = next((worker for worker in self.staff if worker.number == _IDLE), None)
        worker = worker or self._start()
        try:
            worker.pipe.send((item, self.work.cpu_seconds))
        except (BrokenPipeError, ConnectionResetError):
            if not worker.is_ready:
                raise self._not_begun(worker) from None
            self._dismiss(worker)
            return False
        worker.number, worker.is_large = number, self._is_large(item)
        worker.notice = f"still {self.work.doing} after {_SLOW:g} s: {self.work.name_of(item)}"
        self._begin(worker)
        return True

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_work, args=(theirs, self.work.start, self.work.memory_mb), daemon=True
        )
        before = signal.pthread_sigmask(
            signal.SIG_BLOCK, {signal.SIGINT}
        )  # the worker inherits this: only the run handles Ctrl-C
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        self.staff.append(_Worker(process, ours))
        return self.staff[-1]

    def _begin(self, worker: _Worker) -> None:
        now = time.monotonic()
        worker.watch = CpuWatch(worker.process.pid, self.work.cpu_seconds)
        worker.deadline = now + (self._patience if worker.is_ready else _STARTING)
        worker.notice_at = now + _SLOW if worker.is_ready else math.inf

    @property
    def _patience(self) -> float:
        return self.work.cpu_seconds * _PATIENCE

    def collect(self) -> None:
        """Wait for the next result or deadline, store the results, and dismiss workers that ended
        or are late.
        """
        busy = {worker.pipe: worker for worker in self.busy}
        due = min((min(worker.deadline, worker.notice_at) for worker in busy.values()), default=0.0)
        for pipe in wait(list(busy), timeout=max(0.0, due - time.monotonic())):
            worker = busy[pipe]  # type: ignore[index] # wait returns pipes from its argument
            try:
                message = worker.pipe.recv()
            except (EOFError, ConnectionResetError):
                if not worker.is_ready:
                    raise self._not_begun(worker) from None
                worker.process.join(_STARTING)  # the exit status may follow late on a busy machine
                self._dismiss(worker, self._died(worker.process.exitcode))
                continue
            if isinstance(message, str):
                raise self._not_begun(worker, message)
            if message is None:
                worker.is_ready = True
                self._begin(worker)
                continue
            self.done[worker.number] = message
            worker.number = _IDLE
            if isinstance(message.found, Failure) and message.found.outcome == "out_of_memory":
                self._dismiss(worker)  # so that the next item starts with free memory
        self._end_late()

    def _end_late(self) -> None:
        """Log the items that take long, and end the workers past their deadline.

        A worker that still uses CPU has another deadline: the system ends it at its CPU limit.
        """
        now = time.monotonic()
        for worker in self.busy:
            if worker.notice_at <= now:
                self.log(worker.notice)
                worker.notice_at = math.inf
            if worker.deadline > now or not worker.watch:
                continue
            if not worker.is_ready:
                raise self._not_begun(worker, f"it was not ready after {_STARTING:g} seconds")
            if worker.watch.is_working():
                worker.deadline = now + self._patience
            elif worker.watch.is_over_limit():
                self._dismiss(worker, self._died(-signal.SIGXCPU))
            else:
                reason = f"{self.work.noun} used almost no CPU for {self._patience:g} s."
                self._dismiss(worker, Failure("stalled", reason))

    def _died(self, code: int | None) -> Failure:
        """Return the failure of an item whose worker ended."""
        if code == -signal.SIGXCPU:
            limit = f"{self.work.cpu_seconds:g} seconds of CPU"
            return Failure("timed_out", f"{self.work.noun} used more than {limit}.")
        reason = f"The worker process ended (exit status {code}) on this text."
        return Failure("worker_died", reason)

    def _not_begun(self, worker: _Worker, why: str = "") -> OSError:
        worker.process.join(5)
        why = why or f"exit status {worker.process.exitcode}"
        noun = self.work.noun.lower()
        return OSError(f"A worker process for {noun} could not start: {why}")

    def _dismiss(self, worker: _Worker, failure: Failure | None = None) -> None:
        """End a worker; its item has failed if ``failure`` is given."""
        if failure:
            self.done[worker.number] = Result(failure, self.work.cpu_seconds)
        self.staff.remove(worker)
        _end(worker)


def _end(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join(5)
    worker.pipe.close()


def _work(pipe: Connection, start: Callable[[], Callable[[Any], Any]], memory_mb: int) -> None:
    """Send a result for each item until the pipe closes; the memory limit is added to the memory of
    the libraries.
    """
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
    """Make the system end this process with SIGXCPU after these CPU seconds, because C code runs no
    Python signal handler.
    """
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(
            resource.RLIMIT_CPU, (math.ceil(seconds), resource.getrlimit(resource.RLIMIT_CPU)[1])
        )
