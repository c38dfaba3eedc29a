"""What a theme page shows in words: phrases and their lives, companions, speakers, bursts, who moves first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.flows.report.release import rows
from tidings.flows.report.themes import group

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.flows.report.release import Facts

Grouped = dict[str, list[dict[str, Any]]]
MOST = 12


def read_phrases(con: duckdb.DuckDBPyConnection, facts: Facts) -> Grouped:
    """Return by theme its own phrases with their lives: all that was ever used of them, and the articles of the last 28 days.

    Of a release without ``phrase_lives`` the uses are counted here, and the rest of a life is None.
    """
    found = rows(
        con,
        f"""
        with recent as (
            select phrase_id, count(distinct article_id) as recent_count from marts.theme_mentions
            where published_on >= $window_from::date group by all
        ),
        lives as ({_lives(facts)})
        select t.theme_id, t.phrase_id, t.phrase, t.language, t.match_type, t.reviewed_by,
            coalesce(l.article_count, 0) as article_count, coalesce(recent.recent_count, 0) as recent_count,
            l.first_seen_on, p.name as first_outlet, l.is_left_censored, l.peak_on, l.last_seen_on, l.half_life_days,
            l.outlet_count, l.days_to_half_of_outlets
        from ref.theme_phrases as t left join lives as l on t.phrase_id = l.phrase_id
        left join recent on t.phrase_id = recent.phrase_id
        left join ref.publishers as p on l.first_publisher_id = p.publisher_id
        where t.role = 'include' order by t.theme_id, l.article_count desc nulls last, t.language, t.phrase
        """,
        {"window_from": facts.window_from},
    )
    return group(found, "theme_id")


def _lives(facts: Facts) -> str:
    if facts.has("marts.phrase_lives", "phrase_id", "first_seen_on", "is_left_censored", "peak_on", "half_life_days"):
        return "select * from marts.phrase_lives"
    return (
        "select phrase_id, count(distinct article_id) as article_count, min(published_on) as first_seen_on,"
        " null::varchar as first_publisher_id, null::boolean as is_left_censored, null::date as peak_on,"
        " max(published_on) as last_seen_on, null::double as half_life_days, count(distinct publisher_id) as outlet_count,"
        " null::bigint as days_to_half_of_outlets from marts.theme_mentions group by phrase_id"
    )


def read_companions(con: duckdb.DuckDBPyConnection, wanted: Sequence[str]) -> Grouped:
    """Return by theme the themes met in the same articles over the last twelve months, the closest first."""
    found = rows(
        con,
        "select c.*, t.label_en from report_companions as c inner join ref.themes as t on c.other_theme_id = t.theme_id"
        " where c.theme_id in $wanted order by c.theme_id, c.npmi desc, c.article_count desc, c.other_theme_id",
        {"wanted": list(wanted)},
    )
    return group(found, "theme_id")


def read_bursts(con: duckdb.DuckDBPyConnection, facts: Facts) -> list[dict[str, Any]]:
    """Return the bursts of themes and phrases, the newest first; none where the release has no ``bursts``."""
    if not facts.has("marts.bursts", "series", "series_id", "start_on", "end_on", "strength"):
        return []
    more = ", ".join(
        f"b.{name}" if facts.has("marts.bursts", name) else f"null as {name}"
        for name in ("article_count", "total_count", "is_running")
    )
    return rows(
        con,
        f"""
        select b.series, b.series_id, b.start_on, b.end_on, b.strength, {more},
            coalesce(t.theme_id, p.theme_id) as theme_id, coalesce(t.label_en, '“' || p.phrase || '”', b.series_id) as label,
            b.series = 'theme' and t.parent_id is null as is_area, p.language
        from marts.bursts as b
        left join ref.themes as t on b.series = 'theme' and b.series_id = t.theme_id
        left join ref.theme_phrases as p on b.series = 'phrase' and b.series_id = p.phrase_id
        order by b.start_on desc, b.strength desc, b.series_id
        """,
    )


def read_speakers(con: duckdb.DuckDBPyConnection, facts: Facts, wanted: Sequence[str]) -> Grouped:
    """Return by theme who spoke of it in the last twelve months, with the newest sentence of each."""
    if not facts.has("marts.statements", "person_id", "office", "sentence", "theme_ids", "published_on"):
        return {}
    found = rows(
        con,
        """
        with said as (
            select distinct m.theme_id, s.article_id, s.person_id, s.office, s.sentence, s.published_on, a.url, s.language,
                (s.published_on, s.article_id, s.sentence) as place
            from (
                select *, unnest(theme_ids) as member_id from marts.statements
                where published_on > $last_on::date - interval 12 month
            ) as s
            inner join report_members as m on s.member_id = m.member_id
            inner join core.articles as a on s.article_id = a.article_id and s.published_on = a.published_on
            where m.theme_id in $wanted
        ),
        names as (
            select person_id, coalesce(any_value(name) filter (language = 'en'), min(name)) as name from ref.speakers group by all
        )
        select said.theme_id, said.person_id, coalesce(names.name, said.person_id) as name, count(*) as statement_count,
            count(distinct said.article_id) as article_count, arg_max(said.office, said.place) as office,
            max(said.published_on) as last_on, arg_max(said.sentence, said.place) as sentence,
            arg_max(said.url, said.place) as url, arg_max(said.language, said.place) as language
        from said left join names on said.person_id = names.person_id
        group by said.theme_id, said.person_id, names.name
        qualify row_number() over (partition by said.theme_id order by statement_count desc, said.person_id) <= 12
        order by said.theme_id, statement_count desc, said.person_id
        """,
        {"last_on": facts.last_on, "wanted": list(wanted)},
    )
    return group(found, "theme_id")


def read_leads(con: duckdb.DuckDBPyConnection, facts: Facts, wanted: Sequence[str]) -> Grouped:
    """Return by theme the pairs of outlets that follow each other most closely; a row proves no cause."""
    if not facts.has("marts.lead_lags", "theme_id", "leader_id", "follower_id", "lag_days", "correlation"):
        return {}
    found = rows(
        con,
        """
        select l.theme_id, l.leader_id, l.follower_id, coalesce(a.name, l.leader_id) as leader,
            coalesce(b.name, l.follower_id) as follower, l.lag_days, l.correlation
        from marts.lead_lags as l
        left join ref.publishers as a on l.leader_id = a.publisher_id
        left join ref.publishers as b on l.follower_id = b.publisher_id
        where l.theme_id in $wanted and l.lag_days > 0 and l.correlation >= 0.3
        qualify row_number() over (partition by l.theme_id order by l.correlation desc, l.leader_id, l.follower_id) <= 6
        order by l.theme_id, l.correlation desc, l.leader_id, l.follower_id
        """,
        {"wanted": list(wanted)},
    )
    return group(found, "theme_id")


def read_concentration(con: duckdb.DuckDBPyConnection, facts: Facts, wanted: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return by theme its last month's concentration over outlets, where the release has it and the theme was met."""
    if not facts.has("marts.concentration_monthly", "theme_id", "month_start_on", "effective_outlet_count", "outlet_count"):
        return {}
    found = rows(
        con,
        "select theme_id, month_start_on, effective_outlet_count, outlet_count, hhi from marts.concentration_monthly"
        " where effective_outlet_count is not null and theme_id in $wanted"
        " qualify row_number() over (partition by theme_id order by month_start_on desc) = 1",
        {"wanted": list(wanted)},
    )
    return {row["theme_id"]: row for row in found}


def read_indices(con: duckdb.DuckDBPyConnection, facts: Facts, wanted: Sequence[str]) -> Grouped:
    """Return by theme its monthly outlet-standardised index of each named baseline."""
    if not facts.has(
        "marts.theme_index_monthly", "theme_id", "month_start_on", "baseline_id", "standardised_index", "is_complete"
    ):
        return {}
    found = rows(
        con,
        "select theme_id, baseline_id,"
        " list((month_start_on, if(is_complete, standardised_index, null)) order by month_start_on) as series"
        " from marts.theme_index_monthly where theme_id in $wanted group by all"
        " having count(standardised_index) filter (is_complete) >= 6"
        " order by theme_id, baseline_id",
        {"wanted": list(wanted)},
    )
    return group(found, "theme_id")
