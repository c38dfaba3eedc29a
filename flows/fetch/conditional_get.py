"""What a source is asked with: the address, which moves only with five nights of permanent redirects, and its validators."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from tidings.flows.fetch.outcomes import Answer, Outcome

if TYPE_CHECKING:
    from tidings.flows.fetch.feed.parsed import ParsedFeed
    from tidings.warehouse.records import Feed, FeedState

NIGHTS_UNTIL_MOVED = 5
# Answers that say nothing against the copy that the validators belong to, or no answers at all.
_KEEPS_VALIDATORS = {
    Outcome.NOT_MODIFIED,
    Outcome.EMPTY,
    Outcome.THROTTLED,
    Outcome.BLOCKED,
    Outcome.ROBOTS_DENIED,
    Outcome.CONNECT_ERROR,
    Outcome.TLS_ERROR,
    Outcome.DNS_ERROR,
    Outcome.TIMEOUT,
}


def requested_url(feed: Feed, state: FeedState | None) -> str:
    """Return the address to ask: the registry's, or where five nights of permanent redirects have led."""
    return state.url if state else feed.url


def validators_of(state: FeedState | None) -> dict[str, str | None]:
    """Return ``etag`` and ``last_modified`` to send; they belong to the state's address, with which they are begun anew."""
    return {"etag": state.etag if state else None, "last_modified": state.last_modified if state else None}


def validators_after(
    state: FeedState, answer: Answer, outcome: Outcome, parsed: ParsedFeed | None
) -> tuple[str | None, str | None]:
    """Return the validators to keep: an answer's own with its body; the old ones where nothing speaks against that body.

    ``outcome`` and ``parsed`` are what the poll came to, its reading included.
    """
    if outcome is Outcome.NOT_MODIFIED:
        return answer.etag or state.etag, answer.last_modified or state.last_modified
    if outcome is Outcome.OK:
        if parsed is not None and parsed.is_cut_off:  # a 304 would hide the missing end for ever
            return None, None
        return answer.etag, answer.last_modified
    if outcome in _KEEPS_VALIDATORS or answer.status in (204, 206):
        return state.etag, state.last_modified
    return None, None


def follow_move(state: FeedState, answer: Answer, now: dt.datetime) -> tuple[str, str | None, int]:
    """Return the address to ask from now on, where permanent redirects lead, and for how many nights they have.

    A night counts once, however many polls it holds, and only if a feed was at the end.
    """
    if not answer.is_permanent_move or not answer.final_url:
        return state.url, None, 0
    if answer.final_url != state.moved_to:
        return state.url, answer.final_url, 1
    # A feed that is polled every hour never waits 12 hours, so noon (UTC) begins a new night too.
    half_day = dt.timedelta(hours=12)
    is_new_night = now - state.last_polled_at >= half_day or (now - half_day).date() > (state.last_polled_at - half_day).date()
    nights = state.moved_nights + 1 if is_new_night else state.moved_nights
    if nights >= NIGHTS_UNTIL_MOVED:
        return answer.final_url, None, 0
    return state.url, answer.final_url, nights
