"""What a robots file allows, and how long a copy counts."""

import datetime as dt

import pytest

from tidings.flows.fetch.outcomes import Answer, Outcome
from tidings.flows.fetch.robots import RobotsCopy, is_fresh, judge_robots, read_robots

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
ORIGIN = "https://example.org"
HOUR = dt.timedelta(hours=1)


def answer(outcome=Outcome.OK, status=200, body=b"User-agent: *\nDisallow: /a"):
    return Answer(ORIGIN + "/robots.txt", outcome, NOW, "why", status=status, body=body)


def allows(copy, path, now=NOW, agent="Tidings/0.1 (+mailto:a@example.org)"):
    return judge_robots(copy, ORIGIN + path, agent, now)


def test_the_group_of_our_name_counts():
    """The part of the User-Agent before the slash is the name that robots files use."""
    copy = read_robots(ORIGIN, answer(body=b"User-agent: tidings\nDisallow: /b\n\nUser-agent: *\nDisallow: /"), None, NOW)
    assert allows(copy, "/a").is_allowed
    assert allows(copy, "/b").outcome is Outcome.ROBOTS_DENIED


def test_a_byte_order_mark_does_not_hide_the_first_line():
    """It is stripped before parsing."""
    copy = read_robots(ORIGIN, answer(body=b"\xef\xbb\xbfUser-agent: *\nDisallow: /a"), None, NOW)
    assert not allows(copy, "/a/b").is_allowed


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_missing_file_allows_everything(status):
    """4xx means yes (RFC 9309 section 2.3.1.3)."""
    assert allows(read_robots(ORIGIN, answer(Outcome.HTTP_ERROR, status), None, NOW), "/a").is_allowed


@pytest.mark.parametrize(("outcome", "status"), [(Outcome.EMPTY, 200), (Outcome.HTTP_ERROR, 204), (Outcome.REDIRECT_ERROR, 302)])
def test_an_empty_response_allows_everything(outcome, status):
    """A response without a body, and a redirect chain without an end, count as a missing file."""
    copy = read_robots(ORIGIN, answer(outcome, status, b""), None, NOW)
    assert (copy.outcome, copy.text, copy.failing_since) == (Outcome.OK, "", None)
    assert allows(copy, "/a").is_allowed


@pytest.mark.parametrize(("outcome", "status"), [(Outcome.HTTP_ERROR, 502), (Outcome.THROTTLED, 429), (Outcome.THROTTLED, 503)])
def test_server_errors_and_throttling_deny(outcome, status):
    """Any 5xx and a 429 count as a failing file, which denies every URL."""
    failing = read_robots(ORIGIN, answer(outcome, status), None, NOW)
    assert failing.failing_since == NOW
    assert allows(failing, "/c").outcome is Outcome.ROBOTS_DENIED


def test_a_failing_file_means_no_for_a_day_and_then_the_last_good_copy():
    """5xx: nobody knows for 24 hours what it says, then it says what it said."""
    good = read_robots(ORIGIN, answer(), None, NOW)
    failing = read_robots(ORIGIN, answer(Outcome.HTTP_ERROR, 500), good, NOW)
    assert allows(failing, "/c").outcome is Outcome.ROBOTS_DENIED
    assert not allows(failing, "/c", NOW + dt.timedelta(hours=23.9)).is_allowed
    assert allows(failing, "/c", NOW + 24 * HOUR).is_allowed
    later = NOW + 25 * HOUR
    again = read_robots(ORIGIN, answer(Outcome.HTTP_ERROR, 500), failing, later)
    assert again.failing_since == NOW
    assert allows(again, "/c", later).is_allowed
    assert not allows(again, "/a", later).is_allowed


def test_a_file_that_was_never_seen_means_no_for_a_month():
    """Without a copy to fall back on nothing is fetched until 30 days are over."""
    failing = read_robots(ORIGIN, answer(Outcome.HTTP_ERROR, 500), None, NOW)
    assert not allows(failing, "/c", NOW + dt.timedelta(days=29)).is_allowed
    assert allows(failing, "/c", NOW + dt.timedelta(days=31)).is_allowed


@pytest.mark.parametrize(
    "outcome", [Outcome.DNS_ERROR, Outcome.TIMEOUT, Outcome.CONNECT_ERROR, Outcome.TLS_ERROR, Outcome.BLOCKED]
)
def test_a_host_that_cannot_be_reached_is_told_as_that(outcome):
    """The robots file is not blamed for a host that is down."""
    copy = read_robots(ORIGIN, answer(outcome, None, b""), None, NOW)
    assert allows(copy, "/c").outcome is outcome


def test_a_copy_counts_for_a_day_and_a_failure_for_an_hour():
    """RFC 9309 section 2.4."""
    good = RobotsCopy(ORIGIN, NOW, Outcome.OK, None, "", None)
    assert is_fresh(good, NOW + 23 * HOUR)
    assert not is_fresh(good, NOW + 24 * HOUR)
    failing = RobotsCopy(ORIGIN, NOW, Outcome.HTTP_ERROR, "x", None, NOW)
    assert is_fresh(failing, NOW + 0.9 * HOUR)
    assert not is_fresh(failing, NOW + HOUR)
    assert not is_fresh(good, NOW - HOUR)


def test_a_crawl_delay_is_told():
    """For the pace to heed."""
    copy = read_robots(ORIGIN, answer(body=b"User-agent: *\nCrawl-delay: 7\nDisallow: /a"), None, NOW)
    assert allows(copy, "/c").crawl_delay == 7


@pytest.mark.parametrize("between", ["", "Sitemap: x\n", "# so\n", "so\n", "so: it\n"])
def test_a_crowd_of_names_over_a_crowd_of_rules_costs_little(between):
    """500 kB of 15,000 names over 15,000 rules: a parser that copies each rule for each name would not end."""
    names = "".join(f"User-agent: bot{number}\n{between}" for number in range(15_000))
    rules = "".join(f"Disallow: /{number}\n" for number in range(15_000))
    copy = read_robots(ORIGIN, answer(body=(names + rules)[:512_000].encode()), None, NOW)
    assert allows(copy, "/1").is_allowed


def test_names_in_a_row_share_their_rules():
    """Ours among others, before and after them; comments and blank lines end no row."""
    text = (
        b"User-agent: a\nUser-agent: b\n\n# and us\nUser-agent: TIDINGS # hello\nUser-agent: c\nDisallow: /row\n"
        b"User-agent: far\nUser-agent: away\nDisallow: /\n\nUser-agent: *\nDisallow: /all"
    )
    copy = read_robots(ORIGIN, answer(body=text), None, NOW)
    assert [allows(copy, path).is_allowed for path in ("/row", "/all", "/x")] == [False, True, True]
    assert [allows(copy, path, agent="Other/1").is_allowed for path in ("/row", "/all", "/x")] == [True, False, True]
