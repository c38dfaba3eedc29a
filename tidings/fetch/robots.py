"""Read hosts' robots files, and decide whether they allow a URL (RFC 9309)."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from protego import Protego

from tidings.base.records import Robots
from tidings.fetch.response import UNREACHABLE, Outcome

if TYPE_CHECKING:
    from tidings.fetch.response import Response

FRESH_FOR = dt.timedelta(hours=24)
REFUSED_WHILE_FAILING = dt.timedelta(hours=24)
# RFC 9309 2.3.1.4: a reasonably long period, 30 days for example
ALLOWED_AFTER_FAILING = dt.timedelta(days=30)
MAX_BYTES = 512_000
_AGENT = re.compile(r"\s*user[ -]?agent\b\s*:?(.*)", re.IGNORECASE)
# lines that end a group's list of user agents: every field that is not for the whole site
_RULE = re.compile(
    r"\s*(?!site-?maps?\b|host\b|#)(?:[^:#]+:|(?:allow|di\w*allo?w|crawl|request|visit)\b)",
    re.IGNORECASE,
)


class RobotsDecision(NamedTuple):
    """Whether a URL may be requested: ok, or the outcome of the refusal. ``crawl_delay`` is in
    seconds.
    """

    outcome: Outcome = Outcome.OK
    reason: str | None = None
    crawl_delay: float | None = None


def is_fresh(copy: Robots, now: dt.datetime) -> bool:
    """Return whether a copy is valid: for 24 hours, or for one hour after a failed request."""
    age = now - copy.asked_at
    return dt.timedelta(0) <= age < (dt.timedelta(hours=1) if copy.failing_since else FRESH_FOR)


def read_robots(origin: str, response: Response, before: Robots | None, now: dt.datetime) -> Robots:
    """Return the copy for a response to ``/robots.txt``. 4xx means no file (RFC 9309, 2.3.1.3)."""
    status, outcome, text = response.status or 0, response.outcome, ""
    if outcome in (Outcome.OK, Outcome.EMPTY) or status == 204:
        text = response.body[:MAX_BYTES].decode("utf-8-sig", "replace").lstrip("\ufeff")
    # RFC 9309 2.3.1.2: after five redirects the file counts as unavailable
    elif outcome is not Outcome.REDIRECT_ERROR and (
        not 400 <= status < 500 or outcome is Outcome.THROTTLED
    ):
        known, since = (before.text, before.failing_since) if before else (None, None)
        # now, if the clock was ahead
        return Robots(origin, now, outcome.value, response.reason, known, min(since or now, now))
    return Robots(origin, now, Outcome.OK.value, None, text, None)


def check_robots(copy: Robots, url: str, user_agent: str, now: dt.datetime) -> RobotsDecision:
    """Return whether a host's robots file allows ``user_agent`` to request ``url``.

    While the file cannot be read, all requests are refused for 24 hours, and then the last valid
    copy applies; without a copy, requests are refused for 30 days and then allowed. If the host
    cannot be reached, the outcome is that, such as dns_error.
    """
    if copy.failing_since is not None:
        failing_for = now - copy.failing_since
        if (outcome := Outcome(copy.outcome)) in UNREACHABLE:
            return RobotsDecision(outcome, copy.reason)
        if failing_for < REFUSED_WHILE_FAILING or (
            copy.text is None and failing_for < ALLOWED_AFTER_FAILING
        ):
            problem = "The host's robots.txt could not be read, so nothing is fetched"
            return RobotsDecision(Outcome.ROBOTS_DENIED, f"{problem}: {copy.reason}")
    if not copy.text:
        return RobotsDecision()
    agent = user_agent.partition("/")[0].strip() or user_agent
    rules = _parse(copy.text, agent)
    delay = rules.crawl_delay(agent)
    if rules.can_fetch(url, agent):
        return RobotsDecision(crawl_delay=delay)
    reason = "The host's robots.txt disallows this URL."
    return RobotsDecision(Outcome.ROBOTS_DENIED, reason, delay)


@lru_cache(maxsize=1024)
def _parse(text: str, agent: str) -> Protego:
    return Protego.parse(_merge_other_agents(text, agent))


def _merge_other_agents(text: str, agent: str) -> str:
    """Return a robots file in which each group names at most one other user agent: the parser
    copies every rule of a group for each name, which took 16 seconds for 60 kB.
    """
    lines: list[str] = []
    has_other = False
    for line in text.splitlines():
        named = _AGENT.match(line)
        name = named[1].partition("#")[0].strip().lower() if named else ""
        if named is None:
            has_other = has_other and not _RULE.match(line)
        elif name != "*" and name.replace("*", "") not in agent.lower():
            if has_other:
                continue
            has_other = True
        lines.append(line)
    return "\n".join(lines)
