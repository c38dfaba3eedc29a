-- One row per sentence in which a listed person says something, and person.
{{ config(
    unique_key=['article_id', 'start_offset', 'person_id'],
    scope='int_statement_articles',
    scope_on='article_id',
    scope_bounds='published_on',
    order_by='published_on, article_id, start_offset, person_id'
) }}

{% set read_from = bounds(
    source('core', 'articles'), 'first_seen_at', ref('int_statement_articles'), name='articles.first_seen_at'
) %}

with articles as (
    select * from {{ source('core', 'articles') }}
),

wanted as (
    select * from {{ ref('int_statement_articles') }}
),

mentions as (
    select * from {{ ref('theme_mentions') }}
    where field = 'body_text'
),

-- Excluded pages bring no statements: a round-up repeats what the other items say.
found as (
    select
        articles.article_id,
        articles.publisher_id,
        articles.published_on,
        articles.language,
        unnest(speaker_statements(articles.body_text, articles.language, articles.published_on)) as statement
    from articles
    semi join wanted on articles.article_id = wanted.article_id
    where
        articles.excluded_reason is null
        and {{ read_from }}
),

said as (
    select
        article_id,
        publisher_id,
        published_on,
        language,
        statement.person_id as person_id,
        statement.office as office,
        statement.verb as verb,
        statement.sentence as sentence,
        statement.start_offset as start_offset,
        statement.end_offset as end_offset
    from found
),

themes as (
    select
        said.article_id,
        said.start_offset,
        said.person_id,
        list_sort(list(distinct mentions.theme_id)) as theme_ids
    from said
    inner join mentions
        on
            said.article_id = mentions.article_id
            and mentions.start_offset >= said.start_offset
            and mentions.end_offset <= said.end_offset
    group by said.article_id, said.start_offset, said.person_id
),

final as (
    select
        said.*,
        coalesce(themes.theme_ids, []) as theme_ids
    from said
    left join themes
        on
            said.article_id = themes.article_id
            and said.start_offset = themes.start_offset
            and said.person_id = themes.person_id
)

select
    article_id,
    person_id,
    office,
    verb,
    sentence,
    start_offset,
    end_offset,
    theme_ids,
    publisher_id,
    published_on,
    language
from final
