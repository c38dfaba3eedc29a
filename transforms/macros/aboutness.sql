{#-
    Return a select with a row per article and theme that it mentions, including parent themes: the
    mentions, those in the title and in the lead, and whether the article is about the theme.
    mentions: a table with the columns of theme_mentions. themes: a table with theme_id and
    counted_theme_ids, as stg_themes. columns: further columns of the article.
-#}
{% macro assign_themes(mentions, themes, columns=[]) -%}
{%- set listed = (['article_id'] + columns) | join(', ') -%}
select
    article_id,
    theme_id,
    sum(own_count)::integer as mention_count,
    sum(own_title_count)::integer as title_count,
    sum(own_lead_count)::integer as lead_count,
    {{ is_about('sum(own_title_count)', 'sum(own_lead_count)', 'sum(own_count)',
        'max(top_weight)') }} as is_about
    {%- for column in columns %},
    {{ column }}
    {%- endfor %}
from (
    select
        counts.*,
        unnest(coalesce(themes.counted_theme_ids, [counts.own_theme_id])) as theme_id
    from (
        select
            {{ listed }},
            theme_id as own_theme_id,
            count(*) as own_count,
            count(*) filter (where field = 'title') as own_title_count,
            count(*) filter (where field != 'title' and start_offset < {{ lead_length() }})
                as own_lead_count,
            max({{ weight('own_title_count', 'own_count') }})
            over (partition by article_id) as top_weight
        from {{ mentions }}
        group by {{ listed }}, theme_id
    ) as counts
    left join {{ themes }} as themes on counts.own_theme_id = themes.theme_id
)
group by {{ listed }}, theme_id
{%- endmacro %}


{#- Return the number of characters at the beginning of a text that count as its lead. -#}
{% macro lead_length() -%} 200 {%- endmacro %}


{#-
    Return whether an article is about a theme: the title, the lead or at least two places mention
    it, and its weight is at least a tenth of the largest weight of a theme in the article.
-#}
{% macro is_about(title_count, lead_count, mention_count, top_weight) -%}
(({{ title_count }} > 0 or {{ lead_count }} > 0 or {{ mention_count }} > 1)
    and 10 * {{ weight(title_count, mention_count) }} >= {{ top_weight }})
{%- endmacro %}


{#- Return the weight of a theme in an article: each mention counts 1, in the title 5. -#}
{% macro weight(title_count, mention_count) -%}
({{ mention_count }} + 4 * {{ title_count }})
{%- endmacro %}


{#-
    Return a select with a row per article and policy area (a theme without a parent), ranked by the
    area's weight. article_themes: a select of assign_themes. themes: as in assign_themes, with
    parent_id and cap_code.
-#}
{% macro rank_areas(article_themes, themes, columns=[]) -%}
select
    counts.article_id,
    counts.theme_id as area_id,
    themes.cap_code,
    row_number() over (
        partition by counts.article_id
        order by {{ weight('counts.title_count', 'counts.mention_count') }} desc, counts.theme_id
    )::integer as area_rank,
    counts.is_about as is_main,
    case when counts.title_count > 0 then 'title' when counts.lead_count > 0 then 'lead'
        else 'body' end as assigned_by,
    counts.mention_count
    {%- for column in columns %},
    counts.{{ column }}
    {%- endfor %}
from {{ article_themes }} as counts
inner join {{ themes }} as themes on counts.theme_id = themes.theme_id
where themes.parent_id is null
{%- endmacro %}
