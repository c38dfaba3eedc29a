{#-
    Returns a select of keys, first_on, peak_on, last_on, hits and half_life_days: the life of each series so far.

    counts names a relation with the columns of keys, and batch_on (date) and hits, days without a hit left out or zero. The peak is
    the day of most hits, the earliest of several; the half-life the days from there until half of all hits from the peak on had
    been: 0 where the peak's own day held them. Half-life as in Burton and Kebler (1960), American Documentation 11.
-#}
{% macro lives(counts, keys) -%}
    {%- set key_list = keys | join(', ') -%}
    with used as (
        select
            {{ key_list }},
            batch_on,
            hits,
            max(hits) over (partition by {{ key_list }}) as most
        from {{ counts }}
        where hits > 0
    ),

    peaked as (
        select
            *,
            min(batch_on) filter (where hits = most) over (partition by {{ key_list }}) as peak_on
        from used
    ),

    faded as (
        select
            *,
            sum(hits) filter (where batch_on >= peak_on) over (partition by {{ key_list }} order by batch_on) as so_far,
            sum(hits) filter (where batch_on >= peak_on) over (partition by {{ key_list }}) as in_all
        from peaked
    )

    select
        {{ key_list }},
        min(batch_on) as first_on,
        min(peak_on) as peak_on,
        max(batch_on) as last_on,
        sum(hits)::bigint as hits,
        min(batch_on - peak_on) filter (where batch_on >= peak_on and 2 * so_far >= in_all) as half_life_days
    from faded
    group by {{ key_list }}
{%- endmacro %}


{#-
    Returns a select of keys, outlet_count and half_on: how a series spread over outlets, and the day on which half of those that
    ever took it up had; null with one outlet, for there is nothing to spread to.

    adoptions names a relation with the columns of keys, and outlet and adopted_on, the day of the outlet's first use.
-#}
{% macro diffusion(adoptions, keys) -%}
    {%- set key_list = keys | join(', ') -%}
    with ranked as (
        select
            {{ key_list }},
            adopted_on,
            row_number() over (partition by {{ key_list }} order by adopted_on, outlet) as rank,
            count(*) over (partition by {{ key_list }}) as outlet_count
        from {{ adoptions }}
    )

    select
        {{ key_list }},
        count(*) as outlet_count,
        min(adopted_on) filter (where 2 * rank >= outlet_count and outlet_count > 1) as half_on
    from ranked
    group by {{ key_list }}
{%- endmacro %}
