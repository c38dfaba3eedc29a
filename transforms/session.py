"""The lake and the run variables that one dbt command works with.

``run.py`` passes them in. If a user starts ``dbt`` directly, ``standalone_session`` derives the same values from
``TIDINGS_WAREHOUSE`` and the clock.
"""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import hashlib
import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidings.transforms.text.source_version import source_version
from tidings.warehouse.lake import WarehouseError, open_lake
from tidings.warehouse.migrate import require_schema
from tidings.warehouse.reference import lexicon_version
from tidings.warehouse.remote_lake import demo_lake, lake_from_environment
from tidings.warehouse.writer_lock import writer_lock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import duckdb

    from tidings.warehouse.lake import Lake

PROJECT = Path(__file__).parent
READ_ONLY_COMMANDS = frozenset({"compile", "debug", "freshness", "generate", "list", "parse", "show", "test"})
"""dbt commands that write nothing to the lake, as ``dbt.flags`` names them: ``generate`` is ``dbt docs generate``."""
REQUIRED_TABLES = ("publishers", "themes", "theme_phrases", "speakers", "speech_verbs", "evidence_words")
"""Reference tables without which a build would empty marts."""


@dataclass(frozen=True, slots=True)
class Session:
    """The lake of one dbt command, and the DuckDB variables that its SQL reads with ``getvariable``."""

    lake: Lake
    variables: Mapping[str, str]
    is_read_only: bool = False


_active: list[Session] = []  # a list, because dbt opens connections in threads, which do not inherit context variables


@contextlib.contextmanager
def active(session: Session) -> Iterator[None]:
    """Make a session the one that ``active_session`` returns while the block runs."""
    _active.append(session)
    try:
        yield
    finally:
        _active.remove(session)


def active_session() -> Session | None:
    """Return the session of the command that ``run.py`` is running, or None if the user started dbt directly."""
    return _active[-1] if _active else None


@cache  # dbt may connect again, and a process cannot take its own lock twice
def standalone_session(command: str, as_of: str = "") -> Session:
    """Return the session of a dbt command that the user started directly.

    A command that writes waits for the warehouse's writer lock and keeps it until the process ends.

    Args:
        command: The command's name in ``dbt.flags``, such as ``build``.
        as_of: The run time, ISO 8601 with time zone; empty for the current time.

    Raises:
        WarehouseError: If the lake, its schema or its reference data is missing or does not fit this program, or if ``as_of``
            is invalid. The message is one sentence.
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
        atexit.register(lock.pop_all().close)  # after an error, dbt connects again and needs the lock again
    return Session(lake, variables, is_read_only)


def run_variables(as_of: dt.datetime, lexicon: str) -> dict[str, str]:
    """Return the variables of a run by name: its time, and the version of each rule that decides rows.

    Raises:
        ValueError: If ``as_of`` has no time zone.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of needs a time zone.")
    return {
        "as_of": as_of.isoformat(),
        "lexicon_version": lexicon,
        "matching_version": source_version("matching"),
        "transforms_version": transforms_version(),
        **{f"sql_in_{scope}": version for scope, version in scope_versions().items()},
    }


def transforms_version() -> str:
    """Return a hash of this project's SQL. If it changes, the next build rebuilds every day."""
    digest = hashlib.sha256()
    for path in sorted([*PROJECT.rglob("models/**/*.sql"), *PROJECT.glob("macros/*.sql")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def scope_versions() -> dict[str, str]:
    """Return, for each scope model, a hash of the SQL of the models that it limits and of the macros that they call.

    If a hash changes, the next build recomputes the rows of all articles in those models.
    """
    macros = [path.read_text(encoding="utf-8") for path in sorted(PROJECT.glob("macros/*.sql"))]
    named = [(re.findall(r"\bmacro (\w+)\(", text), text) for text in macros]
    digests: dict[str, Any] = {}
    for path in sorted(PROJECT.rglob("models/**/*.sql")):
        sql = path.read_text(encoding="utf-8")
        calls = set(re.findall(r"\b(\w+)\(", sql))
        called = [text for names, text in named if calls.intersection(names)]
        for scope in re.findall(r"\bscope='(\w+)'", sql):
            digests.setdefault(scope, hashlib.sha256()).update("".join([path.stem, sql, *called]).encode())
    return {scope: digest.hexdigest()[:12] for scope, digest in digests.items()}


def _read_time(text: str) -> dt.datetime:
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise WarehouseError(f"Invalid as_of {text!r}: write a time with its time zone, such as 2026-08-31T22:00:00Z.")
    return time


def _require_reference_data(con: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    empty = [name for name in REQUIRED_TABLES if not con.execute(f"select 1 from ref.{name} limit 1").fetchone()]
    if empty:
        tables = ", ".join(f"ref.{name}" for name in empty)
        raise WarehouseError(f"The lake in {lake.name} lacks reference data ({tables}): run `tidings nightly` first.")


def _report(text: str) -> None:
    sys.stderr.write(f"tidings: {text}\n")
