"""``tidings status``: show the sources, gaps, badly extracted outlets, releases and disk use."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tidings.flows.cli.lake import find_lake
from tidings.flows.cli.status_extraction import print_extraction
from tidings.flows.cli.terminal import SafeConsole
from tidings.flows.messages import message
from tidings.warehouse.lake import open_lake

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb
    from rich.console import Console

    from tidings.warehouse.lake import Lake

GAPS = """
    select p.name, o.gap_reason, min(o.published_on), max(o.published_on), count(*)
    from (
        select *,
            published_on - row_number() over (partition by publisher_id, gap_reason order by published_on)::integer as stretch
        from marts.outlet_daily where is_gap
    ) as o
    join ref.publishers as p using (publisher_id)
    group by p.name, o.gap_reason, o.publisher_id, o.stretch order by max(o.published_on) desc, p.name limit 15
"""


def status(
    all_sources: Annotated[bool, typer.Option("--all", help="List all sources, not only those with problems.")] = False,
) -> None:
    """Show the health of the sources, coverage gaps, badly extracted outlets, the last releases and disk use."""
    lake, console = find_lake(), SafeConsole()
    with open_lake(lake, read_only=True) as con:
        print_sources(console, con, all_sources=all_sources)
        _print_gaps(console, con)
        print_extraction(console, con)
        _print_pending(console, con)
        _print_releases(console, con)
    _print_disk(console, lake)


def _print_gaps(console: Console, con: duckdb.DuckDBPyConnection) -> None:
    has_mart = con.execute("select 1 from duckdb_tables() where schema_name = 'marts' and table_name = 'outlet_daily'").fetchone()
    rows = con.execute(GAPS).fetchall() if has_mart else []
    console.print(f"\n[bold]Gaps[/bold]  {'most recent periods without coverage' if rows else 'none'}")
    if rows:
        table = Table("Outlet", "Reason", "From", "To", "Days", show_edge=False)
        for name, reason, first, last, days in rows:
            table.add_row(name, reason, str(first), str(last), str(days))
        console.print(table)


def _print_pending(console: Console, con: duckdb.DuckDBPyConnection) -> None:
    from tidings.warehouse.pending import count_uncleaned

    pending = count_uncleaned(con)
    if pending:
        console.print(f"\n[bold]Pending[/bold]  {pending:,} pages are not cleaned yet. The next nightly run cleans them.")


def _print_releases(console: Console, con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute(
        "select release_id, row_counts['core.articles'], lexicon_version, audit_passed, audit_warned"
        " from ops.releases order by snapshot_id desc limit 5"
    ).fetchall()
    console.print(f"\n[bold]Releases[/bold]  {'most recent' if rows else 'none yet'}")
    if rows:
        table = Table("Release", "Articles", "Word list", "Tests passed", "Warnings", show_edge=False)
        for release_id, articles, lexicon, passed, warned in rows:
            table.add_row(release_id, f"{articles or 0:,}", lexicon, str(passed), str(warned))
        console.print(table)


def _print_disk(console: Console, lake: Lake) -> None:
    sizes = "  ".join(f"{name} {_size(_bytes(path))}" for name, path in lake.parts_here().items())
    free = shutil.disk_usage(lake.root).free
    console.print(f"\n[bold]Disk[/bold]  {sizes}  free {_size(free)}  in {lake.root}\n", highlight=False, soft_wrap=True)


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


GOOD = ("ok", "not_modified")
WAIT = "No action is needed: the next poll tries again."
LASTING = 5  # consecutive failures: with the backoff, more than a week
LOOK = "The failure persists: run `tidings feeds check ID`, and look for a new URL."
SILENT_AFTER = dt.timedelta(days=30)
ADVICE = {
    "not_feed": "Run `tidings feeds check ID`: it may suggest the new URL.",
    "no_items": "Run `tidings feeds check ID`: it proposes new selectors from the page's present structure.",
    "gone": "The publisher removed the feed: find its replacement, or delete it from the feed list.",
    "challenge": "The site requires a human visitor: ask the publisher for access. Tidings never bypasses a challenge.",
    "throttled": "No action is needed: Tidings waits as long as the site requested.",
    "robots_denied": "The robots file disallows the feed: disable it, or ask the publisher.",
    "blocked": "The URL or a redirect is invalid or leads to a private address: correct the feed list.",
    "too_big": "Find a smaller feed of the same publisher.",
    "silent": "The feed responds but contains no new entries: find the publisher's current feed.",
}
SOURCES = """
    select feed_id, outcome, reason, failure_count, last_success_at, last_new_entry_at, next_poll_at, retired_at is not null,
        last_polled_at
    from raw.feed_states order by feed_id
"""


class Source(NamedTuple):
    """Health of a source. Times are in UTC; None means never."""

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
    def is_ok(self) -> bool:
        """True if the last poll succeeded."""
        return self.outcome in GOOD


def print_sources(console: Console, con: duckdb.DuckDBPyConnection, *, all_sources: bool) -> None:
    """Print the failing sources, the silent ones and, if ``all_sources``, the working ones."""
    sources = [Source(*row) for row in con.execute(SOURCES).fetchall()]
    latest = max((source.last_polled_at for source in sources), default=None)
    kinds = defaultdict[tuple[str, str], list[Source]](list)
    for source in sources:
        kinds[_judge(source, latest)].append(source)
    failing = sum(not source.is_ok for source in sources)
    silent = len(kinds["silent", ADVICE["silent"]])
    working = len(sources) - failing - silent
    console.print(
        f"\n[bold]Sources[/bold]  {len(sources)} in total, {working} ok, {silent} silent, {failing} failing",
        highlight=False,
    )
    shown = {kind: members for kind, members in kinds.items() if members and (all_sources or kind[0] != "ok")}
    if shown:
        width = min(max(len(source.feed_id) for members in shown.values() for source in members), max(16, console.width - 56))
        heading = f"    {'Source':<{width}}  Failed  Last success  Last new    Next poll"
        console.print(heading, style="dim", highlight=False, no_wrap=True)
        # Sort problems that need an action first, and working sources last.
        for kind in sorted(shown, key=lambda kind: (kind[0] == "ok", kind[1].startswith("No action"), kind)):
            _print_kind(console, *kind, shown[kind], width)


def _judge(source: Source, latest: dt.datetime | None) -> tuple[str, str]:
    """Return the outcome of a source, or ``silent`` or ``ok``, and the next action."""
    if source.is_ok:
        return ("silent", ADVICE["silent"]) if latest and _is_silent(source, latest) else ("ok", "")
    return source.outcome, ADVICE.get(source.outcome) or (LOOK if source.failure_count >= LASTING else WAIT)


def _is_silent(source: Source, latest: dt.datetime) -> bool:
    return source.last_new_entry_at is None or latest - source.last_new_entry_at > SILENT_AFTER


def _print_kind(console: Console, kind: str, action: str, sources: Sequence[Source], width: int) -> None:
    console.print(Text.assemble("\n  ", (kind, "bold"), f" ({len(sources)})"))
    if action:
        console.print(Padding(Text(action, "italic"), (0, 0, 0, 2), expand=False))
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
    retired = "Retired: polled once in 30 days." if source.is_retired else ""
    return f"{message(source.reason or '')} {retired}".strip()


def _day(instant: dt.datetime | None) -> str:
    return f"{instant:%Y-%m-%d}" if instant else "never"
