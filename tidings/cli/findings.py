"""Findings: the lines in which commands state problems."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import NamedTuple

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tidings.analysis.breaks import read_breaks
from tidings.base.languages.plural import counted, listed
from tidings.base.messages import message
from tidings.cli.terminal import SafeConsole, headed, table_of
from tidings.fetch.source_verdict import (
    ACTIONS,
    LOOK,
    MOVE,
    OFFLINE,
    Poll,
    Verdict,
    is_offline,
    next_step,
)
from tidings.stages.source_health import SourceHealth, judge, read_sources
from tidings.storage.lake import Connection, Lake, open_lake

MAX_NAMED = 3  # sources of a verdict in the table


def print_sources(console: SafeConsole, con: Connection, *, all_sources: bool) -> None:
    """Print the verdicts, and the last poll of each source that is not fine, or of all."""
    sources = read_sources(con)
    now = max((source.last_polled_at for source in sources), default=dt.datetime.now(dt.UTC))
    console.print(headed("\nSources"), end="  ")
    print_verdicts(console, [source.poll for source in sources], now, most_named=MAX_NAMED)
    for verdict, source in judge(sources):
        if all_sources or verdict is not Verdict.FINE:
            _print_poll(console, source, verdict)


def print_next_steps(lake: Lake, console: SafeConsole) -> None:
    """Print each source that the first night could not use, with the reason and the next step."""
    if not lake.exists:
        return
    with open_lake(lake, read_only=True) as con:
        is_first = con.execute("select count(*) = 1 from ops.releases").fetchone() == (True,)
        judged = judge(read_sources(con)) if is_first else []
        urls = dict(con.execute("select feed_id, url from raw.feeds").fetchall())
    rows = [
        (
            name,
            verdict,
            message(source.poll.reason or ""),
            next_step(verdict, source.poll, urls.get(name, "")),
        )
        for verdict, source in judged
        if verdict is not Verdict.FINE and (name := source.poll.feed_id)
    ]
    if rows:
        heading = f"{counted(len(rows), 'source')} of {len(judged)} need a look"
        console.print(table_of(("Source", "State", "Reason", "Next step"), rows, heading))


def _print_poll(console: SafeConsole, source: SourceHealth, verdict: Verdict) -> None:
    poll = source.poll
    success, newest = (
        f"{instant:%Y-%m-%d}" if instant else "never"
        for instant in (source.last_success_at, source.last_new_entry_at)
    )
    following = f"next poll {source.next_poll_at:%Y-%m-%d %H:%M}"
    dates = f": last success {success}, last new {newest}, {following}"
    failed = f", failed {poll.failure_count}×" if poll.failure_count else ""
    console.print(Text.assemble("  ", (poll.feed_id, "bold"), f"  {verdict}{failed}{dates}"))
    notes = (
        message(poll.reason or ""),
        message(f"Moved permanently to {poll.moved_to}") if poll.moved_to else "",
        "Retired: polled once in 30 days." if source.is_retired else "",
        LOOK if verdict is Verdict.UNREACHABLE and poll.is_lasting else "",
    )
    if note := " ".join(filter(None, notes)):
        console.print(Padding(Text(note, "dim"), (0, 0, 0, 4), expand=False))


def print_verdicts(
    console: SafeConsole, polls: Sequence[Poll], now: dt.datetime, *, most_named: int
) -> None:
    """Print the number of working sources, and a finding for each other verdict, which names at
    most ``most_named`` sources.
    """
    working = sum(poll.is_working for poll in polls)
    console.print(f"Working sources: {working} of {len(polls)}")
    if polls and is_offline(polls):
        console.print(OFFLINE)
        return
    groups = defaultdict[Verdict, list[str]](list)
    for poll in sorted(polls, key=attrgetter("feed_id")):
        groups[poll.verdict(now)].append(poll.feed_id)
    findings = [
        warn(verdict, f"{counted(len(names), 'source')}: {listed(names, most_named)}", action)
        for verdict, action in ACTIONS.items()
        if (names := groups[verdict])
    ]
    print_findings(console, findings)
    if findings:
        console.print(MOVE)


COLOURS = {"ok": "green", "warn": "yellow", "error": "bold red"}


class Finding(NamedTuple):
    """Result of a check. A warning does not prevent the nightly run; the action may be empty."""

    level: str
    subject: str
    state: str
    action: str = ""


ok, warn, error = (partial(Finding, level) for level in COLOURS)


def check_breaks(con: Connection) -> Iterator[Finding]:
    """Yield the open data problems, the newest first, then the themes whose recall has fallen."""
    for found in read_breaks(con):
        accept = f"`tidings status --accept {found.publisher_id}:{found.kind} --reason TEXT`"
        action = f"{found.action} To accept it: {accept}"
        yield warn("data problem", str(found).rstrip("."), action)
    from tidings.analysis.coding.recall import read_falls  # imports numpy

    for what, action in read_falls(con):
        yield warn("recall", what.rstrip("."), action)


def print_findings(console: SafeConsole, findings: Iterable[Finding]) -> None:
    """Print findings with their next steps, in columns on a terminal."""
    table = Table.grid(padding=(0, 2))
    for level, subject, state, action in findings:
        step = f". {action}" if action else ""
        if console.is_terminal:
            text = Text.assemble(message(state), (step, "bold"))
            table.add_row(Text(level, COLOURS[level]), subject, text)
        else:
            console.print(f"{level:<5}  {subject}: {message(state)}{step}", soft_wrap=True)
    if console.is_terminal:
        console.print(table)
