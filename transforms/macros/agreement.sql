{#-
    Return a select of keys and the agreement of two series: pair_count, pearson and spearman over
    the periods in which both are known, the same for changes from one period to the next, and
    has_trend.

    pairs: a relation with the columns of keys, and start_on (date), a and b (double; null if
    unknown), one row for each period without holes. Correlations of fewer than five pairs, or of a
    constant series, are null. Equal values share the mean of their ranks. has_trend: the rank
    correlation of each series with time exceeds 1.96 standard errors, 1 / √(n − 1). A trend
    correlates any two series (Yule 1926, Journal of the Royal Statistical Society 89), so the
    correlation of changes is then the evidence. A constant series has no trend.
-#}
{% macro agreement(pairs, keys) -%}
    {%- set key_list = keys | join(', ') -%}
    with ordered as (
        select
            {{ key_list }},
            start_on,
            a,
            b,
            a - lag(a) over (partition by {{ key_list }} order by start_on) as a_change,
            b - lag(b) over (partition by {{ key_list }} order by start_on) as b_change
        from {{ pairs }}
    ),

    known as (
        select {{ key_list }}, start_on, a, b, false as is_change from ordered
        where a is not null and b is not null
        union all
        select {{ key_list }}, start_on, a_change, b_change, true
        from ordered where a_change is not null and b_change is not null
    ),

    ranked as (
        select
            *,
            rank() over (partition by {{ key_list }}, is_change order by a)
            + (count(*) over (partition by {{ key_list }}, is_change, a) - 1) / 2 as a_rank,
            rank() over (partition by {{ key_list }}, is_change order by b)
            + (count(*) over (partition by {{ key_list }}, is_change, b) - 1) / 2 as b_rank,
            row_number() over (partition by {{ key_list }}, is_change order by start_on) as place
        from known
    ),

    measured as (
        select
            {{ key_list }},
            is_change,
            count(*) as pair_count,
            min(start_on) as first_on,
            max(start_on) as last_on,
            {{ known_correlation('a', 'b') }} as pearson,
            {{ known_correlation('a_rank', 'b_rank') }} as spearman,
            least(
                coalesce(abs({{ known_correlation('place', 'a_rank') }}), 0),
                coalesce(abs({{ known_correlation('place', 'b_rank') }}), 0)
            ) as trend
        from ranked
        group by {{ key_list }}, is_change
    )

    select
        {{ key_list }},
        max(first_on) filter (not is_change) as first_on,
        max(last_on) filter (not is_change) as last_on,
        coalesce(max(pair_count) filter (not is_change), 0) as pair_count,
        max(pearson) filter (not is_change) as pearson,
        max(spearman) filter (not is_change) as spearman,
        coalesce(max(pair_count) filter (is_change), 0) as change_count,
        max(pearson) filter (is_change) as pearson_of_changes,
        max(spearman) filter (is_change) as spearman_of_changes,
        coalesce(max(trend * sqrt(pair_count - 1)) filter (not is_change) > 1.959964, false)
            as has_trend
    from measured
    group by {{ key_list }}
{%- endmacro %}


{#-
    Return the correlation of two columns as an aggregate; null for fewer than five pairs or a
    constant column.
-#}
{% macro known_correlation(first, second) -%}
    case when count(*) >= 5
        and isfinite(corr({{ first }}, {{ second }}))
            then round(corr({{ first }}, {{ second }}), 10) end
{%- endmacro %}
