-- One row per counted article with a title: the title without marks, such as [Video], and without a
-- rubric, the part before a colon or bar on at least five days; null if nothing else remains.
{{ config(materialized='view') }}

with openings as (
    select
        article_id, publisher_id, published_on,
        headline(title) as headline,
        coalesce(nullif(rubric(title), ''), headline) as opening
    from {{ source('core', 'articles') }}
    where excluded_reason is null and title is not null
),

rubrics as (
    select publisher_id, opening
    from openings
    group by publisher_id, opening
    having count(distinct published_on) >= 5
)

select
    article_id, headline,
    if(
        rubrics.opening is null,
        headline,
        nullif(ltrim(substring(headline, length(opening) + 1), ' :：|｜丨'), '')
    ) as title
from openings
left join rubrics using (publisher_id, opening)
