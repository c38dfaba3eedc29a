"""Polling: the sources that are due are asked, read, and landed with what follows from their answers."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

from tidings.flows.fetch.client import FetchRequest
from tidings.flows.fetch.conditional_get import requested_url, validators_of
from tidings.flows.fetch.feed import FeedReader
from tidings.flows.fetch.outcomes import Outcome
from tidings.flows.fetch.poll_state import is_due
from tidings.flows.fetch.worker_pool import share, within
from tidings.flows.owners import Owners
from tidings.flows.stages.discover import discover
from tidings.flows.stages.land import land
from tidings.flows.stages.landing import MOST_HELD
from tidings.flows.stages.parse_response import Desk, Polled, fresh_texts
from tidings.flows.stages.web import open_web
from tidings.flows.stages.window import Window
from tidings.warehouse import pending
from tidings.warehouse.lake import open_lake

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tidings.flows.fetch.outcomes import Answer
    from tidings.flows.stages.land import Records
    from tidings.flows.stages.run import Run
    from tidings.flows.stages.web import Asked
    from tidings.warehouse.records import Feed, FeedState, Publisher

BATCH = 2000  # sources landed together, so many that a transaction's own cost is small beside theirs
NAMED = 5  # sources in the log line about deferred polls
MOST_WAIT = 60.0  # seconds that an answer waits to be landed: what a kill can make be asked again


def poll(run: Run, feeds: Sequence[Feed]) -> Counter[str]:
    """Ask the sources that are due and return how many came to which outcome."""
    with open_lake(run.lake, read_only=True) as con:
        states = pending.feed_states(con)
        publishers = pending.publishers(con)
    by_day = [feed for feed in feeds if feed.kind == "listing" and feed.day_url and not feed.next_selector]
    if by_day:  # listings that have a page a day; what is stored whole, or not begun in the publisher's zone, is not asked for
        today = run.now.date()
        discover(run, by_day, Window(today - dt.timedelta(days=2), today + dt.timedelta(days=1)))
    asked = [feed for feed in feeds if feed.kind != "sitemap" and feed not in by_day]  # sitemaps are for backfills
    due = [feed for feed in asked if is_due(states.get(feed.feed_id), run.now)]
    if not due:
        run.log(f"none of {len(asked)} sources is due")
        return Counter()
    return asyncio.run(_poll_all(run, due, states, publishers))


async def _poll_all(
    run: Run, due: Sequence[Feed], states: Mapping[str, FeedState], publishers: Mapping[str, Publisher]
) -> Counter[str]:
    async with open_web(run) as (client, asked), FeedReader(run.settings.workers, log=run.log) as reader:
        desk, tray = Desk(run, client, reader, Owners(publishers.values())), _Tray(run, asked, len(due))

        async def read(found: tuple[FetchRequest, Answer]) -> None:
            feed: Feed = found[0].key
            zone = publishers[feed.publisher_id].time_zone if feed.publisher_id in publishers else "UTC"
            await tray.put(await desk.follow(feed, states.get(feed.feed_id), found[1], zone))

        prompt, silent = list[FetchRequest](), list[FetchRequest]()
        for feed in due:
            state = states.get(feed.feed_id)
            (silent if state and state.outcome == Outcome.TIMEOUT else prompt).append(_request(feed, state))
        hands = run.settings.workers + 1  # one more than the workers, so that no worker waits
        await share(client.fetch_many(prompt, log=run.log), read, hands)
        await share(within(client.fetch_many(silent, log=run.log), run.budget.silent_seconds), read, hands)
        await tray.land()
    run.log("sources: " + ", ".join(f"{count} {name}" for name, count in tray.outcomes.most_common()))
    _log_deferred(run, [request.key.feed_id for request in silent if request.key.feed_id not in tray.polled])
    return tray.outcomes


def _log_deferred(run: Run, feed_ids: Sequence[str]) -> None:
    if feed_ids:
        named = ", ".join(feed_ids[:NAMED]) + (", …" if len(feed_ids) > NAMED else "")
        why = f"sources that timed out at their last poll used their {run.budget.silent_seconds:g} s"
        run.log(f"deferred to the next run: {len(feed_ids):,} poll{'s' * (len(feed_ids) != 1)}: {named} ({why})")


def _request(feed: Feed, state: FeedState | None) -> FetchRequest:
    url = requested_url(feed, state)
    validators = validators_of(state)
    return FetchRequest(url, feed.kind, validators["etag"], validators["last_modified"], feed.ignores_robots, key=feed)


class _Tray:
    """What has been read and waits to be landed. Landing goes on in a thread, so that no connection waits for the lake."""

    def __init__(self, run: Run, asked: Asked, count: int) -> None:
        self.outcomes: Counter[str] = Counter()
        self.polled: set[str] = set()
        self._run, self._asked, self._count = run, asked, count
        self._waiting: list[Polled] = []
        self._held = 0
        self._landed_at = asyncio.get_running_loop().time()
        self._turn = asyncio.Lock()

    async def put(self, polled: Polled) -> None:
        """Add what came of a source, and land what waits once it is enough."""
        state = polled.state
        self.outcomes[state.outcome] += 1
        self.polled.add(state.feed_id)
        if state.reason:
            self._run.log(f"{state.feed_id}: {state.outcome}. {state.reason}")
        self._run.progress("sources", self.outcomes.total(), self._count)
        self._waiting.append(polled)
        self._held += polled.weight
        waited = asyncio.get_running_loop().time() - self._landed_at
        if len(self._waiting) >= BATCH or self._held >= MOST_HELD or waited >= MOST_WAIT:
            await self.land()

    async def land(self) -> None:
        """Land all that waits, after what is being landed."""
        async with self._turn:
            batch, self._waiting, self._held = self._waiting, [], 0
            self._landed_at = asyncio.get_running_loop().time()
            if batch:
                await asyncio.to_thread(_land, self._run, batch, self._asked.take())


def _land(run: Run, polled: Sequence[Polled], asked: Sequence[Records]) -> None:
    landings = [landing for one in polled for landing in one.landings]
    landings += fresh_texts(run.lake, [text for one in polled for text in one.texts])
    entries = [entry for one in polled for entry in one.entries]
    gaps = [gap for one in polled for gap in one.gaps]
    land(run, "feeds", landings, [entries, [one.state for one in polled], gaps, *asked])
