"""Rules and validity of robots files."""

import datetime as dt

from tests.cases import cases
from tidings.base.records import Robots
from tidings.fetch.response import Outcome, Response
from tidings.fetch.robots import check_robots, is_fresh, read_robots

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
ORIGIN = "https://example.org"
HOUR = dt.timedelta(hours=1)
UNREACHABLE = tuple(map(Outcome, "dns_error timeout connect_error tls_error blocked".split()))


def read(
    body: str | bytes = "User-agent: *\nDisallow: /a",
    outcome: Outcome = Outcome.OK,
    status: int | None = 200,
    previous: Robots | None = None,
    now: dt.datetime = NOW,
) -> Robots:
    """Return the copy of a robots file that a response leaves."""
    content = body if isinstance(body, bytes) else body.encode()
    url = f"{ORIGIN}/robots.txt"
    response = Response(url, outcome, NOW, "why", status=status, body=content)
    return read_robots(ORIGIN, response, previous, now)


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
    """The part of the User-Agent before the slash counts, also behind a byte-order mark."""
    copy = read("User-agent: tidings\nDisallow: /b\n\nUser-agent: *\nDisallow: /")
    assert allows(copy, "/a")
    assert decide(copy, "/b") is Outcome.ROBOTS_DENIED
    assert not allows(read(b"\xef\xbb\xbfUser-agent: *\nDisallow: /a"), "/a/b")
    copy = read("User-agent: *\nCrawl-delay: 7\nDisallow: /a")
    assert check_robots(copy, f"{ORIGIN}/c", "Tidings/1", NOW).crawl_delay == 7


@cases(
    "rules, path, is_allowed",
    ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
    ("Disallow: /a\nAllow: /a", "/a", True),
    ("Disallow: /*.pdf$", "/a.pdf", False),
    ("Disallow: /*.pdf$", "/a.pdf?b=1", True),
    ("Disallow: /%C3%A4", "/ä", False),
    ("Disallow:", "/a", True),
    ("Disalow: /a", "/a", False),
    ("disallow /a", "/a", False),
    ("Sitemap: /s\nUser-agent: other\nDisallow: /a", "/a", False),
)
def test_the_longest_matching_rule_counts(rules: str, path: str, is_allowed: bool) -> None:
    """Of equally long rules, the one that allows counts; misspelt rules count too."""
    assert allows(read(f"User-agent: *\n{rules}"), path) == is_allowed


@cases(
    "outcome, status, decision",
    *((Outcome.HTTP_ERROR, status, Outcome.OK) for status in (400, 401, 403, 404, 410)),
    (Outcome.EMPTY, 200, Outcome.OK),
    (Outcome.HTTP_ERROR, 204, Outcome.OK),
    (Outcome.REDIRECT_ERROR, 302, Outcome.OK),
    (Outcome.HTTP_ERROR, 502, Outcome.ROBOTS_DENIED),
    (Outcome.THROTTLED, 429, Outcome.ROBOTS_DENIED),
    (Outcome.THROTTLED, 503, Outcome.ROBOTS_DENIED),
    *((outcome, None, outcome) for outcome in UNREACHABLE),
)
def test_a_response_without_rules(outcome: Outcome, status: int | None, decision: Outcome) -> None:
    """A missing or empty file and a failed redirect allow all URLs (RFC 9309 section 2.3.1.3).
    After a 5xx or a 429, all are refused. The outcome of a host that cannot be reached names the
    connection problem, not the robots file.
    """
    copy = read("", outcome, status)
    assert decide(copy, "/c") is decision
    if decision is Outcome.OK:
        assert (copy.outcome, copy.text, copy.failing_since) == (Outcome.OK, "", None)
    else:
        assert copy.failing_since == NOW


def test_a_failing_file_means_no_for_a_day_and_then_the_last_good_copy() -> None:
    """After a 5xx all URLs are refused for 24 hours, then the last good copy applies; without a
    copy, all URLs are refused for 30 days.
    """
    failing = read("", Outcome.HTTP_ERROR, 500, read())
    assert decide(failing, "/c") is Outcome.ROBOTS_DENIED
    assert not allows(failing, "/c", NOW + dt.timedelta(hours=23.9))
    assert allows(failing, "/c", NOW + 24 * HOUR)
    later = NOW + 25 * HOUR
    again = read("", Outcome.HTTP_ERROR, 500, failing, later)
    assert again.failing_since == NOW
    assert allows(again, "/c", later)
    assert not allows(again, "/a", later)
    failing = read("", Outcome.HTTP_ERROR, 500)
    assert not allows(failing, "/c", NOW + dt.timedelta(days=29))
    assert allows(failing, "/c", NOW + dt.timedelta(days=31))


def test_a_copy_counts_for_a_day_and_a_failure_for_an_hour() -> None:
    """A copy is valid for a day, and a failure for an hour (RFC 9309 section 2.4)."""
    good = Robots(ORIGIN, NOW, Outcome.OK, None, "", None)
    assert is_fresh(good, NOW + 23 * HOUR)
    assert not is_fresh(good, NOW + 24 * HOUR)
    failing = Robots(ORIGIN, NOW, Outcome.HTTP_ERROR, "x", None, NOW)
    assert is_fresh(failing, NOW + 0.9 * HOUR)
    assert not is_fresh(failing, NOW + HOUR)
    assert not is_fresh(good, NOW - HOUR)


@cases("between", "", "Sitemap: x\n", "# so\n", "so\n", "so: it\n")
def test_a_crowd_of_names_over_a_crowd_of_rules_costs_little(between: str) -> None:
    """500 kB with 15,000 names and 15,000 rules are parsed quickly."""
    names = "".join(f"User-agent: bot{number}\n{between}" for number in range(15_000))
    rules = "".join(f"Disallow: /{number}\n" for number in range(15_000))
    assert allows(read((names + rules)[:512_000]), "/1")


def test_names_in_a_row_share_their_rules() -> None:
    """Consecutive names share a group; comments and blank lines do not end it."""
    text = (
        "User-agent: a\nUser-agent: b\n\n# and us\nUser-agent: TIDINGS # hello\nUser-agent: c\n"
        "Disallow: /row\nUser-agent: far\nUser-agent: away\nDisallow: /\n\nUser-agent: *\n"
        "Disallow: /all"
    )
    for agent, allowed in (("Tidings/1", [False, True, True]), ("Other/1", [True, False, True])):
        assert [allows(read(text), path, agent=agent) for path in ("/row", "/all", "/x")] == allowed
