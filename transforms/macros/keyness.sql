{#-
    Return a select that compares how often each owner (an outlet or a speaker) uses the phrases of
    a month and language with the other owners' use: month_start_on, language, the owner, phrase_id,
    theme_id, phrase, counts y1, n1, y2, n2, log_odds and z.

    used: a relation with month_start_on, language, the owner, phrase_id, theme_id, phrase and hits.
    y1 of n1 mentions of the owner are the phrase, and y2 of n2 mentions of the others. The prior is
    the distribution of phrases over all owners in that month, scaled to 100 mentions. It keeps
    phrases with one or two mentions from ranking first. is_dense: also compare phrases that only
    other owners used. Months and languages with a single owner are left out, because there is no
    comparison.
-#}
{% macro keyness(used, owner, is_dense) -%}
    {%- set prior = 100 -%}
    with owners as (
        select
            month_start_on,
            language,
            {{ owner }},
            sum(hits) as owner_hits
        from {{ used }}
        group by month_start_on, language, {{ owner }}
    ),

    terms as (
        select
            month_start_on,
            language,
            phrase_id,
            theme_id,
            phrase,
            sum(hits) as term_hits
        from {{ used }}
        group by month_start_on, language, phrase_id, theme_id, phrase
    ),

    languages as (
        select
            month_start_on,
            language,
            sum(owner_hits) as language_hits
        from owners
        group by month_start_on, language
        having count(*) > 1
    ),

    compared as (
        select
            owners.month_start_on,
            owners.language,
            owners.{{ owner }},
            terms.phrase_id,
            terms.theme_id,
            terms.phrase,
            coalesce(used.hits, 0)::double as y1,
            owners.owner_hits::double as n1,
            (terms.term_hits - coalesce(used.hits, 0))::double as y2,
            (languages.language_hits - owners.owner_hits)::double as n2,
            {{ prior }} * terms.term_hits / languages.language_hits::double as a
        from owners
        inner join languages
            on owners.month_start_on = languages.month_start_on
                and owners.language = languages.language
        inner join terms on owners.month_start_on = terms.month_start_on
            and owners.language = terms.language
        {{ 'left' if is_dense else 'inner' }} join {{ used }} as used
            on
                owners.month_start_on = used.month_start_on
                and owners.language = used.language
                and owners.{{ owner }} = used.{{ owner }}
                and terms.phrase_id = used.phrase_id
        where terms.term_hits < languages.language_hits
    )

    select
        *,
        {{ log_odds('y1', 'n1', 'y2', 'n2', 'a', prior) }} as log_odds,
        {{ log_odds_z('y1', 'n1', 'y2', 'n2', 'a', prior) }} as z
    from compared
{%- endmacro %}
