"""``tidings backfill``: process a date range."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Annotated

import typer

from tidings.base.settings import read_instant, read_settings
from tidings.cli.run_flow import run_flow
from tidings.cli.terminal import RunTime, UserError, existing
from tidings.fetch.window import Window
from tidings.stages.plan import check_feeds
from tidings.stages.prepare import registry_of

_MODES = ("refetch", "reprocess", "retag")


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
    mode: Annotated[
        str,
        typer.Option(
            help="Mode: refetch, reprocess or retag (see above).",
            autocompletion=lambda: list(_MODES),
        ),
    ] = "refetch",
    warc: Annotated[
        list[Path] | None,
        typer.Option(help="WARC file to import pages from. Repeat the option for several files."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan and change nothing.")
    ] = False,
    now: RunTime = "",
) -> None:
    """Fetch, clean or annotate the articles of a date range again, then make one release.

    * `--mode refetch`, the default, requests only missing items from listings, sitemaps and
      archives.
    * `--mode reprocess` cleans the stored pages again with the current rules.
    * `--mode retag` finds mentions, statements and terms again in stored articles whose rows are of
      older rules; without dates, in those of all days.

    Only `refetch` makes network requests. An invalid date range or unknown feed fails immediately
    with a one-line error.
    """
    if mode not in _MODES:
        raise UserError(f"Invalid mode {mode!r}: use refetch, reprocess or retag.")
    if feeds is not None:
        os.environ["TIDINGS_FEEDS"] = str(existing(feeds, "Feed list"))
    # the checks from here on report invalid input before a run starts
    days: dict[str, dt.date | str] = {"start": "", "end": ""}
    if start and end:
        window = Window(_day(start), _day(end))
        days = {"start": window.start, "end": window.end}
    elif (mode, start, end) != ("retag", "", ""):
        raise UserError(
            f"{mode} needs --start and --end. Only retag works without dates, and"
            f" then processes all days."
        )
    if now:
        read_instant(now)
    files = "\n".join(str(existing(path, "WARC file")) for path in warc or ())
    chosen = feed or []
    check_feeds(registry_of(read_settings())[0], chosen, [], [])
    parameters = days | {
        "mode": mode,
        "feeds": chosen,
        "warc_files": files,
        "dry_run": dry_run,
        "now": now,
    }
    run_flow("tidings.flows.backfill:backfill", parameters)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UserError(f"Invalid date {text!r}: use the form 2026-08-31.") from None
