"""Compose the overview: the front page, charts of rising themes, the largest themes and coverage
gaps.
"""

from collections.abc import Sequence
from itertools import filterfalse
from operator import itemgetter

from tidings.analysis.answers import Row, ask
from tidings.analysis.report.figure import (
    BASIS_COLUMNS,
    MEASURES,
    NOT_OVER,
    PERIOD_COLUMNS,
    Figure,
    marked,
    period_end,
    small_figures,
)
from tidings.analysis.report.release import COVERAGE_DAYS, IS_OVER, WINDOW_DAYS, Facts, Trends
from tidings.analysis.report.render import Page
from tidings.analysis.report.theme_page import ThemeData
from tidings.analysis.report.theme_questions import EVENT_DAYS
from tidings.base.languages.plural import counted
from tidings.paths import SEEDS
from tidings.storage.lake import Connection
from tidings.storage.reference import read_csv

ADDED_COUNT = 4
NAMED_COUNT = 3  # outlets that a summary names
PROBLEM_COUNT = 4
KINDS = ("event", "rising", "fading", "burst", "speaker", "new_phrase")
EXPLORED_COUNT = 5  # series in one chart of ``tidings explore``
SMALL_CHART_WEEKS = 104
WEEKS_FROM = 120  # days of history from which a cell of the coverage figure is a week
CHANGE_COLUMNS = (
    ("label", "Theme", "text"),
    ("before", f"Previous {WINDOW_DAYS} days", "share"),
    ("now", f"Last {WINDOW_DAYS} days", "share"),
    *BASIS_COLUMNS,
    ("path", "", "hidden"),
)
COVERAGE_LEGEND = (
    ("shades", "covered; a stronger colour means more articles for this outlet"),
    ("partly", "partly covered"),
    ("grey", "covered, but no articles published"),
    ("gap", "gap: not fully collected, or an implausible silence"),
    ("running", "not over yet"),
)
# Silences can already be data problems.
RECENT_GAPS = f"""
select publisher_id, coalesce(any_value(p.name), publisher_id) as name, count(*) as day_count,
    array_to_string(list_sort(list(distinct
        replace(coalesce(gap_reason, 'unknown'), '_', ' '))), ', ') as reasons,
    bool_and(gap_reason is not distinct from 'unexpected_silence') and publisher_id in (
        select publisher_id from marts.outlet_breaks where kind = 'silent' and state = 'open'
    ) as is_problem
from marts.outlet_daily left join ref.publishers as p using (publisher_id)
where is_gap and published_on > $last_on - {WINDOW_DAYS} group by publisher_id
order by day_count desc, name
"""
# One row per outlet and period of the last year. A week is a gap if less than half of its days were
# covered. ``level`` is the square root of the articles relative to the outlet's maximum.
_COVERAGE = f"""
with periods as (
    select d.publisher_id, coalesce(any_value(p.name), d.publisher_id) as outlet,
        date_trunc($unit, d.published_on)::date as start_on,
        sum(d.article_count)::bigint as article_count,
        count(*) filter (not d.is_gap) as covered_days, count(*) as day_count,
        string_agg(distinct replace(d.gap_reason, '_', ' '), ', '
            order by replace(d.gap_reason, '_', ' ')) as reasons,
        {IS_OVER} as is_over
    from marts.outlet_daily as d left join ref.publishers as p using (publisher_id)
    where d.published_on >= $last_on - {COVERAGE_DAYS} group by d.publisher_id, start_on
)
select outlet, start_on,
    case when covered_days * 2 < day_count then 'gap' when not is_over then '{NOT_OVER}'
        when article_count = 0 then 'no articles'
        when covered_days < day_count then 'partly covered'
        else 'covered' end as status,
    article_count, covered_days, reasons,
    coalesce(round(sqrt(article_count
        / nullif(max(article_count) over (partition by publisher_id), 0)), 2), 0.0) as level
from periods order by outlet, publisher_id, start_on
"""
# The themes that the user added or extended, the last first: themes outside the bundled word list,
# unless the release uses none of that list, and those with an accepted phrase. ``added_on`` is the
# day of the last acceptance, or null.
_ADDED = f"""
with accepted as (
    select p.theme_id, max(r.reviewed_on) as added_on from ref.theme_phrases as p
    inner join ref.candidate_reviews as r
        on lower(p.phrase) = lower(r.phrase) and p.language = r.language
    where r.verdict = 'accepted' group by all
)
select theme_id, added_on from ref.themes left join accepted using (theme_id)
where added_on is not null or (
    theme_id not in $bundled
    and exists (select 1 from ref.themes where theme_id in $bundled)
)
order by added_on desc nulls last, theme_id limit {ADDED_COUNT}
"""


def overview_page(con: Connection, data: ThemeData, new_phrases: list[Row]) -> Page:
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
    gaps = ask(con, RECENT_GAPS, **facts.values).rows
    bundled = [row["theme_id"] for row in read_csv(SEEDS / "themes.csv")]
    added = ask(con, _ADDED, bundled=bundled).rows
    coverage = coverage_figure(con, facts, gaps)
    further = [*filterfalse(itemgetter("is_problem"), gaps)]
    days = ask(con, f"{EVENT_DAYS} having event_id in (select event_id from marts.front_page)")
    lines = {kind: trends.lines(kind) for kind in KINDS}
    values = {
        "trends": trends,
        "days_of": {row["event_id"]: row["days"] for row in days.rows},
        "lines": lines,
        "areas": _changed_areas(data, {row["subject_id"] for row in lines["rising"]}),
        "rising": list(zip(trends.rising, cards, strict=True)),
        "change": change,
        "gaps": further[: max(0, PROBLEM_COUNT - len(facts.breaks))],
        "shown_breaks": facts.breaks[:PROBLEM_COUNT],
        "new_phrases": new_phrases,
        "problem_count": len(facts.breaks) + len(further),
        "added": [
            row | trends.windows[row["theme_id"]] | data.themes[row["theme_id"]] for row in added
        ],
        "coverage": coverage,
        "theme_count": len(data.themes),
    }
    figures = [*marked(cards, facts.breaks), *filter(None, (change, coverage))]
    shown = dict.fromkeys((*trends.rising, *trends.largest))
    return Page(
        "index.html",
        "index.html",
        values,
        figures,
        tuple(f"theme:{theme}" for theme in shown)[:EXPLORED_COUNT],
    )


def _changed_areas(data: ThemeData, listed: set[str]) -> list[Row]:
    """Return the policy areas whose share changed significantly, the largest change first; the
    front page lists those that have themes below them only here.
    """
    areas = [
        row
        for theme, row in data.trends.windows.items()
        if row["is_significant"] and not row["parent_id"] and theme not in listed
    ]
    return sorted(areas, key=lambda row: (-abs(row["change"]), row["theme_id"]))


def change_figure(trends: Trends, paths: dict[str, str]) -> Figure | None:
    """Return the figure of the largest themes' shares in the last and the previous 28 days, or None
    if no theme has both.
    """
    shares = ("before", "panel_now", "panel_low", "panel_high")
    rows = [
        [
            trends.labels[theme],
            *map(window.get, shares),
            *(window["panel_article_count"], window["panel_total_count"], paths[theme]),
        ]
        for theme in trends.largest
        if (window := trends.windows[theme])["before"] is not None
    ]
    if not rows:
        return None
    rows.sort(key=itemgetter(2), reverse=True)
    label, before, now = rows[0][:3]
    return Figure(
        figure_id="change",
        chart="change",
        title=f"Share of articles about a theme in the last and the previous {WINDOW_DAYS} days",
        summary=f"{label} has the largest share of these themes: {now:.1%} of articles were about"
        f" it in the last {WINDOW_DAYS} days, and {before:.1%} in the previous {WINDOW_DAYS} days.",
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


def coverage_figure(con: Connection, facts: Facts, gaps: Sequence[Row]) -> Figure | None:
    """Return the figure of outlets by day, or by week for a long history; None without outlets."""
    if facts.days is None:
        return None
    unit = "day" if (facts.days[1] - facts.days[0]).days < WEEKS_FROM else "week"
    answer = ask(con, _COVERAGE, **facts.values | {"unit": unit})
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
        legend=tuple(part for part in COVERAGE_LEGEND if part[0] != "partly" or unit == "week"),
        method="gap",
        alt=f"Grid of {len({row[0] for row in rows})} outlets by {unit}; {count} of {len(rows)}"
        f" cells are gaps.",
        columns=(
            ("outlet", "Outlet", "text"),
            *PERIOD_COLUMNS,
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


def _summarise_gaps(gaps: Sequence[Row]) -> str:
    if not gaps:
        return "No outlet has a gap in the last 28 days."
    outlets = "; ".join(
        f"{gap['name']}, {counted(gap['day_count'], 'day')} ({gap['reasons']})"
        for gap in gaps[:NAMED_COUNT]
    )
    more = len(gaps) - NAMED_COUNT
    end = f"; {counted(more, 'more outlet')}" if more > 0 else ""
    return f"Gaps in the last 28 days: {outlets}{end}."
