"""Print the result of a nightly run: outlets, themes, and the next commands."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tidings.analysis.report.invented import read_invented
from tidings.analysis.report.render import format_share
from tidings.analysis.report.trends import read_trends
from tidings.cli.terminal import SafeConsole, headed, table_of
from tidings.storage.release import open_release

if TYPE_CHECKING:
    from tidings.analysis.report.trends import Trends
    from tidings.storage.lake import Lake

OUTLETS = """
    select p.name, string_agg(distinct a.language, ', ' order by a.language),
        count(*), count(*) filter (a.excluded_reason is not null),
        max(a.published_on)
    from articles as a join publishers as p using (publisher_id) group by all order by count(*)
        desc, p.name limit 12
"""
SHARES = ("before", "panel_now")
NO_ARTICLE = (
    "The warehouse contains no article yet. `tidings status` shows the state of each"
    " failing source."
)
NO_THEME = (
    "No article of the last 28 days is about a theme. `tidings phrase` previews the matches"
    " of a phrase."
)


def print_summary(lake: Lake, console: SafeConsole | None = None) -> None:
    """Print the outlets and the front page of the last release, and the next commands."""
    console = console or SafeConsole()
    with open_release(lake) as con:
        console.print()
        trends = read_trends(con)
        if outlets := con.execute(OUTLETS).fetchall():
            columns = ("Outlet", "Languages", ">Articles", ">Excluded", "Latest")
            console.print(table_of(columns, outlets, "Articles by outlet"))
            _print_front_page(trends, console)
        else:
            console.print(NO_ARTICLE)
        if notice := read_invented(con).notice:
            console.print(headed(f"\n{notice}"))
        release = con.execute(
            "select release_id from releases order by released_at desc, snapshot_id desc limit 1"
        ).fetchone()
    console.print(headed("\nRelease", f"    {release[0] if release else 'none'}"))
    console.print(headed("Warehouse", f"  {lake.release_file}"), soft_wrap=True)
    console.print(headed("Report", f"     {lake.report / 'index.html'}"), soft_wrap=True)
    program = _program()
    console.print(headed("Next", f'       {program} sql "{_next_query(trends)}"'), soft_wrap=True)
    for words in (
        "explore: a page with charts and articles",
        "feeds add URL: collect a site of your choice",
        "--help: all commands\n",
    ):
        console.print(f"           {program} {words}", soft_wrap=True)


def _next_query(trends: Trends) -> str:
    """Return a query that shows when the theme that rose most, or else the largest theme, was
    covered.
    """
    for theme in (*trends.rising, *trends.largest):
        return (
            f"select week_start_on, about_count, total_count, about_share from theme_weekly where"
            f" theme_id = '{theme}' order by all"
        )
    return "from theme_monthly"


def _program() -> str:
    """Return the command that starts this program: by name if it is on the PATH, else by path."""
    called = Path(sys.argv[0]).absolute()
    if shutil.which("tidings") or called.name != "tidings":
        return "tidings"
    here = Path.cwd()
    return str(called.relative_to(here)) if called.is_relative_to(here) else str(called)


def _print_front_page(trends: Trends, console: SafeConsole) -> None:
    """Print the front page of the report, and the largest themes."""
    if trends.silent_since:
        console.print(headed(f"No articles since {trends.silent_since}."))
    if not trends.largest:
        console.print(NO_THEME)
        return
    if rows := [
        (row["text"], f"{row['first_on']:%-d %b} to {row['last_on']:%-d %b}", row["report_count"])
        for row in trends.lines("event")
    ]:
        columns = ("Event", "Days", ">Reports")
        console.print(table_of(columns, rows, "What happened in the last 28 days"))
    _print_changes(trends, console)
    for heading, kind in (("Who spoke", "speaker"), ("New phrases", "new_phrase")):
        if names := [f"{row['text']} ({row['report_count']:,})" for row in trends.lines(kind)]:
            console.print(f"{heading}: {', '.join(names)}", highlight=False)
    largest = [
        (trends.labels[theme], row["hits"], format_share(row["now"]))
        for theme, row in ((theme, trends.windows[theme]) for theme in trends.largest)
    ]
    columns = ("Theme", ">Articles about it", ">Share")
    console.print(table_of(columns, largest, "Largest themes, last 28 days"))


def _print_changes(trends: Trends, console: SafeConsole) -> None:
    """Print the themes that changed significantly, and over which outlets."""
    rows = [
        (row["text"], *(format_share(trends.windows[row["subject_id"]][at]) for at in SHARES))
        for row in (*trends.lines("rising"), *trends.lines("fading"))
    ]
    if rows:
        columns = ("Theme", ">Previous 28 days", ">Last 28 days")
        console.print(table_of(columns, rows, "Themes that rose or fell significantly"))
    elif trends.is_compared and not trends.silent_since:
        console.print("No theme changed significantly.")
    console.print(trends.compared)
