"""Ctrl-C and SIGTERM: a command's work unwinds, and what does not within seconds is left to the next run."""

from __future__ import annotations

import contextlib
import multiprocessing.util
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

SENTENCE = "Stopped; the next run finishes it."
PATIENCE = 3.5  # seconds for the work to unwind: a query in C, a batch that is being landed, Prefect's last words
STATUS = 128  # and the signal's number, as a shell has it
INTERRUPTED = STATUS + signal.SIGINT

_received: list[int] = []
_watched: list[int] = []


def watch() -> None:
    """Make SIGTERM end this process as Ctrl-C does, and both within PATIENCE and a moment, whatever its main thread does."""
    if _watched or threading.current_thread() is not threading.main_thread():
        return
    reading, writing = os.pipe()
    _watched.append(writing)
    os.set_blocking(writing, False)
    signal.signal(signal.SIGTERM, _as_interrupt)
    # The interpreter writes the signal's number there at once, also while the main thread is deep in C.
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_end_late, args=(reading,), daemon=True).start()


def unwatch() -> None:
    """Leave it to the command itself how it ends on a signal."""
    signal.set_wakeup_fd(-1)


def is_asked() -> bool:
    """Return whether a signal has asked this process to stop: what fails from then on fails for that."""
    return bool(_received)


def end() -> NoReturn:
    """Say that the work was stopped and end the process, with what it started."""
    number = _received[0] if _received else signal.SIGINT
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        print(SENTENCE, file=sys.stderr, flush=True)
    for worker in multiprocessing.active_children():
        worker.kill()
    multiprocessing.util._exit_function()  # type: ignore[attr-defined] # noqa: SLF001 - else leaked semaphores are complained of
    for child in _children():
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM)
    os._exit(STATUS + number)


def _as_interrupt(number: int, frame: object) -> None:
    _received.append(number)
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):  # a shell's background job has it ignored
        raise KeyboardInterrupt
    handler(number, frame)  # type: ignore[arg-type] # a frame is what handlers are given


def _end_late(reading: int) -> None:
    while not _received:
        _received.extend(number for number in os.read(reading, 64) if number in {signal.SIGINT, signal.SIGTERM})
    time.sleep(PATIENCE)
    end()


def _children() -> list[int]:
    """Return the processes that this one has started, where the system says which."""
    with contextlib.suppress(OSError):
        tasks = list(Path("/proc/self/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return []
