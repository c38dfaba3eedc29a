"""Query the data of theme pages: shares by period, outlet and language, co-occurring themes and
outlets.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from tidings.analysis.report.release import group_rows, is_over, read_rows
from tidings.paths import SEEDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.analysis.report.release import Facts, Grouped

Series = dict[str, list[tuple[Any, ...]]]
SMALL_CHART_COUNT = 12  # small charts per section; the SQL below a section returns all rows
MIN_CORRELATION, ADDED_COUNT = 0.3, 4
MEASURES = {"about": ("about_share", "about_count"), "mention": ("share", "article_count")}
"""Columns of the share and the count in the theme tables: articles about a theme, or articles that
mention it.
"""
CORRECTED = ("share_corrected", "share_corrected_low", "share_corrected_high")
MIN_INDEX_MONTHS = 6

_SERIES = """
    select theme_id, list({start} order by {start}), list({share} order by {start}),
        list({share}_low order by {start}),
        list({share}_high order by {start}), list({count} order by {start}),
        list(total_count order by {start}),
        list(covered_days order by {start}), list(is_complete order by {start}),
        list(story_count order by {start}){corrected}
    from marts.theme_{step} where theme_id in {wanted} and {start} >= $since::date group by theme_id
"""


def read_themes(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the themes in the order of the theme list, each policy area before its themes."""
    return read_rows(
        con,
        "select theme_id, parent_id, label_en, label_zh, label_de, cap_code, kind, definition,"
        " valid_from, valid_to, source"
        " from ref.themes order by coalesce(parent_id, theme_id), parent_id is not null, label_en,"
        " theme_id",
    )


def read_added_themes(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the themes that the user added or extended, the last first, at most four.

    A theme counts if it is not in the bundled word list, unless the release uses none of that list,
    or if it has a phrase that ``tidings phrase`` accepted. ``added_on`` is the day of the last
    acceptance, or None.
    """
    with (SEEDS / "themes.csv").open(encoding="utf-8") as file:
        bundled = [row["theme_id"] for row in csv.DictReader(file)]
    query = f"""
    with accepted as (
        select p.theme_id, max(r.reviewed_on) as added_on from ref.theme_phrases as p
        inner join ref.candidate_reviews as r
            on lower(p.phrase) = lower(r.phrase) and p.language = r.language
        where r.verdict = 'accepted' group by all
    ),
    bundled as (select unnest(from_json($bundled, '["VARCHAR"]')) as theme_id)
    select theme_id, added_on from ref.themes left join accepted using (theme_id)
    where added_on is not null or (
        theme_id not in (from bundled)
        and exists (select 1 from ref.themes semi join bundled using (theme_id))
    )
    order by added_on desc nulls last, theme_id limit {ADDED_COUNT}
    """
    return read_rows(con, query, {"bundled": json.dumps(bundled)})


def read_series(
    con: duckdb.DuckDBPyConnection,
    facts: Facts,
    step: str,
    theme_ids: Sequence[str] | None = None,
    measure: str = "about",
) -> Series:
    """Return the weekly or monthly rows of these themes, by default of the wanted themes.

    A row is (start, share, low, high, hits, total, covered days, is complete, stories), and for the
    measure ``about`` also the corrected share, its low and its high. Months cover the whole
    history. Weeks cover at most two years, because more would be unreadable in one chart.
    ``measure`` is a key of MEASURES. Stories are those of the articles that mention the theme.
    """
    start = {"weekly": "week_start_on", "monthly": "month_start_on"}[step]
    since = (
        facts.small_from - dt.timedelta(6) if step == "weekly" and facts.small_from else dt.date.min
    )
    values: dict[str, Any] = {"since": since}
    if theme_ids is not None:
        values["wanted"] = list(theme_ids)
    wanted = "(from report_wanted_themes)" if theme_ids is None else "$wanted"
    share, count = MEASURES[measure]
    corrected = (
        "".join(f", list({name} order by {start})" for name in CORRECTED)
        if measure == "about"
        else ""
    )
    query = _SERIES.format(
        start=start, step=step, wanted=wanted, share=share, count=count, corrected=corrected
    )
    rows = con.execute(query, values).fetchall()
    return {theme: list(zip(*lists, strict=True)) for theme, *lists in rows}


def read_totals(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Return the numbers of articles that mention each theme and that are about it, over all
    months.
    """
    query = (
        "select theme_id, sum(article_count)::bigint, sum(about_count)::bigint from"
        " marts.theme_monthly group by all"
    )
    return {theme: (mentions, about) for theme, mentions, about in con.execute(query).fetchall()}


def read_gap_articles(con: duckdb.DuckDBPyConnection, facts: Facts) -> tuple[int, int]:
    """Return the articles of the last two years that were published on gap days of their outlets,
    and all articles.
    """
    query = (
        "select coalesce(sum(article_count) filter (is_gap), 0)::bigint,"
        " coalesce(sum(article_count), 0)::bigint"
        " from marts.outlet_daily where published_on >= $since::date"
    )
    return con.execute(query, {"since": facts.small_from}).fetchone() or (0, 0)


def read_by_outlet(con: duckdb.DuckDBPyConnection, facts: Facts) -> Grouped:
    """Return the outlets with articles about each wanted theme, with their series over the last two
    years, the most first.
    """
    query = f"""
    with hits as (
        select theme_id, publisher_id, date_trunc('{facts.unit}', published_on)::date as start,
            sum(about_count)::bigint as hits
        from marts.theme_outlet_daily
        where published_on >= $from_on::date and not is_gap and about_count > 0
            and theme_id in (from report_wanted_themes)
        group by all
    ),
    most as (
        select theme_id, publisher_id, sum(hits)::bigint as hit_count,
            count(*) over (partition by theme_id) as outlet_count
        from hits group by theme_id, publisher_id
        qualify row_number()
            over (partition by theme_id
                order by hit_count desc, publisher_id) <= {SMALL_CHART_COUNT}
    ),
    -- All articles of an outlet, which theme_outlet_daily repeats for each theme.
    periods as (
        select publisher_id, date_trunc('{facts.unit}', published_on)::date as start,
            coalesce(sum(article_count) filter (not is_gap), 0)::bigint as total,
            count(*) filter (not is_gap) as days,
            {is_over(facts.unit)} as is_complete
        from marts.outlet_daily where published_on >= $from_on::date group by all
    )
    select most.theme_id, most.publisher_id, p.name, most.hit_count, most.outlet_count,
        sum(d.total)::bigint as total_count,
        list((d.start, coalesce(hits, 0) / nullif(total, 0), wilson_low(coalesce(hits, 0), total),
            wilson_high(coalesce(hits, 0), total), coalesce(hits, 0), total, days, is_complete)
        order by d.start) as series
    from most inner join periods as d on most.publisher_id = d.publisher_id
    left join hits on most.theme_id = hits.theme_id and most.publisher_id = hits.publisher_id
        and d.start = hits.start
    left join ref.publishers as p on most.publisher_id = p.publisher_id
    group by all order by most.theme_id, most.hit_count desc, most.publisher_id
    """
    return group_rows(
        read_rows(con, query, {"from_on": facts.small_from, "last_on": facts.last_on}), "theme_id"
    )


def read_by_language(con: duckdb.DuckDBPyConnection, facts: Facts) -> Grouped:
    """Return the languages of each wanted theme with their series: articles about it, out of all in
    that language.

    Both counts exclude coverage gaps. The share is null in a period without articles in that
    language.
    """
    query = f"""
    with covered as (
        select publisher_id, published_on from marts.outlet_daily
        where not is_gap and published_on >= $from_on::date
    ),
    periods as (
        select date_trunc('{facts.unit}', published_on)::date as start,
            {is_over(facts.unit)} as is_complete,
            count(distinct published_on) filter (not is_gap) as days
        from marts.outlet_daily where published_on >= $from_on::date group by all
    ),
    hits as (
        select theme_id, language, date_trunc('{facts.unit}', published_on)::date as start,
            count(*) as hits
        from marts.article_themes semi join covered using (publisher_id, published_on)
        where is_about and theme_id in (from report_wanted_themes)
            and published_on >= $from_on::date and language is not null
        group by all
    ),
    grid as (
        select l.theme_id, l.language, periods.*, coalesce(hits.hits, 0) as hits,
            coalesce(totals.total, 0) as total
        from (select distinct theme_id, language from hits) as l cross join periods
        left join hits on l.theme_id = hits.theme_id and l.language = hits.language
            and periods.start = hits.start
        left join report_language_totals as totals
            on l.language = totals.language and periods.start = totals.start
    )
    select theme_id, language, sum(hits)::bigint as hit_count, sum(total)::bigint as total_count,
        list((start, hits / nullif(total, 0), wilson_low(hits, total), wilson_high(hits, total),
            hits, total, days,
            is_complete) order by start) as series
    from grid group by all order by theme_id, hit_count desc, language
    """
    return group_rows(
        read_rows(con, query, {"from_on": facts.small_from, "last_on": facts.last_on}), "theme_id"
    )


def read_cooccurrences(con: duckdb.DuckDBPyConnection) -> Grouped:
    """Return the themes in the same articles as each wanted theme over the last twelve months, the
    highest NPMI first.
    """
    rows = read_rows(
        con,
        "select c.*, t.label_en from report_cooccurrences as c inner join ref.themes as t on"
        " c.other_theme_id = t.theme_id"
        " where c.theme_id in (from report_wanted_themes)"
        " order by c.theme_id, c.npmi desc, c.article_count desc, c.other_theme_id",
    )
    return group_rows(rows, "theme_id")


def read_leads(con: duckdb.DuckDBPyConnection) -> Grouped:
    """Return the pairs of outlets whose daily shares of a wanted theme correlate most closely. A
    correlation proves no cause.
    """
    query = f"""
    select l.theme_id, l.leader_id, l.follower_id, coalesce(a.name, l.leader_id) as leader,
        coalesce(b.name, l.follower_id) as follower, l.lag_days, l.correlation
    from marts.lead_lags as l
    left join ref.publishers as a on l.leader_id = a.publisher_id
    left join ref.publishers as b on l.follower_id = b.publisher_id
    where l.theme_id in (from report_wanted_themes) and l.correlation >= {MIN_CORRELATION}
    qualify row_number()
        over (partition by l.theme_id order by l.correlation desc, l.leader_id, l.follower_id) <= 6
    order by l.theme_id, l.correlation desc, l.leader_id, l.follower_id
    """
    return group_rows(read_rows(con, query), "theme_id")


def read_concentration(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Return the concentration of each wanted theme over outlets in its last month with
    articles.
    """
    rows = read_rows(
        con,
        "select theme_id, month_start_on, effective_outlet_count, outlet_count, hhi from"
        " marts.concentration_monthly"
        " where effective_outlet_count is not null and theme_id in (from report_wanted_themes)"
        " qualify row_number() over (partition by theme_id order by month_start_on desc) = 1",
    )
    return {row["theme_id"]: row for row in rows}


def read_indices(con: duckdb.DuckDBPyConnection) -> Grouped:
    """Return the monthly outlet-standardised indices of each theme, one for each baseline with at
    least six values.
    """
    rows = read_rows(
        con,
        "select theme_id, baseline_id,"
        " list((month_start_on, if(is_complete, standardised_index, null)) order by"
        " month_start_on) as series"
        " from marts.theme_index_monthly where theme_id in (from report_wanted_themes) group by all"
        f" having count(standardised_index) filter (is_complete) >= {MIN_INDEX_MONTHS}"
        " order by theme_id, baseline_id",
    )
    return group_rows(rows, "theme_id")
