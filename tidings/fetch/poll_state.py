"""The state of a source after a poll: the time of the next poll, the stored validators, and gaps.

"Daily" means 20 hours, so that a source with a daily limit is polled in every nightly run, although
a run may start some minutes earlier than the one before.
"""

import datetime as dt
import re
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Any

from tidings.base.records import CLOCK_TOLERANCE, Feed, FeedGap, FeedState
from tidings.fetch.continuity import lost_period, newest_first
from tidings.fetch.feed.entry import ParsedFeed, Unreadable, entry_id
from tidings.fetch.response import UNREACHABLE, Outcome, Response

HOUR = 3600
DAILY = 20 * HOUR
MAX_HINT = 7 * 24 * HOUR  # "yearly" in sy:updatePeriod is a default of some software
MAX_PAUSE = 48 * HOUR  # of Retry-After and max-age: servers send that of images, a year
MAX_BACKOFF = 7 * 24 * HOUR
_JITTER = 900  # a nightly run may start a few minutes earlier than the one before
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
# nightly with the backoff: about 40 days, after timeouts about 60
FAILURES_UNTIL_RETIRED = 12
PROBE_EVERY = dt.timedelta(days=30)
MAX_KEPT_IDS = 2_000
NIGHTS_UNTIL_MOVED = 5
MAX_WAIT = PROBE_EVERY + dt.timedelta(days=1)  # longer than any time between two polls
# items of a listing that are so much older than the last poll are not its news
OLD_AFTER = dt.timedelta(days=60)
# columns that are null before the first poll
_UNKNOWN: Any = "etag last_modified reason last_success_at last_new_entry_at moved_to retired_at"
# Outcomes after which the copy that the validators describe is still valid.
_KEEPS_VALIDATORS = UNREACHABLE | {Outcome.EMPTY, Outcome.THROTTLED, Outcome.ROBOTS_DENIED}


def is_due(state: FeedState | None, now: dt.datetime) -> bool:
    """Return whether a source was never polled, or its next poll is due."""
    return state is None or now >= state.next_poll_at


def without_future_times(state: FeedState, now: dt.datetime) -> FeedState:
    """Return a state without times in the future, which a run stored whose clock was ahead."""
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
    *,
    own: ParsedFeed | None = None,
) -> tuple[FeedState, list[FeedGap]]:
    """Return the state of a source after a poll, and the gaps in which items may be missing.

    ``own`` has only the entries on pages of the source's publisher (None: all). All stored times
    derive from ``now``, the run's time (UTC), so that a rerun polls nothing. A response without a
    request (``was_sent`` False) changes only the next poll and the outcome.
    """
    outcome, reason, shown = _classify_poll(response, parsed)
    if shown and state and _shows_only_old(feed, state, shown):
        outcome, shown = Outcome.NO_ITEMS, None
        reason = "The page responds, but its item_selector matches only old items."
    state = state or FeedState(
        **dict.fromkeys(_UNKNOWN.split()),
        feed_id=feed.feed_id,
        url=feed.url,
        outcome="",
        last_polled_at=now,
        failure_count=0,
        next_poll_at=now,
        interval_seconds=0,
        moved_nights=0,
        entry_ids=[],
    )
    changes: dict[str, Any] = {"outcome": outcome.value, "reason": reason}
    if not response.was_sent and outcome in {Outcome.THROTTLED, Outcome.DEFERRED}:
        wait = dt.timedelta(seconds=throttled_for(1, response.retry_after_seconds))
        return replace(state, **changes, next_poll_at=max(state.next_poll_at, now + wait)), []
    etag, last_modified = validators_after(state, response, outcome, shown)
    changes |= {"etag": etag, "last_modified": last_modified, "last_polled_at": now}
    polled = replace(state, **changes)
    if outcome in {Outcome.OK, Outcome.NOT_MODIFIED}:
        gaps = _find_gaps(feed, state, own or shown, now)
        return _after_success(feed, state, polled, response, shown, gaps=gaps), gaps
    return _after_failure(polled, response, outcome), []


def _classify_poll(
    response: Response, parsed: ParsedFeed | Unreadable | None
) -> tuple[Outcome, str | None, ParsedFeed | None]:
    if isinstance(parsed, Unreadable):
        return Outcome(parsed.outcome), parsed.reason, None
    reason = response.reason
    if parsed is None or not response.is_ok:
        return response.outcome, reason, None
    count, read = parsed.entry_count, len(parsed.entries)
    if parsed.degraded_reason:
        reason = f"Read in part. {parsed.degraded_reason}"
    elif count > read:
        reason = f"The feed shows {count:,} entries; {read:,} were read."
    return response.outcome, reason, parsed


def _shows_only_old(feed: Feed, state: FeedState, parsed: ParsedFeed) -> bool:
    """Return whether a listing shows no item of the last poll, and only far older items."""
    if feed.kind != "listing" or not state.entry_ids or state.last_success_at is None:
        return False
    newest = max(parsed.dates, default=None)
    if newest is None or newest > state.last_success_at - OLD_AFTER:
        return False
    return {entry_id(feed, entry) for entry in parsed.entries}.isdisjoint(state.entry_ids)


def _find_gaps(
    feed: Feed, state: FeedState, own: ParsedFeed | None, now: dt.datetime
) -> list[FeedGap]:
    since = state.last_success_at
    lost = lost_period(feed, state.entry_ids, own, since, now) if own and since else None
    shown = "The feed shows none of the newest entries of the last poll"
    reason = f"{shown}, so entries between the two polls may be missing."
    return [FeedGap(feed.feed_id, *lost, reason)] if lost else []


def _after_success(
    feed: Feed,
    before: FeedState,
    polled: FeedState,
    response: Response,
    shown: ParsedFeed | None,
    *,
    gaps: list[FeedGap],
) -> FeedState:
    now = polled.last_polled_at
    ids = newest_first(feed, shown, now)[:MAX_KEPT_IDS] if shown else []
    if ids and not set(ids).issubset(before.entry_ids):
        polled = replace(polled, last_new_entry_at=now)
    interval = next_interval(response, shown, before.interval_seconds or DAILY, has_gap=bool(gaps))
    url, moved_to, moved_nights = follow_move(before, response, now)
    if url != before.url:
        polled = replace(polled, etag=None, last_modified=None)  # they belong to the old URL
    return replace(
        polled,
        url=url,
        last_success_at=now,
        failure_count=0,
        next_poll_at=now + dt.timedelta(seconds=interval),
        interval_seconds=interval,
        moved_to=moved_to,
        moved_nights=moved_nights,
        retired_at=None,
        entry_ids=ids or before.entry_ids,
    )


def _after_failure(polled: FeedState, response: Response, outcome: Outcome) -> FeedState:
    count = polled.failure_count + 1
    seconds = throttled_for(count, response.retry_after_seconds)
    # A source that requires a pause works, so only other failures retire it.
    retired_at = polled.retired_at
    if outcome is not Outcome.THROTTLED:
        # a timeout takes a whole minute of the run
        first = DAILY if outcome is Outcome.TIMEOUT else HOUR
        seconds = max(backoff_after(count, first), seconds)
        if outcome is Outcome.GONE or count >= FAILURES_UNTIL_RETIRED:
            retired_at = retired_at or polled.last_polled_at
    # the interval that the source requested still applies
    wait = dt.timedelta(seconds=max(seconds, polled.interval_seconds))
    return replace(
        polled,
        failure_count=count,
        next_poll_at=polled.last_polled_at + (PROBE_EVERY if retired_at else wait),
        moved_to=None,
        moved_nights=0,
        retired_at=retired_at,
    )


def poll_request(feed: Feed, state: FeedState | None) -> tuple[str, str | None, str | None]:
    """Return the URL to poll, and the ``etag`` and ``last_modified`` that belong to it."""
    return (state.url, state.etag, state.last_modified) if state else (feed.url, None, None)


def validators_after(
    state: FeedState, response: Response, outcome: Outcome, parsed: ParsedFeed | None
) -> tuple[str | None, str | None]:
    """Return the validators to store: those of a response with a body, or the old ones if the
    stored copy is still valid.
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
    """Return the URL to poll next, the target of permanent redirects to a feed, and the number of
    nights with this target.
    """
    if not response.is_permanent_move or not response.final_url:
        return state.url, None, 0
    if response.final_url != state.moved_to:
        return state.url, response.final_url, 1
    # A feed that is polled every hour never waits 12 hours, so noon (UTC) also begins a new night.
    half_day, last = dt.timedelta(hours=12), state.last_polled_at
    is_new = now - last >= half_day or (now - half_day).date() > (last - half_day).date()
    nights = state.moved_nights + is_new
    if nights >= NIGHTS_UNTIL_MOVED:
        return response.final_url, None, 0
    return state.url, response.final_url, nights


def next_interval(
    response: Response, parsed: ParsedFeed | None, before: int, *, has_gap: bool
) -> int:
    """Return the seconds until the next poll after a valid feed or a 304.

    The interval is a third of the median time between the entries, from 1 to 20 hours; half after a
    gap; 20 hours without validators. ``before`` is the last one, which stays after a 304. ttl,
    sy:updatePeriod, max-age and Retry-After can only extend it.
    """
    interval = _from_entries(parsed, before)
    if has_gap:
        interval = min(interval, before) // 2
    interval = min(max(interval, HOUR), DAILY)
    if response.outcome is Outcome.OK and not (response.etag or response.last_modified):
        interval = DAILY
    cached = _MAX_AGE.search(response.headers.get("Cache-Control", ""))
    hints = [
        (int(cached[1]) if cached else 0, MAX_PAUSE),
        (response.retry_after_seconds, MAX_PAUSE),
    ]
    if parsed is not None:
        hints += [(parsed.ttl_seconds, MAX_HINT), (parsed.update_period_seconds, MAX_HINT)]
    for seconds, limit in hints:
        hint = min(seconds or 0, limit)
        interval = max(interval, hint - _JITTER * (hint >= 24 * HOUR))
    return interval


def backoff_after(failure_count: int, first: int = HOUR) -> int:
    """Return the seconds to wait: ``first``, doubled with each failure, at most a week."""
    return int(min(first * 2 ** min(max(failure_count, 1) - 1, 12), MAX_BACKOFF))


def throttled_for(failure_count: int, retry_after_seconds: int | None) -> int:
    """Return the seconds without requests after a 429 or 503: as requested, at least an hour,
    doubled with each failure, at most 48 hours.
    """
    return min(max(backoff_after(failure_count), retry_after_seconds or 0), MAX_PAUSE)


def _from_entries(parsed: ParsedFeed | None, otherwise: int) -> int:
    moments = sorted(set(parsed.dates if parsed else ()), reverse=True)[:50]
    steps = [(later - earlier).total_seconds() for later, earlier in pairwise(moments)]
    return int(median(steps) / 3) if len(steps) > 1 else otherwise
