-- The most recent decision counts. The coder "joint" is no independent second coding.
{{ config(unique_key=['text_hash', 'theme_id']) }}

{% set codings, themes = source('ref', 'codings'), ref('stg_themes') %}

with coders as (
    select
        text_hash,
        list(coder order by coded_at desc, coder desc) as latest,
        list_filter(latest, lambda name: name != 'joint') as independent
    from (
        select
            text_hash, coder,
            max(coalesce(coded_at, '-infinity'::timestamptz)) as coded_at
        from {{ codings }}
        group by all
    )
    group by text_hash
),

-- A second coding has no weight.
coded as (
    select
        text_hash,
        any_value(latest[1]) as coder,
        any_value(if(len(independent) > 1, independent, latest[1:1]))
            as coders,
        max(article_id) as article_id,
        max(coalesce(primary_language(language), 'unknown')) as language,
        max(published_on) as published_on,
        coalesce(max(weight), 1) as weight,
        bool_or(coalesce(is_any, false)) filter (coder = latest[1])
            as is_any,
        max(found_theme_ids) as found_theme_ids,
        max(about_theme_ids) as about_theme_ids
    from {{ codings }}
    inner join coders using (text_hash)
    group by text_hash
),

roles as (
    select
        text_hash, theme_id,
        list(coder) as all_coders,
        list(coder) filter (role = 'main') as main_coders
    from (
        select
            text_hash, coder, role,
            unnest(counted_theme_ids) as theme_id
        from {{ codings }}
        inner join {{ themes }} using (theme_id)
    )
    group by all
),

stored as (
    select coded.* from coded
    inner join {{ source('core', 'articles') }} using (article_id)
    where excluded_reason is null
),

mentions as (
    select mentions.* from {{ source('annotations', 'mentions') }} as mentions
    semi join stored using (article_id)
),

-- The present word list decides for articles of the warehouse, the former list for others.
found as (
    select text_hash, theme_id, is_about
    from assign_themes('mentions', '{{ themes }}')
    inner join stored using (article_id)
    union all
    select
        text_hash, theme_id,
        coalesce(list_contains(about_theme_ids, theme_id), false) as is_about
    from (
        select
            text_hash, about_theme_ids,
            unnest(list_distinct(found_theme_ids)) as theme_id
        from coded
        anti join stored using (text_hash)
    ) as other
)

select
    text_hash, theme_id, language, published_on, weight,
    coalesce(story_id::varchar, text_hash) as story,
    case
        when is_about then 'about' when found.theme_id is null then 'absent' else 'mentioned'
    end as prediction,
    outside.label as outside_label,
    coalesce(list_contains(main_coders, coder), false) as is_main,
    coalesce(list_contains(all_coders, coder), false)
    or (is_any and found.theme_id is not null) as is_named,
    coalesce(list_contains(main_coders, coders[1]), false) as label,
    if(len(coders) > 1, coalesce(list_contains(main_coders, coders[2]), false), null)
        as second_label
from coded
cross join {{ themes }} as themes
left join found using (text_hash, theme_id)
left join roles using (text_hash, theme_id)
left join {{ source('annotations', 'stories') }} as stories using (article_id)
left join outside_groups('{{ source('ref', 'outside_labels') }}') as outside
    using (article_id, theme_id)
