"""``tidings maintain``, ``backup``, ``restore``, ``rebuild`` and ``forget``."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from typer import Argument, Option

from tidings.base.languages.plural import counted
from tidings.base.settings import read_settings
from tidings.cli.run_flow import run_flow
from tidings.cli.terminal import RunTime, note, print_progress, refuse
from tidings.storage.remote_lake import lake_of

if TYPE_CHECKING:
    from tidings.storage.backup import Backup
    from tidings.storage.forget import Traces


def maintain(
    keep_nights: int = Option(
        35,
        envvar="TIDINGS_KEEP_NIGHTS",
        min=1,
        help="Days to keep nightly releases. The last release of each month is kept forever.",
    ),
    keep_raw_days: int = Option(
        0,
        envvar="TIDINGS_KEEP_RAW_DAYS",
        min=0,
        help="Delete raw files (WARC) older than this number of days. 0 keeps them forever.",
    ),
    now: RunTime = "",
) -> None:
    """Merge files, delete data that no kept release needs, vacuum the databases, and report the
    free space.

    Every kept release stays readable: the command counts the rows of each again before it deletes
    anything. It waits for an active nightly run. `tidings serve` runs this command every week.
    """
    keep = {"keep_nights": keep_nights, "keep_raw_days": keep_raw_days}
    run_flow("tidings.flows.maintain:maintain", {**keep, "now": now})


def backup(
    folder: Path = Argument(
        metavar="DIR", help="A new or empty folder, preferably on another disk."
    ),
) -> None:
    """Copy the archive, the lake, the releases, the report and Prefect's run history to a folder,
    in one consistent state.

    A backup of a lake URL contains its archive and its tables.

    Readers continue, an active run waits. A damaged file is copied and named, and the status is 1.
    """
    from tidings.storage.backup import back_up

    lake = lake_of(read_settings())
    result = back_up(lake, folder, dt.datetime.now(dt.UTC), print_progress)
    note(_describe(result))
    print(folder)
    refuse(
        result.damage,
        f"Damaged files in the warehouse and in this backup: {len(result.damage)}. Keep your"
        " earlier backups.\n" + "\n".join(result.damage),
    )


def _describe(copy: Backup) -> str:
    size = f"{counted(len(copy.files), 'file')}, {counted(copy.byte_count, 'byte')}"
    return f"{size}, {f'up to release {copy.release_id}' if copy.release_id else 'no release'}"


def restore(
    folder: Path = Argument(metavar="DIR", help="Folder of a backup that `tidings backup` made."),
) -> None:
    """Restore a warehouse from a backup to the folder or lake URL in TIDINGS_WAREHOUSE. The command
    never overwrites a warehouse.

    This also moves a warehouse. If the command is interrupted, run it again.

    First, the command compares the names, sizes and SHA-256 hashes of all files with the list in
    the backup, and refuses links and other files. Afterwards it reads every table and archive
    record; if a file was already damaged in the backup, it names it and exits with status 1.
    """
    from tidings.storage.backup import restore as restore_warehouse

    lake = lake_of(read_settings())
    manifest, damage = restore_warehouse(folder, lake, print_progress)
    note(_describe(manifest))
    print(lake.name)
    refuse(
        damage,
        f"Files that were already damaged before the backup: {len(damage)}.\n"
        + "\n".join(map(str, damage)),
    )


def _stage_progress() -> Callable[[str, int, int], None]:
    """Return a progress function that prints a line for each tenth of a stage."""
    shown: dict[str, tuple[int, int]] = {}

    def progress(stage: str, done: int, total: int) -> None:
        tenth = (total, done * 10 // max(total, 1))
        if shown.get(stage) != tenth:
            shown[stage] = tenth
            print_progress(f"{stage}: {done:,} of {total:,}")

    return progress


def rebuild(
    yes: bool = Option(False, "--yes", help="Replace an existing lake without confirmation."),
    allow_unlisted: bool = Option(
        False,
        "--allow-unlisted",
        help="Rebuild even if the feed list lacks sources that are in the archive.",
    ),
) -> None:
    """Rebuild the lake from the archive if its files are damaged or lost.

    The command reads every WARC file in the order of the runs, stores its captures, parses feeds
    again, cleans pages with the current rules, builds and tests the tables, and releases them. It
    makes no network requests. The old lake remains in `replaced-…/` until you delete it. If the
    command is interrupted, run it again: it continues with the run at which it stopped.

    Set `TIDINGS_FEEDS` and `TIDINGS_SEEDS` to the values of the nightly runs: the feed list and the
    seeds determine the outlet of each article.

    The archive does not contain past releases, accepted breaks, revised figures, robots files and
    host pauses. The command takes about one hour for 250,000 pages on two cores.
    """
    from tidings.stages.rebuild import rebuild as rebuild_lake
    from tidings.stages.run import start_run

    run = start_run(read_settings(), now=None, log=print_progress, progress=_stage_progress())
    if run.lake.exists and not yes:
        refuse(
            not sys.stdin.isatty(),
            f"{run.lake.root} already contains a lake. Use --yes to replace it.",
        )
        typer.confirm(f"Replace the lake in {run.lake.root}?", abort=True)
    result = rebuild_lake(run, allows_unlisted=allow_unlisted)
    print(", ".join(f"{count:,} {name}" for name, count in result.row_counts.items()))
    note(
        "The new lake has no past releases, accepted breaks and revised figures, which the archive"
        " does not contain: accept breaks again with `tidings status --accept`."
    )
    if result.replaced:
        note(f"The old lake is in {result.replaced}.")
    refuse(
        result.damaged,
        f"{result.damaged:,} archive records are damaged or have no row, so their rows are"
        f" missing. `tidings doctor --deep` lists damaged records.",
    )


def forget(
    url: str = Argument(
        "", metavar="[URL]", help="URL of the page, in any form that was requested or stored."
    ),
    outlet: str = Option("", metavar="ID", help="Delete all full texts of an outlet instead."),
    dry_run: bool = Option(
        False, "--dry-run", help="List the data that would be deleted, and delete nothing."
    ),
    yes: bool = Option(
        False, "--yes", help="Delete without confirmation. A deletion cannot be undone."
    ),
) -> None:
    """Delete a page, or all full texts of an outlet, permanently from the archive, the lake, all
    releases and the report.

    The command deletes the captures of the page, its rows, and the bodies of feeds that contained
    it. Later runs do not collect the page again. Published figures of past releases do not change.
    Before it asks for confirmation, the command lists the URLs and articles. Exports and backups
    are not changed. If the command is interrupted, run it or `tidings maintain` again.
    """
    from tidings.stages.forget import forget_page, pages_of_outlet, trace_page
    from tidings.stages.run import start_run

    run = start_run(read_settings(), now=None, log=print_progress)
    refuse(bool(url) == bool(outlet), "Name one page by its URL, or one outlet with --outlet ID.")
    pages = [url] if url else pages_of_outlet(run, outlet)
    _print_traces(trace_page(run, *pages))
    if dry_run:
        return
    refuse(
        not yes and sys.stdin.isatty() and not typer.confirm("Delete all of this permanently?"),
        "Cancelled; nothing was deleted.",
    )
    deleted = forget_page(run, *pages)
    print(
        f"Deleted {counted(deleted.row_count, 'row')} and"
        f" {counted(len(deleted.traces.captures), 'capture')}."
    )


def _print_traces(traces: Traces) -> None:
    for page_url in sorted(traces.urls):
        print(f"url      {page_url}")
    for row in sorted(traces.articles, key=attrgetter("url")):
        print(f"article  {row.published_on or 'no date'}  {row.title or 'no title'}")
    print(
        f"captures {len(traces.captures)} of the page, {len(traces.sources)} of feeds and"
        " listings that contain it"
    )
