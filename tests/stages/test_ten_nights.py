"""Ten nights of polls send a hostile server only permitted requests, as the server's log shows.

The polls write to a real lake. A resolver directs all host names to the server. The event loops of
the polls and of the server run faster than real time, so pauses between requests take little time.
"""

import asyncio
import datetime as dt
import selectors
import socket
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from tests.fetch.loopback import item, reply, rss, serving
from tests.flows.nights import settings_with
from tidings.base import guarded_pool
from tidings.fetch.feed_reader import FeedReader
from tidings.fetch.rate_limit import domain_of
from tidings.stages.poll import poll
from tidings.stages.prepare import prepare
from tidings.stages.run import start_run
from tidings.storage.lake import Lake, open_lake

pytestmark = pytest.mark.slow

HASTE = 25  # simulated seconds per second
START = dt.datetime(2026, 11, 24, 22, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
Month = tuple[list[tuple[dt.datetime, str, str, dict[str, str]]], Lake]
# intervals count from the start of a run, but the log has request times, which are later on a busy
# machine
SLACK = HOUR / 6
GAP = 2.0  # seconds: the server's Crawl-delay, which exceeds the setting of 1 s
FEEDS = {
    "one.office.co.uk": ["good"],
    "two.office.co.uk": ["good", "ttl"],
    "dropped.org": ["etag-dropped"],
    "busy.org": ["429", "good"],
    "moved.org": ["301"],
    "found.org": ["302"],
    "gone.org": ["410"],
    "missing.org": ["404"],
    "secret.org": ["blocked"],
    "inside.org": ["redir-meta"],
}
GOOD = rss(item(1), item(2))


def _tagged(headers: dict[str, str]) -> bytes:
    return reply(304) if headers.get("if-none-match") == '"a"' else reply(200, GOOD, 'ETag: "a"')


def _routes() -> dict[str, Any]:
    """Return the response of each case."""
    tags = iter(['ETag: "once"'])

    def moved(status: int, target: str) -> Callable[[dict[str, str]], bytes]:
        return lambda headers: reply(
            status, b"", f"Location: http://127.0.0.1:{headers['host'].split(':')[1]}/{target}"
        )

    rules = f"User-agent: *\nDisallow: /blocked\nCrawl-delay: {GAP:g}\n".encode()
    cases = {
        "robots.txt": reply(200, rules, kind="text/plain"),
        "good": _tagged,
        "etag-dropped": lambda _: reply(200, GOOD, *(tag for tag in [next(tags, None)] if tag)),
        "ttl": reply(200, rss(item(1), head="<ttl>180</ttl>")),
        "429": reply(429, b"", "Retry-After: 7200"),
        "301": moved(301, "good"),
        "302": moved(302, "good"),
        "410": reply(410),
        "blocked": reply(200, GOOD),
        "redir-meta": reply(302, b"", "Location: http://169.254.169.254/latest/"),
    }
    return {f"/{case}": response for case, response in cases.items()}


class _Selector(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout / HASTE if timeout else timeout)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        super().__init__(_Selector())

    def time(self) -> float:
        return super().time() * HASTE


def _schedule() -> Iterator[dt.datetime]:
    """Yield the times of ten nights, early, late or repeated, and hourly runs on the third."""
    jitter = [dt.timedelta(minutes=minutes) for minutes in (0, 7, -12, 3, -9)]
    for number in range(10):
        night = START + number * DAY + jitter[number % 5]
        yield night
        if number % 5 < 2:
            yield night
        if number == 2:
            yield from (night + hour * HOUR for hour in range(1, 6))


def _resolve(names: Iterable[str], real: Callable[..., Any]) -> Callable[..., Any]:
    def look_up(host: str, port: int, *args: object, **kwargs: object) -> Any:
        if host in names:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        if host == "127.0.0.1":
            return real(host, port, *args, **kwargs)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    return look_up


def _hurry(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(asyncio.events, "new_event_loop", _Loop)
    patch.setattr(socket, "getaddrinfo", _resolve(FEEDS.keys(), socket.getaddrinfo))
    patch.setattr("tidings.stages.poll.FeedReader", partial(FeedReader, timeout=5.0 * HASTE))
    patch.setattr(guarded_pool, "_STARTING", 60.0 * HASTE)


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    """Return the server's log in order (time, host, path, headers), and the lake afterwards."""
    folder = tmp_path_factory.mktemp("month")
    requests = []

    async def run_nights() -> None:
        async with serving(_routes()) as server:
            rows = [
                f"{host}/{case},http://{host}:{server.port}/{case}"
                for host, cases in FEEDS.items()
                for case in cases
            ]
            hosts = [f"{host}:{server.port}" for host in [*FEEDS, "127.0.0.1"]]
            extra = {"TIDINGS_HOST_GAP": "1", "TIDINGS_WORKERS": "1"}
            settings = settings_with(folder, rows, hosts, extra=extra)
            sources = await asyncio.to_thread(prepare, start_run(settings, now=START))
            for night in _schedule():
                began = asyncio.get_running_loop().time()
                server.log.clear()
                await asyncio.to_thread(poll, start_run(settings, now=night), sources)
                for entry in server.log:
                    at = night + dt.timedelta(seconds=entry["at"] - began)
                    requests.append(
                        (
                            at,
                            entry["headers"]["host"].split(":")[0],
                            entry["path"][1:],
                            entry["headers"],
                        )
                    )

    with pytest.MonkeyPatch.context() as patch:
        _hurry(patch)
        asyncio.run(run_nights())
    return requests, Lake(folder / "data")


def _times(month: Month, host: str, path: str) -> list[dt.datetime]:
    return [at for at, *request, _ in month[0] if request == [host, path]]


def _waits(month: Month, host: str, path: str) -> list[dt.timedelta]:
    return [later - earlier for earlier, later in pairwise(_times(month, host, path))]


def test_only_listed_urls_are_requested(month: Month) -> None:
    """Requests are for feeds, robots files and redirects, never for paths that robots disallow."""
    listed = {(host, case) for host, cases in FEEDS.items() for case in [*cases, "robots.txt"]}
    followed = {("127.0.0.1", path) for path in ("good", "robots.txt")}
    requested = {(host, path) for _, host, path, _ in month[0]}
    assert requested <= (listed | followed) - {("secret.org", "blocked")}
    assert listed - requested == {("secret.org", "blocked")}


def test_requests_to_a_domain_are_separated_by_the_crawl_delay(month: Month) -> None:
    """The interval applies to all hosts of a domain and includes robots files and redirects. The
    Crawl-delay extends it.
    """
    times: defaultdict[str, list[dt.datetime]] = defaultdict(list)
    for at, host, _, _ in month[0]:
        times[domain_of(host)].append(at)
    assert len(times["office.co.uk"]) > 30
    for domain, requested in times.items():
        assert (
            min(later - earlier for earlier, later in pairwise(requested)).total_seconds() >= GAP
        ), domain


def test_each_night_polls_and_a_restart_does_not_repeat_requests(month: Month) -> None:
    """A working feed is polled every night, no URL twice an hour, and feeds with a longer interval
    not within 20 hours.
    """
    assert len(_times(month, "one.office.co.uk", "good")) >= 10
    for host, cases in FEEDS.items():
        for case in cases:
            assert all(wait >= HOUR - SLACK for wait in _waits(month, host, case)), case
    assert min(_waits(month, "two.office.co.uk", "ttl")) >= 20 * HOUR - SLACK
    assert len(_times(month, "two.office.co.uk", "ttl")) >= 10


def test_validators_are_sent_until_a_response_has_none(month: Month) -> None:
    """Each request after the first sends the stored validators, until a response contains none."""
    for host, case, expected in (
        ("one.office.co.uk", "good", {'"a"'}),
        ("dropped.org", "etag-dropped", {'"once"', None}),
    ):
        sent = [
            headers.get("if-none-match")
            for _, *request, headers in month[0]
            if request == [host, case]
        ]
        assert (sent[0], set(sent[1:])) == (None, expected)
        assert sent.count('"once"') == (case == "etag-dropped")


def test_no_request_is_sent_during_a_pause(month: Month) -> None:
    """A Retry-After header pauses the host's feeds for its duration, even with hourly runs."""
    refused = _times(month, "busy.org", "429")
    assert len(refused) > 3
    requested = [at for at, name, _, _ in month[0] if name == "busy.org"]
    end = 2 * HOUR - SLACK
    assert not [at for at in requested for start in refused if start < at < start + end]


def test_a_robots_file_is_valid_for_a_day(month: Month) -> None:
    """A robots file is requested again only if the stored copy is older than a day."""
    for host in FEEDS:
        waits = _waits(month, host, "robots.txt")
        assert all(wait >= 24 * HOUR - SLACK for wait in waits), host
    assert len(_times(month, "one.office.co.uk", "robots.txt")) >= 5


def test_failing_feeds_are_polled_less_often(month: Month) -> None:
    """The interval grows with each failure; after status 410 no further poll follows."""
    assert len(_times(month, "gone.org", "410")) == 1
    for host, case in (("missing.org", "404"), ("inside.org", "redir-meta")):
        waits = _waits(month, host, case)
        assert len(waits) < 10
        assert waits[-1] > 2 * DAY


def test_a_permanent_move_changes_the_url_after_five_nights(month: Month) -> None:
    """A temporary redirect does not change the URL."""
    assert len(_times(month, "moved.org", "301")) == 5
    with open_lake(month[1], read_only=True) as con:
        urls = dict(con.execute("select feed_id, url from raw.feed_states").fetchall())
    assert urls["moved.org/301"].endswith("/good")
    assert urls["found.org/302"].endswith("/302")
