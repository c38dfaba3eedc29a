"""How often a host is asked: one request at a time, a gap between them, and a pause when it says that it has had enough."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
from collections import defaultdict
from functools import lru_cache

import tldextract

# The list that comes with the package: a fetcher that fetches a list before it fetches is no pure step.
_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

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


class Pacer:
    """Gives turns: one at a time to each registrable domain, ``gap`` seconds between the end of one and the next.

    ``is_enforced`` False gives every turn at once, for addresses that a person named one by one.
    """

    def __init__(self, gap: float, *, is_enforced: bool = True) -> None:
        self._gap = gap
        self._is_enforced = is_enforced
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._free_at: dict[str, float] = {}
        self._delays: dict[str, float] = {}
        self._paused_until: dict[str, dt.datetime] = {}

    async def begin(self, host: str) -> None:
        """Wait for the host's turn and take it; ``end`` gives it back, whatever happens in between."""
        if not self._is_enforced:
            return
        domain = domain_of(host)
        await self._locks[domain].acquire()
        wait = self._free_at.get(domain, 0.0) - asyncio.get_running_loop().time()
        if wait > 0:
            try:
                await asyncio.sleep(wait)
            except BaseException:
                self._locks[domain].release()
                raise

    def end(self, host: str) -> None:
        """Give the host's turn back; the gap begins."""
        if not self._is_enforced:
            return
        domain = domain_of(host)
        gap = max(self._gap, self._delays.get(domain, 0.0))
        if gap:
            self._free_at[domain] = asyncio.get_running_loop().time() + gap
        self._locks[domain].release()

    def lengthen(self, host: str, delay: float | None) -> None:
        """Note a Crawl-delay: it can make the gap longer, never shorter; beyond 60 seconds it counts as 60."""
        if delay:
            domain = domain_of(host)
            self._delays[domain] = max(self._delays.get(domain, 0.0), min(delay, 60.0))

    def pause(self, host: str, until: dt.datetime) -> None:
        """Note that a host wants to be left alone."""
        if self._is_enforced:
            self._paused_until[host] = max(until, self._paused_until.get(host, until))

    def paused_until(self, host: str, now: dt.datetime) -> dt.datetime | None:
        """Return until when a host is left alone, or None when it may be asked."""
        until = self._paused_until.get(host)
        return until if until is not None and until > now else None
