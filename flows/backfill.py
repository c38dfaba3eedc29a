"""A backfill: the stages of the nightly run over a date range. Start it in the Prefect UI or with
``tidings backfill``.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from tidings.base.records import Feed
from tidings.base.settings import SettingsError, read_settings
from tidings.fetch.registry import RegistryError
from tidings.fetch.window import Window
from tidings.flows import tasks
from tidings.stages.plan import check_feeds, describe_changes, read_paths, read_window
from tidings.stages.prepare import registry_of
from tidings.stages.run import Run
from tidings.storage.lake import WarehouseError


def _choices() -> list[list[str]]:
    """Return publisher IDs, topics and feed IDs of the feed list; empty if it is unreadable."""
    try:
        feeds, _ = registry_of(read_settings())
    except (SettingsError, RegistryError, WarehouseError):
        return [[], [], []]
    topics = {topic for feed in feeds for topic in feed.topics}
    publishers, ids = {feed.publisher_id for feed in feeds}, {feed.feed_id for feed in feeds}
    return [sorted(publishers), sorted(topics), sorted(ids)]


if TYPE_CHECKING:
    PublisherId = str
    Topic = str
    FeedId = str
else:
    # The form shows a choice, which accepts the names of other lists.
    PublisherId, Topic, FeedId = (
        Annotated[str, Field(json_schema_extra={"enum": names})] if names else str
        for names in _choices()
    )

Mode = Literal["refetch", "reprocess", "retag"]
# An empty text means no date. With null, the form would show two tabs, or submit a null that the
# server refuses. The deployment supplies the empty texts: with defaults in the flow, the form would
# call the dates optional.
NO_DAYS = {"start": "", "end": ""}
Day = Annotated[dt.date | Literal[""], WithJsonSchema({"type": "string", "format": "date"})]


@tasks.guarded_flow
def backfill(
    start: Annotated[Day, tasks.label("First day")],
    end: Annotated[Day, tasks.label("Last day")],
    mode: Annotated[
        Mode,
        tasks.label("Work: backfill only what is missing (refetch, the default), or process again"),
    ] = "refetch",
    dry_run: Annotated[bool, tasks.label("Dry run: only show the plan")] = False,
    confirm: Annotated[bool, tasks.label("Confirm: change figures that were released")] = False,
    # the form shows literal defaults
    publishers: Annotated[list[PublisherId], tasks.label("Sources: publishers")] = [],  # noqa: B006
    topics: Annotated[list[Topic], tasks.label("Sources: topics")] = [],  # noqa: B006
    feeds: Annotated[list[FeedId], tasks.label("Sources: feeds")] = [],  # noqa: B006
    warc_files: Annotated[str, tasks.label("Advanced: WARC files to import")] = "",
    feed_list: Annotated[str, tasks.label("Advanced: another feed list")] = "",
    now: Annotated[str, tasks.label("Advanced: run time")] = "",
) -> Any:
    """Fetch, clean or annotate the articles of a date range again, then make one release.

    Args:
        start: In the time zone of each publisher. May be empty for retag, which processes all days.
        end: Inclusive. May be empty for retag.
        mode: refetch requests only the items that are missing, from listings, sitemaps and
            archives. reprocess cleans the stored pages again with the current rules. retag finds
            mentions, statements and terms again in stored articles whose rows are of older rules.
            Only refetch makes network requests.
        dry_run: Shows the plan as a table of days and sources, and changes nothing.
        confirm: A window of weeks that the last release calls complete needs this confirmation,
            because somebody may have printed their figures. revised_figures lists what changed.
        publishers: Only the sources of these publishers. Without a choice of publishers, topics or
            feeds: all sources.
        topics: And the sources with these topics.
        feeds: And these feeds.
        warc_files: Paths of WARC files to import pages from, such as Common Crawl's CC-NEWS, one
            path per line.
        feed_list: Path of a feed list (CSV) to use instead of your own.
        now: ISO 8601 with time zone, for a reproducible run. Empty: the current time.
    """
    run = tasks.open_run(feed_list, now, is_backfill=True)
    window = read_window(start, end, mode) or tasks.all_days(run)
    files = read_paths(warc_files)
    chosen = check_feeds(tasks.prepare(run), feeds, publishers, topics)
    if dry_run:
        return tasks.plan(run, chosen, window, mode)
    if not confirm and (sentence := describe_changes(run.lake, window)):
        raise SettingsError(f"{sentence} To do so, switch on Confirm (confirm) and run it again.")
    with run.lock("backfill.lock"):  # a nightly run may be active meanwhile
        _gather(run, chosen, window, mode, files)
        with run.lock():
            tasks.annotate(run, window if mode == "retag" else None)
            tasks.group(run)
            rebuilt = tasks.model(run)
            audited = tasks.audit(run)
            released = tasks.release(run, audited)
    tasks.report(run)
    tasks.show(run, released, rebuilt)
    return released


def _gather(run: Run, sources: list[Feed], window: Window, mode: Mode, files: list[Path]) -> None:
    """Run the steps that precede annotation, of which the mode ``retag`` has none."""
    if mode == "refetch":
        tasks.discover(run, sources, window)  # listings, sitemaps, archives → entries
        if files:
            tasks.import_files(run, files, sources, window)  # WARC files → captures
        tasks.obtain(run, sources, window)  # entries without a page → captures
        tasks.clean(run)  # captures without an article → articles, revisions
        tasks.documents(run, sources)  # pages that only lead to a document → captures, articles
    elif mode == "reprocess":
        # stored captures → articles
        tasks.reprocess(run, sorted({feed.publisher_id for feed in sources}), window)
