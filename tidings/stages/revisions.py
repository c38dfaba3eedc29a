"""Record which figures of closed weeks and months differ from those of the last release, and why.

A figure of a week or month that a release called complete may have been printed. If it changes, the
table ``revised_figures`` has the old and the new figure with the reasons. Rows of earlier releases
remain: they cannot be computed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.stages.differences import has_rows, write_differences
from tidings.storage.release import last_release

if TYPE_CHECKING:
    import duckdb

    from tidings.base.records import Release

TABLE = "annotations.revised_figures"
_FIGURES = """
    select 'week' as period, week_start_on as start_on, week_start_on + 6 as end_on, * from (
        select week_start_on, theme_id, article_count, about_count, total_count
        from marts.theme_weekly {at} where {condition}
    )
    union all
    select 'month', month_start_on, last_day(month_start_on), * from (
        select month_start_on, theme_id, article_count, about_count, total_count
        from marts.theme_monthly {at} where {condition}
    )
"""
_DIFFERENCES = f"""
    with figures as ({_FIGURES.format(at="", condition="true")}),

    compared as (
        select
            period, start_on, released.end_on, theme_id,
            released.article_count as released_count,
            coalesce(present.article_count, 0) as revised_count,
            released.about_count as released_about_count,
            coalesce(present.about_count, 0) as revised_about_count,
            released.total_count as released_total_count,
            coalesce(present.total_count, 0) as revised_total_count
        from temp.released_figures as released
        left join figures as present using (period, start_on, theme_id)
    )

    from compared
    where
        (released_count, released_about_count) is distinct from (revised_count, revised_about_count)
    union all
    select
        period, start_on, end_on, '*', any_value(released_total_count),
        any_value(revised_total_count), null, null, any_value(released_total_count),
        any_value(revised_total_count)
    from compared
    where released_total_count != revised_total_count
    group by period, start_on, end_on
"""
_REASONS = """
    with past as (from core.articles at (version => {snapshot})),

    changes as (
        select
            unnest(list_distinct([past.published_on, present.published_on])) as published_on,
            case
                when past.article_id is null then 'late'
                when present.article_id is null and forgotten.article_id is null then 'removed'
                when present.article_id is null then 'forgotten'
                when present.excluded_reason = 'republished' then 'republished'
                when past.capture_id is distinct from present.capture_id then 'corrected'
                else 'reprocessed'
            end as reason
        from past
        full join core.articles as present on past.article_id = present.article_id
        left join (select distinct article_id from raw.forgotten) as forgotten
            on past.article_id = forgotten.article_id
        where
            (past.published_on, past.content_hash, past.excluded_reason)
            is distinct from (present.published_on, present.content_hash, present.excluded_reason)
    ),

    by_period as (
        select differences.period, differences.start_on, list_sort(list(distinct reason)) as reasons
        from (select distinct period, start_on, end_on from temp.differences) as differences
        inner join changes
            on changes.published_on between differences.start_on and differences.end_on
        group by all
    )

    select
        $release_id as release_id, differences.* exclude (end_on),
        list_concat(coalesce(by_period.reasons, []), if($is_retagged, ['retagged'], []))
            as reasons
    from temp.differences as differences
    left join by_period using (period, start_on)
    order by period, start_on, theme_id
"""


def keep_released_figures(con: duckdb.DuckDBPyConnection) -> Release | None:
    """Store the figures of the closed periods of the last release in a temporary table, and return
    the release; None if there is none, or its snapshot has expired.

    The caller's transaction has not yet changed the figures: a lake cannot read the past of a table
    that the same transaction has changed.
    """
    release = last_release(con)
    known = "select 1 from lake.snapshots() where snapshot_id = ?"
    if release is None or not con.execute(known, [release.snapshot_id]).fetchone():
        return None
    figures = _FIGURES.format(at=f"at (version => {release.snapshot_id})", condition="is_complete")
    con.execute(f"create or replace temp table released_figures as {figures}")
    return release


def record_revisions(
    con: duckdb.DuckDBPyConnection,
    release: Release | None,
    *,
    rules: tuple[str | None, str],
    lexicon: str,
) -> None:
    """Replace the rows of differences from a release, if there is one. ``rules`` are the versions
    of the last build's rules and of the present ones, ``lexicon`` is that of the word list.

    The reasons are late (an article arrived after the release), corrected (it has a new text),
    republished (an earlier article has the same text), reprocessed (its page was read by other
    rules), removed, forgotten, and retagged (words, lists or rules have changed).
    """
    if release is None:
        return
    is_retagged = rules[0] != rules[1] or lexicon != release.lexicon_version
    con.execute(f"create or replace temp table differences as {_DIFFERENCES}")
    rows = f"from {TABLE} limit 0"
    if has_rows(con, "temp.differences"):  # comparing all articles takes time
        rows = "from temp.revisions"
        con.execute(
            "create or replace temp table revisions as "
            + _REASONS.format(snapshot=release.snapshot_id),
            {"release_id": release.release_id, "is_retagged": is_retagged},
        )
    write_differences(
        con,
        TABLE,
        rows,
        "release_id, period, start_on, theme_id",
        scope=f"release_id = '{release.release_id}'",
    )
