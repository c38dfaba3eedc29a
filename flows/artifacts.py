"""Write Prefect artifacts for the UI: progress during a run, then its summary and coverage."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections import defaultdict
from typing import TYPE_CHECKING, cast

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from tidings.analysis.breaks import read_breaks
from tidings.analysis.report.invented import read_invented
from tidings.analysis.report.render import EXPLORE, format_share
from tidings.analysis.report.trends import Trends, read_trends
from tidings.base.languages.plural import counted
from tidings.base.messages import markdown, message
from tidings.flows.prefect_server import REPORT_URL
from tidings.stages.plan import read_gaps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from uuid import UUID

    import duckdb

    from tidings.analysis.breaks import Break
    from tidings.base.records import Release
    from tidings.stages.run import Run

MAX_ROWS = 1000  # rows of a plan that the UI shows
EVERY_SECONDS = 3.0  # between two updates: frequent writes would slow down the Prefect server
LOG_SECONDS = 15.0  # between two log lines of a stage
# of the coverage grid, with the current week: more would not fit next to the page's sidebar
WEEKS = 5
MAX_BREAKS = 20  # that the summary lists
MAX_FEEDS = 8  # that the command of the next backfill names
COLLECTED, LATE, LOST, OTHER, EMPTY, RUNNING = "c", "L", "X", "o", ".", ">"
LEGEND = (
    f"`{COLLECTED}` collected, `{LATE}` collected late (over seven days after publication),"
    f" `{LOST}` lost (not or only partly covered, or pages are missing), `{OTHER}` covered by"
    f" another source of the publisher, `{EMPTY}` nothing published, `{RUNNING}` not over yet."
    " Each block is a week from Monday, in the time zone of the publisher."
)
# outcomes of missing pages, and reasons to exclude stored ones, that a backfill cannot change
FINAL = ["gone", "robots_denied", "other_page", "repeated_text", "paywall", "teaser"]

# The first day of a source is left out if it is only partly covered: the source lists nothing that
# is older.
COVERAGE = f"""
    with days as (
        select c.*, c.listed_share < .999 or c.status = 'no_listing' as is_partial,
            c.published_on >= timezone(coalesce(p.time_zone, 'UTC'),
                $now::timestamptz)::date as is_running,
            c.published_on = min(c.published_on) over (partition by c.source_id) as is_first,
            coalesce(o.gap_reason, 'none') not in ('none', 'unexpected_silence') as is_outlet_gap
        from marts.coverage as c
        left join ref.publishers as p using (publisher_id)
        left join marts.outlet_daily as o using (publisher_id, published_on)
        where c.way != 'file'
    ),
    letters as (
        select *, case
            when is_running then '{RUNNING}'
            when status = 'listed_unretrievable' or (is_partial and is_outlet_gap) then '{LOST}'
            when is_partial then '{OTHER}'
            when listed_count = 0 then '{EMPTY}' when status = 'later_copy' then '{LATE}'
            else '{COLLECTED}'
        end as letter
        from days where not (is_first and is_partial)
    )
    select source_id, published_on, letter,
        letter = '{LOST}' and (is_partial or not list_has_all($final::varchar[], failures))
    from letters order by source_id, published_on
"""


def show_progress(log: Callable[[str], None]) -> Callable[[str, int, int], None]:
    """Return a progress function for long stages: it updates an artifact every EVERY_SECONDS and
    logs every LOG_SECONDS.
    """
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
    """Write the coverage grid, one letter per source and day of the last WEEKS weeks, and the
    window of the next backfill.
    """
    first = now.date() - dt.timedelta(now.weekday() + 7 * (WEEKS - 1))
    cells = defaultdict[str, list[str]](lambda: [" "] * (7 * WEEKS + 1))  # in Auckland, a day more
    recent: list[tuple[str, dt.date]] = []  # what a backfill may recover, and days before the grid
    older: list[tuple[str, dt.date]] = []
    for source, day, letter, is_recoverable in con.execute(
        COVERAGE, {"now": now, "final": FINAL}
    ).fetchall():
        place = (day - first).days
        if place >= 0:
            cells[source][place] = letter
        if is_recoverable:
            (recent if place >= 0 else older).append((source, day))
    width = max(map(len, cells), default=0)
    starts = range(0, 7 * WEEKS, 7)
    heads = "".join(f" {first + dt.timedelta(start):%d %b} " for start in starts)
    grid = [f"{'':{width}}{heads}".rstrip()]
    for source in sorted(cells, key=lambda name: (-cells[name].count(LOST), name)):
        weeks = ("".join(cells[source][start : start + 7]) for start in starts)
        grid.append(f"{source:{width}} {' '.join(weeks)}".rstrip())
    paragraphs = [
        "# Coverage by source and day",
        *_next_backfill(recent, read_gaps(con, first, now), first),
        f"Lost before this grid: {_period(older, 'day')}." if older else "",
        LEGEND,
        "\n".join(["```", *grid, "```"]),
    ]
    text = "\n\n".join(filter(None, paragraphs))
    description = "Coverage by source and day, and the next backfill"
    create_markdown_artifact(text, key="coverage", description=description)


def _next_backfill(
    lost: Sequence[tuple[str, dt.date]], gaps: Sequence[tuple[str, dt.date, str]], since: dt.date
) -> Iterator[str]:
    if not (lost or gaps):
        yield f"**Nothing to backfill:** no outlet has a gap since {since}."
    if gaps and not lost:
        reasons = ", ".join(sorted({reason for *_, reason in gaps}))
        outlets = counted(len({publisher for publisher, *_ in gaps}), "outlet")
        yield (
            f"**Gaps remain:** {counted(len(gaps), 'day')} of {outlets} since {since} ({reasons})."
            " Their sources list no page that a backfill could still obtain."
        )
    if not lost:
        return
    sources, days = sorted({source for source, _ in lost}), [day for _, day in lost]
    named = "".join(f" --feed {source}" for source in sources) if len(sources) <= MAX_FEEDS else ""
    yield f"**Next backfill:** {_period(lost, 'lost day')}."
    yield f"`tidings backfill --start {min(days)} --end {max(days)}{named}`"


def _period(lost: Sequence[tuple[str, dt.date]], noun: str) -> str:
    sources, days = {source for source, _ in lost}, [day for _, day in lost]
    count = f"{counted(len(lost), noun)} of {counted(len(sources), 'source')}"
    return f"{count}, {min(days)} to {max(days)}"


def show_summary(con: duckdb.DuckDBPyConnection, run: Run, release: Release, rebuilt: str) -> None:
    """Write the summary of the run: the release, the days that were rebuilt and the rising
    themes.
    """
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
        *rising_themes(read_trends(con)),
        f"Warehouse: `{run.lake.release_file}`",
        f"{page}. Charts, articles and mentions: {explore}",
    ]
    text = "\n\n".join(filter(None, paragraphs))
    create_markdown_artifact(text, key="summary", description="Summary of the run")


def data_problems(breaks: Sequence[Break]) -> Iterator[str]:
    """Yield Markdown paragraphs with the open breaks: outlet, days, sentence and action."""
    if breaks:
        shown = [f"- {markdown(str(found))} {found.action}" for found in breaks[:MAX_BREAKS]]
        more = [f"- And {len(breaks) - MAX_BREAKS} more."] if len(breaks) > MAX_BREAKS else []
        yield "**Data problems:** an outlet's data differ from its own past."
        yield "\n".join([*shown, *more])


def rising_themes(trends: Trends) -> Iterator[str]:
    """Yield Markdown paragraphs about rising themes, with the same content as the first page of the
    report; some may be empty.
    """
    yield f"**No articles since {trends.silent_since}.**" if trends.silent_since else ""
    names = {theme: markdown(label) for theme, label in trends.labels.items()}
    for theme in trends.rising:
        row = trends.windows[theme]
        shares = f"{format_share(row['before'])} to {format_share(row['panel_now'])}"
        count = counted(row["panel_article_count"], "article")
        yield f"**Rising: {names[theme]}**, {count}, share from {shares} (significant)."
    if trends.is_compared and not (trends.rising or trends.silent_since):
        yield "No theme rose significantly."
    yield trends.compared
    uncertain = ", ".join(map(names.__getitem__, trends.uncertain))
    yield f"Higher share, but not significantly: {uncertain}." if uncertain else ""


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
