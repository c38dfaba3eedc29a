"""Requests are signed for hosts that ask, as an independent implementation verifies."""

import asyncio
import base64
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms

from tests.cases import cases
from tests.fetch.loopback import NOW, opened_client, reply, serving
from tidings.fetch.client import ClientSettings, open_client
from tidings.fetch.signing import (
    DIRECTORY,
    LIFETIME,
    SigningError,
    make_key,
    read_signer,
)

AGENT = "https://agent.example"
ASKS = (
    'Accept-Signature: sig1=("@authority" "signature-agent";key="sig1");created;expires;keyid'
    ';tag="web-bot-auth"'
)


class Directory(HTTPSignatureKeyResolver):
    """The published keys, by thumbprint."""

    def __init__(self, path: Path) -> None:
        self.keys = {key["kid"]: key for key in json.loads(path.read_text())["keys"]}

    def resolve_public_key(self, key_id: str) -> Any:
        key = base64.urlsafe_b64decode(self.keys[key_id]["x"] + "=")
        return Ed25519PublicKey.from_public_bytes(key)

    resolve_private_key = resolve_public_key


def verify(directory: Path, url: str, headers: dict[str, str], *components: str) -> Any:
    """Verify a request's signature with the independent implementation."""
    verifier = HTTPMessageVerifier(
        signature_algorithm=algorithms.ED25519, key_resolver=Directory(directory)
    )
    verifier.max_clock_skew = dt.timedelta(days=10_000)  # the client's clock is NOW
    message = SimpleNamespace(method="GET", url=url, headers=headers)
    required = ("@authority", '"signature-agent";key="sig1"', *components)
    (result,) = verifier.verify(
        message, max_age=None, expect_tag="web-bot-auth", require_components=required
    )
    return result


Handler = Callable[[dict[str, str]], bytes]


def ask(status: int, header: str = ASKS) -> Handler:
    """Return a server that asks for a signature, and serves a request that has one."""
    asks = reply(status, b"", header)
    return lambda headers: reply(200, b"ok") if "signature" in headers else asks


def fetch(tmp_path: Path, routes: dict[str, Any], agent: str = AGENT, count: int = 1) -> Any:
    """Fetch / with a new key, and return the responses, the requests' headers and the server."""
    key = tmp_path / "key.json"
    make_key(agent, key, NOW)

    async def run() -> Any:
        async with serving(routes) as server, opened_client(server, signing_key=key) as client:
            responses = [await client.fetch(f"{server.origin}/?a=1") for _ in range(count)]
            sent = [entry["headers"] for entry in server.log if entry["path"] == "/?a=1"]
            return responses, sent, server

    return asyncio.run(run())


@cases("status", 401, 403)
@cases("agent", AGENT, f"{AGENT}/keys.json")
def test_a_refusal_that_asks_for_a_signature_is_repeated_signed(
    tmp_path: Path, status: int, agent: str
) -> None:
    """The signature is valid for this host, and the next request is signed at once."""
    responses, headers, server = fetch(tmp_path, {"/?a=1": ask(status)}, agent, count=2)
    assert [response.status for response in responses] == [200, 200]
    assert ["signature" in one for one in headers] == [False, True, True]
    for one in headers[1:]:
        verify(tmp_path / DIRECTORY, f"{server.origin}/?a=1", one)
    value = f'sig1="{agent}"' + (";type=jwks_uri" if agent.endswith("json") else "")
    assert headers[1]["signature-agent"] == value
    assert f";expires={int(NOW.timestamp()) + LIFETIME};" in headers[1]["signature-input"]
    assert headers[1]["signature-input"] != headers[2]["signature-input"]  # another nonce


def test_a_signature_is_made_after_the_wait(tmp_path: Path) -> None:
    """A request that waits ten minutes for another process has a new signature."""
    key, clock = tmp_path / "key.json", [NOW]
    make_key(AGENT, key, NOW)
    later = NOW + dt.timedelta(minutes=10)

    def take(_: str) -> bool:
        clock.append(later)
        return True

    locks = SimpleNamespace(take=take, give=lambda _: None)

    async def run() -> Any:
        async with serving({"/?a=1": ask(401)}) as server:
            allowed = frozenset({("127.0.0.1", server.port)})
            settings = ClientSettings("Tester/1", allowed, host_gap=0.0, signing_key=key)
            async with open_client(settings, lambda: clock[-1], locks=locks) as client:
                clock[:] = [NOW]
                assert (await client.fetch(f"{server.origin}/?a=1")).is_ok
            return server.log[-1]["headers"]["signature-input"]

    assert f";created={int(later.timestamp())};" in asyncio.run(run())


def test_components_and_nonce_of_the_host_are_signed(tmp_path: Path) -> None:
    """A host may ask for its nonce and for further parts of the request."""
    names = ("@method", "@target-uri", "@path", "@query")
    listed = " ".join(f'"{name}"' for name in names)
    header = f'Accept-Signature: a=({listed});nonce="n/1,=";tag="web-bot-auth"'
    _, headers, server = fetch(tmp_path, {"/?a=1": ask(403, header)})
    assert 'nonce="n/1,="' in headers[1]["signature-input"]
    verify(tmp_path / DIRECTORY, f"{server.origin}/?a=1", headers[1], *names)


@cases(
    "status, header",
    (403, "X-Other: 1"),
    (403, 'Accept-Signature: a=("@authority");tag="other"'),
    (403, 'Accept-Signature: a=("@authority" "cookie");tag="web-bot-auth"'),
    (403, 'Accept-Signature: a=("@authority'),
    (404, ASKS),
)
def test_other_refusals_are_not_repeated(tmp_path: Path, status: int, header: str) -> None:
    """A host that asks for nothing, or for what Tidings does not have, gets one request."""
    responses, headers, _ = fetch(tmp_path, {"/?a=1": ask(status, header)})
    assert responses[0].status == status
    assert len(headers) == 1


def test_a_host_that_refuses_signed_requests_gets_two(tmp_path: Path) -> None:
    """A signature that the host does not accept is not repeated."""
    responses, headers, _ = fetch(tmp_path, {"/?a=1": reply(403, b"", ASKS)}, count=2)
    assert [response.status for response in responses] == [403, 403]
    assert ["signature" in one for one in headers] == [False, True, True]


def test_keys_are_private_and_rotate(tmp_path: Path) -> None:
    """Only the owner reads the private key. The directory keeps the keys of earlier commands."""
    for name in ("old.json", "new.json"):
        make_key(AGENT, tmp_path / name, NOW)
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    keys = json.loads((tmp_path / DIRECTORY).read_text())["keys"]
    assert [sorted(key) for key in keys] == [["crv", "kid", "kty", "nbf", "use", "x"]] * 2
    with pytest.raises(SigningError, match="cannot be written: File exists"):
        make_key(AGENT, tmp_path / "new.json", NOW)
    with pytest.raises(SigningError, match="not an https URL"):
        make_key("http://agent.example", tmp_path / "other.json", NOW)
    (tmp_path / DIRECTORY).write_text('{"keys": 7}')
    with pytest.raises(SigningError, match="has no list of keys"):
        make_key(AGENT, tmp_path / "other.json", NOW)
    assert not (tmp_path / "other.json").exists()
    for text in ("", "[]", '{"key": {"d": "AAAA"}, "agent": "a"}'):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(SigningError, match="has no key"):
            read_signer(tmp_path / "bad.json")
    with pytest.raises(SigningError, match="cannot be read: No such file"):
        read_signer(tmp_path / "none.json")
