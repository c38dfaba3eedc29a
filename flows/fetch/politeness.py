"""What hosts have asked for so far, heeded before each request: pauses, a person instead of us, robots files."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tidings.flows.fetch.address import AllowedHosts, check_url
from tidings.flows.fetch.outcomes import Answer, Outcome
from tidings.flows.fetch.rate_limit import Pacer, domain_of, pause_of
from tidings.flows.urls import host_of

if TYPE_CHECKING:
    import datetime as dt

    from tidings.flows.fetch.redirects import Trail
    from tidings.flows.fetch.robots_cache import RobotsDesk

MOST_SILENCES = 2  # timeouts in a row after which a host is left alone in this run


class Manners:
    """Says before a request why it is not made, and learns from each answer. It lasts as long as its client.

    ``remembers`` False: a URL that a person named is requested regardless of other requests to its host.
    """

    def __init__(self, allow_hosts: AllowedHosts, pacer: Pacer, robots: RobotsDesk, *, remembers: bool) -> None:
        self._allow_hosts = allow_hosts
        self._pacer = pacer
        self._robots = robots
        self._remembers = remembers
        self._challenged: set[str] = set()
        self._silences: Counter[str] = Counter()  # timeouts in a row, by host

    async def refuse(self, trail: Trail, expect: str, now: dt.datetime, *, obeys_robots: bool) -> Answer | None:
        """Return the answer that is known without asking, or None when the trail's next address may be asked."""
        url, host = trail.url, host_of(trail.url)
        refusal = check_url(url, self._allow_hosts)
        if refusal:
            return Answer(url, Outcome.BLOCKED, now, refusal, was_sent=trail.hop_count > 0)
        until = self._pacer.paused_until(host, now)
        if until:
            reason = f"{host} asked to be left alone until {until:%Y-%m-%d %H:%M} UTC."
            seconds = int((until - now).total_seconds())
            return Answer(url, Outcome.THROTTLED, now, reason, was_sent=False, retry_after_seconds=seconds)
        if self._silences[host] >= MOST_SILENCES:
            reason = f"{host} did not answer in time {MOST_SILENCES} times in a row"
            return Answer(url, Outcome.DEFERRED, now, reason, was_sent=False)
        if url in self._challenged or (expect == "page" and host in self._challenged):
            return Answer(url, Outcome.CHALLENGE, now, f"{host} has already asked for a person tonight.", was_sent=False)
        if not obeys_robots:
            return None
        verdict = await self._robots.ask(url, now)
        self._pacer.lengthen(host, verdict.crawl_delay)
        return None if verdict.is_allowed else Answer(url, verdict.outcome, now, verdict.reason, was_sent=False)

    def learn(self, answer: Answer, trail: Trail) -> None:
        """Apply an answer's demands: a pause of the whole host, or no second request tonight. Count consecutive timeouts.

        After a redirect from another domain, only a pause affects the host. Otherwise a page could redirect to a URL that times
        out or shows a challenge, and the host's own pages would not be requested tonight.
        """
        host = host_of(trail.url)
        is_own = domain_of(host_of(answer.url)) == domain_of(host)
        if self._remembers and is_own:
            self._silences[host] = self._silences[host] + 1 if answer.outcome is Outcome.TIMEOUT else 0
        if answer.outcome is Outcome.THROTTLED:
            self._pacer.pause(host, answer.fetched_at + pause_of(answer.retry_after_seconds))
        elif answer.outcome is Outcome.CHALLENGE and self._remembers:
            self._challenged |= {answer.url, trail.url, host} if is_own else {answer.url, trail.url}
