"""What a theme page shows in figures: its share by week and month, by outlet and by language, and its counts."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from tidings.flows.report.figure import (
    SHARE_COLUMNS,
    SHARE_LEGEND,
    Figure,
    describe_shares,
    period_end,
    share_rows,
    tell_period,
    tell_shares,
    top_of_scale,
)
from tidings.flows.report.release import rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.flows.report.release import Facts

Series = dict[str, list[tuple[Any, ...]]]
SMALL_MOST = 12  # small charts a section; the rest stays a query away

_LISTS = """
    select theme_id, list({start} order by {start}), list(share order by {start}), list(share_low order by {start}),
        list(share_high order by {start}), list(article_count order by {start}), list(total_count order by {start}),
        list(covered_days order by {start}), list(is_complete order by {start}), list(story_count order by {start})
    from marts.theme_{step} where theme_id in $wanted and {start} >= $since::date group by theme_id
"""


def read_themes(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the themes with their parents' and children's ids, in the order of the list."""
    return rows(
        con,
        "select theme_id, parent_id, label_en, label_zh, label_de, cap_code, kind, definition, valid_from, valid_to, source"
        " from ref.themes order by coalesce(parent_id, theme_id), parent_id is not null, label_en, theme_id",
    )


def read_series(con: duckdb.DuckDBPyConnection, facts: Facts, step: str, wanted: Sequence[str]) -> Series:
    """Return by theme the rows (start, share, low, high, hits, total, covered days, is complete, stories), weekly or monthly.

    Months are all that there are; weeks reach two years back at most, for more are too many to tell apart.
    """
    start = {"weekly": "week_start_on", "monthly": "month_start_on"}[step]
    since = facts.small_from - dt.timedelta(6) if step == "weekly" and facts.small_from else dt.date.min
    found = con.execute(_LISTS.format(start=start, step=step), {"wanted": list(wanted), "since": since}).fetchall()
    return {theme: list(zip(*lists, strict=True)) for theme, *lists in found}


def read_totals(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return by theme the articles that hit it, of all months."""
    return dict(con.execute("select theme_id, sum(article_count)::bigint from marts.theme_monthly group by all").fetchall())


def read_by_outlet(con: duckdb.DuckDBPyConnection, facts: Facts, wanted: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return by theme its outlets, those that carried it most first, each with its series over the last two years."""
    if not wanted:
        return {}
    found = rows(
        con,
        f"""
        with hits as (
            select theme_id, publisher_id, date_trunc('{facts.unit}', published_on)::date as start,
                sum(article_count)::bigint as hits
            from marts.theme_outlet_daily
            where published_on >= $from_on::date and not is_gap and article_count > 0 and theme_id in $wanted
            group by all
        ),
        most as (
            select theme_id, publisher_id, sum(hits)::bigint as hit_count, count(*) over (partition by theme_id) as carrier_count
            from hits group by theme_id, publisher_id
            qualify row_number() over (partition by theme_id order by hit_count desc, publisher_id) <= {SMALL_MOST}
        ),
        -- All that an outlet published, of whatever theme, as theme_outlet_daily repeats it for each.
        periods as (
            select publisher_id, date_trunc('{facts.unit}', published_on)::date as start,
                coalesce(sum(article_count) filter (not is_gap), 0)::bigint as total, count(*) filter (not is_gap) as days,
                coalesce(bool_and(is_complete) filter (not is_gap), true) as is_complete
            from marts.outlet_daily where published_on >= $from_on::date group by all
        )
        select most.theme_id, most.publisher_id, p.name, most.hit_count, most.carrier_count, sum(d.total)::bigint as total_count,
            list((d.start, coalesce(hits, 0) / nullif(total, 0), report_low(coalesce(hits, 0), total),
                report_high(coalesce(hits, 0), total), coalesce(hits, 0), total, days, is_complete) order by d.start) as series
        from most inner join periods as d on most.publisher_id = d.publisher_id
        left join hits on most.theme_id = hits.theme_id and most.publisher_id = hits.publisher_id and d.start = hits.start
        left join ref.publishers as p on most.publisher_id = p.publisher_id
        group by all order by most.theme_id, most.hit_count desc, most.publisher_id
        """,
        {"from_on": facts.small_from, "wanted": list(wanted)},
    )
    return group(found, "theme_id")


def read_by_language(con: duckdb.DuckDBPyConnection, facts: Facts, wanted: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return by theme its languages with their series: articles of that language that hit it, of all in that language.

    Days that are gaps of an article's outlet count on neither side. A period in which the language had no article is open.
    """
    found = rows(
        con,
        f"""
        with covered as (
            select publisher_id, published_on from marts.outlet_daily where not is_gap and published_on >= $from_on::date
        ),
        periods as (
            select date_trunc('{facts.unit}', published_on)::date as start, bool_and(is_complete) as is_complete,
                count(distinct published_on) filter (not is_gap) as days
            from marts.outlet_daily where published_on >= $from_on::date group by all
        ),
        hits as (
            select t.theme_id, m.language, date_trunc('{facts.unit}', m.published_on)::date as start,
                count(distinct m.article_id) as hits
            from marts.theme_mentions as m semi join covered using (publisher_id, published_on)
            inner join report_members as t on m.theme_id = t.member_id
            where t.theme_id in $wanted and m.published_on >= $from_on::date and m.language is not null
            group by all
        ),
        grid as (
            select l.theme_id, l.language, periods.*, coalesce(hits.hits, 0) as hits, coalesce(totals.total, 0) as total
            from (select distinct theme_id, language from hits) as l cross join periods
            left join hits on l.theme_id = hits.theme_id and l.language = hits.language and periods.start = hits.start
            left join report_language_totals as totals on l.language = totals.language and periods.start = totals.start
        )
        select theme_id, language, sum(hits)::bigint as hit_count, sum(total)::bigint as total_count,
            list((start, hits / nullif(total, 0), report_low(hits, total), report_high(hits, total), hits, total, days,
                is_complete) order by start) as series
        from grid group by all order by theme_id, hit_count desc, language
        """,
        {"from_on": facts.small_from, "wanted": list(wanted)},
    )
    return group(found, "theme_id")


def group(found: Sequence[dict[str, Any]], key: str) -> dict[str, list[dict[str, Any]]]:
    """Return rows by a column's value, in the order given."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        grouped.setdefault(row[key], []).append(row)
    return grouped


def share_figure(theme_id: str, series: Sequence[tuple[Any, ...]], unit: str) -> Figure:
    """Return the figure of a theme's share by week or month."""
    found = share_rows([row[:8] for row in series], unit)
    table = f"theme_{unit}ly"
    return Figure(
        figure_id=f"share-{unit}",
        chart="share",
        title=f"Share of all articles by {unit}",
        says=tell_shares(found, unit),
        note="",
        legend=SHARE_LEGEND,
        method="share",
        alt=describe_shares(found, unit),
        columns=SHARE_COLUMNS,
        rows=found,
        source=f"marts.{table}",
        sql=f"select {unit}_start_on, article_count, total_count, share, share_low, share_high,\n"
        f"    covered_days, is_complete\nfrom {table}\nwhere theme_id = '{quoted(theme_id)}'\norder by {unit}_start_on;",
    )


def counts_figure(theme_id: str, series: Sequence[tuple[Any, ...]], unit: str) -> Figure:
    """Return the figure of a theme's articles and stories by week or month."""
    found = [[row[0].isoformat(), period_end(row[0], unit).isoformat(), row[4], row[8], row[6]] for row in series]
    total, stories = sum(row[2] for row in found), sum(row[3] for row in found)
    most = max(found, key=lambda row: row[2], default=None)
    return Figure(
        figure_id="counts",
        chart="counts",
        title=f"Articles and stories by {unit}",
        says=f"{total:,} article{'s' * (total != 1)}, {stories:,} stor{'y' if stories == 1 else 'ies'} counted once a {unit}"
        + (f"; most in {tell_period(most[0], unit)}: {most[2]:,}." if most and most[2] else "."),
        note="",
        legend=(("full", "stories: one text, in however many outlets and languages"), ("grey", "further articles that carry it")),
        method="story",
        alt=f"Bar chart of {len(found)} {unit}s: {total:,} articles; stories, counted once a {unit}, {stories:,}.",
        columns=(
            ("start", "From", "date"),
            ("end", "Until before", "date"),
            ("articles", "Articles", "count"),
            ("stories", "Stories", "count"),
            ("days", "Days covered", "count"),
        ),
        rows=found,
        source=f"marts.theme_{unit}ly",
        sql=f"select {unit}_start_on, article_count, story_count\nfrom theme_{unit}ly\n"
        f"where theme_id = '{quoted(theme_id)}'\norder by {unit}_start_on;",
    )


def small_figures(stem: str, series: Sequence[dict[str, Any]], label: str, *, unit: str, source: str, sql: str) -> list[Figure]:
    """Return small charts of one scale, at most twelve, one a row of ``series`` titled by its column ``label``."""
    taken = [(one, share_rows([tuple(row) for row in one["series"]], unit)) for one in series[:SMALL_MOST]]
    most = top_of_scale(found for _, found in taken)
    return [
        Figure(
            figure_id=f"{stem}-{place}",
            chart="small_share",
            title=str(one[label] or "unknown"),
            note=f"{one['hit_count']:,} of {one['total_count']:,} articles",
            method="share",
            alt=f"{one[label]}: {describe_shares(found, unit)}",
            columns=SHARE_COLUMNS,
            rows=found,
            source=source,
            sql=sql,
            signals={"most": most},
        )
        for place, (one, found) in enumerate(taken)
    ]


def quoted(text: str) -> str:
    """Return a text for use between SQL's single quotes."""
    return text.replace("'", "''")
