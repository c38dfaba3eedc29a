"""``tidings status``: health of the sources, gaps, releases and disk, on one screen."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from tidings.flows.cli.places import reading_lake
from tidings.flows.cli.screen import Screen
from tidings.flows.cli.source_health import print_sources
from tidings.warehouse.lake import open_lake

if TYPE_CHECKING:
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
    all_sources: Annotated[bool, typer.Option("--all", help="List every source, not only those in trouble.")] = False,
) -> None:
    """Show how the sources are, where coverage has gaps, what was released, and what the warehouse takes on disk."""
    lake, console = reading_lake(), Screen()
    with open_lake(lake, read_only=True) as con:
        print_sources(console, con, all_sources=all_sources)
        _print_gaps(console, con)
        _print_waiting(console, con)
        _print_releases(console, con)
    _print_disk(console, lake)


def _print_gaps(console: Console, con: duckdb.DuckDBPyConnection) -> None:
    there = con.execute("select 1 from duckdb_tables() where schema_name = 'marts' and table_name = 'outlet_daily'").fetchone()
    rows = con.execute(GAPS).fetchall() if there else []
    console.print(f"\n[bold]Gaps[/bold]  {'the latest stretches without coverage' if rows else 'none'}")
    if rows:
        table = Table("Outlet", "Reason", "From", "Until", "Days", show_edge=False)
        for name, reason, first, last, days in rows:
            table.add_row(name, reason, str(first), str(last), str(days))
        console.print(table)


def _print_waiting(console: Console, con: duckdb.DuckDBPyConnection) -> None:
    from tidings.warehouse.pending import count_uncleaned

    waiting = count_uncleaned(con)
    if waiting:
        console.print(f"\n[bold]Waiting[/bold]  {waiting:,} pages for cleaning: the next night finishes them")


def _print_releases(console: Console, con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute(
        "select release_id, row_counts['core.articles'], lexicon_version, audit_passed, audit_warned"
        " from ops.releases order by snapshot_id desc limit 5"
    ).fetchall()
    console.print(f"\n[bold]Releases[/bold]  {'the last ones' if rows else 'none yet'}")
    if rows:
        table = Table("Release", "Articles", "Lexicon", "Tests passed", "Warned", show_edge=False)
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
