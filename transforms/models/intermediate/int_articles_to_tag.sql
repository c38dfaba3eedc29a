-- One row per article whose mentions must be computed again. The article is new, changed or deleted, or it contains a phrase
-- that was added to, changed in or removed from the word list.
{{ config(materialized='table', database='memory') }}

{% set languages = changed_languages() %}
{% set built = last_run_snapshots() %}

with articles as (
    select * from {{ ref('stg_articles') }}
),

texts as (
    select * from {{ source('core', 'articles') }}
),

changed_rows as (
    select * from {{ ref('int_changed_articles') }}
),

last_processed as (
    {{ last_run('int_article_themes', {'article_id': 'uuid', 'source_key': 'ubigint'}) }}
),

-- If the changes since the last completed run are unknown, compare all articles with their last processed version.
changed_articles as (
    select
        article_id,
        first_seen_at
    from changed_rows
    where {{ 'true' if built else 'false' }}
    union all
    select
        coalesce(articles.article_id, last_processed.article_id) as article_id,
        articles.first_seen_at
    from articles
    full join last_processed on articles.article_id = last_processed.article_id
    where last_processed.source_key is distinct from articles.source_key and {{ 'false' if built else 'true' }}
),

-- Read texts only in the languages whose phrases changed.
phrase_matches as (
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
)

select
    article_id,
    bool_or(is_article_changed) as is_article_changed,
    min(first_seen_at) as seen_from,
    max(first_seen_at) as seen_until
from (
    select article_id, first_seen_at, true as is_article_changed from changed_articles
    union all
    select article_id, first_seen_at, false as is_article_changed from phrase_matches
)
group by article_id
