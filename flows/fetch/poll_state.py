"""What follows from a poll: when a source is asked next, what is kept of its answer, and whether anything may have been missed.

Nothing here asks or stores. For a night:

    due = [feed for feed in feeds if is_due(states.get(feed.feed_id), now)]
    answer = await client.fetch(requested_url(feed, state), **validators_of(state), …)
    parsed = await reader.read(answer.body, …) if answer.is_ok else None
    state, gaps = after_poll(feed, state, answer, parsed, now)
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tidings.flows.fetch.conditional_get import follow_move, validators_after
from tidings.flows.fetch.entries import covers_from, entry_id
from tidings.flows.fetch.feed.parsed import ParsedFeed, Unreadable
from tidings.flows.fetch.outcomes import Answer, Outcome
from tidings.flows.fetch.poll_interval import DAILY, HOUR, backoff_after, next_interval, throttled_for
from tidings.warehouse.records import Feed, FeedGap, FeedState

if TYPE_CHECKING:
    from uuid import UUID

FAILURES_UNTIL_RETIRED = 12  # with the backoff of `interval`, nightly: about 40 days, after timeouts about 60
PROBE_EVERY = dt.timedelta(days=30)
MAX_KEPT_IDS = 2_000
_GOOD = {Outcome.OK, Outcome.NOT_MODIFIED}


@dataclass(frozen=True, slots=True)
class _Finding:
    """What a poll came to, the reading of the feed included."""

    outcome: Outcome
    reason: str | None
    feed: ParsedFeed | None


def is_due(state: FeedState | None, now: dt.datetime) -> bool:
    """Return whether a source may be asked now: never asked, or its time has come (for a retired one, a probe's time)."""
    return state is None or now >= state.next_poll_at


def after_poll(
    feed: Feed, state: FeedState | None, answer: Answer, parsed: ParsedFeed | Unreadable | None, now: dt.datetime
) -> tuple[FeedState, list[FeedGap]]:
    """Return what to store of a source after a poll, and the stretches of time in which items may have been missed.

    ``parsed`` is what the reader made of the body, None where there was none to read. ``now`` is the night's instant: used
    for every time that is stored, so that a night run again at the same instant finds nothing due. An answer that was known
    without asking (``was_sent`` False) moves the next poll and leaves the rest as it was.
    """
    found = _find(answer, parsed)
    state = state or _first_state(feed, now)
    if not answer.was_sent and found.outcome in {Outcome.THROTTLED, Outcome.DEFERRED}:
        wait = dt.timedelta(seconds=throttled_for(1, answer.retry_after_seconds))
        later = replace(state, outcome=found.outcome.value, reason=found.reason, next_poll_at=max(state.next_poll_at, now + wait))
        return later, []
    if found.outcome in _GOOD:
        return _after_success(feed, state, answer, found, now)
    return _after_failure(state, answer, found, now), []


def _find(answer: Answer, parsed: ParsedFeed | Unreadable | None) -> _Finding:
    if isinstance(parsed, Unreadable):
        return _Finding(Outcome.NOT_FEED, parsed.reason, None)
    reason = answer.reason
    if parsed is not None and parsed.is_degraded:
        reason = f"Read in part. {parsed.degraded_reason}"
    elif parsed is not None and parsed.is_truncated:
        reason = f"It shows {parsed.entry_count:,} entries, of which {len(parsed.entries):,} were read."
    return _Finding(answer.outcome, reason, parsed if answer.outcome is Outcome.OK else None)


def _first_state(feed: Feed, now: dt.datetime) -> FeedState:
    return FeedState(
        feed_id=feed.feed_id,
        url=feed.url,
        etag=None,
        last_modified=None,
        outcome="",
        reason=None,
        last_polled_at=now,
        last_success_at=None,
        last_new_entry_at=None,
        failure_count=0,
        next_poll_at=now,
        interval_seconds=0,
        moved_to=None,
        moved_nights=0,
        retired_at=None,
        entry_ids=[],
    )


def _after_success(
    feed: Feed, state: FeedState, answer: Answer, found: _Finding, now: dt.datetime
) -> tuple[FeedState, list[FeedGap]]:
    ids = list(dict.fromkeys(entry_id(feed, entry) for entry in found.feed.entries))[:MAX_KEPT_IDS] if found.feed else []
    gaps = _find_gaps(feed, state, ids, found.feed, now) if found.feed else []
    interval = next_interval(answer, found.feed, state.interval_seconds or None, has_gap=bool(gaps))
    etag, last_modified = validators_after(state, answer, found.outcome, found.feed)
    has_new = bool(set(ids) - set(state.entry_ids))
    url, moved_to, moved_nights = follow_move(state, answer, now)
    if url != state.url:
        etag, last_modified = None, None  # they belong to the address that was asked
    return (
        replace(
            state,
            url=url,
            etag=etag,
            last_modified=last_modified,
            outcome=found.outcome.value,
            reason=found.reason,
            last_polled_at=now,
            last_success_at=now,
            last_new_entry_at=now if has_new else state.last_new_entry_at,
            failure_count=0,
            next_poll_at=now + dt.timedelta(seconds=interval),
            interval_seconds=interval,
            moved_to=moved_to,
            moved_nights=moved_nights,
            retired_at=None,
            entry_ids=ids or state.entry_ids,
        ),
        gaps,
    )


def _after_failure(state: FeedState, answer: Answer, found: _Finding, now: dt.datetime) -> FeedState:
    count = state.failure_count + 1
    pause = throttled_for(count, answer.retry_after_seconds)
    first = DAILY if found.outcome is Outcome.TIMEOUT else HOUR  # a timeout costs a night a whole minute
    seconds = pause if found.outcome is Outcome.THROTTLED else max(backoff_after(count, first), pause)
    wait = dt.timedelta(seconds=max(seconds, state.interval_seconds))  # what the source said of its pace counts on
    # What asked us to wait is alive: only what fails otherwise is given up.
    is_dead = found.outcome is Outcome.GONE or (count >= FAILURES_UNTIL_RETIRED and found.outcome is not Outcome.THROTTLED)
    retired_at = (state.retired_at or now) if is_dead or state.retired_at else None
    etag, last_modified = validators_after(state, answer, found.outcome, found.feed)
    return replace(
        state,
        etag=etag,
        last_modified=last_modified,
        outcome=found.outcome.value,
        reason=found.reason,
        last_polled_at=now,
        failure_count=count,
        next_poll_at=now + (PROBE_EVERY if retired_at else wait),
        moved_to=None,
        moved_nights=0,
        retired_at=retired_at,
    )


def _find_gaps(feed: Feed, state: FeedState, ids: list[UUID], parsed: ParsedFeed, now: dt.datetime) -> list[FeedGap]:
    """Return the gap that a poll reveals: it shares no entry with the one before, and what it shows begins later.

    An oldest entry from before the last poll means that the feed changed its addresses, not that it ran past us.
    """
    if not ids or not state.entry_ids or state.last_success_at is None or set(ids) & set(state.entry_ids):
        return []
    oldest = covers_from(parsed)
    ends_at = min(oldest, now) if oldest else now
    if ends_at <= state.last_success_at:
        return []
    reason = "The feed shows no entry that it showed at the poll before: what came between may be missing."
    return [FeedGap(feed.feed_id, state.last_success_at, ends_at, reason)]
