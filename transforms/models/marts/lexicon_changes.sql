-- One row per theme, month and word list change that affected the theme's count in that month.
--
-- The model compares the mentions of the last release with another word list to the current
-- mentions. It uses only articles with the same text, day and counted status in both, so new
-- articles do not appear as effects of the word list. Rows of earlier changes remain even after a
-- full refresh, because they cannot be computed again.
{{ config(
    unique_key=['theme_id', 'month_start_on', 'lexicon_before', 'lexicon_after'],
    scope='int_lexicon_change',
    scope_on=['lexicon_before', 'lexicon_after'],
    full_refresh=false,
    order_by='lexicon_after, theme_id, month_start_on'
) }}

{% set before = last_lexicon() %}
{% set at = 'at (version => ' ~ before[0] ~ ')' if before else '' %}

with articles as (
    select
        present.article_id,
        date_trunc('month', present.published_on)::date as month_start_on
    from {{ source('core', 'articles') }} as present
    inner join
        (select * from {{ source('core', 'articles') }} {{ at }}) as past
        using (article_id, content_hash)
    where
        {{ 'true' if before else 'false' }}
        and present.published_on = past.published_on
        and present.excluded_reason is null
        and past.excluded_reason is null
),

mentions as (
    select article_id, theme_id, phrase_id, true as is_after from {{ ref('theme_mentions') }}
    where {{ 'true' if before else 'false' }}
    union all
    select article_id, theme_id, phrase_id, false as is_after
    from {{ ref('int_released_mentions') }}
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
    left join {{ ref('stg_themes') }} as themes on mentions.theme_id = themes.theme_id
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
),

counts as (
    select
        theme_id,
        month_start_on,
        count(*) filter (where had_mention) as article_count_before,
        count(*) filter (where has_mention) as article_count_after,
        count(*) filter (where has_mention and not had_mention) as gained_count,
        count(*) filter (where had_mention and not has_mention) as lost_count,
        list_sort(
            list_distinct(flatten(list(phrase_ids) filter (where has_mention and not had_mention)))
        )
            as gained_by_phrase_ids,
        list_sort(
            list_distinct(flatten(list(phrase_ids) filter (where had_mention and not has_mention)))
        )
            as lost_with_phrase_ids
    from by_article
    group by theme_id, month_start_on
)

select
    counts.theme_id,
    counts.month_start_on,
    change.lexicon_before,
    change.lexicon_after,
    counts.article_count_before,
    counts.article_count_after,
    counts.gained_count,
    counts.lost_count,
    coalesce(counts.gained_by_phrase_ids, []) as gained_by_phrase_ids,
    coalesce(counts.lost_with_phrase_ids, []) as lost_with_phrase_ids
from counts
cross join {{ ref('int_lexicon_change') }} as change
where counts.gained_count > 0 or counts.lost_count > 0
