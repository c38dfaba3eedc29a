"""Serve the sample newsroom over HTTP on five loopback addresses, with one clock and one request
log.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tidings.demo.feeds import write_feed_list
from tidings.demo.outlets import OUTLETS
from tidings.demo.records import Truth
from tidings.demo.responses import Response, Site
from tidings.demo.truth import truth

END = dt.datetime(2026, 8, 30, tzinfo=dt.UTC)  # everything is visible
TRIES = 20  # tries to find a port that is free on all five addresses


def read_moment(text: str) -> dt.datetime:
    """Return the time in an ISO 8601 text. Raises ValueError if it has no time zone."""
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"Invalid time {text}: add a time zone, such as Z")
    return moment


class Newsroom:
    """The five running servers; create it with `start`."""

    def __init__(self, port: int, now: dt.datetime) -> None:
        self.port = port
        self.truth: Truth = truth(port)
        self.base_urls = {
            name: f"http://{outlet.address}:{port}" for name, outlet in OUTLETS.items()
        }
        self._now = now
        self._log: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    @property
    def now(self) -> dt.datetime:
        """The time of the newsroom's clock."""
        return self._now

    def set_now(self, now: dt.datetime | str) -> None:
        """Set the clock; a text must be ISO 8601 with a time zone. Raises ValueError otherwise."""
        self._now = read_moment(now if isinstance(now, str) else now.isoformat())

    def log(self) -> list[dict[str, Any]]:
        """Return the requests since the start or the last `clear_log`: t, outlet, host, path,
        status, agent, conditional.
        """
        with self._lock:
            return list(self._log)

    def clear_log(self) -> None:
        """Clear the request log."""
        with self._lock:
            self._log.clear()

    def note(self, **request: object) -> None:
        """Add a request to the log."""
        with self._lock:
            self._log.append(request)

    def feeds_csv(self) -> str:
        """Return the feed list of this newsroom, as `tidings nightly --feeds` reads it."""
        return write_feed_list(self.port)


class _Handler(BaseHTTPRequestHandler):
    """Request handler of one outlet; a subclass sets `newsroom` and `site`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    newsroom: Newsroom
    site: Site

    def do_GET(self) -> None:
        """Respond to a path of the outlet, to the clock or to the log."""
        parts = urlsplit(self.path)
        if parts.path == "/_clock":
            self._send(self._set_clock(parts.query))
        elif parts.path == "/_log":
            lines = "".join(json.dumps(request) + "\n" for request in self.newsroom.log())
            self._send(Response(200, "application/x-ndjson", lines.encode()))
        else:
            self._respond(parts.path)

    do_HEAD = do_GET  # noqa: N815 - the base class names it so

    def _set_clock(self, query: str) -> Response:
        if values := parse_qs(query.replace("+", "%2B")).get("now"):
            try:
                self.newsroom.set_now(values[0])
            except ValueError as error:
                return Response(400, "text/plain; charset=utf-8", f"{error}\n".encode())
        return Response(200, "text/plain; charset=utf-8", self.newsroom.now.isoformat().encode())

    def _respond(self, path: str) -> None:
        response = self.site.respond(path, self.newsroom.now)
        headers: dict[str, str] = {}
        if response.status == 200:
            headers["ETag"] = '"' + hashlib.sha256(response.body).hexdigest()[:32] + '"'
            if response.modified_at:
                headers["Last-Modified"] = email.utils.format_datetime(
                    response.modified_at.astimezone(dt.UTC), usegmt=True
                )
            if self._is_known(headers):
                response = Response(304, response.content_type, b"")
        self.newsroom.note(
            t=round(time.time(), 3),
            outlet=self.site.outlet.name,
            host=self.site.outlet.address,
            path=self.path,
            status=response.status,
            agent=self.headers.get("User-Agent", ""),
            conditional="If-None-Match" in self.headers or "If-Modified-Since" in self.headers,
        )
        self._send(response, headers)

    def _is_known(self, headers: dict[str, str]) -> bool:
        """Return whether the client has this body, by its ETag or else by its date (RFC 9110,
        section 13.1).
        """
        if tags := self.headers.get("If-None-Match"):
            return headers["ETag"] in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        since = self.headers.get("If-Modified-Since")
        if not since or "Last-Modified" not in headers:
            return False
        with suppress(ValueError, TypeError):
            client_date = email.utils.parsedate_to_datetime(since)
            return email.utils.parsedate_to_datetime(headers["Last-Modified"]) <= client_date
        return False

    def _send(self, response: Response, headers: dict[str, str] | None = None) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if response.status != 304:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            # the client closed the connection
            with suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(response.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Print nothing: `/_log` lists all requests."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def _bind(port: int) -> list[_Server]:
    """Return one listening server per outlet, all on one port. Raises OSError if the port is in
    use.
    """
    servers: list[_Server] = []
    try:
        for outlet in OUTLETS.values():
            servers.append(_Server((outlet.address, port), _Handler))
            port = servers[0].server_address[1]
    except OSError:
        for server in servers:
            server.server_close()
        raise
    return servers


def _bind_any(port: int) -> list[_Server]:
    """Return the servers as `_bind` does; for port 0 try until a port is free on all addresses."""
    for _ in range(TRIES - 1 if port == 0 else 0):
        with suppress(OSError):
            return _bind(port)
    return _bind(port)


@contextmanager
def start(port: int = 0, now: dt.datetime | str = END) -> Iterator[Newsroom]:
    """Yield a running newsroom with its clock at `now`, and stop it when the block ends.

    Port 0 selects a port that is free on all five addresses. Raises OSError if a given port is in
    use or if the machine lacks the addresses 127.0.2.1 to 127.0.2.5, which exist on Linux.
    """
    moment = read_moment(now if isinstance(now, str) else now.isoformat())
    servers = _bind_any(port)
    newsroom = Newsroom(servers[0].server_address[1], moment)
    for (name, home), server in zip(newsroom.base_urls.items(), servers, strict=True):
        site = Site(name, home, newsroom.truth)
        server.RequestHandlerClass = type(
            "Handler", (_Handler,), {"newsroom": newsroom, "site": site}
        )
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
    try:
        yield newsroom
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
