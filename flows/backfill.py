"""A backfill: the night's stages over a window of the past. Start it from the Prefect UI or with ``tidings backfill``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from prefect import flow

from tidings.flows import tasks
from tidings.flows.choices import PublisherId, Topic
from tidings.flows.failures import guarded
from tidings.flows.fetch.window import Window
from tidings.flows.notify import tell_failure
from tidings.flows.settings import SettingsError
from tidings.flows.stages.plan import check_feeds

if TYPE_CHECKING:
    from tidings.flows.stages.run import Run
    from tidings.warehouse.records import Feed

Mode = Literal["refetch", "reprocess", "retag"]


@flow(
    name="backfill",
    flow_run_name="backfill {mode} {start} to {end}",
    on_failure=[tell_failure],
    on_crashed=[tell_failure],
)
@guarded
def backfill(
    start: dt.date,
    end: dt.date,
    mode: Mode = "refetch",
    publishers: list[PublisherId] = [],  # noqa: B006 - Prefect shows literal defaults in the form
    topics: list[Topic] = [],  # noqa: B006 - as above
    feeds: str = "",
    warc_files: str = "",
    dry_run: bool = False,
    feed_list: str = "",
    now: str = "",
) -> Any:
    """Fetch, clean or tag again what a window of days held, and release once.

    Args:
        start: The window's first day, in each publisher's own zone.
        end: The window's last day, included.
        mode: refetch asks listings, sitemaps and archives for what is missing; reprocess cleans the stored pages again
            with today's rules; retag applies a changed word list. Only refetch asks anybody for anything.
        publishers: Only these publishers. Nothing chosen here, in topics and in feeds means all.
        topics: Only sources of these topics.
        feeds: Only these feed ids, parted by blanks or commas.
        warc_files: Paths of WARC files to take pages from, such as Common Crawl's CC-NEWS, one a line.
        dry_run: Show the plan as a table, days by sources, and do nothing.
        feed_list: Path of a feed list in place of the registry.
        now: The run's instant, ISO 8601 with a zone, for a run that must be repeatable. Empty: the present.
    """
    window = Window(start, end)
    run = tasks.open_run(feed_list, now, is_backfill=True)
    known = tasks.known_sources(run)
    chosen = check_feeds(known, feeds.replace(",", " ").split(), [str(one) for one in publishers], [str(one) for one in topics])
    files = [_warc(line) for line in warc_files.splitlines() if line.strip()]
    tasks.prepare(run)
    if dry_run:
        return tasks.plan(run, chosen, window, mode)
    with tasks.one_backfill(run):
        _gather(run, chosen, window, mode, files)
        with tasks.one_writer(run):
            rebuilt = tasks.model(run)
            audited = tasks.audit(run)
            released = tasks.release(run, audited)
    tasks.report(run)
    tasks.show(run, released, rebuilt)
    return released


def _gather(run: Run, sources: list[Feed], window: Window, mode: Mode, files: list[Path]) -> None:
    """Do what the mode does before the models: fetch and clean, clean again, or nothing."""
    if mode == "refetch":
        tasks.discover(run, sources, window)  # listings, sitemaps, archives → entries
        if files:
            tasks.import_files(run, files, sources, window)  # WARC files → captures
        tasks.obtain(run, sources, window)  # entries without a page → captures
        tasks.clean(run)  # captures without an article → articles, revisions
    elif mode == "reprocess":
        tasks.reprocess(run, sorted({feed.publisher_id for feed in sources}), window)  # stored captures → articles


def _warc(line: str) -> Path:
    path = Path(line.strip())
    if not path.is_file():
        raise SettingsError(f"There is no WARC file {path}.")
    return path
