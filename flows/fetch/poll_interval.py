"""How long to wait until a source is asked again. All in seconds.

The night comes about every 24 hours, some minutes sooner or later, so "daily" means 20 hours here: a source that may be asked
once a day is asked every night, never every second one.
"""

from __future__ import annotations

import re
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from tidings.flows.fetch.outcomes import Answer, Outcome

if TYPE_CHECKING:
    from tidings.flows.fetch.feed.parsed import ParsedFeed

HOUR = 3600
DAILY = 20 * HOUR
SHORTEST = HOUR
LONGEST_HINT = 7 * 24 * HOUR  # sy:updatePeriod yearly is a default of some software, no wish
LONGEST_CACHE_HINT = 48 * HOUR  # a year of max-age is meant for pictures
LONGEST_PAUSE = 48 * HOUR
LONGEST_BACKOFF = 7 * 24 * HOUR
_JITTER = 900  # a hint of whole days is met by a night that starts a few minutes early
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)


def next_interval(answer: Answer, parsed: ParsedFeed | None, before: int | None, *, has_gap: bool) -> int:
    """Return the seconds until the next poll after a good answer or a 304.

    From one hour to 20: a third of the median time between the feed's own entries. What the feed and the server say of
    their pace (ttl, sy:updatePeriod, max-age, Retry-After) can only make it later; without validators it is 20 hours at
    least. ``before`` is the interval until now, kept on 304. After a gap it is halved.
    """
    wanted = _from_entries(parsed) if parsed is not None else before
    if wanted is None:
        wanted = before or DAILY
    if has_gap:
        wanted = min(wanted, before or DAILY) // 2
    wanted = min(max(wanted, SHORTEST), DAILY)
    if answer.outcome is Outcome.OK and not (answer.etag or answer.last_modified):
        wanted = DAILY
    return max(wanted, *_hints(answer, parsed))


def backoff_after(failure_count: int, first: int = HOUR) -> int:
    """Return the seconds to wait after this number of consecutive failures: ``first``, doubled each time, at most a week."""
    return int(min(first * 2 ** min(max(failure_count, 1) - 1, 12), LONGEST_BACKOFF))


def throttled_for(failure_count: int, retry_after_seconds: int | None) -> int:
    """Return the seconds for which a host that answered 429 or 503 is left alone: what it asks for, at most 48 hours."""
    return min(max(backoff_after(failure_count), retry_after_seconds or 0), LONGEST_PAUSE)


def _from_entries(parsed: ParsedFeed) -> int | None:
    moments = sorted({entry.published_at for entry in parsed.entries if entry.date_quality.is_read}, reverse=True)[:50]
    if len(moments) < 3:
        return None
    steps = [(later - earlier).total_seconds() for later, earlier in pairwise(moments)]
    return int(median(steps) / 3)


def _hints(answer: Answer, parsed: ParsedFeed | None) -> list[int]:
    cached = _MAX_AGE.search(answer.headers.get("Cache-Control", ""))
    hints = [
        min(int(cached[1]), LONGEST_CACHE_HINT) if cached else 0,
        min(answer.retry_after_seconds or 0, LONGEST_PAUSE),
    ]
    if parsed is not None:
        hints += [min(parsed.ttl_seconds or 0, LONGEST_HINT), min(parsed.update_period_seconds or 0, LONGEST_HINT)]
    return [hint - _JITTER if hint >= 24 * HOUR else hint for hint in hints]
