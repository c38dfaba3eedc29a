"""Extract many pages in worker processes that can be killed, so that a page that hangs or exhausts
memory affects no other.
"""

from __future__ import annotations

import contextlib
import gc
import math
import multiprocessing
import resource
import signal
import time
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tidings.base.cpu_watch import CpuWatch
from tidings.extraction.article import clean
from tidings.extraction.language import language_of
from tidings.extraction.records import Unclean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection

    from tidings.extraction.records import Cleaned, Page

# CPU seconds per page: the slowest of 636 labelled pages took 0.5.
CPU_SECONDS = 10.0
# Memory per page in addition to a worker's libraries: the largest labelled page, 2.2 MB, took 60.
MEMORY_MB = 256
# bytes: pages of this size are cleaned one at a time, because each may use all its memory
_LARGE = 1_000_000
# factor from the CPU limit to the seconds after which a page without CPU use is stalled
_PATIENCE = 12
# minimum seconds that a page counts: the CPU clock of some systems advances in steps of ten
# milliseconds
_MIN_SECONDS = 0.001
_SLOW = 10.0  # seconds after which the log names a page
_STARTING = 300.0  # seconds in which a worker must have imported its libraries
# Allocations between garbage collections in a worker: frequent collections take a tenth of the
# time. A worker uses 70 MB more.
ALLOCATIONS = 200_000
_WINDOW = 8  # pages per worker that may be finished before an earlier one


@dataclass(slots=True)
class _Worker:
    """A process with a pipe.

    ``number`` is the current page, ``deadline`` the time at which the process is killed if it does
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


class Result(NamedTuple):
    """The cleaning result of a page, and the CPU seconds that it took."""

    found: Cleaned | Unclean
    seconds: float


def clean_batch(
    pages: Iterable[Page],
    workers: int,
    cpu_seconds: float = CPU_SECONDS,
    memory_mb: int = MEMORY_MB,
    log: Callable[[str], None] = lambda _text: None,
) -> Iterator[tuple[Page, Result]]:
    """Yield each page, without its body, with its result, in input order; workers take pages as
    they become free.

    ``cpu_seconds`` is the CPU limit of a page, ``memory_mb`` the memory limit of a worker in
    addition to its libraries. A page that exceeds a limit or kills its worker yields Unclean
    timed_out, out_of_memory or worker_died, and the batch continues. A page whose worker uses
    almost no CPU for twelve times the CPU limit is stalled. ``log`` receives a line for each page
    that takes longer than ten seconds. Workers start with spawn, so a process with threads may call
    this; they end with the generator. Raises OSError with the worker's error if a worker ends
    before its first page, as on a full disk.
    """
    source = enumerate(pages)
    pending: dict[int, Page] = {}  # without their bodies, which may have 20 MB each
    done: dict[int, Result] = {}
    staff: list[_Worker] = []
    following, is_over = 0, False
    waiting: tuple[int, Page] | None = None  # a large page
    try:
        while True:
            while (
                not is_over
                and len(pending) < max(1, workers) * _WINDOW
                and (worker := _idle(staff, workers, memory_mb))
            ):
                number, page = waiting or next(source, (None, None))
                waiting = None
                if number is None or page is None:
                    is_over = True
                    continue
                if len(page.body) >= _LARGE and any(
                    other.is_large for other in staff if other.number is not None
                ):
                    waiting = number, page
                    break
                pending[number] = replace(page, body=b"", document=None)
                # the worker ended while it was idle
                while not _give(worker, number, page, cpu_seconds):
                    _dismiss(staff, worker)
                    worker = _idle(staff, workers, memory_mb) or worker
                del page
            while following in done:
                yield pending.pop(following), done.pop(following)
                following += 1
            if is_over and not pending:
                return
            done |= _collect(staff, cpu_seconds, log)
    finally:
        for worker in staff:
            _end(worker)


def _idle(staff: list[_Worker], workers: int, memory_mb: int) -> _Worker | None:
    """Return a worker without a page, a new one while there are too few, or None."""
    idle_worker = next((worker for worker in staff if worker.number is None), None)
    if idle_worker is None and len(staff) < max(1, workers):
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, memory_mb), daemon=True)
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


def _give(worker: _Worker, number: int, page: Page, cpu_seconds: float) -> bool:
    """Return whether the worker could be given the page."""
    try:
        worker.pipe.send((page, cpu_seconds))
    except (BrokenPipeError, ConnectionResetError):
        if not worker.is_ready:
            raise _not_begun(worker) from None
        return False
    worker.number, worker.is_large = number, len(page.body) >= _LARGE
    worker.notice = f"still cleaning after {_SLOW:g} s: {page.url} ({len(page.body):,} bytes)"
    _begin(worker, cpu_seconds)
    return True


def _begin(worker: _Worker, cpu_seconds: float) -> None:
    now = time.monotonic()
    worker.watch = CpuWatch(worker.process.pid, cpu_seconds)
    worker.deadline = now + (cpu_seconds * _PATIENCE if worker.is_ready else _STARTING)
    worker.notice_at = now + _SLOW if worker.is_ready else math.inf


def _collect(
    staff: list[_Worker], cpu_seconds: float, log: Callable[[str], None]
) -> dict[int, Result]:
    """Wait for the next result or deadline, return the results by page number, and dismiss workers
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
                raise _not_begun(worker) from None
            worker.process.join(_STARTING)  # the exit status may follow late on a busy machine
            _dismiss(staff, worker)
            results[worker.number or 0] = _died(worker.process.exitcode, cpu_seconds)
            continue
        if isinstance(message, str):
            raise _not_begun(worker, message)
        if message is None:
            worker.is_ready = True
            _begin(worker, cpu_seconds)
        else:
            results[worker.number or 0] = message
            worker.number = None
            if isinstance(message.found, Unclean) and message.found.outcome == "out_of_memory":
                _dismiss(staff, worker)  # so that the next page starts with free memory
    return results | _end_late(staff, cpu_seconds, log)


def _end_late(
    staff: list[_Worker], cpu_seconds: float, log: Callable[[str], None]
) -> dict[int, Result]:
    """Log the pages that take long, end the workers past their deadline, and return the results of
    their pages.

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
            raise _not_begun(worker, f"it was not ready after {_STARTING:g} seconds")
        if worker.watch.is_working():
            worker.deadline = now + cpu_seconds * _PATIENCE
            continue
        if worker.watch.is_over_limit():
            results[worker.number or 0] = _died(-signal.SIGXCPU, cpu_seconds)
        else:
            reason = f"Extraction used almost no CPU for {cpu_seconds * _PATIENCE:g} s."
            results[worker.number or 0] = Result(Unclean("stalled", reason), cpu_seconds)
        _dismiss(staff, worker)
    return results


def _died(code: int | None, cpu_seconds: float) -> Result:
    """Return the result of a page whose worker ended."""
    found = Unclean("worker_died", f"The worker process ended (exit status {code}) on this page.")
    if code == -signal.SIGXCPU:
        found = Unclean("timed_out", f"Extraction used more than {cpu_seconds:g} seconds of CPU.")
    return Result(found, cpu_seconds)


def _not_begun(worker: _Worker, why: str = "") -> OSError:
    worker.process.join(5)
    return OSError(
        f"A worker process for extraction could not start:"
        f" {why or f'exit status {worker.process.exitcode}'}"
    )


def _dismiss(staff: list[_Worker], worker: _Worker) -> None:
    staff.remove(worker)
    _end(worker)


def _end(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join(5)
    worker.pipe.close()


def _work(pipe: Connection, memory_mb: int) -> None:
    """Send a result for each page until the pipe closes; the memory limit is added to the memory of
    the libraries.
    """
    gc.set_threshold(ALLOCATIONS)
    try:
        language_of("Load the language model now, so that no page's time and memory includes it.")
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
            page, cpu_seconds = pipe.recv()
            _allow(began + cpu_seconds)
            result = clean(page)
        except EOFError:
            return
        except MemoryError:
            result = Unclean("out_of_memory", "The page alone exceeds a worker's memory limit.")
        page = None
        pipe.send(Result(result, max(_MIN_SECONDS, time.process_time() - began)))


def _allow(seconds: float) -> None:
    """Make the system end this process with SIGXCPU after these CPU seconds, because C code runs no
    Python signal handler.
    """
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(
            resource.RLIMIT_CPU, (math.ceil(seconds), resource.getrlimit(resource.RLIMIT_CPU)[1])
        )
