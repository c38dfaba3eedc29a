"""Describe figures: the rows, texts, source and SQL of a chart, its table and description."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from tidings.analysis.answers import Answers, Row
from tidings.analysis.breaks import Break
from tidings.base.languages.plural import counted
from tidings.storage.lake import quoted

NOT_OVER, NOT_COVERED = "not over yet", "not covered"
FEWEST_ARTICLES = 10  # of a period that is not over: one article more or less is ten points or more


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a page; ``chart`` is a kind of ``static/figures.js`` or ``row_chart.js``.

    ``note`` states how to read it, ``alt`` describes it to readers who do not see it, ``summary``
    has the main result, ``warning`` why the values may mislead, and ``method`` is an anchor. A
    column is (key, heading, kind), where kind is date, share, count, number, text or hidden; a
    hidden column ``path`` has the page of the row. ``legend`` has (swatch of ``marks.js``, text),
    ``signals`` the parameters of the chart, and ``problems`` what a chart over time marks.
    """

    figure_id: str
    chart: str
    title: str
    alt: str
    columns: tuple[tuple[str, str, str], ...]
    rows: list[list[Any]]
    source: str
    sql: str
    note: str = ""
    summary: str = ""
    legend: tuple[tuple[str, str], ...] = ()
    method: str = ""
    signals: Row = field(default_factory=dict)
    warning: str = ""
    problems: Sequence[Row] = ()

    def as_data(self) -> Row:
        """Return the values that the browser needs, with the digits that chart and table need."""
        names = ("chart", "columns", "signals", "problems")
        rows = [[round(v, 5) if isinstance(v, float) else v for v in row] for row in self.rows]
        return {name: getattr(self, name) for name in names} | {"rows": rows}


def marked(figures: Iterable[Figure], breaks: Iterable[Break]) -> list[Figure]:
    """Return figures whose charts over time mark breaks."""
    names = ("name", "first_on", "last_on", "what")
    problems = [{name: getattr(found, name) for name in names} for found in breaks]
    return [replace(figure, problems=problems) for figure in figures]


PERIOD_COLUMNS = (("start", "Start", "date"), ("end", "End (exclusive)", "date"))
BASIS_COLUMNS = (
    ("low", "95% low", "share"),
    ("high", "95% high", "share"),
    ("hits", "Articles", "count"),
    ("total", "All articles", "count"),
)
SHARE_COLUMNS = (
    *PERIOD_COLUMNS,
    ("share", "Share", "share"),
    *BASIS_COLUMNS,
    ("days", "Covered days", "count"),
    ("status", "Status", "text"),
)
_STATUS = 8  # position in SHARE_COLUMNS
CORRECTED_COLUMNS = (
    ("corrected", "Corrected share", "share"),
    ("corrected_low", "Corrected, 95% low", "share"),
    ("corrected_high", "Corrected, 95% high", "share"),
)
COUNT_COLUMNS = (
    *PERIOD_COLUMNS,
    ("articles", "Articles", "count"),
    ("stories", "Stories", "count"),
    ("days", "Covered days", "count"),
    ("status", "Status", "text"),
)
COUNT_LEGEND = (
    ("full", "stories: groups of near-identical articles and translations"),
    ("grey", "further articles of the same stories"),
    ("pale", "period that is not over yet"),
    ("hatched", "no covered day"),
)
SHARE_LEGEND = (
    ("line", "share"),
    ("band", "95% interval"),
    ("hollow", "period that is not over yet"),
    ("hatched", "share unknown (coverage gap, or no articles published)"),
)

CORRECTED_LEGEND = (("dashed", "corrected share"), ("faint", "95% interval of the corrected share"))


def period_end(start: dt.date, unit: str) -> dt.date:
    """Return the first day after the day, week or month that begins on ``start``."""
    if days := {"day": 1, "week": 7}.get(unit):
        return start + dt.timedelta(days)
    return (start.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def share_rows(series: Iterable[Sequence[Any]], unit: str) -> list[list[Any]]:
    """Return rows of SHARE_COLUMNS from (start, share, low, high, hits, total, covered days, is
    complete), without final periods that have just begun, are covered and have few articles.
    """
    periods = list(series)
    while periods and _has_just_begun(*periods[-1][5:]):
        periods.pop()
    return [
        [
            *(*bounds(start, unit), *values, hits, total, days),
            period_status(days, total, is_over=is_over),
        ]
        for start, *values, hits, total, days, is_over in periods
    ]


def _has_just_begun(total: int | None, days: int | None, is_over: bool) -> bool:
    return bool(days) and not is_over and (total or 0) < FEWEST_ARTICLES


def period_status(days: int | None, total: int, *, is_over: bool) -> str:
    """Return whether a period's value is final. ``days`` are the covered days or None if unknown,
    ``total`` all articles of the period.
    """
    if days == 0:
        return NOT_COVERED
    return NOT_OVER if not is_over else "complete" if total else "no articles"


@cache
def bounds(start: dt.date, unit: str) -> tuple[str, str]:
    """Return a period's first day and the first day after it."""
    return start.isoformat(), period_end(start, unit).isoformat()


def describe_period(start: str, unit: str) -> str:
    """Return a week or month in words, as ``the week of 16 Oct 2023`` or ``October 2023``."""
    day = dt.date.fromisoformat(start)
    return f"{day:%B %Y}" if unit == "month" else f"the {unit} of {day:%-d %b %Y}"


def summarise_shares(rows: Sequence[Sequence[Any]], unit: str) -> str:
    """Return sentences on the last, the highest and the incomplete value of SHARE_COLUMNS rows."""
    known, complete = _known(rows), _known(rows, NOT_OVER)
    sentences = []
    if complete:
        top, last = max(complete, key=lambda row: row[2]), complete[-1]
        sentences.append(
            f"The share was {last[2]:.1%} in the last complete {unit},"
            f" {describe_period(last[0], unit)}."
        )
        sentences.append(
            f"This is the highest value of all complete {unit}s."
            if last[2] == top[2]
            else f"It was highest in {describe_period(top[0], unit)} ({top[2]:.1%})."
        )
    if known and known[-1][_STATUS] == NOT_OVER:
        running = known[-1]
        sentences.append(
            f"It is {running[2]:.1%} ({running[5]:,} of {counted(running[6], 'article')}) in"
            f" {describe_period(running[0], unit)}, which is incomplete."
        )
    return " ".join(sentences) or f"No {unit} was covered."


def _known(rows: Iterable[Sequence[Any]], except_for: str = "") -> list[Sequence[Any]]:
    """Return the rows of SHARE_COLUMNS with a share, except those with a status."""
    return [row for row in rows if row[2] is not None and row[_STATUS] != except_for]


_NO_CORRECTION = {
    "too_few_coded": "fewer than 20 articles are coded",
    "language_not_coded": "no article is coded in languages with more than a fifth of the articles",
}


def describe_correction(rows: Sequence[Row], unit: str) -> str:
    """Return the last complete corrected share in a sentence, what it borrows and assumes, or why
    there is none, if any article is coded. ``rows`` are those of ``SERIES``.
    """
    coded = [row for row in rows if row["assumes_perfect_coding"] is not None]
    known = [row for row in coded if row["share_corrected"] is not None]
    if known:
        return _describe_corrected(known, unit)
    reason = _NO_CORRECTION.get(coded[-1]["correction_reason"] if coded else "")
    return f"There is no corrected share: {reason}." if reason else ""


def _describe_corrected(known: Sequence[Row], unit: str) -> str:
    text, last = "", known[-1]
    if complete := [row for row in known if row["is_complete"]]:
        value, low, high = map("{:.1%}".format, _CORRECTED(complete[-1]))
        period = describe_period(complete[-1]["start_on"].isoformat(), unit)
        text = f"The corrected share was {value} ({low} to {high}) in {period}. "
    text += f"{last['pooled_weight']:.0%} of the information behind it comes from other languages"
    text += " and themes."
    if last["assumes_perfect_coding"]:
        text += " Its interval assumes coders without errors, because no article was coded twice."
    if (gain := last["outside_gain"]) is not None:
        text += f" Labels of other programs make the interval {abs(gain):.0%}"
        text += " narrower." if gain > 0 else " wider."
    return text


def describe_shares(rows: Sequence[Sequence[Any]], unit: str) -> str:
    """Return a chart of shares in words, for readers who do not see it."""
    unknown = len(rows) - len(_known(rows))
    if unknown == len(rows):
        return f"Line chart without values: no {unit} was covered."
    gaps = f"unknown in {counted(unknown, unit)}" if unknown else f"known in every {unit}"
    start = f"{counted(len(rows), unit)} from {describe_period(rows[0][0], unit)}"
    return f"Line chart of {start}. {summarise_shares(rows, unit)} The share is {gaps}."


def shared_maximum(charts: Iterable[Sequence[Sequence[Any]]]) -> float:
    """Return the maximum of small charts: it fits all values, and intervals up to twice the top."""
    known = [(0.0,) * _STATUS, *_known(chain.from_iterable(charts), NOT_OVER)]
    highest, interval_end = (max(row[place] for row in known) for place in (2, 4))
    return round(min(max(highest * 1.08, interval_end), highest * 2), 4) or 1.0


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
"""The values for ``share_rows`` in rows of ``SERIES``, by measure, and of small charts."""
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
    peaks: Sequence[Row] = (),
) -> Figure:
    """Return the figure of the share of articles about a theme (also corrected, if known) or of
    those that mention it. Weeks name the first event behind them (``peaks``).
    """
    found = series.rows(theme_id)
    rows = share_rows(map(MEASURES[measure], found), unit)
    method, note = "about", ""
    further = {"about": describe_correction(found, unit)}.get(measure, "")
    legend, columns = [*SHARE_LEGEND], [*SHARE_COLUMNS]
    if measure == "about" and any(row["share_corrected"] is not None for row in found):
        method = "corrected"
        rows = [[*row, *_CORRECTED(more)] for row, more in zip(rows, found, strict=False)]
        legend += CORRECTED_LEGEND
        columns += CORRECTED_COLUMNS
    if peaks and unit == "week" and rows:
        events = mark_events([*map(itemgetter(0), rows)], peaks)
        rows = [row + event for row, event in zip(rows, events, strict=True)]
        columns += EVENT_COLUMNS
        if any(map(itemgetter(0), events)):
            note = (
                "Circles mark peaks, and squares data problems; the list below names the first"
                " event behind each peak, and the problems."
            )
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


def counts_figure(
    figure_id: str, title: str, answers: Answers, name: str, *, unit: str, per: str, source: str
) -> Figure:
    """Return the figure of articles and stories by week or month, from a table (``source``). A
    story counts once in each period ``per``.
    """
    rows = [
        [
            *bounds(row["start_on"], unit),
            *(row[key] for key in ("article_count", "story_count", "covered_days")),
            period_status(row["covered_days"], row["total_count"], is_over=row["is_complete"]),
        ]
        for row in answers.rows(name)
    ]
    total, stories = (sum(row[place] for row in rows) for place in (2, 3))
    counts = f"{counted(total, 'article')} in {counted(stories, 'story')}"
    covered = sorted(row[2] for row in rows if row[4])
    if covered:
        counts += f", at the median {covered[len(covered) // 2]:,} articles per covered {unit}"
    peak = max(rows, key=itemgetter(2), default=None)
    most = f" The maximum is {peak[2]:,} in {describe_period(peak[0], unit)}." if peak else ""
    return Figure(
        figure_id=figure_id,
        chart="counts",
        title=title,
        summary=f"{counts}.{most if total else ''}",
        note=f"Stories are counted per {per} and summed.",
        legend=COUNT_LEGEND,
        method="story",
        alt=f"Bar chart of {len(rows)} {unit}s: {counts}; {len(rows) - len(covered)} without a"
        " covered day.",
        columns=COUNT_COLUMNS,
        rows=rows,
        source=source,
        sql=answers.sql(name),
    )


def _index_rows(points: Iterable[Sequence[Any]], unit: str) -> list[list[Any]]:
    return [
        [*bounds(start, unit), *(value and round(value, 3) for value in values)]
        for start, *values in points
    ]


def _index_columns(unit: str, *names: str) -> tuple[tuple[str, str, str], ...]:
    values = zip(("index", "other"), names, strict=False)
    return (
        ("start", f"{unit.capitalize()} from", "date"),
        ("end", "", "hidden"),
        *((key, name, "number") for key, name in values),
    )


def index_figures(theme_id: str, indices: Answers) -> Iterator[Figure]:
    """Yield a figure of a theme's monthly index for each baseline."""
    for baseline, months in groupby(indices.rows(theme_id), itemgetter("baseline_id")):
        rows = _index_rows(map(itemgetter("month_start_on", "standardised_index"), months), "month")
        # the question selects baselines with values
        start, _, value = [row for row in rows if row[2] is not None][-1]
        last = f"{value:.0f} in {describe_period(start, 'month')}"
        yield Figure(
            figure_id=f"index-{baseline}",
            chart="index",
            title=f"Index, baseline {baseline}",
            summary=f"{last}; 100 is the mean of the baseline.",
            note="Each outlet is standardised, so neither its volume nor its start or end shifts"
            " the index.",
            method="index",
            alt=f"Line chart of {len(rows)} months; last value {last}.",
            columns=_index_columns("month", "Index"),
            rows=rows,
            source="measures.theme_index_monthly",
            sql=indices.sql(theme_id, f" and baseline_id = {quoted(baseline)}"),
        )


def comparison_figures(theme_id: str, comparisons: Answers) -> Iterator[Figure]:
    """Yield a figure of a theme and each comparison series."""
    for row in comparisons.rows(theme_id):
        unit, series_id, name = row["period"], row["series_id"], row["name"]
        scale = "as an index: 100 is the mean of these periods"
        rows = _index_rows(row["points"], unit)
        agreement, warning = describe_agreement(row, unit)
        yield Figure(
            figure_id=f"comparison-{series_id}",
            chart="index",
            title=f"Comparison: {name}, by {unit}",
            summary=agreement,
            warning=warning,
            note=f"It counts: {row['counted']} ({row['unit']}). Cite as: {row['citation']}",
            legend=(
                ("line", f"share of articles about the theme, {scale}"),
                ("dashed", f"{name}, as an index over the same periods"),
            ),
            method="comparison",
            alt=f"Two lines over {len(rows)} {unit}s. {agreement}",
            columns=_index_columns(unit, "Theme", name),
            rows=rows,
            source="measures.comparison_themes",
            sql=comparisons.sql(theme_id, f" and series_id = {quoted(series_id)}"),
        )


def describe_agreement(row: Row, unit: str) -> tuple[str, str]:
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


def mark_events(starts: Sequence[str], peaks: Sequence[Row]) -> list[list[Any]]:
    """Return rows of EVENT_COLUMNS for weeks: the first event of the highest peaks, or nulls."""
    first = {
        peak["start_on"].isoformat(): peak for peak in reversed(peaks) if peak["kind"] == "week"
    }
    marked = sorted(first.keys() & starts, key=lambda day: (-first[day]["rise_count"], day))
    return [
        [first[day]["title"], first[day]["rise_share"]] if day in marked[:MARKED_COUNT]
        else [None, None]
        for day in starts
    ]  # fmt: skip
