"""The state of a source after a poll."""

import dataclasses
import datetime as dt
import itertools
from typing import Any

import pytest

from tests.cases import cases
from tests.fetch.loopback import feed_row, item, rss
from tidings.base.records import Feed, FeedState
from tidings.fetch.feed.entry import ParsedFeed, Unreadable
from tidings.fetch.feed.read import read_feed
from tidings.fetch.poll_state import (
    HOUR,
    after_poll,
    backoff_after,
    is_due,
    poll_request,
    throttled_for,
)
from tidings.fetch.response import Outcome, Response
from tidings.fetch.sources.listing import read_listing

NIGHT = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
URL = "https://news.example/feed.xml"
NEW_URL = "https://www.news.example/feed.xml"
FEED = feed_row(url=URL)


def response(outcome: Outcome = Outcome.OK, **changes: Any) -> Response:
    reason = None if outcome is Outcome.OK else "Why."
    result = Response(URL, outcome, NIGHT, reason, final_url=URL, status=200, etag='"v1"')
    return result._replace(**changes)


def parse(*items: str, now: dt.datetime = NIGHT, **changes: str) -> ParsedFeed:
    feed = read_feed(rss(*items, **changes), None, URL, "UTC", now)
    assert isinstance(feed, ParsedFeed)
    return feed


def poll(
    state: FeedState | None,
    answer: Response,
    parsed: Any = None,
    now: Any = NIGHT,
    feed: Any = FEED,
) -> FeedState:
    return after_poll(feed, state, answer, parsed, now)[0]


@pytest.fixture
def good() -> FeedState:
    """Return the state after one successful poll."""
    return poll(None, response(), parse(item(1), item(2)))


def test_a_good_poll_is_kept_with_its_validators(good: FeedState) -> None:
    """The state contains the validators, and the entry IDs that reveal a gap at the next poll."""
    found = (good.outcome, good.etag, good.failure_count, good.last_success_at)
    assert found == ("ok", '"v1"', 0, NIGHT)
    assert len(good.entry_ids) == 2
    assert poll_request(FEED, good) == (URL, '"v1"', None)
    dated = poll(None, response(last_modified="Mon, 01 Jun 2026 20:00:00 GMT"), parse(item(1)))
    assert poll_request(FEED, dated) == (URL, '"v1"', "Mon, 01 Jun 2026 20:00:00 GMT")
    unchanged = poll(dated, response(Outcome.NOT_MODIFIED, etag=None))
    assert poll_request(FEED, unchanged) == poll_request(FEED, dated)
    assert poll_request(FEED, None) == (URL, None, None)


def test_a_night_run_again_finds_nothing_due_and_the_next_night_everything(good: FeedState) -> None:
    """A rerun polls nothing, and a nightly run that starts half an hour early polls everything."""
    assert is_due(None, NIGHT)
    assert not is_due(good, NIGHT)
    assert not is_due(good, NIGHT + dt.timedelta(minutes=59))
    for state in (
        good,
        poll(None, response(etag=None), parse(item(1))),
        poll(good, response(Outcome.NOT_MODIFIED, status=304)),
    ):
        assert is_due(state, NIGHT + DAY - dt.timedelta(minutes=30))


def test_validators_belong_to_one_whole_body(good: FeedState) -> None:
    """A 304 keeps the entries and replaces the validators. A 200 without validators removes them,
    and a cut-off feed too, because the next response must contain the missing entries.
    """
    state = poll(good, response(Outcome.NOT_MODIFIED, status=304, etag='"v2"'), now=NIGHT + DAY)
    found = (state.etag, state.entry_ids, state.last_success_at)
    assert found == ('"v2"', good.entry_ids, NIGHT + DAY)
    assert poll(good, response(Outcome.NOT_MODIFIED, etag=None)).etag == '"v1"'
    assert poll(good, response(etag=None), parse(item(3)), NIGHT + DAY).etag is None
    cut = read_feed(rss(item(1), item(2))[:-60], None, URL, "UTC", NIGHT)
    state = poll(good, response(etag='"v3"'), cut)
    assert (state.outcome, state.etag) == ("ok", None)
    assert (state.reason or "").startswith("Read in part.")


@cases(
    "outcome, status, etag",
    *((name, 404, None) for name in "truncated not_feed http_error too_big gone".split()),
    ("empty", 200, '"v1"'),
    ("http_error", 204, '"v1"'),
    ("http_error", 206, '"v1"'),
    ("timeout", None, '"v1"'),
)
def test_a_failure_drops_validators_only_if_it_contradicts_the_copy(
    good: FeedState, outcome: str, status: int | None, etag: str | None
) -> None:
    """A 304 after another content would hide lost entries. After a 204, a 206, an empty 200 or no
    response, the validators stay.
    """
    state = poll(good, response(Outcome(outcome), status=status, etag='"other"'))
    assert (state.etag, state.failure_count) == (etag, 1)


def test_failures_are_counted(good: FeedState) -> None:
    """An unreadable response is a failure with its reason; a request not sent is none."""
    state = poll(good, response(), Unreadable("It hangs."))
    found = (state.outcome, state.reason, state.failure_count, state.etag)
    assert found == ("not_feed", "It hangs.", 1, None)
    failed = poll(None, response(Outcome.HTTP_ERROR, status=500))
    assert (failed.failure_count, failed.next_poll_at) == (1, NIGHT + dt.timedelta(hours=1))
    unsent = poll(None, response(Outcome.DEFERRED, was_sent=False, status=None))
    assert (unsent.failure_count, unsent.moved_nights, unsent.last_success_at) == (0, 0, None)


def test_failures_back_off_and_a_success_ends_that(good: FeedState) -> None:
    """The interval doubles from an hour to a week at most; after timeouts, a source is due after
    one night, then after two, four and seven.
    """
    state, waits, now = good, [], NIGHT
    for _ in range(9):
        now = max(now + DAY, state.next_poll_at)
        state = poll(state, response(Outcome.HTTP_ERROR, status=500), now=now)
        waits.append((state.next_poll_at - now) / dt.timedelta(hours=1))
    assert waits == sorted(waits)
    assert waits[-1] == 7 * 24
    assert backoff_after(99) == 7 * 24 * HOUR
    assert poll(state, response(), parse(item(3), now=now), now).failure_count == 0
    state, nights = good, []
    for night in range(1, 30):
        now = NIGHT + night * DAY
        if is_due(state, now):
            nights.append(night)
            state = poll(state, response(Outcome.TIMEOUT, status=None), now=now)
    assert [b - a for a, b in itertools.pairwise(nights)][:5] == [1, 2, 4, 7, 7]


def test_throttled_waits_for_what_was_asked_but_not_for_ever(good: FeedState) -> None:
    """The wait is the maximum of backoff and Retry-After, and at most 48 hours."""
    assert throttled_for(1, None) == HOUR
    assert throttled_for(1, 7200) == 7200
    assert throttled_for(4, 7200) == 8 * HOUR
    assert throttled_for(1, 10**6) == 48 * HOUR
    state = poll(good, response(Outcome.THROTTLED, status=429, retry_after_seconds=40 * HOUR))
    assert state.next_poll_at == NIGHT + dt.timedelta(hours=40)
    assert state.etag == '"v1"'


@pytest.mark.parametrize(
    ("changes", "hours"),
    [({"outcome": Outcome.THROTTLED, "retry_after_seconds": 7200}, 2),
     ({"outcome": Outcome.DEFERRED}, 1)],
    ids=["paused host", "host that used its time"],
)  # fmt: skip
def test_a_request_that_was_not_sent_is_no_failure_of_a_feed(
    good: FeedState, changes: dict[str, Any], hours: int
) -> None:
    """It changes only the next poll: after the pause of the host, or an hour after it used its
    time, but not before the usual interval.
    """
    unsent = response(**changes, was_sent=False, status=None)
    state = poll(good, unsent, now=NIGHT + DAY)
    assert state.next_poll_at == NIGHT + DAY + dt.timedelta(hours=hours)
    found = (state.failure_count, state.last_polled_at, state.etag)
    assert found == (0, good.last_polled_at, '"v1"')
    assert poll(good, unsent).next_poll_at == good.next_poll_at


def test_dead_feeds_are_retired_and_a_probe_can_bring_them_back(good: FeedState) -> None:
    """After a 410, or over a month of failed polls, one request is sent in 30 days."""
    state = poll(good, response(Outcome.GONE, status=410))
    assert state.retired_at == NIGHT
    assert not is_due(state, NIGHT + 29 * DAY)
    assert is_due(state, NIGHT + 30 * DAY)
    dead = poll(state, response(Outcome.TIMEOUT, status=None), now=NIGHT + 30 * DAY)
    assert (dead.retired_at, dead.next_poll_at) == (NIGHT, NIGHT + 60 * DAY)
    assert poll(state, response(), parse(item(1)), NIGHT + 30 * DAY).retired_at is None
    state, now, poll_count = good, NIGHT, 0
    while state.retired_at is None:
        now += DAY
        if is_due(state, now):
            poll_count += 1
            state = poll(state, response(Outcome.DNS_ERROR, status=None), now=now)
    assert 30 * DAY <= now - NIGHT <= 60 * DAY
    assert poll_count == 12
    assert state.next_poll_at == now + 30 * DAY


def move(state: FeedState, night: float, **changes: Any) -> FeedState:
    moved = response(final_url=NEW_URL, is_permanent_move=True, **changes)
    return poll(state, moved, parse(item(1)), NIGHT + night * DAY)


def test_an_address_changes_after_five_nights_of_a_permanent_move(good: FeedState) -> None:
    """The URL changes after five nights, and the validators of the old URL are removed. Hourly
    polls of one night count once; a night ends at noon UTC, twelve hours apart is another one. A
    night without the redirect, or with another target, resets the count.
    """
    state = good
    for night in range(1, 5):
        state = move(state, night)
        assert (poll_request(FEED, state)[0], state.moved_nights) == (URL, night)
    state = move(state, 5)
    found = (poll_request(FEED, state)[0], state.url, state.etag, state.moved_nights)
    assert found == (NEW_URL, NEW_URL, None, 0)
    stayed = poll(state, response(final_url=NEW_URL), parse(item(1)), NIGHT + 6 * DAY)
    assert (stayed.url, stayed.etag) == (NEW_URL, '"v1"')
    state = move(good, 1)
    for hour in range(1, 9):
        state = move(state, 1 + hour / 24)
    assert state.moved_nights == 1
    assert move(move(good, 1), 1 + 11.9 / 24).moved_nights == 1
    assert move(move(good, 1), 1 + 12 / 24).moved_nights == 2
    state = move(move(good, 1), 2)
    assert poll(state, response(), parse(item(1)), NIGHT + 3 * DAY).moved_nights == 0
    elsewhere = response(Outcome.NOT_FEED, is_permanent_move=True)
    assert poll(state, elsewhere, now=NIGHT + 3 * DAY).moved_nights == 0
    state = good
    for hour in range(24, 110):
        state = move(state, hour / 24)
        assert state.url == URL
    assert move(state, 110 / 24).url == NEW_URL  # 6 June, 12:00 UTC


def test_a_poll_that_shares_no_entry_tells_of_a_gap(good: FeedState) -> None:
    """The gap lasts from the last poll to the oldest entry, and the interval is halved."""
    later = NIGHT + DAY
    shown = [item(n, date=(later - n * dt.timedelta(hours=1)).isoformat()) for n in range(3, 9)]
    state, gaps = after_poll(FEED, good, response(), parse(*shown, now=later), later)
    [gap] = gaps
    assert (gap.starts_at, gap.ends_at) == (NIGHT, later - dt.timedelta(hours=8))
    assert state.interval_seconds < good.interval_seconds


def test_what_is_no_gap(good: FeedState) -> None:
    """Shared entries, new URLs of old entries and polls without entries are no gap."""
    later = NIGHT + DAY
    assert after_poll(FEED, good, response(), parse(item(2), item(3), now=later), later)[1] == []
    assert after_poll(FEED, good, response(), parse(item(7), item(8), now=later), later)[1] == []
    assert after_poll(FEED, None, response(), parse(item(7)), later)[1] == []
    later = NIGHT + DAY
    shown = parse(item(3, date=(later - dt.timedelta(hours=3)).isoformat()), now=later)
    assert after_poll(FEED, good, response(), parse(now=later), later)[1] == []
    assert after_poll(FEED, poll(None, response(), parse()), response(), shown, later)[1] == []


LISTING = dataclasses.replace(FEED, kind="listing", item_selector="li a")


def listing(*links: str, feed: Feed = LISTING) -> ParsedFeed | Unreadable:
    page = "<ul>" + "".join(f"<li>{link}</li>" for link in links) + "</ul>"
    return read_listing(page.encode(), "text/html", URL, "UTC", NIGHT, feed)


def test_a_listing_without_items_is_a_failure() -> None:
    """A selector that matches nothing yields no_items and no validators, to be read again."""
    good = poll(None, response(), listing("<a href='/1'>One</a>"), feed=LISTING)
    assert (good.outcome, len(good.entry_ids)) == ("ok", 1)
    empty = poll(good, response(), listing("No link"), NIGHT + DAY, LISTING)
    found = (empty.outcome, empty.failure_count, empty.last_success_at, empty.etag)
    assert found == ("no_items", 1, NIGHT, None)
    assert empty.reason == "The page responds, but its item_selector matches no link."
    again = poll(empty, response(), listing("<a href='/2'>Two</a>"), NIGHT + 2 * DAY, LISTING)
    assert again.failure_count == 0
    by_day = dataclasses.replace(LISTING, day_url="https://news.example/{yyyy}{mm}{dd}.html")
    assert isinstance(listing("No link", feed=by_day), ParsedFeed)  # nothing appeared on that day


def test_a_listing_of_only_old_items_is_a_failure() -> None:
    """New items that are far older than the last ones belong to another part of the page."""
    good = poll(None, response(), listing("<a href='/1'>One</a> 28 May 2026"), feed=LISTING)
    old = listing("<a href='/about'>About</a> 3 March 2021")
    assert poll(good, response(), old, NIGHT + DAY, LISTING).outcome == "no_items"
    assert poll(None, response(), old, NIGHT, LISTING).outcome == "ok"
    newer = listing("<a href='/2'>Two</a> 2 May 2026")
    assert poll(good, response(), newer, NIGHT + DAY, LISTING).outcome == "ok"
