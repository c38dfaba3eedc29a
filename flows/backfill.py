"""A backfill: the stages of the nightly run over a date range. Start it in the Prefect UI or with ``tidings backfill``."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from prefect import flow

from tidings.flows import tasks
from tidings.flows.fetch.registry import RegistryError
from tidings.flows.fetch.window import Window
from tidings.flows.messages import guarded
from tidings.flows.notify import notify_failure
from tidings.flows.settings import SettingsError, read_settings
from tidings.flows.stages.plan import check_feeds
from tidings.flows.stages.prepare import registry_of
from tidings.warehouse.lake import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidings.flows.stages.run import Run
    from tidings.warehouse.records import Feed


def _choices() -> tuple[list[str], list[str]]:
    """Return publisher IDs and topics of the feed list, or empty lists if it is unreadable: the run then reports the error."""
    try:
        feeds, _ = registry_of(read_settings())
    except (SettingsError, RegistryError, WarehouseError):
        return [], []
    return sorted({feed.publisher_id for feed in feeds}), sorted({topic for feed in feeds for topic in feed.topics})


def _enum(name: str, values: Iterable[str]) -> type[StrEnum]:
    return StrEnum(name, {value: value for value in values} or {"none": "none"})  # type: ignore[return-value]


if TYPE_CHECKING:
    PublisherId = str
    Topic = str
else:
    _publishers, _topics = _choices()
    PublisherId = _enum("PublisherId", _publishers)
    Topic = _enum("Topic", _topics)


Mode = Literal["refetch", "reprocess", "retag"]


@flow(
    name="backfill",
    flow_run_name="backfill {mode} {start} to {end}",
    on_failure=[notify_failure],
    on_crashed=[notify_failure],
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
    """Fetch, clean or tag the articles of a date range again, then make one release.

    Args:
        start: First day, in the time zone of each publisher.
        end: Last day, inclusive.
        mode: refetch requests missing items from listings, sitemaps and archives. reprocess cleans the stored pages again with
            the current rules. retag matches the stored articles against the current word list again. Only refetch makes
            network requests.
        publishers: Process only these publishers. If publishers, topics and feeds are all empty, process all sources.
        topics: Process only sources with these topics.
        feeds: Process only these feed IDs, separated by spaces or commas.
        warc_files: Paths of WARC files to import pages from, such as Common Crawl's CC-NEWS, one path per line.
        dry_run: Show the plan as a table of days and sources, and change nothing.
        feed_list: Path of a feed list (CSV) to use instead of seeds/feeds.csv.
        now: Run time (ISO 8601 with time zone), for a reproducible run. Empty: the current time.
    """
    window = Window(start, end)
    run = tasks.open_run(feed_list, now, is_backfill=True)
    known = tasks.known_sources(run)
    chosen = check_feeds(
        known, feeds.replace(",", " ").split(), [str(name) for name in publishers], [str(name) for name in topics]
    )
    files = [_warc(line) for line in warc_files.splitlines() if line.strip()]
    tasks.prepare(run)
    if dry_run:
        return tasks.plan(run, chosen, window, mode)
    with tasks.backfill_lock(run):
        _gather(run, chosen, window, mode, files)
        with tasks.writer_lock(run):
            rebuilt = tasks.model(run)
            audited = tasks.audit(run)
            released = tasks.release(run, audited)
    tasks.report(run)
    tasks.show(run, released, rebuilt)
    return released


def _gather(run: Run, sources: list[Feed], window: Window, mode: Mode, files: list[Path]) -> None:
    """Run the steps that precede the models: fetch and clean (refetch), clean again (reprocess), or none (retag)."""
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
        raise SettingsError(f"WARC file not found: {path}.")
    return path
