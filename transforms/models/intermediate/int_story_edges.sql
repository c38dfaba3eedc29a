-- One row per pair of articles in the same story: near-identical texts at most 7 days apart, or
-- translations that a publisher declares.
--
-- Locality-sensitive hashing (Indyk and Motwani 1998; Leskovec, Rajaraman and Ullman, Mining of
-- Massive Datasets, 3.4): the 128 numbers of a MinHash signature form 42 bands of 3. Two texts that
-- share a band are compared, and linked if at least 35 % of their numbers agree. After 30 % of its
-- sentences are replaced, a text still agrees in about half of its numbers; independent texts agree
-- in less than a tenth. If many texts share a band, for example form letters, each text is compared
-- only with the next ten.
{{ config(
    unique_key=['article_id', 'other_article_id'],
    scope='int_articles_to_link',
    scope_on='article_id',
    scope_any=['article_id', 'other_article_id']
) }}

{% set bands = 42 %}
{% set neighbours = 10 %}
{% set near_bounds = bounds(ref('int_days_near_links'), 'seen_on', ref('int_days_near_links'), 'seen_on', 'published_on') %}

with articles as (
    select
        article_id,
        publisher_id,
        translation_key
    from {{ source('core', 'articles') }}
    where excluded_reason is null
),

to_link as (
    select * from {{ ref('int_articles_to_link') }}
),

-- Signatures are large, so this CTE reads only the files that may contain one of these days.
signatures as (
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

near_articles as (
    select
        signatures.article_id,
        signatures.seen_on,
        signatures.signature,
        to_link.article_id is not null as is_new
    from signatures
    semi join {{ ref('int_days_near_links') }} as near_days on signatures.seen_on = near_days.seen_on
    left join to_link on signatures.article_id = to_link.article_id
    where len(signatures.signature) > 0
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
    from near_articles
),

-- Most bands contain a single article, and most of the others contain no new article.
shared_bands as (
    select band
    from bands
    group by band
    having count(*) > 1 and bool_or(is_new)
),

ranked_bands as (
    select
        bands.*,
        row_number() over (partition by bands.band order by bands.seen_on, bands.article_id) as place
    from bands
    semi join shared_bands on bands.band = shared_bands.band
),

candidates as (
    select distinct
        least(base.article_id, other.article_id) as article_id,
        greatest(base.article_id, other.article_id) as other_article_id
    from ranked_bands as base
    cross join range(1, {{ neighbours + 1 }}) as steps (step)
    inner join ranked_bands as other on base.band = other.band and base.place + steps.step = other.place
    where other.seen_on - base.seen_on <= {{ link_days() }} and (base.is_new or other.is_new)
),

compared_pairs as (
    select
        candidates.article_id,
        candidates.other_article_id,
        len(list_filter(list_zip(base.signature, other.signature), lambda pair: pair[1] = pair[2])) / 128.0 as resemblance
    from candidates
    inner join near_articles as base on candidates.article_id = base.article_id
    inner join near_articles as other on candidates.other_article_id = other.article_id
),

translations as (
    select
        least(base.article_id, other.article_id) as article_id,
        greatest(base.article_id, other.article_id) as other_article_id
    from articles as base
    semi join to_link on base.article_id = to_link.article_id
    inner join articles as other
        on
            base.publisher_id = other.publisher_id
            and base.translation_key = other.translation_key
            and base.article_id != other.article_id
)

select article_id, other_article_id from compared_pairs
where resemblance >= 0.35
union
select article_id, other_article_id from translations
