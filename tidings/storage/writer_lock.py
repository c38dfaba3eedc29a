"""Let one process at a time write to a warehouse, and retry writes that conflict with another's."""

from __future__ import annotations

import contextlib
import functools
import random
import time
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

import duckdb

from tidings.storage.lake import LOCK_CHECKS, Lake, WarehouseError
from tidings.storage.locks import Locks

WRITER_LOCK, NIGHTLY_LOCK = "writer.lock", "nightly.lock"


class LockedError(WarehouseError):
    """Another process has the lock; the message names the process if it is known."""


class LockLostError(WarehouseError):
    """The process lost a lock before a commit, for instance with the session of the catalog's
    server.

    Nothing was committed, but another run may have written. All writes are idempotent, so the same
    work can be tried again.
    """


@contextlib.contextmanager
def writer_lock(
    lake: Lake,
    *,
    name: str = WRITER_LOCK,
    patience: float = 3600.0,
    log: Callable[[str], None] = lambda _text: None,
) -> Iterator[None]:
    """Hold the warehouse's writer lock, or another lock by name, for the duration of the block.

    A second process waits up to ``patience`` seconds and logs that it waits. Before each commit in
    the block, ``transaction`` checks that the lock is still in force. Raises LockedError after
    ``patience`` seconds, LockLostError instead of a commit, and WarehouseError if the folder is not
    writable.
    """
    with contextlib.ExitStack() as stack:
        try:
            locks = lake.locks()
            stack.enter_context(locks)
            if not locks.take(name):
                _wait(lake, locks, name, patience, log)
            if name != WRITER_LOCK:
                locks.sign(name)
        except OSError as error:
            raise WarehouseError(
                f"The warehouse in {lake.name} cannot be written: {error.strerror or error}."
            ) from error
        check = functools.partial(_check, lake, locks, name)
        LOCK_CHECKS.set((*LOCK_CHECKS.get(), check))
        try:
            yield
        finally:
            LOCK_CHECKS.set(tuple(other for other in LOCK_CHECKS.get() if other is not check))


def _check(lake: Lake, locks: Locks, name: str) -> None:
    """Raise LockLostError if a lock was lost. A lock of runs is taken again if it is free."""
    if locks.has(name):
        return
    with contextlib.suppress(OSError):
        if name != WRITER_LOCK and locks.take_again(name):
            locks.sign(name)
            return
    raise LockLostError(
        f"The lock of {lake.name} was lost, so another run may be writing to it. Run the command"
        f" again: it completes the work."
    )


def _wait(lake: Lake, locks: Locks, name: str, patience: float, log: Callable[[str], None]) -> None:
    deadline = time.monotonic() + patience
    if patience:
        log("another run is writing; waiting until it ends")
    while not locks.take(name):
        if time.monotonic() > deadline:
            if name == WRITER_LOCK:
                raise LockedError(
                    f"Another run has been writing to {lake.name} for {patience:.0f} seconds. Run"
                    f" the command again when it ends."
                )
            holder, kind = locks.holder(name), name.removesuffix(".lock")
            raise LockedError(
                f"Another {kind} is running in"
                f" {lake.name}{f' ({holder})' if holder else ''}. Wait until it ends."
            )
        time.sleep(0.05)


P = ParamSpec("P")
R = TypeVar("R")
TRIES = 6
# in messages of DuckLake, SQLite, PostgreSQL
SIGNS = ("conflict", "database is locked", "could not serialize")
FIRST_WAIT = 0.2  # seconds; doubled after each try


def retry_on_conflict(function: Callable[P, R]) -> Callable[P, R]:
    """Wrap a function so that it is called up to TRIES times while its commit conflicts with
    another's or its lock is lost.

    The function must be idempotent. The waits are random and grow exponentially ("full jitter",
    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
    """

    @functools.wraps(function)
    def call_again(*args: P.args, **kwargs: P.kwargs) -> R:
        for number in range(TRIES - 1):
            try:
                return function(*args, **kwargs)
            except LockLostError:
                pass
            except duckdb.TransactionException as error:
                if not any(sign in str(error).lower() for sign in SIGNS):
                    raise
            time.sleep(random.uniform(0, FIRST_WAIT * 2**number))  # noqa: S311 - a wait needs no secure random number
        return function(*args, **kwargs)

    return call_again
