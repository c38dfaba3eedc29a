"""Request the sources that are due, parse their responses, and store the resulting rows."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from tidings.base.languages.plural import counted, listed
from tidings.base.owners import Owners, zone_of
from tidings.base.records import Feed, FeedState, Publisher
from tidings.fetch.address_check import require_network
from tidings.fetch.feed_reader import FeedReader
from tidings.fetch.poll_state import is_due, poll_request, without_future_times
from tidings.fetch.response import Outcome, Response
from tidings.fetch.sources import KINDS, is_read_by_day
from tidings.fetch.window import Window
from tidings.fetch.worker_pool import FetchRequest, consume, stop_after
from tidings.stages.discover import discover
from tidings.stages.land import MAX_HELD, Records
from tidings.stages.parse_response import PollResult, ResponseParser, land_pages
from tidings.stages.prepare import store_domains
from tidings.stages.run import Run
from tidings.stages.web import HostChanges, open_run_client, run_in_loop
from tidings.storage.load import read_by_key

BATCH = 4000  # sources stored in one transaction, so that its fixed cost is small in comparison
MAX_NAMED = 5  # feed IDs in the log line about deferred polls
# seconds that a parsed response waits to be stored
MAX_WAIT = 60.0


def poll(run: Run, feeds: Sequence[Feed]) -> Counter[str]:
    """Poll the sources that are due, and count the outcomes. Raises OfflineError."""
    with run.reading() as con:
        stored = read_by_key(con, FeedState)
        publishers = read_by_key(con, Publisher)
    by_day = list(filter(is_read_by_day, feeds))
    # discovery skips days that are stored completely or have not begun at the publisher
    if by_day:
        today = run.now.date()
        discover(run, by_day, Window(today - dt.timedelta(days=2), today + dt.timedelta(days=1)))
    polled = [feed for feed in feeds if KINDS[feed.kind].is_polled and not is_read_by_day(feed)]
    states = {feed_id: without_future_times(state, run.now) for feed_id, state in stored.items()}
    due = [feed for feed in polled if is_due(states.get(feed.feed_id), run.now)]
    if not due:
        run.log(f"none of {len(polled)} sources is due")
        return Counter()
    require_network([feed.url for feed in due], run.settings.allow_hosts)
    outcomes = run_in_loop(_poll_all(run, due, states, publishers))
    store_domains(run, feeds)
    return outcomes


async def _poll_all(
    run: Run,
    due: Sequence[Feed],
    states: Mapping[str, FeedState],
    publishers: Mapping[str, Publisher],
) -> Counter[str]:
    async with (
        open_run_client(run) as (client, changes),
        FeedReader(run.settings.workers, log=run.log) as reader,
    ):
        parser, batcher = (
            ResponseParser(run, client, reader, Owners(publishers.values())),
            Batcher(run, changes, len(due)),
        )

        async def parse(fetched: tuple[FetchRequest, Response]) -> None:
            feed: Feed = fetched[0].key
            changes.rights.add(
                feed.feed_id, feed.publisher_id, feed.url, "source", fetched[1].rights
            )
            zone = zone_of(publishers, feed.publisher_id)
            await batcher.add(await parser.parse(feed, states.get(feed.feed_id), fetched[1], zone))

        responsive, silent = list[FetchRequest](), list[FetchRequest]()
        for feed in due:
            state = states.get(feed.feed_id)
            url, etag, changed_at = poll_request(feed, state)
            request = FetchRequest(url, feed.kind, etag, changed_at, feed.ignores_robots, feed)
            is_silent = state and state.outcome == Outcome.TIMEOUT
            (silent if is_silent else responsive).append(request)
        # one more than the worker processes, so that all of them stay busy
        tasks = run.settings.workers + 1
        await consume(client.fetch_many(responsive, log=run.log), parse, tasks)
        await consume(
            stop_after(client.fetch_many(silent, log=run.log), run.budget.silent_seconds),
            parse,
            tasks,
        )
        await batcher.store()
    run.log(
        "sources: " + ", ".join(f"{count} {name}" for name, count in batcher.outcomes.most_common())
    )
    names = [request.key.feed_id for request in silent]
    if deferred := [name for name in names if name not in batcher.polled]:
        run.log(
            f"deferred to the next run: {counted(len(deferred), 'poll')}:"
            f" {listed(deferred, MAX_NAMED)} (sources that timed out at their last poll used"
            f" their {run.budget.silent_seconds:g} s)"
        )
    return batcher.outcomes


class Batcher:
    """Stores poll results in batches, in a thread, so that no connection waits for the lake."""

    def __init__(self, run: Run, changes: HostChanges, count: int) -> None:
        self.outcomes: Counter[str] = Counter()
        self.polled: set[str] = set()
        self._run, self._changes, self._count = run, changes, count
        self._waiting: list[PollResult] = []
        self._byte_count = 0
        self._stored_at = asyncio.get_running_loop().time()
        self._lock = asyncio.Lock()

    async def add(self, result: PollResult) -> None:
        """Add the result of a poll, and store the batch if it is large or old."""
        state = result.state
        self.outcomes[state.outcome] += 1
        self.polled.add(state.feed_id)
        if state.reason:
            self._run.log(f"{state.feed_id}: {state.outcome}. {state.reason}")
        self._run.progress("sources", self.outcomes.total(), self._count)
        self._waiting.append(result)
        self._byte_count += result.byte_count
        seconds = asyncio.get_running_loop().time() - self._stored_at
        if len(self._waiting) >= BATCH or self._byte_count >= MAX_HELD or seconds >= MAX_WAIT:
            await self.store()

    async def store(self) -> None:
        """Store all waiting results, after the batch that is being stored."""
        async with self._lock:
            batch, self._waiting, self._byte_count = self._waiting, [], 0
            self._stored_at = asyncio.get_running_loop().time()
            if batch:
                await asyncio.to_thread(_land, self._run, batch, self._changes.drain())


def _land(run: Run, results: Sequence[PollResult], changes: Sequence[Records]) -> None:
    states = [result.state for result in results]
    gaps = [gap for result in results for gap in result.gaps]
    land_pages(run, "feeds", results, states, gaps, *changes)
