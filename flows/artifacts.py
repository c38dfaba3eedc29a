"""Write Prefect artifacts for the UI: progress during a run, then its summary and coverage."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import cast
from uuid import UUID

import duckdb
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from tidings.analysis.breaks import Break, read_breaks
from tidings.analysis.coding.recall import read_falls
from tidings.analysis.report.release import Trends, read_invented, read_trends
from tidings.analysis.report.render import EXPLORE, format_share
from tidings.base.languages.plural import counted
from tidings.base.messages import markdown, message
from tidings.base.records import Release
from tidings.flows.prefect_server import REPORT_URL
from tidings.stages.plan import RECENT, Gap, describe_gaps, read_gaps, window_of
from tidings.stages.run import Run

MAX_ROWS = 1000  # rows of a plan that the UI shows
EVERY_SECONDS = 3.0  # between two updates: frequent writes would slow down the Prefect server
LOG_SECONDS = 15.0  # between two log lines of a stage
MAX_BREAKS = 20  # that the summary lists
MAX_GAPS = 100  # that the list of gaps shows
MAX_FEEDS = 8  # that the command of the next backfill names


def show_progress(log: Callable[[str], None]) -> Callable[[str, int, int], None]:
    """Return a progress function for long stages, which updates an artifact and logs."""
    artifacts: dict[str, UUID] = {}
    updated_at: dict[str, float] = {}
    logged_at: dict[str, float] = {}

    def progress(stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        total = max(total, done)  # another run can add work while this one runs
        is_over = done >= total
        if now - logged_at.setdefault(stage, now) >= LOG_SECONDS and not is_over:
            log(f"{stage}: {done:,} of {total:,} so far")
            logged_at[stage] = now
        is_due = now - updated_at.setdefault(stage, now) >= EVERY_SECONDS
        if not is_due and not (is_over and stage in artifacts):
            return
        share, text = round(100 * done / max(total, 1), 1), f"{stage}: {done:,} of {total:,}"
        if stage in artifacts:
            update_progress_artifact(artifacts[stage], share, description=text)
        else:
            artifacts[stage] = cast("UUID", create_progress_artifact(share, description=text))
        updated_at[stage] = now

    return progress


def show_coverage(con: duckdb.DuckDBPyConnection, now: dt.datetime) -> None:
    """Write the gaps of the outlets in the last 30 days, and the window of the next backfill."""
    since = now.date() - RECENT
    gaps = read_gaps(con, now, since)
    table = ["| Outlet | From | To | Days | Reason |", "|---|---|---|---:|---|"]
    for gap in gaps[:MAX_GAPS]:
        cells = markdown(gap.name), gap.first_on, gap.last_on, gap.day_count, gap.reason
        table.append(f"| {' | '.join(map(str, cells))} |")
    none = f"**Nothing to backfill:** no outlet has a gap since {since}."
    paragraphs = [
        "# Gaps of the outlets",
        *_next_backfill(con, [gap for gap in gaps if gap.is_fillable]),
        "\n".join(table) if gaps else none,
        f"And {len(gaps) - MAX_GAPS} more." if len(gaps) > MAX_GAPS else "",
    ]
    _write("coverage", paragraphs, "Gaps of the outlets, and the next backfill")


def _write(key: str, paragraphs: Iterable[str], description: str) -> None:
    text = "\n\n".join(filter(None, paragraphs))
    create_markdown_artifact(text, key=key, description=description)


def _next_backfill(con: duckdb.DuckDBPyConnection, gaps: Sequence[Gap]) -> Iterator[str]:
    if not gaps:
        return
    publishers = sorted({gap.publisher_id for gap in gaps})
    window = window_of(gaps)
    query = "select feed_id from raw.feeds where is_enabled and publisher_id in $ids order by 1"
    feeds = con.execute(query, {"ids": publishers}).fetchall()
    named = "".join(f" --feed {feed}" for (feed,) in feeds) if len(feeds) <= MAX_FEEDS else ""
    yield f"**Next backfill:** {describe_gaps(gaps)}."
    yield f"`tidings backfill --start {window.start} --end {window.end}{named}`"


def show_summary(con: duckdb.DuckDBPyConnection, run: Run, release: Release, rebuilt: str) -> None:
    """Write the summary of the run."""
    fresh, total = con.execute(
        "select count(*) filter (first_seen_at >= ?), count(*) from core.articles", [run.now]
    ).fetchall()[0]
    url = os.environ.get(REPORT_URL)
    file = f"`{run.lake.report / 'index.html'}`, a file on the machine of this run"
    page = f"[Report]({url})" if url else f"Report: {file}"
    notice, loss = read_invented(con).notice, release.accepted_loss
    articles = f"{counted(fresh, 'new article')}, {total:,} in total."
    tests = counted(release.audit_passed, "test")
    explore = f"[Explore]({EXPLORE}), while `tidings explore` is running on your machine."
    paragraphs = [
        f"# Release {release.release_id}",
        f"**{notice}**" if notice else "",
        f"{articles} {tests} passed. Word list {release.lexicon_version}.",
        f"Rows are missing from this release. Reason: {markdown(loss)}" if loss is not None else "",
        f"Rebuilt days: {rebuilt}.",
        *data_problems(read_breaks(con)),
        *(f"**Recall has fallen.** {what} {action}" for what, action in read_falls(con)),
        *front_page(read_trends(con)),
        f"Warehouse: `{run.lake.release_file}`",
        f"{page}. Charts, articles and mentions: {explore}",
    ]
    _write("summary", paragraphs, "Summary of the run")


def data_problems(breaks: Sequence[Break]) -> Iterator[str]:
    """Yield Markdown paragraphs with the open breaks: outlet, days, sentence and action."""
    if breaks:
        shown = [f"- {markdown(str(found))} {found.action}" for found in breaks[:MAX_BREAKS]]
        more = [f"- And {len(breaks) - MAX_BREAKS} more."] if len(breaks) > MAX_BREAKS else []
        yield "**Data problems:** an outlet's data differ from its own past."
        yield "\n".join([*shown, *more])


def front_page(trends: Trends) -> Iterator[str]:
    """Yield Markdown paragraphs, some empty, with the front page: events, then themes."""
    yield f"**No articles since {trends.silent_since}.**" if trends.silent_since else ""
    yield "\n".join(
        f"- {markdown(row['text'])}, {counted(row['report_count'], 'report')}"
        for row in trends.lines("event")
    )
    for line in (changed := [*trends.lines("rising"), *trends.lines("fading")]):
        row = trends.windows[line["subject_id"]]
        shares = f"{format_share(row['before'])} to {format_share(row['panel_now'])}"
        count = counted(row["panel_article_count"], "article")
        yield f"**{markdown(line['text'])}**, {count}, share from {shares} (significant)."
    if trends.panel_count and not (changed or trends.silent_since):
        yield "No theme changed significantly."
    yield trends.compared


def show_table(key: str, rows: Sequence[Mapping[str, object]], description: str) -> None:
    """Write a table of at most MAX_ROWS rows."""
    cut = f" This table shows the first {MAX_ROWS:,} of {len(rows):,} rows."
    table = [
        {
            name: cell if isinstance(cell, int | float) else message(str(cell))
            for name, cell in row.items()
        }
        for row in rows[:MAX_ROWS]
    ]
    shown = description + cut * (len(rows) > MAX_ROWS)
    create_table_artifact(table, key=key, description=shown)
