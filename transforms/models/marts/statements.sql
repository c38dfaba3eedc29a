{{ config(
    unique_key=['article_id', 'start_offset', 'speaker_start'],
    meta={'changed': 'published_on'}
) }}

with mentions as (
    from {{ source('annotations', 'mentions') }} as mentions
    where field = 'body_text' and {{ is_changed('published_on') }}
),

sentences as (
    from {{ source('annotations', 'statements') }}
    where {{ is_changed('published_on') }}
),

themes as (
    select
        sentences.article_id, sentences.start_offset, speaker_start,
        list_sort(list(distinct theme_id)) as theme_ids
    from sentences
    inner join mentions
        on
            sentences.article_id = mentions.article_id
            and mentions.start_offset >= sentences.start_offset
            and mentions.end_offset <= sentences.end_offset
    group by all
)

select
    article_id,
    case
        when person_id is not null then person_id
        -- A body without a name ("the committee") is another one in another article.
        when
            speaker_kind in ('person', 'body')
            and not regexp_full_match(speaker_name, '[\p{Ll} ''-]+')
            then speaker_name
        else speaker_kind
    end as speaker,
    speaker_name,
    if(person_id is null, speaker_kind, 'person') as speaker_kind,
    speaker_gender, person_id, office, verb, sentence, start_offset, end_offset, speaker_start,
    speaker_end,
    coalesce(theme_ids, []) as theme_ids,
    publisher_id, published_on, language
from sentences
left join themes using (article_id, start_offset, speaker_start)
