"""Findings: the lines in which commands state problems."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import NamedTuple

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tidings.analysis.breaks import Break, read_breaks
from tidings.base.languages.plural import counted, listed
from tidings.base.messages import message
from tidings.cli.terminal import SafeConsole, display, headed
from tidings.fetch.source_verdict import (
    ACTIONS,
    MOVE,
    OFFLINE,
    Poll,
    Verdict,
    is_offline,
    next_step,
)
from tidings.stages.source_health import judge_sources
from tidings.storage.lake import Connection, Lake, open_lake

MAX_NAMED = 3  # sources of a verdict in the table


def print_sources(con: Connection, *, all_sources: bool = False) -> None:
    """Print the verdicts, and the last poll and the next step of each source that is not fine, or
    of all.
    """
    judged = judge_sources(con)
    display(headed("\nSources"), end="  ")
    print_verdicts(judged)
    for verdict, poll in judged:
        if all_sources or verdict is not Verdict.FINE:
            _print_poll(verdict, poll)


def print_first_night(lake: Lake) -> None:
    """Print the sources if the lake has only one release."""
    with open_lake(lake, read_only=True) as con:
        if con.execute("select count(*) from ops.releases").fetchone() == (1,):
            print_sources(con)


def _print_poll(verdict: Verdict, poll: Poll) -> None:
    success, newest = (
        f"{instant:%Y-%m-%d}" if instant else "never"
        for instant in (poll.last_success_at, poll.last_new_entry_at)
    )
    following = f"next poll {poll.next_poll_at:%Y-%m-%d %H:%M}"
    dates = f": last success {success}, last new {newest}, {following}"
    failed = f", failed {poll.failure_count}×" if poll.failure_count else ""
    display(Text.assemble("  ", (poll.feed_id, "bold"), f"  {verdict}{failed}{dates}"))
    notes = (
        message(poll.reason or ""),
        "Retired: polled once in 30 days." if poll.is_retired else "",
        message(next_step(verdict, poll)) if verdict is not Verdict.FINE else "",
    )
    if note := " ".join(filter(None, notes)):
        display(Padding(Text(note, "dim"), (0, 0, 0, 4), expand=False))


def print_verdicts(
    judged: Sequence[tuple[Verdict, Poll]],
    *,
    most_named: int = MAX_NAMED,
    actions: Mapping[Verdict, str] = ACTIONS,
) -> None:
    """Print the number of working sources, and a finding for each verdict that has an action, which
    names at most ``most_named`` sources.
    """
    polls = [poll for _, poll in judged]
    display(f"Working sources: {sum(map(attrgetter('is_working'), polls))} of {len(polls)}")
    if polls and is_offline(polls):
        display(OFFLINE)
        return
    findings = []
    for verdict, pairs in groupby(judged, itemgetter(0)):
        if verdict in actions:
            names = [poll.feed_id for _, poll in pairs]
            state = f"{counted(len(names), 'source')}: {listed(names, most_named)}"
            findings.append(warn(verdict, state, actions[verdict]))
    print_findings(findings)
    if findings:
        display(MOVE)


COLOURS = {"ok": "green", "warn": "yellow", "error": "bold red"}


class Finding(NamedTuple):
    """Result of a check. A warning does not prevent the nightly run; the action may be empty."""

    level: str
    subject: str
    state: str
    action: str = ""


ok, warn, error = (partial(Finding, level) for level in COLOURS)


def check_breaks(con: Connection) -> Iterator[Finding]:
    """Yield the open data problems by outlet and kind, then the themes whose recall has fallen."""
    breaks: dict[str, list[Break]] = {}
    for found in read_breaks(con):
        breaks.setdefault(f"{found.publisher_id}:{found.kind}", []).append(found)
    for name, (*others, last) in breaks.items():
        for found in others:
            yield warn("data problem", str(found).rstrip("."))
        what = f"all {len(others) + 1}" if others else "it"
        accept = f"To accept {what}: `tidings status --accept {name} --reason TEXT`"
        yield warn("data problem", str(last).rstrip("."), f"{last.action} {accept}")
    from tidings.analysis.coding.recall import read_falls  # imports numpy

    for what, action in read_falls(con):
        yield warn("recall", what.rstrip("."), action)


def print_findings(findings: Iterable[Finding]) -> None:
    """Print findings with their next steps, in columns on a terminal."""
    table, is_terminal = Table.grid(padding=(0, 2)), SafeConsole().is_terminal
    for level, subject, state, action in findings:
        step = f". {action}" if action else ""
        if is_terminal:
            text = Text.assemble(message(state), (step, "bold"))
            table.add_row(Text(level, COLOURS[level]), subject, text)
        else:
            display(f"{level:<5}  {subject}: {message(state)}{step}", soft_wrap=True)
    if is_terminal:
        display(table)
