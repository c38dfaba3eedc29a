-- One row per language and rising word sequence that no list contains yet, for human review.
--
-- The rank follows candidate_score; every tenth candidate is a name. The model removes sequences
-- that mostly occur within a longer candidate or listed phrase, sequences with too few different
-- neighbours, overlaps with better candidates, and reviewed sequences: an accepted one permanently,
-- a rejected one until its use has doubled, and a postponed one for a week.
--
-- A suggested theme occurs in three or more of the candidate's articles, and in at least twice as
-- many as in all articles of the language and period, by the lower bound of the 95 % interval.
{{ config(unique_key=['language', 'rank']) }}

with sequences as (
    select * from {{ source('annotations', 'sequences') }}
    where published_on > {{ candidates_earliest() }}
),

occurrences as (
    select * from {{ ref('int_candidate_occurrences') }}
),

articles as (
    select * from {{ ref('stg_articles') }}
    where published_on > {{ candidates_earliest() }} and published_on <= {{ candidates_until() }}
),

bodies as (
    select * from {{ source('core', 'articles') }}
    where published_on > {{ candidates_until() }} - 84 and published_on <= {{ candidates_until() }}
),

reviews as (
    select * from {{ source('reviews', 'candidate_reviews') }}
    where reviewed_on <= {{ candidates_until() }}
    qualify
        row_number()
            over (partition by lower(phrase), language order by reviewed_on desc, verdict asc)
        = 1
),

themes as (
    select * from {{ ref('stg_themes') }}
    where parent_id is not null
),

article_themes as (
    select all_themes.*
    from {{ ref('article_themes') }} as all_themes
    semi join themes on all_themes.theme_id = themes.theme_id
    where all_themes.published_on > {{ candidates_until() }} - 84
),

varied as (
    select
        counts.*,
        periods.period_days,
        coalesce(background_count * counts.window_count / nullif(background_total, 0), 0)
            as expected_count,
        if({{ writes_no_spaces('counts.language') }}, key, ' ' || key || ' ') as padded
    from {{ ref('int_candidate_counts') }} as counts
    inner join {{ ref('int_candidate_periods') }} as periods on counts.language = periods.language
    where
        kind = 'listed'
        or (kind = 'slogan' and entropy >= 0.3)
        or (
            kind = 'name'
            and entropy >= 0.6
            and background_count <= article_count
            and coalesce(cohesion, 0) >= 0
        )
),

scored as (
    select
        *,
        if(kind = 'listed', null, {{ candidate_score() }}) as score
    from varied
),

maximal as (
    select candidate.*
    from scored as candidate
    where candidate.kind != 'listed' and not exists (
        select 1
        from scored as longer
        where
            candidate.language = longer.language
            and length(longer.padded) > length(candidate.padded)
            and contains(longer.padded, candidate.padded)
            and longer.article_count >= 0.6 * candidate.article_count
    )
),

best as (
    select candidate.*
    from maximal as candidate
    where not exists (
        select 1
        from maximal as better
        where
            candidate.language = better.language
            and candidate.key != better.key
            and (better.score, better.key) > (candidate.score, candidate.key)
            and (
                contains(better.padded, candidate.padded)
                or contains(candidate.padded, better.padded)
            )
    )
),

undecided as (
    select
        *,
        row_number() over (partition by language, kind order by score desc, key asc) as place
    from best
    where
        not exists (
            select 1
            from reviews
            where
                best.language = {{ primary_language('reviews.language') }}
                and lower(reviews.phrase) in (lower(best.phrase), best.key)
                and case reviews.verdict
                    when 'accepted' then true
                    when 'postponed' then reviews.reviewed_on > {{ candidates_until() }} - 7
                    else coalesce(
                        best.article_count < 2 * reviews.article_count,
                        reviews.reviewed_on > {{ candidates_until() }} - 84
                    )
                end
        )
),

-- Every tenth candidate is a name. Where few phrases rise, the list ends after its slogans and
-- their share of names, which is one or more.
ranked as (
    select
        *,
        row_number() over (
            partition by language
            order by if(kind = 'name', 10 * place, place + (place - 1) // 9) asc, kind desc
        ) as rank
    from undecided
    qualify
        rank <= 200
        and (
            kind = 'slogan'
            or place
            <= 1 + count(*) filter (where kind = 'slogan') over (partition by language) // 9
        )
),

places as (
    select
        language,
        article_id,
        published_on,
        is_recent,
        unnest(places).key as key
    from occurrences
),

recent_themes as (
    select
        places.language,
        places.key,
        article_themes.theme_id,
        count(distinct places.article_id) as both_count
    from places
    inner join ranked on places.language = ranked.language and places.key = ranked.key
    inner join article_themes on places.article_id = article_themes.article_id
    where places.is_recent
    group by places.language, places.key, article_themes.theme_id
),

theme_totals as (
    select
        occurrences.language,
        article_themes.theme_id,
        count(*) as theme_count
    from occurrences
    inner join article_themes on occurrences.article_id = article_themes.article_id
    where occurrences.is_recent
    group by occurrences.language, article_themes.theme_id
),

totals as (
    select
        language,
        count(*) as total_count
    from occurrences
    where is_recent
    group by language
),

suggestions as (
    select
        recent_themes.language,
        recent_themes.key,
        list_slice(
            list(
                recent_themes.theme_id
                order by both_count / theme_count desc, recent_themes.theme_id asc
            ),
            1,
            3
        ) as suggested_theme_ids
    from recent_themes
    inner join ranked using (language, key)
    inner join theme_totals using (language, theme_id)
    inner join totals using (language)
    where
        recent_themes.both_count >= 3
        and {{ wilson_low(
            'recent_themes.both_count', 'greatest(ranked.article_count, recent_themes.both_count)'
        ) }}
        >= 2 * theme_totals.theme_count / totals.total_count
    group by recent_themes.language, recent_themes.key
),

-- The first use of a slogan is the first with evidence; a name has none.
uses as (
    select
        sequences.language,
        sequences.key,
        sequences.article_id,
        sequences.published_on
    from sequences
    inner join
        ranked
        on
            sequences.language = ranked.language
            and sequences.key = ranked.key
            and ranked.kind = 'slogan'
    union all
    select
        places.language,
        places.key,
        places.article_id,
        places.published_on
    from places
    inner join ranked
        on places.language = ranked.language and places.key = ranked.key and ranked.kind = 'name'
),

newest as (
    select
        ranked.language,
        ranked.key,
        places.article_id,
        row_number() over (
            partition by ranked.language, ranked.key
            order by places.published_on desc, places.article_id asc
        ) as number
    from ranked
    inner join places on ranked.language = places.language and ranked.key = places.key
    where places.is_recent
    qualify number <= 3
),

texts as (
    select
        newest.*,
        bodies.title || chr(10) || bodies.body_text as text,
        locate_candidate(text, newest.key, newest.language) as span
    from newest
    inner join bodies on newest.article_id = bodies.article_id
),

snippets as (
    select
        *,
        {{ snippet('text', 'span.start_offset', 'span.end_offset') }} as example
    from texts
),

examples as (
    select
        language,
        key,
        list(example order by number) as examples,
        list(article_id order by number) as example_article_ids
    from snippets
    group by language, key
),

first_articles as (
    select
        ranked.language,
        ranked.key,
        arg_min(articles.article_id, (articles.published_at, articles.article_id))
            as first_article_id,
        arg_min(articles.publisher_id, (articles.published_at, articles.article_id)) as first_outlet
    from ranked
    inner join uses
        on
            ranked.language = uses.language
            and ranked.key = uses.key
            and ranked.first_seen_on = uses.published_on
    inner join articles on uses.article_id = articles.article_id
    group by ranked.language, ranked.key
)

select
    ranked.language,
    ranked.phrase,
    ranked.kind,
    ranked.rank,
    ranked.score,
    ranked.z,
    ranked.article_count,
    ranked.policy_count,
    if(ranked.prior_total > 0, ranked.prior_count, null) as prior_count,
    ranked.day_count,
    len(ranked.outlets) as outlet_count,
    ranked.outlets,
    list_filter(
        ['head_noun', 'quote', 'verb'],
        lambda kind: case kind
            when 'verb' then ranked.verb_count
            when 'quote' then ranked.quote_count
            else ranked.head_noun_count
        end > 0
    ) as evidence,
    ranked.first_seen_on,
    first_articles.first_article_id,
    first_articles.first_outlet,
    examples.examples,
    examples.example_article_ids,
    coalesce(suggestions.suggested_theme_ids, []) as suggested_theme_ids,
    {{ candidates_until() }} as as_of,
    ranked.period_days
from ranked
inner join first_articles using (language, key)
inner join examples using (language, key)
left join suggestions using (language, key)
