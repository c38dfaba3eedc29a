"""Classification of responses."""

import datetime as dt

import pytest

from tests.cases import cases
from tidings.fetch.response import classify_response, read_retry_after

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
    "DataDome": b"<title>news.example</title><script"
    b' src="https://ct.captcha-delivery.com/c.js"></script>',
    "Knownsec": (
        b"<script>document.cookie='__jsl_clearance=1';location.href=location.pathname</script>"
    ),
    "Aliyun": b"<script>var arg1='0A';document.cookie='acw_sc__v2='</script>",
    "River Security": (
        b"<meta charset='utf-8'><script>$_ts=window['$_ts'];if(!$_ts)$_ts={}</script>"
    ),
}


@pytest.mark.parametrize("name", PAGES)
@cases("status", 200, 403, 412, 521)
def test_a_page_that_wants_a_browser_is_a_challenge(name: str, status: int) -> None:
    """Challenge pages are detected whatever their status, vendor and expected format."""
    body = b"\xef\xbb\xbf<html><head>" + PAGES[name] + b"</head></html>"
    for expect in ("feed", "page", "any"):
        assert classify_response(status, {}, body, expect, is_conditional=False)[0] == "challenge"


def test_a_report_on_challenges_is_none() -> None:
    """A long page with the title of a challenge is an article."""
    body = (
        b"<html><title>Captcha or no captcha</title><p>"
        + b"The ministry tests who is a robot. " * 2_000
    )
    assert classify_response(200, {}, body, "page", is_conditional=False)[0] == "ok"


@cases(
    "status, is_conditional, outcome, reason",
    (304, True, "not_modified", None),
    (304, False, "http_error", "(304)"),
    (204, True, "http_error", "(204)"),
    (204, False, "http_error", "(204)"),
    (206, True, "http_error", "(206)"),
    (206, False, "http_error", "(206)"),
    (301, False, "redirect_error", None),
    (401, False, "http_error", "(401)"),
    (403, False, "http_error", "(403)"),
    (404, False, "http_error", "(404)"),
    (404, True, "http_error", "(404)"),
    (409, False, "http_error", "status 409"),
    (410, False, "gone", "(410)"),
    (429, False, "throttled", "(429)"),
    (430, False, "http_error", "status 430"),
    (451, False, "http_error", "(451)"),
    (500, False, "http_error", "(500)"),
    (502, False, "http_error", "(502)"),
    (503, False, "throttled", "(503)"),
)
def test_each_status_has_its_outcome(
    status: int, is_conditional: bool, outcome: str, reason: str | None
) -> None:
    """Each status without a usable body has its outcome, and a reason that contains the status."""
    found = classify_response(status, {}, b"<p>No.</p>", "feed", is_conditional=is_conditional)
    assert found[0] == outcome
    assert found[1] is None or reason is None or reason in found[1]
    assert (found[1] is None) == (outcome == "not_modified")


@cases(
    "body, expect, outcome",
    (b" \n", "feed", "empty"),
    (b"<html><p>No feed.</p></html>", "feed", "not_feed"),
    (b"Plain text.", "feed", "not_feed"),
    (b"Plain text.", "page", "ok"),
    (b"<rss", "feed", "truncated"),
    (b'{"note": "captcha-delivery.com/"}', "page", "ok"),
    (b"<p>captcha-delivery.com/</p>" + b"A long report. " * 2_000, "page", "ok"),
)
def test_each_body_has_its_outcome(body: bytes, expect: str, outcome: str) -> None:
    """A body is compared with the expected kind; only short HTML pages are challenges."""
    assert classify_response(200, {}, body, expect, is_conditional=False)[0] == outcome
