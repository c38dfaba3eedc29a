{#- Returns the last day that candidates are counted up to: that of the night's now. -#}
{% macro candidates_until() -%}
    timezone('UTC', {{ as_of() }})::date
{%- endmacro %}


{#- Returns the last day before the 28 that candidates are counted over; they are held against the year up to it. -#}
{% macro candidates_from() -%}
    ({{ candidates_until() }} - 28)
{%- endmacro %}


{#-
    Returns the entropy, in nats, of what stands beside a sequence, from the number of each neighbour in n and of all in total.
    A place at which the sequence ends freely (an empty neighbour) counts as a neighbour of its own.
-#}
{% macro neighbour_entropy(neighbour, n, total) -%}
    sum(if({{ neighbour }} = '', {{ n }} / {{ total }} * ln({{ total }}), -{{ n }} / {{ total }} * ln({{ n }} / {{ total }})))
{%- endmacro %}


{#- Returns a sequence's points for rise, use, novelty, evidence in `articles` articles, and length: docs/method.md. -#}
{% macro candidate_points(articles) -%}
    (
        0.75 * ln(z)
        + 0.75 * ln(policy_count)
        + policy_count / (policy_count + prior_count)
        + 1.2 * ((verb_count > 0)::integer + (head_noun_count > 0)::integer + (quote_count > 0)::integer)
        + sqrt(policy_count / {{ articles }})
        + 3 * sqrt(quote_count / {{ articles }})
        + 0.6 * least(verb_word_count, 4)
        + 0.5 * least(if(language in ('zh', 'ja'), length(key), 2 * len(string_split(key, ' '))), 6)
    )
{%- endmacro %}


{#- Returns what candidates are ranked by: those points and those for being whole and new in the fortnight: docs/method.md. -#}
{% macro candidate_score() -%}
    (
        {{ candidate_points('article_count') }}
        + 3 * least(greatest(coalesce(cohesion, if(language in ('zh', 'ja'), 0.15, 0.5)), -0.2), 1)
        + whole_count / article_count
        + if(third_on > {{ candidates_until() }} - 14, 2, 0)
    )
{%- endmacro %}
