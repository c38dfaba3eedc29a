-- One row per speaker and sentence that attributes a statement to this speaker.
{{ config(
    unique_key=['article_id', 'start_offset', 'speaker_start'],
    meta={
        'changed': 'published_on',
        'order_by': 'published_on, article_id, start_offset, speaker_start'
    }
) }}

with mentions as (
    select * from {{ source('annotations', 'mentions') }}
    where field = 'body_text' and {{ is_changed('published_on') }}
),

-- Excluded pages have no statements, because a round-up page repeats statements from other
-- articles.
sentences as (
    select * from {{ source('annotations', 'statements') }}
    where {{ is_changed('published_on') }}
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
    group by all
)

select
    sentences.article_id,
    case
        when sentences.person_id is not null then sentences.person_id
        -- A body without a name ("the committee") is another one in another article.
        when
            sentences.speaker_kind in ('person', 'body')
            and not regexp_full_match(sentences.speaker_name, '[\p{Ll} ''-]+')
            then sentences.speaker_name
        else sentences.speaker_kind
    end as speaker,
    sentences.speaker_name,
    if(sentences.person_id is null, sentences.speaker_kind, 'person') as speaker_kind,
    sentences.speaker_gender,
    sentences.person_id,
    sentences.office,
    sentences.verb,
    sentences.sentence,
    sentences.start_offset,
    sentences.end_offset,
    sentences.speaker_start,
    sentences.speaker_end,
    coalesce(themes.theme_ids, []) as theme_ids,
    sentences.publisher_id,
    sentences.published_on,
    sentences.language
from sentences
left join themes using (article_id, start_offset, speaker_start)
