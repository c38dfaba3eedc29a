"""Budgets: limits of seconds and pages for each source in a run, so that no source delays the
others.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass, field

from tidings.base.languages.plural import counted

BACKFILL = 20  # factor from a night's budget to a backfill's, because a person requested its window


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one source in a run."""

    pages: int = 1_000  # to fetch
    fetch_seconds: float = 3_600.0  # wall-clock time for its pages, with gaps between requests
    clean_seconds: float = 120.0  # CPU time
    # wall-clock time for all sources together whose last poll timed out
    silent_seconds: float = 300.0

    def times(self, factor: float) -> Budget:
        """Return this budget multiplied by a factor."""
        pages, *seconds = (value * factor for value in dataclasses.astuple(self))
        return Budget(round(pages), *seconds)


@dataclass(slots=True)
class Ledger:
    """The seconds that each source has used in a stage. A source may use ``limit`` seconds."""

    limit: float
    spent: Counter[str] = field(default_factory=Counter)

    def take(self, source: str, seconds: float) -> None:
        """Add seconds to the time that a source has used."""
        self.spent[source] += seconds  # type: ignore[assignment] # a Counter may contain fractions

    def is_used_up(self, source: str) -> bool:
        """Return whether a source has used its limit."""
        return self.spent[source] >= self.limit

    @property
    def used_up(self) -> list[str]:
        """The sources that have used their limit."""
        return sorted(filter(self.is_used_up, self.spent))


def deferred_line(count: int, source: str, why: str) -> str:
    """Return the log line for pages that the next run will process."""
    return f"deferred to the next run: {counted(count, 'page')} of {source} ({why})"
