{{ config(
    unique_key=['theme_id', 'month_start_on', 'lexicon_before', 'lexicon_after'],
    meta={'order_by': 'lexicon_after'}
) }}

from {{ source('annotations', 'lexicon_changes') }}
