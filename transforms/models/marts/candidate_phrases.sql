-- An accepted sequence is left out permanently, a rejected one until its use has doubled, and a
-- postponed one for a week. A suggested theme occurs in three or more of the candidate's articles,
-- and in at least twice as many as in all articles of the language and period, by the lower 95 %
-- bound.
{{ config(unique_key=['language', 'rank']) }}
{% set today = "timezone('UTC', " ~ as_of() ~ ')::date' %}

with reviews as (
    from {{ source('reviews', 'candidate_reviews') }}
    where reviewed_on <= {{ today }}
    qualify
        row_number()
            over (partition by lower(phrase), language order by reviewed_on desc, verdict asc)
        = 1
),

ranked as (
    select *, row_number() over (partition by language order by score desc, key asc) as rank
    from {{ source('annotations', 'candidates') }} as candidates
    where
        not exists (
            select 1
            from reviews
            where
                candidates.language = primary_language(language)
                and lower(phrase) in (lower(candidates.phrase), key)
                and case verdict
                    when 'accepted' then true
                    when
                        'postponed'
                        then reviewed_on > {{ today }} - 7
                    else coalesce(
                        candidates.article_count < 2 * article_count,
                        reviewed_on > {{ today }} - 84
                    )
                end
        )
    qualify rank <= 200
),

articles as (
    from {{ source('annotations', 'candidate_articles') }}
),

article_themes as (
    select article_id, theme_id
    from {{ ref('article_themes') }} as all_themes
    inner join {{ ref('stg_themes') }} as themes using (theme_id)
    where published_on > {{ today }} - 84 and parent_id is not null
),

recent_themes as (
    select language, key, theme_id, count(*) as both_count
    from (select *, unnest(keys) as key from articles) as places
    inner join article_themes using (article_id)
    group by all
),

theme_totals as (
    select language, theme_id, count(*) as theme_count
    from articles
    inner join article_themes using (article_id)
    group by all
),

totals as (
    select language, count(*) as total_count from articles
    group by language
),

suggestions as (
    select
        language, key,
        list(theme_id order by both_count / theme_count desc, theme_id asc)[:3]
            as suggested_theme_ids
    from recent_themes
    inner join ranked using (language, key)
    inner join theme_totals using (language, theme_id)
    inner join totals using (language)
    where
        both_count >= 3
        and wilson_low(both_count, greatest(article_count, both_count))
        >= 2 * theme_count / total_count
    group by all
),

first_articles as (
    select
        ranked.language, ranked.key,
        arg_min(article_id, (published_at, article_id))
            as first_article_id,
        arg_min(publisher_id, (published_at, article_id)) as first_outlet
    from ranked
    inner join {{ source('annotations', 'sequences') }} as uses
        on
            ranked.language = uses.language and ranked.key = uses.key
            and first_seen_on = published_on
    inner join {{ source('core', 'articles') }} as stored using (article_id)
    where stored.published_on > {{ today }} - 393
    group by all
)

select
    language, phrase, rank, score, z, article_count, policy_count,
    if(prior_total > 0, prior_count, null) as prior_count,
    day_count,
    len(outlets) as outlet_count,
    outlets,
    list_where(
        ['head_noun', 'quote', 'verb'], [head_noun_count > 0, quote_count > 0, verb_count > 0]
    ) as evidence,
    first_seen_on, first_article_id, first_outlet, examples, example_article_ids,
    coalesce(suggested_theme_ids, []) as suggested_theme_ids,
    {{ today }} as as_of,
    period_days
from ranked
inner join first_articles using (language, key)
left join suggestions using (language, key)
