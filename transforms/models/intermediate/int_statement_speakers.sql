-- One row per statement in a counted article, with its month, its story, and the speaker's name.
-- is_named: a listed person, or the full name of a person or body. A single word is often a
-- surname, a general noun or the first word of a sentence; documents, groups and parts of a
-- sentence are no bodies.
{{ config(materialized='view') }}

select
    statements.article_id,
    stories.story_id,
    statements.publisher_id,
    date_trunc('month', statements.published_on)::date as month_start_on,
    lower(regexp_extract(statements.language, '^[^-_]+')) as language,
    coalesce(body_names.full_name, statements.speaker) as speaker,
    coalesce(people.name, body_names.full_name, statements.speaker) as speaker_name,
    statements.speaker_kind,
    statements.speaker_gender,
    statements.person_id,
    people.person_id is not null
    or (
        statements.speaker_kind in ('person', 'body')
        and regexp_matches(
            statements.speaker, '\p{Lu}.* |[ ].*\p{Lu}|^\p{Lu}{2,}$|^[\p{Han}·]{4,}$'
        )
        and not regexp_matches(
            statements.speaker,
            '^(?:来自|代表|该|有关)|(?:声明|报告|研究|方案|草案|决议|通报|文章|数据|团队|方面|组织等)$'
        )
    ) as is_named,
    statements.start_offset,
    statements.end_offset,
    statements.speaker_start,
    statements.theme_ids
from {{ ref('statements') }} as statements
inner join {{ ref('article_stories') }} as stories on statements.article_id = stories.article_id
-- An article with a future date is not counted until that day.
semi join {{ ref('outlet_daily') }} as outlet_daily using (publisher_id, published_on)
left join {{ ref('stg_people') }} as people on statements.person_id = people.person_id
left join {{ ref('int_body_names') }} as body_names
    on statements.speaker_kind = 'body' and statements.speaker = body_names.short_name
