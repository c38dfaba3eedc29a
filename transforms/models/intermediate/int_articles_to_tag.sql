-- One row per article whose mentions must be found again: its text, day or standing changed, it holds a phrase that the word list
-- gained, changed or lost, or it is gone.
{{ config(materialized='table', database='memory') }}

{% set languages = changed_languages() %}
{% set built = last_run_snapshots() %}

with articles as (
    select * from {{ ref('stg_articles') }}
),

texts as (
    select * from {{ source('core', 'articles') }}
),

changed as (
    select * from {{ ref('int_changed_articles') }}
),

tagged as (
    {{ last_run('int_article_themes', {'article_id': 'uuid', 'source_key': 'ubigint'}) }}
),

-- Where it is not known what was written since the last run, all are compared with what was made of them.
is_new as (
    select
        article_id,
        first_seen_at
    from changed
    where {{ 'true' if built else 'false' }}
    union all
    select
        coalesce(articles.article_id, tagged.article_id) as article_id,
        articles.first_seen_at
    from articles
    full join tagged on articles.article_id = tagged.article_id
    where tagged.source_key is distinct from articles.source_key and {{ 'false' if built else 'true' }}
),

-- Texts are read only in the languages whose word list changed.
is_asked as (
    select
        texts.article_id,
        texts.first_seen_at
    from texts
    where
        {% if languages -%}
            texts.excluded_reason is null
            and (
                texts.language is null
                or lower(regexp_extract(texts.language, '^[^-_]+')) in ({{ "'" ~ languages | join("', '") ~ "'" }})
            )
            and has_changed_phrase(texts.title, texts.body_text, texts.language)
        {%- else -%}
            false
        {%- endif %}
),

final as (
    select
        article_id,
        bool_or(is_other) as is_other,
        min(first_seen_at) as seen_from,
        max(first_seen_at) as seen_until
    from (
        select article_id, first_seen_at, true as is_other from is_new
        union all
        select article_id, first_seen_at, false as is_other from is_asked
    )
    group by article_id
)

select
    article_id,
    is_other,
    seen_from,
    seen_until
from final
