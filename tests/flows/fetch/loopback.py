"""A server on loopback that answers with the very bytes it is given, so that it can lie; it keeps every request."""

import asyncio
import contextlib
import datetime as dt
from dataclasses import dataclass, field

from tidings.flows.fetch.client import ClientSettings, open_client

NOW = dt.datetime(2026, 6, 1, 22, 0, tzinfo=dt.UTC)
ITEM = (
    "<item><title>{title}</title><link>{link}</link><guid isPermaLink='false'>{guid}</guid>"
    "<pubDate>{date}</pubDate><description>{text}</description></item>"
)


def item(number=1, **changes):
    """An RSS item; every part can be changed."""
    parts = {
        "title": f"Notice {number}",
        "link": f"http://example.org/notice/{number}",
        "guid": f"notice-{number}",
        "date": "Mon, 01 Jun 2026 10:00:00 GMT",
        "text": "A short notice.",
    }
    return ITEM.format(**(parts | changes))


def rss(*items, head="", declaration='<?xml version="1.0" encoding="utf-8"?>'):
    """An RSS document of the given items."""
    channel = f"<title>Notices</title><link>http://example.org/</link><description>d</description>{head}{''.join(items)}"
    return f'{declaration}<rss version="2.0"><channel>{channel}</channel></rss>'.encode()


def reply(status=200, body=b"", *headers, kind="application/rss+xml", length=None):
    """The bytes of an HTTP answer; ``length`` may lie."""
    lines = [f"HTTP/1.1 {status} Some Phrase", f"Content-Type: {kind}", *headers]
    if status not in (204, 304):
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


@dataclass
class Loopback:
    """A running server: ``routes`` from path to answer (bytes, or a function of the request's headers that returns them)."""

    routes: dict
    port: int = 0
    log: list = field(default_factory=list)
    open_count: int = 0
    most_open: int = 0

    @property
    def origin(self):
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

    def asked(self, path):
        """How often a path was asked for."""
        return sum(entry["path"] == path for entry in self.log)

    tasks: set = field(default_factory=set)

    async def handle(self, reader, writer):
        """Hold a connection until it ends or the server does."""
        self.tasks.add(asyncio.current_task())
        with contextlib.suppress(asyncio.CancelledError):
            await self.converse(reader, writer)
        writer.transport.abort()

    async def converse(self, reader, writer):
        """Answer request after request."""
        self.open_count += 1
        self.most_open = max(self.most_open, self.open_count)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while True:
                raw = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = raw.split("\r\n")
                path = first.split(" ")[1]
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
                self.log.append({"path": path, "headers": headers, "at": asyncio.get_running_loop().time()})
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
                if b"Connection: close" in (response if isinstance(response, bytes) else b"Connection: close"):
                    break
        self.open_count -= 1
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def serving(routes, host="127.0.0.1", ssl=None, port=0):
    """Give a running Loopback."""
    made = Loopback(routes)
    server = await asyncio.start_server(made.handle, host, port, ssl=ssl, limit=2**20)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in made.tasks:
            task.cancel()
        await asyncio.gather(*made.tasks, return_exceptions=True)
        await asyncio.sleep(0)


def opened_client(server, **options):
    """A client that may ask the server, without a gap."""
    allowed = frozenset({("127.0.0.1", server.port)})
    made = {"host_gap": 0.0, "deadline": 3.0} | options
    return open_client(ClientSettings("Tester/1", allow_hosts=allowed, **made), lambda: NOW)


def fetch(routes, path="/feed", *, expect="feed", nights=1, settings=None, **options):
    """Serve, fetch one path and return the answer and the server; with several ``nights`` the last answer."""

    async def run():
        async with serving(routes) as server, opened_client(server, **(settings or {})) as client:
            for _ in range(nights):
                response = await client.fetch(server.origin + path, expect, **options)
            return response, server

    return asyncio.run(run())
