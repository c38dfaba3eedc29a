{#-
    Return the last day of the period over which candidates are counted: the UTC date of the run
    time.
-#}
{% macro candidates_until() -%}
    timezone('UTC', {{ as_of() }})::date
{%- endmacro %}


{#- Return the day before the first day that is read: 28 days and the year before them. -#}
{% macro candidates_earliest() -%}
    ({{ candidates_until() }} - 393)
{%- endmacro %}


{#-
    Return the entropy, in nats, of the words next to a sequence. n is the count of each neighbour,
    total the count of all. A place without a neighbouring word (an empty neighbour) counts as a
    separate neighbour.
-#}
{% macro neighbour_entropy(neighbour, n, total) -%}
    sum(if({{ neighbour }} = '', {{ n }} / {{ total }} * ln({{ total }}),
        -{{ n }} / {{ total }} * ln({{ n }} / {{ total }})))
{%- endmacro %}


{#-
    Return a sequence's points for its evidence and its length. They choose the sequences that are
    searched in all texts. docs/method.md documents the formula.
-#}
{% macro evidence_points(articles) -%}
    (
        1.3 * (head_noun_count > 0)::integer
        + 0.6 * (quote_count > 0)::integer
        + 0.4 * (verb_count > 0)::integer
        + 2.4 * sqrt(quote_count / {{ articles }})
        + 0.5 * least(verb_word_count, 4)
        + 0.5 * least(if({{ writes_no_spaces() }}, length(key), 2 * len(string_split(key, ' '))), 6)
    )
{%- endmacro %}


{#- Return the ranking score of a slogan or name. docs/method.md documents the formula. -#}
{% macro candidate_score() -%}
    (
        {{ evidence_points('article_count') }}
        + 0.9 * ln(1 + policy_density)
        + 1.3 * least(greatest(coalesce(cohesion, if({{ writes_no_spaces() }}, 0.15, 0.5)), -0.2),
            1)
        + 0.9 * whole_count / article_count
        + 0.6 * least(entropy, 3)
        + 0.2 * ln(article_count)
        - 1.4 * ln(article_count / day_count)
        + 0.7 * span_days / period_days
        + article_count / (article_count + expected_count)
        + if(third_on > {{ candidates_until() }} - period_days // 2, 2, 0)
    )
{%- endmacro %}
