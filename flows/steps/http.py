"""The guarded client: every request of this project goes through it.

    async with open_client(ClientSettings(user_agent="Tidings/1 (+mailto:…)"), clock) as client:
        answer = await client.fetch(url, expect="feed", etag=state.etag, last_modified=state.last_modified)
        async for request, answer in client.fetch_many([FetchRequest(url, expect="page"), …]):
            …

Whatever happens is an Answer with an Outcome; only programming errors raise. What it heeds: `address` (who may be asked),
`exchange` (limits of size and time), `robots`, `pace` (gaps and pauses), `verdict` (what an answer means).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import aiohttp

from flows.steps.address import AllowedHosts, check_url
from flows.steps.exchange import Exchange, exchange, make_connector
from flows.steps.outcomes import Answer, Outcome
from flows.steps.pace import Pacer, Turns, pause_of
from flows.steps.robots import RobotsCopy, Verdict, is_fresh, judge_robots, read_robots
from flows.steps.spread import FetchRequest, spread
from flows.steps.urls import host_of, locate, prepare_url
from flows.steps.verdict import judge, read_retry_after

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping

    Clock = Callable[[], dt.datetime]

__all__ = ["Client", "ClientSettings", "FetchRequest", "open_client"]

MAX_REDIRECTS = 5
_REDIRECTS = {301, 302, 303, 307, 308}
_PERMANENT = {301, 308}
_ACCEPT = {
    "feed": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
}


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """How a client behaves.

    ``host_gap`` and ``deadline`` are in seconds. ``allow_hosts`` are (host, port) pairs exempt from the private-address and
    port rules. ``is_paced`` False: no gaps, no pauses, several connections a host, for addresses that a person named one by
    one. ``host_limit``: hosts asked at the same time. ``ca_file``: certificates trusted instead of the system's. ``seed``
    fixes the order of hosts.
    """

    user_agent: str
    allow_hosts: AllowedHosts = frozenset()
    host_gap: float = 2.0
    deadline: float = 60.0
    is_paced: bool = True
    host_limit: int = 64
    ca_file: str | None = None
    seed: int | None = None


@dataclass(slots=True)
class _Trail:
    """Where redirects have led so far."""

    url: str
    hop_count: int = 0
    is_permanent: bool = True
    seen: set[str] = field(default_factory=set)


@asynccontextmanager
async def open_client(
    settings: ClientSettings, clock: Clock, robots: Iterable[RobotsCopy] = (), turns: Turns | None = None
) -> AsyncIterator[Client]:
    """Give a client and close its connections at the end.

    ``clock`` returns the present instant in UTC. ``robots`` are copies kept from earlier nights; what the client has seen
    itself is in ``client.robots_seen``, by origin. ``turns`` at hosts are shared with other processes.
    """
    connector = make_connector(settings.allow_hosts, settings.ca_file, per_host=1 if settings.is_paced else 8)
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        headers={"User-Agent": settings.user_agent, "Accept-Encoding": "gzip, deflate"},
        requote_redirect_url=False,
    )
    pacer = Pacer(settings.host_gap, is_enforced=settings.is_paced, turns=turns)
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
        self._challenged: set[str] = set()
        self._robots_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.robots_seen: dict[str, RobotsCopy] = {copy.origin: copy for copy in robots}

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
        return answer if answer.url == url else replace(answer, url=url)

    def fetch_many(self, requests: Iterable[FetchRequest]) -> AsyncIterator[tuple[FetchRequest, Answer]]:
        """Yield each request with its answer, as they come: hosts in shuffled order, one connection and a gap for each.

        Stop early and what is under way is cancelled. Few answers are held at a time: a slow reader slows the fetching.
        """
        return spread(self._fetch_request, requests, host_limit=self._settings.host_limit, seed=self._settings.seed)

    async def _fetch_request(self, request: FetchRequest) -> Answer:
        return await self.fetch(
            request.url, request.expect, request.etag, request.last_modified, ignores_robots=request.ignores_robots
        )

    async def _follow(self, url: str, expect: str, headers: dict[str, str], budget: float, *, obeys: bool) -> Answer:
        """Return the answer at the end of the redirects; each hop is checked like the first."""
        trail = _Trail(url)
        while True:
            started = self._clock()
            refused = await self._refuse(trail, expect, started, obeys=obeys)
            if refused:
                return replace(refused, url=url)
            spent, found = await self._send(trail.url, headers, budget)
            budget -= spent
            location = found.headers.get("Location") if found.status in _REDIRECTS else None
            if location is None or found.failure:
                return self._conclude(url, trail, found, expect, started, is_conditional=_is_conditional(headers))
            trail.seen.add(trail.url)
            trail.hop_count += 1
            trail.is_permanent &= found.status in _PERMANENT
            target = prepare_url(location, trail.url)
            problem = self._check_hop(trail, location, target)
            if problem or target is None:
                outcome, reason = problem or (Outcome.BLOCKED, "A redirect leads to what is no address of the web.")
                return Answer(url, outcome, started, reason, trail.url, found.status, found.phrase, headers=found.headers)
            trail.url = target

    def _check_hop(self, trail: _Trail, location: str, target: str | None) -> tuple[Outcome, str] | None:
        allow = self._settings.allow_hosts
        refusal = check_url(target or location, allow) if target or "://" in location or ":" in location else None
        if refusal:
            return Outcome.BLOCKED, f"A redirect leads where we do not go. {refusal}"
        if target in trail.seen:
            return Outcome.REDIRECT_ERROR, "The redirects lead in a circle."
        if trail.hop_count > MAX_REDIRECTS:
            return Outcome.REDIRECT_ERROR, f"More than {MAX_REDIRECTS} redirects."
        return None

    async def _refuse(self, trail: _Trail, expect: str, now: dt.datetime, *, obeys: bool) -> Answer | None:
        """Return the answer that is known without asking, or None when the address may be asked."""
        url, host = trail.url, host_of(trail.url)
        refusal = check_url(url, self._settings.allow_hosts)
        if refusal:
            return Answer(url, Outcome.BLOCKED, now, refusal, was_sent=trail.hop_count > 0)
        until = self._pacer.paused_until(host, now)
        if until:
            reason = f"{host} asked to be left alone until {until:%Y-%m-%d %H:%M} UTC."
            return Answer(
                url, Outcome.THROTTLED, now, reason, was_sent=False, retry_after_seconds=int((until - now).total_seconds())
            )
        if url in self._challenged or (expect == "page" and host in self._challenged):
            return Answer(url, Outcome.CHALLENGE, now, f"{host} has already asked for a person tonight.", was_sent=False)
        if not obeys:
            return None
        verdict = await self._ask_robots(url, now)
        return None if verdict.is_allowed else Answer(url, verdict.outcome, now, verdict.reason, was_sent=False)

    async def _ask_robots(self, url: str, now: dt.datetime) -> Verdict:
        place = locate(url)
        origin = place.origin if place else url
        copy = self.robots_seen.get(origin)
        if copy is None or not is_fresh(copy, now):
            copy = await self._fetch_robots(origin, now)
        verdict = judge_robots(copy, url, self._settings.user_agent, now)
        if verdict.crawl_delay:
            self._pacer.lengthen(host_of(url), verdict.crawl_delay)
        return verdict

    async def _fetch_robots(self, origin: str, now: dt.datetime) -> RobotsCopy:
        """Return a host's robots file, asked for once however many wait for it."""
        async with self._robots_locks[origin]:
            copy = self.robots_seen.get(origin)
            if copy is not None and is_fresh(copy, now):
                return copy
            headers = {"Accept": "text/plain, */*;q=0.5"}
            answer = await self._follow(origin + "/robots.txt", "any", headers, self._settings.deadline, obeys=False)
            self.robots_seen[origin] = copy = read_robots(origin, answer, copy, now)
            return copy

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

    def _conclude(
        self, url: str, trail: _Trail, found: Exchange, expect: str, now: dt.datetime, *, is_conditional: bool
    ) -> Answer:
        if found.failure is not None or found.status is None:
            outcome, reason = found.failure or Outcome.CONNECT_ERROR, found.reason
        else:
            outcome, reason = judge(found.status, found.headers, found.body, expect, is_conditional=is_conditional)
        retry_after = read_retry_after(found.headers.get("Retry-After"), now)
        if outcome is Outcome.THROTTLED:
            self._pacer.pause(host_of(trail.url), now + pause_of(retry_after))
        elif outcome is Outcome.CHALLENGE and self._settings.is_paced:
            self._challenged |= {url, trail.url, host_of(trail.url)}
        return Answer(
            url,
            outcome,
            now,
            reason,
            trail.url if found.status is not None else None,
            found.status,
            found.phrase,
            found.headers.get("Content-Type"),
            found.body,
            found.wire_count,
            _validator(found.headers.get("ETag")),
            _validator(found.headers.get("Last-Modified")),
            retry_after,
            trail.hop_count > 0 and trail.is_permanent,
            headers=found.headers,
            raw_headers=found.raw_headers,
        )


def _is_conditional(headers: Mapping[str, str]) -> bool:
    return "If-None-Match" in headers or "If-Modified-Since" in headers


def _validator(text: str | None) -> str | None:
    """Return a validator that can be echoed byte for byte, else None."""
    if not text or len(text) > 1024:
        return None
    if text.isascii():
        return text
    with suppress(UnicodeEncodeError):
        text.encode("utf-8")
        return text
    return None
