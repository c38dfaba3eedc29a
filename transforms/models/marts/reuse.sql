-- One row per passage of an official text, and later article of another outlet that carries it
-- within seven days.
--
-- A passage has at least 30 words and 50 characters; a Chinese or Japanese character counts as a
-- word. Articles are compared if they share a mark (annotations.passages). Marks in more than 50
-- articles of the days are formulas and name lists, so they select no pair. Official texts are
-- those of official publishers and of state media.
{{ config(
    unique_key=['source_article_id', 'article_id', 'start_offset'],
    scope='int_articles_to_link',
    scope_on='article_id',
    scope_any=['source_article_id', 'article_id']
) }}

{% set most_articles = 50 %}
{% set near_bounds = bounds(
    ref('int_days_near_links'), 'seen_on', ref('int_days_near_links'), 'seen_on', 'published_on'
) %}

with articles as (
    select
        article_id,
        publisher_id,
        coalesce(published_at, first_seen_at) as published_at,
        coalesce(published_on, first_seen_at::date) as seen_on
    from {{ ref('stg_articles') }}
    where excluded_reason is null
),

marks as (
    select
        marks.article_id,
        marks.mark,
        to_link.article_id is not null as is_new
    from {{ source('annotations', 'passages') }} as marks
    semi join {{ ref('int_days_near_links') }} as near_days on marks.seen_on = near_days.seen_on
    left join {{ ref('int_articles_to_link') }} as to_link on marks.article_id = to_link.article_id
    where {{ near_bounds | replace('published_on', 'marks.seen_on') }}
),

shared_marks as (
    select mark
    from marks
    group by mark
    having count(*) between 2 and {{ most_articles }} and bool_or(is_new)
),

placed_marks as (
    select
        marks.mark,
        marks.is_new,
        articles.*,
        coalesce(publishers.publisher_type in ('official', 'state_media'), false) as is_official
    from marks
    semi join shared_marks on marks.mark = shared_marks.mark
    inner join articles on marks.article_id = articles.article_id
    left join {{ source('ref', 'publishers') }} as publishers
        on articles.publisher_id = publishers.publisher_id
),

pairs as (
    select distinct
        base.article_id as source_article_id,
        base.publisher_id as source_publisher_id,
        other.article_id,
        other.publisher_id,
        other.seen_on as published_on,
        date_diff('second', base.published_at, other.published_at) / 3600.0 as delay_hours
    from placed_marks as base
    inner join placed_marks as other
        on
            base.mark = other.mark
            and base.publisher_id != other.publisher_id
            and base.published_at < other.published_at
    where
        base.is_official
        and (base.is_new or other.is_new)
        and other.seen_on - base.seen_on <= {{ link_days() }}
),

texts as (
    select
        article_id,
        body_text
    from {{ source('core', 'articles') }}
    where
        (published_on is null or {{ near_bounds }})
        and article_id in (select unnest([source_article_id, article_id]) from pairs)
),

passages as (
    select
        pairs.*,
        unnest(find_shared_passages(source_texts.body_text, texts.body_text)) as passage
    from pairs
    inner join texts as source_texts on pairs.source_article_id = source_texts.article_id
    inner join texts on pairs.article_id = texts.article_id
)

select
    source_article_id,
    source_publisher_id,
    article_id,
    publisher_id,
    published_on,
    delay_hours,
    passage.other_start_offset as start_offset,
    passage.other_end_offset as end_offset,
    passage.start_offset as source_start_offset,
    passage.end_offset as source_end_offset,
    passage.word_count as word_count
from passages
