{#-
    Returns a select of keys, batch_on, hits, total, is_burst and gain: Kleinberg's bursts of batches, two states.

    counts names a relation with the columns of keys, and batch_on (date), hits and total; batches without a total are left out.
    p0 = Σ hits / Σ total, p1 = min(2·p0, .9999); a batch costs, in state i, −ln of the binomial likelihood of its hits at p_i;
    going up costs γ·ln(n) for n batches, coming down nothing; the cheapest path from state 0. gain is what a batch saves in state 1:
    a burst's strength is the sum of it. Kleinberg (2003), Bursty and Hierarchical Structure in Streams, DMKD 7, section 4.

    Viterbi with two states needs only the lead x of state 0 over state 1, x_t = d_t + min(max(x_{t−1}, 0), up), d_t = −gain.
    Back: where x < 0 the state is 1, where x ≥ up it is 0, in between it is the next one's. The steps are taken as lists, all series
    side by side, the batches of `block` days a round: one list would be copied whole for every batch, one batch a round is a join
    for each.
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
        -- Without a hit, or where all is hits already, there is no state above.
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
                'gain': batches.hits * rates.hit_gain + (batches.total - batches.hits) * rates.miss_gain
            })) as batches
        from {{ counts }} as batches
        inner join rates on {% for key in keys %}batches.{{ key }} = rates.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
        where batches.total > 0
        group by all
    ),

    -- The series begins in state 0: state 1 is dearer by the way up. xs[1] is the lead that a block begins with.
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
            {% for key in keys %}before.{{ key }}, {% endfor %}
            before.up,
            before.last_block,
            before.block + 1 as block,
            blocks.batches,
            list_reduce(
                list_transform(coalesce(blocks.batches, []), lambda batch: [-batch.gain]),
                lambda xs, d: list_append(xs, d[1] + least(greatest(xs[-1], 0), before.up)),
                [before.xs[-1]]
            ) as xs
        from leads as before
        left join blocks
            on {% for key in keys %}before.{{ key }} = blocks.{{ key }} and {% endfor %}before.block + 1 = blocks.block
        where before.block < before.last_block
    ),

    followed as (
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
                partition by {{ key_list }} order by batch.batch_on rows between current row and unbounded following
            ),
            false
        ) as is_burst,
        batch.gain as gain
    from followed
{%- endmacro %}
