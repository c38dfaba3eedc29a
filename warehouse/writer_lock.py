"""The lake: where it lies, how it is opened, and the one lock that every local writer holds.

DuckLake keeps Parquet files and a SQL catalog; on one machine the catalog is SQLite in WAL mode. Readers need no lock.
What a lake of several machines does otherwise stands in remote.py; which of the two an address names, address.py tells.
"""

from __future__ import annotations

import contextlib
import functools
import random
import time
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import duckdb

from tidings.warehouse.lake import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tidings.warehouse.lake import Lake
    from tidings.warehouse.locks import Locks

WRITER_LOCK, NIGHTLY_LOCK = "writer.lock", "nightly.lock"


class LockedError(WarehouseError):
    """Another process holds the lock; the message names it."""


@contextlib.contextmanager
def writer_lock(
    lake: Lake, *, name: str = WRITER_LOCK, patience: float = 3600.0, log: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the warehouse's one writer lock, or another by name; a second holder waits, and ``log`` hears why.

    The lock goes with the process that held it, however that ended. ``patience`` is in seconds. Raises LockedError when
    the lock is not to be had in that time, which names its holder, and WarehouseError when the folder cannot be written.
    """
    with contextlib.ExitStack() as held:
        try:
            locks = held.enter_context(lake.locks())
            if not locks.take(name):
                _wait(lake, locks, name, patience, log)
            if name != WRITER_LOCK:
                locks.sign(name)
        except OSError as error:
            raise WarehouseError(f"The warehouse in {lake.name} cannot be written: {error.strerror or error}.") from error
        yield


def _wait(lake: Lake, locks: Locks, name: str, patience: float, log: Callable[[str], None] | None) -> None:
    deadline = time.monotonic() + patience
    if log and patience:
        log("another run is writing; waiting for its turn")
    while not locks.take(name):
        if time.monotonic() > deadline:
            if name == WRITER_LOCK:
                raise LockedError(f"Another run has been writing to {lake.name} for {patience:.0f} seconds; this one gave up.")
            holder, kind = locks.holder(name), name.removesuffix(".lock")
            raise LockedError(f"Another {kind} is running in {lake.name}{f' ({holder})' if holder else ''}. Wait until it ends.")
        time.sleep(0.05)


P = ParamSpec("P")
R = TypeVar("R")
TRIES = 6
SIGNS = ("conflict", "database is locked", "could not serialize")  # DuckLake's own, SQLite's, PostgreSQL's
FIRST_WAIT = 0.2  # seconds; doubled each time


def retry_on_conflict(function: Callable[P, R]) -> Callable[P, R]:
    """Return the function, called again while its commit conflicts with another writer's, at most TRIES times in all.

    It must do the same when it is called again, as every write here does. Waits grow and are drawn by chance ("full
    jitter", https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/), so that two that met do not
    meet again. The one writer lock makes conflicts rare: they come from other programs, or when a lock's session was lost.
    """

    @functools.wraps(function)
    def tried(*args: P.args, **kwargs: P.kwargs) -> R:
        for number in range(TRIES - 1):
            try:
                return function(*args, **kwargs)
            except duckdb.TransactionException as error:
                if not is_conflict(str(error)):
                    raise
            time.sleep(random.uniform(0, FIRST_WAIT * 2**number))  # noqa: S311 - needs no secrecy
        return function(*args, **kwargs)

    return tried


def is_conflict(message: str) -> bool:
    """Return whether an error of DuckLake's tells of another transaction that came first."""
    return any(sign in message.lower() for sign in SIGNS)
