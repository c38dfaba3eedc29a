"""How often a host is asked: one request at a time, a gap between them, and a pause when it says that it has had enough."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import tldextract

if TYPE_CHECKING:
    from collections.abc import Mapping

# The list that comes with the package: a fetcher that fetches a list before it fetches is no pure step.
_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

POLL = 0.05  # seconds between looks at a turn that another process has
PAUSE_AT_LEAST = dt.timedelta(hours=1)
PAUSE_AT_MOST = dt.timedelta(hours=48)


@lru_cache(maxsize=32_768)
def domain_of(host: str) -> str:
    """Return the registrable domain that a host belongs to, as in ``example.co.uk``; an IP address is a domain of its own."""
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return _SUFFIXES(host).top_domain_under_public_suffix or host


def pause_of(retry_after_seconds: int | None) -> dt.timedelta:
    """Return how long a host is left alone after 429 or 503: what it asks for, from one hour to 48."""
    asked = dt.timedelta(seconds=min(retry_after_seconds or 0, 10**7))
    return min(max(PAUSE_AT_LEAST, asked), PAUSE_AT_MOST)


class Turns(Protocol):
    """Turns that processes share, or machines do: a night and a backfill beside it ask no host at the same time."""

    def take(self, name: str) -> bool:
        """Take a turn if nobody else has it, and return whether that was so; it never waits."""

    def give(self, name: str) -> None:
        """Give a turn back."""


class NoTurns:
    """Turns of a process that shares them with nobody."""

    def take(self, _name: str) -> bool:
        """Return True."""
        return True

    def give(self, _name: str) -> None:
        """Do nothing."""


class Pacer:
    """Gives turns: one at a time to each registrable domain, ``gap`` seconds between the end of one and the next.

    ``turns`` are shared with other processes: a turn is theirs only after the gap. ``is_enforced`` False leaves out gaps and
    pauses, for addresses that a person named one by one. Requests to one domain still take turns, so that the deadline of one
    does not run while the server is busy with another.
    """

    def __init__(
        self,
        gap: float,
        *,
        is_enforced: bool = True,
        turns: Turns | None = None,
        pauses: Mapping[str, dt.datetime] | None = None,
    ) -> None:
        self._gap = gap
        self._is_enforced = is_enforced
        self._turns = turns or NoTurns()
        self._giving: dict[str, asyncio.TimerHandle] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._free_at: dict[str, float] = {}
        self._delays: dict[str, float] = {}
        self.pauses = dict(pauses or {})  # until when each host is left alone

    async def begin(self, host: str) -> None:
        """Wait for the host's turn and take it; ``end`` gives it back, whatever happens in between."""
        domain = domain_of(host)
        await self._locks[domain].acquire()
        loop = asyncio.get_running_loop()
        try:
            while (wait := self._free_at.get(domain, 0.0) - loop.time()) > 0:  # noqa: ASYNC110 - a Crawl-delay may come in
                await asyncio.sleep(wait)
            self._give(domain)
            while not self._turns.take(domain):  # noqa: ASYNC110 - another process has it, which sets no event here
                await asyncio.sleep(POLL)
        except BaseException:
            self._locks[domain].release()
            raise

    def end(self, host: str) -> None:
        """Give the host's turn back; the gap begins."""
        domain = domain_of(host)
        gap = max(self._gap, self._delays.get(domain, 0.0)) if self._is_enforced else 0.0
        loop = asyncio.get_running_loop()
        self._free_at[domain] = loop.time() + gap
        if gap:
            self._giving[domain] = loop.call_later(gap, self._give, domain)
        else:
            self._turns.give(domain)
        self._locks[domain].release()

    async def close(self) -> None:
        """Wait until the last gap is over, so that nobody else asks before."""
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max((timer.when() - now for timer in self._giving.values()), default=0.0))
        for domain in list(self._giving):
            self._give(domain)

    def _give(self, domain: str) -> None:
        timer = self._giving.pop(domain, None)
        if timer is not None:
            timer.cancel()
            self._turns.give(domain)

    def lengthen(self, host: str, delay: float | None) -> None:
        """Note a Crawl-delay: it can make the gap longer, the present one too; beyond 60 seconds it counts as 60."""
        if delay and self._is_enforced:
            domain = domain_of(host)
            before = max(self._gap, self._delays.get(domain, 0.0))
            self._delays[domain] = max(self._delays.get(domain, 0.0), min(delay, 60.0))
            if domain in self._free_at:
                self._free_at[domain] += max(0.0, self._delays[domain] - before)

    def pause(self, host: str, until: dt.datetime) -> None:
        """Note that a host wants to be left alone."""
        if self._is_enforced:
            self.pauses[host] = max(until, self.pauses.get(host, until))

    def paused_until(self, host: str, now: dt.datetime) -> dt.datetime | None:
        """Return until when a host is left alone, or None when it may be asked."""
        until = self.pauses.get(host)
        return until if until is not None and until > now else None
