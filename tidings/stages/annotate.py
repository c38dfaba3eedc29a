"""Annotate articles: find mentions, statements, terms, word sequences and passages in their texts.

``annotations.articles`` has, for each article and kind of row, the version of the rules that found
them. A night annotates new and changed articles, and searches the others for changed phrases;
``tidings backfill --mode retag`` annotates articles again whose rows have older rules.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from tidings.annotation.annotate import KINDS, Annotator, ArticleText, Lists, rule_versions
from tidings.annotation.matching import Matcher
from tidings.annotation.phrases import Phrase
from tidings.annotation.udf import PHRASE_COLUMNS, read_lists
from tidings.base.batches import batches
from tidings.base.guarded_pool import Failure, Work, apply_guarded
from tidings.base.languages.plural import counted
from tidings.base.load_rows import load_rows
from tidings.fetch.window import Window
from tidings.paths import TRANSFORMS
from tidings.stages.page_checks import COUNTED_TEXT, COUNTED_TITLE, check_pages
from tidings.stages.run import Run, Spread
from tidings.storage.lake import Connection, open_lake, transaction
from tidings.storage.load import (
    column_types,
    count_rows,
    has_rows,
    is_within,
    set_range,
    write_differences,
)

Results = Iterator[dict[str, list[Any]] | Failure]
# the ID, the outcome and the rows of an article
_Result = tuple[str, str, dict[str, list[Any]]]
Apply = Callable[[Iterable[ArticleText], Lists, int], Results]

BATCH = 5_000  # articles per transaction
MAX_ROWS = 200_000  # rows from which a transaction has fewer articles
READ = 500  # texts in memory at a time, besides those in the workers
CHUNK = 500  # articles per task of a cluster, which starts a guarded process
MAX_CHARACTERS = 2_000_000  # from which a chunk has fewer articles
PER_WORKER = 200  # articles that are worth the start of another worker
CPU_SECONDS = 20.0  # per article; a text of usual length takes milliseconds
MEMORY_MB = 512  # per article in addition to the lists
SEQUENCE_DAYS = dt.timedelta(393)  # as candidates_earliest in macros/candidates.sql
OK, EXCLUDED = "ok", "excluded"  # outcomes; others are those of guarded_pool.py
# Columns of the article that rows repeat, by kind.
_ARTICLE = {
    "mentions": "publisher_id, published_on, language",
    "statements": "publisher_id, published_on, language",
    "terms": (
        "published_on as event_day_on, coalesce(published_at, first_seen_at) as event_at,"
        " publisher_id, coalesce(primary_language, '') as language"
    ),
    "sequences": "published_on, primary_language as language",
    "passages": "coalesce(published_on, first_seen_at::date) as seen_on",
}
SNIPPET = (
    "snippet(snippet, least(start_offset, 81), least(start_offset, 81) + end_offset - start_offset)"
)
SOURCE_KEY = (
    "xor(hash(content_hash, language, published_on, published_at, publisher_id, excluded_reason,"
    " translation_key, extraction_confidence, extraction_doubt),"
    " if(repeated_paragraphs is null, 0::ubigint, hash(repeated_paragraphs)))"
)
_STATE = {"article_id": "uuid", "outcome": "varchar"}
# Columns of the rows that annotation returns, by kind.
_GIVEN = {
    "mentions": "field phrase_id theme_id start_offset end_offset snippet",
    "statements": (
        "speaker_name speaker_kind speaker_gender person_id office verb start_offset end_offset"
        " speaker_start speaker_end sentence"
    ),
    "terms": "terms marks text_kind",
    "sequences": "key phrase verbs is_headed is_quoted",
    "passages": "mark",
}
_EXCERPTS = TRANSFORMS / "formulas" / "texts.sql"


class Annotated(NamedTuple):
    """Articles by outcome, rows by kind, and the number of articles with rows of older rules."""

    outcomes: Counter[str]
    rows: Counter[str]
    older: int


def annotate(run: Run, retagged: Window | None = None) -> Annotated:
    """Annotate the articles that need it, also those of the days ``retagged`` with rows of older
    rules. The caller holds the writer lock. Raises OSError if no worker process can start.
    """
    with open_lake(run.lake) as con:
        apply = functools.partial(
            _apply, workers=run.settings.workers, log=run.log, spread=run.spread
        )
        annotated = annotate_articles(con, apply, run.now.date(), retagged, run.progress)
    outcomes, rows, older = annotated
    parts = [f"{count:,} {name}" for name, count in outcomes.items() if name != OK]
    found = [f"{rows[kind]:,} {kind}" for kind in ("mentions", "statements")]
    run.log(
        f"annotated: {counted(outcomes.total(), 'article')}, {', '.join([*found, *parts])}"
        if outcomes
        else "annotated: no article was waiting"
    )
    if older:
        run.log(
            f"{counted(older, 'article')} {'has' if older == 1 else 'have'} rows of older rules."
            " To find them again: tidings backfill --mode retag"
        )
    return annotated


def annotate_articles(
    con: Connection,
    apply: Apply,
    today: dt.date,
    retagged: Window | None = None,
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None,
) -> Annotated:
    """Annotate the articles of a lake that need it, one transaction per batch: ``con`` has none.

    ``apply`` yields the rows of articles, in order. Word sequences are found in the articles of the
    last 393 days before ``today``, the run's day. ``progress`` receives the stage's name, the
    number of finished articles and their total.
    """
    outcomes: Counter[str] = Counter()
    check_pages(con)
    lists = read_lists(con)
    if not has_rows(con, "annotations.articles"):
        _store_phrases(con)  # no article has other phrases, even if this run is interrupted
    columns = ", ".join(PHRASE_COLUMNS)
    before = con.execute(f"select {columns} from annotations.phrases").fetchall()
    changed = set(before) ^ set(lists.phrases)  # as they were and are
    _find_matching(con, [Phrase(*row) for row in changed])
    versions = rule_versions(lists)
    versions["mentions"] += hashlib.sha256(_EXCERPTS.read_bytes()).hexdigest()[:4]
    _drop_gone(con)
    total = _find_waiting(con, versions, today, retagged)
    drawn: deque[ArticleText] = deque()

    def results() -> Iterator[_Result]:
        for result in apply(_read_texts(con, total, drawn), lists, total) if total else ():
            outcome, found = (result.outcome, {}) if isinstance(result, Failure) else (OK, result)
            outcomes[outcome] += 1
            progress("annotating", outcomes.total(), total)
            yield drawn.popleft().article_id, outcome, found

    rows: Counter[str] = Counter()
    for batch in batches(
        results(), BATCH, lambda result: sum(map(len, result[2].values())), MAX_ROWS
    ):
        rows += _write(con, batch, versions)
    if changed:
        _store_phrases(con)
    return Annotated(outcomes, rows, _count_older(con, versions, today))


def _apply(
    texts: Iterable[ArticleText],
    lists: Lists,
    total: int,
    *,
    workers: int,
    log: Callable[[str], None] = lambda _text: None,
    spread: Spread | None = None,
) -> Results:
    """Yield the rows of each article, found in guarded processes, here or on a cluster."""
    if spread and total > CHUNK:
        chunks = ((lists, chunk) for chunk in batches(texts, CHUNK, _size, MAX_CHARACTERS))
        for results in spread(annotate_chunk, chunks, workers):
            yield from results
        return
    start = functools.partial(_start, lists)
    work = Work(
        start,
        "Annotation",
        "annotating",
        lambda text: f"article {text.article_id} ({_size(text):,} characters)",
        _size,
        CPU_SECONDS,
        MEMORY_MB,
    )
    for result in apply_guarded(texts, work, min(workers, 1 + total // PER_WORKER), log):
        yield result.found


def annotate_chunk(lists: Lists, texts: Sequence[ArticleText]) -> list[dict[str, Any] | Failure]:
    """Return the rows of a chunk's articles on a cluster worker, one at a time."""
    return list(_apply(texts, lists, len(texts), workers=1))


def _start(lists: Lists) -> Callable[[ArticleText], dict[str, list[Any]]]:
    return Annotator(lists).annotate


def _size(text: ArticleText) -> int:
    return len(text.title) + len(text.body)


def _store_phrases(con: Connection) -> None:
    with transaction(con):
        write_differences(con, "annotations.phrases", "from ref.theme_phrases", "phrase_id")


def _drop_gone(con: Connection) -> None:
    gone = "article_id not in (select article_id from core.articles)"
    if has_rows(con, f"annotations.articles where {gone}"):
        with transaction(con):
            for table in ("articles", *KINDS):
                con.execute(f"delete from annotations.{table} where {gone}")


def _find_matching(con: Connection, changed: Sequence[Phrase]) -> None:
    """Write ``temp.matching``, the articles that contain the letters of a changed phrase. They are
    few, and so fast to find that no worker process starts for the others. A text on which the
    search fails is among them, because workers name the outcome and go on.
    """
    matcher = Matcher(changed)

    def contains(title: str | None, body: str, language: str | None) -> bool:
        return any(matcher.contains_phrase(text or "", language) for text in (title, body))

    name, types = "contains_changed_phrase", ["varchar"] * 3
    handling = {"null_handling": "special", "exception_handling": "return_null"}
    options: Any = {"parameters": types, "return_type": "boolean", **handling}
    con.create_function(name, contains, **options)
    con.execute(
        "create or replace temp table matching as select article_id from core.articles"
        f" where {bool(changed)} and excluded_reason is null"
        " and (language is null or list_contains($languages, primary_language(language)))"
        f" and {name}({COUNTED_TITLE}, {COUNTED_TEXT}, language) is distinct from false",
        {"languages": list(matcher.languages)},
    )
    con.remove_function(name)


def _find_waiting(
    con: Connection,
    versions: Mapping[str, str],
    today: dt.date,
    retagged: Window | None,
) -> int:
    """Write ``temp.waiting``, one row per article to annotate, and return their number."""
    older = ", ".join(f"if(states.{kind} = ${kind}, null, '{kind}')" for kind in KINDS)
    con.execute(
        f"""
        create or replace temp table waiting as
        with articles as (
            select
                article_id,
                {SOURCE_KEY} as source_key,
                published_on,
                first_seen_at,
                excluded_reason is not null as is_excluded,
                primary_language(language) as primary_language
            from core.articles
        ),

        found as (
            select
                articles.*,
                states.article_id is not null as is_known,
                case
                    when states.source_key is distinct from articles.source_key then {list(KINDS)}
                    when published_on is null and $start::date is not null
                    or published_on between $start::date and $end::date
                        then list_filter([{older}], lambda kind: kind is not null)
                    else []
                end as outdated,
                if(
                    matching.article_id is null or list_contains(outdated, 'mentions'),
                    outdated,
                    list_append(outdated, 'mentions')
                ) as kinds
            from articles
            left join annotations.articles as states on articles.article_id = states.article_id
            left join temp.matching as matching on articles.article_id = matching.article_id
        )

        select
            * exclude (outdated, kinds),
            list_filter(kinds, lambda kind: kind != 'sequences' or published_on > $earliest)
                as kinds,
            row_number() over (order by first_seen_at, article_id) as number
        from found
        where len(kinds) > 0
        """,
        {
            **versions,
            "start": retagged and retagged.start,
            "end": retagged and retagged.end,
            "earliest": today - SEQUENCE_DAYS,
        },
    )
    return count_rows(con, "select count(*) from temp.waiting")


def _read_texts(con: Connection, total: int, drawn: deque[ArticleText]) -> Iterator[ArticleText]:
    """Yield the waiting articles by first sighting, and append each without texts to ``drawn``. An
    excluded article has no text, so that it has no rows; repeated paragraphs are blank.
    """
    for start in range(1, total + 1, READ):
        batch = f"(from temp.waiting where number between {start} and {start + READ - 1})"
        set_range(con, "batch", batch, "first_seen_at")
        rows = con.execute(
            f"""
            select
                waiting.article_id::varchar,
                if(is_excluded, '', {COUNTED_TITLE}),
                if(is_excluded, '', {COUNTED_TEXT}),
                articles.language,
                if(is_excluded, null, articles.published_on),
                waiting.kinds
            from core.articles as articles
            inner join {batch} as waiting on articles.article_id = waiting.article_id
            where {is_within("batch", "articles.first_seen_at")}
            order by waiting.number
            """
        ).fetchall()
        for article_id, title, body, language, day, kinds in rows:
            text = ArticleText(article_id, title or "", body or "", language, day, tuple(kinds))
            drawn.append(text._replace(title="", body=""))
            yield text


def _write(
    con: Connection,
    batch: Sequence[_Result],
    versions: Mapping[str, str],
) -> Counter[str]:
    """Write the rows of a batch, and return their number by kind."""
    load_rows(con, "batch_states", map(itemgetter(0, 1), batch), _STATE)
    rows = {
        kind: [(article_id, *row) for article_id, _, found in batch for row in found.get(kind, ())]
        for kind in KINDS
    }
    con.execute(
        """
        create or replace temp table batch as
        select states.*, waiting.is_known, waiting.kinds,
            waiting.source_key, waiting.is_excluded, articles.publisher_id, articles.published_on,
            articles.published_at, articles.first_seen_at, articles.language,
            waiting.primary_language
        from temp.batch_states as states
        inner join temp.waiting as waiting on states.article_id = waiting.article_id
        inner join core.articles as articles on waiting.article_id = articles.article_id
        """
    )
    kinds = ", ".join(
        f"if('{kind}' in kinds, '{versions[kind]}', states.{kind}) as {kind}" for kind in KINDS
    )
    states = f"""
        select batch.article_id, batch.source_key,
            if(batch.is_excluded, '{EXCLUDED}', batch.outcome) as outcome, {kinds}
        from temp.batch as batch
        left join annotations.articles as states on batch.article_id = states.article_id
    """
    scope = "article_id in (select article_id from temp.batch)"
    with transaction(con):
        for kind in KINDS:
            con.execute(
                f"delete from annotations.{kind} where article_id in"
                f" (select article_id from temp.batch where is_known and '{kind}' in kinds)"
            )
            if rows[kind]:
                _insert(con, kind, rows[kind])
        write_differences(con, "annotations.articles", states, "article_id", scope=scope)
    return Counter({kind: len(found) for kind, found in rows.items()})


def _insert(con: Connection, kind: str, rows: Sequence[Any]) -> None:
    types, names = column_types(con, f"annotations.{kind}"), _GIVEN[kind].split()
    given = ", ".join(names).replace("snippet", f"{SNIPPET} as snippet")
    load_rows(con, "batch_rows", rows, {name: types[name] for name in ("article_id", *names)})
    con.execute(
        f"insert into annotations.{kind} by name"
        f" select batch.article_id, {given}, {_ARTICLE[kind]} from temp.batch_rows"
        " inner join temp.batch as batch on batch_rows.article_id = batch.article_id"
        " order by all"
    )


def _count_older(con: Connection, versions: Mapping[str, str], today: dt.date) -> int:
    """Return the number of articles with rows that a retag would replace."""
    differs = {kind: f"{kind} != '{versions[kind]}'" for kind in KINDS}
    differs["sequences"] += " and published_on > $earliest"
    return count_rows(
        con,
        "select count(*) from annotations.articles inner join core.articles using (article_id)"
        f" where outcome != '{EXCLUDED}' and ({' or '.join(differs.values())})",
        {"earliest": today - SEQUENCE_DAYS},
    )
