"""The first page's figures: small charts of rising themes, shares before and now, bursts, coverage."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from flows.report.figure import SHARE_COLUMNS, Figure, describe_shares, period_end, share_rows, top_of_scale
from flows.report.release import WINDOW_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from flows.report.release import Facts

COVERAGE_WEEKS_FROM = 120  # days of history from which a cell of the coverage figure is a week


def card_figures(stem: str, chosen: Sequence[str], labels: dict[str, str], series: dict[str, Any], unit: str) -> list[Figure]:
    """Return small charts of chosen themes on one scale, over the last two years."""
    taken = [(theme, share_rows([row[:8] for row in series.get(theme, [])][-104:], unit)) for theme in chosen]
    most = top_of_scale(found for _, found in taken)
    return [
        Figure(
            figure_id=f"{stem}-{place}",
            chart="small_share",
            title=labels[theme],
            note="",
            alt=f"{labels[theme]}: {describe_shares(found, unit)}",
            columns=SHARE_COLUMNS,
            rows=found,
            source=f"marts.theme_{unit}ly",
            sql="",
            signals={"most": most},
        )
        for place, (theme, found) in enumerate(taken)
    ]


def change_figure(
    chosen: Sequence[str], labels: dict[str, str], windows: dict[str, dict[str, Any]], facts: Facts
) -> Figure | None:
    """Return the figure of shares before and now, or None where no theme can be compared."""
    found = []
    for theme in chosen:
        row = windows[theme]
        if row["before"] is not None:
            found.append(
                [labels[theme], *(round(row[key], 5) for key in ("before", "now", "low", "high")), row["hits"], row["total"]]
            )
    if not found:
        return None
    return Figure(
        figure_id="change",
        chart="change",
        title="Share now and before",
        note=f"Line: the {WINDOW_DAYS} days before. Dot and band: the last {WINDOW_DAYS} days with their 95% interval.",
        alt="Dot chart. " + "; ".join(f"{row[0]} {row[1]:.1%} before, {row[2]:.1%} now" for row in found) + ".",
        columns=(
            ("label", "Theme", "text"),
            ("before", "Before", "share"),
            ("now", "Now", "share"),
            ("low", "Low", "share"),
            ("high", "High", "share"),
            ("hits", "Articles", "count"),
            ("total", "Of", "count"),
        ),
        rows=found,
        source="marts.theme_outlet_daily",
        sql=_WINDOW_SQL.format(start=facts.window_from, days=WINDOW_DAYS),
    )


_WINDOW_SQL = """select theme_id,
    sum(article_count) filter (published_on >= '{start}') / sum(total_count) filter (published_on >= '{start}') as share_now,
    sum(article_count) filter (published_on < '{start}') / sum(total_count) filter (published_on < '{start}') as share_before
from theme_outlet_daily
where not is_gap and published_on >= date '{start}' - {days}
group by theme_id
order by share_now - share_before desc;"""


def read_coverage(con: duckdb.DuckDBPyConnection, facts: Facts) -> Figure | None:
    """Return the figure of outlets and days (weeks where the history is longer), gaps open; None where no outlet is held."""
    if facts.first_on is None or facts.last_on is None:
        return None
    start = max(facts.first_on, facts.last_on - dt.timedelta(days=365))
    step = "day" if (facts.last_on - start).days < COVERAGE_WEEKS_FROM else "week"
    found = con.execute(
        f"""
        select coalesce(any_value(p.name), d.publisher_id), date_trunc('{step}', d.published_on)::date as start,
            sum(d.article_count)::bigint, count(*) filter (not d.is_gap), count(*),
            string_agg(distinct replace(d.gap_reason, '_', ' '), ', ' order by replace(d.gap_reason, '_', ' '))
        from marts.outlet_daily as d left join ref.publishers as p using (publisher_id)
        where d.published_on >= $start::date group by d.publisher_id, start order by 1, d.publisher_id, start
        """,
        {"start": start},
    ).fetchall()
    cells = []
    for outlet, day, articles, covered, days, reason in found:
        # A week counts as covered by the larger part of its days; the pointer tells how many.
        status = "gap" if covered * 2 < days else "covered" if articles else "quiet"
        cells.append([outlet, day.isoformat(), period_end(day, step).isoformat(), status, articles, covered, reason])
    gaps = sum(cell[3] == "gap" for cell in cells)
    return Figure(
        figure_id="coverage",
        chart="coverage",
        title=f"Coverage by outlet and {step}",
        note="Filled: covered, with articles. Grey: covered, nothing published. Open: a gap, where shares are unknown.",
        alt=f"Grid of {len({cell[0] for cell in cells})} outlets by {step}; {gaps} of {len(cells)} cells are gaps.",
        columns=(
            ("outlet", "Outlet", "text"),
            ("start", "From", "date"),
            ("end", "Until before", "date"),
            ("status", "Status", "text"),
            ("articles", "Articles", "count"),
            ("covered", "Days covered", "count"),
            ("reason", "Gap", "text"),
        ),
        rows=cells,
        source="marts.outlet_daily",
        sql=f"select publisher_id, published_on, article_count, is_gap, gap_reason\nfrom outlet_daily\n"
        f"where published_on >= '{start}'\norder by publisher_id, published_on;",
    )


def burst_figure(bursts: Sequence[dict[str, Any]]) -> Figure | None:
    """Return the figure of the newest bursts, or None where there is none."""
    if not bursts:
        return None
    found = [
        [
            one["label"],
            one["start_on"].isoformat(),
            period_end(one["end_on"], "day").isoformat(),
            f"{one['end_on']:%-d %b %Y}" + (", still running" if one["is_running"] else ""),
            None if one["strength"] is None else round(one["strength"], 2),
            one["article_count"],
        ]
        for one in bursts
    ]
    return Figure(
        figure_id="bursts",
        chart="bursts",
        title="Newest bursts",
        note="Days on which a theme or phrase was used at twice its usual rate or more, after Kleinberg.",
        alt="Timeline. " + "; ".join(f"{row[0]} from {row[1]} to {row[3]}" for row in found) + ".",
        columns=(
            ("label", "Theme or phrase", "text"),
            ("start", "From", "date"),
            ("end", "Until before", "hidden"),
            ("until", "To", "text"),
            ("strength", "Strength", "number"),
            ("articles", "Articles", "count"),
        ),
        rows=found,
        source="marts.bursts",
        sql="select series, series_id, start_on, end_on, strength\nfrom bursts\norder by start_on desc, strength desc\nlimit 12;",
    )
