"""Find the stories, reused passages, events and candidate phrases of all articles together, from
the rows of the stage ``annotate``.

Only rows that changes since the last run can affect are computed. Each part is one transaction, so
that the next run completes an interrupted one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from tidings.base.languages.plural import counted
from tidings.stages.candidates import find_candidates
from tidings.stages.events import group_events
from tidings.stages.run import Run
from tidings.stages.stories import group_stories
from tidings.storage.lake import Connection, open_lake, transaction


class Grouped(NamedTuple):
    """The number of changed stories and of days grouped by event; whether candidates were found."""

    stories: int
    days: int
    has_candidates: bool


def group(run: Run) -> Grouped:
    """Group the articles; the caller holds the writer lock."""
    with open_lake(run.lake) as con:
        grouped = group_articles(con, run.now, run.progress)
    parts = [
        counted(grouped.stories, "story") if grouped.stories else "",
        f"{counted(grouped.days, 'day')} of events" if grouped.days else "",
        "candidate phrases" if grouped.has_candidates else "",
    ]
    run.log(f"grouped: {', '.join(filter(None, parts)) or 'nothing changed'}")
    return grouped


def group_articles(
    con: Connection,
    as_of: dt.datetime,
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None,
) -> Grouped:
    """Group the annotated articles of a lake; ``con`` has no transaction.

    ``as_of``, the run's time, decides which days began, which months are over, and the period of
    candidates. ``progress`` receives the stage's name, the number of finished days and their total.
    """
    with transaction(con):
        stories = group_stories(con)
    with transaction(con):
        days = group_events(con, as_of, progress)
    with transaction(con):
        has_candidates = find_candidates(con, as_of)
    return Grouped(stories, days, has_candidates)
