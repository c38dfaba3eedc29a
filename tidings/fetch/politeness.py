"""Decide before each request and each redirect whether it is allowed: pauses, challenges, timeouts,
robots files, and the number of redirects.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidings.base.urls import host_of, prepare_url
from tidings.fetch.address_check import AllowedHosts, check_url
from tidings.fetch.rate_limit import RateLimiter, domain_of, pause_duration
from tidings.fetch.response import NO_TARGET, REDIRECTS, Outcome, Response

if TYPE_CHECKING:
    import datetime as dt

    from tidings.fetch.response import RawResponse
    from tidings.fetch.robots import RobotsCache

MAX_TIMEOUTS = 2  # consecutive timeouts after which a run sends no more requests to a host
MAX_REDIRECTS = 5

_PERMANENT = {301, 308}


@dataclass(slots=True)
class RedirectChain:
    """The redirects of a request: ``url`` is the next URL, and ``is_permanent`` is True if every
    redirect was a 301 or 308.
    """

    url: str
    hop_count: int = 0
    is_permanent: bool = True
    seen: set[str] = field(default_factory=set)

    def follow(
        self, raw: RawResponse, location: str, allow: AllowedHosts
    ) -> tuple[Outcome, str] | None:
        """Set ``url`` to the target of a redirect and return None, or return the outcome and the
        reason for not following it.
        """
        self.seen.add(self.url)
        self.hop_count += 1
        self.is_permanent &= raw.status in _PERMANENT
        if not location.strip():
            return Outcome.REDIRECT_ERROR, NO_TARGET
        target = prepare_url(location, self.url)
        refusal = check_url(target or location, allow) if target or ":" in location else None
        if refusal:
            return Outcome.BLOCKED, f"A redirect leads to a URL that is not fetched. {refusal}"
        if target is None:
            return Outcome.BLOCKED, "A redirect leads to an invalid URL."
        if target in self.seen:
            return Outcome.REDIRECT_ERROR, "The redirects form a loop."
        if self.hop_count > MAX_REDIRECTS:
            return Outcome.REDIRECT_ERROR, f"There were more than {MAX_REDIRECTS} redirects."
        self.url = target
        return None


def redirect_location(raw: RawResponse) -> str | None:
    """Return the Location header of a redirect, or None if the response is not a redirect."""
    if raw.status not in REDIRECTS or raw.failure:
        return None
    return raw.header("Location")


class Politeness:
    """Checks each request against the host's earlier responses. A client has one instance.

    ``remembers`` False: a URL that a person named is requested regardless of the responses to other
    requests.
    """

    def __init__(
        self,
        allow_hosts: AllowedHosts,
        limiter: RateLimiter,
        robots: RobotsCache,
        *,
        remembers: bool,
    ) -> None:
        self._allow_hosts = allow_hosts
        self._limiter = limiter
        self._robots = robots
        self._remembers = remembers
        self._challenged: set[str] = set()  # URLs and hosts
        self._timeouts: Counter[str] = Counter()  # consecutive timeouts by host

    async def check(
        self, chain: RedirectChain, expect: str, now: dt.datetime, *, obeys_robots: bool
    ) -> Response | None:
        """Return the response that replaces a request which must not be sent, or None if the
        request may be sent.
        """
        url, host = chain.url, host_of(chain.url)
        refusal = check_url(url, self._allow_hosts)
        if refusal:
            return Response(url, Outcome.BLOCKED, now, refusal, was_sent=chain.hop_count > 0)
        until = self._limiter.paused_until(host, now)
        if until:
            reason = f"{host} requested a pause until {until:%Y-%m-%d %H:%M} UTC."
            seconds = int((until - now).total_seconds())
            return Response(
                url, Outcome.THROTTLED, now, reason, was_sent=False, retry_after_seconds=seconds
            )
        if self._timeouts[host] >= MAX_TIMEOUTS:
            reason = f"{host} timed out {MAX_TIMEOUTS} times in a row"
            return Response(url, Outcome.DEFERRED, now, reason, was_sent=False)
        if url in self._challenged or (expect == "page" and host in self._challenged):
            return Response(
                url,
                Outcome.CHALLENGE,
                now,
                f"{host} has already shown a challenge in this run.",
                was_sent=False,
            )
        if not obeys_robots:
            return None
        decision = await self._robots.check(url, now)
        self._limiter.set_crawl_delay(host, decision.crawl_delay)
        return (
            None
            if decision.is_allowed
            else Response(url, decision.outcome, now, decision.reason, was_sent=False)
        )

    def record(self, response: Response, final_url: str) -> None:
        """Record what a response from ``final_url`` demands: a pause of the host, or no more
        requests in this run.

        After a redirect from another domain, only a pause affects the host. Otherwise a page could
        redirect to a URL that times out or shows a challenge, and the host's own pages would not be
        requested in this run.
        """
        host = host_of(final_url)
        is_same_domain = domain_of(host_of(response.url)) == domain_of(host)
        if self._remembers and is_same_domain:
            self._timeouts[host] = (
                self._timeouts[host] + 1 if response.outcome is Outcome.TIMEOUT else 0
            )
        if response.outcome is Outcome.THROTTLED:
            self._limiter.pause(
                host, response.fetched_at + pause_duration(response.retry_after_seconds)
            )
        elif response.outcome is Outcome.CHALLENGE and self._remembers:
            self._challenged |= (
                {response.url, final_url, host} if is_same_domain else {response.url, final_url}
            )
