"""Compose the overview: themes that rise and fade, bursts, new phrases, the largest themes and
coverage gaps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.analysis.report.event_data import describe_course, recent_event
from tidings.analysis.report.figure import (
    Figure,
    period_end,
)
from tidings.analysis.report.outlet_data import coverage_from, read_coverage, read_recent_gaps
from tidings.analysis.report.phrase_data import NEW_PHRASE_DAYS
from tidings.analysis.report.release import WINDOW_DAYS
from tidings.analysis.report.render import Page
from tidings.analysis.report.theme_data import read_added_themes, read_series
from tidings.analysis.report.theme_figures import small_figures
from tidings.base.languages.plural import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.analysis.report.release import Facts
    from tidings.analysis.report.theme_page import ThemeData

BURST_COUNT = 12
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
    con: duckdb.DuckDBPyConnection,
    data: ThemeData,
    outlets: list[dict[str, Any]],
    new_phrases: list[dict[str, Any]],
) -> Page:
    """Return the overview, which is the report's first page."""
    facts, trends = data.facts, data.trends
    series = read_series(con, facts, f"{facts.unit}ly", trends.rising)
    cards = card_figures(trends.rising, trends.labels, series, facts.unit)
    change = change_figure(trends.largest, trends.labels, trends.windows, data.paths, facts)
    gaps = read_recent_gaps(con, facts)
    coverage = coverage_figure(con, facts, gaps)
    newest = [burst for burst in data.bursts if not (burst["is_area"] or burst["is_repeat"])][
        :BURST_COUNT
    ]
    bursts = burst_figure(newest, data.paths)
    values = {
        "facts": facts,
        "labels": trends.labels,
        "course": describe_course(series.get(trends.rising[0], []), facts.unit)
        if trends.rising
        else "",
        "event": recent_event(
            data.peaks.get(next(iter((*trends.rising, *trends.fading)), ""), []), facts.window_from
        ),
        "paths": data.paths,
        "windows": {
            theme: trends.windows[theme]
            for theme in (*trends.rising, *trends.uncertain, *trends.fading)
        },
        "silent_since": trends.silent_since,
        "rising": list(zip(trends.rising, cards, strict=True)),
        "uncertain": trends.uncertain,
        "fading": trends.fading,
        "change": change,
        "bursts": bursts,
        "glance": glance(newest, new_phrases, gaps),
        "added": [row | trends.windows[row["theme_id"]] for row in read_added_themes(con)],
        "totals": data.totals,
        "window_sql": window_sql(facts),
        "new_phrases": new_phrases,
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


def card_figures(
    themes: Sequence[str], labels: dict[str, str], series: dict[str, Any], unit: str
) -> list[Figure]:
    """Return small charts of themes over the last two years, on one scale."""
    charts = [
        {
            "label": labels[theme],
            "note": "",
            "series": [row[:8] for row in series.get(theme, ())][-SMALL_CHART_WEEKS:],
        }
        for theme in themes
    ]
    return small_figures(
        "rise", charts, unit=unit, source=f"marts.theme_{unit}ly", sql="", method="moves"
    )


def change_figure(
    themes: Sequence[str],
    labels: dict[str, str],
    windows: dict[str, dict[str, Any]],
    paths: dict[str, str],
    facts: Facts,
) -> Figure | None:
    """Return the figure of shares in the last and the previous 28 days, or None if no theme has
    both.
    """
    rows = []
    for theme in themes:
        window = windows[theme]
        if window["before"] is not None:
            shares = (round(window[key], 5) for key in ("before", "now", "low", "high"))
            rows.append([labels[theme], *shares, window["hits"], window["total"], paths[theme]])
    if not rows:
        return None
    label, before, now = rows[0][:3]
    return Figure(
        figure_id="change",
        chart="change",
        title=f"Share of articles about a theme in the last and the previous {WINDOW_DAYS} days",
        summary=f"{label} has the largest share: {now:.1%} of articles were about it in the last"
        f" {WINDOW_DAYS} days, and {before:.1%} in the previous {WINDOW_DAYS} days.",
        note="",
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
        source="marts.theme_outlet_daily",
        sql=window_sql(facts),
    )


def window_sql(facts: Facts) -> str:
    """Return the query for each theme's share in the last 28 days and in the previous 28 days."""
    return _WINDOW_SQL.format(start=facts.window_from, days=WINDOW_DAYS)


_WINDOW_SQL = """select theme_id,
    sum(about_count) filter (published_on >= '{start}') / sum(total_count)
    filter (published_on >= '{start}') as share_now,
    sum(about_count) filter (published_on < '{start}') / sum(total_count)
    filter (published_on < '{start}') as share_before
from theme_outlet_daily
where not is_gap and published_on >= date '{start}' - {days}
group by theme_id
order by share_now - share_before desc;"""


def burst_figure(bursts: Sequence[dict[str, Any]], paths: dict[str, str]) -> Figure | None:
    """Return the figure of the newest bursts, or None if there are none."""
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
        sql=_BURSTS_SQL,
    )


_BURSTS_SQL = f"""select b.series, b.series_id, b.start_on, b.end_on, b.strength, b.is_running,
b.article_count, b.total_count
from bursts as b
left join ref.theme_phrases as p on b.series = 'phrase' and b.series_id = p.phrase_id
inner join ref.themes as t on t.theme_id = coalesce(p.theme_id, b.series_id)
where if(b.series = 'theme', t.parent_id is not null, t.parent_id is null or not exists (
    select 1 from bursts as own
    where own.series = 'theme' and own.series_id = t.theme_id and own.start_on <= b.end_on
        and own.end_on >= b.start_on
))
order by b.start_on desc, b.strength desc, b.series_id
limit {BURST_COUNT};"""


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
    start = coverage_from(facts)
    if start is None or facts.last_on is None:
        return None
    unit = "day" if (facts.last_on - start).days < WEEKS_FROM else "week"
    rows = [
        [outlet, day.isoformat(), period_end(day, unit).isoformat(), *values]
        for outlet, day, *values in read_coverage(con, facts, start, unit)
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
        sql=f"select publisher_id, published_on, article_count, is_gap, gap_reason\nfrom"
        f" outlet_daily\n"
        f"where published_on >= '{start}'\norder by publisher_id, published_on;",
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
