"""Compose the overview: themes that rise and fade, bursts, new phrases, the largest themes and
coverage gaps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.analysis.report.event_data import describe_course, recent_event
from tidings.analysis.report.figure import Figure, period_end
from tidings.analysis.report.outlet_data import read_coverage, read_recent_gaps
from tidings.analysis.report.phrase_data import NEW_PHRASE_DAYS, read_newest_bursts
from tidings.analysis.report.release import WINDOW_DAYS
from tidings.analysis.report.render import Page
from tidings.analysis.report.theme_data import read_added_themes
from tidings.analysis.report.theme_figures import MEASURES, small_figures
from tidings.base.languages.plural import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.analysis.answers import Answer, Row
    from tidings.analysis.report.release import Facts
    from tidings.analysis.report.theme_page import ThemeData
    from tidings.analysis.report.trends import Trends

NAMED_COUNT = 3  # bursts or outlets that a summary names
GLANCE_COUNT = 4
EXPLORED_COUNT = 5  # series in one chart of ``tidings explore``
SMALL_CHART_WEEKS = 104
WEEKS_FROM = 120  # days of history from which a cell of the coverage figure is a week
CHANGE_COLUMNS = (
    ("label", "Theme", "text"),
    ("before", f"Previous {WINDOW_DAYS} days", "share"),
    ("now", f"Last {WINDOW_DAYS} days", "share"),
    ("low", "95% low", "share"),
    ("high", "95% high", "share"),
    ("hits", "Articles", "count"),
    ("total", "All articles", "count"),
    ("path", "", "hidden"),
)
COVERAGE_LEGEND = (
    ("shades", "covered; a stronger colour means more articles for this outlet"),
    ("partly", "partly covered"),
    ("grey", "covered, but no articles published"),
    ("gap", "gap: not collected, or an implausible silence"),
    ("running", "not over yet"),
)


def overview_page(
    con: duckdb.DuckDBPyConnection, data: ThemeData, outlets: list[Row], new_phrases: Answer
) -> Page:
    """Return the overview, which is the report's first page."""
    facts, trends = data.facts, data.trends
    series = {
        theme: [*map(MEASURES["about"], data.series[facts.unit].rows(theme))]
        for theme in trends.rising
    }
    cards = small_figures(
        "rise",
        [(trends.labels[theme], "", series[theme][-SMALL_CHART_WEEKS:]) for theme in trends.rising],
        unit=facts.unit,
        source=f"marts.theme_{facts.unit}ly",
        sql="",
        method="moves",
    )
    change = change_figure(trends, data.paths)
    gaps = read_recent_gaps(con, facts).rows
    coverage = coverage_figure(con, facts, gaps)
    newest = read_newest_bursts(con)
    bursts = burst_figure(newest, data.paths)
    moved = (*trends.rising, *trends.fading)
    values = {
        "facts": facts,
        "labels": trends.labels,
        "course": describe_course(series[trends.rising[0]], facts.unit) if trends.rising else "",
        "event": recent_event(data.answers["peaks"].rows(next(iter(moved), "")), facts.window_from),
        "paths": data.paths,
        "windows": {theme: trends.windows[theme] for theme in (*moved, *trends.uncertain)},
        "silent_since": trends.silent_since,
        "compared": trends.compared,
        "is_compared": trends.is_compared,
        "rising": list(zip(trends.rising, cards, strict=True)),
        "uncertain": trends.uncertain,
        "fading": trends.fading,
        "change": change,
        "bursts": bursts,
        "glance": glance(newest.rows, new_phrases.rows, gaps),
        "added": [row | trends.windows[row["theme_id"]] for row in read_added_themes(con)],
        "totals": data.totals,
        "window_sql": trends.shares.all_sql,
        "new_phrases": new_phrases.rows,
        "new_phrases_sql": new_phrases.sql,
        "coverage": coverage,
        "outlets": outlets,
        "outlet_paths": data.outlet_paths,
        "theme_count": len(data.themes),
        "mentioned_count": sum(about > 0 for _, about in data.totals.values()),
        "window_days": WINDOW_DAYS,
        "new_days": NEW_PHRASE_DAYS,
        "unit": facts.unit,
    }
    figures = [*cards, *filter(None, (change, bursts, coverage))]
    shown = dict.fromkeys((*trends.rising, *trends.largest))
    return Page(
        "index.html",
        "index.html",
        values,
        figures,
        tuple(f"theme:{theme}" for theme in shown)[:EXPLORED_COUNT],
    )


def glance(
    bursts: list[dict[str, Any]], new_phrases: list[dict[str, Any]], gaps: list[dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """Return at most four bursts, new phrases and gaps each for the short lists at the top.

    Running bursts precede finished ones, with one burst per theme. Formulations precede other
    phrases, and phrases with more articles precede those with fewer.
    """
    by_theme: dict[str, dict[str, Any]] = {}
    for burst in sorted(
        bursts, key=lambda burst: (not burst["is_running"], burst["series"] == "phrase")
    ):
        by_theme.setdefault(burst["theme_id"], burst)
    phrases = sorted(
        new_phrases, key=lambda phrase: (phrase["kind"] != "formulation", -phrase["article_count"])
    )
    return {
        "bursts": list(by_theme.values())[:GLANCE_COUNT],
        "new": phrases[:GLANCE_COUNT],
        "gaps": gaps[:GLANCE_COUNT],
    }


def change_figure(trends: Trends, paths: dict[str, str]) -> Figure | None:
    """Return the figure of the largest themes' shares in the last and the previous 28 days, or None
    if no theme has both.
    """
    rows = []
    for theme in trends.largest:
        window = trends.windows[theme]
        if window["before"] is not None:
            shares = (
                round(window[key], 5) for key in ("before", "panel_now", "panel_low", "panel_high")
            )
            rows.append(
                [
                    *(trends.labels[theme], *shares),
                    *(window["panel_article_count"], window["panel_total_count"], paths[theme]),
                ]
            )
    if not rows:
        return None
    label, before, now = rows[0][:3]
    return Figure(
        figure_id="change",
        chart="change",
        title=f"Share of articles about a theme in the last and the previous {WINDOW_DAYS} days",
        summary=f"{label} has the largest share: {now:.1%} of articles were about it in the last"
        f" {WINDOW_DAYS} days, and {before:.1%} in the previous {WINDOW_DAYS} days.",
        note=trends.compared,
        legend=(
            ("dot", f"last {WINDOW_DAYS} days"),
            ("band", "95% interval"),
            ("tick", f"previous {WINDOW_DAYS} days"),
        ),
        method="moves",
        alt="Dot chart. "
        + "; ".join(f"{row[0]}: {row[1]:.1%} before, {row[2]:.1%} now" for row in rows)
        + ".",
        columns=CHANGE_COLUMNS,
        rows=rows,
        source="marts.share_change",
        sql=trends.shares.all_sql,
    )


def burst_figure(newest: Answer, paths: dict[str, str]) -> Figure | None:
    """Return the figure of the newest bursts, or None if there are none."""
    bursts = newest.rows
    if not bursts:
        return None
    rows = [
        [
            burst["label"]
            if burst["series"] == "theme"
            else f"{burst['label']} ({burst['theme_label']})",
            burst["start_on"].isoformat(),
            period_end(burst["end_on"], "day").isoformat(),
            f"{burst['end_on']:%-d %b %Y}" + (" (still running)" if burst["is_running"] else ""),
            None if burst["strength"] is None else round(burst["strength"], 2),
            burst["article_count"],
            paths.get(burst["theme_id"], ""),
        ]
        for burst in bursts
    ]
    return Figure(
        figure_id="bursts",
        chart="bursts",
        title="Newest bursts",
        summary=_summarise_bursts(bursts),
        note="A bar shows the days on which at least twice as many articles as usual mentioned a"
        " theme. A phrase is listed, with its theme, only if its theme did not burst at the time."
        " Each theme's page lists the bursts of its phrases.",
        method="burst",
        alt="Timeline. " + "; ".join(f"{row[0]} from {row[1]} to {row[3]}" for row in rows) + ".",
        columns=(
            ("label", "Theme or phrase", "text"),
            ("start", "From", "date"),
            ("end", "", "hidden"),
            ("until", "To", "text"),
            ("strength", "Strength", "number"),
            ("articles", "Articles", "count"),
            ("path", "", "hidden"),
        ),
        rows=rows,
        source="marts.bursts",
        sql=newest.sql,
    )


def _summarise_bursts(bursts: Sequence[dict[str, Any]]) -> str:
    running = [burst for burst in bursts if burst["is_running"]]
    if not running:
        last = max(bursts, key=lambda burst: burst["end_on"])
        return (
            f"No burst is running. The last one, {last['label']}, ended on"
            f" {last['end_on']:%-d %b %Y}."
        )
    names = ", ".join(
        f"{burst['label']} since {burst['start_on']:%-d %b}" for burst in running[:NAMED_COUNT]
    )
    more = len(running) - NAMED_COUNT
    return f"Still running: {names}" + (f" and {more} more." if more > 0 else ".")


def coverage_figure(
    con: duckdb.DuckDBPyConnection, facts: Facts, gaps: Sequence[dict[str, Any]]
) -> Figure | None:
    """Return the figure of outlets by day, or by week for a longer history; None if the release has
    no outlets.

    ``gaps`` are the rows of ``read_recent_gaps`` for the summary.
    """
    if facts.first_on is None or facts.last_on is None:
        return None
    unit = "day" if (facts.last_on - facts.first_on).days < WEEKS_FROM else "week"
    answer = read_coverage(con, facts, unit)
    rows = [
        [outlet, day.isoformat(), period_end(day, unit).isoformat(), *values]
        for outlet, day, *values in map(dict.values, answer.rows)
    ]
    count = sum(row[3] == "gap" for row in rows)
    return Figure(
        figure_id="coverage",
        chart="cells",
        title=f"Coverage by outlet and {unit}",
        summary=_summarise_gaps(gaps),
        note="",
        legend=tuple(part for part in COVERAGE_LEGEND if part[0] != "partly" or unit == "week"),
        method="gap",
        alt=f"Grid of {len({row[0] for row in rows})} outlets by {unit}; {count} of {len(rows)}"
        f" cells are gaps.",
        columns=(
            ("outlet", "Outlet", "text"),
            ("start", "Start", "date"),
            ("end", "End (exclusive)", "date"),
            ("status", "Status", "text"),
            ("articles", "Articles", "count"),
            ("covered", "Covered days", "count"),
            ("reason", "Reason for the gap", "text"),
            ("level", "", "hidden"),
        ),
        rows=rows,
        source="marts.outlet_daily",
        sql=answer.sql,
    )


def _summarise_gaps(gaps: Sequence[dict[str, Any]]) -> str:
    if not gaps:
        return "No outlet has a gap in the last 28 days."
    outlets = "; ".join(
        f"{gap['name']}, {counted(gap['day_count'], 'day')} ({gap['reasons']})"
        for gap in gaps[:NAMED_COUNT]
    )
    more = len(gaps) - NAMED_COUNT
    return f"Gaps in the last 28 days: {outlets}" + (
        f"; {counted(more, 'more outlet')}." if more > 0 else "."
    )
