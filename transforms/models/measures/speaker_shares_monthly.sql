{{ config(
    unique_key=['theme_id', 'month_start_on', 'speaker_kind', 'speaker'],
    meta={'order_by': 'month_start_on'}
) }}

-- A statement counts once for a theme, even if it has phrases of several of its themes.
with theme_statements as (
    select distinct
        unnest(counted_theme_ids) as theme_id,
        article_id, story_id, publisher_id, month_start_on, start_offset, speaker_start, speaker,
        speaker_name, speaker_kind, speaker_gender, person_id
    from (
        select *, unnest(theme_ids) as member_id from {{ ref('int_statement_speakers') }}
    ) as statements
    inner join {{ ref('stg_themes') }} as themes on member_id = theme_id
),

totals as (
    select
        theme_id, month_start_on,
        count(*) as theme_statement_count,
        count(distinct story_id) as theme_story_count
    from theme_statements
    group by all
),

counts as (
    select
        theme_id, month_start_on, speaker_kind, speaker,
        case when speaker_kind in ('person', 'body') then min(speaker_name) end as speaker_name,
        min(person_id) as person_id,
        count(*) as statement_count,
        count(distinct article_id) as article_count,
        count(distinct story_id) as story_count,
        count(distinct publisher_id) as outlet_count,
        if(speaker_kind = 'person', count(*) filter (speaker_gender = 'female'), null)
            as female_count,
        if(speaker_kind = 'person', count(*) filter (speaker_gender = 'male'), null)
            as male_count
    from theme_statements
    group by theme_id, month_start_on, speaker_kind, speaker
)

select
    theme_id, month_start_on, speaker_kind, speaker, speaker_name, person_id, statement_count,
    theme_statement_count,
    {{ share_columns('counts.statement_count', 'totals.theme_statement_count', 'true') }},
    counts.story_count, theme_story_count,
    {{ share_columns('counts.story_count', 'totals.theme_story_count', 'true', 'story_share') }},
    counts.article_count, counts.outlet_count, female_count, male_count, is_complete
from counts
inner join totals using (theme_id, month_start_on)
inner join {{ ref('theme_monthly') }} using (theme_id, month_start_on)
