"""The state of a source after a poll: the time of the next poll, the stored validators, and gaps in
the entries.

These functions neither send requests nor store rows. In a run:

    states = {feed_id: without_future_times(state, now) for feed_id, state in states.items()}
    due = [feed for feed in feeds if is_due(states.get(feed.feed_id), now)]
    response = await client.fetch(requested_url(feed, state), **validators_of(state), …)
    parsed = await reader.read(response.body, …) if response.is_ok else None
    state, gaps = after_poll(feed, state, response, parsed, now)
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tidings.base.records import CLOCK_TOLERANCE, Feed, FeedGap, FeedState
from tidings.fetch.feed.entry import ParsedFeed, Unreadable, entry_id, oldest_date
from tidings.fetch.poll_interval import DAILY, HOUR, backoff_after, next_interval, throttled_for
from tidings.fetch.response import Outcome, Response

if TYPE_CHECKING:
    from uuid import UUID

    from tidings.base.records import Feed
    from tidings.fetch.feed.entry import ParsedFeed


# nightly with the backoff of ``poll_interval``: about 40 days, after timeouts about 60
FAILURES_UNTIL_RETIRED = 12
PROBE_EVERY = dt.timedelta(days=30)
MAX_KEPT_IDS = 2_000
_GOOD = {Outcome.OK, Outcome.NOT_MODIFIED}
NIGHTS_UNTIL_MOVED = 5
MAX_WAIT = PROBE_EVERY + dt.timedelta(days=1)  # longer than any time between two polls
# items of a listing that are so much older than the last poll are not its news
OLD_AFTER = dt.timedelta(days=60)
# Outcomes after which the copy that the validators describe is still valid.
_KEEPS_VALIDATORS = {
    Outcome.NOT_MODIFIED,
    Outcome.EMPTY,
    Outcome.THROTTLED,
    Outcome.BLOCKED,
    Outcome.ROBOTS_DENIED,
    Outcome.CONNECT_ERROR,
    Outcome.TLS_ERROR,
    Outcome.DNS_ERROR,
    Outcome.TIMEOUT,
}


@dataclass(frozen=True, slots=True)
class _PollOutcome:
    """The outcome of a poll, including the parsing of the feed."""

    outcome: Outcome
    reason: str | None
    feed: ParsedFeed | None


def is_due(state: FeedState | None, now: dt.datetime) -> bool:
    """Return whether a source is due: it was never polled, or its next poll (of a retired source,
    its probe) is due.
    """
    return state is None or now >= state.next_poll_at


def without_future_times(state: FeedState, now: dt.datetime) -> FeedState:
    """Return a state without times in the future: the clock of an earlier run was ahead, so the
    source is due again.
    """
    latest = now + CLOCK_TOLERANCE
    if state.last_polled_at <= latest and state.next_poll_at <= now + MAX_WAIT:
        return state

    def known(time: dt.datetime | None) -> dt.datetime | None:
        return None if time is None or time > latest else time

    return replace(
        state,
        last_polled_at=min(state.last_polled_at, now),
        last_success_at=known(state.last_success_at),
        last_new_entry_at=known(state.last_new_entry_at),
        next_poll_at=now,
        retired_at=known(state.retired_at),
    )


def after_poll(
    feed: Feed,
    state: FeedState | None,
    response: Response,
    parsed: ParsedFeed | Unreadable | None,
    now: dt.datetime,
) -> tuple[FeedState, list[FeedGap]]:
    """Return the state of a source after a poll, and the gaps in which items may be missing.

    ``parsed`` is the parsed body, or None without a body. ``now`` is the run's time (UTC). All
    stored times derive from it, so that a rerun with the same time polls nothing. A response
    without a request (``was_sent`` False) changes only the next poll and the outcome.
    """
    poll = _classify_poll(response, parsed)
    if poll.feed and state and _shows_only_old(feed, state, poll.feed):
        poll = _PollOutcome(
            Outcome.NO_ITEMS,
            "The page responds, but its item_selector matches only old items.",
            None,
        )
    state = state or _first_state(feed, now)
    if not response.was_sent and poll.outcome in {Outcome.THROTTLED, Outcome.DEFERRED}:
        wait = dt.timedelta(seconds=throttled_for(1, response.retry_after_seconds))
        later = replace(
            state,
            outcome=poll.outcome.value,
            reason=poll.reason,
            next_poll_at=max(state.next_poll_at, now + wait),
        )
        return later, []
    if poll.outcome in _GOOD:
        return _after_success(feed, state, response, poll, now)
    return _after_failure(state, response, poll, now), []


def _classify_poll(response: Response, parsed: ParsedFeed | Unreadable | None) -> _PollOutcome:
    if isinstance(parsed, Unreadable):
        return _PollOutcome(Outcome(parsed.outcome), parsed.reason, None)
    reason = response.reason
    if parsed is not None and parsed.is_degraded:
        reason = f"Read in part. {parsed.degraded_reason}"
    elif parsed is not None and parsed.is_truncated:
        reason = (
            f"The feed shows {parsed.entry_count:,} entries; {len(parsed.entries):,} were read."
        )
    return _PollOutcome(
        response.outcome, reason, parsed if response.outcome is Outcome.OK else None
    )


def _shows_only_old(feed: Feed, state: FeedState, parsed: ParsedFeed) -> bool:
    """Return whether a listing shows no item of the last poll, and its newest item is far older
    than that poll.
    """
    if feed.kind != "listing" or not state.entry_ids or state.last_success_at is None:
        return False
    dates = [entry.published_at for entry in parsed.entries if entry.date_quality.is_read]
    if not dates or max(dates) > state.last_success_at - OLD_AFTER:
        return False
    return not {entry_id(feed, entry) for entry in parsed.entries} & set(state.entry_ids)


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
    feed: Feed, state: FeedState, response: Response, poll: _PollOutcome, now: dt.datetime
) -> tuple[FeedState, list[FeedGap]]:
    ids = (
        list(dict.fromkeys(entry_id(feed, entry) for entry in poll.feed.entries))[:MAX_KEPT_IDS]
        if poll.feed
        else []
    )
    gaps = _find_gaps(feed, state, ids, poll.feed, now) if poll.feed else []
    interval = next_interval(
        response, poll.feed, state.interval_seconds or None, has_gap=bool(gaps)
    )
    etag, last_modified = validators_after(state, response, poll.outcome, poll.feed)
    has_new = bool(set(ids) - set(state.entry_ids))
    url, moved_to, moved_nights = follow_move(state, response, now)
    if url != state.url:
        etag, last_modified = None, None  # they belong to the old URL
    return (
        replace(
            state,
            url=url,
            etag=etag,
            last_modified=last_modified,
            outcome=poll.outcome.value,
            reason=poll.reason,
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


def _after_failure(
    state: FeedState, response: Response, poll: _PollOutcome, now: dt.datetime
) -> FeedState:
    count = state.failure_count + 1
    pause = throttled_for(count, response.retry_after_seconds)
    # a timeout takes a whole minute of the run
    first = DAILY if poll.outcome is Outcome.TIMEOUT else HOUR
    seconds = (
        pause if poll.outcome is Outcome.THROTTLED else max(backoff_after(count, first), pause)
    )
    # the interval that the source requested still applies
    wait = dt.timedelta(seconds=max(seconds, state.interval_seconds))
    # A source that requires a pause works, so only other failures retire it.
    is_dead = poll.outcome is Outcome.GONE or (
        count >= FAILURES_UNTIL_RETIRED and poll.outcome is not Outcome.THROTTLED
    )
    retired_at = (state.retired_at or now) if is_dead or state.retired_at else None
    etag, last_modified = validators_after(state, response, poll.outcome, poll.feed)
    return replace(
        state,
        etag=etag,
        last_modified=last_modified,
        outcome=poll.outcome.value,
        reason=poll.reason,
        last_polled_at=now,
        failure_count=count,
        next_poll_at=now + (PROBE_EVERY if retired_at else wait),
        moved_to=None,
        moved_nights=0,
        retired_at=retired_at,
    )


def _find_gaps(
    feed: Feed, state: FeedState, ids: list[UUID], parsed: ParsedFeed, now: dt.datetime
) -> list[FeedGap]:
    """Return a gap if a poll has no entry in common with the last one, and all its entries are
    newer than the last poll.

    If the oldest entry is older than the last poll, the feed changed its URLs, and no entry is
    missing.
    """
    if (
        not ids
        or not state.entry_ids
        or state.last_success_at is None
        or set(ids) & set(state.entry_ids)
    ):
        return []
    oldest = oldest_date(parsed)
    ends_at = min(oldest, now) if oldest else now
    if ends_at <= state.last_success_at:
        return []
    reason = (
        "The feed shows no entry of the last poll, so entries between the two polls may be missing."
    )
    return [FeedGap(feed.feed_id, state.last_success_at, ends_at, reason)]


def requested_url(feed: Feed, state: FeedState | None) -> str:
    """Return the URL to poll: the URL in the registry, or the target of permanent redirects on five
    nights.
    """
    return state.url if state else feed.url


def validators_of(state: FeedState | None) -> dict[str, str | None]:
    """Return ``etag`` and ``last_modified`` to send. They belong to the URL in the state."""
    return {
        "etag": state.etag if state else None,
        "last_modified": state.last_modified if state else None,
    }


def validators_after(
    state: FeedState, response: Response, outcome: Outcome, parsed: ParsedFeed | None
) -> tuple[str | None, str | None]:
    """Return the validators to store: those of a response with a body, or the old ones if the
    stored copy is still valid.

    ``outcome`` and ``parsed`` are the results of the poll, including the parsing.
    """
    if outcome is Outcome.NOT_MODIFIED:
        return response.etag or state.etag, response.last_modified or state.last_modified
    if outcome is Outcome.OK:
        # otherwise 304 responses would hide the missing end permanently
        if parsed is not None and parsed.is_cut_off:
            return None, None
        return response.etag, response.last_modified
    if outcome in _KEEPS_VALIDATORS or response.status in (204, 206):
        return state.etag, state.last_modified
    return None, None


def follow_move(
    state: FeedState, response: Response, now: dt.datetime
) -> tuple[str, str | None, int]:
    """Return the URL to poll next, the target of permanent redirects, and the number of nights with
    this target.

    Several polls in one night count once, and only redirects to a valid feed count.
    """
    if not response.is_permanent_move or not response.final_url:
        return state.url, None, 0
    if response.final_url != state.moved_to:
        return state.url, response.final_url, 1
    # A feed that is polled every hour never waits 12 hours, so noon (UTC) also begins a new night.
    half_day = dt.timedelta(hours=12)
    is_new_night = (
        now - state.last_polled_at >= half_day
        or (now - half_day).date() > (state.last_polled_at - half_day).date()
    )
    nights = state.moved_nights + 1 if is_new_night else state.moved_nights
    if nights >= NIGHTS_UNTIL_MOVED:
        return response.final_url, None, 0
    return state.url, response.final_url, nights
