"""Write Prefect artifacts for the UI: progress during a run, then a table of sources and a summary."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, cast

from prefect.artifacts import create_markdown_artifact, create_progress_artifact, create_table_artifact, update_progress_artifact

from tidings.flows.messages import markdown, message
from tidings.flows.report.render import format_share
from tidings.flows.report.trends import Trends, read_trends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from uuid import UUID

    import duckdb

    from tidings.flows.stages.run import Run
    from tidings.warehouse.records import Release

MOST_ROWS = 1000  # rows of a plan that the UI shows
EVERY_SECONDS = 3.0  # between two updates: frequent writes would slow down the Prefect server


def show_progress() -> Callable[[str, int, int], None]:
    """Return a progress function that writes one artifact for each stage that takes longer than EVERY_SECONDS."""
    artifacts: dict[str, UUID] = {}
    updated_at: dict[str, float] = {}

    def progress(stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        first = updated_at.setdefault(stage, now)
        total = max(total, done)  # another run can add work while this one runs
        is_over = done >= total
        if now - first < EVERY_SECONDS and (stage not in artifacts) and not (is_over and stage in artifacts):
            return
        share = round(100 * done / max(total, 1), 1)
        if stage not in artifacts:
            artifact_id = create_progress_artifact(share, description=f"{stage}: {done:,} of {total:,}")
            artifacts[stage] = cast("UUID", artifact_id)
        elif is_over or now - updated_at[stage] >= EVERY_SECONDS:
            update_progress_artifact(artifacts[stage], share, description=f"{stage}: {done:,} of {total:,}")
        else:
            return
        updated_at[stage] = now

    return progress


def show_sources(con: duckdb.DuckDBPyConnection) -> None:
    """Write the table of sources: outcome of the last poll, its reason, and the time of the next poll."""
    rows = con.execute(
        "select feed_id, outcome, coalesce(reason, ''), failure_count, last_new_entry_at, next_poll_at"
        " from raw.feed_states order by failure_count desc, outcome, feed_id"
    ).fetchall()
    names = ("source", "outcome", "reason", "consecutive failures", "last new entry", "next poll")
    table = [dict(zip(names, (_plain(cell) for cell in row), strict=True)) for row in rows]
    create_table_artifact(table, key="sources", description="Sources by outcome")


def show_summary(con: duckdb.DuckDBPyConnection, run: Run, release: Release, rebuilt: str) -> None:
    """Write the summary of the run: the release, the days that were rebuilt, and the rising themes."""
    movers = read_trends(con)
    articles = con.execute("select count(*), count(*) filter (first_seen_at >= ?) from core.articles", [run.now]).fetchone()
    total, fresh = articles or (0, 0)
    page = run.lake.report / "index.html"
    lines = [
        f"# Release {release.release_id}",
        "",
        f"{fresh:,} new articles, {total:,} in total. {release.audit_passed} tests passed. Word list {release.lexicon_version}.",
        *(
            []
            if release.accepted_loss is None
            else ["", f"Rows are missing from this release. Reason: {markdown(release.accepted_loss)}"]
        ),
        "",
        f"Rebuilt days: {rebuilt}.",
        "",
        *_rising(movers),
        f"Warehouse: `{run.lake.release_file}`",
        "",
        f"Report: [{page}]({page.as_uri()}), a file on the machine with the warehouse. Paste its path into the address bar.",
    ]
    create_markdown_artifact("\n".join(lines), key="summary", description="Summary of the run")


def show_plan(rows: Sequence[Mapping[str, object]], description: str) -> None:
    """Write a backfill's plan as a table of at most MOST_ROWS rows."""
    shown = [{name: _plain(cell) for name, cell in row.items()} for row in rows[:MOST_ROWS]]
    cut = f" This table shows the first {len(shown):,} of {len(rows):,} rows." if len(rows) > len(shown) else ""
    create_table_artifact(shown, key="plan", description=description + cut)


def _plain(cell: object) -> str | int | float:
    if isinstance(cell, int | float):
        return cell
    return f"{cell:%Y-%m-%d %H:%M}" if isinstance(cell, dt.datetime) else message(str(cell if cell is not None else "–"))


def _rising(movers: Trends) -> Iterator[str]:
    """Yield Markdown lines about rising themes, with the same content as the first page of the report."""
    if movers.silent_since:
        yield f"**No articles since {movers.silent_since}.**"
        yield ""
    if movers.rising:
        yield "| Rising themes (significant change) | Articles | Share, previous 28 days | Share, last 28 days |"
        yield "| --- | ---: | ---: | ---: |"
        for theme in movers.rising:
            row = movers.windows[theme]
            shares = f"{format_share(row['before'])} | {format_share(row['now'])}"
            yield f"| {markdown(movers.labels[theme])} | {row['hits']:,} | {shares} |"
    elif not movers.silent_since:
        yield "No theme rose significantly in the last 28 days compared with the previous 28 days."
    yield ""
    if movers.uncertain:
        yield f"Higher share, but not significantly: {', '.join(markdown(movers.labels[theme]) for theme in movers.uncertain)}."
        yield ""
