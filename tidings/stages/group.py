"""Group articles: find the stories, reused passages, events and candidate phrases of all articles
together, from the rows that the stage ``annotate`` found in each.

The stage compares versions of articles and days with those of its last run, and computes only rows
that changes can affect. Each part is one transaction, so that the next run completes an interrupted
one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.slow_texts import report_slow_texts
from tidings.base.functions import create_functions
from tidings.base.languages.plural import counted
from tidings.stages.candidates import find_candidates
from tidings.stages.differences import has_rows
from tidings.stages.events import group_events
from tidings.stages.prepare import migrate_lake
from tidings.stages.stories import group_stories
from tidings.storage.lake import open_lake, transaction
from tidings.storage.load import known_tables

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    import duckdb

    from tidings.stages.run import Run

# The tables of the models that found these rows in earlier versions.
_ADOPTED = {
    "story_links": "intermediate.int_story_edges",
    "stories": "marts.article_stories",
    "article_events": "marts.article_events",
    "reuse": "marts.reuse",
    "lexicon_changes": "marts.lexicon_changes",
}


class Grouped(NamedTuple):
    """Result of grouping: the number of stories that changed, of days whose articles were grouped
    by event, and whether candidates were found again.
    """

    stories: int
    days: int
    has_candidates: bool


def group(run: Run) -> Grouped:
    """Update the lake's schema, and group the articles; the caller holds the writer lock."""
    with report_slow_texts(run.log), open_lake(run.lake) as con:
        migrate_lake(run, con)
        grouped = group_articles(con, run.now, run.progress)
    parts = [
        counted(grouped.stories, "story") if grouped.stories else "",
        f"{counted(grouped.days, 'day')} of events" if grouped.days else "",
        "candidate phrases" if grouped.has_candidates else "",
    ]
    run.log(f"grouped: {', '.join(filter(None, parts)) or 'nothing changed'}")
    return grouped


def group_articles(
    con: duckdb.DuckDBPyConnection,
    as_of: dt.datetime,
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None,
) -> Grouped:
    """Group the annotated articles of a lake.

    Args:
        con: A connection to the lake, without a transaction.
        as_of: The run's time. It decides which days began, which months are over, and the period of
            candidates.
        progress: Receives the stage's name, the number of finished days and their total.
    """
    create_functions(con)
    _adopt(con)
    with transaction(con):
        stories = group_stories(con)
    with transaction(con):
        days = group_events(con, as_of, progress)
    with transaction(con):
        has_candidates = find_candidates(con, as_of)
    return Grouped(stories, days, has_candidates)


def _adopt(con: duckdb.DuckDBPyConnection) -> None:
    """Take over the rows of a warehouse whose models found them. They are compared with the rows of
    this program in the same run, so that only different rows are written, and events that did not
    change keep their IDs.
    """
    if not known_tables(con).issuperset(_ADOPTED.values()) or has_rows(con, "annotations.grouped"):
        return
    with transaction(con):
        for name, table in _ADOPTED.items():
            con.execute(f"insert into annotations.{name} by name from {table}")
            if table.startswith("intermediate."):
                con.execute(f"drop table {table}")
        con.execute(
            "insert into annotations.grouped select article_id, 0 from annotations.stories;"
            " insert into annotations.event_days"
            " select distinct event_day_on, 0 from annotations.article_events;"
            " drop table if exists intermediate.int_event_words;"
            " drop table if exists intermediate.int_event_groups"
        )
