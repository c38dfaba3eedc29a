"""One request and its answer, guarded: the address checked after the name is looked up, the body limited, time limited."""

from __future__ import annotations

import socket
import ssl
import zlib
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from tidings.flows.fetch.address import AllowedHosts, check_ip
from tidings.flows.fetch.decompress import (
    ACCEPTED,
    MAX_WIRE_BYTES,
    CutOffError,
    Inflater,
    TooBigError,
    TooManyMembersError,
    is_gzip,
    open_gzip,
)
from tidings.flows.fetch.dns import Lookup
from tidings.flows.fetch.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohappyeyeballs import AddrInfoType

_MAX_ERROR_BYTES = 262_144  # enough of an error's page to know a challenge


@dataclass(slots=True)
class Exchange:
    """An answer as it came, its body decoded; or a failure by name, with what of the answer there was."""

    status: int | None = None
    phrase: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw_headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    wire_count: int = 0
    failure: Outcome | None = None
    reason: str | None = None

    def header(self, name: str) -> str | None:
        """Return a header's text as it can be stored, None where there is none."""
        return readable(self.headers.get(name))


def readable(text: str | None) -> str | None:
    """Return what a server said as text that can be stored; bytes that are no UTF-8 are Latin-1, as HTTP once had it."""
    if text is None or text.isascii():
        return text
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


@lru_cache(maxsize=64)
def _limit(deadline: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=deadline, ceil_threshold=1e9)


class RefusedAddressError(OSError):
    """A name led to an address that must not be connected to."""


_guarded: ContextVar[tuple[bool, list[str]]] = ContextVar("guarded")


def make_connector(allow_hosts: AllowedHosts, ca_file: str | None = None, host_limit: int = 64) -> aiohttp.TCPConnector:
    """Return a connector that opens sockets to public addresses only, and to the pairs of ``allow_hosts``.

    ``host_limit``: names looked up at the same time. The connector limits no connections, because waiting for one would count
    against the request's deadline. Turns (`pace`) limit each host to one request at a time.

    The check sees the very address that is about to be connected to, so a name that is looked up twice with two answers
    (DNS rebinding) gains nothing.
    """

    def open_socket(info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, place = info
        is_exempt, refusals = _guarded.get((False, []))
        refusal = None if is_exempt or (place[0], place[1]) in allow_hosts else check_ip(str(place[0]))
        if refusal:
            refusals.append(refusal)
            raise RefusedAddressError(refusal)
        return socket.socket(family, kind, protocol)

    context = ssl.create_default_context(cafile=ca_file)
    return aiohttp.TCPConnector(
        socket_factory=open_socket,
        resolver=Lookup(host_limit),
        ssl=context,
        limit=0,
        ttl_dns_cache=300,
    )


async def exchange(
    session: aiohttp.ClientSession, url: str, headers: Mapping[str, str], deadline: float, *, is_exempt: bool = False
) -> Exchange:
    """Return what came of one GET within ``deadline`` seconds in all, look-up and body included; redirects are not followed.

    ``is_exempt``: the address itself was allowed by name, so what it leads to is not judged.
    """
    refusals: list[str] = []
    token = _guarded.set((is_exempt, refusals))
    try:
        target = URL(url, encoded=True)
        async with session.get(target, headers=headers, allow_redirects=False, timeout=_limit(deadline)) as response:
            return await _receive(response)
    except (aiohttp.ClientError, aiohttp.http_exceptions.HttpProcessingError, OSError, ValueError) as error:
        if refusals:
            return Exchange(failure=Outcome.BLOCKED, reason=refusals[0])
        return _name_failure(error, deadline)
    finally:
        _guarded.reset(token)


async def _receive(response: aiohttp.ClientResponse) -> Exchange:
    headers = response.headers
    is_answer = response.status in (200, 203)
    body, wire_count, failure, reason = b"", 0, None, None
    if response.status != 304:
        limit = MAX_WIRE_BYTES if is_answer else _MAX_ERROR_BYTES
        body, wire_count, failure, reason = await _read_body(response, limit)
    if not is_answer:  # what an error's page holds matters less than the error
        failure, reason = None, None
    return Exchange(response.status, response.reason or "", headers, response.raw_headers, body, wire_count, failure, reason)


Read = tuple[bytes, int, Outcome | None, str | None]  # body, bytes on the wire, failure, why


async def _read_body(response: aiohttp.ClientResponse, limit: int) -> Read:
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity") and encoding not in ACCEPTED:
        return b"", 0, Outcome.PROTOCOL_ERROR, f"The body is packed as {encoding[:40]}, which nobody asked for."
    if (response.content_length or 0) > limit:
        return b"", 0, Outcome.TOO_BIG, f"The body is {response.content_length:,} bytes long; {limit:,} are read."
    inflater = Inflater(encoding) if encoding in ACCEPTED else None
    pieces: list[bytes] = []
    count = 0
    try:
        async for chunk in response.content.iter_any():
            count += len(chunk)
            if count > limit:
                return b"", count, Outcome.TOO_BIG, f"The body is longer than {limit:,} bytes."
            pieces.extend(inflater.feed(chunk) if inflater else (chunk,))
        return _join(pieces, inflater), count, None, None
    except tuple(_BROKEN_BODIES) as error:
        outcome, reason = next(named for kind, named in _BROKEN_BODIES.items() if isinstance(error, kind))
        return b"", count, outcome, reason


def _join(pieces: list[bytes], inflater: Inflater | None) -> bytes:
    """Return the whole body; a gzip file that is served without saying so is opened too."""
    if inflater:
        inflater.finish()
    body = b"".join(pieces)
    return open_gzip(body) if is_gzip(body) else body


_BROKEN_BODIES: dict[type[Exception], tuple[Outcome, str]] = {
    TooBigError: (Outcome.TOO_BIG, "The body grows beyond 20,000,000 bytes when it is unpacked."),
    TooManyMembersError: (Outcome.TOO_BIG, "The body is packed in more than 1,000 parts."),
    CutOffError: (Outcome.TRUNCATED, "The packed body ends before its end."),
    zlib.error: (Outcome.PROTOCOL_ERROR, "The body is not packed as the server says."),
    aiohttp.ClientPayloadError: (Outcome.TRUNCATED, "The connection ended before the body did."),
}


def _name_failure(error: Exception, deadline: float) -> Exchange:
    """Return the failure that an exception of the client or the system means."""
    failure, reason = Outcome.CONNECT_ERROR, "The server closed the connection without an answer."
    if isinstance(error, TimeoutError):
        failure, reason = Outcome.TIMEOUT, f"No whole answer came within {deadline:g} seconds."
    elif isinstance(error, aiohttp.ClientConnectorDNSError):
        failure, reason = Outcome.DNS_ERROR, f"The name {error.host} could not be looked up."
    elif isinstance(error, aiohttp.ClientSSLError | ssl.SSLError | ssl.CertificateError):
        detail = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
        cause = getattr(detail, "verify_message", "") or getattr(detail, "reason", "") or type(detail).__name__
        failure, reason = Outcome.TLS_ERROR, f"The server's certificate or encryption is not in order: {cause}."
    elif isinstance(error, aiohttp.ClientPayloadError):
        failure, reason = Outcome.TRUNCATED, "The connection ended before the body did."
    elif isinstance(error, aiohttp.ClientConnectorError):
        reason = f"No connection: {error.strerror or type(error.os_error).__name__}."
    elif isinstance(error, aiohttp.ClientResponseError | aiohttp.http_exceptions.HttpProcessingError | ValueError):
        failure, reason = Outcome.PROTOCOL_ERROR, "The server's answer is not HTTP as it should be."
    return Exchange(failure=failure, reason=reason)
