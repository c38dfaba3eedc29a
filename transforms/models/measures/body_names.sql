-- Names of ref.bodies, and short Chinese names of other bodies: the full name has the same first
-- character and end, and over three quarters of the uses of such names.
{{ config(unique_key=['language', 'short_name', 'country']) }}

with listed as (
    select body, language, coalesce(country, '') as country, unnest(forms) as form
    from {{ source('ref', 'bodies') }}
),

names as (
    select speaker_name as speaker, count(*) as use_count
    from {{ source('annotations', 'statements') }}
    where speaker_kind = 'body' and regexp_full_match(speaker_name, '\p{Han}{4,20}')
    group by speaker_name
),

pairs as (
    select
        short_names.speaker as short_name,
        names.speaker as full_name,
        names.use_count / sum(names.use_count) over (partition by short_names.speaker) as use_share
    from names as short_names
    inner join names
        on
            left(short_names.speaker, 1) = left(names.speaker, 1)
            and length(names.speaker) > length(short_names.speaker)
            and ends_with(names.speaker, substring(short_names.speaker, 2))
    where regexp_full_match(short_names.speaker, '[美俄英法德日韩朝乌以巴伊叙黎印澳加土].{1,8}[部院军府局署厅会]')
)

select language, form as short_name, country, body as full_name
from listed
union all
select 'zh' as language, short_name, '' as country, coalesce(body, full_name) as full_name
from pairs
left join listed as names_of on full_name = form and language = 'zh'
where use_share > 0.75 and short_name not in (select form from listed)
