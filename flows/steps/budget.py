"""Budgets: the seconds and pages that one source may take from a run, so that no source delays all others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

BACKFILL = 20  # times a night's budget is a backfill's, since a person requested its window


@dataclass(frozen=True, slots=True)
class Budget:
    """What one source may take from a run.

    ``pages``: pages to fetch. ``fetch_seconds``: time on the clock spent on its pages, gaps between requests included.
    ``clean_seconds``: CPU time of cleaning. ``silent_seconds``: time on the clock that all sources together may take that did
    not answer in time at their last poll; they are polled after the others.
    """

    pages: int = 1_000
    fetch_seconds: float = 3_600.0
    clean_seconds: float = 120.0
    silent_seconds: float = 300.0

    def times(self, factor: float) -> Budget:
        """Return this budget multiplied by a factor."""
        return Budget(
            round(self.pages * factor),
            self.fetch_seconds * factor,
            self.clean_seconds * factor,
            self.silent_seconds * factor,
        )


@dataclass(slots=True)
class Ledger:
    """The seconds that each source has taken from a stage; a source that has taken ``limit`` seconds gets no more."""

    limit: float
    spent: Counter[str] = field(default_factory=Counter)

    def take(self, source: str, seconds: float) -> None:
        """Add seconds to what a source has taken."""
        self.spent[source] += seconds  # type: ignore[assignment] # a Counter may hold fractions

    def is_used_up(self, source: str) -> bool:
        """Return whether a source has taken all that it may."""
        return self.spent[source] >= self.limit

    @property
    def used_up(self) -> list[str]:
        """The sources that have taken all that they may."""
        return sorted(source for source in self.spent if self.is_used_up(source))


def deferred_line(count: int, source: str, why: str) -> str:
    """Return the log line that names what a run leaves to the next one."""
    return f"deferred to the next run: {count:,} page{'' if count == 1 else 's'} of {source} ({why})"
