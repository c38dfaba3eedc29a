{#-
    Return a select of keys, first_on, peak_on, last_on, hits and half_life_days: the use of each
    series over time.

    counts: a relation with the columns of keys, and batch_on (date) and hits. Days without a hit
    may be zero or missing. The peak is the day with the most hits, or the earliest of several. The
    half-life is the number of days from the peak until half of all hits since the peak have
    occurred: 0 if the peak day contains half of them. Half-life as in Burton and Kebler (1960),
    American Documentation 11.
-#}
{% macro lives(counts, keys) -%}
    {%- set key_list = keys | join(', ') -%}
    with active_days as (
        select
            {{ key_list }},
            batch_on,
            hits,
            max(hits) over (partition by {{ key_list }}) as max_hits
        from {{ counts }}
        where hits > 0
    ),

    peaks as (
        select
            *,
            min(batch_on) filter (where hits = max_hits)
            over (partition by {{ key_list }}) as peak_on
        from active_days
    ),

    running_sums as (
        select
            *,
            sum(hits) filter (where batch_on >= peak_on)
            over (partition by {{ key_list }} order by batch_on) as hits_since_peak,
            sum(hits) filter (where batch_on >= peak_on)
            over (partition by {{ key_list }}) as total_since_peak
        from peaks
    )

    select
        {{ key_list }},
        min(batch_on) as first_on,
        min(peak_on) as peak_on,
        max(batch_on) as last_on,
        sum(hits)::bigint as hits,
        min(batch_on - peak_on)
        filter (where batch_on >= peak_on and 2 * hits_since_peak >= total_since_peak)
            as half_life_days
    from running_sums
    group by {{ key_list }}
{%- endmacro %}


{#-
    Return a select of keys, outlet_count and half_on: the spread of a series over outlets. half_on
    is the day by which half of the outlets that ever active_days the series had active_days it;
    null with a single outlet.

    adoptions: a relation with the columns of keys, and outlet and adopted_on, the day of the
    outlet's first use.
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
