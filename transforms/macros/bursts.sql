{#-
    Return a select of keys, batch_on, hits, total, is_burst and gain: Kleinberg's bursts of
    batches, with two states.

    counts: a relation with the columns of keys, and batch_on (date), hits and total. Batches
    without a total are left out. p0 = Σ hits / Σ total, p1 = min(2·p0, .9999). In state i a batch
    costs −ln of the binomial likelihood of its hits at p_i. A transition to state 1 costs γ·ln(n)
    for n batches, and a transition to state 0 is free. The result is the cheapest path that starts
    in state 0. gain is the cost that a batch saves in state 1; the strength of a burst is the sum
    of its gains. Kleinberg (2003), Bursty and Hierarchical Structure in Streams, DMKD 7, section 4.

    With two states, the Viterbi algorithm needs only the difference x between the costs of state 0
    and state 1: x_t = d_t + min(max(x_{t−1}, 0), up), d_t = −gain. Backwards, the state is 1 if x <
    0, 0 if x ≥ up, and otherwise the next batch's state. Each recursion step processes the batches
    of `block` days for all series as lists. A single list would be copied for every batch, and
    single batches would need a join each.
-#}
{% macro kleinberg_bursts(counts, keys, gamma=1, block=100) -%}
    {%- set key_list = keys | join(', ') -%}
    with recursive series_totals as (
        select
            {{ key_list }},
            sum(hits) / sum(total)::double as p0,
            {{ gamma }} * ln(count(*)) as up,
            min(batch_on) as start_on,
            (max(batch_on) - min(batch_on)) // {{ block }} as last_block
        from {{ counts }}
        where total > 0
        group by {{ key_list }}
        -- State 1 does not exist without hits, or if nearly all items are hits.
        having sum(hits) > 0 and sum(hits) / sum(total)::double < 0.9999
    ),

    rates as (
        select
            *,
            ln(least(2 * p0, 0.9999) / p0) as hit_gain,
            ln((1 - least(2 * p0, 0.9999)) / (1 - p0)) as miss_gain
        from series_totals
    ),

    blocks as materialized (
        select
            {% for key in keys %}batches.{{ key }}, {% endfor %}
            (batches.batch_on - rates.start_on) // {{ block }} as block,
            list_sort(list({
                'batch_on': batches.batch_on,
                'hits': batches.hits,
                'total': batches.total,
                'gain': batches.hits * rates.hit_gain
                + (batches.total - batches.hits) * rates.miss_gain
            })) as batches
        from {{ counts }} as batches
        inner join rates on
            {% for key in keys -%}
                batches.{{ key }} = rates.{{ key }}{{ ' and ' if not loop.last }}
            {%- endfor %}
        where batches.total > 0
        group by all
    ),

    -- The series starts in state 0, so state 1 costs `up` more. xs[1] is the cost difference at the
    -- start of the block.
    leads as (
        select
            {{ key_list }},
            up,
            last_block,
            -1 as block,
            null::struct(batch_on date, hits bigint, total bigint, gain double)[] as batches,
            [up] as xs
        from series_totals
        union all
        select
            {% for key in keys %}previous.{{ key }}, {% endfor %}
            previous.up,
            previous.last_block,
            previous.block + 1 as block,
            blocks.batches,
            -- The list starts with the initial value: DuckDB 1.2 has no third argument for it.
            list_reduce(
                list_prepend([previous.xs[-1]],
                    list_transform(coalesce(blocks.batches, []), lambda batch: [-batch.gain])),
                lambda xs, d: list_append(xs, d[1] + least(greatest(xs[-1], 0), previous.up))
            ) as xs
        from leads as previous
        left join blocks
            on {% for key in keys %}previous.{{ key }} = blocks.{{ key }} and {% endfor %}
                previous.block + 1 = blocks.block
        where previous.block < previous.last_block
    ),

    differences as (
        select
            {{ key_list }},
            up,
            unnest(batches) as batch,
            unnest(xs[2:]) as x
        from leads
    )

    select
        {{ key_list }},
        batch.batch_on as batch_on,
        batch.hits as hits,
        batch.total as total,
        coalesce(
            first_value(case when x < 0 then true when x >= up then false end ignore nulls) over (
                partition by {{ key_list }}
                order by batch.batch_on rows between current row and unbounded following
            ),
            false
        ) as is_burst,
        batch.gain as gain
    from differences
{%- endmacro %}
