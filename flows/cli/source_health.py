"""How the sources are, for ``tidings status``: those in trouble by what ails them, each with what to do about it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from rich.padding import Padding
from rich.text import Text

from tidings.flows.messages import message

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb
    from rich.console import Console

GOOD = ("ok", "not_modified")
WAIT = "Nothing: it is tried again."
LASTING = 5  # failures in a row: with the backoff, more than a week of nights
LOOK = "It lasts: see what is there now with `tidings feeds check ID`, and look for a new address."
SILENT_AFTER = dt.timedelta(days=30)
ADVICE = {
    "not_feed": "See what is there now with `tidings feeds check ID`: it may name the new address.",
    "gone": "The publisher withdrew it: look for its successor, or take it out of the list.",
    "challenge": "It wants a person: ask the publisher for another way. A challenge is never evaded.",
    "throttled": "Nothing: it is left alone for as long as it asked.",
    "robots_denied": "Its robots file says no: leave it, or ask the publisher.",
    "blocked": "The address, or where it leads, is private or malformed: put it right in the feed list.",
    "too_big": "Look for a smaller feed of the same publisher.",
    "silent": "It answers and shows nothing new: look for the publisher's present feed.",
}
SOURCES = """
    select feed_id, outcome, reason, failure_count, last_success_at, last_new_entry_at, next_poll_at, retired_at is not null,
        last_polled_at
    from raw.feed_states order by feed_id
"""


class Source(NamedTuple):
    """A source's health; instants in UTC, None for what never was."""

    feed_id: str
    outcome: str
    reason: str | None
    failure_count: int
    last_success_at: dt.datetime | None
    last_new_entry_at: dt.datetime | None
    next_poll_at: dt.datetime
    is_retired: bool
    last_polled_at: dt.datetime

    @property
    def is_well(self) -> bool:
        """Whether the last poll went as it should."""
        return self.outcome in GOOD


def print_sources(console: Console, con: duckdb.DuckDBPyConnection, *, all_sources: bool) -> None:
    """Print the sources in trouble, those that have gone silent and, if ``all_sources``, those that are well."""
    sources = [Source(*row) for row in con.execute(SOURCES).fetchall()]
    latest = max((source.last_polled_at for source in sources), default=None)
    kinds = defaultdict[tuple[str, str], list[Source]](list)
    for source in sources:
        kinds[_judge(source, latest)].append(source)
    bad = sum(not source.is_well for source in sources)
    silent = len(kinds["silent", ADVICE["silent"]])
    console.print(
        f"\n[bold]Sources[/bold]  {len(sources)} known, {len(sources) - bad - silent} well, {silent} silent, {bad} in trouble",
        highlight=False,
    )
    shown = {kind: found for kind, found in kinds.items() if found and (all_sources or kind[0] != "well")}
    if shown:
        width = min(max(len(source.feed_id) for found in shown.values() for source in found), max(16, console.width - 56))
        heading = f"    {'Source':<{width}}  Failed  Last success  Last new    Next poll"
        console.print(heading, style="dim", highlight=False, no_wrap=True)
        # First what a person can do something about, last what is well.
        for kind in sorted(shown, key=lambda kind: (kind[0] == "well", kind[1].startswith("Nothing"), kind)):
            _print_kind(console, *kind, shown[kind], width)


def _judge(source: Source, latest: dt.datetime | None) -> tuple[str, str]:
    """Return what ails a source, or that it is silent or well, and what to do about it."""
    if source.is_well:
        return ("silent", ADVICE["silent"]) if latest and _is_silent(source, latest) else ("well", "")
    return source.outcome, ADVICE.get(source.outcome) or (LOOK if source.failure_count >= LASTING else WAIT)


def _is_silent(source: Source, latest: dt.datetime) -> bool:
    return source.last_new_entry_at is None or latest - source.last_new_entry_at > SILENT_AFTER


def _print_kind(console: Console, kind: str, todo: str, sources: Sequence[Source], width: int) -> None:
    console.print(Text.assemble("\n  ", (kind, "bold"), f" ({len(sources)})"))
    if todo:
        console.print(Padding(Text(todo, "italic"), (0, 0, 0, 2), expand=False))
    for reason, alike in groupby(sorted(sources, key=_explain), key=_explain):
        if reason:
            console.print(Padding(Text(reason, "dim"), (0, 0, 0, 4), expand=False))
        for source in alike:
            name = f"{source.feed_id:<{width}}" if len(source.feed_id) <= width else f"{source.feed_id}\n    {'':<{width}}"
            following = f"{source.next_poll_at:%Y-%m-%d %H:%M}"
            success, newest = _day(source.last_success_at), _day(source.last_new_entry_at)
            row = f"    {name}  {source.failure_count:>6}  {success:<12}  {newest:<10}  {following}"
            console.print(row, highlight=False, markup=False, soft_wrap=True)


def _explain(source: Source) -> str:
    retired = "Retired: it is asked once in 30 days." if source.is_retired else ""
    return f"{message(source.reason or '')} {retired}".strip()


def _day(instant: dt.datetime | None) -> str:
    return f"{instant:%Y-%m-%d}" if instant else "never"
