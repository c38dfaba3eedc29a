"""Write Prefect artifacts for the UI: progress during a run, then its summary, sources, coverage,
history and themes.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import time
from collections import Counter
from typing import TYPE_CHECKING, cast

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from tidings.analysis.report.invented import read_invented
from tidings.analysis.report.render import EXPLORE, format_share
from tidings.analysis.report.trends import Trends, read_trends
from tidings.base.languages.plural import counted
from tidings.base.messages import markdown, message
from tidings.fetch.source_verdict import Verdict, action_for
from tidings.flows.prefect_server import REPORT_URL
from tidings.stages.source_health import judge, read_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    import duckdb

    from tidings.base.records import Release
    from tidings.stages.run import Run

MAX_ROWS = 1000  # rows of a plan that the UI shows
EVERY_SECONDS = 3.0  # between two updates: frequent writes would slow down the Prefect server
LOG_SECONDS = 15.0  # between two log lines of a stage
# of the coverage grid, with the current week: more would not fit next to the page's sidebar
WEEKS = 5
MAX_FEEDS = 8  # that the command of the next backfill names
MAX_RELEASES = 60
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
HISTORY = """
    with stored as (
        select first_seen_at, count(*) as added,
            max(published_at) filter (published_at <= first_seen_at) as newest
        from core.articles group by first_seen_at
    ),
    newest as (select first_seen_at, max(newest) over (order by first_seen_at) as newest
        from stored),
    recent as (from ops.releases order by released_at desc limit $most)
    select r.release_id, r.row_counts['core.articles'] as articles,
        articles - lag(articles, 1, 0) over (order by r.released_at) as added,
        n.newest, round(date_diff('minute', n.newest, r.released_at) / 60, 1),
        r.row_counts['marts.theme_mentions'], r.row_counts['marts.statements'],
        r.row_counts['marts.events']
    from recent as r asof left join newest as n on r.released_at >= n.first_seen_at
    order by r.released_at desc
"""
THEMES = """
    with old as (select theme_id, published_on, article_count from {old} where {condition}),
    changes as (
        select theme_id, published_on, coalesce(n.article_count, 0) as now,
            coalesce(o.article_count, 0) as before
        from marts.theme_daily as n full join old as o using (theme_id, published_on)
    )
    select coalesce(any_value(t.label_en), theme_id),
        sum(greatest(now - before, 0))::bigint as added,
        sum(greatest(before - now, 0))::bigint as removed, sum(now)::bigint,
        count(*) filter (now != before),
        min(published_on) filter (now != before)::varchar,
        max(published_on) filter (now != before)::varchar
    from changes left join ref.themes as t using (theme_id)
    group by theme_id having added + removed > 0 order by added + removed desc, theme_id
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


def _show_table(
    key: str, names: Sequence[str], rows: Iterable[Sequence[object]], description: str
) -> None:
    """Write a table of at most MAX_ROWS rows."""
    table = [
        dict(zip(names, map(_plain, row), strict=True)) for row in itertools.islice(rows, MAX_ROWS)
    ]
    create_table_artifact(table, key=key, description=description)


def show_sources(con: duckdb.DuckDBPyConnection) -> None:
    """Write the table of sources: verdict, outcome and reason of the last poll, what to do, and the
    time of the next poll.
    """
    judged = judge(read_sources(con))
    rows = [
        (
            *(poll.feed_id, verdict, action_for(poll, verdict), poll.outcome, poll.reason or ""),
            *(poll.moved_to or "", poll.failure_count),
            *(source.last_new_entry_at, source.next_poll_at),
        )
        for verdict, source in judged
        for poll in [source.poll]
    ]
    counts = Counter(verdict for verdict, _ in judged)
    described = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    names = (
        *("source", "verdict", "what to do", "outcome", "reason", "moved to", "failures"),
        *("last new entry", "next poll"),
    )
    _show_table("sources", names, rows, f"Sources by verdict: {described or 'none'}")


def show_coverage(con: duckdb.DuckDBPyConnection, now: dt.datetime) -> None:
    """Write the coverage grid, one letter per source and day of the last WEEKS weeks, and the
    window of the next backfill.
    """
    first = now.date() - dt.timedelta(now.weekday() + 7 * (WEEKS - 1))
    rows = con.execute(COVERAGE, {"now": now, "final": FINAL}).fetchall()
    cells: dict[str, dict[dt.date, str]] = {}
    recent: list[tuple[str, dt.date]] = []  # what a backfill may recover, and days before the grid
    older: list[dt.date] = []
    for source, day, letter, is_recoverable in rows:
        if day >= first:
            cells.setdefault(source, {})[day] = letter
            if is_recoverable:
                recent.append((source, day))
        elif is_recoverable:
            older.append(day)
    weeks = [first + dt.timedelta(7 * week) for week in range(WEEKS)]
    width = max(map(len, cells), default=0)
    grid = [" " * width + "".join(f" {week:%d %b} " for week in weeks).rstrip()]
    for source, letters in sorted(
        cells.items(), key=lambda item: (-list(item[1].values()).count(LOST), item[0])
    ):
        line = (
            "".join(letters.get(week + dt.timedelta(day), " ") for day in range(7))
            for week in weeks
        )
        grid.append(f"{source:{width}} " + " ".join(line).rstrip())
    lines = [
        "# Coverage by source and day",
        "",
        *_next_backfill(recent, first),
        *_older(older),
        LEGEND,
        "",
        "```",
        *grid,
        "```",
    ]
    description = "Coverage by source and day, and the next backfill"
    create_markdown_artifact("\n".join(lines), key="coverage", description=description)


def _next_backfill(lost: Sequence[tuple[str, dt.date]], since: dt.date) -> Iterator[str]:
    if not lost:
        yield from (f"**Nothing to backfill:** no source lost a day since {since}.", "")
        return
    sources, days = sorted({source for source, _ in lost}), [day for _, day in lost]
    named = "".join(f" --feed {source}" for source in sources) if len(sources) <= MAX_FEEDS else ""
    lines = f"{counted(len(lost), 'lost day')} of {counted(len(sources), 'source')}"
    yield from (f"**Next backfill: {min(days)} to {max(days)}**, for {lines}.", "")
    yield from (f"`tidings backfill --start {min(days)} --end {max(days)}{named}`", "")


def _older(days: Sequence[dt.date]) -> Iterator[str]:
    if days:
        lost = f"{counted(len(days), 'day')} of a source, from {min(days)} to {max(days)}"
        yield from (f"Lost before this grid: {lost}.", "")


def show_history(con: duckdb.DuckDBPyConnection) -> None:
    """Write the row counts of the last MAX_RELEASES releases, and the age of the newest article at
    each release.
    """
    rows = con.execute(HISTORY, {"most": MAX_RELEASES}).fetchall()
    names = (
        *("release", "articles", "added", "newest article (UTC)", "its age (h)", "mentions"),
        *("statements", "events"),
    )
    _show_table("history", names, rows, "Row counts and freshness of the last releases")


def show_themes(con: duckdb.DuckDBPyConnection, run: Run, release: Release) -> int:
    """Write how many articles of each theme the run added and removed, compared with the last
    release; return the themes.
    """
    if release.run_id != run.run_id:
        return 0  # the run made no release
    before = con.execute(
        "select max(snapshot_id) from ops.releases where snapshot_id < ?", [release.snapshot_id]
    ).fetchone()
    since = before[0] if before else None
    old = "marts.theme_daily" + (f" at (version => {since})" if since else "")
    rows = con.execute(THEMES.format(old=old, condition="true" if since else "false")).fetchall()
    if rows:
        names = ("theme", "added", "removed", "total", "changed days", "first day", "last day")
        description = (
            f"Themes that this run changed: {len(rows)}. An article counts for each"
            f" theme that it mentions."
        )
        _show_table("themes", names, rows, description)
    return len(rows)


def show_summary(con: duckdb.DuckDBPyConnection, run: Run, release: Release, rebuilt: str) -> None:
    """Write the summary of the run: the release, the days that were rebuilt, the changed and the
    rising themes.
    """
    changed = show_themes(con, run, release)
    movers = read_trends(con)
    articles = con.execute(
        "select count(*), count(*) filter (first_seen_at >= ?) from core.articles", [run.now]
    ).fetchone()
    total, fresh = articles or (0, 0)
    url = os.environ.get(REPORT_URL)
    file = f"`{run.lake.report / 'index.html'}`, a file on the machine of this run"
    page = f"[Report]({url})" if url else f"Report: {file}"
    notice, loss = read_invented(con).notice, release.accepted_loss
    tests = counted(release.audit_passed, "test")
    lines = [
        f"# Release {release.release_id}",
        "",
        *([f"**{notice}**", ""] if notice else []),
        f"{counted(fresh, 'new article')}, {total:,} in total. {tests} passed.",
        f"Word list {release.lexicon_version}.",
        *(
            ["", f"Rows are missing from this release. Reason: {markdown(loss)}"]
            if loss is not None
            else []
        ),
        "",
        f"Rebuilt days: {rebuilt}. Changed themes: {changed or 'none'}.",
        "",
        *_rising(movers),
        f"Warehouse: `{run.lake.release_file}`",
        "",
        (
            f"{page}. Charts, articles and mentions: [Explore]({EXPLORE}), while `tidings explore`"
            " is running on your machine."
        ),
    ]
    create_markdown_artifact("\n".join(lines), key="summary", description="Summary of the run")


def show_plan(rows: Sequence[Mapping[str, object]], description: str) -> None:
    """Write a backfill's plan as a table of at most MAX_ROWS rows."""
    cut = (
        f" This table shows the first {MAX_ROWS:,} of {len(rows):,} rows."
        if len(rows) > MAX_ROWS
        else ""
    )
    names = list(rows[0]) if rows else []
    _show_table("plan", names, (list(row.values()) for row in rows), description + cut)


def _plain(cell: object) -> str | int | float:
    if isinstance(cell, int | float):
        return cell
    return (
        f"{cell:%Y-%m-%d %H:%M}"
        if isinstance(cell, dt.datetime)
        else message(str(cell if cell is not None else "–"))
    )


def _rising(movers: Trends) -> Iterator[str]:
    """Yield Markdown lines about rising themes, with the same content as the first page of the
    report.
    """
    if movers.silent_since:
        yield f"**No articles since {movers.silent_since}.**"
        yield ""
    if movers.rising:
        yield (
            "| Rising themes (significant change) | Articles | Share, previous 28 days | Share,"
            " last 28 days |"
        )
        yield "| --- | ---: | ---: | ---: |"
        for theme in movers.rising:
            row = movers.windows[theme]
            shares = f"{format_share(row['before'])} | {format_share(row['panel_now'])}"
            count = f"{row['panel_article_count']:,}"
            yield f"| {markdown(movers.labels[theme])} | {count} | {shares} |"
    elif movers.is_compared and not movers.silent_since:
        yield "No theme rose significantly."
    yield ""
    yield movers.compared
    yield ""
    if movers.uncertain:
        yield (
            f"Higher share, but not significantly:"
            f" {', '.join(markdown(movers.labels[theme]) for theme in movers.uncertain)}."
        )
        yield ""
