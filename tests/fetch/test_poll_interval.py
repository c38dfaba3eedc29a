"""The interval between two polls of a source."""

import datetime as dt

from tests.cases import cases
from tests.fetch.loopback import item
from tests.fetch.test_poll_state import DAY, NIGHT, parse, poll, response
from tidings.fetch.poll_state import DAILY, HOUR, next_interval
from tidings.fetch.response import Outcome


def test_without_validators_a_source_is_asked_once_a_day() -> None:
    """The interval is twenty hours, so that early nightly runs do not skip the source."""
    state = poll(
        None,
        response(etag=None),
        parse(*(item(n, date=f"Mon, 01 Jun 2026 {n:02d}:00:00 GMT") for n in range(20))),
    )
    assert state.interval_seconds == DAILY


def test_the_interval_follows_what_a_feed_publishes() -> None:
    """The interval is a third of the median (of three dates), from 1 to 20 hours."""
    every = {
        minutes: [
            item(n, date=(NIGHT - n * dt.timedelta(minutes=minutes)).isoformat()) for n in range(12)
        ]
        for minutes in (5, 720, 9000)
    }
    found = [poll(None, response(), parse(*items)).interval_seconds for items in every.values()]
    assert found == [HOUR, 4 * HOUR, DAILY]
    shown = [item(n, date=(NIGHT - n * dt.timedelta(hours=1)).isoformat()) for n in range(3)]
    found = [poll(None, response(), parse(*shown[:count])).interval_seconds for count in (2, 3)]
    assert found == [DAILY, HOUR]


@cases(
    "head, changes, hours",
    ("<ttl>1380</ttl>", {}, 23),
    ("<ttl>1440</ttl>", {}, 24),
    ("<ttl>1800</ttl>", {}, 30),
    ("<ttl>20160</ttl>", {}, 7 * 24),
    ("", {"headers": {"Cache-Control": "public, max-age=108000"}}, 30),
    ("", {"headers": {"Cache-Control": "max-age=99999999"}}, 48),
    ("", {"retry_after_seconds": 108_000}, 30),
    (
        (
            "<sy:updatePeriod"
            ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">weekly</sy:updatePeriod>'
        ),
        {},
        7 * 24,
    ),
    ("<ttl>5</ttl>", {"headers": {"Cache-Control": "max-age=60"}}, 20),
)
def test_a_source_can_make_it_later_and_never_sooner(
    head: str, changes: dict[str, int] | dict[str, dict[str, str]], hours: int
) -> None:
    """ttl, update period, max-age and Retry-After extend the interval, days less 15 minutes."""
    state = poll(None, response(etag=None, **changes), parse(item(1), head=head))
    slack = 900 if hours >= 24 else 0
    assert state.interval_seconds == hours * HOUR - slack


def test_a_gap_halves_the_previous_interval() -> None:
    """After a gap the interval is half the previous or half the entries', if shorter."""
    slow = parse(
        *(item(n, date=(NIGHT - n * dt.timedelta(hours=30)).isoformat()) for n in range(4))
    )
    assert next_interval(response(), slow, 6 * HOUR, has_gap=True) == 3 * HOUR
    assert next_interval(response(), slow, DAILY, has_gap=True) == 5 * HOUR


def test_a_304_keeps_the_interval() -> None:
    """A response without entries does not change the interval."""
    hourly = poll(
        None,
        response(),
        parse(*(item(n, date=(NIGHT - n * dt.timedelta(hours=1)).isoformat()) for n in range(9))),
    )
    assert hourly.interval_seconds == HOUR
    assert (
        poll(hourly, response(Outcome.NOT_MODIFIED, status=304), now=NIGHT + DAY).interval_seconds
        == HOUR
    )
