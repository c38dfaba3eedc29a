"""Find the events that articles report: group the articles of each changed day, and follow the
groups from day to day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter

import numpy as np

from tidings.annotation.event_days import EventArticle, EventGroup, KnownWords, group_day
from tidings.annotation.event_tracks import MEMORY_DAYS, DayGroup, Track, track_events
from tidings.annotation.source_version import source_version
from tidings.base.load_rows import load_rows
from tidings.storage.lake import Connection
from tidings.storage.load import (
    CHANGED,
    column_types,
    has_rows,
    is_within,
    set_range,
    write_differences,
)

BACKGROUND_MONTHS = 12  # before a month, whose words are the background of its events
READ = 10_000  # groups that are read at a time
_EPOCH = dt.date(1970, 1, 1)
_TRACKS = {"cluster_id": "uuid", "event_ids": "uuid[]", "from_days": "integer[]"}
_MONTH = "date_trunc('month', event_day_on)::date"
# A count, rounded down to its two highest binary digits, so that a late article changes the
# background of few later days.
_ROUNDED = "({0} - {0} % greatest(1, 2 ** (floor(log2(greatest({0}, 1))) - 1))::integer)::integer"
# Round-ups and parts of series, which report no single event.
_FIND_ROUND_UPS = """
create or replace temp table round_ups as
select article_id from article_titles('core.articles')
where title is null or is_series
"""
# One row per day that has begun in the first time zone (UTC+14). The hash contains the version of
# the rules instead of an article's terms, so that no run reads all terms.
_FIND_VERSIONS = """
create or replace temp table versions as
with articles as (
    select
        event_day_on,
        -- hashed twice: DuckDB combines columns by xor, so that equal changes would cancel out
        hash(
            hash(
                getvariable('code'), article_id, story_id, source_key, states.terms,
                round_ups.article_id is null
            )
        ) as version
    from annotations.terms as found
    left join annotations.stories as stories using (article_id)
    left join annotations.articles as states using (article_id)
    left join temp.round_ups as round_ups using (article_id)
    where event_day_on <= timezone('Pacific/Kiritimati', getvariable('as_of'))::date
)

select event_day_on, bit_xor(version) as version
from articles
group by event_day_on
"""
# The finished months with a changed day or without counts.
_FIND_MONTHS = f"""
create or replace temp table months as
with months as (
    select {_MONTH} as month_start_on from temp.days
    union
    select {_MONTH} from temp.versions
    where {_MONTH} not in (select month_start_on from annotations.event_words)
)

select month_start_on, (month_start_on + interval 1 month)::date - 1 as last_on
from months
where month_start_on + interval 1 month <= getvariable('as_of')
"""
# One row per finished month, language and term or mark of two articles: the background of later
# months. Term 0 has the number of all articles.
_COUNT_WORDS = f"""
with articles as (
    select {_MONTH} as month_start_on, language, list_concat(terms, marks) as cells
    from annotations.terms
    where
        {is_within("months", "event_day_on")}
        and {_MONTH} in (select month_start_on from temp.months)
),

-- The lowest three bits of a term are flags; the second states that it is in lower case.
counts as (
    select
        month_start_on,
        language,
        (cell >> 3) << 3 as term,
        count(*)::integer as article_count,
        count(*) filter (where (cell & 2) > 0)::integer as lower_count
    from (select month_start_on, language, unnest(cells) as cell from articles)
    group by all
    having count(*) > 1
)

select
    month_start_on,
    language,
    term,
    {_ROUNDED.format("article_count")} as article_count,
    {_ROUNDED.format("lower_count")} as lower_count
from counts
union all
select month_start_on, language, 0, {_ROUNDED.format("count(*)")}, 0
from articles
group by all
"""
_FIND_CHANGED_WORDS = f"""
create or replace temp table changed_words as
select
    language,
    term,
    (min(month_start_on) + interval 1 month)::date as first_on,
    (max(month_start_on) + interval {BACKGROUND_MONTHS + 1} month)::date - 1 as last_on
from {CHANGED}
group by language, term
"""
_ADD_DAYS_OF_WORDS = f"""
insert into temp.days_to_group
with words as (
    select
        event_day_on,
        language,
        -- Term 0 is the number of all articles, so it belongs to every article.
        unnest(list_concat(terms, marks, [0])) >> 3 << 3 as term
    from annotations.terms
    where {is_within("words", "event_day_on")}
)

select distinct event_day_on
from words
inner join temp.changed_words as changed_words using (language, term)
semi join temp.versions using (event_day_on)
anti join temp.days using (event_day_on)
where event_day_on between first_on and last_on
"""
_READ_WORDS = f"""
select
    language,
    term::bigint as term,
    sum(article_count)::bigint as article_count,
    sum(lower_count)::bigint as lower_count
from annotations.event_words
where
    month_start_on < $month::date
    and month_start_on >= $month::date - interval {BACKGROUND_MONTHS} month
group by all
order by all
"""
_READ_ARTICLES = """
select
    event_day_on::varchar as event_day_on,
    article_id::varchar as article_id,
    publisher_id,
    language,
    story_id::varchar as story_id,
    if(round_ups.article_id is null, terms, []) as terms,
    if(round_ups.article_id is null, marks, []) as marks
from annotations.terms
left join annotations.stories as stories using (article_id)
left join temp.round_ups as round_ups using (article_id)
where {scope}
order by event_day_on, event_at, article_id
"""
_READ_GROUPS = f"""
select
    event_groups.event_day_on - date '1970-01-01',
    cluster_id::varchar,
    language,
    story_ids,
    len(article_ids),
    terms,
    weights,
    event_ids::varchar[],
    from_days
from annotations.event_groups as event_groups
left join annotations.article_events as events on cluster_id = events.article_id
where event_groups.event_day_on >= getvariable('changed_first') - {MEMORY_DAYS}
order by event_groups.event_day_on, cluster_id, language
"""
_FIND_EVENTS = f"""
select
    article_id, event_ids[-1] as event_id, similarity, event_day_on, event_ids, from_days
from (
    select
        cluster_id,
        event_day_on,
        unnest(article_ids) as article_id,
        unnest(similarities) as similarity
    from annotations.event_groups
    where event_day_on >= getvariable('changed_first') - {MEMORY_DAYS}
) as members
inner join temp.tracks as tracks using (cluster_id)
"""


def group_events(
    con: Connection, as_of: dt.datetime, progress: Callable[[str, int, int], None]
) -> int:
    """Find the events of changed days again, and return the number of days whose articles were
    grouped. The caller began a transaction.
    """
    con.execute(f"set variable code = '{source_version('stages.events')}'")
    con.execute(f"set variable as_of = timestamptz '{as_of.isoformat()}'")
    con.execute(_FIND_ROUND_UPS)
    con.execute(_FIND_VERSIONS)
    write_differences(con, "annotations.event_days", "from temp.versions", "event_day_on")
    con.execute(f"create or replace temp table days as select distinct event_day_on from {CHANGED}")
    _find_days_to_group(con)
    days = _group_days(con, progress)
    [(first, last)] = con.execute(
        "select min(event_day_on), max(event_day_on) from temp.changed_days"
    ).fetchall()
    if first:
        _track(con, first, last)
    return days


def _find_days_to_group(con: Connection) -> None:
    """Write the table ``days_to_group``: the changed days, and the days of the next twelve months
    with articles that contain a word whose count in a past month changed.
    """
    con.execute("create or replace temp table days_to_group as from temp.days")
    con.execute(_FIND_MONTHS)
    if not has_rows(con, "temp.months"):
        return
    set_range(con, "months", "temp.months", "month_start_on", "last_on")
    scope = "month_start_on in (select month_start_on from temp.months)"
    keys = "month_start_on, language, term"
    if write_differences(con, "annotations.event_words", _COUNT_WORDS, keys, scope=scope):
        con.execute(_FIND_CHANGED_WORDS)
        set_range(con, "words", "temp.changed_words", "first_on", "last_on")
        con.execute(_ADD_DAYS_OF_WORDS)


def _group_days(con: Connection, progress: Callable[[str, int, int], None]) -> int:
    """Group the articles of each of the ``days_to_group``, month by month, and return the number of
    these days. Write the table ``changed_days``: the days whose articles or groups changed.

    A group is the articles of one day and language that report the same event; groups of several
    languages share a cluster.
    """
    con.execute("create or replace temp table changed_days as from temp.days")
    months = con.execute(
        f"select {_MONTH}, min(event_day_on), max(event_day_on), count(*) from temp.days_to_group"
        " group by all order by all"
    ).fetchall()
    total, done = sum(int(count) for *_, count in months), 0
    order = "event_day_on, group_id"
    all_types = column_types(con, "annotations.event_groups")
    names = ("event_day_on", "group_id", *EventGroup._fields)
    types = {name: all_types[name] for name in names}
    for month, first, last, count in months:
        scope = (
            f"event_day_on between '{first}' and '{last}'"
            " and event_day_on in (select event_day_on from temp.days_to_group)"
        )
        known = _read_background(con, month)
        rows = [
            (day, group.article_ids[0], *group)
            for day, articles in _read_days(con, scope)
            for group in group_day(articles, known)
        ]
        load_rows(con, "found", rows, types)
        found = "from temp.found"
        if write_differences(
            con, "annotations.event_groups", found, "group_id", scope=scope, order_by=order
        ):
            con.execute(f"insert into temp.changed_days select event_day_on from {CHANGED}")
        done += int(count)
        progress("grouping", done, total)
    return total


def _read_background(con: Connection, month: dt.date) -> dict[str, KnownWords]:
    """Return the words of the twelve months before a month, by language."""
    words = con.execute(_READ_WORDS, {"month": month}).fetchnumpy()
    languages, starts = np.unique(words["language"].astype(str), return_index=True)
    names = ("term", "article_count", "lower_count")
    parts = (np.split(words[name], starts[1:]) for name in names)
    # Term 0 is the first of each language. Without languages, np.split returns one empty part.
    return {
        str(language): KnownWords(int(counts[0]), terms[1:], counts[1:], lowers[1:])
        for language, terms, counts, lowers in zip(languages, *parts, strict=False)
    }


def _read_days(con: Connection, scope: str) -> Iterator[tuple[str, list[EventArticle]]]:
    """Yield each day of a scope with its articles in order of time."""
    # fetchnumpy returns each list of numbers as an array
    columns = con.execute(_READ_ARTICLES.format(scope=scope)).fetchnumpy().values()
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for day, items in groupby(rows, itemgetter(0)):
        yield day, [EventArticle(*cells) for _, *cells in items]


def _track(con: Connection, first: dt.date, last: dt.date) -> None:
    """Assign the groups from the first changed day on to events, which earlier events may join."""
    con.execute(f"set variable changed_first = date '{first}'")
    rows = con.execute(_READ_GROUPS)
    groups = (
        DayGroup._make(
            (
                *cells,
                np.array(terms, np.uint32),
                np.array(weights, np.float32),
                Track(tuple(event_ids), tuple(from_days)) if event_ids else None,
            )
        )
        for batch in iter(lambda: rows.fetchmany(READ), [])
        for *cells, terms, weights, event_ids, from_days in batch
    )
    tracks = track_events(groups, (first - _EPOCH).days, (last - _EPOCH).days)
    load_rows(con, "tracks", [(cluster, *track) for cluster, track in tracks.items()], _TRACKS)
    scope = f"event_day_on >= date '{first}' - {MEMORY_DAYS}"
    order = "event_day_on, event_id, article_id"
    write_differences(
        con, "annotations.article_events", _FIND_EVENTS, "article_id", scope=scope, order_by=order
    )
