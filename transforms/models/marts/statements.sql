-- One row per speaker and sentence that attributes a statement to this speaker.
{{ config(
    unique_key=['article_id', 'start_offset', 'speaker_start'],
    scope='int_statement_articles',
    scope_on='article_id',
    scope_bounds='published_on',
    order_by='published_on, article_id, start_offset, speaker_start'
) }}

{% set read_from = bounds(
    source('core', 'articles'), 'first_seen_at', ref('int_statement_articles'), name='articles.first_seen_at'
) %}

with mentions as (
    select * from {{ ref('theme_mentions') }}
    where field = 'body_text'
),

-- Excluded pages have no statements, because a round-up page repeats statements from other articles.
results as (
    select
        articles.article_id,
        articles.publisher_id,
        articles.published_on,
        articles.language,
        unnest(speaker_statements(articles.body_text, articles.language, articles.published_on)) as statement
    from {{ source('core', 'articles') }} as articles
    semi join {{ ref('int_statement_articles') }} as to_process on articles.article_id = to_process.article_id
    where
        articles.excluded_reason is null
        and {{ read_from }}
),

sentences as (
    select
        article_id,
        publisher_id,
        published_on,
        language,
        statement.speaker_name as speaker_name,
        case when statement.person_id is not null then 'person' else statement.speaker_kind end as speaker_kind,
        statement.speaker_gender as speaker_gender,
        statement.person_id as person_id,
        statement.office as office,
        statement.verb as verb,
        statement.sentence as sentence,
        statement.start_offset as start_offset,
        statement.end_offset as end_offset,
        statement.speaker_start as speaker_start,
        statement.speaker_end as speaker_end
    from results
),

themes as (
    select
        sentences.article_id,
        sentences.start_offset,
        sentences.speaker_start,
        list_sort(list(distinct mentions.theme_id)) as theme_ids
    from sentences
    inner join mentions
        on
            sentences.article_id = mentions.article_id
            and mentions.start_offset >= sentences.start_offset
            and mentions.end_offset <= sentences.end_offset
    group by sentences.article_id, sentences.start_offset, sentences.speaker_start
),

final as (
    select
        sentences.*,
        case
            when person_id is not null then person_id
            -- A body without a name ("the committee") is another one in another article.
            when speaker_kind in ('person', 'body') and not regexp_full_match(speaker_name, '[\p{Ll} ''-]+') then speaker_name
            else speaker_kind
        end as speaker,
        coalesce(themes.theme_ids, []) as theme_ids
    from sentences
    left join themes using (article_id, start_offset, speaker_start)
)

select
    article_id,
    speaker,
    speaker_name,
    speaker_kind,
    speaker_gender,
    person_id,
    office,
    verb,
    sentence,
    start_offset,
    end_offset,
    speaker_start,
    speaker_end,
    theme_ids,
    publisher_id,
    published_on,
    language
from final
