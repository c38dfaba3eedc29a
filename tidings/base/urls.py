"""Normalise URLs, derive IDs (UUIDv5) from them, and find them in bodies."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit
from uuid import NAMESPACE_URL, UUID, uuid5

# Parameters that identify a link to a page and not the page. Sources: publishers' links and the
# lists of https://github.com/ClearURLs/Rules
TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "piwik_", "matomo_", "hsa_", "at_custom", "_hs")
_TRACKING_NAMES = """
    fbclid gclid dclid gclsrc gbraid wbraid msclkid yclid twclid ttclid igshid mc_cid mc_eid mkt_tok
    spm scm vero_id wickedid oly_anon_id oly_enc_id rb_clickid s_cid ml_subscriber
    ml_subscriber_hash _openstat at_medium at_campaign at_format xtor cmpid smid ocid traffic_source
    guccounter guce_referrer guce_referrer_sig wt_mc wt.mc_id ns_mchannel ns_source ns_campaign
    __twitter_impression srnd sharetype
"""
TRACKING_PARAMETERS = frozenset(_TRACKING_NAMES.split())
_UNSAFE_TO_STRIP = re.compile(r"[\x00-\x20\x7f]+")
_ESCAPED = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
PORTS = {"http": 80, "https": 443}
_USUAL = re.compile(r"(https?)://([a-z0-9.-]+)(?::([1-5]\d{4}|[1-9]\d{0,3}))?(?![^/?#])")
# a URL that is normal but for its parameters
_NORMAL = re.compile(
    r"(https?://[a-z0-9.-]*[a-z0-9-](?::(?!(?:80|443)/)(?:[1-5]\d{4}|[1-9]\d{0,3}))?"
    r"(?=/)(?:(?!/\.)[\w/:@!$&'()*+,;=~.-])+)(?:\?([\w/:@!$&'()*+,;=~.?-]+))?",
    re.ASCII,
)
MAX_URL_CHARS = 4096


def normalise_url(url: str, base: str | None = None) -> str | None:
    """Return the canonical URL of a page, resolved against ``base``, or None if it is invalid: no
    http or https, with a user, without a host, or over 4,096 characters.

    Scheme and host are in lower case and punycode, escapes follow RFC 3986, section 6.2.2, and
    there is no default port, fragment (except ``#!``), tracking parameter or dot segment.
    """
    return _read_normal(url, is_identity=True) or _normalise(url, base, is_identity=True)


def prepare_url(url: str, base: str | None = None) -> str | None:
    """Return the URL to request, or None: as normalise_url, but with all parameters."""
    return _read_normal(url, is_identity=False) or _normalise(url, base, is_identity=False)


class UrlParts(NamedTuple):
    """The parts of a URL that identify the server."""

    scheme: str
    host: str
    port: int
    origin: str
    has_user: bool


@lru_cache(maxsize=32_768)  # the URLs of a run: each is parsed once
def parse_url(url: str) -> UrlParts | None:
    """Return the parts of a URL, or None if it is invalid. Without a port it is the scheme's, or 0
    for other schemes than http and https.
    """
    if len(url) > MAX_URL_CHARS:
        return None
    if usual := _USUAL.match(url):
        scheme, host, number = usual.groups()
        return UrlParts(scheme, host, int(number or PORTS[scheme]), usual[0], has_user=False)
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    origin = f"{parts.scheme}://{parts.netloc}"
    return UrlParts(parts.scheme, parts.hostname or "", port, origin, "@" in origin)


def host_of(url: str) -> str:
    """Return the host of a URL without port, or an empty text."""
    parts = parse_url(url)
    return parts.host if parts else ""


def _as_in_browsers(text: str) -> str:
    """Return a URL without unsafe characters, and with slashes for backslashes:
    https://url.spec.whatwg.org/#relative-slash-state.
    """
    if "\\" in text:
        before = re.split(r"[?#]", text, maxsplit=1)[0]
        text = before.replace("\\", "/") + text[len(before) :]
    if _UNSAFE_TO_STRIP.search(text):
        text = _UNSAFE_TO_STRIP.sub("", text.replace(" ", "%20"))
    return text


def _read_normal(url: str, *, is_identity: bool) -> str | None:
    """Return a URL that is normal but for its parameters, fast, or None for other URLs."""
    normal = _NORMAL.fullmatch(url) if len(url) <= MAX_URL_CHARS else None
    if normal is None:
        return None
    query = _drop_tracking(normal[2] or "") if is_identity else normal[2]
    return f"{normal[1]}?{query}" if query else normal[1]


def _normalise(url: str, base: str | None, *, is_identity: bool) -> str | None:
    text = _as_in_browsers(url.strip())
    if not 0 < len(text) <= MAX_URL_CHARS:
        return None
    try:
        parts = _resolve(text, base)
        port = parts.port
        host = _normalise_host(parts)
    except ValueError:
        return None
    if host is None or parts.scheme not in PORTS:
        return None
    netloc = host if port in {None, PORTS[parts.scheme]} else f"{host}:{port}"
    path = _drop_dots(_escape(parts.path, "/:@!$&'()*+,;=~")) or "/"
    query, fragment = _escape(parts.query, "/:@!$&'()*+,;=~?[]|{}\"^`"), ""
    if is_identity:
        query = _drop_tracking(query)
        fragment = parts.fragment * parts.fragment.startswith("!")
    return urlunsplit((parts.scheme, netloc, path, query, fragment))


def _resolve(text: str, base: str | None) -> SplitResult:
    parts = urlsplit(text)
    is_whole = parts.scheme in PORTS and parts.netloc
    return parts if is_whole or not base else urlsplit(urljoin(base, text))


def _normalise_host(parts: SplitResult) -> str | None:
    host = parts.hostname or ""
    if "@" in parts.netloc:
        return None
    if ":" in host or "[" in parts.netloc:
        return f"[{host}]" if ":" in host else None
    host = host.rstrip(".").lower()
    if host.isascii():
        return host or None
    import idna  # noqa: PLC0415 - few hosts need it, and each worker process would load it

    try:
        # IDNA drops soft hyphens
        return idna.encode(host, uts46=True).decode("ascii").rstrip(".") or None
    except idna.IDNAError:
        return None


def _drop_tracking(query: str) -> str:
    pairs = ((pair, pair.partition("=")[0].lower()) for pair in query.split("&") if pair)
    return "&".join(
        pair
        for pair, name in pairs
        if name not in TRACKING_PARAMETERS and not name.startswith(TRACKING_PREFIXES)
    )


def _escape(text: str, safe: str) -> str:
    if "%" in text:
        text = _ESCAPED.sub(_normalise_escape, text)
        text = re.sub(r"%(?![0-9A-F]{2})", "%25", text)
    return quote(text, safe=safe + "%", errors="surrogateescape")


def _normalise_escape(match: re.Match[str]) -> str:
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


def article_key(canonical_url: str) -> UUID:
    """Return an article's ID: the UUIDv5 of its canonical URL (RFC 9562, namespace URL)."""
    return uuid5(NAMESPACE_URL, canonical_url)


def capture_key(url: str, fetched_at: dt.datetime) -> UUID:
    """Return a capture's ID: the UUIDv5 of the requested URL and the time of the request."""
    return uuid5(NAMESPACE_URL, f"{fetched_at.isoformat()} {url}")


# a poll needs a feed's keys twice: to compare them with the last poll, and to store them
@lru_cache(maxsize=4096)
def entry_key(
    feed_id: str, url: str | None, guid: str | None, title: str | None, published_raw: str | None
) -> UUID:
    """Return an entry's ID: of its feed and link, else its guid, else its title and date."""
    name = url or guid or f"{title or ''}\n{published_raw or ''}"
    return uuid5(NAMESPACE_URL, f"{feed_id} {name}")


# Characters of a URL (RFC 3986) except quotes and brackets, also not as character references, and
# punctuation at the end of a sentence.
_URL_REST = re.compile(
    rb"(?:[.,:;!]*(?:[A-Za-z0-9\-_~/?#@$*+=%]|&(?!(?:quot|apos|lt|gt|nbsp|#0*3[49]|#x0*2[27]);)))*",
    re.IGNORECASE,
)

MAX_URL_REST = 4_096  # bytes after the URL: no stored URL is longer


def is_home_page(url: str) -> bool:
    """Return whether a URL is a site's home page, to which unrelated pages redirect."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def url_forms(urls: Iterable[str]) -> set[bytes]:
    """Return the forms of URLs in a body: plain, and with ampersands escaped."""
    return {form.encode() for url in urls for form in (url, url.replace("&", "&amp;"))}


def contains_url(
    body: bytes, forms: Iterable[bytes], is_same_page: Callable[[str], bool] = lambda _: False
) -> bool:
    """Return whether a body contains one of these URLs, with a final slash, or another URL of the
    same page that begins with it.
    """
    return any(_contains(body, form, is_same_page) for form in forms)


def _contains(body: bytes, form: bytes, is_same_page: Callable[[str], bool]) -> bool:
    at, end = body.find(form), 0
    while at >= 0:
        start = at + len(form)
        if start > end or not end:  # otherwise the match is inside a URL whose end is known
            match = _URL_REST.match(body, start)
            end = match.end() if match else start
        if end - start <= MAX_URL_REST:
            rest = body[start:end]
            if rest in (b"", b"/") or is_same_page(
                html.unescape((form + rest).decode(errors="replace"))
            ):
                return True
        at = body.find(form, at + 1)
    return False
