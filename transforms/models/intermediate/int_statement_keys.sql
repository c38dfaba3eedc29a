-- One row per counted article to process in this run, with a fingerprint of all inputs of its statements: the text, the lists
-- of speakers and verbs, the themes in its body, and the SQL that derives the statements.
{{ config(materialized='table', database='memory') }}

{% set mentioned_on, seen_at = 'true', 'true' %}
{% if last_run_snapshots() %}
    {% set seen_at = seen_bounds(ref('int_articles_to_tag')) %}
    {% set mentioned_on = bounds(ref('theme_mentions'), 'published_on', ref('int_articles_to_tag')) %}
{% endif %}

with articles as (
    select * from {{ ref('stg_articles') }}
    where excluded_reason is null and {{ in_scope_of('int_articles_to_tag') }} and {{ seen_at }}
),

mentions as (
    select * from {{ ref('theme_mentions') }}
    where
        field = 'body_text'
        and {{ in_scope_of('int_articles_to_tag') }}
        and {{ mentioned_on }}
),

by_article as (
    select
        article_id,
        bit_xor(hash(theme_id, start_offset, end_offset)) as mentions_key
    from mentions
    group by article_id
)

select
    articles.article_id,
    hash(
        articles.text_key,
        getvariable('statements_version'),
        getvariable('sql_in_int_statement_articles'),
        by_article.mentions_key
    ) as statement_key
from articles
left join by_article on articles.article_id = by_article.article_id
