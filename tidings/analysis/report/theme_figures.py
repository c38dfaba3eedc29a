"""Compose the figures of a theme's page: shares, counts, indices and small charts."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tidings.analysis.report import event_data, theme_data
from tidings.analysis.report.figure import (
    CORRECTED_COLUMNS,
    CORRECTED_LEGEND,
    COUNT_COLUMNS,
    SHARE_COLUMNS,
    SHARE_LEGEND,
    Figure,
    count_row,
    describe_period,
    describe_shares,
    period_end,
    period_status,
    rounded,
    share_rows,
    shared_maximum,
    summarise_corrected,
    summarise_shares,
)
from tidings.analysis.report.table_sql import escape_sql
from tidings.base.languages.plural import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

# the ID and the words of the figure of each measure
_NAMES = {"about": ("share-{}", "about"), "mention": ("mentions-share", "that mention")}


def small_figures(
    stem: str,
    series: Sequence[dict[str, Any]],
    *,
    unit: str,
    source: str,
    sql: str,
    method: str = "share",
) -> list[Figure]:
    """Return small charts on one scale, each for a row of ``series`` with its ``label`` as the
    title and its ``note``.
    """
    charts = [(row, share_rows(row["series"], unit)) for row in series]
    maximum = shared_maximum(rows for _, rows in charts)
    return [
        Figure(
            figure_id=f"{stem}-{position}",
            chart="share",
            title=str(row["label"] or "unknown"),
            note=row["note"],
            legend=SHARE_LEGEND,
            method=method,
            alt=f"{row['label']}: {describe_shares(rows, unit)}",
            columns=SHARE_COLUMNS,
            rows=rows,
            source=source,
            sql=sql,
            signals={"most": maximum},
        )
        for position, (row, rows) in enumerate(charts)
    ]


def share_figure(
    theme_id: str,
    series: Sequence[tuple[Any, ...]],
    unit: str,
    measure: str = "about",
    *,
    warning: str = "",
    peaks: Sequence[dict[str, Any]] = (),
) -> Figure:
    """Return the figure of the share of articles about a theme (also corrected, if known) or of
    those that mention it.

    Weeks name the first of the events behind them (``peaks``, rows of ``read_peaks``).
    """
    rows = share_rows([row[:8] for row in series], unit)
    method, further, selected, note = "about", "", "", ""
    legend, columns = [*SHARE_LEGEND], [*SHARE_COLUMNS]
    if any(row[9:10] not in ((), (None,)) for row in series):
        method = "corrected"
        rows = [row + rounded(more[9:12]) for row, more in zip(rows, series, strict=False)]
        legend += CORRECTED_LEGEND
        columns += CORRECTED_COLUMNS
        further = summarise_corrected(rows, unit)
        selected = f",\n    {', '.join(theme_data.CORRECTED)}"
    if peaks and unit == "week" and rows:
        events = event_data.mark_events([*map(itemgetter(0), rows)], peaks)
        rows = [row + event for row, event in zip(rows, events, strict=True)]
        columns += event_data.EVENT_COLUMNS
        if any(map(itemgetter(0), events)):
            note = "Numbers mark peaks; the list below names the first event behind each."
    figure_id, verb = _NAMES[measure]
    table = f"theme_{unit}ly"
    share, count = theme_data.MEASURES[measure]
    return Figure(
        figure_id=figure_id.format(unit),
        chart="share",
        title=f"Share of articles {verb} the theme, by {unit}",
        summary=f"{summarise_shares(rows, unit)} {further}".strip(),
        note=note,
        legend=tuple(legend),
        method=method,
        alt=f"{describe_shares(rows, unit)} {further}".strip(),
        columns=tuple(columns),
        rows=rows,
        source=f"marts.{table}",
        sql=f"select {unit}_start_on, {count}, total_count, {share}, {share}_low,"
        f" {share}_high{selected},\n"
        f"    covered_days, is_complete\nfrom {table}\nwhere theme_id ="
        f" '{escape_sql(theme_id)}'\norder by {unit}_start_on;",
        warning=warning,
    )


def counts_figure(theme_id: str, series: Sequence[tuple[Any, ...]], unit: str) -> Figure:
    """Return the figure of a theme's articles and stories by week or month."""
    rows = [
        count_row(start, unit, (hits, stories), days, period_status(days, total, is_over=is_over))
        for start, *_, hits, total, days, is_over, stories in (row[:9] for row in series)
    ]
    total, stories = sum(row[2] for row in rows), sum(row[3] for row in rows)
    peak = max(rows, key=lambda row: row[2], default=None)
    return Figure(
        figure_id="counts",
        chart="counts",
        title=f"Articles that mention the theme, and their stories, by {unit}",
        summary=f"{counted(total, 'article')} in {counted(stories, 'story')}."
        + (
            f" The maximum is {peak[2]:,} in {describe_period(peak[0], unit)}."
            if peak and peak[2]
            else ""
        ),
        note=f"Stories are counted per {unit} and summed.",
        legend=(
            ("full", "stories: groups of near-identical articles and translations"),
            ("grey", "further articles of the same stories"),
            ("pale", "period that is not over yet"),
        ),
        method="story",
        alt=f"Bar chart of {len(rows)} {unit}s: {counted(total, 'article')},"
        f" {counted(stories, 'story')}.",
        columns=COUNT_COLUMNS,
        rows=rows,
        source=f"marts.theme_{unit}ly",
        sql=f"select {unit}_start_on, article_count, story_count\nfrom theme_{unit}ly\n"
        f"where theme_id = '{escape_sql(theme_id)}'\norder by {unit}_start_on;",
    )


def index_figure(theme_id: str, index: dict[str, Any]) -> Figure:
    """Return the figure of a theme's monthly index for one baseline."""
    rows = [
        [
            start.isoformat(),
            period_end(start, "month").isoformat(),
            None if value is None else round(value, 3),
        ]
        for start, value in index["series"]
    ]
    known = [row for row in rows if row[2] is not None]
    last = f"{known[-1][2]:.0f} in {describe_period(known[-1][0], 'month')}" if known else ""
    return Figure(
        figure_id=f"index-{index['baseline_id']}",
        chart="index",
        title=f"Index, baseline {index['baseline_id']}",
        summary=f"{last}; 100 is the mean of the baseline." if known else "",
        note="Each outlet is standardised, so neither its volume nor its start or end shifts the"
        " index.",
        method="index",
        alt=f"Line chart of {len(rows)} months; last value {last}." if known else "No values.",
        columns=(
            ("start", "Month from", "date"),
            ("end", "", "hidden"),
            ("index", "Index", "number"),
        ),
        rows=rows,
        source="marts.theme_index_monthly",
        sql="select month_start_on, standardised_index\nfrom theme_index_monthly\n"
        f"where theme_id = '{escape_sql(theme_id)}' and baseline_id ="
        f" '{escape_sql(index['baseline_id'])}'\n"
        "order by month_start_on;",
    )
