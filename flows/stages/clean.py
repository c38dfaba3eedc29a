"""Cleaning: captures without an extraction become articles and revisions, or a named outcome."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.stages.forgotten import forget_again, unclean_forgotten
from flows.steps.clean import Hint, Page, Unclean, read_rules, rules_version
from flows.steps.identity import article_key
from flows.steps.normalise import Source, article_url, normalise
from warehouse import work
from warehouse.conflicts import again_on_conflict
from warehouse.lake import opened, transaction, writing
from warehouse.load import merge
from warehouse.reference import read_seed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flows.stages.run import Run
    from flows.steps.clean import Cleaned, ExtractionRule
    from flows.steps.window import Window
    from warehouse.records import Article, ArticleRevision, Capture, Extraction, FeedEntry, Publisher
    from warehouse.work import Stored

BATCH = 1000  # captures written together


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What cleaning knows beside the bytes: rules, publishers, and what entries told of each address."""

    rules: tuple[ExtractionRule, ...]
    publishers: Mapping[str, Publisher]
    entries: Mapping[str, FeedEntry]


def clean(run: Run) -> Counter[str]:
    """Clean the captures that wait and return how many came to which outcome. Raises OSError when the archive is out of reach."""
    outcomes: Counter[str] = Counter()
    with opened(run.lake, read_only=True) as con:
        total = work.count_uncleaned(con, run.now)
    while True:
        with opened(run.lake, read_only=True) as con:
            waiting = work.uncleaned_captures(con, BATCH, run.now)
        if not waiting:
            break
        _clean_and_write(run, waiting, outcomes, total)
    forget_again(run)
    _tell(run, outcomes)
    return outcomes


def reprocess(run: Run, publisher_ids: Sequence[str], window: Window) -> Counter[str]:
    """Clean the stored captures of a window again with today's rules and return how many came to which outcome.

    Nothing is fetched. An article that its capture no longer makes, because a rule now says otherwise, goes.
    """
    outcomes: Counter[str] = Counter()
    with opened(run.lake, read_only=True) as con:
        waiting = work.captures_in_window(con, publisher_ids, window.start, window.end)
    for start in range(0, len(waiting), BATCH):
        _clean_and_write(run, waiting[start : start + BATCH], outcomes, len(waiting))
    forget_again(run)
    if gone := _drop_orphans(run):
        run.tell(f"{gone} articles went, whose captures make other articles now or none")
    _tell(run, outcomes)
    return outcomes


@again_on_conflict
def _drop_orphans(run: Run) -> int:
    with writing(run.lake, tell=run.tell), opened(run.lake) as con, transaction(con):
        return work.drop_orphans(con)


def _tell(run: Run, outcomes: Counter[str]) -> None:
    if outcomes:
        run.tell("cleaned: " + ", ".join(f"{count} {name}" for name, count in outcomes.most_common()))


def _clean_and_write(run: Run, waiting: Sequence[Stored], outcomes: Counter[str], total: int) -> None:
    rules = read_rules(read_seed("extraction_rules", run.settings.seeds, ("rule_id",)))
    with opened(run.lake, read_only=True) as con:
        entries = work.entry_hints(con, [stored.capture.url for stored in waiting])
        knowledge = Knowledge(rules, work.publishers(con), entries)
    _write(run, list(_clean_batch(run, waiting, knowledge, outcomes, total)), knowledge)


def _clean_batch(
    run: Run, waiting: Sequence[Stored], knowledge: Knowledge, outcomes: Counter[str], total: int
) -> Iterator[tuple[Page, Cleaned | Unclean, Capture]]:
    pages = [(page_of(stored.capture, knowledge), stored) for stored in waiting]
    for (page, stored), found in zip(pages, run.cleaner(run.lake.raw, pages, run.settings.workers), strict=True):
        outcomes["article" if not isinstance(found, Unclean) else found.outcome] += 1
        run.progress("cleaning", outcomes.total(), total)
        yield page, found, stored.capture


def page_of(capture: Capture, knowledge: Knowledge) -> Page:
    """Return a capture's page, whose body is still to be read."""
    publisher = knowledge.publishers.get(capture.publisher_id or "")
    entry = knowledge.entries.get(capture.url)
    return Page(
        url=capture.url,
        final_url=capture.final_url or capture.url,
        body=b"",
        content_type=capture.content_type,
        fetched_at=capture.fetched_at,
        zone=publisher.time_zone if publisher else "UTC",
        rules=tuple(rule for rule in knowledge.rules if rule.publisher_id == capture.publisher_id),
        hint=_hint(entry) if entry else Hint(),
        kind="entry" if capture.kind == "entry" else "page",
    )


def _hint(entry: FeedEntry) -> Hint:
    is_dated = entry.date_quality in {"exact", "zone_assumed", "day_only"}
    return Hint(
        title=entry.title,
        published_at=entry.published_at if is_dated else None,
        authors=tuple(entry.authors),
        language=entry.language,
        summary=entry.summary,
    )


@again_on_conflict
def _write(run: Run, cleaned: Sequence[tuple[Page, Cleaned | Unclean, Capture]], knowledge: Knowledge) -> None:
    """Write a batch's rows in one transaction; captures of one article follow each other in the order they were made."""
    keys = {str(article_key(article_url(page, found))) for page, found, _ in cleaned if not isinstance(found, Unclean)}
    extractions: list[Extraction] = []
    revisions: list[ArticleRevision] = []
    articles: dict[str, Article] = {}
    with writing(run.lake, tell=run.tell), opened(run.lake) as con, transaction(con):
        standing = work.known_articles(con, list(keys))
        forgotten = unclean_forgotten(con)
        for page, made, capture in cleaned:
            key = "" if isinstance(made, Unclean) else str(article_key(article_url(page, made)))
            found = forgotten.get(key, made)
            extraction, article, revision = normalise(
                page, found, capture, _source(page, capture, knowledge), standing.get(key), now=run.now
            )
            extractions.append(extraction)
            if article:
                articles[key] = standing[key] = article
            if revision:
                revisions.append(revision)
        merge(con, articles.values())
        merge(con, revisions)
        merge(con, extractions)


def _source(page: Page, capture: Capture, knowledge: Knowledge) -> Source:
    entry = knowledge.entries.get(capture.url)
    return Source(
        publisher_id=capture.publisher_id or "unknown",
        first_seen_at=entry.first_seen_at if entry else None,
        rules_version=rules_version(page.rules),
    )
