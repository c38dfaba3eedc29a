"""``tidings backfill``: process a date range."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidings.base.settings import read_settings
from tidings.cli.run_flow import run_flow
from tidings.cli.terminal import RunTime, existing
from tidings.stages.plan import check_feeds, describe_changes, read_paths, read_window
from tidings.stages.prepare import registry_of
from tidings.storage.remote_lake import lake_of

if TYPE_CHECKING:
    from tidings.fetch.window import Window


class Mode(StrEnum):
    """Modes of a backfill."""

    refetch = "refetch"
    reprocess = "reprocess"
    retag = "retag"


def backfill(
    start: Annotated[
        str, typer.Option(help="First day (YYYY-MM-DD); only retag works without.")
    ] = "",
    end: Annotated[str, typer.Option(help="Last day, inclusive (YYYY-MM-DD).")] = "",
    feed: Annotated[
        list[str] | None,
        typer.Option(help="Process only this feed ID. Repeat the option for several feeds."),
    ] = None,
    feeds: Annotated[
        Path | None, typer.Option(help="Feed list (CSV) to use instead of your own.")
    ] = None,
    mode: Annotated[Mode, typer.Option(help="What the run does (see above).")] = Mode.refetch,
    warc: Annotated[
        list[Path] | None,
        typer.Option(help="WARC file to import pages from. Repeat the option for several files."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan and change nothing.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Change released figures without asking.")
    ] = False,
    now: RunTime = "",
) -> None:
    """Fetch, clean or annotate the articles of a date range again, then make one release.

    * `--mode refetch`, the default, requests only missing items from listings, sitemaps and
      archives.
    * `--mode reprocess` cleans the stored pages again with the current rules.
    * `--mode retag` finds mentions, statements and terms again in stored articles whose rows are of
      older rules; without dates, in those of all days.

    A window of weeks that a release has published as complete changes figures that somebody may
    have printed: in a terminal, the command then asks first. `revised_figures` lists what changed.

    Only `refetch` makes network requests. An invalid date range or unknown feed fails immediately
    with a one-line error.
    """
    if feeds is not None:
        os.environ["TIDINGS_FEEDS"] = str(existing(feeds, "Feed list"))
    # report invalid input before a run starts
    window = read_window(start, end, mode)
    files = "\n".join(str(path.absolute()) for path in warc or ())
    read_paths(files)
    chosen = feed or []
    check_feeds(registry_of(read_settings())[0], chosen, [], [])
    if not (dry_run or yes):
        _confirm(window)
    parameters = {
        "start": window.start if window else "",
        "end": window.end if window else "",
        "mode": mode.value,
        "feeds": chosen,
        "warc_files": files,
        "dry_run": dry_run,
        "confirm": True,
        "now": now,
    }
    run_flow("tidings.flows.backfill:backfill", parameters)


def _confirm(window: Window | None) -> None:
    """Ask a user at a terminal whether to change figures that were released."""
    if sys.stdin.isatty() and (sentence := describe_changes(lake_of(read_settings()), window)):
        typer.confirm(f"{sentence} Continue?", abort=True)
