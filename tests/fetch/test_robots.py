"""Rules and validity of robots files."""

import datetime as dt

import pytest

from tidings.base.records import Robots
from tidings.fetch.response import Outcome, Response
from tidings.fetch.robots import check_robots, is_fresh, read_robots

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
ORIGIN = "https://example.org"
HOUR = dt.timedelta(hours=1)


def response(
    outcome: Outcome = Outcome.OK,
    status: int | None = 200,
    body: bytes = b"User-agent: *\nDisallow: /a",
) -> Response:
    return Response(ORIGIN + "/robots.txt", outcome, NOW, "why", status=status, body=body)


def decide(
    copy: Robots,
    path: str,
    now: dt.datetime = NOW,
    agent: str = "Tidings/0.1 (+mailto:a@example.org)",
) -> Outcome:
    return check_robots(copy, ORIGIN + path, agent, now).outcome


def allows(copy: Robots, path: str, now: dt.datetime = NOW, **options: str) -> bool:
    return decide(copy, path, now, **options) is Outcome.OK


def test_the_group_of_our_name_counts() -> None:
    """Robots files name the part of the User-Agent before the slash."""
    copy = read_robots(
        ORIGIN,
        response(body=b"User-agent: tidings\nDisallow: /b\n\nUser-agent: *\nDisallow: /"),
        None,
        NOW,
    )
    assert allows(copy, "/a")
    assert decide(copy, "/b") is Outcome.ROBOTS_DENIED


def test_a_byte_order_mark_does_not_hide_the_first_line() -> None:
    """The byte-order mark is removed before parsing."""
    copy = read_robots(ORIGIN, response(body=b"\xef\xbb\xbfUser-agent: *\nDisallow: /a"), None, NOW)
    assert not allows(copy, "/a/b")


@pytest.mark.parametrize(
    ("rules", "path", "is_allowed"),
    [
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Disallow: /a\nAllow: /a", "/a", True),
        ("Disallow: /*.pdf$", "/a.pdf", False),
        ("Disallow: /*.pdf$", "/a.pdf?b=1", True),
        ("Disallow: /%C3%A4", "/ä", False),
        ("Disallow:", "/a", True),
        ("Disalow: /a", "/a", False),
        ("disallow /a", "/a", False),
        ("Sitemap: /s\nUser-agent: other\nDisallow: /a", "/a", False),
    ],
)
def test_the_longest_matching_rule_counts(rules: str, path: str, is_allowed: bool) -> None:
    """Of equally long rules, the one that allows counts; misspelt rules count too."""
    body = f"User-agent: *\n{rules}".encode()
    assert allows(read_robots(ORIGIN, response(body=body), None, NOW), path) == is_allowed


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_missing_file_allows_everything(status: int) -> None:
    """A 4xx allows all URLs (RFC 9309 section 2.3.1.3)."""
    assert allows(read_robots(ORIGIN, response(Outcome.HTTP_ERROR, status), None, NOW), "/a")


def test_a_failing_file_means_no_for_a_day_and_then_the_last_good_copy() -> None:
    """After a 5xx all URLs are refused for 24 hours, and then the last copy applies."""
    good = read_robots(ORIGIN, response(), None, NOW)
    failing = read_robots(ORIGIN, response(Outcome.HTTP_ERROR, 500), good, NOW)
    assert decide(failing, "/c") is Outcome.ROBOTS_DENIED
    assert not allows(failing, "/c", NOW + dt.timedelta(hours=23.9))
    assert allows(failing, "/c", NOW + 24 * HOUR)
    later = NOW + 25 * HOUR
    again = read_robots(ORIGIN, response(Outcome.HTTP_ERROR, 500), failing, later)
    assert again.failing_since == NOW
    assert allows(again, "/c", later)
    assert not allows(again, "/a", later)


def test_a_file_that_was_never_seen_means_no_for_a_month() -> None:
    """Without a copy, all URLs are refused for 30 days."""
    failing = read_robots(ORIGIN, response(Outcome.HTTP_ERROR, 500), None, NOW)
    assert not allows(failing, "/c", NOW + dt.timedelta(days=29))
    assert allows(failing, "/c", NOW + dt.timedelta(days=31))


@pytest.mark.parametrize(
    "outcome",
    [Outcome.DNS_ERROR, Outcome.TIMEOUT, Outcome.CONNECT_ERROR, Outcome.TLS_ERROR, Outcome.BLOCKED],
)
def test_a_host_that_cannot_be_reached_is_told_as_that(outcome: Outcome) -> None:
    """The outcome names the connection problem, not the robots file."""
    copy = read_robots(ORIGIN, response(outcome, None, b""), None, NOW)
    assert decide(copy, "/c") is outcome


def test_a_copy_counts_for_a_day_and_a_failure_for_an_hour() -> None:
    """A copy is valid for a day, and a failure for an hour (RFC 9309 section 2.4)."""
    good = Robots(ORIGIN, NOW, Outcome.OK, None, "", None)
    assert is_fresh(good, NOW + 23 * HOUR)
    assert not is_fresh(good, NOW + 24 * HOUR)
    failing = Robots(ORIGIN, NOW, Outcome.HTTP_ERROR, "x", None, NOW)
    assert is_fresh(failing, NOW + 0.9 * HOUR)
    assert not is_fresh(failing, NOW + HOUR)
    assert not is_fresh(good, NOW - HOUR)


def test_a_crawl_delay_is_told() -> None:
    """The decision contains the Crawl-delay."""
    copy = read_robots(
        ORIGIN, response(body=b"User-agent: *\nCrawl-delay: 7\nDisallow: /a"), None, NOW
    )
    assert check_robots(copy, f"{ORIGIN}/c", "Tidings/1", NOW).crawl_delay == 7


@pytest.mark.parametrize("between", ["", "Sitemap: x\n", "# so\n", "so\n", "so: it\n"])
def test_a_crowd_of_names_over_a_crowd_of_rules_costs_little(between: str) -> None:
    """500 kB with 15,000 names and 15,000 rules are parsed quickly."""
    names = "".join(f"User-agent: bot{number}\n{between}" for number in range(15_000))
    rules = "".join(f"Disallow: /{number}\n" for number in range(15_000))
    copy = read_robots(ORIGIN, response(body=(names + rules)[:512_000].encode()), None, NOW)
    assert allows(copy, "/1")


def test_names_in_a_row_share_their_rules() -> None:
    """Consecutive names share a group; comments and blank lines do not end it."""
    text = (
        b"User-agent: a\nUser-agent: b\n\n# and us\nUser-agent: TIDINGS # hello\nUser-agent:"
        b" c\nDisallow: /row\n"
        b"User-agent: far\nUser-agent: away\nDisallow: /\n\nUser-agent: *\nDisallow: /all"
    )
    copy = read_robots(ORIGIN, response(body=text), None, NOW)
    assert [allows(copy, path) for path in ("/row", "/all", "/x")] == [False, True, True]
    found = [allows(copy, path, agent="Other/1") for path in ("/row", "/all", "/x")]
    assert found == [True, False, True]


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Outcome.EMPTY, 200), (Outcome.HTTP_ERROR, 204), (Outcome.REDIRECT_ERROR, 302)],
)
def test_an_empty_response_allows_everything(outcome: Outcome, status: int) -> None:
    """A response without a body and a failed redirect count as a missing file."""
    copy = read_robots(ORIGIN, response(outcome, status, b""), None, NOW)
    assert (copy.outcome, copy.text, copy.failing_since) == (Outcome.OK, "", None)
    assert allows(copy, "/a")


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Outcome.HTTP_ERROR, 502), (Outcome.THROTTLED, 429), (Outcome.THROTTLED, 503)],
)
def test_server_errors_and_throttling_deny(outcome: Outcome, status: int) -> None:
    """After a 5xx or a 429, all URLs are refused."""
    failing = read_robots(ORIGIN, response(outcome, status), None, NOW)
    assert failing.failing_since == NOW
    assert decide(failing, "/c") is Outcome.ROBOTS_DENIED
