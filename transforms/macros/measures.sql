{#-
    Returns normalised pointwise mutual information: 1 always together, 0 as chance has it, towards −1 never.
    ln(p_xy / (p_x·p_y)) / −ln(p_xy), p a count over total; null where the two never meet. Bouma (2009), GSCL.
-#}
{% macro npmi(both, one, other, total) -%}
    case
        when {{ both }} = {{ total }} then 1.0
        when {{ both }} > 0
            then round(ln({{ both }} * {{ total }}::double / ({{ one }}::double * {{ other }})) / -ln({{ both }} / {{ total }}::double), 12)
    end
{%- endmacro %}


{#-
    Returns by how much a term is likelier in one corpus than in another, in log-odds with a Dirichlet prior.
    δ = ln((y1 + a)/(n1 + a0 − y1 − a)) − ln((y2 + a)/(n2 + a0 − y2 − a)); y of n words are the term, a of a0 prior ones.
    Monroe, Colaresi and Quinn (2008), Fightin' Words, Political Analysis 16(4), equation 16.
-#}
{% macro log_odds(y1, n1, y2, n2, a, a0) -%}
    (
        ln(({{ y1 }} + {{ a }}) / ({{ n1 }} + {{ a0 }} - {{ y1 }} - {{ a }}))
        - ln(({{ y2 }} + {{ a }}) / ({{ n2 }} + {{ a0 }} - {{ y2 }} - {{ a }}))
    )
{%- endmacro %}


{#- Returns log_odds in standard errors: z = δ / √(1/(y1 + a) + 1/(y2 + a)); Monroe, Colaresi and Quinn (2008), equations 18 and 22. -#}
{% macro log_odds_z(y1, n1, y2, n2, a, a0) -%}
    {{ log_odds(y1, n1, y2, n2, a, a0) }} / sqrt(1.0 / ({{ y1 }} + {{ a }}) + 1.0 / ({{ y2 }} + {{ a }}))
{%- endmacro %}


{#-
    Returns the concentration of counts over those who hold them, an aggregate: the sum of squared shares, from 1/n, all alike, to 1,
    one alone; null where nothing was counted. Hirschman (1945) and Herfindahl (1950).
-#}
{% macro hhi(counts) -%}
    sum({{ counts }}::double * {{ counts }}) / nullif(sum({{ counts }})::double * sum({{ counts }}), 0)
{%- endmacro %}


{#-
    Returns the sample cross-correlation of two series at a lag: Σ dx_t·dy_{t+k} / √(Σ dx²·Σ dy²), d the deviation from the series'
    own mean. earlier: the first one's deviations but for the last k, later: the other's but for the first k, as lists; the squares
    are sums over the whole series. Box, Jenkins and Reinsel, Time Series Analysis, 12.1.
-#}
{% macro cross_correlation(earlier, later, squares, other_squares) -%}
    list_dot_product({{ earlier }}, {{ later }}) / sqrt({{ squares }} * {{ other_squares }})
{%- endmacro %}
