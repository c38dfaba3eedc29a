"""Compose the figures of a theme's page: shares, counts, indices, comparisons and small charts."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tidings.analysis.report.figure import (
    CORRECTED_COLUMNS,
    CORRECTED_LEGEND,
    COUNT_COLUMNS,
    SHARE_COLUMNS,
    SHARE_LEGEND,
    Figure,
    bounds,
    count_rows,
    describe_period,
    describe_shares,
    explain_correction,
    rounded,
    share_rows,
    shared_maximum,
    summarise_corrected,
    summarise_shares,
)
from tidings.base.languages.plural import counted
from tidings.storage.lake import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.analysis.answers import Answers, Row

_ALL = ("total_count", "covered_days", "is_complete")
MEASURES = {
    "about": itemgetter(
        "start_on", "about_share", "about_share_low", "about_share_high", "about_count", *_ALL
    ),
    "mention": itemgetter(
        *("start_on", "mention_share", "mention_share_low", "mention_share_high"),
        *("article_count", *_ALL),
    ),
    "small": itemgetter(
        "start_on", "share", "low", "high", "hits", "total", "covered_days", "is_complete"
    ),
}
"""The values for ``share_rows`` in rows of ``read_series``, by measure, and of small charts."""
EVENT_COLUMNS = (("event", "Event", "text"), ("explained", "Share of the rise", "share"))
MARKED_COUNT = 4
_CORRECTED = itemgetter("share_corrected", "share_corrected_low", "share_corrected_high")
# the ID and the words of the figure of each measure
_NAMES = {"about": ("share-{}", "about"), "mention": ("mentions-share", "that mention")}


def small_figures(
    stem: str,
    charts: Sequence[tuple[str, str, Sequence[Sequence[Any]]]],
    *,
    unit: str,
    source: str,
    sql: str,
    method: str = "share",
) -> list[Figure]:
    """Return small charts on one scale, each with its title, note and values for ``share_rows``."""
    drawn = [(title, note, share_rows(series, unit)) for title, note, series in charts]
    maximum = shared_maximum(rows for *_, rows in drawn)
    return [
        Figure(
            figure_id=f"{stem}-{position}",
            chart="share",
            title=title,
            note=note,
            legend=SHARE_LEGEND,
            method=method,
            alt=f"{title}: {describe_shares(rows, unit)}",
            columns=SHARE_COLUMNS,
            rows=rows,
            source=source,
            sql=sql,
            signals={"most": maximum},
        )
        for position, (title, note, rows) in enumerate(drawn)
    ]


def share_figure(
    theme_id: str,
    series: Answers,
    unit: str,
    measure: str = "about",
    *,
    warning: str = "",
    peaks: Sequence[dict[str, Any]] = (),
) -> Figure:
    """Return the figure of the share of articles about a theme (also corrected, if known) or of
    those that mention it. Weeks name the first event behind them (``peaks``).
    """
    found = series.rows(theme_id)
    rows = share_rows(map(MEASURES[measure], found), unit)
    method, note = "about", ""
    further = {"about": explain_correction(found)}.get(measure, "")
    legend, columns = [*SHARE_LEGEND], [*SHARE_COLUMNS]
    if measure == "about" and any(row["share_corrected"] is not None for row in found):
        method = "corrected"
        rows = [row + rounded(_CORRECTED(more)) for row, more in zip(rows, found, strict=False)]
        legend += CORRECTED_LEGEND
        columns += CORRECTED_COLUMNS
        further = f"{summarise_corrected(rows, unit)} {further}"
    if peaks and unit == "week" and rows:
        events = mark_events([*map(itemgetter(0), rows)], peaks)
        rows = [row + event for row, event in zip(rows, events, strict=True)]
        columns += EVENT_COLUMNS
        if any(map(itemgetter(0), events)):
            note = "Numbers mark peaks; the list below names the first event behind each."
    figure_id, verb = _NAMES[measure]
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
        source=f"marts.theme_{unit}ly",
        sql=series.sql(theme_id),
        warning=warning,
    )


def counts_figure(theme_id: str, series: Answers, unit: str) -> Figure:
    """Return the figure of a theme's articles and stories by week or month."""
    rows = count_rows(series.rows(theme_id), unit, "total_count", "is_complete")
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
        sql=series.sql(theme_id),
    )


def index_figures(theme_id: str, indices: Answers) -> list[Figure]:
    """Return a figure of a theme's monthly index for each baseline."""
    return [
        _index_figure(
            baseline, list(months), indices.sql(theme_id, f" and baseline_id = {quoted(baseline)}")
        )
        for baseline, months in groupby(indices.rows(theme_id), itemgetter("baseline_id"))
    ]


def _index_rows(points: Iterable[Sequence[Any]], unit: str) -> list[list[Any]]:
    """Return rows of start, end and rounded values."""
    return [[*bounds(start, unit), *rounded(values, 3)] for start, *values in points]


def _index_figure(baseline: str, months: Sequence[Row], sql: str) -> Figure:
    rows = _index_rows(map(itemgetter("month_start_on", "standardised_index"), months), "month")
    known = [row for row in rows if row[2] is not None]
    last = f"{known[-1][2]:.0f} in {describe_period(known[-1][0], 'month')}" if known else ""
    return Figure(
        figure_id=f"index-{baseline}",
        chart="index",
        title=f"Index, baseline {baseline}",
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
        source="measures.theme_index_monthly",
        sql=sql,
    )


def comparison_figure(compared: dict[str, Any], sql: str) -> Figure:
    """Return the figure of a theme and a comparison series (a row of ``comparisons``)."""
    unit, series_id = compared["period"], compared["series_id"]
    rows = _index_rows(compared["points"], unit)
    agreement, warning = describe_agreement(compared, unit)
    return Figure(
        figure_id=f"comparison-{series_id}",
        chart="index",
        title=f"Comparison: {compared['name']}, by {unit}",
        summary=agreement,
        warning=warning,
        note=f"It counts: {compared['counted']} ({compared['unit']}). Cite as:"
        f" {compared['citation']}",
        legend=(
            (
                "line",
                "share of articles about the theme, as an index: 100 is the mean of these periods",
            ),
            ("dashed", f"{compared['name']}, as an index over the same periods"),
        ),
        method="comparison",
        alt=f"Two lines over {len(rows)} {unit}s. {agreement}",
        columns=(
            ("start", f"{unit.capitalize()} from", "date"),
            ("end", "", "hidden"),
            ("index", "Theme", "number"),
            ("other", compared["name"], "number"),
        ),
        rows=rows,
        source="measures.comparison_themes",
        sql=sql,
    )


def describe_agreement(row: dict[str, Any], unit: str) -> tuple[str, str]:
    """Return the correlations of two series in a sentence, and a warning or ''."""
    count, changes = row["pair_count"], row["change_count"]
    if row["pearson"] is None:
        return f"{counted(count, f'common {unit}')}: too few or too constant for a correlation.", ""
    text = (
        f"Correlation over {count} common {unit}s: Pearson {row['pearson']:.2f}, Spearman"
        f" {row['spearman']:.2f}."
    )
    if row["pearson_of_changes"] is not None:
        text += (
            f" Of the {changes} changes from one {unit} to the next: Pearson"
            f" {row['pearson_of_changes']:.2f}, Spearman {row['spearman_of_changes']:.2f}."
        )
    warning = (
        "Both series have a trend, which alone correlates them: rely on the changes."
        if row["has_trend"]
        else ""
    )
    return text, warning


def mark_events(starts: Sequence[str], peaks: Sequence[dict[str, Any]]) -> list[list[Any]]:
    """Return rows of EVENT_COLUMNS for weeks: the first event of the highest peaks, or nulls."""
    first = {
        peak["start_on"].isoformat(): peak for peak in reversed(peaks) if peak["kind"] == "week"
    }
    shown = sorted(
        (start for start in starts if start in first),
        key=lambda start: (-first[start]["rise_count"], start),
    )
    marked = {start: first[start] for start in shown[:MARKED_COUNT]}
    return [
        [marked[start]["title"], marked[start]["rise_share"]] if start in marked else [None, None]
        for start in starts
    ]
