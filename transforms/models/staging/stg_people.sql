select
    person_id,
    coalesce(min(name) filter (language = 'en'), min(name)) as name
from {{ source('ref', 'speakers') }}
group by person_id
