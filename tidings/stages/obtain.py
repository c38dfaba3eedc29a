"""Fetch the pages that feed entries link and the archive lacks, and the documents to which pages
only lead, or import pages from WARC files of other programs.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter, itemgetter
from pathlib import Path

from tidings.base.batches import batches
from tidings.base.budget import Ledger, deferred_line
from tidings.base.languages.plural import counted
from tidings.base.owners import Owners
from tidings.base.records import Feed, FeedEntry, Publisher
from tidings.base.urls import host_of, normalise_url
from tidings.fetch.response import Outcome, Response
from tidings.fetch.warc_file import Position, WarcFile
from tidings.fetch.window import Window, day_span
from tidings.fetch.worker_pool import FetchRequest
from tidings.stages.clean import clean
from tidings.stages.land import MAX_HELD, Landing, land, make_landing
from tidings.stages.rights import list_reserved, read_rights, summary_landing
from tidings.stages.run import Run
from tidings.stages.web import HostChanges, open_run_client, run_in_loop
from tidings.storage.lake import refuse
from tidings.storage.load import read_by_key
from tidings.storage.pending import wanted_documents, wanted_in_window, wanted_pages


def documents(run: Run, feeds: Sequence[Feed]) -> Counter[str]:
    """Fetch the missing documents of pages that only lead to one, clean these pages again, and
    count the outcomes. A document must belong to the page's publisher.
    """
    by_id = {feed.feed_id: feed for feed in feeds}
    with run.reading() as con:
        owners = Owners(read_by_key(con, Publisher).values())
        wanted = wanted_documents(con, run.now, list(by_id))
    day = run.now.date()
    requests: list[FetchRequest] = []
    for capture, url in wanted:
        feed = by_id[str(capture.feed_id)]
        owner, other = (owners.publisher_of(at, day, feed) for at in (url, capture.page_url))
        if owner == other:
            requests.append(page_request(url, feed.feed_id, capture.publisher_id, "document"))
    requests, _ = within_budget(run, requests)
    if not requests:
        return Counter()
    outcomes = run_in_loop(fetch_pages(run, "documents", requests, Counter(), {}))
    if outcomes["ok"]:
        clean(run)
    return outcomes


# the time zones in which a day begins first and ends last
EARLIEST, LATEST = "Pacific/Kiritimati", "Etc/GMT+12"
# also used without a request, after an earlier response of the host
SKIPPED = {Outcome.THROTTLED, Outcome.CHALLENGE}
BATCH = 300  # pages stored in one transaction; an interrupted run loses at most this many


def obtain(run: Run, feeds: Sequence[Feed], window: Window | None = None) -> Counter[str]:
    """Fetch the missing pages, of a window if given, and count the outcomes."""
    by_id = {feed.feed_id: feed for feed in feeds}
    with run.reading() as con:
        owners = Owners(read_by_key(con, Publisher).values())
        reserved = read_rights(con, run, {}).reserved
        if window:
            since, until = day_span(window.start, EARLIEST)[0], day_span(window.end, LATEST)[1]
            entries = wanted_in_window(con, run.now, list(by_id), since, until)
        else:
            entries = wanted_pages(con, run.now, list(by_id))
    if not entries:
        run.log("pages: none missing")
        return Counter()
    return _obtain(run, _own_first(run, entries, by_id, owners), by_id, reserved)


def _obtain(
    run: Run,
    ordered: Mapping[str, tuple[bool, FeedEntry]],
    by_id: Mapping[str, Feed],
    reserved: Mapping[tuple[str, str], str],
) -> Counter[str]:
    """Fetch the pages of entries, or store the summaries of ``reserved`` sources.

    ``ordered`` has with each entry whether its feed is of the page's publisher, and ``reserved``
    the reasons by ("source", feed ID).
    """
    summaries = {url: entry for url, (is_own, entry) in ordered.items() if is_own}
    replaced = {
        url: summary_landing(entry, by_id[entry.feed_id].publisher_id, run.now, why)
        for url, entry in summaries.items()
        if (why := reserved.get(("source", entry.feed_id)))
    }
    if replaced:
        land(run, "summaries", list(replaced.values()))
    wanted = (
        page_request(url, entry.feed_id, by_id[entry.feed_id].publisher_id, "page")
        for url, (_, entry) in ordered.items()
        if url not in replaced
    )
    requests, deferred = within_budget(run, wanted)
    outcomes = run_in_loop(fetch_pages(run, "pages", requests, deferred, summaries))
    _log_reserved(run, outcomes["reserved"] + len(replaced))
    for (source, reason), count in sorted(deferred.items()):
        run.log(deferred_line(count, source, reason))
    return outcomes


def _log_reserved(run: Run, count: int) -> None:
    with run.reading() as con:
        listed = list_reserved(con, run.now.date())
    if not listed:
        return
    run.log(
        f"rights: {counted(len(listed), 'outlet')} reserving text and data mining,"
        f" {counted(count, 'page')} replaced by title and summary"
    )
    for sentence, since in listed.items():
        if since == run.now.date():
            run.log(f"rights: {sentence}")


def _own_first(
    run: Run, entries: Sequence[FeedEntry], by_id: Mapping[str, Feed], owners: Owners
) -> dict[str, tuple[bool, FeedEntry]]:
    """Return the entry for each URL, and whether its feed is of the URL's own publisher: first
    these, then the others, each by first sighting.

    So a feed that lists another outlet's pages neither uses that outlet's budget nor delays its
    pages.
    """

    def place(entry: FeedEntry) -> tuple[bool, dt.datetime, str, str]:
        feed = by_id[entry.feed_id]
        is_own = owners.publisher_of(str(entry.url), run.now.date(), feed) == feed.publisher_id
        return not is_own, entry.first_seen_at, entry.feed_id, str(entry.url)

    placed = sorted(((place(entry), entry) for entry in entries), key=itemgetter(0))
    first_entry: dict[str, tuple[bool, FeedEntry]] = {}
    for (is_other, *_, url), entry in placed:
        first_entry.setdefault(url, (not is_other, entry))
    return first_entry


def page_request(url: str, feed_id: str, publisher_id: str | None, kind: str) -> FetchRequest:
    """Return the request for a page or document that a source lists."""
    return FetchRequest(url, "page", key=(feed_id, publisher_id, kind), source=feed_id)


def within_budget(
    run: Run, requests: Iterable[FetchRequest]
) -> tuple[list[FetchRequest], Counter[tuple[str, str]]]:
    """Return the requests within their sources' budget of pages, and count the deferred ones."""
    counts: Counter[str] = Counter()
    deferred: Counter[tuple[str, str]] = Counter()
    allowed = []
    for request in requests:
        if counts[request.source] < run.budget.pages:
            counts[request.source] += 1
            allowed.append(request)
        else:
            deferred[request.source, f"fetching used its {counted(run.budget.pages, 'page')}"] += 1
    return allowed, deferred


async def fetch_pages(
    run: Run,
    stem: str,
    requests: Sequence[FetchRequest],
    deferred: Counter[tuple[str, str]],
    summaries: Mapping[str, FeedEntry],
) -> Counter[str]:
    """Fetch and store pages and count the outcomes; add pages that wait to ``deferred``.

    ``stem`` names the pages in log and archive. The key of a request is its feed_id, publisher_id
    and kind. ``summaries`` are entries by URL, whose summaries replace reserved pages.
    """
    outcomes: Counter[str] = Counter()
    waiting: list[Landing] = []
    byte_count = 0
    async with open_run_client(run) as (client, changes):
        async for request, response in client.fetch_many(
            requests, Ledger(run.budget.fetch_seconds), run.log
        ):
            if response.outcome is Outcome.DEFERRED:
                deferred[request.source, str(response.reason)] += 1
            # without a request, the page is still missing
            elif response.was_sent or response.outcome not in SKIPPED:
                waiting += _landings(request, response, summaries.get(request.url))
            _note_rights(changes, request, response, is_own=request.url in summaries)
            outcomes[str(response.outcome)] += 1
            run.progress(stem, outcomes.total(), len(requests))
            byte_count += response.byte_count
            if len(waiting) >= BATCH or byte_count >= MAX_HELD:
                await asyncio.to_thread(land, run, stem, waiting, changes.drain())
                waiting, byte_count = [], 0
        await asyncio.to_thread(land, run, stem, waiting, changes.drain())
    run.log(f"{stem}: " + ", ".join(f"{count} {name}" for name, count in outcomes.most_common()))
    return outcomes


def _note_rights(
    changes: HostChanges, request: FetchRequest, response: Response, *, is_own: bool
) -> None:
    """Note the statements of a page. Those of another outlet's page have its host as publisher."""
    url, (_, publisher_id, kind) = response.page_url, request.key
    owner = publisher_id if is_own or kind == "document" else host_of(url)
    changes.rights.add(request.source, owner or "", url, "page", response.rights)


def _landings(request: FetchRequest, response: Response, entry: FeedEntry | None) -> list[Landing]:
    """Return the landing of a page; of a reserved one also, or if it was not requested only, that
    of its entry's summary.
    """
    page = make_landing(response, *request.key)
    if response.outcome is not Outcome.RESERVED or entry is None:
        return [page]
    summary = summary_landing(entry, request.key[1], response.fetched_at, str(response.reason))
    return [page, summary] if response.was_sent else [summary]


IMPORT_BATCH = 500  # pages of a file stored in one transaction


def import_files(
    run: Run,
    files: Sequence[Path],
    publishers: Sequence[Publisher],
    window: Window,
    *,
    sources: Collection[str] = (),
) -> int:
    """Store the pages of these publishers in WARC files for a window, and return their number.

    ``sources`` are URLs that list items and are no pages. A damaged file yields the pages before
    the damage, and a log line. Raises WarehouseError if a file is not a WARC file.
    """
    listing_urls = {url for source in sources if (url := normalise_url(source))}
    owners = Owners(publishers)
    return sum(_import_file(run, WarcFile(path, owners, window, listing_urls)) for path in files)


def _import_file(run: Run, file: WarcFile) -> int:
    outcomes: Counter[str] = Counter()
    position, origin = Position(0, 0), file.path.name

    def landings() -> Iterator[Landing]:
        nonlocal position
        for position, page in file.read():  # noqa: B007 - also used after the loop
            if isinstance(page, str):
                outcomes[page] += 1
            else:
                outcomes["ok"] += 1
                yield make_landing(page.response, None, page.publisher_id, "page", origin)

    size_of: Callable[[Landing], int] = attrgetter("capture.byte_count")
    for batch in batches(landings(), IMPORT_BATCH, size_of, MAX_HELD):
        land(run, "imported", batch)
    refuse(outcomes.keys() == {"unreadable"}, f"{file.path} cannot be read as WARC.")
    counts = ", ".join(f"{count:,} {name}" for name, count in outcomes.most_common())
    run.log(f"{origin}: {counted(position.record_count, 'record')} ({counts or 'none'})")
    if outcomes.keys() & {"unreadable", "truncated"}:
        run.log(
            f"{origin} is damaged: it was read up to byte {position.offset:,} of"
            f" {file.path.stat().st_size:,},"
            f" {counted(position.record_count, 'record')}. Download the file again."
        )
    return outcomes["ok"]
