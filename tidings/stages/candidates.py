"""Find candidate phrases: rising word sequences of policy language, and new names, that no list
contains yet. ``marts.candidate_phrases`` ranks them and leaves out those that were reviewed.

The articles of the last 28 or 84 days are compared with those of the year before.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tidings.annotation.annotate import CONTEXT_LENGTH, candidate_lists
from tidings.annotation.candidate_counts import COUNTS, Counter, locate, split_key
from tidings.annotation.source_version import source_version
from tidings.annotation.udf import read_lists
from tidings.base.formulas import render
from tidings.base.languages import WITHOUT_SPACES
from tidings.stages.annotate import SNIPPET
from tidings.stages.differences import load_rows, write_differences

if TYPE_CHECKING:
    import duckdb

    from tidings.annotation.candidate_lists import CandidateLists

YEAR = dt.timedelta(393)  # the longest period and the year before it
MONTH, QUARTER = 28, 84  # days of a period
FEWEST = 200  # articles in 28 days; with fewer, a language is counted over 84 days
MOST = 5000  # articles of a language in which names are searched, and of its year before
SHORTLIST = 1000  # sequences of a language that are searched in all texts
PRIOR = 500  # articles
READ = 500  # texts in memory at a time
EXAMPLES = 3
_LANGUAGE = "lower(regexp_extract(language, '^[^-_]+'))"
_KEY = "regexp_replace(lower({}), '[-''’]', ' ', 'g')"
_WRITES_NO_SPACES = f"list_contains({sorted(WITHOUT_SPACES)}, language)"
_TEXT = "title || chr(10) || body_text as text"
# The log-odds ratio of the articles with the sequence, with an informative Dirichlet prior of 500
# articles (Monroe, Colaresi and Quinn 2008, Fightin' Words, Political Analysis 16(4)).
_Z = render(
    "measures",
    "log_odds_z",
    *("policy_count", "window_count", "prior_count", "prior_total", "alpha"),
    PRIOR,
)
# The points of a sequence for its evidence and its length; docs/method.md documents the formula.
_POINTS = f"""
    (
        1.3 * (head_noun_count > 0)::integer
        + 0.6 * (quote_count > 0)::integer
        + 0.4 * (verb_count > 0)::integer
        + 2.4 * sqrt(quote_count / {{articles}})
        + 0.5 * least(verb_word_count, 4)
        + 0.5 * least(if({_WRITES_NO_SPACES}, length(key), 2 * len(string_split(key, ' '))), 6)
    )
"""
_LISTED = pa.schema([(name, pa.string()) for name in ("language", "key")])
_SPLITS = pa.schema([(name, pa.string()) for name in ("language", "key", "head", "tail")])
_NUMBERED = pa.schema([("language", pa.string()), ("number", pa.int32()), ("part", pa.string())])
_NAMES = pa.schema([(name, pa.string()) for name in ("language", "phrase")])
_PLACES = pa.schema(
    [
        *((name, pa.string()) for name in ("language", "key", "article_id")),
        ("number", pa.int32()),
        ("snippet", pa.string()),
        *((name, pa.int32()) for name in ("start_offset", "end_offset")),
    ]
)


def find_candidates(con: duckdb.DuckDBPyConnection, as_of: dt.datetime) -> bool:
    """Find the candidates again if the day, the articles of the last 393 days, their word sequences
    or the lists changed. Return whether they were found again. The caller began a transaction.
    """
    until = as_of.astimezone(dt.UTC).date()
    found = read_lists(con, "lake")
    used = (
        source_version("stages.candidates"),
        found.phrases,
        found.speakers,
        found.evidence_words,
    )
    period = f"published_on > date '{until - YEAR}' and published_on <= date '{until}'"
    articles = con.execute(
        "select bit_xor(hash(hash(article_id, source_key, sequences))) from annotations.articles"
        f" semi join (from core.articles where {period}) using (article_id)"
    ).fetchone()
    version = hashlib.sha256(repr((used, until, articles)).encode()).hexdigest()[:16]
    if con.execute("from annotations.candidate_inputs").fetchall() == [(version,)]:
        return False
    lists = candidate_lists(found)
    _choose_periods(con, until, period)
    _find_names(con, lists, until)
    _find_slogans(con, lists, period)
    _make_shortlist(con)
    _search(con, lists, period)
    _score(con, until)
    _find_examples(con, until)
    _write(con)
    con.execute("delete from annotations.candidate_inputs")
    con.execute("insert into annotations.candidate_inputs values (?)", [version])
    return True


def _choose_periods(con: duckdb.DuckDBPyConnection, until: dt.date, period: str) -> None:
    """Write the table ``periods``, one row per language: the days over which its candidates are
    counted, the day before them, and the articles of both; and ``searched``, one row per language
    and day whose articles show where a sequence was used before.

    A language with fewer than 200 articles in 28 days is counted over 84 days if at least half as
    many articles precede them. The searched days are each k-th day of the period and of the year
    before, so that each has at most 5,000 articles.
    """
    con.execute(
        f"""
        create or replace temp table periods as
        with counts as (
            select
                {_LANGUAGE} as language,
                count(*) filter (where published_on > date '{until}' - {MONTH}) as month_count,
                count(*) filter (where published_on > date '{until}' - {QUARTER}) as quarter_count,
                count(*) as all_count
            from core.articles
            where excluded_reason is null and articles.language is not null and {period}
            group by all
        )

        select
            language,
            if(
                month_count < {FEWEST} and all_count >= 1.5 * quarter_count, {QUARTER}, {MONTH}
            ) as period_days,
            date '{until}' - period_days as before_on,
            if(period_days = {QUARTER}, quarter_count, month_count) as window_count,
            all_count - window_count as prior_total
        from counts
        """
    )
    con.execute(
        f"""
        create or replace temp table searched as
        with articles as (
            select
                {_LANGUAGE} as language,
                published_on
            from core.articles
            where excluded_reason is null and {period}
        )

        select
            language,
            published_on,
            published_on > before_on as is_recent,
            count(*) as article_count
        from articles
        inner join temp.periods as periods using (language)
        where
            (date '{until}' - published_on)
            % ceil(if(is_recent, window_count, prior_total) / {MOST})::integer = 0
        group by all
        """
    )


def _find_names(con: duckdb.DuckDBPyConnection, lists: CandidateLists, until: dt.date) -> None:
    """Write the table ``names``: the sequences that recur in the searched days of the period, with
    or without evidence of policy.
    """
    rows = []
    for (language,) in con.execute(
        "select distinct language from temp.searched where is_recent order by all"
    ).fetchall():
        texts = con.execute(
            f"""
            select {_TEXT}
            from core.articles
            where
                excluded_reason is null
                and published_on > date '{until}' - {QUARTER}
                and published_on <= date '{until}'
                and {_LANGUAGE} = $language
                and published_on in (
                    select published_on from temp.searched where is_recent and language = $language
                )
            order by published_on, article_id
            """,
            {"language": language},
        ).fetchall()
        rows += [
            (language, name) for name in lists.find_names(language, [text for (text,) in texts])
        ]
    load_rows(con, "found", rows, _NAMES)
    con.execute(
        f"""
        create or replace temp table names as
        select
            language,
            {_KEY.format("phrase")} as key,
            min(phrase) as phrase
        from temp.found
        group by all
        """
    )


def _find_slogans(con: duckdb.DuckDBPyConnection, lists: CandidateLists, period: str) -> None:
    """Write the table ``slogans``: the sequences that are at least as frequent in the period as in
    the year before. A sequence needs two articles with policy evidence. Each language keeps the
    1,000 sequences with the most points.
    """
    con.execute(
        f"""
        create or replace temp table rising as
        with sequences as (
            select
                found.*,
                published_on > before_on as is_recent
            from annotations.sequences as found
            inner join temp.periods as periods using (language)
            where {period}
        ),

        recent as (
            select
                language,
                key,
                mode(phrase order by phrase) as phrase,
                count(*) as policy_count,
                count(*) filter (where len(verbs) > 0) as verb_count,
                count(*) filter (where is_headed) as head_noun_count,
                count(*) filter (where is_quoted) as quote_count,
                len(list_distinct(flatten(list(verbs)))) as verb_word_count
            from sequences
            where is_recent
            group by language, key
            having count(*) >= 2
        ),

        history as (
            select
                language,
                key,
                count(*) filter (where not is_recent) as prior_count,
                min(published_on) as first_seen_on
            from sequences
            semi join recent using (language, key)
            group by language, key
        ),

        odds as (
            select
                recent.*,
                prior_count,
                first_seen_on,
                window_count,
                prior_total,
                {PRIOR} * (policy_count + prior_count) / (window_count + prior_total)::double
                    as alpha
            from recent
            inner join history using (language, key)
            inner join temp.periods as periods using (language)
            -- A sequence that occurs in every article cannot rise; its log-odds are undefined.
            where policy_count + prior_count < window_count + prior_total
        )

        select
            *,
            {_Z} as z
        from odds
        where z >= 0
        """
    )
    rows = con.execute(
        "select language, key from temp.rising"
        f" order by language, {_POINTS.format(articles='policy_count')} desc, key"
    ).fetchall()
    kept = (
        islice((row for row in found if lists.may_be_candidate(row[1], row[0])), SHORTLIST)
        for _, found in groupby(rows, itemgetter(0))
    )
    load_rows(con, "kept", [row for found in kept for row in found], _LISTED)
    con.execute(
        "create or replace temp table slogans as"
        " from temp.rising semi join temp.kept using (language, key)"
    )


def _make_shortlist(con: duckdb.DuckDBPyConnection) -> None:
    """Write the table ``shortlist``: the slogans, the names, and the phrases of the word list that
    contain a candidate: a candidate that occurs mostly within one of them is not new.
    """
    con.execute(
        f"""
        create or replace temp table shortlist as
        with listed as (
            select distinct
                {_LANGUAGE} as language,
                {_KEY.format("rtrim(phrase, '*')")} as key
            from ref.theme_phrases
            where role = 'include'
        ),

        candidates as (
            select
                language,
                key,
                'slogan' as kind,
                phrase
            from temp.slogans
            union all
            select
                language,
                key,
                'name' as kind,
                phrase
            from temp.names
            anti join temp.slogans as slogans using (language, key)
        ),

        kinds as (
            select * from candidates
            union all
            select
                language,
                key,
                'listed' as kind,
                key as phrase
            from listed
            semi join candidates
                on
                    listed.language = candidates.language
                    and contains(listed.key, candidates.key)
                    and listed.key != candidates.key
        )

        select
            kinds.*,
            period_days,
            before_on,
            periods.window_count,
            periods.prior_total,
            prior_count,
            first_seen_on,
            z,
            coalesce(policy_count, 0) as policy_count,
            coalesce(verb_count, 0) as verb_count,
            coalesce(head_noun_count, 0) as head_noun_count,
            coalesce(quote_count, 0) as quote_count,
            coalesce(verb_word_count, 0) as verb_word_count
        from kinds
        inner join temp.periods as periods using (language)
        left join temp.slogans as slogans
            on
                kinds.language = slogans.language
                and kinds.key = slogans.key
                and kinds.kind = 'slogan'
        """
    )


def _search(con: duckdb.DuckDBPyConnection, lists: CandidateLists, period: str) -> None:
    """Search the shortlisted sequences, with or without evidence, and their parts in the articles
    of the period and of the searched days.

    Write the tables ``occurrences``, one row per article; ``splits``, the parts of each sequence;
    and ``part_texts``, the parts by their numbers in ``occurrences``.
    """
    keys = defaultdict(list)
    for language, key in con.execute("select language, key from temp.shortlist").fetchall():
        keys[language].append(key)
    counters = {
        code: Counter(given, code, lists.finder(code).verbs) for code, given in keys.items()
    }
    splits = [
        (code, key, *part)
        for code, given in keys.items()
        for key in set(given)
        for part in split_key(key, is_unspaced=code in WITHOUT_SPACES)
    ]
    load_rows(con, "splits", splits, _SPLITS)
    parts = [
        (code, number, text)
        for code, counter in counters.items()
        for number, text in enumerate(counter.texts)
    ]
    load_rows(con, "part_texts", parts, _NUMBERED)
    reader = con.execute(
        f"""
        with articles as (
            select
                article_id::varchar as article_id,
                publisher_id,
                published_on,
                {_LANGUAGE} as language,
                length(body_text) as text_length,
                {_TEXT}
            from core.articles
            where excluded_reason is null and {period}
        )

        select
            articles.* exclude (text),
            articles.published_on > before_on as is_recent,
            text
        from articles
        inner join temp.periods as periods using (language)
        left join temp.searched as searched using (language, published_on)
        where
            (articles.published_on > before_on or searched.is_recent is not null)
            and articles.language in (select language from temp.shortlist)
        """
    ).to_arrow_reader(READ)
    schema = pa.schema([*list(reader.schema)[:-1], *COUNTS])
    found = [part for batch in reader for part in _count(batch, counters)]
    con.register("found_places", pa.Table.from_batches(found, schema))
    con.execute(
        "create or replace temp table occurrences as"
        " select * replace (article_id::uuid as article_id) from found_places"
    )
    con.unregister("found_places")


def _count(batch: pa.RecordBatch, counters: dict[str, Counter]) -> list[pa.RecordBatch]:
    """Return the articles of a batch with their places and numbers instead of their texts."""
    languages = batch.column("language").to_pylist()
    parts = []
    for code in sorted(set(languages)):
        rows = batch.take(
            pa.array([row for row, other in enumerate(languages) if other == code], pa.int64())
        )
        texts = [text or "" for text in rows.column("text").to_pylist()]
        columns = [*rows.columns[:-1], *counters[code].find(texts).flatten()]
        names = [*rows.schema.names[:-1], *COUNTS.names]
        parts.append(pa.RecordBatch.from_arrays(columns, names))
    return parts


def _score(con: duckdb.DuckDBPyConnection, until: dt.date) -> None:
    """Write the table ``best``: the sequences that occur on two days of the period, and in three
    articles of the period and the year before, without those that mostly occur within a longer
    candidate or listed phrase, those with too few different neighbours, and overlaps with better
    candidates. docs/method.md documents the score.
    """
    con.execute(
        f"""
        create or replace temp table best as
        with places as (
            select
                * exclude (places, numbers),
                unnest(places) as place
            from temp.occurrences
        ),

        background as (
            select
                language,
                place.key as key,
                count(*) as background_count,
                min(published_on, 3) as background_days
            from places
            where not is_recent
            group by all
        ),

        background_totals as (
            select
                language,
                sum(article_count) as background_total
            from temp.searched
            where not is_recent
            group by language
        ),

        -- The number of sequences with policy evidence per 1,000 characters shows how much an
        -- article is about policy.
        policy_counts as (
            select
                article_id,
                count(*) as sequence_count
            from annotations.sequences
            where
                published_on > date '{until}' - {QUARTER} and published_on <= date '{until}'
            group by article_id
        ),

        recent_places as (
            select
                places.*,
                coalesce(1000 * sequence_count / text_length, 0) as policy_density
            from places
            left join policy_counts using (article_id)
            where is_recent
        ),

        counts as (
            select
                language,
                place.key as key,
                count(*) as article_count,
                count(distinct published_on) as day_count,
                list_sort(list(distinct publisher_id)) as outlets,
                min(published_on, 3) as recent_days,
                max(published_on) - min(published_on) as span_days,
                count(*) filter (where place.is_whole) as whole_count,
                median(policy_density) as policy_density
            from recent_places
            group by all
        ),

        frequent as (
            select
                shortlist.* replace (
                    coalesce(
                        first_seen_on, list_concat(background_days, recent_days)[1]
                    ) as first_seen_on
                ),
                list_concat(background_days, recent_days)[3] as third_on,
                counts.* exclude (language, key, recent_days),
                coalesce(background_count, 0) as background_count,
                coalesce(background_total, 0) as background_total
            from temp.shortlist as shortlist
            inner join counts using (language, key)
            left join background using (language, key)
            left join background_totals using (language)
            where day_count >= 2 and third_on is not null
        ),

        neighbours as (
            select
                language,
                place.key as key,
                unnest(['left', 'right']) as side,
                unnest([place."left", place."right"]) as word
            from recent_places
        ),

        neighbour_counts as (
            select
                *,
                count(*) as n
            from neighbours
            group by all
        ),

        -- The entropy, in nats, of the words next to a sequence. A place without a neighbouring
        -- word (an empty neighbour) counts as a separate neighbour.
        side_entropies as (
            select
                language,
                key,
                side,
                sum(
                    if(
                        word = '',
                        n / article_count * ln(article_count),
                        -n / article_count * ln(n / article_count)
                    )
                ) as entropy
            from neighbour_counts
            inner join counts using (language, key)
            group by all
        ),

        entropies as (
            select
                language,
                key,
                min(entropy) as entropy
            from side_entropies
            group by all
        ),

        article_parts as (
            select
                language,
                unnest(numbers) as number
            from temp.occurrences
            where is_recent
        ),

        -- The number of articles that contain each candidate or part.
        part_counts as (
            select
                language,
                part,
                count(*) as n
            from article_parts
            inner join temp.part_texts as part_texts using (language, number)
            group by all
        ),

        -- Materialized: DuckDB would otherwise join all heads with all tails of a language first.
        parts_with_heads as materialized (
            select
                splits.*,
                frequent.article_count,
                frequent.window_count,
                part_counts.n as head_count
            from temp.splits as splits
            inner join (
                select distinct language, key, article_count, window_count from frequent
            ) as frequent using (language, key)
            inner join part_counts
                on splits.language = part_counts.language and head = part_counts.part
        ),

        -- The lowest normalised pointwise mutual information over all splits of a sequence into two
        -- parts (Bouma 2009).
        cohesions as (
            select
                parts.language,
                key,
                min(
                    ln(article_count * window_count / (head_count * tails.n)::double)
                    / -ln(article_count / window_count::double)
                ) as cohesion
            from parts_with_heads as parts
            inner join part_counts as tails
                on parts.language = tails.language and tail = tails.part
            where article_count < window_count
            group by all
        ),

        varied as (
            select
                frequent.*,
                entropy,
                cohesion,
                coalesce(background_count * window_count / nullif(background_total, 0), 0)
                    as expected_count,
                if({_WRITES_NO_SPACES}, key, ' ' || key || ' ') as padded
            from frequent
            inner join entropies using (language, key)
            left join cohesions using (language, key)
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
                if(
                    kind = 'listed',
                    null,
                    {_POINTS.format(articles="article_count")}
                    + 0.9 * ln(1 + policy_density)
                    + 1.3 * least(
                        greatest(coalesce(cohesion, if({_WRITES_NO_SPACES}, 0.15, 0.5)), -0.2), 1
                    )
                    + 0.9 * whole_count / article_count
                    + 0.6 * least(entropy, 3)
                    + 0.2 * ln(article_count)
                    - 1.4 * ln(article_count / day_count)
                    + 0.7 * span_days / period_days
                    + article_count / (article_count + expected_count)
                    + if(third_on > date '{until}' - period_days // 2, 2, 0)
                ) as score
            from varied
        ),

        maximal as (
            select *
            from scored as candidate
            where kind != 'listed' and not exists (
                select 1
                from scored as longer
                where
                    candidate.language = longer.language
                    and length(longer.padded) > length(candidate.padded)
                    and contains(longer.padded, candidate.padded)
                    and longer.article_count >= 0.6 * candidate.article_count
            )
        )

        select
            *,
            date '{until}' as as_of
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
        """
    )


def _find_examples(con: duckdb.DuckDBPyConnection, until: dt.date) -> None:
    """Write the table ``examples``: the sequences with their sentences in the three newest articles
    of the period.
    """
    reader = con.execute(
        f"""
        with places as (
            select
                language,
                article_id,
                published_on,
                unnest(places).key as key
            from temp.occurrences
            where is_recent
        ),

        newest as (
            select
                language,
                key,
                article_id,
                row_number() over (
                    partition by language, key order by published_on desc, article_id asc
                ) as number
            from places
            semi join temp.best using (language, key)
            qualify number <= {EXAMPLES}
        )

        select
            newest.language,
            key,
            article_id::varchar,
            number,
            {_TEXT}
        from newest
        inner join core.articles as articles using (article_id)
        where published_on > date '{until}' - {QUARTER} and published_on <= date '{until}'
        """
    ).to_arrow_reader(READ)
    rows = [
        (language, key, article_id, number, *_cut(text or "", key, language))
        for batch in reader
        for language, key, article_id, number, text in zip(
            *(column.to_pylist() for column in batch), strict=True
        )
    ]
    load_rows(con, "found", rows, _PLACES)
    con.execute(
        f"""
        create or replace temp table examples as
        select
            language,
            key,
            list({SNIPPET} order by number) as examples,
            list(article_id order by number) as example_article_ids
        from temp.found
        group by all
        """
    )


def _cut(text: str, key: str, language: str) -> tuple[Any, ...]:
    """Return the text around the first place of a sequence, and the offsets of the place."""
    start, end = locate(text, key, language) or (None, None)
    if start is None or end is None:
        return None, None, None
    return text[max(0, start - CONTEXT_LENGTH) : end + CONTEXT_LENGTH], start, end


def _write(con: duckdb.DuckDBPyConnection) -> None:
    """Write the candidates, and the articles that were searched with the candidates in each."""
    write_differences(
        con,
        "candidates",
        "from temp.best left join temp.examples as examples using (language, key)",
        "language, key",
    )
    query = """
        with keys as (
            select
                article_id,
                list(key order by key) as keys
            from (
                select
                    language,
                    article_id,
                    unnest(places).key as key
                from temp.occurrences
            )
            semi join temp.best using (language, key)
            group by article_id
        )

        select
            occurrences.*,
            coalesce(keys, []) as keys
        from temp.occurrences as occurrences
        left join keys using (article_id)
    """
    order = "language, published_on, article_id"
    write_differences(con, "candidate_articles", query, "article_id", order_by=order)
