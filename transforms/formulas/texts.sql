-- Words, excerpts and places in texts. Positions are 0-based, ends exclusive; DuckDB's substring
-- counts from 1.

-- Return the primary subtag of a BCP 47 tag: zh for zh-Hans. Parameters: tag: language tag.
create or replace macro primary_language(tag) as
lower(regexp_extract(tag, '^[^-_]+'));

-- Return a text in lower case with one space between words. Parameters: text: any text.
create or replace macro plain_words(text) as
regexp_replace(lower(text), '[^\p{L}\p{M}\p{N}]+', ' ', 'g');

-- Return a title without marks such as [Video] and words such as Live: at its start. Parameters:
-- title: title of an article.
create or replace macro headline(title) as
regexp_replace(
    regexp_replace(title, '^(\s*[\[【][^\]】]{1,6}[\]】])+\s*(.)', '\2'),
    '^(?i:live|watch|video|update|breaking)(?: news| updates?| blog)?\s*[:：|｜]\s*(.)',
    '\1'
);

-- Return the words before the first colon or bar of a title, or an empty text. Parameters: title:
-- title of an article.
create or replace macro rubric(title) as
regexp_extract(headline(title), '^([^:：|｜丨]{2,30})[:：|｜丨].*\S', 1);

-- Return the counted articles with a title: article_id; headline; title, which is the headline
-- without its rubric, null if nothing remains; is_series, whether the article is part of a series.
-- Parameters: articles: name of a table like core.articles, as text.
--
-- A rubric is a whole title, or the words before its colon or bar, that an outlet uses on at least
-- five days. A series has a name in 【】 on at least five days, in at most 10 titles in 9 days, or for
-- over a month (an occasion has several reports on some days), or its titles end with ① to ⑳ or
-- name a numbered episode.
create or replace macro article_titles(articles) as table (
    with openings as (
        select
            article_id, publisher_id, published_on,
            headline(title) as headline,
            coalesce(nullif(rubric(title), ''), headline) as opening,
            regexp_extract(title, '【([^】]{2,})】', 1) as name
        from query_table(articles)
        where excluded_reason is null and title is not null
    ),
    rubrics as (
        select publisher_id, opening, true as is_rubric from openings
        group by all
        having count(distinct published_on) >= 5
    ),
    series as (
        select publisher_id, name, true as is_named from openings
        where name != ''
        group by all
        having
            count(distinct published_on) >= 5
            and (
                9 * count(*) <= 10 * count(distinct published_on)
                or max(published_on) - min(published_on) > 30
            )
    )
    select
        article_id, headline,
        if(
            is_rubric,
            nullif(ltrim(substring(headline, length(opening) + 1), ' :：|｜丨'), ''),
            headline
        ) as title,
        coalesce(is_named, regexp_matches(headline, '[①-⑳]\s*$|第[一二三四五六七八九十\d]+集')) as is_series
    from openings
    left join rubrics using (publisher_id, opening)
    left join series using (publisher_id, name)
);

-- Return how many times a text contains another. Parameters: text: text to search; needle: text to
-- find.
create or replace macro occurrences(text, needle) as
((length(text) - length(replace(text, needle, ''))) // length(needle));

-- Return the text around a place as a single line, cut between words, with an ellipsis where text
-- is cut. Parameters: text: any text; start_offset: start of the place, from 0; end_offset: end of
-- the place, exclusive; reach: number of characters on each side.
--
-- A word is a run of characters of scripts that separate words, with hyphens and apostrophes; any
-- other character, such as a Chinese one, is one by itself. Marks after a removed word are removed.
create or replace macro snippet(text, start_offset, end_offset, reach := 80) as
trim(regexp_replace(
    if(
        start_offset > reach,
        '…' || regexp_replace(
            substring(text, start_offset - reach, reach + 1),
            '^(?s:(?:[^\s\pP\pS\pZ\pC\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}'
            || '\p{Myanmar}]|[''’‐-])+|.)[\s.,;:!?)。，；：！？、）]*',
            ''
        ),
        substring(text, 1, start_offset)
    )
    || substring(text, start_offset + 1, end_offset - (start_offset))
    || if(
        length(text) > end_offset + reach,
        regexp_replace(
            substring(text, end_offset + 1, reach + 1),
            '\s*(?s:(?:[^\s\pP\pS\pZ\pC\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}'
            || '\p{Myanmar}]|[''’‐-])+|.)$',
            ''
        ) || '…',
        substring(text, end_offset + 1)
    ),
    '\s+', ' ', 'g'
));

-- Return the page of a document, from 1, that contains an offset of its text; null if the article
-- has no pages. Parameters: page_offsets: column of core.articles, the sorted offsets of the pages'
-- first characters; start_offset: position in body_text, from 0, for instance of a mention.
--
-- Counting without a lambda works in each DuckDB from 1.2 on.
create or replace macro page_of(page_offsets, start_offset) as
nullif(list_position(
    list_sort(list_append(page_offsets::double[], start_offset + 0.5)), start_offset + 0.5
) - 1, 0);

-- Return the articles that contain all words, best first, with score and number of occurrences.
-- Parameters: words: words, or phrases in double quotes, in any language. A word also finds longer
-- words that start with it, in upper or lower case; in scripts without spaces, such as Chinese, it
-- is found anywhere. Each call reads the texts of all articles; articles: name of the table to
-- search, as text; it needs the columns of core.articles.
--
-- The score is BM25 without the length of the text; an occurrence in the title counts as five.
create or replace macro search(words, articles := 'articles') as table (
    with terms as (
        select
            *,
            if(regexp_matches(term,
                '^[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]'), term,
                ' ' || term) as needle
        from (
            select distinct trim(plain_words(quoted_term)) as term
            from (select unnest(regexp_extract_all(words, '"[^"]*"|[^\s"]+')) as quoted_term)
        )
        where term != ''
    ),

    -- A text that contains a term also contains its first word: a quick test that leaves few texts.
    texts as (
        select
            article_id, title, body_text,
            lower(concat_ws(' ', title, body_text)) as lower_text
        from query_table(articles)
        where excluded_reason is null
    ),

    term_counts as (
        select
            article_id, term,
            occurrences(' ' || plain_words(coalesce(title, '')), needle) as title_count,
            occurrences(' ' || plain_words(coalesce(body_text, '')), needle) as body_count,
            5 * title_count + body_count as weighted_count
        from texts
        inner join terms on contains(lower_text, split_part(term, ' ', 1))
        where title_count + body_count > 0
    ),

    weights as (
        select
            term,
            ln(1 + ((select count(*) from texts) - count(*) + 0.5) / (count(*) + 0.5)) as weight
        from term_counts
        group by term
    ),

    ranked as (
        select
            article_id,
            sum(weight * weighted_count / (weighted_count + 1.2)) as score,
            sum(title_count + body_count)::bigint as occurrence_count
        from term_counts
        inner join weights using (term)
        group by article_id
        having count(*) = (select count(*) from terms)
    )

    select
        round(score, 3) as score,
        occurrence_count, published_on, publisher_id, language, title, url, article_id
    from ranked
    inner join query_table(articles) using (article_id)
    order by ranked.score desc, published_on desc, article_id
);

-- Return the same number for the links of one item of a feed: with the same title and exact time,
-- and URLs that differ only in scheme, mobile or AMP host, query, end of the path (AMP, print or a
-- slash) or fragment. Otherwise each URL has its own. Parameters: url: link; title: its title;
-- published_at: its time; date_quality: exact if stated.
create or replace macro item_key(url, title, published_at, date_quality) as
if(
    title is null or date_quality != 'exact',
    hash(url),
    hash(
        title,
        epoch_us(published_at),
        regexp_replace(
            lower(url),
            '^https?://(www\.|m\.|mobile\.|amp\.)?|(/amp|/print)?/?([?#].*)?$',
            '',
            'g'
        )
    )
);
