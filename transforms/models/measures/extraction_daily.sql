-- Pages without text count, too; other excluded pages do not.
{{ config(unique_key=['publisher_id', 'published_on'], meta={'order_by': 'published_on'}) }}

with doubts as (
    select
        publisher_id, published_on, extraction_doubt,
        count(*) as page_count,
        sum(1 - extraction_confidence) as expected_wrong_count
    from {{ source('core', 'articles') }}
    where
        published_on is not null
        and extraction_confidence is not null
        and (excluded_reason is null or excluded_reason = 'no_text')
    group by all
)

select
    publisher_id, published_on,
    sum(page_count)::bigint as estimated_count,
    sum(if(extraction_doubt is not null, page_count, 0))::bigint as low_count,
    round(sum(expected_wrong_count), 4) as expected_wrong_count,
    max_by(extraction_doubt, (page_count, extraction_doubt)) filter (
        extraction_doubt is not null
    ) as main_doubt
from doubts
group by all
