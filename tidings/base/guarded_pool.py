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
    number: int | None = None
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
    source = enumerate(items)
    open_count = 0
    done: dict[int, Result] = {}
    staff: list[_Worker] = []
    following, is_over = 0, False
    waiting: tuple[int, T] | None = None  # a large item
    try:
        while True:
            while (
                not is_over
                and open_count < max(1, workers) * _WINDOW
                and (worker := _idle(staff, workers, work))
            ):
                drawn = waiting or next(source, None)
                waiting = None
                if drawn is None:
                    is_over = True
                    continue
                number, item = drawn
                if work.size_of(item) >= _LARGE and any(
                    other.is_large for other in staff if other.number is not None
                ):
                    waiting = drawn
                    break
                open_count += 1
                # the worker ended while it was idle
                while not _give(worker, number, item, work):
                    _dismiss(staff, worker)
                    worker = _idle(staff, workers, work) or worker
                del item, drawn
            while following in done:
                yield done.pop(following)
                open_count -= 1
                following += 1
            if is_over and not open_count:
                return
            done |= _collect(staff, work, log)
    finally:
        for worker in staff:
            _end(worker)


def _idle(staff: list[_Worker], workers: int, work: Work[Any, Any]) -> _Worker | None:
    """Return a worker without an item, a new one while there are too few, or None."""
    idle_worker = next((worker for worker in staff if worker.number is None), None)
    if idle_worker is None and len(staff) < max(1, workers):
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_work, args=(theirs, work.start, work.memory_mb), daemon=True
        )
        before = signal.pthread_sigmask(
            signal.SIG_BLOCK, {signal.SIGINT}
        )  # the worker inherits this: only the run handles Ctrl-C
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        idle_worker = _Worker(process, ours)
        staff.append(idle_worker)
    return idle_worker


def _give(worker: _Worker, number: int, item: T, work: Work[T, Any]) -> bool:
    """Return whether the worker could be given the item."""
    try:
        worker.pipe.send((item, work.cpu_seconds))
    except (BrokenPipeError, ConnectionResetError):
        if not worker.is_ready:
            raise _not_begun(worker, work.noun) from None
        return False
    worker.number, worker.is_large = number, work.size_of(item) >= _LARGE
    worker.notice = f"still {work.doing} after {_SLOW:g} s: {work.name_of(item)}"
    _begin(worker, work.cpu_seconds)
    return True


def _begin(worker: _Worker, cpu_seconds: float) -> None:
    now = time.monotonic()
    worker.watch = CpuWatch(worker.process.pid, cpu_seconds)
    worker.deadline = now + (cpu_seconds * _PATIENCE if worker.is_ready else _STARTING)
    worker.notice_at = now + _SLOW if worker.is_ready else math.inf


def _collect(
    staff: list[_Worker], work: Work[Any, Any], log: Callable[[str], None]
) -> dict[int, Result]:
    """Wait for the next result or deadline, return the results by item number, and dismiss workers
    that ended or are late.
    """
    busy = {worker.pipe: worker for worker in staff if worker.number is not None}
    patience = (
        min((min(worker.deadline, worker.notice_at) for worker in busy.values()), default=0.0)
        - time.monotonic()
    )
    results: dict[int, Result] = {}
    for pipe in wait(list(busy), timeout=max(0.0, patience)):
        worker = busy[pipe]  # type: ignore[index] # wait returns pipes from its argument
        try:
            message = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            if not worker.is_ready:
                raise _not_begun(worker, work.noun) from None
            worker.process.join(_STARTING)  # the exit status may follow late on a busy machine
            _dismiss(staff, worker)
            results[worker.number or 0] = _died(worker.process.exitcode, work)
            continue
        if isinstance(message, str):
            raise _not_begun(worker, work.noun, message)
        if message is None:
            worker.is_ready = True
            _begin(worker, work.cpu_seconds)
        else:
            results[worker.number or 0] = message
            worker.number = None
            if isinstance(message.found, Failure) and message.found.outcome == "out_of_memory":
                _dismiss(staff, worker)  # so that the next item starts with free memory
    return results | _end_late(staff, work, log)


def _end_late(
    staff: list[_Worker], work: Work[Any, Any], log: Callable[[str], None]
) -> dict[int, Result]:
    """Log the items that take long, end the workers past their deadline, and return the results of
    their items.

    A worker that still uses CPU has another deadline: the system ends it at its CPU limit.
    """
    results: dict[int, Result] = {}
    now = time.monotonic()
    for worker in [worker for worker in staff if worker.number is not None]:
        if worker.notice_at <= now:
            log(worker.notice)
            worker.notice_at = math.inf
        if worker.deadline > now or not worker.watch:
            continue
        if not worker.is_ready:
            raise _not_begun(worker, work.noun, f"it was not ready after {_STARTING:g} seconds")
        if worker.watch.is_working():
            worker.deadline = now + work.cpu_seconds * _PATIENCE
            continue
        if worker.watch.is_over_limit():
            results[worker.number or 0] = _died(-signal.SIGXCPU, work)
        else:
            reason = f"{work.noun} used almost no CPU for {work.cpu_seconds * _PATIENCE:g} s."
            results[worker.number or 0] = Result(Failure("stalled", reason), work.cpu_seconds)
        _dismiss(staff, worker)
    return results


def _died(code: int | None, work: Work[Any, Any]) -> Result:
    """Return the result of an item whose worker ended."""
    if code == -signal.SIGXCPU:
        reason = f"{work.noun} used more than {work.cpu_seconds:g} seconds of CPU."
        return Result(Failure("timed_out", reason), work.cpu_seconds)
    reason = f"The worker process ended (exit status {code}) on this text."
    return Result(Failure("worker_died", reason), work.cpu_seconds)


def _not_begun(worker: _Worker, noun: str, why: str = "") -> OSError:
    worker.process.join(5)
    why = why or f"exit status {worker.process.exitcode}"
    return OSError(f"A worker process for {noun.lower()} could not start: {why}")


def _dismiss(staff: list[_Worker], worker: _Worker) -> None:
    staff.remove(worker)
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
