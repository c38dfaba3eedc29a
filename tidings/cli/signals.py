"""Handle Ctrl-C and SIGTERM: a command stops within seconds, and the next run completes the
work.
"""

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

SENTENCE = "Stopped. Run the command again to finish."
STATUS = 128  # plus the signal number, as in a shell
INTERRUPTED = STATUS + signal.SIGINT

_received: list[int] = []
_watched: list[int] = []
# seconds: enough to finish a query in C code, a batch that is being stored, and Prefect's last
# requests
_patience = [3.5]


def watch() -> None:
    """Treat SIGTERM like Ctrl-C, and end this process some seconds after a signal even if its main
    thread is blocked, also after ``unwatch``.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    if _watched:
        signal.set_wakeup_fd(_watched[0], warn_on_full_buffer=False)
        return
    reading, writing = os.pipe()
    _watched.append(writing)
    os.set_blocking(writing, False)
    signal.signal(signal.SIGTERM, _as_interrupt)
    # The interpreter writes the signal number to the pipe immediately, even while the main thread
    # runs C code.
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_end_late, args=(reading,), daemon=True).start()
    sys.unraisablehook = _report_lost


def unwatch() -> None:
    """Stop watching for signals, so that the command handles them itself."""
    signal.set_wakeup_fd(-1)


def extend(seconds: float) -> None:
    """Give the command, which handles signals itself, more seconds to end after a signal."""
    _patience[0] = seconds


def is_stopping() -> bool:
    """Return whether this process has received a signal, which explains all later failures."""
    return bool(_received)


def end() -> NoReturn:
    """Print SENTENCE, and end this process and its children."""
    number = _received[0] if _received else signal.SIGINT
    with contextlib.suppress(OSError, ValueError):
        print(SENTENCE, file=sys.stderr, flush=True)
    leave(STATUS + number)


def leave(status: int) -> NoReturn:
    """End this process and its children without the interpreter's own end, which aborts if a thread
    is in DuckDB's code.
    """
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    for worker in multiprocessing.active_children():
        worker.kill()
    multiprocessing.util._exit_function()  # type: ignore[attr-defined] # noqa: SLF001 - else Python warns about leaked semaphores
    for child in _children():
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM)
    os._exit(status)


def _as_interrupt(number: int, frame: object) -> None:
    _received.append(number)
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):  # a shell's background job ignores SIGINT
        raise KeyboardInterrupt
    handler(number, frame)  # type: ignore[arg-type] # handlers receive a frame


def _report_lost(lost: sys.UnraisableHookArgs) -> None:
    """Report an exception that Python cannot raise, except an interrupt: the process ends late."""
    if not issubclass(lost.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(lost)


def _end_late(reading: int) -> None:
    while not _received:
        _received.extend(
            number for number in os.read(reading, 64) if number in {signal.SIGINT, signal.SIGTERM}
        )
    time.sleep(_patience[0])
    end()


def _children() -> list[int]:
    """Return the IDs of this process's children; empty if the system does not list them."""
    with contextlib.suppress(OSError):
        lists = [path.read_text() for path in Path("/proc/self/task").glob("*/children")]
        return [int(child) for child in " ".join(lists).split()]
    return []
