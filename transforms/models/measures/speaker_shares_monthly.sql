-- One row per theme, month and speaker with a statement on the theme: the speaker's share of these
-- statements and of the stories that contain them. All offices without a name are one speaker, as
-- are all groups and all unidentified speakers.
{{ config(
    unique_key=['theme_id', 'month_start_on', 'speaker_kind', 'speaker'],
    meta={'order_by': 'month_start_on, theme_id, speaker_kind, speaker'}
) }}

with statements as (
    select * from {{ ref('int_statement_speakers') }}
    where len(theme_ids) > 0
),

-- A statement counts once for a theme and its parents, even if it contains phrases of several of
-- their themes.
theme_statements as (
    select distinct
        unnest(themes.counted_theme_ids) as theme_id,
        statements.article_id,
        statements.story_id,
        statements.publisher_id,
        statements.month_start_on,
        statements.start_offset,
        statements.speaker_start,
        statements.speaker,
        statements.speaker_name,
        statements.speaker_kind,
        statements.speaker_gender,
        statements.person_id
    from (select *, unnest(theme_ids) as member_id from statements) as statements
    inner join {{ ref('stg_themes') }} as themes on statements.member_id = themes.theme_id
),

totals as (
    select
        theme_id,
        month_start_on,
        count(*) as theme_statement_count,
        count(distinct story_id) as theme_story_count
    from theme_statements
    group by theme_id, month_start_on
),

counts as (
    select
        theme_id,
        month_start_on,
        speaker_kind,
        speaker,
        case when speaker_kind in ('person', 'body') then min(speaker_name) end as speaker_name,
        min(person_id) as person_id,
        count(*) as statement_count,
        count(distinct article_id) as article_count,
        count(distinct story_id) as story_count,
        count(distinct publisher_id) as outlet_count,
        case
            when speaker_kind = 'person' then count(*) filter (where speaker_gender = 'female')
        end as female_count,
        case when speaker_kind = 'person' then count(*) filter (where speaker_gender = 'male') end
            as male_count
    from theme_statements
    group by theme_id, month_start_on, speaker_kind, speaker
)

select
    counts.theme_id,
    counts.month_start_on,
    counts.speaker_kind,
    counts.speaker,
    counts.speaker_name,
    counts.person_id,
    counts.statement_count,
    totals.theme_statement_count,
    {{ share_columns('counts.statement_count', 'totals.theme_statement_count', 'true') }},
    counts.story_count,
    totals.theme_story_count,
    {{ share_columns('counts.story_count', 'totals.theme_story_count', 'true', 'story_share') }},
    counts.article_count,
    counts.outlet_count,
    counts.female_count,
    counts.male_count,
    theme_monthly.is_complete
from counts
inner join totals using (theme_id, month_start_on)
inner join {{ ref('theme_monthly') }} as theme_monthly using (theme_id, month_start_on)
