"""Polling: the sources that are due are asked, read, and landed with what follows from their answers."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

from flows.stages.land import Landing, land, landing_of
from flows.stages.web import client_settings
from flows.steps.feed import FeedReader, ParsedFeed, Unreadable
from flows.steps.http import FetchRequest, open_client
from flows.steps.identity import capture_key
from flows.steps.poll import after_poll, covers_from, entries_of, is_due, requested_url, validators_of
from warehouse import work
from warehouse.archive import digest_of
from warehouse.lake import opened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flows.stages.run import Run
    from flows.steps.outcomes import Answer
    from warehouse.records import Capture, Feed, FeedEntry, FeedGap, FeedState

BATCH = 200  # sources landed together


@dataclasses.dataclass(frozen=True, slots=True)
class Polled:
    """What came of one source: how it landed, its entries, its new state, and gaps."""

    feed: Feed
    landing: Landing
    texts: list[Landing]  # the full texts that its entries carry
    entries: list[FeedEntry]
    state: FeedState
    gaps: list[FeedGap]


def poll(run: Run, feeds: Sequence[Feed]) -> Counter[str]:
    """Ask the sources that are due and return how many came to which outcome."""
    with opened(run.lake, read_only=True) as con:
        states = work.feed_states(con)
        zones = {publisher.publisher_id: publisher.time_zone for publisher in work.publishers(con).values()}
    due = [feed for feed in feeds if is_due(states.get(feed.feed_id), run.now)]
    if not due:
        run.tell(f"none of {len(feeds)} sources is due")
        return Counter()
    return asyncio.run(_poll_all(run, due, states, zones))


async def _poll_all(run: Run, due: Sequence[Feed], states: Mapping[str, FeedState], zones: Mapping[str, str]) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    waiting: list[Polled] = []
    async with open_client(client_settings(run.settings), run.clock) as client, FeedReader(run.settings.workers) as reader:
        async for request, answer in client.fetch_many([_request(feed, states.get(feed.feed_id)) for feed in due]):
            feed: Feed = request.key
            parsed = await _read(run, reader, feed, answer, zones.get(feed.publisher_id, "UTC"))
            polled = _follow(run, feed, states.get(feed.feed_id), answer, parsed)
            waiting.append(polled)
            outcomes[polled.state.outcome] += 1
            if polled.state.reason:
                run.tell(f"{feed.feed_id}: {polled.state.outcome}. {polled.state.reason}")
            run.progress("sources", outcomes.total(), len(due))
            if len(waiting) >= BATCH:
                _land(run, waiting)
                waiting = []
    _land(run, waiting)
    run.tell("sources: " + ", ".join(f"{count} {name}" for name, count in outcomes.most_common()))
    return outcomes


def _request(feed: Feed, state: FeedState | None) -> FetchRequest:
    url = requested_url(feed, state)
    return FetchRequest(url, expect=feed.kind, ignores_robots=feed.ignores_robots, key=feed, **validators_of(feed, state))


async def _read(run: Run, reader: FeedReader, feed: Feed, answer: Answer, zone: str) -> ParsedFeed | Unreadable | None:
    if not answer.is_ok:
        return None
    return await reader.read(answer.body, answer.content_type, answer.final_url or feed.url, zone, run.now)


def _follow(run: Run, feed: Feed, state: FeedState | None, answer: Answer, parsed: ParsedFeed | Unreadable | None) -> Polled:
    new_state, gaps = after_poll(feed, state, answer, parsed, run.now)
    good = parsed if isinstance(parsed, ParsedFeed) else None
    landing = landing_of(
        answer, kind=feed.kind, feed_id=feed.feed_id, publisher_id=feed.publisher_id, covers_from=covers_from(good)
    )
    if isinstance(parsed, Unreadable):
        capture = dataclasses.replace(landing.capture, outcome=new_state.outcome, reason=parsed.reason)
        landing = dataclasses.replace(landing, capture=capture)
    entries = entries_of(feed, good, landing.capture.capture_id, run.now) if good else []
    texts = _texts(good, landing.capture) if good and feed.has_full_text else []
    return Polled(feed, landing, texts, entries, new_state, gaps)


def _texts(parsed: ParsedFeed, source: Capture) -> list[Landing]:
    """Return the full texts that a feed's entries carry as captures of their own, an address once."""
    found: dict[str, Landing] = {}
    for entry in parsed.entries:
        if not entry.link or not entry.content_html or entry.link in found:
            continue
        body = entry.content_html.encode()
        capture = dataclasses.replace(
            source,
            capture_id=capture_key(entry.link, source.fetched_at),
            url=entry.link,
            final_url=entry.link,
            kind="entry",
            content_type="text/html; charset=utf-8",
            digest=digest_of(body),
            byte_count=len(body),
            covers_from=None,
        )
        found[entry.link] = Landing(capture, b"", body)
    return list(found.values())


def _new_texts(run: Run, texts: Sequence[Landing]) -> list[Landing]:
    """Return the texts that the archive does not hold for their address yet."""
    if not texts:
        return []
    with opened(run.lake, read_only=True) as con:
        known = work.known_bodies(con, [text.capture.url for text in texts])
    return [text for text in texts if (text.capture.url, text.capture.digest) not in known]


def _land(run: Run, polled: Sequence[Polled]) -> None:
    if polled:
        land(
            run,
            "feeds",
            [one.landing for one in polled] + _new_texts(run, [text for one in polled for text in one.texts]),
            [
                [entry for one in polled for entry in one.entries],
                [one.state for one in polled],
                [gap for one in polled for gap in one.gaps],
            ],
        )
