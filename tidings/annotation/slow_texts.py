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


_readings: list[_Reading] = []  # empty, or the text that is read


@contextlib.contextmanager
def reading(function: str, text: str) -> Iterator[None]:
    """Record that a function reads a text while the block runs."""
    _readings.append(_Reading(function, text, time.monotonic()))
    try:
        yield
    finally:
        _readings.pop()


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
    reported = None
    while not over.wait(seconds / 5):
        entry = next(iter(_readings), None)
        if entry is None or entry is reported or time.monotonic() - entry.began < seconds:
            continue
        reported = entry
        words = " ".join(
            "".join(char if char.isprintable() else " " for char in entry.text[:_SHOWN]).split()
        )
        log(
            f"{entry.function}: still processing a text after {seconds:g} s,"
            f" {len(entry.text):,} characters, “{words}…”"
        )
