"""Record how a change of the word list changed the themes' counts of each month.

The mentions of the last release with another word list are compared to the current mentions. Only
articles with the same text, day and counted status in both count, so that new articles do not
appear as effects of the word list. Rows of earlier changes remain: they cannot be computed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.stages.differences import write_differences
from tidings.stages.project import read_project
from tidings.storage.lake import quoted

if TYPE_CHECKING:
    import duckdb

TABLE = "annotations.lexicon_changes"
_LAST = """
    select releases.snapshot_id, releases.lexicon_version
    from ops.releases as releases
    inner join lake.snapshots() as snapshots on releases.snapshot_id = snapshots.snapshot_id
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
        select
            present.article_id,
            date_trunc('month', present.published_on)::date as month_start_on
        from core.articles as present
        inner join (from core.articles at (version => {snapshot})) as past
            on
                present.article_id = past.article_id
                and present.content_hash = past.content_hash
                and present.published_on = past.published_on
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
            articles.month_start_on,
            mentions.article_id,
            mentions.phrase_id,
            mentions.is_after
        from mentions
        inner join articles on mentions.article_id = articles.article_id
        left join ({themes}) as themes on mentions.theme_id = themes.theme_id
    ),

    by_article as (
        select
            theme_id,
            month_start_on,
            article_id,
            bool_or(not is_after) as had_mention,
            bool_or(is_after) as has_mention,
            list_sort(list(distinct phrase_id)) as phrase_ids
        from article_phrases
        group by theme_id, month_start_on, article_id
    )

    select
        theme_id,
        month_start_on,
        {before} as lexicon_before,
        {lexicon} as lexicon_after,
        count_if(had_mention) as article_count_before,
        count_if(has_mention) as article_count_after,
        count_if(has_mention and not had_mention) as gained_count,
        count_if(had_mention and not has_mention) as lost_count,
        coalesce(list_sort(list_distinct(flatten(
            list(phrase_ids) filter (where has_mention and not had_mention)
        ))), []) as gained_by_phrase_ids,
        coalesce(list_sort(list_distinct(flatten(
            list(phrase_ids) filter (where had_mention and not has_mention)
        ))), []) as lost_with_phrase_ids
    from by_article
    group by theme_id, month_start_on
    having gained_count > 0 or lost_count > 0
"""


def record_lexicon_change(con: duckdb.DuckDBPyConnection, lexicon: str) -> None:
    """Record the effects of the word list ``lexicon``, unless no release had another list since.

    The caller has a transaction that has not yet changed ``marts.theme_mentions``, because a lake
    cannot read the past of a table that the same transaction has changed.
    """
    found = con.execute(_LAST, {"lexicon": lexicon}).fetchone()
    if found is None:
        return
    snapshot, before, after = found[0], quoted(found[1]), quoted(lexicon)
    project = read_project()
    themes = project.render(project.models["stg_themes"])
    query = _CHANGES.format(snapshot=snapshot, themes=themes, before=before, lexicon=after)
    scope = f"lexicon_before = {before} and lexicon_after = {after}"
    write_differences(con, TABLE, query, "theme_id, month_start_on", scope=scope)
