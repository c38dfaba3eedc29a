with recursive themes as (
    from {{ source('ref', 'themes') }} as themes
),

-- `union` removes duplicates, so the recursion ends even if a theme is its own ancestor.
lineage as (
    select
        theme_id,
        theme_id as ancestor_id
    from themes
    union
    select
        lineage.theme_id,
        parent_id as ancestor_id
    from lineage
    inner join themes on ancestor_id = themes.theme_id
    where parent_id is not null
)

select
    theme_id, parent_id, kind, cap_code,
    list_sort(list(ancestor_id)) as counted_theme_ids
from themes
inner join lineage using (theme_id)
group by all
