"""The interval until the next poll of a source, in seconds.

Nightly runs start about every 24 hours, some minutes earlier or later. "Daily" therefore means 20
hours, so that a source with a daily limit is polled in every nightly run and not in every second
one.
"""

from __future__ import annotations

import re
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from tidings.fetch.response import Outcome, Response

if TYPE_CHECKING:
    from tidings.fetch.feed.entry import ParsedFeed

HOUR = 3600
DAILY = 20 * HOUR
MIN_INTERVAL = HOUR
MAX_HINT = 7 * 24 * HOUR  # "yearly" in sy:updatePeriod is a default of some software
MAX_CACHE_HINT = 48 * HOUR  # servers send a max-age of a year for images
MAX_PAUSE = 48 * HOUR
MAX_BACKOFF = 7 * 24 * HOUR
_JITTER = 900  # a nightly run may start a few minutes earlier than the one before
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)


def next_interval(
    response: Response, parsed: ParsedFeed | None, before: int | None, *, has_gap: bool
) -> int:
    """Return the seconds until the next poll after a valid feed or a 304.

    The interval is a third of the median time between the feed's entries, from 1 to 20 hours.
    Intervals that the feed or the server requests (ttl, sy:updatePeriod, max-age, Retry-After) can
    only extend it. Without validators it is at least 20 hours. ``before`` is the last interval,
    which stays after a 304. After a gap the interval is halved.
    """
    interval = _from_entries(parsed) if parsed is not None else before
    if interval is None:
        interval = before or DAILY
    if has_gap:
        interval = min(interval, before or DAILY) // 2
    interval = min(max(interval, MIN_INTERVAL), DAILY)
    if response.outcome is Outcome.OK and not (response.etag or response.last_modified):
        interval = DAILY
    return max(interval, *_hints(response, parsed))


def backoff_after(failure_count: int, first: int = HOUR) -> int:
    """Return the seconds to wait after this number of consecutive failures: ``first``, doubled each
    time, at most a week.
    """
    return int(min(first * 2 ** min(max(failure_count, 1) - 1, 12), MAX_BACKOFF))


def throttled_for(failure_count: int, retry_after_seconds: int | None) -> int:
    """Return the seconds without requests after a 429 or 503: at least the time that the host
    requests, at most 48 hours.
    """
    return min(max(backoff_after(failure_count), retry_after_seconds or 0), MAX_PAUSE)


def _from_entries(parsed: ParsedFeed) -> int | None:
    moments = sorted(
        {entry.published_at for entry in parsed.entries if entry.date_quality.is_read}, reverse=True
    )[:50]
    if len(moments) < 3:
        return None
    steps = [(later - earlier).total_seconds() for later, earlier in pairwise(moments)]
    return int(median(steps) / 3)


def _hints(response: Response, parsed: ParsedFeed | None) -> list[int]:
    cached = _MAX_AGE.search(response.headers.get("Cache-Control", ""))
    hints = [
        min(int(cached[1]), MAX_CACHE_HINT) if cached else 0,
        min(response.retry_after_seconds or 0, MAX_PAUSE),
    ]
    if parsed is not None:
        hints += [
            min(parsed.ttl_seconds or 0, MAX_HINT),
            min(parsed.update_period_seconds or 0, MAX_HINT),
        ]
    return [hint - _JITTER if hint >= 24 * HOUR else hint for hint in hints]
