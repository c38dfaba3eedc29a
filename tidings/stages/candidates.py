"""Find candidate phrases: rising word sequences of policy language, and new names, that no list
contains yet. ``marts.candidate_phrases`` ranks them and leaves out those that were reviewed.

The articles of the last 28 or 84 days are compared with those of the year before.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections import defaultdict
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tidings.annotation.annotate import CONTEXT_LENGTH, candidate_lists
from tidings.annotation.candidate_counts import COUNTS, Counter, locate, split_key
from tidings.annotation.source_version import source_version
from tidings.annotation.udf import read_lists
from tidings.base.languages import WITHOUT_SPACES
from tidings.stages.annotate import SNIPPET
from tidings.stages.differences import columns, load_rows, write_differences

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from tidings.annotation.candidate_lists import CandidateLists

YEAR = 393  # days of the longest period and the year before it
MONTH, QUARTER = 28, 84  # days of a period
FEWEST = 200  # articles in 28 days; with fewer, a language is counted over 84 days
MOST = 5000  # articles of a language in which names are searched, and of its year before
SHORTLIST = 1000  # sequences of a language that are searched in all texts
PRIOR = 500  # articles
READ = 500  # texts in memory at a time
EXAMPLES = 3
_UNTIL = "getvariable('until')"  # the run's day in UTC
_PERIOD = f"published_on > {_UNTIL} - {YEAR} and published_on <= {_UNTIL}"
_QUARTER = f"published_on > {_UNTIL} - {QUARTER} and published_on <= {_UNTIL}"
_LANGUAGE = "lower(regexp_extract(language, '^[^-_]+'))"
_WRITES_NO_SPACES = f"list_contains({sorted(WITHOUT_SPACES)}, language)"
_KEY = "regexp_replace(lower({}), '[-''’]', ' ', 'g')"
_TEXT = "title || chr(10) || body_text as text"
# The points of a sequence for its evidence and its length; docs/method.md documents the formula.
_POINTS = f"""(
    1.3 * (head_noun_count > 0)::integer
    + 0.6 * (quote_count > 0)::integer
    + 0.4 * (verb_count > 0)::integer
    + 2.4 * sqrt(quote_count / {{articles}})
    + 0.5 * least(verb_word_count, 4)
    + 0.5 * least(if({_WRITES_NO_SPACES}, length(key), 2 * len(string_split(key, ' '))), 6)
)"""
# The log-odds ratio of the articles with the sequence, with an informative Dirichlet prior of 500
# articles (Monroe, Colaresi and Quinn 2008, Fightin' Words, Political Analysis 16(4)).
_Z = f"log_odds_z(policy_count, window_count, prior_count, prior_total, alpha, {PRIOR})"
_KEYS = columns(pa.string(), "language key")
_NAMES = pa.schema(columns(pa.string(), "language phrase"))
_COHESIONS = pa.schema([*_KEYS, ("cohesion", pa.float64())])
_PLACES = pa.schema(
    [
        *_KEYS,
        ("article_id", pa.string()),
        ("number", pa.int32()),
        ("snippet", pa.string()),
        *columns(pa.int32(), "start_offset end_offset"),
    ]
)

# One row per language: the days over which its candidates are counted, the day before them, and the
# articles of both. A language with fewer than 200 articles in 28 days is counted over 84 days if at
# least half as many articles precede them.
_FIND_PERIODS = f"""
create or replace temp table periods as
with counts as (
    select
        {_LANGUAGE} as language,
        count(*) filter (where published_on > {_UNTIL} - {MONTH}) as month_count,
        count(*) filter (where published_on > {_UNTIL} - {QUARTER}) as quarter_count,
        count(*) as all_count
    from core.articles
    where excluded_reason is null and articles.language is not null and {_PERIOD}
    group by all
)

select
    language,
    if(month_count < {FEWEST} and all_count >= 1.5 * quarter_count, {QUARTER}, {MONTH})
        as period_days,
    {_UNTIL} - period_days as before_on,
    if(period_days = {QUARTER}, quarter_count, month_count) as window_count,
    all_count - window_count as prior_total
from counts
"""
# One row per language and day whose articles show where a sequence was used before: each k-th day
# of the period and of the year before, so that each has at most 5,000 articles.
_FIND_SEARCHED_DAYS = f"""
create or replace temp table searched as
with articles as (
    select {_LANGUAGE} as language, published_on
    from core.articles
    where excluded_reason is null and {_PERIOD}
)

select language, published_on, published_on > before_on as is_recent, count(*) as article_count
from articles
inner join temp.periods as periods using (language)
where
    ({_UNTIL} - published_on)
    % ceil(if(is_recent, window_count, prior_total) / {MOST})::integer = 0
group by all
"""
_READ_TEXTS = f"""
select {_TEXT}
from core.articles
where
    excluded_reason is null and {_QUARTER} and {_LANGUAGE} = $language
    and published_on in (
        select published_on from temp.searched where is_recent and language = $language
    )
order by published_on, article_id
"""
_FIND_NAMES = f"""
create or replace temp table names as
select language, {_KEY.format("phrase")} as key, min(phrase) as phrase
from temp.found
group by all
"""
# The sequences with two articles with policy evidence that are at least as frequent in the period
# as in the year before.
_FIND_RISING = f"""
create or replace temp table rising as
with sequences as (
    select found.*, published_on > before_on as is_recent
    from annotations.sequences as found
    inner join temp.periods as periods using (language)
    where {_PERIOD}
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
        * exclude (period_days, before_on),
        {PRIOR} * (policy_count + prior_count) / (window_count + prior_total)::double as alpha
    from recent
    inner join history using (language, key)
    inner join temp.periods as periods using (language)
    -- A sequence that occurs in every article cannot rise, and its log-odds are undefined.
    where policy_count + prior_count < window_count + prior_total
)

select *, {_Z} as z
from odds
where z >= 0
order by language, {_POINTS.format(articles="policy_count")} desc, key
"""
# The slogans, the names, and the phrases of the word list that contain a candidate: a candidate
# that occurs mostly within one of them is not new.
_MAKE_SHORTLIST = f"""
create or replace temp table shortlist as
with listed as (
    select distinct {_LANGUAGE} as language, {_KEY.format("rtrim(phrase, '*')")} as key
    from ref.theme_phrases
    where role = 'include'
),

slogans as (
    select *, 'slogan' as kind
    from temp.rising
    semi join temp.slogans using (language, key)
),

candidates as (
    from slogans
    union all by name
    select *, 'name' as kind
    from temp.names
    anti join slogans using (language, key)
),

kinds as (
    from candidates
    union all by name
    select listed.*, key as phrase, 'listed' as kind
    from listed
    semi join candidates
        on
            listed.language = candidates.language
            and contains(listed.key, candidates.key)
            and listed.key != candidates.key
)

select
    kinds.* exclude (window_count, prior_total) replace (
        coalesce(policy_count, 0) as policy_count,
        coalesce(verb_count, 0) as verb_count,
        coalesce(head_noun_count, 0) as head_noun_count,
        coalesce(quote_count, 0) as quote_count,
        coalesce(verb_word_count, 0) as verb_word_count
    ),
    periods.* exclude (language)
from kinds
inner join temp.periods as periods using (language)
"""
# The articles of the period and of the searched days.
_READ_ARTICLES = f"""
with articles as (
    select
        article_id::varchar as article_id,
        publisher_id,
        published_on,
        {_LANGUAGE} as language,
        length(body_text) as text_length,
        {_TEXT}
    from core.articles
    where excluded_reason is null and {_PERIOD}
)

select articles.* exclude (text), articles.published_on > before_on as is_recent, text
from articles
inner join temp.periods as periods using (language)
left join temp.searched as searched using (language, published_on)
where
    (articles.published_on > before_on or searched.is_recent is not null)
    and articles.language in (select language from temp.shortlist)
"""
_COUNT_PARTS = """
select language, number, count(*)
from (select language, unnest(numbers) as number from temp.occurrences where is_recent)
group by all
"""
# The sequences that occur on two days of the period, and in three articles of the period and the
# year before, without those that mostly occur within a longer candidate or listed phrase, those
# with too few different neighbours, and overlaps with better candidates.
_FIND_BEST = f"""
create or replace temp table best as
with places as (
    select * exclude (places, numbers), unnest(places, recursive := true)
    from temp.occurrences
),

background as (
    select language, key, count(*) as background_count, min(published_on, 3) as background_days
    from places
    where not is_recent
    group by language, key
),

background_totals as (
    select language, sum(article_count) as background_total
    from temp.searched
    where not is_recent
    group by language
),

-- The number of sequences with policy evidence per 1,000 characters shows how much an article is
-- about policy.
policy_counts as (
    select article_id, count(*) as sequence_count
    from annotations.sequences
    where {_QUARTER}
    group by article_id
),

recent_places as (
    select places.*, coalesce(1000 * sequence_count / text_length, 0) as policy_density
    from places
    left join policy_counts using (article_id)
    where is_recent
),

counts as (
    select
        language,
        key,
        count(*) as article_count,
        count(distinct published_on) as day_count,
        list_sort(list(distinct publisher_id)) as outlets,
        min(published_on, 3) as recent_days,
        max(published_on) - min(published_on) as span_days,
        count(*) filter (where is_whole) as whole_count,
        median(policy_density) as policy_density
    from recent_places
    group by language, key
),

frequent as (
    select
        shortlist.* exclude (first_seen_on),
        list_concat(background_days, recent_days) as first_days,
        coalesce(first_seen_on, first_days[1]) as first_seen_on,
        first_days[3] as third_on,
        counts.* exclude (language, key, recent_days),
        coalesce(background_count, 0) as background_count,
        coalesce(background_total, 0) as background_total
    from temp.shortlist as shortlist
    inner join counts using (language, key)
    left join background using (language, key)
    left join background_totals using (language)
    where day_count >= 2 and third_on is not null
),

neighbour_counts as (
    select language, key, side, word, count(*) as n
    from (
        select
            language,
            key,
            unnest(['left', 'right']) as side,
            unnest(["left", "right"]) as word
        from recent_places
    )
    group by all
),

-- The entropy, in nats, of the words next to a sequence. A place without a neighbouring word (an
-- empty neighbour) counts as a separate neighbour.
entropies as (
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
    group by language, key, side
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
    inner join (
        select language, key, min(entropy) as entropy from entropies group by language, key
    ) using (language, key)
    left join temp.cohesions as cohesions using (language, key)
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

-- docs/method.md documents the formula. Rounded: sums in another order must not make a row differ.
scored as (
    select
        *,
        round({_POINTS.format(articles="article_count")}
        + 0.9 * ln(1 + policy_density)
        + 1.3 * least(greatest(coalesce(cohesion, if({_WRITES_NO_SPACES}, 0.15, 0.5)), -0.2), 1)
        + 0.9 * whole_count / article_count
        + 0.6 * least(entropy, 3)
        + 0.2 * ln(article_count)
        - 1.4 * ln(article_count / day_count)
        + 0.7 * span_days / period_days
        + article_count / (article_count + expected_count)
        + if(third_on > {_UNTIL} - period_days // 2, 2, 0), 9) as score
    from varied
),

maximal as (
    from scored as candidate
    where kind != 'listed' and not exists (
        from scored as longer
        where
            candidate.language = longer.language
            and length(longer.padded) > length(candidate.padded)
            and contains(longer.padded, candidate.padded)
            and longer.article_count >= 0.6 * candidate.article_count
    )
)

select *, {_UNTIL} as as_of
from maximal as candidate
where not exists (
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
_READ_EXAMPLES = f"""
with newest as (
    select
        language,
        key,
        article_id,
        row_number() over (
            partition by language, key order by published_on desc, article_id asc
        ) as number
    from (
        select * exclude (places), unnest(places).key as key
        from temp.occurrences
        where is_recent
    )
    semi join temp.best using (language, key)
    qualify number <= {EXAMPLES}
)

select newest.language, key, article_id::varchar, number, {_TEXT}
from newest
inner join core.articles as articles using (article_id)
where {_QUARTER}
"""
_FIND_CANDIDATES = f"""
with examples as (
    select
        language,
        key,
        list({SNIPPET} order by number) as examples,
        list(article_id order by number) as example_article_ids
    from temp.found
    group by language, key
)

from temp.best
left join examples using (language, key)
"""
_FIND_ARTICLES = """
with keys as (
    select article_id, list(key order by key) as keys
    from (select language, article_id, unnest(places).key as key from temp.occurrences)
    semi join temp.best using (language, key)
    group by article_id
)

select occurrences.*, coalesce(keys, []) as keys
from temp.occurrences as occurrences
left join keys using (article_id)
"""


def find_candidates(con: duckdb.DuckDBPyConnection, as_of: dt.datetime) -> bool:
    """Find the candidates again if the day, the articles of the last 393 days, their word sequences
    or the lists changed. Return whether they were found again. The caller began a transaction.
    """
    until = as_of.astimezone(dt.UTC).date()
    con.execute(f"set variable until = date '{until}'")
    found = read_lists(con, "lake")
    articles = con.execute(
        "select bit_xor(hash(hash(article_id, source_key, sequences))) from annotations.articles"
        f" semi join (from core.articles where {_PERIOD}) using (article_id)"
    ).fetchone()
    used = until, articles, found.phrases, found.speakers, found.evidence_words
    digest = hashlib.sha256(repr((source_version("stages.candidates"), *used)).encode())
    version = digest.hexdigest()[:16]
    if con.execute("from annotations.candidate_inputs").fetchall() == [(version,)]:
        return False
    lists = candidate_lists(found)
    con.execute(_FIND_PERIODS)
    con.execute(_FIND_SEARCHED_DAYS)
    _find_names(con, lists)
    _find_slogans(con, lists)
    con.execute(_MAKE_SHORTLIST)
    _search(con, lists)
    con.execute(_FIND_BEST)
    _read_examples(con)
    write_differences(con, "annotations.candidates", _FIND_CANDIDATES, "language, key")
    order = "language, published_on, article_id"
    write_differences(
        con, "annotations.candidate_articles", _FIND_ARTICLES, "article_id", order_by=order
    )
    con.execute("delete from annotations.candidate_inputs")
    con.execute("insert into annotations.candidate_inputs values (?)", [version])
    return True


def _find_names(con: duckdb.DuckDBPyConnection, lists: CandidateLists) -> None:
    """Write the table ``names``: the sequences that recur in the searched days of the period, with
    or without evidence of policy.
    """
    languages = "select distinct language from temp.searched where is_recent order by all"
    rows = []
    for (language,) in con.execute(languages).fetchall():
        texts = con.execute(_READ_TEXTS, {"language": language}).fetchall()
        rows += [
            (language, name) for name in lists.find_names(language, [text for (text,) in texts])
        ]
    load_rows(con, "found", rows, _NAMES)
    con.execute(_FIND_NAMES)


def _find_slogans(con: duckdb.DuckDBPyConnection, lists: CandidateLists) -> None:
    """Write the table ``slogans``: of the rising sequences of a language that may be candidates,
    the 1,000 with the most points.
    """
    con.execute(_FIND_RISING)
    rising = con.execute("select language, key from temp.rising").fetchall()
    kept = (
        islice((row for row in rows if lists.may_be_candidate(row[1], row[0])), SHORTLIST)
        for _, rows in groupby(rising, itemgetter(0))
    )
    load_rows(con, "slogans", [row for rows in kept for row in rows], pa.schema(_KEYS))


def _search(con: duckdb.DuckDBPyConnection, lists: CandidateLists) -> None:
    """Search the shortlisted sequences, with or without evidence, and their parts. Write the tables
    ``occurrences``, one row per article, and ``cohesions``.
    """
    keys = defaultdict(set)
    for language, key in con.execute("select language, key from temp.shortlist").fetchall():
        keys[language].add(key)
    counters = {
        code: Counter(given, code, lists.finder(code).verbs) for code, given in keys.items()
    }
    reader = con.execute(_READ_ARTICLES).to_arrow_reader(READ)
    schema = pa.schema([*list(reader.schema)[:-1], *COUNTS])
    found = [part for batch in reader for part in _count(batch, counters)]
    con.register("given", pa.Table.from_batches(found, schema))
    con.execute(
        "create or replace temp table occurrences as"
        " select * replace (article_id::uuid as article_id) from given"
    )
    con.unregister("given")
    counts = {
        (code, counters[code].texts[number]): count
        for code, number, count in con.execute(_COUNT_PARTS).fetchall()
    }
    rows = [
        (code, key, cohesion)
        for code, size in con.execute("select language, window_count from temp.periods").fetchall()
        for key in keys[code]
        if (cohesion := _measure_cohesion(key, code, counts, size)) is not None
    ]
    load_rows(con, "cohesions", rows, _COHESIONS)


def _count(batch: pa.RecordBatch, counters: dict[str, Counter]) -> Iterator[pa.RecordBatch]:
    """Yield the articles of a batch by language, with their places and numbers instead of texts."""
    languages = batch.column("language").to_pylist()
    for code in sorted(set(languages)):
        places = [place for place, other in enumerate(languages) if other == code]
        rows = batch.take(pa.array(places, pa.int64()))
        found = counters[code].find([text or "" for text in rows.column("text").to_pylist()])
        names = [*rows.schema.names[:-1], *COUNTS.names]
        yield pa.RecordBatch.from_arrays([*rows.columns[:-1], *found.flatten()], names)


def _measure_cohesion(
    key: str, code: str, counts: dict[tuple[str, str], int], size: int
) -> float | None:
    """Return the lowest normalised pointwise mutual information over all splits of a sequence into
    two parts (Bouma 2009), or None if it has no parts.

    ``counts`` are the articles of the period that contain a sequence or part, and ``size`` all of
    the language.
    """
    count = counts.get((code, key), size)
    parts = [
        [counts.get((code, part), 0) for part in split]
        for split in split_key(key, is_unspaced=code in WITHOUT_SPACES)
    ]
    values = [
        math.log(count * size / (head * tail)) / -math.log(count / size)
        for head, tail in parts
        if head and tail and count < size
    ]
    return min(values, default=None)


def _read_examples(con: duckdb.DuckDBPyConnection) -> None:
    """Write the table ``found``: the text around the first place of each of the best candidates in
    the three newest articles of the period.
    """
    rows = [
        (language, key, article_id, number, *_cut(text or "", key, language))
        for batch in con.execute(_READ_EXAMPLES).to_arrow_reader(READ)
        for language, key, article_id, number, text in zip(
            *(column.to_pylist() for column in batch), strict=True
        )
    ]
    load_rows(con, "found", rows, _PLACES)


def _cut(text: str, key: str, language: str) -> tuple[Any, ...]:
    """Return the text around the first place of a sequence, and the offsets of the place."""
    span = locate(text, key, language)
    if span is None:
        return None, None, None
    return text[max(0, span[0] - CONTEXT_LENGTH) : span[1] + CONTEXT_LENGTH], *span
