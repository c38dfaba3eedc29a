"""Clean captures: convert each to an article and its revisions, or to a named outcome."""

from __future__ import annotations

import functools
import math
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from tidings.base.batches import batches
from tidings.base.budget import Ledger, deferred_line
from tidings.base.languages.plural import counted, listed
from tidings.base.owners import Owners, zone_of
from tidings.base.records import (
    Article,
    ArticleRevision,
    Capture,
    Extraction,
    Feed,
    FeedEntry,
    Publisher,
)
from tidings.base.urls import article_key
from tidings.extraction import (
    Cleaned,
    ExtractionRule,
    Hint,
    Page,
    Unclean,
    clean_batch,
    read_rules,
    rules_version,
)
from tidings.extraction.normalise import Source, article_url, normalise
from tidings.fetch.feed.entry import DateQuality
from tidings.fetch.window import Window
from tidings.stages.forget import forget_again
from tidings.stages.run import Run, Spread
from tidings.storage import pending
from tidings.storage.archive import ArchiveError, read_body
from tidings.storage.file_store import Store
from tidings.storage.forget import FORGOTTEN
from tidings.storage.lake import Connection
from tidings.storage.load import merge, read_by_key, read_column
from tidings.storage.pending import StoredPage
from tidings.storage.reference import read_seed
from tidings.storage.writer_lock import retry_on_conflict

CHUNK = 250  # pages per task of a cluster, which starts a guarded process in two seconds
Results = Iterator[tuple[Page, StoredPage, Cleaned | Unclean]]


def clean_chunk(
    archive: Store, chunk: Sequence[tuple[Page, StoredPage]], ledger: Ledger
) -> tuple[list[tuple[Page, StoredPage, Cleaned | Unclean]], Counter[str]]:
    """Return the results of a chunk on a cluster worker, and the CPU seconds of its sources."""
    before = ledger.spent.copy()
    return list(clean_pages(archive, chunk, 1, ledger)), ledger.spent - before


def clean_pages(
    archive: Store,
    waiting: Sequence[tuple[Page, StoredPage]],
    workers: int,
    ledger: Ledger,
    *,
    log: Callable[[str], None] = lambda _text: None,
    spread: Spread | None = None,
) -> Results:
    """Yield each page with its cleaning result, in order, cleaned here or on a cluster.

    Pages arrive without their bodies, which the archive stores. An unreadable body is Unclean with
    the outcome archive_damaged. Pages of a source that has used up its seconds are omitted.
    """
    if spread:
        chunks = ((archive, chunk, ledger) for chunk in batches(waiting, CHUNK))
        for results, spent in spread(clean_chunk, chunks, workers):
            ledger.spent.update(spent)
            yield from results
        return
    drawn: deque[tuple[Page, StoredPage, str]] = deque()

    def bodies() -> Iterator[Page]:
        for page, stored in waiting:
            if ledger.is_used_up(stored.source):
                continue
            body, document, damage = b"", None, ""
            try:
                body = read_body(archive, *stored.place)
                if stored.document:
                    document = read_body(archive, *stored.document.place)
            except ArchiveError as error:
                damage = str(error)
            drawn.append((page, stored, damage))
            yield replace(page, body=body, document=document)

    for _, result in clean_batch(bodies(), workers, log=log):
        page, stored, damage = drawn.popleft()
        ledger.take(stored.source, result.seconds)
        yield page, stored, Unclean("archive_damaged", damage) if damage else result.found


BATCH = 1000  # captures per transaction
MAX_NAMED = 5  # domains in a message
ORPHANS = """
    select a.article_id from core.articles as a inner join core.extractions as e using (capture_id)
    where e.article_id is distinct from a.article_id
    and a.article_id not in (select article_id from core.extractions where article_id is not null)
"""
FOREIGN = Unclean(
    pending.FOREIGN_TEXT,
    "A feed contained this text for another publisher's page, so Tidings fetches the page instead.",
)
MAX_CHARACTERS = 8_000_000  # maximum text per transaction


class _Result(NamedTuple):
    """A cleaned page. ``url`` identifies its article, and is empty without one."""

    page: Page
    result: Cleaned | Unclean
    stored: StoredPage
    source: Source
    url: str


@dataclass(frozen=True, slots=True)
class CleaningInputs:
    """Rules, publishers, sources, and the entries of each URL, newest first."""

    rules: tuple[ExtractionRule, ...]
    publishers: Mapping[str, Publisher]
    owners: Owners
    feeds: Mapping[str | None, Feed]
    entries: Mapping[str, Sequence[FeedEntry]]

    def publisher_of(self, url: str, capture: Capture) -> str:
        """Return the owner of a URL on the day of a capture."""
        return self.owners.publisher_of(
            url, capture.fetched_at.date(), self.feeds.get(capture.feed_id)
        )

    def source_of(self, page: Page, stored: StoredPage) -> Source:
        """Return the publisher of a stored page, and other facts about the page."""
        capture, document = stored.capture, stored.document
        publisher_of = functools.partial(self.publisher_of, capture=capture)
        publisher_id = publisher_of(page.final_url)
        first_seen = min(
            (entry.first_seen_at for entry in self.entries_by(publisher_id, capture)), default=None
        )
        document_id = document.capture.capture_id if document else None
        return Source(
            publisher_id, first_seen, rules_version(page.rules), publisher_of, document_id
        )

    def entries_by(self, publisher_id: str, capture: Capture) -> list[FeedEntry]:
        """Return the entries for a capture's URL from the publisher's own feeds, newest first."""
        entries = self.entries.get(capture.url, ())
        return [
            entry for entry in entries if self.feeds[entry.feed_id].publisher_id == publisher_id
        ]


def read_inputs(
    con: Connection, rules: tuple[ExtractionRule, ...], urls: Sequence[str]
) -> CleaningInputs:
    """Return the inputs for the captures of these URLs."""
    publishers = read_by_key(con, Publisher)
    return CleaningInputs(
        rules,
        publishers,
        Owners(publishers.values()),
        read_by_key(con, Feed),
        pending.entry_hints(con, urls),
    )


def clean(run: Run) -> Counter[str]:
    """Clean the waiting captures and count the outcomes. The captures of a source that has used up
    its seconds wait. Raises OSError if the archive is unreachable.
    """
    outcomes, unowned = Counter[str](), Counter[str]()
    ledger = Ledger(run.budget.clean_seconds)
    with run.reading() as con:
        total = sum(pending.count_uncleaned(con, run.now).values())
    while total:
        with run.reading() as con:
            waiting = pending.uncleaned_captures(con, BATCH, run.now, without=ledger.used_up)
        if not waiting:
            break
        unowned += _clean_and_write(run, waiting, outcomes, total, ledger)
    forget_again(run)
    _log_outcomes(run, outcomes, unowned)
    if ledger.used_up:
        with run.reading() as con:
            deferred = pending.count_uncleaned(con, run.now)
        for source, count in deferred.items():
            run.log(deferred_line(count, source, f"cleaning used its {ledger.limit:g} s"))
    return outcomes


def reprocess(run: Run, publisher_ids: Sequence[str], window: Window) -> Counter[str]:
    """Clean the stored captures of a window again with the current rules, without budgets, and
    count the outcomes. An article that its capture no longer produces is removed.
    """
    outcomes, unowned = Counter[str](), Counter[str]()
    with run.reading() as con:
        waiting = pending.captures_in_window(con, publisher_ids, window.start, window.end)
    for batch in batches(waiting, BATCH):
        unowned += _clean_and_write(run, batch, outcomes, len(waiting), Ledger(math.inf))
    forget_again(run)
    if orphans := _drop_orphans(run):
        run.log(f"removed {counted(orphans, 'article')} that no capture produces any more")
    _log_outcomes(run, outcomes, unowned)
    return outcomes


@retry_on_conflict
def _drop_orphans(run: Run) -> int:
    """Delete articles that no capture produces any more, and return their number."""
    with run.writing() as con:
        ids = read_column(con, ORPHANS)
        for table in ("core.article_revisions", "core.articles") if ids else ():
            con.execute(
                f"delete from {table} where article_id in (select unnest($ids))", {"ids": ids}
            )
        return len(ids)


def _log_outcomes(run: Run, outcomes: Counter[str], unowned: Counter[str]) -> None:
    parts = [
        counted(count, name) if name == "article" else f"{count:,} {name}"
        for name, count in outcomes.most_common()
    ]
    run.log(f"cleaned: {', '.join(parts) or 'no page was waiting'}")
    if unowned:
        named = listed([f"{domain} {count}" for domain, count in unowned.most_common()], MAX_NAMED)
        run.log(
            f"articles on domains without a known publisher count for no outlet: {named}."
            " To count a domain, add it to the column domains of its publisher or feed."
        )


def _clean_and_write(
    run: Run, waiting: Sequence[StoredPage], outcomes: Counter[str], total: int, ledger: Ledger
) -> Counter[str]:
    """Clean captures, write their rows whenever the texts exceed MAX_CHARACTERS, and return the
    number of articles by domain without a known publisher.
    """
    rules = read_rules(read_seed("extraction_rules", run.settings.seeds))
    with run.reading() as con:
        inputs = read_inputs(con, rules, [stored.capture.url for stored in waiting])
    pages = [(page_of(stored.capture, inputs), stored) for stored in waiting]
    owners: Counter[str] = Counter()

    def results() -> Iterator[_Result]:
        for page, stored, extracted in clean_pages(
            run.lake.raw, pages, run.settings.workers, ledger, log=run.log, spread=run.spread
        ):
            result = _result_of(stored.capture, extracted, inputs)
            source, url = inputs.source_of(page, stored), ""
            if isinstance(result, Unclean):
                outcomes[result.outcome] += 1
            else:
                url = article_url(page, result, source.publisher_of)
                outcomes["shortened" if result.shortened else "article"] += 1
                owners[inputs.publisher_of(page.final_url, stored.capture)] += 1
            run.progress("cleaning", outcomes.total(), total)
            yield _Result(page, result, stored, source, url)

    for batch in batches(results(), BATCH, _count_characters, MAX_CHARACTERS):
        _write(run, batch)
    return Counter(
        {owner: count for owner, count in owners.items() if owner not in inputs.publishers}
    )


def _count_characters(item: _Result) -> int:
    return 0 if isinstance(item.result, Unclean) else sum(map(len, item.result.paragraphs))


def _result_of(
    capture: Capture, extracted: Cleaned | Unclean, inputs: CleaningInputs
) -> Cleaned | Unclean:
    """Return the result; a summary in place of a reserved page counts, whatever its length."""
    feed = inputs.feeds.get(capture.feed_id)
    is_own = feed is None or inputs.publisher_of(capture.url, capture) == feed.publisher_id
    if capture.kind == "entry" and not is_own:  # stored by an older version
        return FOREIGN
    if capture.is_summary and isinstance(extracted, Cleaned):
        return replace(extracted, extractor="summary", excluded_reason=None)
    return extracted


def page_of(capture: Capture, inputs: CleaningInputs) -> Page:
    """Return a capture's page without its body, with a hint of its publisher's feeds."""
    publisher_id = inputs.publisher_of(capture.page_url, capture)
    entry = next(iter(inputs.entries_by(publisher_id, capture)), None)
    return Page(
        url=capture.url,
        final_url=capture.page_url,
        body=b"",
        content_type=capture.content_type,
        fetched_at=capture.fetched_at,
        zone=zone_of(inputs.publishers, publisher_id),
        rules=tuple(rule for rule in inputs.rules if rule.publisher_id == publisher_id),
        hint=_hint(entry) if entry else Hint(),
        kind="entry" if capture.kind == "entry" else "page",
    )


def _hint(entry: FeedEntry) -> Hint:
    is_dated = DateQuality(entry.date_quality).is_read
    return Hint(
        title=entry.title,
        published_at=entry.published_at if is_dated else None,
        authors=tuple(entry.authors),
        language=entry.language,
        summary=entry.summary,
    )


@retry_on_conflict
def _write(run: Run, cleaned: Sequence[_Result]) -> None:
    extractions: list[Extraction] = []
    revisions: list[ArticleRevision | None] = []
    articles: dict[object, Article] = {}
    with run.writing() as con:
        keys = [item.url and article_key(item.url) for item in cleaned]
        ids = {"ids": [str(key) for key in keys if key]}
        where = "article_id in (select unnest($ids::uuid[]))"
        current = read_by_key(con, Article, where, ids)
        forgotten = set(read_column(con, "select article_id from raw.forgotten"))
        for (page, result, stored, source, _), key in zip(cleaned, keys, strict=True):
            checked = Unclean("forgotten", FORGOTTEN) if key in forgotten else result
            extraction, article, revision = normalise(
                page, checked, stored.capture, source, current.get(key), now=run.now
            )
            extractions.append(extraction)
            revisions.append(revision)
            if article:
                articles[key] = current[key] = article
        for batch in (articles.values(), filter(None, revisions), extractions):
            merge(con, batch)
