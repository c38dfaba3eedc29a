"""A loopback server that sends exactly the given bytes, valid or not, and records every request."""

import asyncio
import contextlib
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from tidings.base.records import Feed
from tidings.fetch.client import Client, ClientSettings, open_client
from tidings.fetch.response import Response

NOW = dt.datetime(2026, 6, 1, 22, 0, tzinfo=dt.UTC)
ITEM = (
    "<item><title>{title}</title><link>{link}</link><guid isPermaLink='false'>{guid}</guid>"
    "<pubDate>{date}</pubDate><description>{text}</description></item>"
)


def feed_row(kind: str = "feed", **changes: Any) -> Feed:
    """Return a row of the feed list; every column can be changed."""
    texts = dict.fromkeys(("language", "item_selector", "next_selector", "day_url"))
    flags = {"is_enabled": True, "has_full_text": False, "ignores_robots": False}
    names = {"feed_id": "f", "publisher_id": "p", "url": "https://news.example/feed.xml"}
    return Feed(**{**names, "kind": kind, "topics": [], **texts, **flags, **changes})


def item(number: int = 1, **changes: str) -> str:
    """Return an RSS item; every part can be changed."""
    parts = {
        "title": f"Notice {number}",
        "link": f"http://example.org/notice/{number}",
        "guid": f"notice-{number}",
        "date": "Mon, 01 Jun 2026 10:00:00 GMT",
        "text": "A short notice.",
    }
    return ITEM.format(**(parts | changes))


def rss(
    *items: str, head: str = "", declaration: str = '<?xml version="1.0" encoding="utf-8"?>'
) -> bytes:
    """Return an RSS document with the given items."""
    channel = f"<title>Notices</title><link>http://example.org/</link><description>d</description>{head}{''.join(items)}"
    return f'{declaration}<rss version="2.0"><channel>{channel}</channel></rss>'.encode()


def reply(
    status: int = 200,
    body: bytes = b"",
    *headers: str,
    kind: str = "application/rss+xml",
    length: int | None = None,
) -> bytes:
    """Return the bytes of an HTTP response; ``length`` may be wrong."""
    lines = [f"HTTP/1.1 {status} Some Phrase", f"Content-Type: {kind}", *headers]
    if status not in (204, 304):
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


@dataclass
class Loopback:
    """A running server. ``routes`` maps a path to bytes, or to a function of headers."""

    routes: Mapping[str, Any]
    port: int = 0
    log: list[dict[str, Any]] = field(default_factory=list)
    open_count: int = 0
    most_open: int = 0

    @property
    def origin(self) -> str:
        """The scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

    def request_count(self, path: str) -> int:
        """Return the number of requests for a path."""
        return sum(entry["path"] == path for entry in self.log)

    tasks: set[Any] = field(default_factory=set)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection until the client or the server closes it."""
        self.tasks.add(asyncio.current_task())
        with contextlib.suppress(asyncio.CancelledError):
            await self.converse(reader, writer)
        writer.transport.abort()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Respond to each request on a connection."""
        self.open_count += 1
        self.most_open = max(self.most_open, self.open_count)
        with contextlib.suppress(
            ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
        ):
            while True:
                raw = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = raw.split("\r\n")
                path = first.split(" ")[1]
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in lines if line)
                }
                self.log.append(
                    {"path": path, "headers": headers, "at": asyncio.get_running_loop().time()}
                )
                response = self.routes.get(path, reply(404))
                if callable(response):
                    response = response(headers)
                if asyncio.iscoroutine(response):
                    response = await response
                if isinstance(response, list):  # pieces with a wait between them
                    for piece in response:
                        writer.write(piece)
                        await writer.drain()
                        await asyncio.sleep(0.05)
                else:
                    writer.write(response)
                await writer.drain()
                if b"Connection: close" in (
                    response if isinstance(response, bytes) else b"Connection: close"
                ):
                    break
        self.open_count -= 1
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def serving(
    routes: Mapping[str, Any],
    host: str = "127.0.0.1",
    ssl: ssl.SSLContext | None = None,
    port: int = 0,
) -> AsyncIterator[Loopback]:
    """Run a Loopback."""
    loopback = Loopback(routes)
    server = await asyncio.start_server(loopback.handle, host, port, ssl=ssl, limit=2**20)
    loopback.port = server.sockets[0].getsockname()[1]
    try:
        yield loopback
    finally:
        server.close()
        for task in loopback.tasks:
            task.cancel()
        await asyncio.gather(*loopback.tasks, return_exceptions=True)
        await asyncio.sleep(0)


def opened_client(server: Loopback, **options: Any) -> AbstractAsyncContextManager[Client]:
    """Open a client that may request the server, without a gap between requests."""
    allowed = frozenset({("127.0.0.1", server.port)})
    settings: dict[str, Any] = {"host_gap": 0.0, "deadline": 3.0} | options
    return open_client(ClientSettings("Tester/1", allow_hosts=allowed, **settings), lambda: NOW)


def fetch(
    routes: Mapping[str, Any],
    path: str = "/feed",
    *,
    expect: str = "feed",
    nights: int = 1,
    settings: dict[str, float] | None = None,
    ignores_robots: bool = False,
) -> tuple[Response, Loopback]:
    """Serve and fetch a path once each night; return the last response and the server."""

    async def run() -> tuple[Response, Loopback]:
        async with serving(routes) as server, opened_client(server, **(settings or {})) as client:
            for _ in range(nights):
                response = await client.fetch(
                    server.origin + path, expect, ignores_robots=ignores_robots
                )
            return response, server

    return asyncio.run(run())
