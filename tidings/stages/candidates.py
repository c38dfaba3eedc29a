"""Find candidate phrases: rising word sequences of policy language that no list contains yet.
``marts.candidate_phrases`` ranks them and leaves out those that were reviewed.

The articles of the last 28 or 84 days are compared with those of the year before.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from itertools import groupby, islice
from operator import itemgetter

from tidings.annotation.annotate import CONTEXT_LENGTH
from tidings.annotation.candidate_lists import CandidateLists
from tidings.annotation.candidates import Counter, locate
from tidings.annotation.event_days import commonness
from tidings.annotation.source_version import source_version
from tidings.annotation.udf import read_lists
from tidings.base.languages import WITHOUT_SPACES
from tidings.base.load_rows import encode_columns, load_batches, load_rows
from tidings.stages.annotate import SNIPPET
from tidings.storage.lake import Connection
from tidings.storage.load import write_differences

YEAR = 393  # days of the longest period and the year before it
MONTH, QUARTER = 28, 84  # days of a period
FEWEST = 200  # articles in 28 days; with fewer, a language is counted over 84 days
SHORTLIST = 2000  # sequences of a language that are searched in all texts
PRIOR = 500  # articles
READ = 500  # texts in memory at a time
EXAMPLES = 3
_UNTIL = "getvariable('until')"  # the run's day in UTC
_PERIOD = f"published_on > {_UNTIL} - {YEAR} and published_on <= {_UNTIL}"
_QUARTER = f"published_on > {_UNTIL} - {QUARTER} and published_on <= {_UNTIL}"
_WRITES_NO_SPACES = f"list_contains({sorted(WITHOUT_SPACES)}, language)"
_TEXT = "title || chr(10) || body_text as text"
# The points of a sequence for its evidence and its length.
_POINTS = f"""(
    1.3 * (head_noun_count > 0)::integer
    + 0.4 * (verb_count > 0)::integer
    + (head_noun_count > 0 and verb_count > 0)::integer
    + 3 * sqrt(quote_count / {{articles}})
    + 0.5 * least(verb_word_count, 4)
    + 0.5 * least(if({_WRITES_NO_SPACES}, length(key), 2 * len(string_split(key, ' '))), 6)
)"""
# Monroe, Colaresi and Quinn 2008, Fightin' Words, Political Analysis 16(4).
_Z = f"log_odds_z(policy_count, window_count, prior_count, prior_total, alpha, {PRIOR})"
_KEYS = {"language": "varchar", "key": "varchar"}
_SLOGANS = _KEYS | {"commonness": "double", "resemblance": "double"}
_OCCURRENCES = {"article_id": "uuid", **_KEYS, "left": "varchar", "right": "varchar"}
_OCCURRENCES |= {"is_whole": "boolean"}
_PLACES = _KEYS | {"article_id": "uuid", "number": "integer", "snippet": "varchar"}
_PLACES |= {"start_offset": "integer", "end_offset": "integer"}

# One row per language: the days over which its candidates are counted, and the articles of these
# days and of the time before.
_FIND_PERIODS = f"""
create or replace temp table periods as
with counts as (
    select
        primary_language(language) as language,
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
# The sequences that are at least as frequent in the period as in the year before.
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
        min(published_on, 3) filter (where not is_recent) as prior_days,
        min(published_on) as first_seen_on
    from sequences
    semi join recent using (language, key)
    group by language, key
),

odds as (
    select
        * exclude (before_on),
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
# The candidates, and the phrases of the word list that contain one.
_MAKE_SHORTLIST = """
create or replace temp table shortlist as
with listed as (
    select distinct
        primary_language(language) as language,
        regexp_replace(lower(rtrim(phrase, '*')), '[-''’]', ' ', 'g') as key
    from ref.theme_phrases
    where role = 'include'
),

candidates as (
    from temp.rising
    inner join temp.slogans using (language, key)
)

select *, false as is_listed
from candidates
union all by name
select listed.*, true as is_listed
from listed
semi join candidates
    on
        listed.language = candidates.language
        and contains(listed.key, candidates.key)
        and listed.key != candidates.key
"""
# The articles of the periods.
_FIND_ARTICLES = f"""
create or replace temp table articles as
select article_id, publisher_id, published_on, periods.language
from core.articles as articles
inner join temp.periods as periods on primary_language(articles.language) = periods.language
where
    excluded_reason is null
    and {_QUARTER}
    and published_on > before_on
    and periods.language in (select language from temp.shortlist)
"""
_READ_TEXTS = f"""
select article_id::varchar as article_id, articles.language, {_TEXT}
from (from core.articles where {_QUARTER}) as stored
inner join temp.articles as articles using (article_id)
"""
# The frequent sequences, without parts of longer candidates or listed phrases, those with too few
# different neighbours, and overlaps with better candidates.
_FIND_BEST = f"""
create or replace temp table best as
with counts as (
    select
        language,
        key,
        count(*) as article_count,
        count(distinct published_on) as day_count,
        list_sort(list(distinct publisher_id)) as outlets,
        min(published_on, 3) as recent_days,
        count(*) filter (where is_whole) as whole_count,
        -- In bits, of the words next to a sequence; each empty neighbour counts separately.
        least(
            entropy(if("left" = '', article_id::varchar, "left")),
            entropy(if("right" = '', article_id::varchar, "right"))
        ) as entropy
    from temp.occurrences
    inner join temp.articles using (article_id, language)
    group by language, key
),

frequent as (
    select
        shortlist.*,
        counts.* exclude (language, key, recent_days),
        list_concat(coalesce(prior_days, []), recent_days)[3] as third_on,
        if({_WRITES_NO_SPACES}, key, ' ' || key || ' ') as padded
    from temp.shortlist as shortlist
    inner join counts using (language, key)
    where
        is_listed
        or (day_count >= 2 and (third_on is not null or quote_count >= 2) and entropy >= 0.43)
),

-- docs/method.md documents the formula. Rounded: sums in another order must not make a row differ.
scored as (
    select
        *,
        round({_POINTS.format(articles="article_count")}
        + policy_count / article_count
        + 1.5 * whole_count / article_count
        - ln(article_count / day_count)
        - commonness
        + if(quote_count > 0, 0.6, resemblance)
        + case
            when third_on > {_UNTIL} - period_days // 4 then 4
            when third_on > {_UNTIL} - period_days // 2 then 3
            when third_on is null then -1
            else 0
        end, 9) as score
    from frequent
),

maximal as (
    from scored as candidate
    where not is_listed and not exists (
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
    from temp.occurrences
    inner join temp.articles using (article_id, language)
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
_LIST_KEYS = """
with keys as (
    select article_id, list(key order by key) as keys
    from temp.occurrences
    semi join temp.best using (language, key)
    group by article_id
)

select language, article_id, coalesce(keys, []) as keys
from temp.articles
left join keys using (article_id)
"""


def find_candidates(con: Connection, as_of: dt.datetime) -> bool:
    """Find the candidates again if the day, the articles of the last 393 days, their word sequences
    or the lists changed, and return whether they were. The caller began a transaction.
    """
    until = as_of.astimezone(dt.UTC).date()
    con.execute(f"set variable until = date '{until}'")
    found = read_lists(con)
    articles = con.execute(
        "select bit_xor(hash(hash(article_id, source_key, sequences))) from annotations.articles"
        f" semi join (from core.articles where {_PERIOD}) using (article_id)"
    ).fetchone()
    used = until, articles, found.phrases, found.speakers, found.evidence_words
    digest = hashlib.sha256(repr((source_version("stages.candidates"), *used)).encode())
    version = digest.hexdigest()[:16]
    if con.execute("from annotations.candidate_inputs").fetchall() == [(version,)]:
        return False
    lists = CandidateLists(found.phrases, found.speakers, found.evidence_words)
    con.execute(_FIND_PERIODS)
    _find_slogans(con, lists)
    con.execute(_MAKE_SHORTLIST)
    con.execute(_FIND_ARTICLES)
    _search(con, lists)
    con.execute(_FIND_BEST)
    _read_examples(con)
    write_differences(con, "annotations.candidates", _FIND_CANDIDATES, "language, key")
    write_differences(con, "annotations.candidate_articles", _LIST_KEYS, "article_id")
    con.execute("delete from annotations.candidate_inputs")
    con.execute("insert into annotations.candidate_inputs values (?)", [version])
    return True


def _find_slogans(con: Connection, lists: CandidateLists) -> None:
    """Write ``slogans``: the rising sequences with the most points that may be candidates."""
    con.execute(_FIND_RISING)
    rising = con.execute("select language, key from temp.rising").fetchall()
    slogans = [
        (code, key, commonness(key, code), lists.filter(code).resemblance(key))
        for code, rows in groupby(rising, itemgetter(0))
        for _, key in islice((row for row in rows if lists.filter(code).keeps(row[1])), SHORTLIST)
    ]
    load_rows(con, "slogans", slogans, _SLOGANS)


def _search(con: Connection, lists: CandidateLists) -> None:
    """Write ``occurrences``: a row per article and shortlisted sequence in its text."""
    keys = "select language, list(key) from temp.shortlist group by language"
    counters = {
        code: Counter(set(given), code, lists.finder(code).verbs)
        for code, given in con.execute(keys).fetchall()
    }
    texts = con.execute(_READ_TEXTS)
    found = [
        encode_columns(
            (article_id, code, *place)
            for article_id, code, text in batch
            for place in counters[code].find(text)
        )
        for batch in iter(lambda: texts.fetchmany(READ), [])
    ]
    load_batches(con, "occurrences", found, _OCCURRENCES)


def _read_examples(con: Connection) -> None:
    """Write ``found``: the text around the first place of each of the best candidates in its three
    newest articles.
    """
    rows = []
    for language, key, article_id, number, text in con.execute(_READ_EXAMPLES).fetchall():
        if span := locate(text, key, language):
            snippet = text[max(0, span[0] - CONTEXT_LENGTH) : span[1] + CONTEXT_LENGTH]
            rows.append((language, key, article_id, number, snippet, *span))
    load_rows(con, "found", rows, _PLACES)
