{#-
    Returns a select of keys, batch_on, hits, total, is_burst and gain: Kleinberg's bursts of batches, two states.

    counts names a relation with the columns of keys, and batch_on (date), hits and total; batches without a total are left out.
    p0 = Σ hits / Σ total, p1 = min(2·p0, .9999); a batch costs, in state i, −ln of the binomial likelihood of its hits at p_i;
    going up costs γ·ln(n) for n batches, coming down nothing; the cheapest path from state 0. gain is what a batch saves in state 1:
    a burst's strength is the sum of it. Kleinberg (2003), Bursty and Hierarchical Structure in Streams, DMKD 7, section 4.

    strides: passes; 2^13 batches are 22 years of days.
-#}
{% macro kleinberg_bursts(counts, keys, gamma=1, strides=13) -%}
    {{ _burst_costs(counts, keys, gamma, strides) }}

    select
        {% for key in keys %}costs.{{ key }}, {% endfor %}
        costs.batch_on,
        costs.hits,
        costs.total,
        states.is_burst,
        -costs.d as gain
    from costs
    inner join states on {% for key in keys %}costs.{{ key }} = states.{{ key }} and {% endfor %}costs.stretch = states.stretch
{%- endmacro %}


{#-
    Returns a select of keys, start_on, end_on, hits, total, is_burst and gain of the same, a row a stretch: a batch with hits, or all
    batches without one from there to the next, which are always in one state.
-#}
{% macro kleinberg_stretches(counts, keys, gamma=1, strides=13) -%}
    {{ _burst_costs(counts, keys, gamma, strides) }}

    select
        {{ keys | join(', ') }},
        start_on,
        end_on,
        hits,
        total,
        is_burst,
        -d as gain
    from states
{%- endmacro %}


{#-
    Returns the CTEs of both: costs, a row a batch, and states, a row a stretch.

    Viterbi with two states needs only the lead x of state 0 over state 1, x_t = d_t + min(max(x_{t−1}, 0), up), d_t = −gain.
    Such steps put together are again one, min(max(x + a, low), high). Without hits d > 0 and x only grows, so that batches without
    hits, most of a rare phrase's, are one step of Σd. Over the stretches, doubling strides reach any length in few passes: no
    recursion over days. Materialized, for DuckDB plans a chain of plain CTEs twice a link. Back: where x < 0 the state is 1, where
    x ≥ up it is 0, in between it is the next one's.
-#}
{% macro _burst_costs(counts, keys, gamma, strides) -%}
    {%- set key_list = keys | join(', ') -%}
    with series_totals as (
        select
            {{ key_list }},
            sum(hits) / sum(total)::double as p0,
            {{ gamma }} * ln(count(*)) as up
        from {{ counts }}
        where total > 0
        group by {{ key_list }}
        -- Without a hit, or where all is hits already, there is no state above.
        having sum(hits) > 0 and sum(hits) / sum(total)::double < 0.9999
    ),

    costs as (
        select
            {% for key in keys %}batches.{{ key }}, {% endfor %}
            batches.batch_on,
            batches.hits,
            batches.total,
            series_totals.up,
            -batches.hits * ln(least(2 * series_totals.p0, 0.9999) / series_totals.p0)
            - (batches.total - batches.hits) * ln((1 - least(2 * series_totals.p0, 0.9999)) / (1 - series_totals.p0)) as d,
            2 * count(*) filter (where batches.hits > 0) over (
                partition by {% for key in keys %}batches.{{ key }}{{ ', ' if not loop.last }}{% endfor %} order by batches.batch_on
            ) + if(batches.hits > 0, 0, 1) as stretch
        from {{ counts }} as batches
        inner join series_totals on {% for key in keys %}batches.{{ key }} = series_totals.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
        where batches.total > 0
    ),

    stride_0 as (
        select
            {{ key_list }},
            stretch,
            min(batch_on) as start_on,
            max(batch_on) as end_on,
            sum(hits) as hits,
            sum(total) as total,
            sum(d) as d,
            any_value(up) as up,
            sum(d) as a,
            0.0::double as low,
            any_value(up) as high
        from costs
        group by {{ key_list }}, stretch
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
        window series as (partition by {{ key_list }} order by stretch)
    ),
    {% endfor %}
    -- The series begins in state 0: state 1 is dearer by the way up.
    leads as (
        select
            * exclude (a, low, high),
            d + coalesce(lag(least(greatest(up + a, low), high)) over (partition by {{ key_list }} order by stretch), up) as x
        from stride_{{ strides }}
    ),

    states as (
        select
            * exclude (x, up),
            coalesce(
                first_value(case when x < 0 then true when x >= up then false end ignore nulls) over (
                    partition by {{ key_list }} order by stretch rows between current row and unbounded following
                ),
                false
            ) as is_burst
        from leads
    )
{%- endmacro %}


{#- Returns how many strides reach over all days of a table: 2^4 for 9 days, 2^7 for 99, 2^11 for 999, 2^14 for 9,999. -#}
{% macro burst_strides(relation) -%}
    {%- if not execute -%}
        {{ return(4) }}
    {%- endif -%}
    {%- set days = run_query('select count(distinct published_on) from ' ~ relation).rows[0][0] -%}
    {{ return((days | string | length) * 10 // 3 + 1) }}
{%- endmacro %}
