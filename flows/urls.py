"""Addresses in one spelling: for identity (what is the same page) and for asking (what goes over the wire)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import idna

# Parameters that name the way to a page and not the page. Sources: the publishers' own links and the lists of
# https://github.com/ClearURLs/Rules
TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "piwik_", "matomo_", "hsa_", "at_custom", "_hs")
TRACKING_PARAMETERS = frozenset(
    [
        "fbclid",
        "gclid",
        "dclid",
        "gclsrc",
        "gbraid",
        "wbraid",
        "msclkid",
        "yclid",
        "twclid",
        "ttclid",
        "igshid",
        "mc_cid",
        "mc_eid",
        "mkt_tok",
        "spm",
        "scm",
        "vero_id",
        "wickedid",
        "oly_anon_id",
        "oly_enc_id",
        "rb_clickid",
        "s_cid",
        "ml_subscriber",
        "ml_subscriber_hash",
        "_openstat",
        "at_medium",
        "at_campaign",
        "at_format",
        "xtor",
        "cmpid",
        "smid",
        "ocid",
        "traffic_source",
        "guccounter",
        "guce_referrer",
        "guce_referrer_sig",
        "wt_mc",
        "wt.mc_id",
        "ns_mchannel",
        "ns_source",
        "ns_campaign",
        "__twitter_impression",
        "srnd",
        "sharetype",
    ]
)
# What most addresses look like: spelled as they should be, so that nothing need be taken apart. But for tracking parameters
# they are their own identity too.
_PLAIN = re.compile(
    r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::(?!80/|443/)[1-9]\d{1,4})?/(?:[A-Za-z0-9_~-]|/(?!\.)|\.)*(\?[A-Za-z0-9_~./:=&,+-]+)?\Z"
)
_PLACE = re.compile(r"(https?)://([a-z0-9.-]+)(?::(\d{1,5}))?(?=/)")
_UNSAFE_TO_STRIP = re.compile(r"[\x00-\x20\x7f]+")
_ESCAPED = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PORTS = {"http": 80, "https": 443}
MAX_URL_CHARS = 4096


def normalise_url(url: str, base: str | None = None) -> str | None:
    """Return the address by which a page is known, or None when it is no address of the web.

    Resolved against ``base``; scheme and host in lower case, the host in punycode, no default port, no fragment (but ``#!``),
    no tracking parameters, no dot segments, escapes as RFC 3986 section 6.2.2 has them. None for other schemes than http and
    https, for a user or password in the address, for no host, and beyond 4,096 characters.
    """
    plain = _PLAIN.match(url) if len(url) <= MAX_URL_CHARS else None
    if plain is None:
        return _spell(url, base, is_identity=True)
    if plain[1] is None:
        return url
    query = _drop_tracking(plain[1][1:])
    return url[: plain.start(1)] + (f"?{query}" if query else "")


def prepare_url(url: str, base: str | None = None) -> str | None:
    """Return the address as it goes over the wire, or None when it cannot be asked: like normalise_url, all parameters kept."""
    return url if _PLAIN.match(url) and len(url) <= MAX_URL_CHARS else _spell(url, base, is_identity=False)


class Place(NamedTuple):
    """Whom an address asks: ``port`` is the scheme's own where the address names none; ``has_user`` is told, not what."""

    scheme: str
    host: str
    port: int
    origin: str
    has_user: bool


@lru_cache(maxsize=32_768)  # a night's addresses: each is taken apart once
def locate(url: str) -> Place | None:
    """Return whom an address asks, None when it cannot be read. Other schemes than http and https have the port 0."""
    if len(url) > MAX_URL_CHARS:
        return None
    plain = _PLACE.match(url)
    if plain:
        port = int(plain[3]) if plain[3] else _PORTS[plain[1]]
        return Place(plain[1], plain[2], port, plain[0], has_user=False)
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    return Place(parts.scheme, parts.hostname or "", port, f"{parts.scheme}://{parts.netloc}", "@" in parts.netloc)


def host_of(url: str) -> str:
    """Return the host of an address, without port; empty when there is none."""
    place = locate(url)
    return place.host if place else ""


def _spell(url: str, base: str | None, *, is_identity: bool) -> str | None:
    text = url.strip()
    if "\\" in text:  # a browser reads them as slashes (https://url.spec.whatwg.org/#relative-slash-state)
        before = re.split(r"[?#]", text, maxsplit=1)[0]
        text = before.replace("\\", "/") + text[len(before) :]
    if _UNSAFE_TO_STRIP.search(text):
        text = text.replace(" ", "%20")
        text = _UNSAFE_TO_STRIP.sub("", text)
    if not text or len(text) > MAX_URL_CHARS:
        return None
    try:
        parts = urlsplit(urljoin(base, text) if base else text)
        port = parts.port
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not host or "@" in parts.netloc or ("[" in parts.netloc and ":" not in host):
        return None
    host = _spell_host(host)
    if host is None:
        return None
    netloc = host if port is None or port == _PORTS[parts.scheme] else f"{host}:{port}"
    path = _drop_dots(_escape(parts.path, "/:@!$&'()*+,;=~")) or "/"
    query = _escape(parts.query, "/:@!$&'()*+,;=~?[]|{}\"^`")
    fragment = parts.fragment if is_identity and parts.fragment.startswith("!") else ""
    if is_identity and query:
        query = _drop_tracking(query)
    return urlunsplit((parts.scheme, netloc, path, query, fragment))


def _spell_host(host: str) -> str | None:
    if ":" in host:
        return f"[{host}]"
    host = host.rstrip(".").lower()
    if host.isascii():
        return host or None
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return None


def _drop_tracking(query: str) -> str:
    return "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair))


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)


def _escape(text: str, safe: str) -> str:
    if "%" in text:
        text = _ESCAPED.sub(_respell, text)
        text = re.sub(r"%(?![0-9A-F]{2})", "%25", text)
    return quote(text, safe=safe + "%", errors="surrogateescape")


def _respell(match: re.Match[str]) -> str:
    letter = chr(int(match[1], 16))
    return letter if letter in _UNRESERVED else f"%{match[1].upper()}"


def _drop_dots(path: str) -> str:
    if "/." not in path:
        return path
    kept: list[str] = []
    parts = path.split("/")
    for part in parts[1:]:
        if part == "..":
            kept = kept[:-1]
        elif part != ".":
            kept.append(part)
    if parts[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
