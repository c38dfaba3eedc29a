"""What an answer comes to: a name, and a sentence for a person."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from tidings.flows.fetch.decompress import name_body
from tidings.flows.fetch.outcomes import Outcome
from tidings.flows.fetch.redirects import NO_TARGET, REDIRECTS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

Finding = tuple[Outcome, str | None]

_NAMED = {410: Outcome.GONE, 429: Outcome.THROTTLED, 503: Outcome.THROTTLED} | dict.fromkeys(REDIRECTS, Outcome.REDIRECT_ERROR)
_SENTENCES = {
    204: "The server answered without a body (204).",
    206: "The server sent a part of the document that nobody asked for (206).",
    401: "The server wants a login (401).",
    403: "The server refuses us this address (403).",
    404: "The server has nothing at this address (404).",
    304: "The server says that nothing has changed (304), but no earlier copy was named.",
    410: "The server says that this address is gone for good (410).",
    429: "The server asks to be left alone for a while (429).",
    503: "The server asks to be left alone for a while (503).",
    451: "The server must not give this out, for legal reasons (451).",
} | dict.fromkeys(REDIRECTS, NO_TARGET)
_CHALLENGE_HEADERS = {"cf-mitigated": "challenge", "x-amzn-waf-action": "", "x-sucuri-block": ""}
_TITLE = re.compile(rb"<title[^>]{0,200}>([^<]{0,300})", re.IGNORECASE)
# Titles of pages that ask for a browser or a person; seen in front of news sites.
_CHALLENGE_TITLE = re.compile(
    rb"\s*(?:just a moment\b|attention required! \| cloudflare|one moment, please|ddos-guard|checking your browser|"
    rb"please wait\.{3}|access to this page has been denied|pardon our interruption|are you a robot\?|"
    rb"verifying you are human|human verification|robot check|security check(?:\s|$)|captcha|client challenge|"
    rb"making sure you[^<]{1,8}re not a bot)",
    re.IGNORECASE,
)
# What such pages hold: of Imperva, Cloudflare, DataDome, Knownsec, Aliyun, River Security, AWS, Anubis, PerimeterX, Sucuri.
_CHALLENGE_MARKS = (
    b"/_Incapsula_Resource?",
    b"_cf_chl_opt",
    b'id="cf-challenge',
    b"captcha-delivery.com/",
    b"__jsl",
    b"acw_sc__v2",
    b"window['$_ts']",
    b"awsWafCookieDomainList",
    b"/.within.website/x/cmd/anubis",
    b"px-captcha",
    b"sucuri_cloudproxy_js",
)
_CHALLENGE: Finding = (Outcome.CHALLENGE, "The server wants to see a browser or a person first.")
_EXPECTED = {"feed": {"feed", "json_feed"}, "sitemap": {"sitemap", "feed", "text"}}
_KINDS = {
    "html": "a web page",
    "json": "JSON, but no JSON Feed",
    "xml": "XML of another kind",
    "text": "plain text",
    "binary": "a binary file",
    "sitemap": "a sitemap",
    "feed": "a feed",
    "json_feed": "a JSON Feed",
}


def judge(status: int, headers: Mapping[str, str], body: bytes, expect: str, *, is_conditional: bool) -> Finding:
    """Return the outcome of a complete answer, and why.

    ``expect`` is feed, page, listing, sitemap or any. ``is_conditional``: validators were sent, so 304 is an answer.
    """
    if status == 304 and is_conditional:
        return Outcome.NOT_MODIFIED, None
    if any(name in headers and value in headers[name].lower() for name, value in _CHALLENGE_HEADERS.items()):
        return _CHALLENGE
    if status in (200, 203):
        return _judge_body(body, expect)
    if _shows_challenge(body):
        return _CHALLENGE
    usual = "The server has trouble of its own ({})." if status >= 500 else "The server answered with status {}."
    return _NAMED.get(status, Outcome.HTTP_ERROR), _SENTENCES.get(status, usual.format(status))


def _judge_body(body: bytes, expect: str) -> Finding:
    if not body or not body.strip():
        return Outcome.EMPTY, "The server sent nothing."
    wanted = _EXPECTED.get(expect)
    kind = name_body(body) if wanted else "html"
    if wanted and kind in wanted:
        return Outcome.OK, None
    if _shows_challenge(body):
        return _CHALLENGE
    if wanted is None:
        return Outcome.OK, None
    if kind == "cut":
        return Outcome.TRUNCATED, "The document ends inside its first tag."
    thing = _KINDS.get(kind, "something else")
    return Outcome.NOT_FEED, f"The server sent {thing}, not a {expect}."


def _shows_challenge(body: bytes) -> bool:
    head = body[:32_768].removeprefix(b"\xef\xbb\xbf")
    if head.lstrip()[:1] != b"<":
        return False
    title = _TITLE.search(head)
    # A page with a body of some length is what its title says, a news item about captchas for example.
    if title and _CHALLENGE_TITLE.match(title[1]) and len(body) < 60_000:
        return True
    return len(body) < 20_000 and any(mark in head for mark in _CHALLENGE_MARKS)


def read_retry_after(text: str | None, now: dt.datetime) -> int | None:
    """Return the seconds that Retry-After asks for, from seconds or a date; None when it says nothing that can be followed."""
    if not text:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():  # "²" is a digit too, and no number
        return min(int(text[:12]), 10**9)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=now.tzinfo)
    seconds = int((moment - now).total_seconds())
    return seconds if seconds > 0 else None
