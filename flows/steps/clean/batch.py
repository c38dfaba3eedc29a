"""Many pages at once, in worker processes that can be killed: one page that hangs or eats memory costs only itself."""

from __future__ import annotations

import gc
import multiprocessing
import resource
import signal
import time
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.steps.clean.article import clean
from flows.steps.clean.language import language_of
from flows.steps.clean.records import Unclean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.connection import Connection

    from flows.steps.clean.records import Cleaned, Page

_STARTING = 300.0  # seconds in which a worker must have imported its libraries
# Between collections in a worker: a page's soup is thrown away whole, and looking for more of it costs a tenth of the time. A
# worker grows by 70 MB for it.
ALLOCATIONS = 200_000
_WINDOW = 8  # pages a worker that may be finished ahead of an earlier one


@dataclass(slots=True)
class _Worker:
    """A process with a pipe; ``number`` is the page it works on, ``deadline`` when it is killed for it."""

    process: Any
    pipe: Connection
    is_ready: bool = False
    number: int | None = None
    deadline: float = field(default=0.0)


def clean_batch(
    pages: Iterable[Page], workers: int, timeout: float = 20, memory_mb: int = 1024
) -> Iterator[tuple[Page, Cleaned | Unclean]]:
    """Yield each page with what cleaning made of it, in the order of the input; pages are drawn as workers become free.

    ``timeout`` is in seconds a page, ``memory_mb`` what a worker may have above its libraries. A page that exceeds them, or
    kills its worker, comes back as Unclean timed_out, out_of_memory or worker_died, and the batch goes on. Workers are
    started with spawn, so a process with threads may call this; they end when the generator does. A worker that ends before it
    has begun is no page's fault: raises OSError with its own words, as on a full disk.
    """
    source = enumerate(pages)
    taken: dict[int, Page] = {}
    done: dict[int, Cleaned | Unclean] = {}
    staff: list[_Worker] = []
    following, is_over = 0, False
    try:
        while True:
            while not is_over and len(taken) < max(1, workers) * _WINDOW and (worker := _idle(staff, workers, memory_mb)):
                number, page = next(source, (None, None))
                if number is None or page is None:
                    is_over = True
                    continue
                taken[number] = page
                while not _give(worker, number, page, timeout):  # it was ended while it had nothing to do
                    _dismiss(staff, worker)
                    worker = _idle(staff, workers, memory_mb) or worker
            while following in done:
                yield taken.pop(following), done.pop(following)
                following += 1
            if is_over and not taken:
                return
            done |= _collect(staff, timeout)
    finally:
        for worker in staff:
            _end(worker)


def _idle(staff: list[_Worker], workers: int, memory_mb: int) -> _Worker | None:
    """Return a worker without a page, a new one while there are too few, or None."""
    found = next((worker for worker in staff if worker.number is None), None)
    if found is None and len(staff) < max(1, workers):
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, memory_mb), daemon=True)
        process.start()
        theirs.close()
        found = _Worker(process, ours)
        staff.append(found)
    return found


def _give(worker: _Worker, number: int, page: Page, timeout: float) -> bool:
    """Return whether the worker could be given the page."""
    try:
        worker.pipe.send(page)
    except (BrokenPipeError, ConnectionResetError):
        if not worker.is_ready:
            raise _not_begun(worker) from None
        return False
    worker.number = number
    worker.deadline = time.monotonic() + (timeout if worker.is_ready else _STARTING)
    return True


def _collect(staff: list[_Worker], timeout: float) -> dict[int, Cleaned | Unclean]:
    """Wait for the next answers or deadlines; return what became of pages, and put the dead and the late out of the staff."""
    busy = {worker.pipe: worker for worker in staff if worker.number is not None}
    patience = min((worker.deadline for worker in busy.values()), default=0.0) - time.monotonic()
    results: dict[int, Cleaned | Unclean] = {}
    for pipe in wait(list(busy), timeout=max(0.0, patience)):
        worker = busy[pipe]  # type: ignore[index] # wait gives back what it was given
        try:
            answer = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            if not worker.is_ready:
                raise _not_begun(worker) from None
            _dismiss(staff, worker)
            results[worker.number or 0] = Unclean(
                "worker_died", f"The worker ended (exit status {worker.process.exitcode}) on this page."
            )
            continue
        if isinstance(answer, str):
            raise _not_begun(worker, answer)
        if answer is None:
            worker.is_ready, worker.deadline = True, time.monotonic() + timeout
        else:
            results[worker.number or 0] = answer
            worker.number = None
    for worker in [worker for worker in staff if worker.number is not None and worker.deadline <= time.monotonic()]:
        if not worker.is_ready:
            raise _not_begun(worker, f"{_STARTING:g} seconds were not enough")
        results[worker.number or 0] = Unclean("timed_out", f"Cleaning took longer than {timeout:g} seconds.")
        _dismiss(staff, worker)
    return results


def _not_begun(worker: _Worker, why: str = "") -> OSError:
    worker.process.join(5)
    return OSError(f"The process that cleans could not begin: {why or f'exit status {worker.process.exitcode}'}")


def _dismiss(staff: list[_Worker], worker: _Worker) -> None:
    staff.remove(worker)
    _end(worker)


def _end(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join(5)
    worker.pipe.close()


def _work(pipe: Connection, memory_mb: int) -> None:
    """Answer pages until the pipe closes; the memory allowed counts from what the libraries already take."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(ALLOCATIONS)
    try:
        language_of("Loads the language model now, outside of any page's time and memory.")
    except Exception as error:  # noqa: BLE001 - whatever it was, the run is to say it
        pipe.send(str(error) or type(error).__name__)
        return
    statm = Path("/proc/self/statm")
    if statm.exists():
        held = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + memory_mb * 2**20, resource.RLIM_INFINITY))
    pipe.send(None)
    while True:
        try:
            page = pipe.recv()
        except EOFError:
            return
        except MemoryError:
            pipe.send(Unclean("out_of_memory", "The page's bytes alone exceed the memory that a worker may have."))
            continue
        pipe.send(clean(page))
