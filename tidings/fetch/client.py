"""The HTTP client through which Tidings sends every request.

    async with open_client(ClientSettings(user_agent="Tidings/1 (+mailto:…)"), clock) as client:
        response = await client.fetch(url, expect="feed", etag=state.etag,
        last_modified=state.last_modified) async for request, response in
        client.fetch_many([FetchRequest(url, expect="page"), …]):
            …

Every expected failure is a Response with an Outcome; only programming errors raise exceptions. The
steps of a request: ``politeness`` checks ``address_check``, pauses and ``robots``; ``rate_limit``
waits; ``request`` sends; ``politeness`` follows; ``response`` classifies the result.
"""

from __future__ import annotations

import asyncio
import functools
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from tidings.base.urls import parse_url, prepare_url
from tidings.fetch.address_check import AllowedHosts, check_url
from tidings.fetch.politeness import Politeness, RedirectChain, redirect_location
from tidings.fetch.rate_limit import RateLimiter, SharedLocks
from tidings.fetch.request import make_connector, send_request
from tidings.fetch.response import Outcome, RawResponse, Response, build_response
from tidings.fetch.robots import RobotsCache
from tidings.fetch.sources import KINDS
from tidings.fetch.worker_pool import FetchRequest, fetch_all

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping

    from tidings.base.budget import Ledger
    from tidings.base.records import Robots

    Clock = Callable[[], dt.datetime]

__all__ = ["Client", "ClientSettings", "FetchRequest", "open_client"]

_ACCEPT = {name: kind.accept for name, kind in KINDS.items()} | {
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"
}


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Settings of a client.

    ``host_gap`` and ``deadline`` are in seconds. ``allow_hosts`` are (host, port) pairs exempt from
    the private-address and port rules. ``is_paced`` False: no gaps and no pauses, for URLs that a
    person named. ``host_limit``: hosts requested at the same time. ``ca_file``: certificates
    trusted instead of the system's. ``seed`` fixes the order of hosts.
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
    robots: Iterable[Robots] = (),
    locks: SharedLocks | None = None,
    pauses: Mapping[str, dt.datetime] | None = None,
) -> AsyncIterator[Client]:
    """Open a client, and close its connections at the end.

    ``clock`` returns the current time in UTC. ``robots`` are copies from earlier runs;
    ``client.robots_seen`` contains these and the new ones, by origin. ``locks`` on domains are
    shared with other processes. ``pauses`` are the ends of pauses (UTC) by host, from earlier
    stages and runs; ``client.pauses`` contains these and the new ones.
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
    limiter = RateLimiter(
        settings.host_gap, is_enforced=settings.is_paced, locks=locks, pauses=pauses
    )
    async with session:
        yield Client(settings, clock, session, limiter, robots)
        if locks:
            await limiter.close()


class Client:
    """Fetches URLs within all limits. One client serves one stage: it forgets challenges and
    timeouts when it closes.
    """

    def __init__(
        self,
        settings: ClientSettings,
        clock: Clock,
        session: aiohttp.ClientSession,
        limiter: RateLimiter,
        robots: Iterable[Robots] = (),
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._session = session
        self._limiter = limiter
        self._robots = RobotsCache(self._fetch_robots, settings.user_agent, robots)
        self._politeness = Politeness(
            settings.allow_hosts, limiter, self._robots, remembers=settings.is_paced
        )

    @property
    def robots_seen(self) -> Mapping[str, Robots]:
        """The robots files by origin: the ones passed to ``open_client`` and the ones requested
        since.
        """
        return self._robots.seen

    @property
    def pauses(self) -> Mapping[str, dt.datetime]:
        """The ends of pauses (UTC) by host."""
        return self._limiter.pauses

    async def fetch(
        self,
        url: str,
        expect: str = "any",
        etag: str | None = None,
        last_modified: str | None = None,
        deadline: float | None = None,
        *,
        ignores_robots: bool = False,
    ) -> Response:
        """Fetch a URL, follow its redirects, and return the response.

        ``expect``: feed, page, listing, sitemap, or any; a response in another format has the
        outcome not_feed. ``etag`` and ``last_modified`` are validators of an earlier response.
        ``deadline``: seconds for the URL and its redirects, without the time that the rate limit
        takes. ``ignores_robots``: the publisher offers this URL to feed readers.
        """
        headers = {"Accept": _ACCEPT.get(expect, "*/*")}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        target = prepare_url(url)
        if target is None:
            reason = check_url(url, self._settings.allow_hosts) or "The URL cannot be fetched."
            return Response(url, Outcome.BLOCKED, self._clock(), reason, was_sent=False)
        response = await self._follow(
            target, expect, headers, deadline or self._settings.deadline, obeys=not ignores_robots
        )
        return response if response.url == url else response._replace(url=url)

    def fetch_many(
        self,
        requests: Iterable[FetchRequest],
        ledger: Ledger | None = None,
        log: Callable[[str], None] = lambda _text: None,
    ) -> AsyncGenerator[tuple[FetchRequest, Response], None]:
        """Yield each request with its response, in the order of arrival. Hosts are requested in
        random order.

        If a source has used up its seconds in ``ledger``, the outcome is deferred. ``log`` receives
        lines that name a slow request. Closing the generator early cancels running requests. Few
        responses are buffered, so a slow caller slows down the fetching.
        """
        fetch = functools.partial(self._fetch_request, ledger)
        return fetch_all(
            fetch, requests, host_limit=self._settings.host_limit, seed=self._settings.seed, log=log
        )

    async def _fetch_request(self, ledger: Ledger | None, request: FetchRequest) -> Response:
        if ledger and ledger.is_used_up(request.source):
            reason = f"fetching used its {ledger.limit:g} s"
            return Response(request.url, Outcome.DEFERRED, self._clock(), reason, was_sent=False)
        loop = asyncio.get_running_loop()
        started = loop.time()
        response = await self.fetch(
            request.url,
            request.expect,
            request.etag,
            request.last_modified,
            ignores_robots=request.ignores_robots,
        )
        if ledger:
            ledger.take(request.source, loop.time() - started)
        return response

    async def _fetch_robots(self, url: str) -> Response:
        return await self._follow(
            url, "any", {"Accept": "text/plain, */*;q=0.5"}, self._settings.deadline, obeys=False
        )

    async def _follow(
        self, url: str, expect: str, headers: dict[str, str], budget: float, *, obeys: bool
    ) -> Response:
        """Return the response at the end of the redirects; each redirect is checked like the first
        URL.
        """
        chain = RedirectChain(url)
        while True:
            started = self._clock()
            refusal = await self._politeness.check(chain, expect, started, obeys_robots=obeys)
            if refusal:
                return refusal._replace(url=url)
            seconds, raw = await self._send(chain.url, headers, budget)
            budget -= seconds
            location = redirect_location(raw)
            if location is None:
                is_moved = chain.hop_count > 0 and chain.is_permanent
                response = build_response(
                    url,
                    raw,
                    final_url=chain.url,
                    expect=expect,
                    sent=headers,
                    now=started,
                    is_permanent_move=is_moved,
                )
                self._politeness.record(response, chain.url)
                return response
            requested = chain.url
            problem = chain.follow(raw, location, self._settings.allow_hosts)
            if problem:
                return Response(
                    url,
                    problem[0],
                    started,
                    problem[1],
                    requested,
                    raw.status,
                    raw.phrase,
                    headers=raw.headers,
                )

    async def _send(
        self, url: str, headers: Mapping[str, str], budget: float
    ) -> tuple[float, RawResponse]:
        """Send a request when the rate limit of its host allows, and return the seconds spent and
        the response.
        """
        if budget <= 0:
            return 0.0, RawResponse(
                failure=Outcome.TIMEOUT, reason="The redirects took longer than the deadline."
            )
        parts = parse_url(url)
        host = parts.host if parts else ""
        is_exempt = parts is not None and (parts.host, parts.port) in self._settings.allow_hosts
        await self._limiter.acquire(host)
        try:
            clock = asyncio.get_running_loop()
            started = clock.time()
            raw = await send_request(self._session, url, headers, budget, is_exempt=is_exempt)
            return clock.time() - started, raw
        finally:
            self._limiter.release(host)
