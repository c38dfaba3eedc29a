{#-
    Returns a select of keys, batch_on, hits, total, is_burst and gain: Kleinberg's bursts of batches, two states.

    counts names a relation with the columns of keys, and batch_on (date), hits and total; batches without a total are left out.
    p0 = Σ hits / Σ total, p1 = min(2·p0, .9999); a batch costs, in state i, −ln of the binomial likelihood of its hits at p_i;
    going up costs γ·ln(n) for n batches, coming down nothing; the cheapest path from state 0. gain is what a batch saves in state 1:
    a burst's strength is the sum of it. Kleinberg (2003), Bursty and Hierarchical Structure in Streams, DMKD 7, section 4.

    Viterbi with two states needs only the lead x of state 0 over state 1, x_t = d_t + min(max(x_{t−1}, 0), up), d_t = −gain.
    Back: where x < 0 the state is 1, where x ≥ up it is 0, in between it is the next one's. The steps are taken as lists, all series
    side by side, `block` batches a round: one list would be copied whole for every batch, one batch a round is a join for each.
-#}
{% macro kleinberg_bursts(counts, keys, gamma=1, block=100) -%}
    {%- set key_list = keys | join(', ') -%}
    with recursive series_totals as (
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

    costs as materialized (
        select
            {% for key in keys %}batches.{{ key }}, {% endfor %}
            batches.batch_on,
            batches.hits,
            batches.total,
            -batches.hits * ln(least(2 * series_totals.p0, 0.9999) / series_totals.p0)
            - (batches.total - batches.hits) * ln((1 - least(2 * series_totals.p0, 0.9999)) / (1 - series_totals.p0)) as d,
            row_number() over (
                partition by {% for key in keys %}batches.{{ key }}{{ ', ' if not loop.last }}{% endfor %} order by batches.batch_on
            ) - 1 as number
        from {{ counts }} as batches
        inner join series_totals on {% for key in keys %}batches.{{ key }} = series_totals.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
        where batches.total > 0
    ),

    blocks as materialized (
        select
            {{ key_list }},
            number // {{ block }} as block,
            list([d] order by number) as steps
        from costs
        group by {{ key_list }}, number // {{ block }}
    ),

    -- The series begins in state 0: state 1 is dearer by the way up. xs[1] is the lead that a block begins with.
    leads as (
        select
            {{ key_list }},
            up,
            -1 as block,
            [up] as xs
        from series_totals
        union all
        select
            {% for key in keys %}before.{{ key }}, {% endfor %}
            before.up,
            blocks.block,
            list_reduce(
                blocks.steps, lambda xs, d: list_append(xs, d[1] + least(greatest(xs[-1], 0), before.up)), [before.xs[-1]]
            ) as xs
        from leads as before
        inner join blocks
            on {% for key in keys %}before.{{ key }} = blocks.{{ key }} and {% endfor %}before.block + 1 = blocks.block
    ),

    followed as (
        select
            {{ key_list }},
            up,
            block * {{ block }} + unnest(range(len(xs) - 1)) as number,
            unnest(xs[2:]) as x
        from leads
        where block >= 0
    ),

    states as (
        select
            {{ key_list }},
            number,
            coalesce(
                first_value(case when x < 0 then true when x >= up then false end ignore nulls) over (
                    partition by {{ key_list }} order by number rows between current row and unbounded following
                ),
                false
            ) as is_burst
        from followed
    )

    select
        {% for key in keys %}costs.{{ key }}, {% endfor %}
        costs.batch_on,
        costs.hits,
        costs.total,
        states.is_burst,
        -costs.d as gain
    from costs
    inner join states on {% for key in keys %}costs.{{ key }} = states.{{ key }} and {% endfor %}costs.number = states.number
{%- endmacro %}
