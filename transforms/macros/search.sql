{#- Full-text search without an index: every word has to occur, in the title or in the body.

    `words` is a list of words, in which double quotes surround a phrase. A word matches the start
    of a word, in upper or lower case: 'regulat' finds "Regulation". In scripts without spaces it
    matches anywhere. The score is BM25 without the length of the text: rare
    words count more, and an occurrence in the title counts as five. The query reads the text of all
    articles. -#}

{% macro search(articles, words) -%}
    with terms as (
        select
            *,
            if(regexp_matches(term,
                '^[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]'), term,
                ' ' || term) as needle
        from (
            select distinct trim({{ plain_words('quoted_term') }}) as term
            from (select unnest(regexp_extract_all({{ words }}, '"[^"]*"|[^\s"]+')) as quoted_term)
        )
        where term != ''
    ),

    -- A text that contains a term also contains its first word. This is quick, and leaves few texts
    -- for the next step.
    candidates as (
        select
            texts.*,
            terms.term,
            terms.needle
        from (
            select
                article_id,
                title,
                body_text,
                lower(concat_ws(' ', title, body_text)) as lower_text
            from {{ articles }}
            where excluded_reason is null
        ) as texts
        inner join terms on contains(texts.lower_text, split_part(terms.term, ' ', 1))
    ),

    counts as (
        select
            article_id,
            term,
            {{ occurrences("' ' || " ~ plain_words("coalesce(title, '')"), 'needle') }}
                as title_count,
            {{ occurrences("' ' || " ~ plain_words("coalesce(body_text, '')"), 'needle') }}
                as body_count
        from candidates
    ),

    weights as (
        select
            term,
            ln(1 + ((select count(*) from {{ articles }} where excluded_reason is null) - count(*)
                + 0.5) / (count(*) + 0.5)) as weight
        from counts
        where title_count + body_count > 0
        group by term
    ),

    ranked as (
        select
            counts.article_id,
            sum(weights.weight * (5 * title_count + body_count)
                / (5 * title_count + body_count + 1.2)) as score,
            sum(title_count + body_count)::bigint as occurrence_count
        from counts
        inner join weights on counts.term = weights.term
        where title_count + body_count > 0
        group by counts.article_id
        having count(*) = (select count(*) from terms)
    )

    select
        round(ranked.score, 3) as score,
        ranked.occurrence_count,
        found.published_on,
        found.publisher_id,
        found.language,
        found.title,
        found.url,
        found.article_id
    from ranked
    inner join {{ articles }} as found on ranked.article_id = found.article_id
    order by ranked.score desc, found.published_on desc, found.article_id
{%- endmacro %}


{#- Return SQL for a text in lower case with one space between words. -#}
{% macro plain_words(text) -%}
    regexp_replace(lower({{ text }}), '[^\p{L}\p{M}\p{N}]+', ' ', 'g')
{%- endmacro %}


{#- Return SQL for the number of times that a text contains another. -#}
{% macro occurrences(text, needle) -%}
    ((length({{ text }}) - length(replace({{ text }}, {{ needle }}, ''))) // length({{ needle }}))
{%- endmacro %}
