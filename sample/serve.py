"""The sample newsroom over HTTP: five loopback addresses, one clock, one log."""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import json
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tidings.sample.feeds import write_feed_list
from tidings.sample.outlets import OUTLETS
from tidings.sample.responses import Response, Site
from tidings.sample.truth import truth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.sample.records import Truth

END = dt.datetime(2026, 8, 30, tzinfo=dt.UTC)  # everything is visible
TRIES = 20  # ports that must be free on all five addresses


def read_moment(text: str) -> dt.datetime:
    """Return the instant of an ISO 8601 text; ValueError if it has no zone."""
    found = dt.datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text}: a time here needs a zone")
    return found


class Newsroom:
    """Five running servers; made by `start`."""

    def __init__(self, port: int, now: dt.datetime) -> None:
        self.port = port
        self.truth: Truth = truth(port)
        self.base_urls = {name: f"http://{outlet.address}:{port}" for name, outlet in OUTLETS.items()}
        self._now = now
        self._log: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    @property
    def now(self) -> dt.datetime:
        """What the clock shows."""
        return self._now

    def set_now(self, now: dt.datetime | str) -> None:
        """Set the clock; a text is ISO 8601 with a zone, ValueError otherwise."""
        self._now = read_moment(now if isinstance(now, str) else now.isoformat())

    def log(self) -> list[dict[str, Any]]:
        """Return every request since the start or the last `clear_log`: t, outlet, host, path, status, agent, conditional."""
        with self._lock:
            return list(self._log)

    def clear_log(self) -> None:
        """Forget the requests so far."""
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
    """Answers for one outlet; `newsroom` and `site` are set on a subclass."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    newsroom: Newsroom
    site: Site

    def do_GET(self) -> None:
        """Answer a path, the clock or the log."""
        parts = urlsplit(self.path)
        if parts.path == "/_clock":
            self._send(self._set_clock(parts.query))
        elif parts.path == "/_log":
            lines = "".join(json.dumps(request) + "\n" for request in self.newsroom.log())
            self._send(Response(200, "application/x-ndjson", lines.encode()))
        else:
            self._answer_outlet(parts.path)

    do_HEAD = do_GET  # noqa: N815 - the base class names it so

    def _set_clock(self, query: str) -> Response:
        if wanted := parse_qs(query.replace("+", "%2B")).get("now"):
            try:
                self.newsroom.set_now(wanted[0])
            except ValueError as error:
                return Response(400, "text/plain; charset=utf-8", f"{error}\n".encode())
        return Response(200, "text/plain; charset=utf-8", self.newsroom.now.isoformat().encode())

    def _answer_outlet(self, path: str) -> None:
        answer = self.site.answer(path, self.newsroom.now)
        headers: dict[str, str] = {}
        if answer.status == 200:
            headers["ETag"] = '"' + hashlib.sha256(answer.body).hexdigest()[:32] + '"'
            if answer.modified_at:
                headers["Last-Modified"] = email.utils.format_datetime(answer.modified_at.astimezone(dt.UTC), usegmt=True)
            if self._is_known(headers):
                answer = Response(304, answer.content_type, b"")
        self.newsroom.note(
            t=round(time.time(), 3),
            outlet=self.site.outlet.name,
            host=self.site.outlet.address,
            path=self.path,
            status=answer.status,
            agent=self.headers.get("User-Agent", ""),
            conditional="If-None-Match" in self.headers or "If-Modified-Since" in self.headers,
        )
        self._send(answer, headers)

    def _is_known(self, headers: dict[str, str]) -> bool:
        """Whether the client holds this body: by its tag, else by its date (RFC 9110, 13.1)."""
        if tags := self.headers.get("If-None-Match"):
            return headers["ETag"] in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        since = self.headers.get("If-Modified-Since")
        if not since or "Last-Modified" not in headers:
            return False
        with suppress(ValueError, TypeError):
            told = email.utils.parsedate_to_datetime(since)
            return email.utils.parsedate_to_datetime(headers["Last-Modified"]) <= told
        return False

    def _send(self, answer: Response, headers: dict[str, str] | None = None) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            with suppress(BrokenPipeError, ConnectionResetError):  # the client stopped
                self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Stay silent: `/_log` tells every request."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def _bind(port: int) -> list[_Server]:
    """Return a listening server an outlet, all on one port; OSError if it is taken."""
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
    """As `_bind`; for port 0 try until one port is free on every address."""
    for _ in range(TRIES - 1 if port == 0 else 0):
        with suppress(OSError):
            return _bind(port)
    return _bind(port)


@contextmanager
def start(port: int = 0, now: dt.datetime | str = END) -> Iterator[Newsroom]:
    """Yield a running newsroom whose clock shows `now`; it stops when the block ends.

    Port 0 takes any port that is free on all five addresses. OSError if a given port is taken or if the machine has
    no addresses 127.0.2.1 to 127.0.2.5 (Linux has them).
    """
    moment = read_moment(now if isinstance(now, str) else now.isoformat())
    servers = _bind_any(port)
    newsroom = Newsroom(servers[0].server_address[1], moment)
    for (name, home), server in zip(newsroom.base_urls.items(), servers, strict=True):
        site = Site(name, home, newsroom.truth)
        server.RequestHandlerClass = type("Handler", (_Handler,), {"newsroom": newsroom, "site": site})
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield newsroom
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
