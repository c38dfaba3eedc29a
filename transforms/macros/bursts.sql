{#-
    Returns a select of keys, batch_on, hits, total, is_burst and gain: Kleinberg's bursts of batches, two states.

    counts names a relation with the columns of keys, and batch_on (date), hits and total; batches without a total are left out.
    p0 = Σ hits / Σ total, p1 = min(2·p0, .9999); a batch costs, in state i, −ln of the binomial likelihood of its hits at p_i;
    going up costs γ·ln(n) for n batches, coming down nothing; the cheapest path from state 0. gain is what a batch saves in state 1:
    a burst's strength is the sum of it. Kleinberg (2003), Bursty and Hierarchical Structure in Streams, DMKD 7, section 4.

    Viterbi with two states needs only the lead x of state 0 over state 1, x_t = d_t + min(max(x_{t−1}, 0), up), d_t = −gain.
    Such steps put together are again one, min(max(x + a, low), high), so that doubling strides reach any length in few passes: no
    recursion over days. Materialized, for DuckDB plans a chain of plain CTEs twice a link. Back: where x < 0 the state is 1, where x ≥ up it is 0, in between it is the next batch's.

    strides: passes; 2^13 batches are 22 years of days.
-#}
{% macro kleinberg_bursts(counts, keys, gamma=1, strides=13) -%}
    {%- set key_list = keys | join(', ') -%}
    with batches as (
        select
            {{ key_list }},
            batch_on,
            hits,
            total,
            sum(hits) over series / (sum(total) over series)::double as p0,
            {{ gamma }} * ln(count(*) over series) as up,
            row_number() over (partition by {{ key_list }} order by batch_on) as batch
        from {{ counts }}
        where total > 0
        window series as (partition by {{ key_list }})
    ),

    costs as (
        select
            *,
            -hits * ln(least(2 * p0, 0.9999) / p0)
            - (total - hits) * ln((1 - least(2 * p0, 0.9999)) / (1 - p0)) as d
        from batches
        -- Without a hit, or where all is hits already, there is no state above.
        where p0 > 0 and p0 < 0.9999
    ),

    stride_0 as (
        select
            {{ key_list }},
            batch,
            batch_on,
            hits,
            total,
            d,
            up,
            d as a,
            0.0::double as low,
            up as high
        from costs
    ),
    {% for stride in range(strides) %}
    stride_{{ stride + 1 }} as materialized (
        select
            before.* exclude (a, low, high),
            -- The earlier stretch first, then this one; before the series lies the step that changes nothing.
            lag(before.a, {{ 2 ** stride }}, 0) over series + before.a as a,
            least(
                greatest(lag(before.low, {{ 2 ** stride }}, '-infinity'::double) over series + before.a, before.low), before.high
            ) as low,
            least(
                greatest(lag(before.high, {{ 2 ** stride }}, 'infinity'::double) over series + before.a, before.low), before.high
            ) as high
        from stride_{{ stride }} as before
        window series as (partition by {{ key_list }} order by batch)
    ),
    {% endfor %}
    -- The series begins in state 0: state 1 is dearer by the way up.
    leads as (
        select
            * exclude (a, low, high),
            d + coalesce(lag(least(greatest(up + a, low), high)) over (partition by {{ key_list }} order by batch), up) as x
        from stride_{{ strides }}
    ),

    states as (
        select
            {{ key_list }},
            batch_on,
            hits,
            total,
            -d as gain,
            coalesce(
                first_value(case when x < 0 then true when x >= up then false end ignore nulls) over (
                    partition by {{ key_list }} order by batch rows between current row and unbounded following
                ),
                false
            ) as is_burst
        from leads
    )

    select
        {{ key_list }},
        batch_on,
        hits,
        total,
        is_burst,
        gain
    from states
{%- endmacro %}


{#- Returns how many strides reach over all days of a table: 2^4 for 9 days, 2^7 for 99, 2^11 for 999, 2^14 for 9,999. -#}
{% macro burst_strides(relation) -%}
    {%- if not execute -%}
        {{ return(4) }}
    {%- endif -%}
    {%- set days = run_query('select count(distinct published_on) from ' ~ relation).rows[0][0] -%}
    {{ return((days | string | length) * 10 // 3 + 1) }}
{%- endmacro %}
