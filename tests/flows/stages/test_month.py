"""A month of nights against the hostile server: what its own log shows, no rule forbids.

The nights poll as a night does, over a real lake. The server is the one beside this checkout, in a process of its own whose
clock is the nights'; names lead to it by a resolver of the test's. A loop that hurries makes seconds of gaps short.
"""

import asyncio
import datetime as dt
import json
import selectors
import socket
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from tests.flows.nights import settings_for
from tidings.flows.fetch import feed_reader
from tidings.flows.fetch.feed_reader import FeedReader
from tidings.flows.fetch.rate_limit import domain_of
from tidings.flows.stages.poll import poll
from tidings.flows.stages.prepare import prepare
from tidings.flows.stages.run import start_run
from tidings.warehouse.lake import Lake, open_lake

SERVER = Path(__file__).parents[4] / "shared" / "torture" / "server.py"
if not SERVER.exists():
    pytest.skip("the hostile server is not beside this checkout", allow_module_level=True)

HASTE = 25  # simulated seconds a second
START = dt.datetime(2026, 11, 24, 22, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SLACK = HOUR / 6  # a rule counts from a night's beginning, the log from the request, which a busy machine makes late
GAP = 2.0  # the server's Crawl-delay, longer than the setting of one second
FEEDS = {
    "one.office.co.uk": ["good"],
    "two.office.co.uk": ["etag-weak", "ttl"],
    "suffix.org": ["etag-gzip-suffix"],
    "dropped.org": ["etag-dropped"],
    "busy.org": ["429-sec", "good"],
    "dated.org": ["429-date"],
    "down.org": ["503-ra"],
    "later.org": ["200-ra"],
    "moved.org": ["301"],
    "found.org": ["302"],
    "lost.org": ["301-to-html"],
    "gone.org": ["410"],
    "missing.org": ["404"],
    "guarded.org": ["captcha"],
    "secret.org": ["blocked"],
    "unasked.org": ["304-unasked"],
    "bomb.org": ["gzip-bomb"],
    "inside.org": ["redir-meta"],
}
LAUNCH = """
import runpy, sys, time
from pathlib import Path
place, haste, told = Path(sys.argv[1]), float(sys.argv[2]), [None, 0.0]
def now():
    night = place.read_text()
    if night != told[0]:
        told[:] = night, time.monotonic()
    return float(night) + (time.monotonic() - told[1]) * haste
time.time = now
sys.argv = sys.argv[3:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


class _Selector(selectors.DefaultSelector):
    def select(self, timeout=None):
        return super().select(timeout / HASTE if timeout else timeout)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        super().__init__(_Selector())

    def time(self):
        return super().time() * HASTE


def _schedule():
    """Thirty-two nights, some minutes early or late, some begun twice as after a restart; on the third, hourly runs."""
    jitter = [dt.timedelta(minutes=minutes) for minutes in (0, 7, -12, 3, -9)]
    for number in range(32):
        night = START + number * DAY + jitter[number % 5]
        yield night
        if number % 5 < 2:
            yield night
        if number == 2:
            yield from (night + hour * HOUR for hour in range(1, 6))


def _resolve(names, real):
    def look_up(host, port, *args, **kwargs):
        if host in names:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        if host == "127.0.0.1":
            return real(host, port, *args, **kwargs)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    return look_up


def _hurry(patch):
    patch.setattr(asyncio.events, "new_event_loop", _Loop)
    patch.setattr(socket, "getaddrinfo", _resolve(FEEDS.keys(), socket.getaddrinfo))
    patch.setattr("tidings.flows.stages.poll.FeedReader", partial(FeedReader, timeout=5.0 * HASTE))
    patch.setattr(feed_reader, "_START_SECONDS", 60.0 * HASTE)


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """The server's log in the order of its requests, (time, host, path, headers) each, and the lake after the month."""
    folder = tmp_path_factory.mktemp("month")
    clock, listed = folder / "clock", folder / "feeds.csv"
    clock.write_text(str((START - DAY).timestamp()))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    rows = [f"{host}/{case},http://{host}:{port}/{case}" for host, cases in FEEDS.items() for case in cases]
    listed.write_text("\n".join(["feed_id,url", *rows]) + "\n")
    hosts = [f"{host}:{port}" for host in [*FEEDS, "127.0.0.1"]]
    server = subprocess.Popen([sys.executable, "-c", LAUNCH, clock, str(HASTE), SERVER, str(port)])
    try:
        _wait_for(port)
        settings = settings_for(folder / "data", listed, hosts, extra={"TIDINGS_HOST_GAP": "1", "TIDINGS_WORKERS": "1"})
        sources = prepare(start_run(settings, now=START))
        with pytest.MonkeyPatch.context() as patch:
            _hurry(patch)
            for night in _schedule():
                clock.write_text(str(night.timestamp()))
                poll(start_run(settings, now=night), sources)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_log", timeout=30) as response:
            log = json.load(response)["log"]
    finally:
        server.kill()
        server.wait()
    told = [(dt.datetime.fromtimestamp(at, dt.UTC), h["host"].split(":")[0], path, h) for at, path, h in log if path != "_log"]
    return told, Lake(folder / "data")


def _wait_for(port):
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    for path in ("gzip-bomb", "_reset"):  # it packs its bomb when it is first asked, and answers nobody meanwhile
        urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=60).close()


def _times(month, host, path):
    return [at for at, asked, what, _ in month[0] if (asked, what) == (host, path)]


def _waits(month, host, path):
    return [later - earlier for earlier, later in pairwise(_times(month, host, path))]


def test_only_what_is_listed_is_asked(month):
    """The feeds, robots files, where redirects lead; nothing that a robots file denies."""
    listed = {(host, case) for host, cases in FEEDS.items() for case in [*cases, "robots.txt"]}
    followed = {("127.0.0.1", path) for path in ("good", "html200", "robots.txt")}
    asked = {(host, path) for _, host, path, _ in month[0]}
    assert asked <= (listed | followed) - {("secret.org", "blocked")}
    assert listed - asked == {("secret.org", "blocked")}


def test_between_requests_to_one_domain_lies_the_gap(month):
    """For two hosts of one domain together, robots files and redirects included; the Crawl-delay makes it longer."""
    times = defaultdict(list)
    for at, host, _, _ in month[0]:
        times[domain_of(host)].append(at)
    assert len(times["office.co.uk"]) > 100
    for domain, asked in times.items():
        assert min(later - earlier for earlier, later in pairwise(asked)).total_seconds() >= GAP, domain


def test_every_night_asks_and_no_restart_asks_again(month):
    """What is well is asked each night; nothing twice within an hour, and what has no validators within twenty."""
    assert len(_times(month, "one.office.co.uk", "good")) >= 32
    for host, cases in FEEDS.items():
        for case in cases:
            assert all(wait >= HOUR - SLACK for wait in _waits(month, host, case)), case
    for host, case in (("two.office.co.uk", "ttl"), ("later.org", "200-ra")):
        assert min(_waits(month, host, case)) >= 20 * HOUR - SLACK
        assert len(_times(month, host, case)) >= 32


def test_validators_come_back_as_they_were(month):
    """From the second request on; and a body without any ends that."""
    for host, case, tag in (
        ("one.office.co.uk", "good", '"abc"'),
        ("two.office.co.uk", "etag-weak", 'W/"w1"'),
        ("suffix.org", "etag-gzip-suffix", '"z1-gzip"'),
    ):
        told = [headers.get("if-none-match") for _, asked, path, headers in month[0] if (asked, path) == (host, case)]
        assert told[0] is None
        assert set(told[1:]) == {tag}
    dropped = [headers.get("if-none-match") for _, _, path, headers in month[0] if path == "etag-dropped"]
    assert dropped[:3] == [None, '"once"', None]
    assert set(dropped[2:]) == {None}


@pytest.mark.parametrize(
    ("host", "case", "wait"),
    [("busy.org", "429-sec", 2 * HOUR), ("dated.org", "429-date", 2 * HOUR), ("down.org", "503-ra", HOUR)],
)
def test_a_host_that_asks_for_peace_has_it(month, host, case, wait):
    """All of it, its other feeds too, for as long as it asks and an hour at least; hourly runs notwithstanding."""
    refused = _times(month, host, case)
    assert len(refused) > 5
    asked = [at for at, where, _, _ in month[0] if where == host]
    assert not [at for at in asked for told in refused if told < at < told + wait - SLACK]


def test_a_robots_file_counts_for_a_day(month):
    """And is asked for again when it is older."""
    for host in FEEDS:
        waits = _waits(month, host, "robots.txt")
        assert all(wait >= 24 * HOUR - SLACK for wait in waits), host
    assert len(_times(month, "one.office.co.uk", "robots.txt")) >= 16


def test_what_fails_is_asked_ever_less(month):
    """And what is gone for good only after thirty days; a challenge once a night."""
    (probe,) = _waits(month, "gone.org", "410")
    assert probe >= 30 * DAY - SLACK
    for host, case in (
        ("missing.org", "404"),
        ("unasked.org", "304-unasked"),
        ("bomb.org", "gzip-bomb"),
        ("inside.org", "redir-meta"),
    ):
        assert len(_times(month, host, case)) < 16
        assert max(_waits(month, host, case)) > 4 * DAY
    assert all(wait >= 2 * HOUR - SLACK for wait in _waits(month, "guarded.org", "captcha")[1:])


def test_only_five_nights_of_a_lasting_move_to_a_feed_change_an_address(month):
    """Neither a passing one nor one that ends in a page."""
    assert len(_times(month, "moved.org", "301")) == 5
    with open_lake(month[1], read_only=True) as con:
        urls = dict(con.execute("select feed_id, url from raw.feed_states").fetchall())
    assert urls["moved.org/301"].endswith("/good")
    assert urls["found.org/302"].endswith("/302")
    assert urls["lost.org/301-to-html"].endswith("/301-to-html")


def test_every_request_says_who_asks_and_nothing_else(month):
    """A name and a contact; no cookie, no referrer, no packing that we cannot open."""
    for _, _, _, headers in month[0]:
        assert headers["user-agent"].startswith("Tidings/")
        assert "tests" in headers["user-agent"]
        assert headers["accept-encoding"] == "gzip, deflate"
        assert not headers.keys() & {"cookie", "referer", "authorization"}
