{#-
    Return a bound of the 95 % Jeffreys interval of a share; null if total is 0. hits and total may
    be fractions, as for an effective sample size.

    The bounds are quantiles of a beta distribution with parameters a = hits + ½ and b = total −
    hits + ½ (Brown, Cai and DasGupta 2001, Statistical Science 16(2)). Its quantile is a·F / (a·F +
    b), where F is the cube of the approximation by Wilson and Hilferty to an F quantile (Paulson
    1942, Annals of Mathematical Statistics 13). Probabilities differ by at most .006 from 2.5 %.
-#}
{% macro jeffreys_low(hits, total) -%}
    {%- set z = 1.959964 -%}
    {%- set a, b = '(' ~ hits ~ ' + 0.5)', '(' ~ total ~ ' - ' ~ hits ~ ' + 0.5)' -%}
    {%- set p, q = '(1 - 1 / (9 * ' ~ a ~ '))', '(1 - 1 / (9 * ' ~ b ~ '))' -%}
    case when {{ total }} > 0 then 1 - {{ b }} / ({{ a }} * power(
        greatest({{ p }} * {{ p }} - {{ z * z }} / (9 * {{ a }}), 0) / (
            {{ p }} * {{ q }} + {{ z }} * sqrt(
                {{ q }} * {{ q }} / (9 * {{ a }}) + {{ p }} * {{ p }} / (9 * {{ b }}) - {{ z * z }}
                / (81 * {{ a }} * {{ b }})
            )
        ), 3
    ) + {{ b }}) end
{%- endmacro %}


{% macro jeffreys_high(hits, total) -%}
    1 - {{ jeffreys_low('(' ~ total ~ ' - ' ~ hits ~ ')', total) }}
{%- endmacro %}


{#-
    Return a bound of the 95 % Jeffreys interval of a Poisson mean: a quantile of the gamma
    distribution with shape count + ½, by the approximation of Wilson and Hilferty (1931), PNAS 17.
    sign: - or +.
-#}
{% macro poisson_bound(count, sign) -%}
    {%- set a = '(' ~ count ~ ' + 0.5)' -%}
    {{ a }} * power(greatest(1 - 1 / (9 * {{ a }}) {{ sign }} 1.959964 / (3 * sqrt({{ a }})), 0), 3)
{%- endmacro %}


{#-
    Return the value that a standard normal variable exceeds with a probability of at most ½.
    Abramowitz and Stegun, 26.2.23.
-#}
{% macro normal_quantile(probability) -%}
    {%- set t = 'sqrt(-2 * ln(' ~ probability ~ '))' -%}
    (
        {{ t }} - (2.515517 + 0.802853 * {{ t }} + 0.010328 * power({{ t }}, 2))
        / (1 + 1.432788 * {{ t }} + 0.189269 * power({{ t }}, 2) + 0.001308 * power({{ t }}, 3))
    )
{%- endmacro %}


{#-
    Return a select of keys, share_corrected, share_corrected_low and share_corrected_high: the
    share of articles that are about a theme, corrected for missed and wrongly counted articles.

    strata: a relation with keys, language, prediction (about, mentioned or absent), article_count,
    coded_count and true_share: the articles of a period for which the word list states the
    prediction, the effective number of coded articles with this language and prediction, and the
    share of these that are about the theme.

    The share is Σ W·P, where W is a stratum's share of the period's articles and P its true_share:
    post-stratification, a case of prediction-powered inference (Angelopoulos et al. 2023, Science
    382) and of design-based supervised learning (Egami et al. 2023, NeurIPS 36). The interval
    combines the Jeffreys intervals of all P, and within each language of all W, with MOVER (Zou and
    Donner 2008, Statistics in Medicine 27): each limit differs from the share by the root of the
    sum of the squared distances of the parts from their limits.

    A stratum with more than 1 % of the period's articles needs ten coded articles, and one with W
    of them 50·W; otherwise the values are null. A smaller stratum without coded articles counts as
    predicted, and any P from 0 to 1 is possible.
-#}
{% macro corrected_shares(strata, keys) -%}
    {%- set key_list = keys | join(', ') -%}
    select
        {{ key_list }},
        case when is_known then sums.share end as share_corrected,
        case when is_known then greatest(sums.share - sums.below, 0) end as share_corrected_low,
        case when is_known then least(sums.share + sums.above, 1) end as share_corrected_high
    from (
        select
            {{ key_list }},
            sum(article_count) > 0
            and max(article_count / most_of_period) <= sum(article_count) as is_known,
            sum(article_count * p) / sum(article_count) as share,
            sqrt(sum(power(article_count * (p - p_low), 2)
                + power(least(effect * less, effect * more), 2)))
            / sum(article_count) as below,
            sqrt(sum(power(article_count * (p_high - p), 2)
                + power(greatest(effect * less, effect * more), 2)))
            / sum(article_count) as above
        from (
            select
                *,
                if(coded_count >= 10, greatest(coded_count / 50, 0.01), 0.01) as most_of_period,
                p - max(p) filter (where prediction = 'absent')
                over (partition by {{ key_list }}, language) as effect,
                {{ jeffreys_low('article_count', 'language_count') }} * language_count
                - article_count as less,
                ({{ jeffreys_high('article_count', 'language_count') }}) * language_count
                - article_count as more
            from (
                select
                    *,
                    sum(article_count) over (partition by {{ key_list }}, language)
                        as language_count,
                    coalesce(true_share, if(prediction = 'about', 1, 0)) as p,
                    coalesce({{ jeffreys_low('(true_share * coded_count)', 'coded_count') }}, 0)
                        as p_low,
                    coalesce({{ jeffreys_high('(true_share * coded_count)', 'coded_count') }}, 1)
                        as p_high
                from {{ strata }}
            )
        )
        group by {{ key_list }}
    ) as sums
{%- endmacro %}


{#-
    Return a select of keys, recall, recall_low and recall_high: the share of the true articles that
    the word list finds.

    groups: a relation with keys, is_hit, coded_weight, coded_squares, true_weight and true_squares:
    the sums of the weights, and of their squares, of the coded and of the true articles with one
    prediction. Recall is H / (H + M), for the true weight H of the predictions that are hits and M
    of the others.

    A group's true weight is s times a Poisson count, where s = Σw² / Σw over its true articles, or
    over all if none is true: as in Fay and Feuer (1997), Statistics in Medicine 16. MOVER adds the
    groups and then combines H and M (Donner and Zou 2012, Statistical Methods in Medical Research
    21). A single effective sample size would ignore that missed articles have larger weights than
    found ones in a sample that prefers found ones.
-#}
{% macro recall_rates(groups, keys) -%}
    {%- set key_list = keys | join(', ') -%}
    select
        {{ key_list }},
        hits / nullif(hits + missed, 0) as recall,
        greatest(recall - sqrt(
            power(recall - coalesce(hits_low / nullif(hits_low + missed, 0), 0), 2)
            + power(recall - coalesce(hits / nullif(hits + missed_high, 0), 0), 2)
        ), 0) as recall_low,
        least(recall + sqrt(
            power(coalesce(hits_high / nullif(hits_high + missed, 0), 1) - recall, 2)
            + power(coalesce(hits / nullif(hits + missed_low, 0), 1) - recall, 2)
        ), 1) as recall_high
    from (
        select
            {{ key_list }},
            {%- for name, condition in [('hits', 'is_hit'), ('missed', 'not is_hit')] %}
            coalesce(sum(true_weight) filter (where {{ condition }}), 0) as {{ name }},
            greatest(
                {{ name }} - sqrt(coalesce(sum(power(true_weight - weight_low, 2))
                    filter (where {{ condition }}), 0)), 0
            ) as {{ name }}_low,
            {{ name }}
            + sqrt(coalesce(sum(power(weight_high - true_weight, 2)) filter (where {{ condition }}),
                0)) as {{ name }}_high
            {{- ',' if not loop.last }}
            {%- endfor %}
        from (
            select
                {{ key_list }},
                is_hit,
                true_weight,
                scale * {{ poisson_bound('(true_weight / scale)', '-') }} as weight_low,
                scale * {{ poisson_bound('(true_weight / scale)', '+') }} as weight_high
            from (
                select
                    *,
                    if(true_weight > 0, true_squares / true_weight, coded_squares / coded_weight)
                        as scale
                from {{ groups }}
                where coded_weight > 0
            )
        )
        group by {{ key_list }}
    )
{%- endmacro %}
