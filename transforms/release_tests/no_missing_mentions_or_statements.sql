-- Fail for each outlet and day with fewer mentions or statements than in the last release, except
-- for a changed or deleted article, a changed phrase of the same theme or that now covers the
-- position, and changed rules: all articles are then processed again.
{#- What affects matching. -#}
{% set columns -%}
    phrase_id, theme_id, language, phrase, match_type, role, requires_any, window_chars,
    exclude_regex, salience, valid_from, valid_to
{%- endset %}
{% if not rules_changed %}
with changed_articles as (
    {{ changed_articles }}
),

changed_phrases as (
    select {{ columns }}
    from (
        select {{ columns }} from lake.ref.theme_phrases {{ at }}
        union all
        select {{ columns }} from lake.ref.theme_phrases
    )
    group by all
    having count(*) = 1
),
{% for table, key in [('theme_mentions', 'theme_id, field, start_offset'),
    ('statements', 'start_offset, speaker_start')] %}

{{ table }}_days as (
    select
        publisher_id, published_on,
        count(*) filter (is_old) as before_count,
        count(*) filter (not is_old) as after_count
    from (
        select publisher_id, published_on, true as is_old from lake.marts.{{ table }} {{ at }}
        union all
        select publisher_id, published_on, false from lake.marts.{{ table }}
    )
    group by all
    having after_count < before_count
),

{{ table }}_lost as (
    select
        old.*,
        days.before_count, days.after_count
    from (from lake.marts.{{ table }} {{ at }}) as old
    inner join {{ table }}_days as days
        on old.publisher_id is not distinct from days.publisher_id
            and old.published_on is not distinct from days.published_on
    anti join lake.marts.{{ table }} using (article_id, {{ key }})
    anti join changed_articles using (article_id)
){{ ',' if not loop.last }}
{% endfor %}

select
    table_name, publisher_id, published_on, before_count, after_count,
    count(*) as missing_count
from (
    select 'marts.theme_mentions' as table_name, publisher_id, published_on, before_count,
        after_count from theme_mentions_lost as lost
    where
        theme_id not in (select theme_id from changed_phrases)
        and not exists (
            select 1 from lake.marts.theme_mentions as new
            where
                new.article_id = lost.article_id
                and new.field = lost.field
                and new.start_offset < lost.end_offset
                and new.end_offset > lost.start_offset
                and new.phrase_id in (select phrase_id from changed_phrases)
        )
    union all
    select 'marts.statements' as table_name, publisher_id, published_on, before_count, after_count
    from statements_lost
)
group by all
order by published_on, publisher_id, table_name
{% endif %}
