-- One row per two articles that are one story: near-identical texts at most 7 days apart, or versions that a publisher declares.
--
-- Locality-sensitive hashing (Indyk and Motwani 1998; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4): the 128
-- numbers of a MinHash signature make 42 bands of 3; two texts that share a band are compared, and those whose signatures agree
-- in at least 35 % of their numbers are linked. Texts with 30 % of their sentences replaced overlap by about half, those of two
-- pens by less than a tenth. Of a band that many share, as of a form letter's, each is compared with the next ten.
{{ config(
    unique_key=['article_id', 'other_article_id'],
    scope='int_articles_to_link',
    scope_on='article_id',
    scope_any=['article_id', 'other_article_id'],
    order_by='article_id, other_article_id'
) }}

{% set window_days = 7 %}
{% set bands = 42 %}
{% set neighbours = 10 %}
{% set near_bounds = days_near(window_days) %}

with articles as (
    select
        article_id,
        publisher_id,
        coalesce(published_on, first_seen_at::date) as seen_on,
        translation_key
    from {{ source('core', 'articles') }}
    where excluded_reason is null
),

to_link as (
    select * from {{ ref('int_articles_to_link') }}
),

new_days as (
    select distinct articles.seen_on
    from articles
    semi join to_link on articles.article_id = to_link.article_id
),

near_days as (
    select distinct (seen_on + distance::integer)::date as seen_on
    from new_days
    cross join range(-{{ window_days }}, {{ window_days + 1 }}) as distances (distance)
),

-- Signatures are long: only the files that may hold one of these days are read.
signed as (
    select
        article_id,
        published_on as seen_on,
        signature
    from {{ source('core', 'articles') }}
    where excluded_reason is null and {{ near_bounds }}
    union all
    select
        article_id,
        first_seen_at::date as seen_on,
        signature
    from {{ source('core', 'articles') }}
    where excluded_reason is null and published_on is null
),

near as (
    select
        signed.article_id,
        signed.seen_on,
        signed.signature,
        to_link.article_id is not null as is_new
    from signed
    semi join near_days on signed.seen_on = near_days.seen_on
    left join to_link on signed.article_id = to_link.article_id
    where len(signed.signature) > 0
),

bands as (
    select
        article_id,
        seen_on,
        is_new,
        unnest([
            {% for band in range(bands) -%}
                hash({{ band }}, signature[{{ 3 * band + 1 }}], signature[{{ 3 * band + 2 }}], signature[{{ 3 * band + 3 }}])
                {{- ', ' if not loop.last }}
            {% endfor %}
        ]) as band
    from near
),

-- Most bands are one article's alone, and most others hold no new one.
shared as (
    select band
    from bands
    group by band
    having count(*) > 1 and bool_or(is_new)
),

ranked as (
    select
        bands.*,
        row_number() over (partition by bands.band order by bands.seen_on, bands.article_id) as place
    from bands
    semi join shared on bands.band = shared.band
),

candidates as (
    select distinct
        least(one.article_id, other.article_id) as article_id,
        greatest(one.article_id, other.article_id) as other_article_id
    from ranked as one
    cross join range(1, {{ neighbours + 1 }}) as steps (step)
    inner join ranked as other on one.band = other.band and one.place + steps.step = other.place
    where other.seen_on - one.seen_on <= {{ window_days }} and (one.is_new or other.is_new)
),

alike as (
    select
        candidates.article_id,
        candidates.other_article_id,
        len(list_filter(list_zip(one.signature, other.signature), lambda pair: pair[1] = pair[2])) / 128.0 as resemblance
    from candidates
    inner join near as one on candidates.article_id = one.article_id
    inner join near as other on candidates.other_article_id = other.article_id
),

translated as (
    select distinct
        least(one.article_id, other.article_id) as article_id,
        greatest(one.article_id, other.article_id) as other_article_id
    from articles as one
    semi join to_link on one.article_id = to_link.article_id
    inner join articles as other
        on
            one.publisher_id = other.publisher_id
            and one.translation_key = other.translation_key
            and one.article_id != other.article_id
),

final as (
    select
        article_id,
        other_article_id,
        max(resemblance) as resemblance,
        bool_or(is_translation) as is_translation
    from (
        select article_id, other_article_id, resemblance, false as is_translation from alike
        where resemblance >= 0.35
        union all
        select article_id, other_article_id, null as resemblance, true as is_translation from translated
    )
    group by article_id, other_article_id
)

select
    article_id,
    other_article_id,
    resemblance,
    is_translation
from final
