"""Print the sources that need an action in one table: which are dead, moved, blocked or stale, and
what to do.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from tidings.cli.terminal import headed
from tidings.fetch.source_verdict import ACTIONS, MOVE, OFFLINE, Poll, Verdict, is_offline
from tidings.stages.source_health import first_polled
from tidings.storage.lake import open_lake

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from tidings.cli.terminal import SafeConsole
    from tidings.storage.lake import Lake

MAX_NAMED = 3  # sources of a verdict after a nightly run


def print_first_polls(lake: Lake, console: SafeConsole) -> None:
    """Print the table of the sources that the last run was the first to poll, if any of them needs
    an action.
    """
    with open_lake(lake, read_only=True) as con:
        sources = first_polled(con)
    now = max((source.last_polled_at for source in sources), default=None)
    polls = [source.poll for source in sources]
    if now and any(poll.verdict(now) is not Verdict.FINE for poll in polls):
        console.print(headed("\nFirst poll"), end="  ")
        print_verdicts(console, polls, now, most_named=MAX_NAMED)
        console.print("All sources with their reasons: `tidings status`.")


def print_verdicts(
    console: SafeConsole, polls: Sequence[Poll], now: dt.datetime, *, most_named: int
) -> None:
    """Print the number of working sources, and a row for each other verdict with its sources and
    the next action.

    A row names at most ``most_named`` sources. If no source responded, a sentence replaces the
    table.
    """
    groups = defaultdict[Verdict, list[str]](list)
    for poll in polls:
        groups[poll.verdict(now)].append(poll.feed_id)
    working = sum(poll.is_working for poll in polls)
    console.print(f"Working sources: {working} of {len(polls)}")
    if polls and is_offline(polls):
        console.print(OFFLINE)
        return
    table = Table("Problem", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Count", justify="right")
    table.add_column("What to do, and the sources", overflow="fold")
    for verdict, action in ACTIONS.items():
        if names := sorted(groups[verdict]):
            named = ", ".join(names[:most_named]) + (", …" if len(names) > most_named else "")
            table.add_row(verdict, str(len(names)), Text.assemble(f"{action}\n", (named, "dim")))
    if table.row_count:
        console.print(table)
        console.print(MOVE)
