"""``tidings nightly`` and ``demo``."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
from contextlib import AbstractContextManager
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from typer import Option

from tidings.analysis.report.release import Trends, read_invented, read_trends
from tidings.analysis.report.render import format_share
from tidings.base.settings import Settings, read_instant, read_settings
from tidings.cli.doctor import check_warehouse
from tidings.cli.feeds import read_pack_feeds
from tidings.cli.findings import print_findings, print_first_night
from tidings.cli.run_flow import run_flow
from tidings.cli.terminal import (
    FeedList,
    RunTime,
    display,
    headed,
    print_progress,
    refuse,
    table_of,
    use_feeds,
)
from tidings.fetch.address_check import OfflineError, require_network
from tidings.stages.prepare import registry_of
from tidings.storage.lake import Lake
from tidings.storage.reference import write_csv
from tidings.storage.release import newest_release_id, open_release
from tidings.storage.remote_lake import lake_of
from tidings.storage.writer_lock import NIGHTLY_LOCK, writer_lock

if TYPE_CHECKING:
    from tidings.demo.serve import Newsroom

OUTLETS = """
select p.name, string_agg(distinct a.language, ', ' order by a.language),
    count(*), count(*) filter (a.excluded_reason is not null),
    max(a.published_on)
from articles as a join publishers as p using (publisher_id) group by all order by count(*)
    desc, p.name limit 12
"""
SHARES = ("before", "panel_now")
NO_ARTICLE = (
    "The warehouse contains no article yet. `tidings status` shows the state of each failing"
    " source."
)
NO_THEME = (
    "No article of the last 28 days is about a theme. `tidings phrase` previews the matches of a"
    " phrase."
)


def print_summary(lake: Lake) -> None:
    """Print the outlets and the front page of the last release, and the next commands."""
    with open_release(lake) as con:
        display()
        trends = read_trends(con)
        if outlets := con.execute(OUTLETS).fetchall():
            columns = ("Outlet", "Languages", ">Articles", ">Excluded", "Latest")
            display(table_of(columns, outlets, "Articles by outlet"))
            _print_front_page(trends)
        else:
            display(NO_ARTICLE)
        if notice := read_invented(con).notice:
            display(headed(f"\n{notice}"))
        release = newest_release_id(con)
    program, query = _program(), "from theme_monthly"
    for theme in (*trends.rising, *trends.largest)[:1]:
        query = (
            f"select week_start_on, about_count, total_count, about_share from theme_weekly where"
            f" theme_id = '{theme}' order by all"
        )
    for heading, text in (
        ("\nRelease", f"    {release or 'none'}"),
        ("Warehouse", f"  {lake.release_file}"),
        ("Report", f"     {lake.report / 'index.html'}"),
        ("Next", f'       {program} sql "{query}"'),
        ("", f"           {program} explore: a page with charts and articles"),
        ("", f"           {program} feeds add URL: collect a site of your choice"),
        ("", f"           {program} --help: all commands\n"),
    ):
        display(headed(heading, text), soft_wrap=True)


def _program() -> str:
    """Return the command that starts this program: by name if it is on the PATH, else by path."""
    called = Path(sys.argv[0]).absolute()
    if shutil.which("tidings") or called.name != "tidings":
        return "tidings"
    here = Path.cwd()
    return str(called.relative_to(here)) if called.is_relative_to(here) else str(called)


def _print_front_page(trends: Trends) -> None:
    if trends.silent_since:
        display(headed(f"No articles since {trends.silent_since}."))
    if not trends.largest:
        display(NO_THEME)
        return
    rows = []
    for row in trends.lines("event"):
        days = dict.fromkeys(f"{row[name]:%-d %b}" for name in ("first_on", "last_on"))
        rows.append((row["text"], " to ".join(days), row["report_count"]))
    if rows:
        columns = ("Event", "Days", ">Reports")
        display(table_of(columns, rows, "What happened in the last 28 days"))
    _print_changes(trends)
    headings = {"Most quoted in the last 7 days": "speaker", "New phrases": "new_phrase"}
    for heading, kind in headings.items():
        if names := [f"{row['text']} ({row['report_count']:,})" for row in trends.lines(kind)]:
            display(f"{heading}: {', '.join(names)}")
    largest = [
        (trends.labels[theme], (row := trends.windows[theme])["hits"], format_share(row["now"]))
        for theme in trends.largest
    ]
    columns = ("Theme", ">Articles about it", ">Share")
    display(table_of(columns, largest, "Largest themes, last 28 days"))


def _print_changes(trends: Trends) -> None:
    changes = [
        (row["text"], *(format_share(trends.windows[row["subject_id"]][at]) for at in SHARES))
        for row in (*trends.lines("rising"), *trends.lines("fading"))
    ]
    if changes:
        columns = ("Theme", ">Previous 28 days", ">Last 28 days")
        display(table_of(columns, changes, "Themes that rose or fell significantly"))
    elif trends.panel_count and not trends.silent_since:
        display("No theme changed significantly.")
    display(trends.compared)


WEEK = 7 * 86400.0  # seconds
MANY = 200  # sources whose first run takes more than an hour
PAGES_PER_SOURCE = 25  # usual length of a feed


def nightly(
    feeds: FeedList = None,
    now: RunTime = "",
    wait: bool = Option(
        False, "--wait", help="If another nightly run is active, wait for it to end."
    ),
) -> None:
    """Run the nightly pipeline once: poll feeds, obtain pages, clean, model, audit and release.

    The command runs the same flow as the schedule and needs no Prefect server. Each step processes
    whatever the warehouse still lacks, so the next run finishes an interrupted one, and repeating a
    run changes nothing. If another nightly run is active on the same warehouse, the command exits
    with status 1, or waits with `--wait`.
    """
    use_feeds(feeds)
    instant = read_instant(now) if now else None  # before the run: it may be invalid
    run_nightly(now, is_patient=wait)
    lake = lake_of(read_settings())
    print_summary(lake)
    print_first_night(lake)
    findings = check_warehouse(lake, instant or dt.datetime.now(dt.UTC))
    print_findings(found for found in findings if found.level != "ok")


def run_nightly(now: str, *, is_patient: bool = False) -> None:
    """Run the nightly flow at ``now``, or at the current time if it is empty. Before a first run of
    many sources, print how long it takes. Raises RegistryError, LockedError and OfflineError.
    """
    settings = read_settings()
    lake, (sources, _) = lake_of(settings), registry_of(settings)  # before the wait: may be invalid
    is_long = not lake.exists and len(sources) > MANY
    with writer_lock(lake, name=NIGHTLY_LOCK, patience=WEEK if is_patient else 0):
        pass  # the flow acquires the lock again, like the scheduled flow
    require_network(map(attrgetter("url"), sources), settings.allow_hosts)
    if is_long:
        print_progress(
            f"The first run of {len(sources)} sources downloads about"
            f" {round(PAGES_PER_SOURCE * len(sources), -3):,} pages and may take hours. You can"
            " stop it at any time, and the next run continues. For fewer sources, choose packs:"
            " `tidings feeds pack`."
        )
    run_flow("tidings.flows.nightly:nightly", {"now": now})


FEEDS = "feeds.csv"  # a demo writes this file first; it identifies a folder that a demo may empty
# held for the whole demo; the lock of its nightly run is free while modules are imported
LOCK = "demo.lock"
PORT = 8765  # a fixed port, if it is free: the demo's URLs then stay the same in every run


def demo(
    live: str = Option("", metavar="PACK", help="Collect the real sources of a starter pack."),
) -> None:
    """Run the nightly pipeline on the bundled sample newsroom, which needs no network access.

    The sample newsroom serves five invented outlets over loopback HTTP. The demo collects 90 days
    of their news in one run. Each demo replaces its own warehouse, the subfolder `demo` of the data
    folder, and changes no other data.

    `tidings demo --live switzerland` collects real news instead, into the subfolder `live`; each
    run adds what is new. Without a network connection, the sample newsroom replaces them.
    """
    from tidings import demo
    from tidings.demo.serve import END

    settings = read_settings()
    lake_of(settings)  # an invalid address ends the command
    if live and _collect_pack(live, settings):
        return
    root = settings.warehouse
    root = root if root.name == "demo" else root / "demo"
    names = {path.name for path in root.iterdir()} if root.is_dir() else set()
    refuse(
        names - {LOCK} and FEEDS not in names,
        f"{root} contains files that no demo wrote. Set TIDINGS_WAREHOUSE to another folder.",
    )
    with writer_lock(Lake(root), name=LOCK, patience=0), _open_newsroom() as newsroom:
        # never delete the files of a running night
        with writer_lock(Lake(root), name=NIGHTLY_LOCK, patience=0):
            _empty(root)
        text = f": {len(newsroom.truth.articles)} items from 90 days and five invented outlets."
        display(headed("Tidings demo", text))
        feeds = root / FEEDS
        feeds.write_text(newsroom.feeds_csv(), encoding="utf-8")
        hosts = ",".join(url.removeprefix("http://") for url in newsroom.base_urls.values())
        os.environ.update(
            TIDINGS_FEEDS=str(feeds),
            TIDINGS_WAREHOUSE=str(root),
            TIDINGS_ALLOW_HOSTS=hosts,
            TIDINGS_HOST_GAP="0",
            TIDINGS_SEEDS=str(Path(demo.__file__).resolve().parent / "seeds"),
        )
        run_nightly(END.isoformat())
    print_summary(Lake(root))


def _collect_pack(pack: str, settings: Settings) -> bool:
    """Run the nightly pipeline on a starter pack. Return whether there is a network connection."""
    feeds = settings.warehouse / "live" / FEEDS
    rows = read_pack_feeds(settings, [pack])
    feeds.parent.mkdir(parents=True, exist_ok=True)
    write_csv(feeds, list(rows[0]), rows)
    os.environ["TIDINGS_WAREHOUSE"] = str(feeds.parent)
    try:
        nightly(feeds, now="", wait=False)
    except OfflineError:
        display(f"Without network, invented news replaces the sources of the pack {pack}.")
        return False
    return True


def _empty(root: Path) -> None:
    """Delete the files of an earlier demo, except those that identify it and lock it."""
    for path in root.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name not in {FEEDS, LOCK}:
            path.unlink()


def _open_newsroom() -> AbstractContextManager[Newsroom]:
    """Return the sample newsroom on PORT, or on free ports if another program uses PORT."""
    import socket

    from tidings.demo.outlets import OUTLETS
    from tidings.demo.serve import start

    for outlet in OUTLETS.values():
        with socket.socket() as probe:
            if probe.connect_ex((outlet.address, PORT)) == 0:
                return start()
    return start(PORT)
