"""Find the articles of each story, and the passages of official texts in other outlets.

A changed article is compared again with the articles of the seven days before and after it.
"""

from __future__ import annotations

from tidings.annotation.passages import Passage, find_shared_passages
from tidings.annotation.source_version import source_version
from tidings.base.load_rows import load_rows
from tidings.stages.annotate import SOURCE_KEY
from tidings.storage.lake import Connection
from tidings.storage.load import (
    CHANGED,
    count_rows,
    is_within,
    set_range,
    write_differences,
)

LINK_DAYS = 7  # days within which two articles can share a story or a passage
BANDS = 42
NEIGHBOURS = 10
SAME_STORY = 0.35  # least share of equal numbers in two signatures
MAX_ARTICLES = 50  # articles with a mark; if there are more, the mark selects no pair
RARE = 20  # articles of an outlet, language and three days in which a word or number is rare
SAME_RELEASE = 0.17  # least share of rare words and numbers that two language versions have
LEAST_SHARED = 9  # least weight of these words and numbers, of which the rarest have 3
LEAST_AT_TIME, LEAST_BY_URL = 3, 2  # enough with the same own time, or URL and time; with both
SAME_TIME = 0.1  # what the same time of publication adds to it
CLEARLY = 1.5  # how much more two versions share than each does with another article
READ = 100  # pairs of texts in memory at a time
_PASSAGES = {"source_article_id": "uuid", "article_id": "uuid"}
_PASSAGES |= dict.fromkeys(Passage._fields, "integer")
_CHANGED = "(select article_id from temp.changed)"
_TOUCHED = "(select article_id from temp.touched)"
_DAY = "coalesce(published_on, first_seen_at::date) as seen_on"
# Signatures and texts are large, so only the files are read that may contain one of these days.
_NEAR = " union all ".join(
    f"select * from core.articles where excluded_reason is null and {condition}"
    for condition in (is_within("near", "published_on"), "published_on is null")
)
# The versions of all articles, by which the last run's results are compared.
_VERSIONS = f"""
select article_id, hash(getvariable('code'), {SOURCE_KEY}, first_seen_at, publisher_type) as version
from core.articles
left join (select publisher_id, publisher_type from ref.publishers) using (publisher_id)
"""
_FIND_NEAR_DAYS = f"""
create or replace temp table near_days as
select (seen_on + distance::integer)::date as seen_on, min(abs(distance)) as distance
from (
    select distinct {_DAY}
    from core.articles
    semi join temp.changed using (article_id)
    where excluded_reason is null
)
cross join range(-{LINK_DAYS}, {LINK_DAYS + 1}) as distances (distance)
group by all
"""
_BANDS = ", ".join(
    f"hash({place // 3}, signature[{place}], signature[{place + 1}], signature[{place + 2}])"
    for place in range(1, 3 * BANDS, 3)
)
# Links between near-identical texts at most 7 days apart, by locality-sensitive hashing (Indyk and
# Motwani 1998; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4): of the 128 numbers
# of a MinHash signature, 42 bands of 3 select pairs. After 30 % of its sentences are replaced, a
# text still agrees in half of its numbers; independent texts in less than a tenth.
_LINK = f"""
with near_articles as (
    select article_id, seen_on, signature, changed.article_id is not null as is_new
    from (select article_id, {_DAY}, signature from ({_NEAR}))
    semi join temp.near_days using (seen_on)
    left join temp.changed as changed using (article_id)
    where len(signature) > 0
),

bands as (
    select article_id, seen_on, is_new, unnest([{_BANDS}]) as band
    from near_articles
),

shared_bands as (
    select band
    from bands
    group by band
    having count(*) > 1 and bool_or(is_new)
),

ranked_bands as (
    select bands.*, row_number() over (partition by band order by seen_on, article_id) as place
    from bands
    semi join shared_bands using (band)
),

candidates as (
    select distinct
        least(base.article_id, other.article_id) as article_id,
        greatest(base.article_id, other.article_id) as other_article_id
    from ranked_bands as base
    cross join range(1, {NEIGHBOURS + 1}) as steps (step)
    inner join ranked_bands as other
        on base.band = other.band and base.place + steps.step = other.place
    where other.seen_on - base.seen_on <= {LINK_DAYS} and (base.is_new or other.is_new)
),

compared as (
    select candidates.*, list_zip(base.signature, other.signature) as numbers
    from candidates
    inner join near_articles as base using (article_id)
    inner join near_articles as other on other_article_id = other.article_id
)

select article_id, other_article_id
from compared
where len(list_filter(numbers, lambda pair: pair[1] = pair[2])) / 128.0 >= {SAME_STORY}
"""
# The articles whose versions in other languages a changed article may decide.
_FIND_TOUCHED = f"""
create or replace temp table touched as
select article_id
from (select article_id, {_DAY} from ({_NEAR}))
semi join (from temp.near_days where distance <= 3) using (seen_on)
union
select article_id from temp.changed
"""
# Links between the versions of a text: articles of a publisher in several languages that it
# declares as translations, or that share rare keys within a day of each other. A key is the path
# of the URL without codes of languages, a long number in the URL that is not a date, or a mark. Two
# articles are linked if each is clearly the best in its language for the other. Without a shared
# mark, the same URL shows nothing: outlets may count the articles of each language.
_LINK_VERSIONS = f"""
with counted as (
    select * from core.articles
    where excluded_reason is null
),

near_articles as (
    select
        article_id,
        near.publisher_id,
        terms.language,
        seen_on,
        published_at,
        count(*) over times = 1 and epoch(published_at) % 900 > 0 as is_own_time,
        marks,
        regexp_replace(
            regexp_replace(url, '^https?://[^/]+', ''),
            '([/._=-])[a-z]{{2}}([/._&-]|$)',
            '\\1\\2',
            'g'
        ) as path
    from (select *, {_DAY} from ({_NEAR})) as near
    semi join temp.near_days using (seen_on)
    inner join annotations.terms as terms using (article_id)
    where terms.language != ''
    window
        outlet as (partition by near.publisher_id),
        times as (partition by near.publisher_id, terms.language, published_at)
    qualify min(terms.language) over outlet != max(terms.language) over outlet
),

keys as (
    select
        * exclude (marks, path),
        unnest(marks)::ubigint as key,
        0 as is_url
    from near_articles
    union all
    select
        * exclude (marks, path),
        hash(unnest(list_distinct(list_filter(
            [path] || regexp_extract_all(path, '\\d{{5,}}'),
            lambda key: length(key) > 4
            and not regexp_full_match(key, '(19|20)\\d\\d[01]\\d([0-3]\\d)?')
        )))) as key,
        1 as is_url
    from near_articles
),

rare_keys as (
    select
        *,
        count(*) over (
            partition by publisher_id, language, key, is_url
            order by seen_on range between interval 1 day preceding and interval 1 day following
        ) as article_count,
        (1 - is_url) * ln({RARE + 1} / article_count) as weight
    from keys
    qualify article_count <= if(is_url = 1, 1, {RARE})
),

weights as (
    select article_id, sum(weight) as weight
    from rare_keys
    group by article_id
),

compared as (
    select
        base.article_id,
        other.article_id as other_article_id,
        other.language,
        max(base.is_url) as is_url,
        coalesce(any_value(base.published_at = other.published_at), false) as is_same_time,
        is_same_time and any_value(base.is_own_time and other.is_own_time) as is_own_time,
        sum(least(base.weight, other.weight)) as weight
    from rare_keys as base
    inner join rare_keys as other
        on base.publisher_id = other.publisher_id
        and base.key = other.key
        and base.is_url = other.is_url
        and base.language != other.language
        and other.seen_on between base.seen_on - 1 and base.seen_on + 1
    group by all
),

scored as (
    select
        compared.*,
        is_url
        + {SAME_TIME} * (is_same_time::integer + is_own_time::integer)
        + compared.weight / greatest(sqrt(base.weight * other.weight), 1e-9) as score
    from compared
    inner join weights as base using (article_id)
    inner join weights as other on compared.other_article_id = other.article_id
    where
        score >= {SAME_RELEASE}
        and compared.weight >= case
            when is_own_time and is_url = 1 then {LEAST_BY_URL}
            when is_own_time or is_same_time and is_url = 1 then {LEAST_AT_TIME}
            else {LEAST_SHARED}
        end
    qualify is_url = max(is_url) over (partition by article_id)
),

best as (
    select * from scored
    window versions as (partition by article_id, language order by score desc)
    qualify
        row_number() over versions = 1
        and score >= {CLEARLY} * coalesce(lead(score) over versions, 0)
)

select best.article_id, best.other_article_id
from best
inner join best as reverse
    on best.article_id = reverse.other_article_id and best.other_article_id = reverse.article_id
where
    best.article_id < best.other_article_id
    and (best.article_id in {_TOUCHED} or best.other_article_id in {_TOUCHED})
union
select
    least(base.article_id, other.article_id) as article_id,
    greatest(base.article_id, other.article_id) as other_article_id
from counted as base
semi join temp.touched using (article_id)
inner join counted as other
    on base.publisher_id = other.publisher_id
    and base.translation_key = other.translation_key
    and base.article_id != other.article_id
"""
# Changed articles, articles with a changed link, and all articles in their stories.
_FIND_AFFECTED = """
create or replace temp table affected as
select article_id from temp.linked
union
select article_id from annotations.stories
where story_id in (
    select story_id from annotations.stories semi join temp.linked using (article_id)
)
"""
# The first of the articles that links connect.
_CLUSTER = """
with recursive members as (
    select
        article_id,
        row_number() over (
            order by
                {first}
                coalesce(published_on, first_seen_at::date),
                published_at nulls last,
                first_seen_at,
                article_id
        ) as rank
    from core.articles
    semi join temp.affected using (article_id)
    where excluded_reason is null
),

links as (
    select base.rank, other.rank as other_rank
    from {links} as links
    inner join members as base on links.article_id = base.article_id
    inner join members as other on links.other_article_id = other.article_id
),

neighbours as (
    select rank, other_rank from links
    union
    select other_rank as rank, rank as other_rank from links
),

-- Connected components by label propagation.
labels (rank, lowest) using key (rank) as (
    select rank, rank as lowest from members
    union
    select neighbours.other_rank as rank, min(labels.lowest) as lowest
    from labels
    inner join neighbours on labels.rank = neighbours.rank
    inner join recurring.labels as current_label on neighbours.other_rank = current_label.rank
    where labels.lowest < current_label.lowest
    group by neighbours.other_rank
)

select members.article_id, first_articles.article_id as first_id
from members
inner join labels on members.rank = labels.rank
inner join members as first_articles on labels.lowest = first_articles.rank
"""
_VERSION_LINKS = "annotations.version_links"
_ALL_LINKS = f"(from annotations.story_links union from {_VERSION_LINKS})"
# A text has the ID of its English version, or else of that in the alphabetically first language.
_FIND_STORIES = f"""
select stories.article_id, stories.first_id as story_id, texts.first_id as text_id
from ({_CLUSTER.format(first="", links=_ALL_LINKS)}) as stories
inner join ({
    _CLUSTER.format(first="language like 'en%' desc, language,", links=_VERSION_LINKS)
}) as texts using (article_id)
"""
# Pairs of a text of an official publisher or state medium and a later article of another outlet
# that share a mark. Marks in more than 50 articles are formulas and lists of names.
_FIND_PAIRS = f"""
create or replace temp table pairs as
with marks as (
    select article_id, mark, changed.article_id is not null as is_new
    from annotations.passages
    semi join temp.near_days using (seen_on)
    left join temp.changed as changed using (article_id)
    where {is_within("near", "seen_on")}
),

shared_marks as (
    select mark
    from marks
    group by mark
    having count(*) between 2 and {MAX_ARTICLES} and bool_or(is_new)
),

articles as (
    select
        article_id,
        publisher_id,
        coalesce(published_at, first_seen_at) as published_at,
        {_DAY},
        coalesce(publisher_type in ('official', 'state_media'), false) as is_official
    from core.articles
    left join (select publisher_id, publisher_type from ref.publishers) using (publisher_id)
    where excluded_reason is null
),

placed_marks as (
    from marks
    semi join shared_marks using (mark)
    inner join articles using (article_id)
)

select distinct
    base.article_id as source_article_id,
    base.publisher_id as source_publisher_id,
    other.article_id,
    other.publisher_id,
    other.seen_on as published_on,
    date_diff('second', base.published_at, other.published_at) / 3600.0 as delay_hours
from placed_marks as base
inner join placed_marks as other
    on base.mark = other.mark
    and base.publisher_id != other.publisher_id
    and base.published_at < other.published_at
where
    base.is_official
    and (base.is_new or other.is_new)
    and other.seen_on - base.seen_on <= {LINK_DAYS}
"""
_READ_PAIRS = f"""
with texts as (
    select article_id, body_text
    from ({_NEAR})
    where article_id in (select unnest([source_article_id, article_id]) from temp.pairs)
)

select
    source_article_id::varchar,
    pairs.article_id::varchar,
    source_texts.body_text,
    texts.body_text
from temp.pairs as pairs
inner join texts as source_texts on source_article_id = source_texts.article_id
inner join texts on pairs.article_id = texts.article_id
"""
_FIND_REUSE = """
select
    pairs.*,
    found.other_start_offset as start_offset,
    found.other_end_offset as end_offset,
    found.start_offset as source_start_offset,
    found.end_offset as source_end_offset,
    found.word_count
from temp.pairs as pairs
inner join temp.found as found
    on pairs.source_article_id = found.source_article_id and pairs.article_id = found.article_id
"""


def group_stories(con: Connection) -> int:
    """Find the stories and reused passages of changed articles again, and return the number of
    stories that changed. The caller began a transaction.
    """
    con.execute(f"set variable code = '{source_version('stages.stories')}'")
    if not write_differences(con, "annotations.grouped", _VERSIONS, "article_id"):
        return 0
    con.execute(
        f"create or replace temp table changed as select distinct article_id from {CHANGED}"
    )
    con.execute(_FIND_NEAR_DAYS)
    set_range(con, "near", "temp.near_days", "seen_on")
    con.execute(_FIND_TOUCHED)
    con.execute("create or replace temp table linked as select article_id from temp.changed")
    for table, query, ids in (
        ("annotations.story_links", _LINK, _CHANGED),
        (_VERSION_LINKS, _LINK_VERSIONS, _TOUCHED),
    ):
        scope = f"(article_id in {ids} or other_article_id in {ids})"
        write_differences(con, table, query, "article_id, other_article_id", scope=scope)
        con.execute(
            f"insert into temp.linked select unnest([article_id, other_article_id]) from {CHANGED}"
        )
    con.execute(_FIND_AFFECTED)
    scope = "article_id in (select article_id from temp.affected)"
    order = "story_id, article_id"
    write_differences(
        con, "annotations.stories", _FIND_STORIES, "article_id", scope=scope, order_by=order
    )
    count = count_rows(con, f"select count(distinct story_id) from {CHANGED}")
    _find_reuse(con)
    return count


def _find_reuse(con: Connection) -> None:
    """Find the passages of official texts that later articles of other outlets carry within seven
    days. A passage has at least 30 words and 50 characters; a Chinese or Japanese character counts
    as a word.
    """
    con.execute(_FIND_PAIRS)
    rows: list[tuple[object, ...]] = []
    pairs = con.execute(_READ_PAIRS)
    while batch := pairs.fetchmany(READ):
        for source_id, article_id, text, other in batch:
            passages = find_shared_passages(text or "", other or "")
            rows += [(source_id, article_id, *passage) for passage in passages]
    load_rows(con, "found", rows, _PASSAGES)
    keys = "source_article_id, article_id, start_offset"
    scope = f"(source_article_id in {_CHANGED} or article_id in {_CHANGED})"
    write_differences(con, "annotations.reuse", _FIND_REUSE, keys, scope=scope)
