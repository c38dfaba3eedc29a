-- One row per statement in a counted article, with its month, its story, and the speaker's name.
{{ config(materialized='view') }}

select
    statements.article_id,
    stories.story_id,
    statements.publisher_id,
    date_trunc('month', statements.published_on)::date as month_start_on,
    lower(regexp_extract(statements.language, '^[^-_]+')) as language,
    statements.speaker,
    coalesce(people.name, statements.speaker) as speaker_name,
    statements.speaker_kind,
    statements.speaker_gender,
    statements.person_id,
    statements.start_offset,
    statements.end_offset,
    statements.speaker_start,
    statements.theme_ids
from {{ ref('statements') }} as statements
inner join {{ ref('article_stories') }} as stories on statements.article_id = stories.article_id
-- An article with a future date is not counted until that day.
semi join {{ ref('outlet_daily') }} as outlet_daily using (publisher_id, published_on)
left join {{ ref('stg_people') }} as people on statements.person_id = people.person_id
