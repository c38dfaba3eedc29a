"""Measure the CPU time of fetching and reading feeds, compared with plain aiohttp and feedparser in
the same run.

    python -m benchmarks.fetching [--feeds 10000] [--hosts 50]

A server in another process serves ``--feeds`` URLs on ``--hosts`` loopback addresses, four of five
with a 304. The script prints CPU seconds and ratios: fetching compared with a plain aiohttp loop
over the same connections, with and without keep-alive; fetching, reading and storing compared with
that loop and feedparser on the same bytes; and reading compared with feedparser's defaults. CPU
time includes this process and its workers, but not the server.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import io
import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import zipfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import feedparser

from tidings.base.records import Feed, FeedState
from tidings.base.settings import read_settings
from tidings.base.urls import entry_key
from tidings.fetch.client import ClientSettings, open_client
from tidings.fetch.feed.read import read_feed
from tidings.fetch.worker_pool import FetchRequest
from tidings.stages.poll import poll
from tidings.stages.run import start_run
from tidings.storage.lake import Lake, open_lake, transaction
from tidings.storage.load import merge, read_by_key
from tidings.storage.migrate import migrate
from tidings.storage.remote_lake import lake_of
from tidings.storage.writer_lock import writer_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = dt.datetime(2026, 11, 24, 22, tzinfo=dt.UTC)
TAG = '"v1"'
BUNDLE = Path(__file__).parents[2] / "shared" / "feeds" / "feeds.zip"
FLAGS = (True, False, False)  # is_enabled, has_full_text, ignores_robots
ENTRIES = 25
NAME = b"FEEDNAME"
NAMES = {True: "keep-alive", False: "a connection each"}
AGENT = {"User-Agent": "Bench/1", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}


def make_feed(name: str) -> bytes:
    """Return a feed with 25 entries of about a kilobyte each. Feeds with different names share no
    entry.
    """
    words = "The ministry said on Monday that talks on the agreement would go on next week. " * 6
    rows = "".join(
        f"<item><title>Notice"
        f" {name}-{n}</title><link>http://example.org/{name}/{n}?utm_source=rss</link>"
        f"<guid isPermaLink='false'>{name}-{n}</guid><pubDate>Tue, 24 Nov 2026 {n % 20:02d}:00:00"
        f" GMT</pubDate>"
        f"<description>&lt;p&gt;{words}&lt;/p&gt;</description></item>"
        for n in range(ENTRIES)
    )
    head = "<title>T</title><link>http://example.org/</link><description>d</description>"
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss'
        f' version="2.0"><channel>{head}{rows}</channel></rss>'
    ).encode()


class Responder(asyncio.Protocol):
    """Responds to each request with as little work as possible: a 304 for four of five URLs."""

    keeps_alive = True
    body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the connection and its host."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.host = transport.get_extra_info("sockname")[0].rsplit(".", 1)[1].encode()

    def data_received(self, data: bytes) -> None:
        """Respond to every request in the bytes."""
        for raw in data.split(b"\r\n\r\n")[:-1]:
            path = raw.split(b" ", 2)[1]
            if path == b"/robots.txt":
                self.reply(b"404 Not Found", b"")
            elif int(path.rsplit(b"/", 1)[1]) % 5:
                self.reply(b"304 Not Modified", None)
            else:
                self.reply(b"200 OK", self.body.replace(NAME, self.host + b"-" + path[1:]))

    def reply(self, status: bytes, body: bytes | None) -> None:
        """Send a response."""
        length = (
            b""
            if body is None
            else (b"Content-Type: application/rss+xml\r\nContent-Length: %d\r\n") % len(body)
        )
        close = b"" if self.keeps_alive else b"Connection: close\r\n"
        self.transport.write(
            b"HTTP/1.1 " + status + b'\r\nETag: "v1"\r\n' + length + close + b"\r\n" + (body or b"")
        )
        if not self.keeps_alive:
            self.transport.close()


def serve(hosts: int, keeps_alive: bool, ready: multiprocessing.Queue[int]) -> None:
    """Serve on ``hosts`` loopback addresses with the same port, until the process is killed."""

    async def run() -> None:
        Responder.keeps_alive, Responder.body = keeps_alive, make_feed(NAME.decode())
        loop = asyncio.get_running_loop()
        first = await loop.create_server(Responder, "127.0.1.1", 0, backlog=1000)
        port = first.sockets[0].getsockname()[1]
        for number in range(2, hosts + 1):
            await loop.create_server(Responder, f"127.0.1.{number}", port, backlog=1000)
        ready.put(port)
        await asyncio.Event().wait()

    asyncio.run(run())


@contextlib.contextmanager
def serving(hosts: int, *, keeps_alive: bool) -> Iterator[int]:
    """Run a server in another process, and yield its port."""
    context = multiprocessing.get_context("spawn")
    ready = context.Queue()
    process = context.Process(target=serve, args=(hosts, keeps_alive, ready), daemon=True)
    process.start()
    try:
        yield ready.get(timeout=300)
    finally:
        process.kill()
        process.join()


def cpu() -> float:
    """Return the CPU seconds of this process and of its ended workers."""
    own, ended = (
        resource.getrusage(resource.RUSAGE_SELF),
        resource.getrusage(resource.RUSAGE_CHILDREN),
    )
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


async def fetch_with_aiohttp(urls: list[list[str]]) -> int:
    """Fetch with plain aiohttp: the URLs of a host one after another, without any check. Return the
    bytes read.
    """
    connector = aiohttp.TCPConnector(limit=0, limit_per_host=1)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), headers=AGENT
    ) as session:

        async def one_host(group: list[str]) -> int:
            count = 0
            for url in group:
                async with session.get(url, headers={"If-None-Match": TAG}) as response:
                    count += len(await response.read())
            return count

        return sum(await asyncio.gather(*map(one_host, urls)))


async def fetch_with_client(urls: list[list[str]], port: int) -> int:
    """Fetch with the client of Tidings, with robots files and without gaps. Return the bytes
    read.
    """
    allowed = frozenset((f"127.0.1.{number}", port) for number in range(1, len(urls) + 1))
    settings = ClientSettings("Bench/1", allow_hosts=allowed, host_gap=0.0, host_limit=len(urls))
    count = 0
    async with open_client(settings, lambda: NOW) as client:
        async for _, response in client.fetch_many(
            [FetchRequest(url, "feed", etag=TAG) for group in urls for url in group]
        ):
            assert response.outcome in ("ok", "not_modified"), response
            count += response.byte_count
    return count


def measure(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a function call."""
    before = cpu()
    work()
    return cpu() - before


def compare_fetching(feeds: int, hosts: int, *, keeps_alive: bool, rounds: int = 3) -> float:
    """Print both CPU times and return that of plain aiohttp. Each is the best of ``rounds``
    alternating rounds.
    """
    with serving(hosts, keeps_alive=keeps_alive) as port:
        urls = [
            [f"http://127.0.1.{host}:{port}/{n}" for n in range(feeds // hosts)]
            for host in range(1, hosts + 1)
        ]
        bare, ours = [], []
        for _ in range(rounds):
            bare.append(measure(lambda: asyncio.run(fetch_with_aiohttp(urls))))
            ours.append(measure(lambda: asyncio.run(fetch_with_client(urls, port))))
    print(
        f"fetching {feeds:,}, {NAMES[keeps_alive]}: bare {min(bare):.2f} s, ours {min(ours):.2f}"
        f" s,",
        end=" ",
    )
    print(f"ratio {min(ours) / min(bare):.2f}")
    return min(bare)


def compare_step(
    feeds: int, hosts: int, bare: float, *, keeps_alive: bool, rounds: int = 2
) -> None:
    """Print the CPU time of polling and storing, compared with plain aiohttp and feedparser on the
    same bytes.
    """
    names = [f"{host}-{n}" for host in range(1, hosts + 1) for n in range(0, feeds // hosts, 5)]
    parsing, steps = [], []
    for _ in range(rounds):
        parsing.append(measure(lambda: [parse_with_feedparser(make_feed(name)) for name in names]))
        with (
            tempfile.TemporaryDirectory() as folder,
            serving(hosts, keeps_alive=keeps_alive) as port,
        ):
            write_earlier_states(Lake(Path(folder)), feeds, hosts, port)
            command = (
                f"from benchmarks.fetching import poll_alone as p; p({folder!r},{hosts},{port})"
            )
            # with -c, the readers do not import this script, as those of `tidings` do not
            shown = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True)
            steps.append(json.loads(shown.stdout))
    step, size = min(seconds for seconds, _ in steps), max(size for _, size in steps)
    print(
        f"fetch, read and land {feeds:,}, {NAMES[keeps_alive]}: {step:.2f} s; bare loop"
        f" {bare:.2f} s",
        end=" ",
    )
    print(
        f"+ bare feedparser {min(parsing):.2f} s, ratio {step / (bare + min(parsing)):.2f}; our"
        f" process {size} MB"
    )


def poll_alone(folder: str, hosts: int, port: int) -> None:
    """Print the CPU seconds of a poll of all sources in a lake, and the peak memory of this process
    in MB.
    """
    allowed = ",".join(f"127.0.1.{number}:{port}" for number in range(1, hosts + 1))
    settings = read_settings(
        {"TIDINGS_WAREHOUSE": folder, "TIDINGS_ALLOW_HOSTS": allowed, "TIDINGS_HOST_GAP": "0"}
    )
    with open_lake(lake_of(settings), read_only=True) as con:
        sources = list(read_by_key(con, Feed).values())
    seconds = measure(partial(poll, start_run(settings, now=NOW), sources))
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    # not ru_maxrss, which a process inherits from its parent
    print(json.dumps((seconds, int(status["VmHWM"].split()[0]) // 1024)))


def parse_with_feedparser(body: bytes) -> object:
    """Return feedparser's result with the options that Tidings uses."""
    return feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)


def write_earlier_states(lake: Lake, feeds: int, hosts: int, port: int) -> None:
    """Write the sources and their states after an earlier run: validators, and the entries at that
    time.

    Each feed has had five new entries since. The lake contains no entries, so a poll writes all of
    them.
    """
    names = [
        (host, f"{host}-{n}", n) for host in range(1, hosts + 1) for n in range(feeds // hosts)
    ]
    sources = [
        Feed(
            name,
            "p",
            f"http://127.0.1.{host}:{port}/{n}",
            "feed",
            "en",
            [],
            *FLAGS,
            None,
            None,
            None,
        )
        for host, name, n in names
    ]
    states = [
        FeedState(
            source.feed_id,
            source.url,
            TAG,
            None,
            "ok",
            None,
            NOW,
            NOW,
            NOW,
            0,
            NOW,
            3600,
            None,
            0,
            None,
            earlier_entry_ids(source.feed_id),
        )
        for source in sources
    ]
    with writer_lock(lake), open_lake(lake) as con:
        migrate(con)
        with transaction(con):
            merge(con, sources)
            merge(con, states)


def earlier_entry_ids(name: str) -> list[str]:
    """Return the IDs of the entries in a feed at the earlier run."""
    links = (f"http://example.org/{name}/{number}" for number in range(5, ENTRIES + 5))
    return [str(entry_key(name, link, None, None, None)) for link in links]


def compare_reading() -> None:
    """Print the CPU time of reading feeds, compared with feedparser's defaults, on real files or
    else on generated files.
    """
    if BUNDLE.exists():
        with zipfile.ZipFile(BUNDLE) as bundle:
            bodies, what = [bundle.read(name) for name in bundle.namelist()], "real files"
    else:
        bodies, what = [make_feed(str(number)) for number in range(200)], "made files"
    plain = measure(lambda: [feedparser.parse(io.BytesIO(body)) for body in bodies])
    ours = measure(
        lambda: [read_feed(body, None, "http://example.org/", "UTC", NOW) for body in bodies]
    )
    print(
        f"reading {len(bodies)} {what}: feedparser {plain:.2f} s, ours {ours:.2f} s,"
        f" {plain / ours:.2f} times as fast"
    )


def main() -> None:
    """Run all comparisons."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--feeds", type=int, default=10_000)
    parser.add_argument("--hosts", type=int, default=50)
    options = parser.parse_args()
    compare_reading()
    for keeps_alive in (False, True):
        bare = compare_fetching(options.feeds, options.hosts, keeps_alive=keeps_alive)
        compare_step(options.feeds, options.hosts, bare, keeps_alive=keeps_alive)


if __name__ == "__main__":
    main()
