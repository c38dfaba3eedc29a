"""Accept only requests from this machine and from the Prefect server's own pages.

A browser lets any page send requests to loopback. They name the page's origin (``Origin``, RFC
6454), its relation to this server (``Sec-Fetch-Site``), or a foreign host (DNS rebinding).
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from tidings.base.settings import SettingsError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

LOOPBACK = "127.0.0.1"
# A browser that sends no Sec-Fetch-Site lets no other page embed a response (CORP), and a page that
# opened this one sees nothing of its window (COOP).
_ISOLATION = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
MAX_BYTES = 100_000  # of a request's body; a page sends less than 10,000
POLICY_VIOLATION = 1008  # WebSocket close code (RFC 6455, section 7.4.1)


def allowed_origins(port: int, listed: str) -> frozenset[str]:
    """Return the origins of a server on a loopback port, and those in ``listed`` (TIDINGS_ORIGINS).
    Raises SettingsError.
    """
    added = [origin.strip().lower().rstrip("/") for origin in listed.split(",") if origin.strip()]
    for origin in added:
        parts = urlsplit(origin)
        is_plain = origin == f"{parts.scheme}://{parts.netloc}" and not {"@", "*"} & {*origin}
        if parts.scheme not in {"http", "https"} or not is_plain:
            advice = "Write it as https://tidings.example.org."
            raise SettingsError(f"TIDINGS_ORIGINS: {origin!r} is not an origin. {advice}")
    return frozenset([f"http://127.0.0.1:{port}", f"http://localhost:{port}", *added])


def listen_address() -> str:
    """Return the IPv4 address on which servers listen: loopback, or in a container all addresses,
    as TIDINGS_LISTEN states. Raises SettingsError.
    """
    address = os.environ.get("TIDINGS_LISTEN") or LOOPBACK
    if address not in {LOOPBACK, "0.0.0.0"}:  # noqa: S104
        form = "neither 127.0.0.1 nor, in a container, 0.0.0.0"
        raise SettingsError(f"TIDINGS_LISTEN: {address!r} is {form}.")
    return address


def find_refusal(
    method: str, headers: Iterable[tuple[bytes, bytes]], origins: frozenset[str]
) -> str | None:
    """Return why a server with these origins refuses a request, or None. A request without
    ``Origin`` and ``Sec-Fetch-Site`` comes from no browser.
    """
    values: dict[str, list[str]] = {}
    for name, value in headers:
        text = value.decode("latin-1").strip().lower()
        values.setdefault(name.decode("latin-1").lower(), []).append(text)
    hosts = values.get("host", [])
    if hosts not in [[origin.partition("://")[2]] for origin in origins]:
        return "The Host header does not name this server."
    follows_link = (
        method in {"GET", "HEAD"}
        and values.get("sec-fetch-mode") == ["navigate"]
        # a frame would let a foreign page direct clicks
        and values.get("sec-fetch-dest") == ["document"]
    )
    is_own = follows_link or {"same-origin", "none"}.issuperset(values.get("sec-fetch-site", ()))
    if sent := values.get("origin"):
        is_own = origins.issuperset(sent)
    return None if is_own else "A page of another origin sent this request."


class PortError(Exception):
    """The port is not available; the message is for the user."""


def serve(app: App, port: int, show: Callable[[int], None], address: str = LOOPBACK) -> None:
    """Serve an app to its own origins until Ctrl-C, and pass its port to ``show`` before; port 0
    means any. Raises PortError if the port is not available, and SettingsError for TIDINGS_ORIGINS.
    """
    import uvicorn  # noqa: PLC0415 - only servers need it

    try:
        listening = socket.create_server((address, port))
    except OSError as error:
        # without the address that Python adds
        reason = (error.strerror or "").partition(" (while")[0]
        problem = f"Port {port} is not available ({reason})"
        raise PortError(f"{problem}: choose another --port.") from error
    with listening:
        port = listening.getsockname()[1]
        own: Any = OriginGuard(app, allowed_origins(port, os.environ.get("TIDINGS_ORIGINS", "")))
        # h11 limits the size of headers, and uvicorn's other parser, if installed, does not
        config = uvicorn.Config(
            own,
            http="h11",
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        show(port)
        uvicorn.Server(config).run(sockets=[listening])


async def read_object(body: AsyncIterable[bytes]) -> dict[str, Any]:
    """Return the JSON object in a request's body. Raises ValueError and TypeError."""
    read = b""
    async for part in body:
        read += part
        if len(read) > MAX_BYTES:
            raise ValueError(f"A request has at most {MAX_BYTES:,} bytes.")
    try:
        return dict(json.loads(read))
    except RecursionError as error:
        raise ValueError("The request is nested too deeply.") from error


class OriginGuard:
    """An ASGI app that refuses foreign requests with 403 and passes all others to another app."""

    def __init__(self, app: App, origins: frozenset[str]) -> None:
        self.app = app
        self.origins = origins

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one HTTP request, WebSocket handshake or lifespan event."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                # without Prefect's wildcard CORS header, with bans on frames and on requests
                # elsewhere: its UI requests the settings of an analytics service
                wildcard = (b"access-control-allow-origin", b"*")
                sent = message.get("headers", ())
                kept = [(name, text) for name, text in sent if (name.lower(), text) != wildcard]
                # some browsers' 'self' lacks them
                sockets = " ".join(sorted(one.replace("http", "ws", 1) for one in self.origins))
                policy = f"frame-ancestors 'none'; connect-src 'self' {sockets}".encode()
                message["headers"] = [*kept, (b"content-security-policy", policy), *_ISOLATION]
            await send(message)

        refusal = find_refusal(scope.get("method", "GET"), scope["headers"], self.origins)
        if refusal is None:
            await self.app(scope, receive, send_guarded)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": refusal})
        else:
            body = f"{refusal} TIDINGS_ORIGINS adds an origin (docs/serving.md).\n".encode()
            length = (b"content-length", b"%d" % len(body))
            headers = [(b"content-type", b"text/plain; charset=utf-8"), length]
            await send_guarded({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": body})
