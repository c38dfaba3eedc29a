"""The guarded client: every request of this project goes through it.

    async with open_client(ClientSettings(user_agent="Tidings/1 (+mailto:…)"), clock) as client:
        answer = await client.fetch(url, expect="feed", etag=state.etag, last_modified=state.last_modified)
        async for request, answer in client.fetch_many([FetchRequest(url, expect="page"), …]):
            …

Whatever happens is an Answer with an Outcome; only programming errors raise. What it heeds: `address` (who may be asked),
`manners` (robots, pauses, challenges), `pace` (turns and gaps), `exchange` (limits of size and time), `redirects`, and
`conclude` (what an answer means).
"""

from __future__ import annotations

import asyncio
import functools
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from tidings.flows.fetch.address import AllowedHosts, check_url
from tidings.flows.fetch.build_response import conclude
from tidings.flows.fetch.outcomes import Answer, Outcome
from tidings.flows.fetch.politeness import Manners
from tidings.flows.fetch.rate_limit import Pacer, Turns
from tidings.flows.fetch.redirects import Trail, location_of
from tidings.flows.fetch.request import Exchange, exchange, make_connector
from tidings.flows.fetch.robots_cache import RobotsDesk
from tidings.flows.fetch.worker_pool import FetchRequest, spread
from tidings.flows.urls import locate, prepare_url

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping

    from tidings.flows.fetch.budget import Ledger
    from tidings.flows.fetch.robots import RobotsCopy

    Clock = Callable[[], dt.datetime]

__all__ = ["Client", "ClientSettings", "FetchRequest", "open_client"]

_ACCEPT = {
    "feed": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
}


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """How a client behaves.

    ``host_gap`` and ``deadline`` are in seconds. ``allow_hosts`` are (host, port) pairs exempt from the private-address and
    port rules. ``is_paced`` False: no gaps and no pauses, for addresses that a person named one by one. ``host_limit``: hosts
    asked at the same time. ``ca_file``: certificates trusted instead of the system's. ``seed`` fixes the order of hosts.
    """

    user_agent: str
    allow_hosts: AllowedHosts = frozenset()
    host_gap: float = 2.0
    deadline: float = 60.0
    is_paced: bool = True
    host_limit: int = 64
    ca_file: str | None = None
    seed: int | None = None


@asynccontextmanager
async def open_client(
    settings: ClientSettings,
    clock: Clock,
    robots: Iterable[RobotsCopy] = (),
    turns: Turns | None = None,
    pauses: Mapping[str, dt.datetime] | None = None,
) -> AsyncIterator[Client]:
    """Give a client and close its connections at the end.

    ``clock`` returns the present instant in UTC. ``robots`` are copies kept from earlier nights; what the client has seen
    itself is in ``client.robots_seen``, by origin. ``turns`` at hosts are shared with other processes.
    ``pauses``: until when hosts are left alone, as earlier stages and nights were told; what was told since is in
    ``client.pauses``.
    """
    connector = make_connector(settings.allow_hosts, settings.ca_file, settings.host_limit)
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        headers={"User-Agent": settings.user_agent, "Accept-Encoding": "gzip, deflate"},
        requote_redirect_url=False,
    )
    pacer = Pacer(settings.host_gap, is_enforced=settings.is_paced, turns=turns, pauses=pauses)
    async with session:
        yield Client(settings, clock, session, pacer, robots)
        if turns:
            await pacer.close()


class Client:
    """Fetches addresses; see the module's docstring. One client serves one night: its pauses and challenges last as long."""

    def __init__(
        self,
        settings: ClientSettings,
        clock: Clock,
        session: aiohttp.ClientSession,
        pacer: Pacer,
        robots: Iterable[RobotsCopy] = (),
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._session = session
        self._pacer = pacer
        self._robots = RobotsDesk(self._fetch_robots, settings.user_agent, robots)
        self._manners = Manners(settings.allow_hosts, pacer, self._robots, remembers=settings.is_paced)

    @property
    def robots_seen(self) -> Mapping[str, RobotsCopy]:
        """The robots files that were given or have been asked for, by origin."""
        return self._robots.seen

    @property
    def pauses(self) -> Mapping[str, dt.datetime]:
        """Until when hosts are left alone, those that were given included."""
        return self._pacer.pauses

    async def fetch(
        self,
        url: str,
        expect: str = "any",
        etag: str | None = None,
        last_modified: str | None = None,
        deadline: float | None = None,
        *,
        ignores_robots: bool = False,
    ) -> Answer:
        """Return what came of fetching ``url``, redirects followed.

        ``expect``: feed, page, listing, sitemap, or any; an answer of another kind is not_feed. ``etag`` and
        ``last_modified`` are sent back as they came. ``deadline``: seconds for the address and its redirects, waiting for
        the host's turn not counted. ``ignores_robots``: the publisher offers this address to readers.
        """
        headers = {"Accept": _ACCEPT.get(expect, "*/*")}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        target = prepare_url(url)
        if target is None:
            reason = check_url(url, self._settings.allow_hosts) or "This is not an address that can be fetched."
            return Answer(url, Outcome.BLOCKED, self._clock(), reason, was_sent=False)
        answer = await self._follow(target, expect, headers, deadline or self._settings.deadline, obeys=not ignores_robots)
        return answer if answer.url == url else answer._replace(url=url)

    def fetch_many(
        self,
        requests: Iterable[FetchRequest],
        ledger: Ledger | None = None,
        log: Callable[[str], None] = lambda _text: None,
    ) -> AsyncGenerator[tuple[FetchRequest, Answer], None]:
        """Yield each request with its answer, as they come: hosts in shuffled order, one connection and a gap for each.

        If a source has used up its seconds in ``ledger``, the answer is deferred. ``log`` receives lines that name a slow
        request. Closing the generator early cancels running requests. Few answers are buffered, so a slow reader slows the
        fetching.
        """
        fetch = functools.partial(self._fetch_request, ledger)
        return spread(fetch, requests, host_limit=self._settings.host_limit, seed=self._settings.seed, log=log)

    async def _fetch_request(self, ledger: Ledger | None, request: FetchRequest) -> Answer:
        if ledger and ledger.is_used_up(request.source):
            reason = f"fetching used its {ledger.limit:g} s"
            return Answer(request.url, Outcome.DEFERRED, self._clock(), reason, was_sent=False)
        loop = asyncio.get_running_loop()
        began = loop.time()
        answer = await self.fetch(
            request.url, request.expect, request.etag, request.last_modified, ignores_robots=request.ignores_robots
        )
        if ledger:
            ledger.take(request.source, loop.time() - began)
        return answer

    async def _fetch_robots(self, url: str) -> Answer:
        return await self._follow(url, "any", {"Accept": "text/plain, */*;q=0.5"}, self._settings.deadline, obeys=False)

    async def _follow(self, url: str, expect: str, headers: dict[str, str], budget: float, *, obeys: bool) -> Answer:
        """Return the answer at the end of the redirects; each hop is checked like the first."""
        trail = Trail(url)
        while True:
            started = self._clock()
            refused = await self._manners.refuse(trail, expect, started, obeys_robots=obeys)
            if refused:
                return refused._replace(url=url)
            spent, found = await self._send(trail.url, headers, budget)
            budget -= spent
            location = location_of(found)
            if location is None:
                answer = conclude(url, trail, found, expect=expect, sent=headers, now=started)
                self._manners.learn(answer, trail)
                return answer
            asked = trail.url
            problem = trail.go_on(found, location, self._settings.allow_hosts)
            if problem:
                return Answer(url, problem[0], started, problem[1], asked, found.status, found.phrase, headers=found.headers)

    async def _send(self, url: str, headers: Mapping[str, str], budget: float) -> tuple[float, Exchange]:
        """Return the seconds spent and what came of one request, in the host's turn."""
        if budget <= 0:
            return 0.0, Exchange(failure=Outcome.TIMEOUT, reason="The redirects took longer than the deadline.")
        place = locate(url)
        host = place.host if place else ""
        is_exempt = place is not None and (place.host, place.port) in self._settings.allow_hosts
        await self._pacer.begin(host)
        try:
            clock = asyncio.get_running_loop()
            begun = clock.time()
            found = await exchange(self._session, url, headers, budget, is_exempt=is_exempt)
            return clock.time() - begun, found
        finally:
            self._pacer.end(host)
