"""Read hosts' robots files, and decide whether they allow a URL (RFC 9309)."""

import datetime as dt
import re
from typing import NamedTuple

from tidings.base.records import Robots
from tidings.fetch.response import UNREACHABLE, Outcome, Response
from tidings.fetch.rights import ALLOW, DISALLOW, decoded_path, matches, rules_for

FRESH_FOR = dt.timedelta(hours=24)
REFUSED_WHILE_FAILING = dt.timedelta(hours=24)
# RFC 9309 2.3.1.4: a reasonably long period, 30 days for example
ALLOWED_AFTER_FAILING = dt.timedelta(days=30)
MAX_BYTES = 512_000
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]*)?")


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
    status, outcome, text = response.status, response.outcome, ""
    if outcome in (Outcome.OK, Outcome.EMPTY) or status == 204:
        text = response.body[:MAX_BYTES].decode("utf-8", "replace").lstrip("\ufeff")
    # RFC 9309 2.3.1.2: after five redirects the file counts as unavailable
    elif outcome is not Outcome.REDIRECT_ERROR and (
        status not in range(400, 500) or outcome is Outcome.THROTTLED
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
    _, rules = rules_for(copy.text, user_agent.partition("/")[0].strip())
    seconds = dict(reversed(rules)).get("crawl-delay", "")
    delay = float(seconds) if _SECONDS.fullmatch(seconds) else None
    if _is_allowed(rules, decoded_path(url)):
        return RobotsDecision(crawl_delay=delay)
    reason = "The host's robots.txt disallows this URL."
    return RobotsDecision(Outcome.ROBOTS_DENIED, reason, delay)


def _is_allowed(rules: list[tuple[str, str]], path: str) -> bool:
    """Return whether the longest matching rule allows a path (RFC 9309, 2.2.2), or none matches."""
    matching = [
        (len(pattern), field == ALLOW)
        for field, pattern in rules
        if pattern and field in {ALLOW, DISALLOW} and matches(pattern, path)
    ]
    return max(matching, default=(0, True))[1]
