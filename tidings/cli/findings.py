"""Findings: the lines in which ``doctor``, ``status``, ``feeds check`` and the end of a night state
problems. A finding has a level, a subject, a state and a next action.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from rich.table import Table
from rich.text import Text

from tidings.analysis.breaks import read_breaks
from tidings.base.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import duckdb

    from tidings.cli.terminal import SafeConsole

COLOURS = {"ok": "green", "warn": "yellow", "error": "bold red"}


class Finding(NamedTuple):
    """Result of a check. A warning does not prevent the nightly run; an empty action means that
    none is needed.
    """

    level: str
    subject: str
    state: str
    action: str = ""


ok, warn, error = (partial(Finding, level) for level in COLOURS)


def check_breaks(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Yield the open data problems, the newest first, with outlet, days, action and how to accept
    them.
    """
    for found in read_breaks(con):
        accept = f"`tidings status --accept {found.publisher_id}:{found.kind} --reason TEXT`"
        action = f"{found.action} To accept it: {accept}"
        yield warn("data problem", str(found).rstrip("."), action)


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
