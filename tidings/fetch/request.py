"""Send one HTTP request and receive the response, with limits for IP addresses, size and time."""

import datetime as dt
import socket
import ssl
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

import aiohttp
from aiohappyeyeballs import AddrInfoType
from aiohttp import ClientConnectorDNSError as DNSError
from aiohttp.http_exceptions import HttpProcessingError as _BadMessage
from yarl import URL

from tidings.fetch.address_check import AllowedHosts, Resolver, check_ip
from tidings.fetch.response import (
    Classification,
    Outcome,
    Response,
    classify_response,
    read_retry_after,
    read_validator,
    readable,
)
from tidings.fetch.response_body import (
    ACCEPTED,
    MAX_DOCUMENT_BYTES,
    MAX_WIRE_BYTES,
    BodyError,
    inflate,
    is_document,
    is_gzip,
)

_MAX_ERROR_BYTES = 262_144  # enough of an error page to detect a challenge


_address_check: ContextVar[tuple[bool, list[str]]] = ContextVar("address_check")


def make_connector(allow_hosts: AllowedHosts, host_limit: int) -> aiohttp.TCPConnector:
    """Return a connector that connects only to public IP addresses and to the pairs in
    ``allow_hosts``.

    ``host_limit``: names resolved at the same time; ``rate_limit`` limits connections. The address
    of the socket is checked, so DNS rebinding cannot bypass the check.
    """

    def open_socket(info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        is_exempt, refusals = _address_check.get((False, []))
        is_allowed = is_exempt or (address[0], address[1]) in allow_hosts
        refusal = None if is_allowed else check_ip(str(address[0]))
        if refusal:
            refusals.append(refusal)
            raise OSError(refusal)
        return socket.socket(family, kind, protocol)

    return aiohttp.TCPConnector(
        socket_factory=open_socket,
        resolver=Resolver(host_limit),
        ssl=ssl.create_default_context(),
        limit=0,
        ttl_dns_cache=300,
    )


async def send_request(
    session: aiohttp.ClientSession,
    url: str,
    headers: Mapping[str, str],
    deadline: float,
    *,
    expect: str,
    now: dt.datetime,
    is_exempt: bool,
) -> Response:
    """Send one GET request and return the response with its outcome. ``deadline`` (seconds)
    includes DNS and the body. Redirects are not followed. ``is_exempt``: IP addresses are not
    checked.
    """
    refusals: list[str] = []
    token = _address_check.set((is_exempt, refusals))
    try:
        request = session.get(
            URL(url, encoded=True),
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=deadline, ceil_threshold=1e9),
        )
        async with request as response:
            return await _receive(response, url, headers, expect, now)
    except (aiohttp.ClientError, _BadMessage, OSError, ValueError) as error:
        outcome, reason = _describe_failure(error, deadline)
        if refusals:
            outcome, reason = Outcome.BLOCKED, refusals[0]
        return Response(url, outcome, now, readable(reason))
    finally:
        _address_check.reset(token)


def _describe_failure(error: Exception, deadline: float) -> tuple[Outcome, str]:
    detail: object = error
    for name in ("certificate_error", "os_error"):
        detail = getattr(error, name, None) or detail
    causes = (getattr(detail, name, "") for name in ("verify_message", "reason", "strerror"))
    cause = next(filter(None, causes), type(detail).__name__)
    for kinds, failure, template in _FAILURES:
        if isinstance(error, kinds):
            host = getattr(error, "host", "")
            return failure, template.format(deadline=deadline, host=host, cause=cause)
    return Outcome.CONNECT_ERROR, "The server closed the connection without a response."


async def _receive(
    response: aiohttp.ClientResponse,
    url: str,
    sent: Mapping[str, str],
    expect: str,
    now: dt.datetime,
) -> Response:
    headers, status = response.headers, response.status
    is_success = status in (200, 203)
    body, problem = b"", None
    if status != 304:
        is_large = is_document(headers.get("Content-Type", ""))
        limit = MAX_DOCUMENT_BYTES if is_large else MAX_WIRE_BYTES
        body, problem = await _read_body(response, limit if is_success else _MAX_ERROR_BYTES)
    if problem is None or not is_success:  # the status matters more than a broken error page
        is_conditional = "If-None-Match" in sent or "If-Modified-Since" in sent
        problem = classify_response(status, headers, body, expect, is_conditional=is_conditional)
    return Response(
        url,
        problem[0],
        now,
        readable(problem[1]),
        url,
        status,
        response.reason or "",
        readable(headers.get("Content-Type")),
        body,
        read_validator(headers.get("ETag")),
        read_validator(headers.get("Last-Modified")),
        read_retry_after(headers.get("Retry-After"), now),
        headers=headers,
        raw_headers=response.raw_headers,
    )


async def _read_body(
    response: aiohttp.ClientResponse, limit: int
) -> tuple[bytes, Classification | None]:
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in {"", "identity", *ACCEPTED}:
        reason = f"The body has the encoding {encoding[:40]}, which was not requested."
        return b"", (Outcome.PROTOCOL_ERROR, reason)
    too_big = Outcome.TOO_BIG, f"The body has more than {limit:,} bytes."
    if (response.content_length or 0) > limit:
        return b"", too_big
    received = bytearray()
    try:
        async for chunk in response.content.iter_any():
            received += chunk
            if len(received) > limit:
                return b"", too_big
        body = bytes(received)
        if encoding in ACCEPTED:
            body = inflate(body, encoding)
        # a gzip file without a Content-Encoding header too
        return inflate(body) if is_gzip(body) else body, None
    except BodyError as error:
        return b"", (Outcome(error.outcome), str(error))
    except aiohttp.ClientPayloadError:
        return b"", (Outcome.TRUNCATED, _CLOSED)


_CLOSED = "The connection closed before the end of the body."
_BAD_TLS = "The server's certificate or encryption is invalid: {cause}."
# exceptions, their outcomes and reasons
_FAILURES: tuple[tuple[Any, Outcome, str], ...] = (
    (TimeoutError, Outcome.TIMEOUT, "The response was not complete within {deadline:g} seconds."),
    (DNSError, Outcome.DNS_ERROR, "The host name {host} could not be resolved."),
    ((aiohttp.ClientSSLError, ssl.SSLError, ssl.CertificateError), Outcome.TLS_ERROR, _BAD_TLS),
    (aiohttp.ClientPayloadError, Outcome.TRUNCATED, _CLOSED),
    (aiohttp.ClientConnectorError, Outcome.CONNECT_ERROR, "The connection failed: {cause}."),
    (
        (aiohttp.ClientResponseError, _BadMessage, ValueError),
        Outcome.PROTOCOL_ERROR,
        "The server's response is not valid HTTP.",
    ),
)
