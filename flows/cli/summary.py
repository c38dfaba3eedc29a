"""What a night found, for a person at a terminal: outlets, themes, and where to go from here."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from warehouse.reading import open_release

if TYPE_CHECKING:
    import duckdb

    from warehouse.lake import Lake

OUTLETS = """
    select p.name, string_agg(distinct a.language, ', ' order by a.language),
        count(*), count(*) filter (a.excluded_reason is not null),
        min(a.published_on), max(a.published_on)
    from articles as a join publishers as p using (publisher_id) group by all order by count(*) desc, p.name limit 12
"""
LARGEST = """
    select t.label_en, sum(d.article_count), sum(d.article_count) / nullif(sum(d.total_count), 0)
    from theme_daily as d join themes as t using (theme_id)
    where t.parent_id is not null and d.published_on > (select max(published_on) - 28 from theme_daily)
    group by all having sum(d.article_count) > 0 order by 2 desc, 1 limit 8
"""
NO_THEME = "No theme of the word list was met in the last 28 days. `tidings phrase` shows what a phrase would hit."
RISING = """
    with last_day as (select max(published_on) as day from theme_daily),
    spans as (
        select theme_id,
            sum(article_count) filter (published_on > day - 28)
                / nullif(sum(total_count) filter (published_on > day - 28), 0) as share_now,
            sum(article_count) filter (published_on between day - 55 and day - 28)
                / nullif(sum(total_count) filter (published_on between day - 55 and day - 28), 0) as share_before,
            sum(article_count) filter (published_on > day - 28) as hits
        from theme_daily, last_day group by theme_id
    )
    select t.label_en, share_before, share_now from spans join themes as t using (theme_id)
    where t.parent_id is not null and hits >= 3 and share_now > share_before order by share_now - share_before desc, 1 limit 6
"""


def print_summary(lake: Lake, console: Console | None = None) -> None:
    """Print the last release's outlets, largest and rising themes, and what to do next."""
    console = console or Console()
    with open_release(lake) as con:
        console.print()
        console.print(_outlets(con))
        largest = _themes(con, "Largest themes, last 28 days", LARGEST, ("Theme", "Articles", "Share"))
        console.print(largest if largest.row_count else NO_THEME)
        rising = _themes(con, "Rising, last 28 days against the 28 before", RISING, ("Theme", "Before", "Now"))
        if rising.row_count:
            console.print(rising)
        release = con.execute("select release_id from releases order by released_at desc, snapshot_id desc limit 1").fetchone()
    console.print(f"\n[bold]Release[/bold]    {release[0] if release else 'none'}", highlight=False)
    console.print(f"[bold]Warehouse[/bold]  {lake.release_file}", highlight=False, soft_wrap=True)
    console.print(f"[bold]Report[/bold]     {lake.report / 'index.html'}", highlight=False, soft_wrap=True)
    program = _program()
    console.print(f'[bold]Next[/bold]       {program} sql "from theme_monthly"', highlight=False, soft_wrap=True)
    console.print(
        f"           {program} status, {program} --help, or the tutorial: docs/tutorial.md\n", highlight=False, soft_wrap=True
    )


def _program() -> str:
    """Return how this terminal calls the program: by its name where it is on the path, else by where it lies."""
    called = Path(sys.argv[0]).absolute()
    if shutil.which("tidings") or called.name != "tidings":
        return "tidings"
    here = Path.cwd()
    return str(called.relative_to(here)) if called.is_relative_to(here) else str(called)


def _outlets(con: duckdb.DuckDBPyConnection) -> Table:
    table = Table(title="Articles by outlet", title_justify="left", title_style="bold", expand=False)
    for name, side in (
        ("Outlet", "left"),
        ("Languages", "left"),
        ("Articles", "right"),
        ("Excluded", "right"),
        ("From", "left"),
        ("Until", "left"),
    ):
        table.add_column(name, justify=side)  # type: ignore[arg-type]
    for name, languages, count, excluded, first, last in con.execute(OUTLETS).fetchall():
        table.add_row(name, languages or "", f"{count:,}", f"{excluded:,}", str(first or ""), str(last or ""))
    return table


def _themes(con: duckdb.DuckDBPyConnection, title: str, query: str, names: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, name in enumerate(names):
        table.add_column(name, justify="right" if number else "left")
    for row in con.execute(query).fetchall():
        table.add_row(
            row[0], *(f"{cell:.1%}" if isinstance(cell, float) else "–" if cell is None else f"{int(cell):,}" for cell in row[1:])
        )
    return table
