"""Trying again when somebody else has written to the lake meanwhile."""

from __future__ import annotations

import functools
import random
import time
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import duckdb

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 6
SIGNS = ("conflict", "database is locked", "could not serialize")  # DuckLake's own, SQLite's, PostgreSQL's
FIRST_WAIT = 0.2  # seconds; doubled each time


def again_on_conflict(function: Callable[P, R]) -> Callable[P, R]:
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
