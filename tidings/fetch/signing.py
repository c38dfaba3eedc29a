"""Sign requests to hosts that ask for it: Web Bot Auth (draft-ietf-webbotauth-httpsig-protocol-01,
29 October 2026) with Ed25519 (RFC 9421, RFC 8037).
"""

import base64
import datetime as dt
import hashlib
import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tidings.base.urls import host_of, is_home_page

DIRECTORY = "http-message-signatures-directory"
"""File name of the public keys, and their path below ``/.well-known/``."""
LABEL = "sig1"
LIFETIME = 300  # seconds for which a signature is valid
_MAX_HEADER = 2_000
# A member of Accept-Signature (RFC 9421, 5.1): label, components and parameters.
_MEMBER = re.compile(r'([a-z*][\w.*-]{0,100})=\(((?:[^()"]|"[^"]*")*)\)((?:[^,"]|"[^"]*")*)')
_COMPONENT = re.compile(r'"([^"]*)"(?:;key="[^"]*")?')
_NONCE = re.compile(r';\s*nonce="([\x20-\x21\x23-\x5b\x5d-\x7e]{0,512})"')
_TAG = re.compile(r';\s*tag="([^"]*)"')


class SigningError(ValueError):
    """A signing key cannot be made or read; the message is one sentence for the user."""


class Wanted(NamedTuple):
    """What a host asks to be signed: the names of components besides @authority, and its nonce."""

    components: frozenset[str] = frozenset()
    nonce: str | None = None


class Signer:
    """Signs requests to the hosts that asked for it. ``agent`` is the URL of the public keys: an
    origin, or the whole URL of a key set.
    """

    def __init__(self, agent: str, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._key_id = _public_jwk(key)["kid"]
        site = agent.rstrip("/")
        self._agent = f'"{site}"' if is_home_page(agent) else f'"{agent}";type=jwks_uri'
        self._wanted: dict[str, Wanted] = {}  # by host

    def learn(self, url: str, headers: Mapping[str, str]) -> bool:
        """Note that the host of a response asks for signatures. Return whether a repeated request
        would be signed otherwise.
        """
        wanted = read_wanted(headers.get("Accept-Signature", ""))
        if wanted is None or self._wanted.get(host_of(url)) == wanted:
            return False
        self._wanted[host_of(url)] = wanted
        return True

    def headers(self, url: str, now: dt.datetime) -> dict[str, str]:
        """Return the headers with a signature of a GET request, if the host asked for one."""
        wanted = self._wanted.get(host_of(url))
        if wanted is None:
            return {}
        names = {"@authority", *wanted.components}
        signed = {f'"{name}"': text for name, text in _components(url).items() if name in names}
        signed[f'"signature-agent";key="{LABEL}"'] = self._agent
        created = int(now.timestamp())
        nonce = wanted.nonce or base64.b64encode(secrets.token_bytes(32)).decode()
        parameters = (
            f"({' '.join(signed)});created={created};expires={created + LIFETIME}"
            f';keyid="{self._key_id}";alg="ed25519";nonce="{nonce}";tag="web-bot-auth"'
        )
        signed['"@signature-params"'] = parameters
        base = "\n".join(f"{name}: {text}" for name, text in signed.items())
        signature = base64.b64encode(self._key.sign(base.encode("ascii"))).decode()
        return {
            "Signature-Agent": f"{LABEL}={self._agent}",
            "Signature-Input": f"{LABEL}={parameters}",
            "Signature": f"{LABEL}=:{signature}:",
        }


def _components(url: str) -> dict[str, str]:
    """Return the derived components (RFC 9421, 2.2) of a GET request for a prepared URL."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return {
        "@authority": parts.netloc, "@method": "GET", "@scheme": parts.scheme, "@path": parts.path,
        "@query": f"?{parts.query}", "@request-target": target, "@target-uri": url,
    }  # fmt: skip


_KNOWN = frozenset(_components("http://example.org/"))


def read_wanted(text: str) -> Wanted | None:
    """Return what an Accept-Signature header asks for, or None for another profile or other
    components.
    """
    for member in _MEMBER.finditer(text[:_MAX_HEADER]):
        tag, nonce = _TAG.search(member[3]), _NONCE.search(member[3])
        names = frozenset(_COMPONENT.findall(member[2])) - {"@authority", "signature-agent"}
        if (tag is None or tag[1] == "web-bot-auth") and names <= _KNOWN:
            return Wanted(names, nonce[1] if nonce else None)
    return None


def _public_jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    """Return the public key as a JSON Web Key with its thumbprint (RFC 8037, A.3)."""
    x = _base64(key.public_key().public_bytes_raw())
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'
    kid = _base64(hashlib.sha256(canonical.encode()).digest())
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid}


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def make_key(agent: str, path: Path, now: dt.datetime) -> Path:
    """Write a new private key, readable by its owner only, and add its public key to the directory
    file beside it, which is returned. Raises SigningError.
    """
    parts = urlsplit(agent)
    if parts.scheme != "https" or not parts.hostname or not re.fullmatch(r"[!#-\[\]-~]+", agent):
        raise SigningError(f"{agent} is not an https URL: name the site that will have your keys.")
    key = Ed25519PrivateKey.generate()
    jwk = _public_jwk(key)
    private = {"agent": agent, "key": {**jwk, "d": _base64(key.private_bytes_raw())}}
    public = {**jwk, "use": "sig", "nbf": int(now.timestamp())}
    directory = path.with_name(DIRECTORY)
    keys = _read(directory).get("keys") if directory.exists() else []
    if not isinstance(keys, list):
        raise SigningError(f"{directory} has no list of keys: move it away.")
    if path.exists():
        raise SigningError(f"{path} cannot be written: File exists.")
    try:
        # The public key first: a directory may have a key more, but never a key less.
        directory.write_text(json.dumps({"keys": [*keys, public]}, indent=1), encoding="utf-8")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(private, file, indent=1)
    except OSError as error:
        raise SigningError(f"{error.filename} cannot be written: {error.strerror}.") from error
    return directory


def read_signer(path: Path) -> Signer:
    """Return the signer with the key of a file. Raises SigningError."""
    content = _read(path)
    try:
        d = content["key"]["d"]
        raw = base64.urlsafe_b64decode(d + "=" * (-len(d) % 4))
        return Signer(str(content["agent"]), Ed25519PrivateKey.from_private_bytes(raw))
    except (KeyError, TypeError, ValueError) as error:
        raise SigningError(f"{path} has no key of `tidings signing-key`.") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SigningError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SigningError(f"{path} has no key of `tidings signing-key`.") from error
    return content if isinstance(content, dict) else {}
