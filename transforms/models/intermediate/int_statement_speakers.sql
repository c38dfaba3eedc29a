-- is_named: a listed person or body (is_listed), or the full name of a person or body. A single
-- word is often a general noun; documents, groups and parts of a sentence are no bodies.
{{ config(materialized='view') }}

select
    statements.article_id, story_id, publisher_id,
    date_trunc('month', published_on)::date as month_start_on,
    primary_language(statements.language) as language,
    coalesce(full_name, speaker) as speaker,
    coalesce(name, full_name, speaker) as speaker_name,
    speaker_kind, speaker_gender, person_id,
    people.person_id is not null or full_name is not null as is_listed,
    is_listed
    or (
        speaker_kind in ('person', 'body')
        and regexp_matches(speaker, '^\p{Lu}.* |^\p{Lu}{2,}$|^[\p{Han}·]{4,}$')
        and not regexp_matches(
            speaker,
            '^(?:来自|代表|该|有关|当地)|(?:Angestellte|Beschäftigte|[Dd]aten'
            || '|声明|报告|研究|方案|草案|决议|通报|文章|数据|团队|方面|组织等)$'
        )
    ) as is_named,
    start_offset, end_offset, speaker_start, theme_ids
from {{ ref('statements') }}
inner join {{ ref('article_stories') }} as stories on statements.article_id = stories.article_id
-- An article with a future date is not counted until that day.
semi join {{ ref('outlet_daily') }} using (publisher_id, published_on)
left join {{ ref('stg_people') }} as people using (person_id)
left join
    (select publisher_id, country as outlet_country from {{ source('ref', 'publishers') }})
    using (publisher_id)
left join {{ ref('body_names') }} as body_names
    on
        speaker = short_name
        and primary_language(statements.language) = body_names.language
        and body_names.country in ('', outlet_country)
