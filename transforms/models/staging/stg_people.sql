select
    person_id,
    coalesce(min(name) filter (where language = 'en'), min(name)) as name
from {{ source('ref', 'speakers') }}
group by person_id
