"""Reports a text on which a function takes long, while the function still reads it."""

from __future__ import annotations

import contextlib
import contextvars
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLOW = 10.0
"""Minimum seconds for which reading a text is reported. An article of usual length takes
milliseconds.
"""
_SHOWN = 80  # characters of a text in a log line


class _Reading(NamedTuple):
    function: str
    text: str
    began: float


_readings: dict[int, _Reading] = {}  # by thread, because DuckDB calls a function in several threads


@contextlib.contextmanager
def reading(function: str, text: str) -> Iterator[None]:
    """Record that a function reads a text while the block runs."""
    thread = threading.get_ident()
    _readings[thread] = _Reading(function, text, time.monotonic())
    try:
        yield
    finally:
        _readings.pop(thread, None)


@contextlib.contextmanager
def report_slow_texts(log: Callable[[str], None], seconds: float = SLOW) -> Iterator[None]:
    """Report each text that a function has read for more than ``seconds`` once, for as long as the
    block runs.

    ``log`` is called in a thread of its own with the context of the caller, so that its lines reach
    the caller's flow run.
    """
    over = threading.Event()
    context = contextvars.copy_context()
    watch = threading.Thread(
        target=context.run, args=(_watch, log, seconds, over), name="slow texts", daemon=True
    )
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()


def _watch(log: Callable[[str], None], seconds: float, over: threading.Event) -> None:
    warned_readings: set[_Reading] = set()
    while not over.wait(seconds / 5):
        slow = {
            entry
            for entry in tuple(_readings.values())
            if time.monotonic() - entry.began >= seconds
        }
        for entry in slow - warned_readings:
            words = " ".join(
                "".join(char if char.isprintable() else " " for char in entry.text[:_SHOWN]).split()
            )
            log(
                f"{entry.function}: still processing a text after {seconds:g} s,"
                f" {len(entry.text):,} characters, “{words}…”"
            )
        warned_readings = slow
