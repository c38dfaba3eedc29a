"""The values that a run passes to all its stages: settings, lake, time, logging and limits."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from tidings.base.budget import BACKFILL, Budget
from tidings.base.settings import Settings
from tidings.paths import ROOT
from tidings.storage.lake import Connection, Lake, open_lake, transaction
from tidings.storage.remote_lake import lake_of
from tidings.storage.writer_lock import WRITER_LOCK, writer_lock
from tidings.version import __version__

# Applies a function of a module to the arguments of each chunk of work on other machines, and
# yields the results in order; the third argument is the number of workers. A chunk whose worker
# died is done here, so that only the bad item fails.
Spread = Callable[[Callable[..., Any], Iterable[tuple[Any, ...]], int], Iterator[Any]]


@dataclass(frozen=True, slots=True)
class Run:
    """One nightly run or backfill.

    ``budget`` limits one source. ``now`` is the run's time in UTC; ``clock`` returns that of a
    request. ``progress`` receives a stage's name, the number of finished items and their total.
    ``spread`` gives work to a cluster (None: this machine does it).
    """

    settings: Settings
    lake: Lake
    now: dt.datetime
    clock: Callable[[], dt.datetime]
    run_id: str
    log: Callable[[str], None]
    progress: Callable[[str, int, int], None]
    budget: Budget
    spread: Spread | None = None
    _readers: list[Connection] = field(default_factory=list, init=False, repr=False, compare=False)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that reads one state of the lake. It is kept for later calls, because
        opening a lake costs more than most queries; a server could close it meanwhile.
        """
        con = self._readers.pop() if self._readers else open_lake(self.lake, read_only=True)
        try:
            with transaction(con):
                yield con
        except BaseException:
            con.close()
            raise
        if self.lake.is_shared:
            con.close()
        else:
            self._readers.append(con)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Hold the writer lock and a transaction of the lake."""
        with self.lock(), open_lake(self.lake) as con, transaction(con):
            yield con

    def lock(self, name: str = WRITER_LOCK) -> AbstractContextManager[None]:
        """Hold the warehouse's writer lock, or another one by name."""
        return writer_lock(self.lake, name=name, log=self.log)

    @property
    def stamp(self) -> str:
        """The run's time in file names."""
        return f"{self.now:%Y%m%dT%H%M%SZ}"


def start_run(
    settings: Settings,
    *,
    now: dt.datetime | None,
    run_id: str | None = None,
    log: Callable[[str], None] = lambda _text: None,
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None,
    spread: Spread | None = None,
    is_backfill: bool = False,
) -> Run:
    """Return a run at ``now``, converted to UTC, or with a running clock. A source has BACKFILL
    times its budget in a backfill.
    """
    time = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC)
    clock = (lambda: time) if now else (lambda: dt.datetime.now(dt.UTC))
    budget = settings.budget.times(BACKFILL if is_backfill else 1)
    return Run(
        settings,
        lake_of(settings),
        time,
        clock,
        run_id or str(uuid.uuid4()),
        log,
        progress,
        budget,
        spread,
    )


def code_version() -> str:
    """Return the version of Tidings, with the Git commit if it runs from a checkout."""
    if not (ROOT / ".git").exists():
        return __version__
    result = subprocess.run(  # noqa: S603 - a fixed command
        ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"],  # noqa: S607 - git is found on the path
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
    )
    commit = result.stdout.strip()
    return f"{__version__}+{commit}" if commit else __version__
