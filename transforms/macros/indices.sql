{#-
    Two indices of the shares of several outlets. The macros use only their arguments, so dbt and
    `tidings index` run the same SQL.

    counts: a relation with the columns of keys, and outlet, month (date), n_all, n_hit (double;
    null if unknown), baseline_from and baseline_until (date, inclusive; null for an open end).
-#}

{#-
    Return a select of keys, month, unweighted and weighted: the outlet-standardised index, with a
    mean of 100 over the baseline.

    X = n_hit / n_all of an outlet and month. Y = X / σ, where σ is the outlet's sample standard
    deviation of X in the baseline. Z is the mean of Y over the outlets of the month, or weighted Σ
    n_all·Y / Σ n_all. index = 100·Z / mean of Z in the baseline. Baker, Bloom and Davis (2016),
    Measuring Economic Policy Uncertainty, QJE 131(4), section II.A.

    missing, as SQL: 'null' leaves an outlet's empty month out; 'zero' sets its X to 0. unscaled: an
    outlet whose σ is zero or unknown is left out ('drop'), or stays in the weighted index with Y =
    0 ('zero').
-#}
{% macro standardised_index(counts, keys, missing="'null'", unscaled="'drop'") -%}
    {%- set key_list = keys | join(', ') -%}
    with shares as (
        select
            {{ key_list }},
            outlet,
            month,
            coalesce(n_all, 0) as n_all,
            case when n_all > 0 then n_hit / n_all when {{ missing }} = 'zero' then 0 end as x,
            month >= coalesce(baseline_from, month)
            and month <= coalesce(baseline_until, month) as is_baseline
        from {{ counts }}
    ),

    deviations as (
        select
            *,
            stddev_samp(x) filter (where is_baseline)
            over (partition by {{ key_list }}, outlet) as sigma
        from shares
    ),

    scaled as (
        select
            {{ key_list }},
            month,
            is_baseline,
            n_all,
            case when sigma > 0 then x / sigma end as y,
            case when sigma > 0 then x / sigma
                when x is not null and {{ unscaled }} = 'zero' then 0 end as y_weighted
        from deviations
    ),

    months as (
        select
            {{ key_list }},
            month,
            is_baseline,
            avg(y) as z,
            sum(n_all * y_weighted)
            / nullif(sum(n_all) filter (where y_weighted is not null), 0) as z_weighted
        from scaled
        group by {{ key_list }}, month, is_baseline
    )

    select
        {{ key_list }},
        month,
        100 * z / nullif(avg(z) filter (where is_baseline) over (partition by {{ key_list }}), 0)
            as unweighted,
        100 * z_weighted / nullif(avg(z_weighted) filter (where is_baseline)
            over (partition by {{ key_list }}), 0) as weighted
    from months
{%- endmacro %}


{#-
    Return a select of keys, month and index over all outlets together: S = Σ n_hit / Σ n_all of a
    month, index = 100·S / mean of S in the baseline. Caldara and Iacoviello (2022), Measuring
    Geopolitical Risk, AER 112(4), section I. The mean of the monthly index over the baseline is
    100. Every month therefore has the same weight, regardless of its number of articles. An
    outlet's month with unknown n_all or n_hit is in neither sum.
-#}
{% macro pooled_index(counts, keys, missing="'null'") -%}
    {%- set key_list = keys | join(', ') -%}
    with months as (
        select
            {{ key_list }},
            month,
            month >= coalesce(baseline_from, month)
            and month <= coalesce(baseline_until, month) as is_baseline,
            case
                when sum(n_all) filter (where n_hit is not null) > 0
                    then sum(n_hit) filter (where n_all > 0) / sum(n_all)
                        filter (where n_hit is not null)
                when {{ missing }} = 'zero' and coalesce(sum(n_all), 0) = 0 then 0
            end as z
        from {{ counts }}
        group by {{ key_list }}, month, is_baseline
    )

    select
        {{ key_list }},
        month,
        100 * z / nullif(avg(z) filter (where is_baseline) over (partition by {{ key_list }}), 0)
            as index
    from months
{%- endmacro %}
