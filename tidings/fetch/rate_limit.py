"""Limit the rate of requests: one at a time to each domain, a gap after it, and pauses after a 429
or 503.
"""

import asyncio
import datetime as dt
import ipaddress
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Protocol

from tidings.base.owners import registrable_domain

POLL = 0.05  # seconds between attempts to take a lock that another process holds
PAUSE_AT_LEAST = dt.timedelta(hours=1)
PAUSE_AT_MOST = dt.timedelta(hours=48)


@lru_cache(maxsize=32_768)
def domain_of(host: str) -> str:
    """Return the registrable domain of a host, such as ``example.co.uk``, or its IP address."""
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return registrable_domain(host, shares_hosting=True) or host


class SharedLocks(Protocol):
    """Locks that processes or machines share, so that no two request a host at the same time."""

    def take(self, name: str) -> bool:
        """Take the lock if it is free, and return whether it was. This method never waits."""

    def give(self, name: str) -> None:
        """Release the lock."""


class RateLimiter:
    """Allows one request at a time to each registrable domain, with ``gap`` seconds after a
    response.

    Other processes get a domain's lock only after the gap. ``is_enforced`` False omits gaps and
    pauses.
    """

    def __init__(
        self,
        gap: float,
        *,
        is_enforced: bool = True,
        locks: SharedLocks | None = None,
        pauses: Mapping[str, dt.datetime] | None = None,
    ) -> None:
        self._gap = gap
        self._is_enforced = is_enforced
        self._shared_locks = locks
        self._gap_timers: dict[str, asyncio.TimerHandle] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._free_at: dict[str, float] = {}
        self._delays: dict[str, float] = {}
        self.pauses = dict(pauses or {})  # end of each host's pause (UTC)

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait until the host may be requested; after the block, start the gap before the next."""
        domain, loop = domain_of(host), asyncio.get_running_loop()
        async with self._locks[domain]:
            while (wait := self._free_at.get(domain, 0.0) - loop.time()) > 0:  # noqa: ASYNC110 - a Crawl-delay may extend the gap
                await asyncio.sleep(wait)
            if timer := self._gap_timers.pop(domain, None):
                timer.cancel()  # this process still has the lock
            else:
                while self._shared_locks and not self._shared_locks.take(domain):  # noqa: ASYNC110 - another process cannot set an event here
                    await asyncio.sleep(POLL)
            try:
                yield
            finally:
                gap = max(self._gap, self._delays.get(domain, 0.0)) if self._is_enforced else 0.0
                self._free_at[domain] = loop.time() + gap
                if self._shared_locks:
                    self._gap_timers[domain] = loop.call_later(gap, self._end_gap, domain)

    async def close(self) -> None:
        """Wait until the last gap has passed, so that no other process sends a request before."""
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(
            max((timer.when() - now for timer in self._gap_timers.values()), default=0.0)
        )
        for domain in list(self._gap_timers):
            self._end_gap(domain)

    def _end_gap(self, domain: str) -> None:
        timer = self._gap_timers.pop(domain, None)
        if timer and self._shared_locks:
            timer.cancel()
            self._shared_locks.give(domain)

    def set_crawl_delay(self, host: str, delay: float | None) -> None:
        """Extend the gap, also the current one, to a Crawl-delay of at most 60 seconds."""
        if delay and self._is_enforced:
            domain = domain_of(host)
            before = max(self._gap, self._delays.get(domain, 0.0))
            self._delays[domain] = max(self._delays.get(domain, 0.0), min(delay, 60.0))
            if domain in self._free_at:
                self._free_at[domain] += max(0.0, self._delays[domain] - before)

    def pause(self, host: str, now: dt.datetime, retry_after_seconds: int | None) -> None:
        """Pause a host after a 429 or 503 as it requests, but for one to 48 hours."""
        requested = dt.timedelta(seconds=min(retry_after_seconds or 0, 10**7))
        until = now + min(max(PAUSE_AT_LEAST, requested), PAUSE_AT_MOST)
        if self._is_enforced:
            self.pauses[host] = max(until, self.pauses.get(host, until))

    def paused_until(self, host: str, now: dt.datetime) -> dt.datetime | None:
        """Return the end of a host's pause (UTC), or None if the host is not paused."""
        until = self.pauses.get(host)
        return until if until is not None and until > now else None
