{#- Return the last day of the period over which candidates are counted: the UTC date of the run time. -#}
{% macro candidates_until() -%}
    timezone('UTC', {{ as_of() }})::date
{%- endmacro %}


{#- Return the day before the first day that is read: 28 days and the year before them. -#}
{% macro candidates_earliest() -%}
    ({{ candidates_until() }} - 393)
{%- endmacro %}


{#-
    Return the entropy, in nats, of the words next to a sequence. n is the count of each neighbour, total the count of all. A
    place without a neighbouring word (an empty neighbour) counts as a separate neighbour.
-#}
{% macro neighbour_entropy(neighbour, n, total) -%}
    sum(if({{ neighbour }} = '', {{ n }} / {{ total }} * ln({{ total }}), -{{ n }} / {{ total }} * ln({{ n }} / {{ total }})))
{%- endmacro %}


{#- Return whether a language separates no words with spaces; languages/__init__.py lists these languages. -#}
{% macro writes_no_spaces(language='language') -%}
    list_contains(string_split(getvariable('languages_without_spaces'), ' '), {{ language }})
{%- endmacro %}


{#-
    Return a sequence's points for rise, use, novelty, evidence in `articles` articles, and length. docs/method.md documents the
    formula.
-#}
{% macro candidate_points(articles) -%}
    (
        0.75 * ln(z)
        + 0.75 * ln(policy_count)
        + policy_count / (policy_count + prior_count)
        + 1.2 * ((verb_count > 0)::integer + (head_noun_count > 0)::integer + (quote_count > 0)::integer)
        + sqrt(policy_count / {{ articles }})
        + 3 * sqrt(quote_count / {{ articles }})
        + 0.6 * least(verb_word_count, 4)
        + 0.5 * least(if({{ writes_no_spaces() }}, length(key), 2 * len(string_split(key, ' '))), 6)
    )
{%- endmacro %}


{#-
    Return the ranking score of a slogan: its points for evidence, cohesion and the points that names have, too.
    docs/method.md documents the formula.
-#}
{% macro slogan_score() -%}
    (
        {{ candidate_points('article_count') }}
        + 3 * least(greatest(coalesce(cohesion, if({{ writes_no_spaces() }}, 0.15, 0.5)), -0.2), 1)
        + whole_count / article_count
        + 0.5 * ln(1 + policy_density)
        + 2 * article_count / (article_count + expected_count)
        + {{ common_points() }}
    )
{%- endmacro %}


{#- Return the ranking score of a name, which has no evidence beside it. -#}
{% macro name_score() -%}
    (
        0.75 * ln(article_count)
        + 1.5 * least(coalesce(cohesion, 0), 0.8)
        - if(length(key) = 4 and cohesion > 0.75, 2, 0)
        + 0.5 * whole_count / article_count
        + ln(1 + policy_density)
        + article_count / (article_count + background_count)
        + 0.8 * least(length(key), 5)
        + 0.8 * least(entropy, 3)
        + {{ common_points() }}
    )
{%- endmacro %}


{#-
    Return the points of slogans and names: for a recent third article, less for a fixed neighbour and for many articles on a day.
-#}
{% macro common_points() -%}
    (
        if(third_on > {{ candidates_until() }} - period_days // 2, 3, 0)
        - 3 * neighbour_share
        - 1.5 * ln(article_count / day_count)
    )
{%- endmacro %}
