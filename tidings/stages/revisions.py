"""Record which figures of closed weeks and months differ from those of the last release, and why,
and how a change of the word list changed the themes' counts of each month.

Such a figure may have been printed. Rows of earlier releases remain: they cannot be computed again.
"""

from __future__ import annotations

from tidings.base.records import LastBuild, Release
from tidings.storage.lake import Connection, quoted
from tidings.storage.load import has_rows, write_differences
from tidings.storage.project import read_project
from tidings.storage.release import last_release

_LEXICON_CHANGES = "annotations.lexicon_changes"
_LAST = """
    select releases.snapshot_id, releases.lexicon_version
    from ops.releases as releases semi join lake.snapshots() as snapshots using (snapshot_id)
    where
        releases.lexicon_version != $lexicon
        and releases.released_at > coalesce(
            (select max(released_at) from ops.releases where lexicon_version = $lexicon),
            '-infinity'::timestamptz
        )
    order by releases.snapshot_id desc
    limit 1
"""
_CHANGES = """
    with articles as (
        select article_id, date_trunc('month', published_on)::date as month_start_on
        from core.articles as present
        inner join (from core.articles at (version => {snapshot})) as past
            using (article_id, content_hash, published_on)
        where present.excluded_reason is null and past.excluded_reason is null
    ),

    mentions as (
        select article_id, theme_id, phrase_id, true as is_after from annotations.mentions
        union all
        select article_id, theme_id, phrase_id, false as is_after
        from marts.theme_mentions at (version => {snapshot})
    ),

    article_phrases as (
        select
            unnest(coalesce(themes.counted_theme_ids, [mentions.theme_id])) as theme_id,
            month_start_on, article_id, phrase_id, is_after
        from mentions
        inner join articles using (article_id)
        left join ({themes}) as themes using (theme_id)
    ),

    by_article as (
        select
            theme_id, month_start_on, article_id,
            bool_and(is_after) as is_gained,
            bool_and(not is_after) as is_lost,
            list(phrase_id) as phrase_ids
        from article_phrases
        group by all
    )

    select
        theme_id, month_start_on,
        {before} as lexicon_before,
        {lexicon} as lexicon_after,
        count_if(not is_gained) as article_count_before,
        count_if(not is_lost) as article_count_after,
        count_if(is_gained) as gained_count,
        count_if(is_lost) as lost_count,
        coalesce(list_sort(list_distinct(flatten(list(phrase_ids) filter (where is_gained)))), [])
            as gained_by_phrase_ids,
        coalesce(list_sort(list_distinct(flatten(list(phrase_ids) filter (where is_lost)))), [])
            as lost_with_phrase_ids
    from by_article
    group by theme_id, month_start_on
    having gained_count > 0 or lost_count > 0
"""


def record_lexicon_change(con: Connection, lexicon: str) -> None:
    """Record the effects of the word list ``lexicon``, unless no release had another list since.

    The caller's transaction must not have changed ``marts.theme_mentions``: a lake cannot read the
    past of a table that the same transaction has changed.
    """
    found = con.execute(_LAST, {"lexicon": lexicon}).fetchone()
    if found is None:
        return
    snapshot, before, after = found[0], quoted(found[1]), quoted(lexicon)
    project = read_project()
    themes = project.render(project.models["stg_themes"])
    query = _CHANGES.format(snapshot=snapshot, themes=themes, before=before, lexicon=after)
    scope = f"lexicon_before = {before} and lexicon_after = {after}"
    write_differences(con, _LEXICON_CHANGES, query, "theme_id, month_start_on", scope=scope)


TABLE = "annotations.revised_figures"
_FIGURES = """
    select 'week' as period, week_start_on as start_on, week_start_on + 6 as end_on,
        theme_id, article_count, about_count, total_count
    from marts.theme_weekly {at} where {condition}
    union all
    select 'month', month_start_on, last_day(month_start_on),
        theme_id, article_count, about_count, total_count
    from marts.theme_monthly {at} where {condition}
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
    with changes as (
        select
            unnest(list_distinct([past.published_on, present.published_on])) as published_on,
            case
                when past.article_id is null then 'late'
                when present.article_id is null and article_id in (
                    select article_id from raw.forgotten
                ) then 'forgotten'
                when present.article_id is null then 'removed'
                when present.excluded_reason = 'republished' then 'republished'
                when past.capture_id is distinct from present.capture_id then 'corrected'
                else 'reprocessed'
            end as reason
        from (from core.articles at (version => {snapshot})) as past
        full join core.articles as present using (article_id)
        where
            (past.published_on, past.content_hash, past.excluded_reason)
            is distinct from (present.published_on, present.content_hash, present.excluded_reason)
    ),

    by_period as (
        select period, start_on, list_sort(list(distinct reason)) as reasons
        from (select distinct period, start_on, end_on from temp.differences)
        inner join changes on published_on between start_on and end_on
        group by all
    )

    select
        '{release_id}' as release_id, differences.* exclude (end_on),
        list_concat(coalesce(reasons, []), if({is_retagged}, ['retagged'], [])) as reasons
    from temp.differences as differences
    left join by_period using (period, start_on)
"""


def keep_released_figures(con: Connection) -> Release | None:
    """Store the figures of the last release's closed periods in a temporary table, and return the
    release; None if there is none, or its snapshot has expired.

    The caller's transaction must not have changed the figures: a lake cannot read the past of a
    table that the same transaction has changed.
    """
    release = last_release(con)
    snapshot = release and release.snapshot_id
    if not has_rows(con, f"lake.snapshots() where snapshot_id = {snapshot or 'null'}"):
        return None
    figures = _FIGURES.format(at=f"at (version => {snapshot})", condition="is_complete")
    con.execute(f"create or replace temp table released_figures as {figures}")
    return release


def record_revisions(
    con: Connection,
    release: Release | None,
    last: LastBuild | None,
    *,
    rules: str,
    lexicon: str,
) -> None:
    """Replace the rows of differences from a release. ``last`` is the last build; ``rules`` and
    ``lexicon`` are the present versions of the rules and of the word list.

    The reasons are late (an article arrived after the release), corrected (it has a new text),
    republished (an earlier article has the same text), reprocessed (its page was read by other
    rules), removed, forgotten, and retagged (words, lists or rules have changed).
    """
    if release is None:
        return
    is_retagged = not last or (last.rules_version, release.lexicon_version) != (rules, lexicon)
    con.execute(f"create or replace temp table differences as {_DIFFERENCES}")
    rows = f"from {TABLE} limit 0"
    if has_rows(con, "temp.differences"):  # comparing all articles takes time
        rows = _REASONS.format(
            snapshot=release.snapshot_id, release_id=release.release_id, is_retagged=is_retagged
        )
    write_differences(
        con,
        TABLE,
        rows,
        "release_id, period, start_on, theme_id",
        scope=f"release_id = '{release.release_id}'",
    )
