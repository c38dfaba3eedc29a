"""Judge a source by its last poll: whether it is dead, moved, blocked, empty or stale, and what its
reader can do.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from tidings.fetch.response import Outcome


class Verdict(StrEnum):
    """The groups of sources in reports, those that need an action first."""

    DEAD = "dead"
    MOVED = "moved"
    NOT_FEED = "not a feed"
    BLOCKED = "blocked"
    EMPTY = "empty"
    STALE = "stale"
    UNREACHABLE = "unreachable"
    FINE = "fine"


ACTIONS = {
    Verdict.DEAD: "`tidings feeds check --write` disables them.",
    Verdict.MOVED: "`tidings feeds check --write` enters the new URLs.",
    Verdict.NOT_FEED: "`tidings feeds check ID` shows the source of the page.",
    Verdict.BLOCKED: "Ask the publisher, or set is_enabled to false.",
    Verdict.EMPTY: "`tidings feeds check ID` proposes new selectors.",
    Verdict.STALE: "Find the current feed: `tidings feeds move ID URL`.",
    Verdict.UNREACHABLE: "No action is needed: the next poll tries again.",
}
MOVE = "A source with another URL keeps its history: `tidings feeds move ID URL`."
OFFLINE = "No source responded. Check the network connection of this machine."
LASTING = 5  # consecutive failures: with the backoff, more than a week
STALE_AFTER = dt.timedelta(days=60)
_SILENT = {Outcome.DNS_ERROR, Outcome.CONNECT_ERROR, Outcome.TIMEOUT}
_BY_STATUS = dict.fromkeys(("404", "410"), Verdict.DEAD)
_BY_STATUS |= dict.fromkeys(("401", "403", "451"), Verdict.BLOCKED)
_STATUS = re.compile(r"\((\d{3})\)\.$")  # at the end of a reason
_BY_OUTCOME = {
    Outcome.GONE: Verdict.DEAD,
    Outcome.DNS_ERROR: Verdict.DEAD,
    Outcome.NOT_FEED: Verdict.NOT_FEED,
    Outcome.TOO_BIG: Verdict.NOT_FEED,
    Outcome.CHALLENGE: Verdict.BLOCKED,
    Outcome.ROBOTS_DENIED: Verdict.BLOCKED,
    Outcome.BLOCKED: Verdict.BLOCKED,
    Outcome.NO_ITEMS: Verdict.EMPTY,
    Outcome.EMPTY: Verdict.EMPTY,
}


class Poll(NamedTuple):
    """The last poll of a source. ``moved_to`` is the target of permanent redirects, ``newest_at``
    the date of the newest entry. Times are in UTC; None means never. ``feeds check`` leaves the
    last fields empty.
    """

    feed_id: str
    outcome: str
    reason: str | None = None
    moved_to: str | None = None
    entry_count: int = 0
    newest_at: dt.datetime | None = None
    failure_count: int = 0
    url: str = ""
    last_polled_at: dt.datetime | None = None
    last_success_at: dt.datetime | None = None
    last_new_entry_at: dt.datetime | None = None
    next_poll_at: dt.datetime | None = None
    is_retired: bool = False

    @property
    def is_ok(self) -> bool:
        """True if the poll succeeded."""
        return self.outcome in {Outcome.OK, Outcome.NOT_MODIFIED}

    @property
    def is_working(self) -> bool:
        """True if the poll succeeded and the source shows entries."""
        return self.is_ok and self.entry_count > 0

    @property
    def is_lasting(self) -> bool:
        """True if so many polls failed in a row that waiting is not enough."""
        return self.failure_count >= LASTING and self.outcome != Outcome.THROTTLED

    def verdict(self, now: dt.datetime) -> Verdict:
        """Return the group of the source at a time (UTC)."""
        if not self.is_ok:
            status = _STATUS.search(self.reason or "")
            if status and self.outcome == Outcome.HTTP_ERROR:
                return _BY_STATUS.get(status[1], Verdict.UNREACHABLE)
            return _BY_OUTCOME.get(Outcome(self.outcome), Verdict.UNREACHABLE)
        if self.moved_to:
            return Verdict.MOVED
        if not self.is_working:
            return Verdict.EMPTY
        is_stale = now - (self.newest_at or now) > STALE_AFTER
        return Verdict.STALE if is_stale else Verdict.FINE


def next_step(verdict: Verdict, poll: Poll) -> str:
    """Return what a user can do about a source."""
    look = f"`tidings feeds add {'/'.join(poll.url.split('/')[:3])}/` looks for its current feed"
    check = f"tidings feeds check {poll.feed_id}"
    steps = {
        Verdict.DEAD: f"{look}; otherwise `{check} --write` disables it.",
        Verdict.MOVED: f"`tidings feeds move {poll.feed_id} {poll.moved_to}` keeps its history.",
        Verdict.STALE: f"{look}.",
        Verdict.BLOCKED: ACTIONS[Verdict.BLOCKED],
        Verdict.UNREACHABLE: f"It persists: run `{check}`, and look for a new URL."
        if poll.is_lasting
        else ACTIONS[Verdict.UNREACHABLE],
    }
    return steps.get(verdict, f"`{check}` shows the reason.")


def judge(polls: Sequence[Poll], now: dt.datetime) -> list[tuple[Verdict, Poll]]:
    """Return the polls with their verdicts at a time, those that need an action first. If most
    sources are silent, none of these is called dead.
    """
    order, doubtful = list(Verdict), _SILENT if is_mostly_silent(polls) else ()
    judged = [
        (Verdict.UNREACHABLE if poll.outcome in doubtful else poll.verdict(now), poll)
        for poll in polls
    ]
    return sorted(judged, key=lambda pair: (order.index(pair[0]), pair[1].feed_id))


def is_offline(polls: Iterable[Poll]) -> bool:
    """Return whether no source responded, so that this machine is probably offline."""
    return all(poll.outcome in _SILENT for poll in polls)


def is_mostly_silent(polls: Sequence[Poll]) -> bool:
    """Return whether most sources did not respond, so that a missing host name may still exist."""
    return 2 * sum(poll.outcome in _SILENT for poll in polls) > len(polls)
