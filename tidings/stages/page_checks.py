"""Find pages that are no articles, and repeated paragraphs, by comparing the pages of an outlet.

Both are a function of all stored pages: later pages correct earlier decisions, and a rebuild gives
the same result. ``annotations.paragraphs`` has a hash of each paragraph, so that no night reads the
texts of articles that did not change.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from tidings.storage.lake import Connection, transaction
from tidings.storage.load import has_rows, write_differences

WEEKLY_SHARE = 0.3  # share of an outlet's pages of a week above which a paragraph is repeated
WEEKLY_PAGES = 5  # least number of different texts with it
SAME_TEXT = 3  # pages with the same text and different titles, from which it is boilerplate
OWN_SHARE = 0.1  # greatest share of a boilerplate page's text that no other page has
BORNE_OUT = 0.34  # share of a title's pieces in a text, from which the text belongs to the title
TITLE_PIECES = 4  # least number of pieces of a title that can show which text belongs to it
SHORT = 0.4  # share of an outlet's median length below which a cut-off text is a teaser
KNOWN_LENGTH = 10  # whole articles in a language that show an outlet's usual length
MIN_WORDS = 30  # least number of words of a text that is counted once; notices recur
SIMILAR = 0.8  # share of equal numbers in the signatures of a page's versions
# The reasons that this module decides; cleaning decides the others page by page.
REASONS = "('repeated_text', 'teaser', 'republished')"
_PARAGRAPHS = r"string_split(body_text, E'\n\n')"
# The last part of a title after a separator, such as the name of the outlet.
_SUFFIX = r"'(?:\s[|–—·•-]\s|[|｜_])[^|｜–—·•_]{1,80}$'"
# Title and text of an article for annotation: without the repeated suffix, and with spaces instead
# of the repeated paragraphs, so that offsets do not change.
COUNTED_TITLE = (
    f"if(list_contains(repeated_paragraphs, 0), regexp_replace(title, {_SUFFIX}, ''), title)"
)
COUNTED_TEXT = rf"""
if(
    repeated_paragraphs is null,
    body_text,
    array_to_string(
        list_transform({_PARAGRAPHS}, lambda paragraph, place: if(
            list_contains(repeated_paragraphs, place), repeat(' ', length(paragraph)), paragraph
        )),
        E'\n\n'
    )
)"""
_DELETE_STALE = """
delete from annotations.paragraphs where (article_id, content_hash) in (
    select (article_id, content_hash) from annotations.paragraphs
    anti join core.articles using (article_id, content_hash)
)
"""
# Compare the title of the feed, because an error page has a title of its own.
_INSERT_MISSING = rf"""
insert into annotations.paragraphs
with articles as (
    select article_id, content_hash, title, body_text, capture_id
    from core.articles
    anti join annotations.paragraphs using (article_id, content_hash)
),

announced as (
    select capture_id, arg_min(entries.title, entries.first_seen_at) as feed_title
    from (select distinct capture_id from articles)
    inner join raw.captures as captures using (capture_id)
    inner join raw.feed_entries as entries on captures.url = entries.url
    group by capture_id
),

titled as (
    select
        articles.*,
        lower(coalesce(feed_title, title)) as announced_title,
        list_distinct(regexp_extract_all(announced_title, '\p{{Han}}{{2}}|\pL{{4}}')) as pieces,
        lower(body_text) as lower_text,
        list_prepend(nullif(regexp_extract(title, {_SUFFIX}), ''), {_PARAGRAPHS}) as paragraphs
    from articles
    left join announced using (capture_id)
)

select
    article_id,
    content_hash,
    list_transform(paragraphs, lambda paragraph: md5_number_lower(paragraph)) as hashes,
    list_transform(paragraphs, lambda paragraph: length(paragraph)::integer) as lengths,
    md5_number_lower(announced_title) as title_hash,
    len(pieces) < {TITLE_PIECES} or {BORNE_OUT} * len(pieces)
    <= len(list_filter(pieces, lambda piece: contains(lower_text, piece))) as has_title_words
from titled
order by article_id
"""
# Outlets whose articles changed since the last check. Only their pages are read, because an
# outlet's pages are compared only with each other.
_RULES = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
_VERSIONS = f"""
select publisher_id, bit_xor(hash(hash(
    '{_RULES}', article_id, content_hash, language, published_on, published_at, first_seen_at,
    word_count, is_truncated, excluded_reason, repeated_paragraphs
))) as version
from core.articles
group by publisher_id
"""
_WRITE_CHANGED = f"""
create or replace temp table changed_outlets as
select publisher_id from ({_VERSIONS} except select publisher_id, version
    from annotations.checked_outlets)
"""
_ARTICLES = "(from core.articles semi join temp.changed_outlets using (publisher_id))"
# Pages with the same text are one, whatever their titles.
_WRITE_PAGES = f"""
create or replace temp table pages as
select
    * exclude (published_on, first_seen_at, language, content_hash),
    coalesce(language, '') as language,
    date_trunc('week', coalesce(published_on, first_seen_at::date)) as week,
    list_sum(lengths[2:]) as text_length,
    hash(hashes[2:]) as page
from annotations.paragraphs
inner join (
    select article_id, content_hash, publisher_id, language, published_on, first_seen_at
    from {_ARTICLES}
) using (article_id, content_hash)
"""
# Paragraphs that occur often enough to be repeated or boilerplate.
_WRITE_PLACES = f"""
create or replace temp table places as
select *
from (
    select
        * exclude (hashes, lengths),
        unnest(hashes) as hash,
        unnest(lengths) as length,
        generate_subscripts(hashes, 1) - 1 as place
    from temp.pages
)
semi join (
    select hash
    from (select unnest(hashes) as hash from temp.pages)
    group by hash
    having count(*) >= {min(SAME_TEXT, WEEKLY_PAGES)}
) using (hash)
"""
_REPEATED = f"""
with weeks as (
    select publisher_id, week, count(distinct page) as page_count
    from temp.pages
    group by all
),

repeated as (
    select publisher_id, week, hash
    from temp.places
    inner join weeks using (publisher_id, week)
    group by publisher_id, week, hash, page_count
    having
        count(distinct page) >= {WEEKLY_PAGES}
        and count(distinct page) > {WEEKLY_SHARE} * page_count
)

select article_id, list_sort(list(place::integer)) as repeated_paragraphs
from temp.places
semi join repeated using (publisher_id, week, hash)
group by article_id
"""
# Pages whose text is on other pages of their language too, mostly under titles that it does not
# bear out, such as error pages and requests for consent. A press release that is published twice,
# and a live report at several addresses, contain the words of their titles; translations share at
# most lists of names.
_BOILERPLATE = f"""
select article_id
from temp.places
semi join (
    select publisher_id, language, hash
    from temp.places
    where place > 0
    group by all
    having
        count(distinct title_hash) filter (where not has_title_words) >= {SAME_TEXT}
        and avg(has_title_words::integer) < 0.5
) using (publisher_id, language, hash)
where place > 0
group by article_id, text_length
having sum(length) >= {1 - OWN_SHARE} * text_length
"""
# The later of the articles with the same title and text: the address has a new session number, or
# it was published again. Other addresses of a page (print, AMP) have the same title and day, and a
# similar text. An article at the links of many others, whose titles the feed states, hides theirs
# (is_other).
_REPUBLISHED = f"""
with known as (
    select
        article_id,
        publisher_id,
        published_on,
        content_hash,
        lower(title) as title,
        row(first_seen_at, coalesce(published_at, 'infinity'), length(url), url) as sighting,
        title_hash
    from {_ARTICLES}
    left join annotations.paragraphs using (article_id, content_hash)
    where
        word_count >= {MIN_WORDS}
        and (excluded_reason is null or excluded_reason in {REASONS})
),

alike as (
    select
        unnest(list(article_id)) as article_id,
        arg_min(article_id, sighting) as first_id,
        true as is_same,
        count(distinct title_hash) > {SAME_TEXT} as is_other
    from known
    group by publisher_id, content_hash
    having count(*) > 1
    union all
    select unnest(list(article_id)), arg_min(article_id, sighting), false, false
    from known
    group by publisher_id, published_on, title
    having count(*) > 1
)

select alike.article_id, bool_or(is_other) as is_other
from alike
inner join core.articles as later on alike.article_id = later.article_id
inner join core.articles as earlier on alike.first_id = earlier.article_id
where
    alike.article_id != first_id
    and (is_same or len(later.signature) > 0 and list_sum(list_transform(
        list_zip(later.signature, earlier.signature), lambda pair: (pair[1] = pair[2])::integer
    )) >= {SIMILAR} * len(later.signature))
group by alike.article_id
"""
_UPDATE = f"""
update core.articles
set excluded_reason = checked.reason, repeated_paragraphs = checked.paragraphs
from (
with articles as (
    select
        article_id,
        publisher_id,
        coalesce(language, '') as language,
        word_count,
        is_truncated,
        repeated_paragraphs,
        excluded_reason,
        if(excluded_reason in {REASONS}, null, excluded_reason) as page_reason
    from {_ARTICLES}
),

usual as (
    select publisher_id, language, median(word_count) as word_count
    from articles
    where page_reason is null and not is_truncated
    group by all
    having count(*) >= {KNOWN_LENGTH}
),

judged as (
    select
        articles.*,
        case
            when page_reason is not null then page_reason
            when boilerplate.article_id is not null or is_other then 'repeated_text'
            when is_truncated and articles.word_count < {SHORT} * usual.word_count then 'teaser'
            when republished.article_id is not null then 'republished'
        end as reason,
        if(reason is null, repeated.repeated_paragraphs, null) as paragraphs
    from articles
    left join usual using (publisher_id, language)
    left join ({_BOILERPLATE}) as boilerplate using (article_id)
    left join ({_REPEATED}) as repeated using (article_id)
    left join ({_REPUBLISHED}) as republished using (article_id)
)

select article_id, reason, paragraphs
from judged
where
    reason is distinct from excluded_reason
    or paragraphs is distinct from repeated_paragraphs
) as checked
where articles.article_id = checked.article_id
"""


def check_pages(con: Connection) -> None:
    """Update excluded_reason and repeated_paragraphs of the articles of changed outlets."""
    with transaction(con):
        for statement in (_DELETE_STALE, _INSERT_MISSING, _WRITE_CHANGED):
            con.execute(statement)
        if not has_rows(con, "temp.changed_outlets"):
            return
        for statement in (_WRITE_PAGES, _WRITE_PLACES, _UPDATE):
            con.execute(statement)
        write_differences(con, "annotations.checked_outlets", _VERSIONS, "publisher_id")
