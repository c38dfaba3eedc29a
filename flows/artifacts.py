"""What a run leaves to look at in Prefect's UI: progress while it runs, then a table of sources and a summary."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, cast

from prefect.artifacts import create_markdown_artifact, create_progress_artifact, create_table_artifact, update_progress_artifact

from tidings.flows.messages import markdown, message
from tidings.flows.report.render import format_share
from tidings.flows.report.trends import read_trends
from tidings.warehouse.lake import open_lake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from uuid import UUID

    from tidings.flows.report.trends import Trends
    from tidings.flows.stages.run import Run
    from tidings.warehouse.records import Release

MOST_ROWS = 1000  # of a plan, that a person would look at
EVERY_SECONDS = 3.0  # between two updates: the server has other things to do


def show_progress() -> Callable[[str, int, int], None]:
    """Return a listener that keeps one progress artifact a stage, for stages that take longer than a moment."""
    artifacts: dict[str, UUID] = {}
    told: dict[str, float] = {}

    def progress(stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        first = told.setdefault(stage, now)
        total = max(total, done)  # what another run brings meanwhile is done here too
        is_over = done >= total
        if now - first < EVERY_SECONDS and (stage not in artifacts) and not (is_over and stage in artifacts):
            return
        share = round(100 * done / max(total, 1), 1)
        if stage not in artifacts:
            made = create_progress_artifact(share, description=f"{stage}: {done:,} of {total:,}")
            artifacts[stage] = cast("UUID", made)
        elif is_over or now - told[stage] >= EVERY_SECONDS:
            update_progress_artifact(artifacts[stage], share, description=f"{stage}: {done:,} of {total:,}")
        else:
            return
        told[stage] = now

    return progress


def show_sources(run: Run) -> None:
    """Make the table of sources by outcome: what each came to, why, and when it is asked next."""
    with open_lake(run.lake, read_only=True) as con:
        rows = con.execute(
            "select feed_id, outcome, coalesce(reason, ''), failure_count, last_new_entry_at, next_poll_at"
            " from raw.feed_states order by failure_count desc, outcome, feed_id"
        ).fetchall()
    names = ("source", "outcome", "why", "failures in a row", "last new entry", "next poll")
    table = [dict(zip(names, (_plain(cell) for cell in row), strict=True)) for row in rows]
    create_table_artifact(table, key="sources", description="Sources by outcome")


def show_summary(run: Run, release: Release, rebuilt: str) -> None:
    """Make the run's summary: what was released, which days were built again, and which themes rise."""
    with open_lake(run.lake, read_only=True) as con:
        movers = read_trends(con)
        articles = con.execute("select count(*), count(*) filter (first_seen_at >= ?) from core.articles", [run.now]).fetchone()
    total, fresh = articles or (0, 0)
    page = run.lake.report / "index.html"
    lines = [
        f"# Release {release.release_id}",
        "",
        f"{fresh:,} new articles, {total:,} in all. Lexicon `{release.lexicon_version}`, {release.audit_passed} tests passed.",
        *(
            []
            if release.accepted_loss is None
            else ["", f"Released although rows are missing: {markdown(release.accepted_loss)}"]
        ),
        "",
        f"Built again: {rebuilt}.",
        "",
        *_rising(movers),
        f"Warehouse: `{run.lake.release_file}`",
        "",
        f"Report: [{page}]({page.as_uri()}), a file on the machine of the warehouse: paste its path into the address bar.",
    ]
    create_markdown_artifact("\n".join(lines), key="summary", description="What the run found")


def show_plan(rows: Sequence[Mapping[str, object]], description: str) -> None:
    """Make the table of a backfill's plan, of its first rows where it is longer than a person would look at."""
    shown = [{name: _plain(cell) for name, cell in row.items()} for row in rows[:MOST_ROWS]]
    cut = f" The first {len(shown):,} of {len(rows):,} rows." if len(rows) > len(shown) else ""
    create_table_artifact(shown, key="plan", description=description + cut)


def _plain(cell: object) -> str | int | float:
    if isinstance(cell, int | float):
        return cell
    return f"{cell:%Y-%m-%d %H:%M}" if isinstance(cell, dt.datetime) else message(str(cell if cell is not None else "–"))


def _rising(movers: Trends) -> Iterator[str]:
    """Yield the lines that tell what rises, as the report's first page does."""
    if movers.silent_since:
        yield f"**Nothing was published or collected since {movers.silent_since}.**"
        yield ""
    if movers.rising:
        yield "| Rising beyond chance, last 28 days against the 28 before | Articles | Before | Now |"
        yield "| --- | ---: | ---: | ---: |"
        for theme in movers.rising:
            row = movers.windows[theme]
            shares = f"{format_share(row['before'])} | {format_share(row['now'])}"
            yield f"| {markdown(movers.labels[theme])} | {row['hits']:,} | {shares} |"
    elif not movers.silent_since:
        yield "No theme rises beyond chance, last 28 days against the 28 before."
    yield ""
    if movers.uncertain:
        yield f"Up, but within chance: {', '.join(markdown(movers.labels[theme]) for theme in movers.uncertain)}."
        yield ""
