"""The HTTP client through which Tidings sends every request.

Every expected failure is a Response with an Outcome. Each URL and redirect passes
``address_check``, pauses, earlier challenges and ``robots``. Then ``rate_limit`` waits, ``request``
sends, and ``response`` classifies the result.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tidings.base.budget import Ledger
from tidings.base.records import Robots
from tidings.base.settings import Settings
from tidings.base.urls import host_of, parse_url, prepare_url
from tidings.fetch.address_check import AllowedHosts, check_url
from tidings.fetch.rate_limit import RateLimiter, SharedLocks, domain_of
from tidings.fetch.request import make_connector, send_request
from tidings.fetch.response import NO_TARGET, REDIRECTS, Outcome, Response, readable
from tidings.fetch.rights import origin_of
from tidings.fetch.rights_reader import RightsReader
from tidings.fetch.robots import check_robots, is_fresh, read_robots
from tidings.fetch.signing import Signer, read_signer
from tidings.fetch.sources import KINDS
from tidings.fetch.worker_pool import Fetched, FetchRequest, fetch_all

Clock = Callable[[], dt.datetime]

MAX_TIMEOUTS = 2  # consecutive timeouts after which a run sends no more requests to a host
MAX_REDIRECTS = 5
_ROBOTS = "robots"
_ACCEPT = {name: kind.accept for name, kind in KINDS.items()} | {
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"
}


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Settings of a client."""

    user_agent: str
    # (host, port) pairs exempt from the rules for private addresses and ports
    allow_hosts: AllowedHosts = frozenset()
    host_gap: float = 2.0  # seconds
    # seconds for a URL and its redirects, without the time that the rate limit takes
    deadline: float = 60.0
    is_paced: bool = True  # False: no gaps and no pauses, for URLs that a person named
    host_limit: int = 64  # hosts requested at the same time
    signing_key: Path | None = None  # file of the key for hosts that ask for signed requests


def client_settings(settings: Settings, **more: Any) -> ClientSettings:
    """Return the settings of a client from those of a run, and ``more``."""
    return ClientSettings(
        user_agent=settings.user_agent,
        allow_hosts=settings.allow_hosts,
        host_gap=settings.host_gap,
        signing_key=settings.signing_key,
        **more,
    )


@asynccontextmanager
async def open_client(
    settings: ClientSettings,
    clock: Clock,
    robots: dict[str, Robots] | None = None,
    locks: SharedLocks | None = None,
    pauses: Mapping[str, dt.datetime] | None = None,
    *,
    rights: RightsReader | None = None,
) -> AsyncIterator[Client]:
    """Open a client, and close its connections at the end.

    ``clock`` returns the current time (UTC). The client adds to ``robots`` (by origin) and
    ``pauses`` (ends in UTC, by host) of earlier runs. Other processes share the ``locks`` on
    domains. ``rights`` reads the publishers' statements.
    """
    session = aiohttp.ClientSession(
        connector=make_connector(settings.allow_hosts, settings.host_limit),
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
        signer = read_signer(settings.signing_key) if settings.signing_key else None
        robots = {} if robots is None else robots
        yield Client(settings, clock, session, limiter, robots, rights, signer)
        await limiter.close()


@dataclass
class Client:
    """Fetches URLs within all limits. It serves one stage: it forgets challenges and timeouts when
    it closes.
    """

    _settings: ClientSettings
    _clock: Clock
    _session: aiohttp.ClientSession
    _limiter: RateLimiter
    robots_seen: dict[str, Robots]
    rights: RightsReader | None
    _signer: Signer | None
    # by origin, and by URL of a file that states rights
    _locks: defaultdict[str, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )
    _challenged: set[str] = field(default_factory=set)  # URLs and hosts
    _timeouts: Counter[str] = field(default_factory=Counter)  # consecutive ones by host

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
        *,
        ignores_robots: bool = False,
    ) -> Response:
        """Fetch a URL, follow its redirects, and return the response.

        ``expect``: feed, page, listing, sitemap, or any; another format has the outcome not_feed.
        ``ignores_robots``: the publisher offers this URL to feed readers.
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
        response = await self._follow(target, expect, headers, obeys=not ignores_robots)
        return response._replace(url=url)

    def fetch_many(
        self,
        requests: Iterable[FetchRequest],
        ledger: Ledger | None = None,
        log: Callable[[str], None] = lambda _text: None,
    ) -> AsyncGenerator[Fetched, None]:
        """Yield each request with its response, as ``fetch_all`` does; deferred if its source has
        used up its seconds in ``ledger``.
        """
        fetch = functools.partial(self._fetch_request, ledger)
        return fetch_all(fetch, requests, host_limit=self._settings.host_limit, log=log)

    async def _fetch_request(self, ledger: Ledger | None, request: FetchRequest) -> Response:
        if ledger and ledger.is_used_up(request.source):
            reason = f"fetching used its {ledger.limit:g} s"
            return Response(request.url, Outcome.DEFERRED, self._clock(), reason, was_sent=False)
        loop = asyncio.get_running_loop()
        started = loop.time()
        response = await self.fetch(*request[:4], ignores_robots=request.ignores_robots)
        if ledger:
            ledger.take(request.source, loop.time() - started)
        return response

    async def _follow(
        self, url: str, expect: str, headers: dict[str, str], *, obeys: bool
    ) -> Response:
        chain, is_permanent, budget = [url], True, self._settings.deadline
        while True:
            now = self._clock()
            refusal = self._refuse(chain[-1], expect, now) or await self._refuse_for_host(
                chain[-1], expect, now, obeys=obeys
            )
            if refusal:
                return refusal._replace(url=url)
            seconds, response = await self._send_signed(chain[-1], headers, budget, expect, now)
            budget -= seconds
            status = response.status
            location = response.headers.get("Location") if status in REDIRECTS else None
            if location is None:
                is_moved = len(chain) > 1 and is_permanent
                response = response._replace(url=url, is_permanent_move=is_moved)
                self._record(response, chain[-1])
                return self.rights.observe(response, expect) if self.rights else response
            is_permanent &= status in {301, 308}
            outcome, target = follow_redirect(
                chain, readable(location) or "", self._settings.allow_hosts
            )
            if outcome is not Outcome.OK:
                failed = Response(url, outcome, now, target, chain[-1], status, response.phrase)
                return failed._replace(headers=response.headers)
            chain.append(target)
            # a publisher may offer its URL only on its own domain
            obeys |= domain_of(host_of(target)) != domain_of(host_of(url))

    def _refuse(self, url: str, expect: str, now: dt.datetime) -> Response | None:
        host = host_of(url)
        refuse = functools.partial(Response, url, fetched_at=now, was_sent=False)
        if refusal := check_url(url, self._settings.allow_hosts):
            return refuse(Outcome.BLOCKED, reason=refusal)
        if until := self._limiter.paused_until(host, now):
            reason = f"{host} requested a pause until {until:%Y-%m-%d %H:%M} UTC."
            seconds = int((until - now).total_seconds())
            return refuse(Outcome.THROTTLED, reason=reason, retry_after_seconds=seconds)
        if self._timeouts[host] >= MAX_TIMEOUTS:
            reason = f"{host} timed out {MAX_TIMEOUTS} times in a row"
            return refuse(Outcome.DEFERRED, reason=reason)
        if url in self._challenged or (expect == "page" and host in self._challenged):
            reason = f"{host} has already shown a challenge in this run."
            return refuse(Outcome.CHALLENGE, reason=reason)
        return None

    async def _refuse_for_host(
        self, url: str, expect: str, now: dt.datetime, *, obeys: bool
    ) -> Response | None:
        """Return the response that replaces a request that the robots file forbids, or a reserved
        text. Files that state rights are requested first, if due.
        """
        obeys &= expect != _ROBOTS
        refusal, rights = await self._refuse_by_robots(url, now) if obeys else None, self.rights
        if refusal or expect != "page" or rights is None:
            return refusal
        for file in rights.files_of(url):
            async with self._locks[file]:  # hosts may name the same file
                if rights.is_due(file, now):
                    response = await self._follow(file, "any", {"Accept": "*/*"}, obeys=True)
                    rights.store(file, response, now)
        reason = rights.refuse(url)
        return Response(url, Outcome.RESERVED, now, reason, was_sent=False) if reason else None

    async def _refuse_by_robots(self, url: str, now: dt.datetime) -> Response | None:
        """Return the response that replaces a request which the robots file forbids, or None.
        Without a valid copy the file is requested.
        """
        origin = origin_of(url)
        async with self._locks[origin]:
            copy = self.robots_seen.get(origin)
            if copy is None or not is_fresh(copy, now):
                accept = {"Accept": "text/plain, */*;q=0.5"}
                response = await self._follow(f"{origin}/robots.txt", _ROBOTS, accept, obeys=False)
                copy = self.robots_seen[origin] = read_robots(origin, response, copy, now)
        decision = check_robots(copy, url, self._settings.user_agent, now)
        self._limiter.set_crawl_delay(host_of(url), decision.crawl_delay)
        if decision.outcome is Outcome.OK:
            return None
        return Response(url, decision.outcome, now, decision.reason, was_sent=False)

    def _record(self, response: Response, final_url: str) -> None:
        """Record what a response from ``final_url`` demands: a pause of the host, or no more
        requests.

        After a redirect from another domain, only a pause affects the host: else any page could
        prevent requests to it.
        """
        host, outcome = host_of(final_url), response.outcome
        is_same_domain = domain_of(host_of(response.url)) == domain_of(host)
        if outcome is Outcome.THROTTLED:
            self._limiter.pause(host, response.fetched_at, response.retry_after_seconds)
        if self._settings.is_paced and is_same_domain:
            self._timeouts[host] = self._timeouts[host] + 1 if outcome is Outcome.TIMEOUT else 0
        if self._settings.is_paced and outcome is Outcome.CHALLENGE:
            self._challenged |= {response.url, final_url, *([host] * is_same_domain)}

    def _is_exempt(self, url: str) -> bool:
        parts = parse_url(url)
        return parts is not None and (parts.host, parts.port) in self._settings.allow_hosts

    async def _send_signed(
        self, url: str, headers: Mapping[str, str], budget: float, expect: str, now: dt.datetime
    ) -> tuple[float, Response]:
        """Send a request, and again with a signature if the response asks for one. Return as
        ``_send`` does.
        """
        seconds, response = await self._send(url, headers, budget, expect, now)
        signer = self._signer_for(url)
        if signer and signer.learn(url, response.headers) and response.status in {401, 403}:
            more, response = await self._send(url, headers, budget - seconds, expect, now)
            seconds += more
        return seconds, response

    def _signer_for(self, url: str) -> Signer | None:
        # Without TLS, somebody on the way could use the signature.
        is_safe = url.startswith("https:") or self._is_exempt(url)
        return self._signer if is_safe else None

    async def _send(
        self, url: str, headers: Mapping[str, str], budget: float, expect: str, now: dt.datetime
    ) -> tuple[float, Response]:
        """Send a request when its rate limit allows; return the seconds spent, too."""
        if budget <= 0:
            reason = "The redirects took longer than the deadline."
            return 0.0, Response(url, Outcome.TIMEOUT, now, reason)
        is_exempt, loop = self._is_exempt(url), asyncio.get_running_loop()
        async with self._limiter.turn(host_of(url)):
            started = loop.time()
            if signer := self._signer_for(url):  # now, because it is valid for five minutes
                headers = {**headers, **signer.headers(url, self._clock())}
            response = await send_request(
                self._session, url, headers, budget, expect=expect, now=now, is_exempt=is_exempt
            )
            return loop.time() - started, response


def follow_redirect(
    chain: Sequence[str], location: str, allow: AllowedHosts
) -> tuple[Outcome, str]:
    """Return ok and the URL to which a redirect from the last URL of a chain leads, or the outcome
    and the reason for not following it.
    """
    if not location.strip():
        return Outcome.REDIRECT_ERROR, NO_TARGET
    target = prepare_url(location, chain[-1])
    refusal = check_url(target or location, allow) if target or ":" in location else None
    if refusal:
        return Outcome.BLOCKED, f"A redirect leads to a URL that is not fetched. {refusal}"
    if target is None:
        return Outcome.BLOCKED, "A redirect leads to an invalid URL."
    if target in chain:
        return Outcome.REDIRECT_ERROR, "The redirects form a loop."
    if len(chain) > MAX_REDIRECTS:
        return Outcome.REDIRECT_ERROR, f"There were more than {MAX_REDIRECTS} redirects."
    return Outcome.OK, target
