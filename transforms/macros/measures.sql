{#-
    Return normalised pointwise mutual information: 1 if two things always occur together, 0 if they
    are independent, towards −1 if they avoid each other. ln(p_xy / (p_x·p_y)) / −ln(p_xy), where p
    is a count divided by total; null if they never occur together. Bouma (2009), GSCL.
-#}
{% macro npmi(pair, first, second, total) -%}
    case
        when {{ pair }} = {{ total }} then 1.0
        when {{ pair }} > 0
            then round(ln({{ pair }} * {{ total }}::double / ({{ first }}::double * {{ second }}))
                / -ln({{ pair }} / {{ total }}::double), 12)
    end
{%- endmacro %}


{#-
    Return the log-odds ratio of a term in two corpora, with a Dirichlet prior; above 0, the term is
    more frequent in the first. δ = ln((y1 + a)/(n1 + a0 − y1 − a)) − ln((y2 + a)/(n2 + a0 − y2 −
    a)), for y occurrences in n words, and a in a0 words of the prior. Monroe, Colaresi and Quinn
    (2008), Fightin' Words, Political Analysis 16(4), equation 16.
-#}
{% macro log_odds(y1, n1, y2, n2, a, a0) -%}
    (
        ln(({{ y1 }} + {{ a }}) / ({{ n1 }} + {{ a0 }} - {{ y1 }} - {{ a }}))
        - ln(({{ y2 }} + {{ a }}) / ({{ n2 }} + {{ a0 }} - {{ y2 }} - {{ a }}))
    )
{%- endmacro %}


{#-
    Return log_odds divided by its standard error: z = δ / √(1/(y1 + a) + 1/(y2 + a)). Monroe,
    Colaresi and Quinn (2008), equations 18 and 22.
-#}
{% macro log_odds_z(y1, n1, y2, n2, a, a0) -%}
    {{ log_odds(y1, n1, y2, n2, a, a0) }}
    / sqrt(1.0 / ({{ y1 }} + {{ a }}) + 1.0 / ({{ y2 }} + {{ a }}))
{%- endmacro %}


{#-
    Return the concentration of counts, as an aggregate: the sum of squared shares. It is 1/n if all
    n counts are equal, 1 if one count contains everything, and null if the total is 0. Hirschman
    (1945) and Herfindahl (1950).
-#}
{% macro hhi(counts) -%}
    sum({{ counts }}::double * {{ counts }})
    / nullif(sum({{ counts }})::double * sum({{ counts }}), 0)
{%- endmacro %}


{#-
    Return the sample cross-correlation of two series at lag k: Σ dx_t·dy_{t+k} / √(Σ dx²·Σ dy²),
    where d is the deviation from the series' own mean. earlier: the deviations of the first series
    without the last k. later: those of the second series without the first k. Both are lists.
    squares and other_squares are sums over the whole series. Box, Jenkins and Reinsel, Time Series
    Analysis, 12.1.
-#}
{% macro cross_correlation(earlier, later, squares, other_squares) -%}
    list_dot_product({{ earlier }}, {{ later }}) / sqrt({{ squares }} * {{ other_squares }})
{%- endmacro %}


{#-
    Return Fisher's transform of a correlation, whose standard error with n independent pairs is 1 /
    sqrt(n - 3).
-#}
{% macro fisher_z(correlation) -%}
    atanh(greatest(-0.999999, least(0.999999, {{ correlation }})))
{%- endmacro %}
