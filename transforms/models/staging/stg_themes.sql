-- One row per theme, parents too, with the themes that count for it.
with recursive themes as (
    select * from {{ source('ref', 'themes') }}
),

-- union, not union all: a parent that is its own ancestor ends here instead of running for ever.
lineage as (
    select
        theme_id,
        theme_id as ancestor_id
    from themes
    union
    select
        lineage.theme_id,
        themes.parent_id as ancestor_id
    from lineage
    inner join themes on lineage.ancestor_id = themes.theme_id
    where themes.parent_id is not null
),

final as (
    select
        themes.theme_id,
        themes.parent_id,
        themes.label_en,
        themes.label_zh,
        themes.label_de,
        themes.kind,
        list_sort(list(lineage.ancestor_id)) as counted_theme_ids
    from themes
    inner join lineage on themes.theme_id = lineage.theme_id
    group by all
)

select * from final
