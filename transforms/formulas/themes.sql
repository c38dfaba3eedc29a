-- Which themes an article is about.

-- Return the weight of a theme in an article: each mention counts 1, in the title 5. Parameters:
-- title_count: mentions in the title; mention_count: all mentions.
create or replace macro theme_weight(title_count, mention_count) as
(mention_count + 4 * title_count);

-- Return a row per article and theme that it mentions, including parent themes: the mentions, those
-- in the title and in the lead, and whether the article is about the theme: its weight is at least
-- 3 and a sixth of the largest weight of a theme in the article, a twelfth with a mention in title
-- or opening, or 2 and a fifth. In the weight, a mention in the lead counts 2, and a mention closer
-- to the one before than that one is long (at most six characters) counts nothing. A formulation
-- counts nothing below a quarter of the largest weight, unless the title has it. Parameters:
-- mentions: name of a table with the columns of theme_mentions, as text; themes: name of a table
-- with theme_id, kind and counted_theme_ids, as text.
--
-- A lead is the first 200 characters of the text; an opening is the first 500, or 200 in languages
-- without spaces between words.
create or replace macro assign_themes(mentions, themes) as table (
    select
        article_id, theme_id,
        sum(own_count)::integer as mention_count,
        sum(own_title_count)::integer as title_count,
        sum(own_lead_count)::integer as lead_count,
        sum(own_weight) >= 2
        and sum(own_weight) * case
            when sum(own_weight) = 2 then 5
            when bool_or(is_opening) then 12
            else 6
        end >= max(top_weight) as is_about
    from (
        select
            own_themes.*,
            unnest(coalesce(counted_theme_ids, [own_theme_id])) as theme_id,
            max(theme_weight(own_title_count, own_count) + own_lead_count) over (
                partition by article_id
            ) as top_weight,
            if(
                kind = 'formulation' and own_title_count = 0 and apart_weight * 4 < top_weight,
                0, apart_weight
            ) as own_weight
        from (
            select
                article_id,
                theme_id as own_theme_id,
                count(*) as own_count,
                count(*) filter (field = 'title') as own_title_count,
                count(*) filter (field != 'title' and start_offset < 200) as own_lead_count,
                bool_or(field = 'title' or start_offset < opening_length) as is_opening,
                coalesce(sum(case
                    when field = 'title' then 5
                    when start_offset < 200 then 2
                    else 1
                end) filter (is_apart), 0) as apart_weight
            from (
                select
                    *,
                    if(left(language, 2) in ('zh', 'ja', 'th'), 200, 500) as opening_length,
                    coalesce(start_offset >= lag(
                        end_offset + least(end_offset - start_offset, 6)
                    ) over (
                        partition by article_id, theme_id, field order by start_offset
                    ), true) as is_apart
                from query_table(mentions)
            )
            group by all
        ) as own_themes
        left join query_table(themes) as lineage on own_theme_id = lineage.theme_id
    )
    group by all
);

-- Return a row per article and policy area (a theme without a parent), ranked by the area's weight.
-- Parameters: article_themes: name of a table with the columns of assign_themes, as text; themes:
-- name of a table with theme_id, parent_id and cap_code, as text.
create or replace macro rank_areas(article_themes, themes) as table (
    select
        article_id,
        theme_id as area_id,
        cap_code,
        row_number() over (
            partition by article_id
            order by theme_weight(title_count, mention_count) desc, theme_id
        )::integer as area_rank,
        is_about as is_main,
        case when title_count > 0 then 'title' when lead_count > 0 then 'lead' else 'body' end
            as assigned_by,
        mention_count
    from query_table(article_themes)
    inner join query_table(themes) using (theme_id)
    where parent_id is null
);
