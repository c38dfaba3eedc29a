"""The lake and the run variables of a dbt command that a user started, from ``TIDINGS_WAREHOUSE``
and the clock.
"""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tidings.storage.lake import WarehouseError, open_lake
from tidings.storage.migrate import require_schema
from tidings.storage.reference import lexicon_version
from tidings.storage.remote_lake import demo_lake, lake_from_environment
from tidings.storage.writer_lock import writer_lock

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from tidings.storage.lake import Lake

READ_ONLY_COMMANDS = frozenset(
    {"compile", "debug", "freshness", "generate", "list", "parse", "show", "test"}
)
"""dbt commands that write nothing to the lake, as ``dbt.flags`` names them: ``generate`` is ``dbt
docs generate``.
"""
REQUIRED_TABLES = (
    "publishers",
    "themes",
    "theme_phrases",
    "speakers",
    "speech_verbs",
    "evidence_words",
)
"""Reference tables without which a build would empty marts."""


@dataclass(frozen=True, slots=True)
class Session:
    """The lake of one dbt command, and the DuckDB variables that its SQL reads with
    ``getvariable``.
    """

    lake: Lake
    variables: Mapping[str, str]
    is_read_only: bool = False


@cache  # dbt may connect again, and a process cannot take its own lock twice
def standalone_session(command: str, as_of: str = "") -> Session:
    """Return the session of a dbt command that the user started directly.

    A command that writes waits for the warehouse's writer lock and keeps it until the process ends.

    Args:
        command: The command's name in ``dbt.flags``, such as ``build``.
        as_of: The run time, ISO 8601 with time zone; empty for the current time.

    Raises:
        WarehouseError: If the lake, its schema or its reference data is missing or does not fit
            this program, or if ``as_of`` is invalid. The message is one sentence.
    """
    run_time = _read_time(as_of) if as_of else dt.datetime.now(dt.UTC)
    lake = lake_from_environment()
    if demo := demo_lake(lake):
        _report(f"{lake.name} contains no warehouse yet; dbt uses the demo warehouse {demo.name}")
        lake = demo
    if not lake.exists:
        raise WarehouseError(lake.why_missing())
    is_read_only = command in READ_ONLY_COMMANDS
    with contextlib.ExitStack() as lock:
        if not is_read_only:
            lock.enter_context(writer_lock(lake, log=_report))
        with open_lake(lake, read_only=True) as con:
            require_schema(con)
            _require_reference_data(con, lake)
            variables = run_variables(run_time, lexicon_version(con))
        # after an error, dbt connects again and needs the lock again
        atexit.register(lock.pop_all().close)
    return Session(lake, variables, is_read_only)


def run_variables(as_of: dt.datetime, lexicon: str) -> dict[str, str]:
    """Return the run time and the version of the word list, which the caller knows, as DuckDB
    variables.

    Raises:
        ValueError: If ``as_of`` has no time zone.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of needs a time zone.")
    return {"as_of": as_of.isoformat(), "lexicon_version": lexicon}


def _read_time(text: str) -> dt.datetime:
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise WarehouseError(
            f"Invalid as_of {text!r}: write a time with its time zone, such as"
            f" 2026-08-31T22:00:00Z."
        )
    return time


def _require_reference_data(con: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    empty = [
        name
        for name in REQUIRED_TABLES
        if not con.execute(f"select 1 from ref.{name} limit 1").fetchone()
    ]
    if empty:
        tables = ", ".join(f"ref.{name}" for name in empty)
        raise WarehouseError(
            f"The lake in {lake.name} lacks reference data ({tables}): run `tidings nightly` first."
        )


def _report(text: str) -> None:
    sys.stderr.write(f"tidings: {text}\n")
