"""``tidings backfill``: a window of the past, from the command line."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Annotated

import typer

from tidings.flows.cli.flow_runs import run_flow
from tidings.flows.cli.places import UserError
from tidings.flows.fetch.window import Window
from tidings.flows.settings import read_instant, read_settings
from tidings.flows.stages.plan import check_feeds
from tidings.flows.stages.prepare import registry_of


def backfill(
    start: Annotated[str, typer.Option(help="The window's first day, YYYY-MM-DD.")],
    end: Annotated[str, typer.Option(help="The window's last day, included.")],
    feed: Annotated[list[str] | None, typer.Option(help="Only this feed; may be given again.")] = None,
    feeds: Annotated[Path | None, typer.Option(help="A feed list in place of the registry in seeds/.")] = None,
    mode: Annotated[
        str, typer.Option(help="refetch, reprocess or retag.", autocompletion=lambda: ["refetch", "reprocess", "retag"])
    ] = "refetch",
    warc: Annotated[list[Path] | None, typer.Option(help="A WARC file to take pages from; may be given again.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell the plan and do nothing.")] = False,
    now: Annotated[str | None, typer.Option(help="The run's instant, ISO 8601 with a zone.")] = None,
) -> None:
    """Fetch, clean or tag again what a window of days held, and release once.

    * `--mode refetch` asks listings, sitemaps and archives for what is missing.
    * `--mode reprocess` cleans the stored pages again with today's rules; nothing is fetched.
    * `--mode retag` applies a changed word list; nothing is fetched or cleaned.
    """
    if mode not in {"refetch", "reprocess", "retag"}:
        raise UserError(f"{mode!r} is no mode: it is refetch, reprocess or retag.")
    if feeds is not None and not feeds.is_file():
        raise UserError(f"There is no feed list {feeds}.")
    if feeds is not None:
        os.environ["TIDINGS_FEEDS"] = str(feeds.resolve())  # the flow's choices are this list's
    window = Window(_day(start), _day(end))  # these checks report invalid input before anything starts
    if now:
        read_instant(now)
    for path in warc or []:
        if not path.is_file():
            raise UserError(f"There is no WARC file {path}.")
    check_feeds(registry_of(read_settings())[0], feed or [], [], [])
    parameters = {
        "start": window.start,
        "end": window.end,
        "mode": mode,
        "feeds": " ".join(feed or []),
        "warc_files": "\n".join(str(path.resolve()) for path in warc or []),
        "dry_run": dry_run,
        "now": now or "",
    }
    run_flow("tidings.flows.backfill:backfill", parameters)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UserError(f"{text!r} is no day: write it as 2026-08-31.") from None
