"""Robots files while a client works: each host's is asked for once, however many wait for it, and kept."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

from tidings.flows.fetch.robots import RobotsCopy, Verdict, is_fresh, judge_robots, read_robots
from tidings.flows.urls import locate

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable, Iterable

    from tidings.flows.fetch.outcomes import Answer


class RobotsDesk:
    """Says whether an address may be asked. ``fetch`` gets a robots file; ``copies`` are those of earlier nights."""

    def __init__(self, fetch: Callable[[str], Awaitable[Answer]], user_agent: str, copies: Iterable[RobotsCopy]) -> None:
        self.seen: dict[str, RobotsCopy] = {copy.origin: copy for copy in copies}
        self._fetch = fetch
        self._user_agent = user_agent
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def ask(self, url: str, now: dt.datetime) -> Verdict:
        """Return whether the host's robots file lets us ask ``url``; the file is fetched when no fresh copy is there."""
        place = locate(url)
        origin = place.origin if place else url
        copy = self.seen.get(origin)
        if copy is None or not is_fresh(copy, now):
            copy = await self._obtain(origin, now)
        return judge_robots(copy, url, self._user_agent, now)

    async def _obtain(self, origin: str, now: dt.datetime) -> RobotsCopy:
        async with self._locks[origin]:
            copy = self.seen.get(origin)
            if copy is not None and is_fresh(copy, now):
                return copy
            answer = await self._fetch(f"{origin}/robots.txt")
            self.seen[origin] = copy = read_robots(origin, answer, copy, now)
            return copy
