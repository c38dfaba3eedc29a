"""Classification of responses."""

from __future__ import annotations

import datetime as dt

import pytest

from tidings.flows.fetch.response import classify_response, read_retry_after

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
WAITS = {
    "120": 120,
    " 7200 ": 7200,
    "Mon, 01 Jun 2026 23:00:00 GMT": 3600,
    "Mon, 01 Jun 2026 23:00:00 -0000": 3600,
    "Mon, 01 Jun 2026 23:00:00 +0100": None,  # this very moment
    "9" * 400: 999_999_999_999,
    "-5": None,
    "1.5": None,
    "\N{SUPERSCRIPT TWO}": None,
    "soon": None,
    "": None,
    "Fri, 31 Dec 1999 23:59:59 GMT": None,
    "Mon, 01 Jan 99999 00:00:00 GMT": None,
    "Mon, 01 Jan 2027 00:00:00 +9999999999999999": None,
}


@pytest.mark.parametrize("text", WAITS)
def test_what_a_server_asks_for_is_read_or_is_nothing(text: str) -> None:
    """Retry-After is read as seconds or a date; other values yield None."""
    wanted = WAITS[text]
    assert read_retry_after(text, NOW) == (None if wanted is None else min(wanted, 10**9))


PAGES = {
    "Cloudflare": b"<title>Just a moment...</title>",
    "Anubis": b"<title>Making sure you&#39;re not a bot!</title>",
    "Imperva": b'<script src="/_Incapsula_Resource?SWJIYLWA=1"></script>',
    "DataDome": b'<title>news.example</title><script src="https://ct.captcha-delivery.com/c.js"></script>',
    "Knownsec": b"<script>document.cookie='__jsl_clearance=1';location.href=location.pathname</script>",
    "Aliyun": b"<script>var arg1='0A';document.cookie='acw_sc__v2='</script>",
    "River Security": b"<meta charset='utf-8'><script>$_ts=window['$_ts'];if(!$_ts)$_ts={}</script>",
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("status", [200, 403, 412, 521])
def test_a_page_that_wants_a_browser_is_a_challenge(name: str, status: int) -> None:
    """Challenge pages are detected whatever their status, vendor and expected format."""
    body = b"\xef\xbb\xbf<html><head>" + PAGES[name] + b"</head></html>"
    for expect in ("feed", "page", "any"):
        assert classify_response(status, {}, body, expect, is_conditional=False)[0] == "challenge"


def test_a_report_on_challenges_is_none() -> None:
    """A long page with the title of a challenge is an article."""
    body = b"<html><title>Captcha or no captcha</title><p>" + b"The ministry tests who is a robot. " * 2_000
    assert classify_response(200, {}, body, "page", is_conditional=False)[0] == "ok"
