"""Notifications to the webhook."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.web_server import web_server
from tidings.flows.automations import notify


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return the notifications that a web server received, and its status and location, which a
    test can change.
    """
    hook = SimpleNamespace(received=[], status=204, location="")

    def respond(path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        hook.received.append(json.loads(body) if body else path)
        return hook.status, {"Location": hook.location} if hook.location else {}, b""

    with web_server(respond) as hook.origin:
        monkeypatch.setenv("TIDINGS_WEBHOOK", f"{hook.origin}/hook?token=secret")
        yield hook


def test_the_webhook_receives_subject_and_lines(webhook: Any) -> None:
    """A notification arrives as JSON with a text that chat services display."""
    assert notify("Tidings: nightly failed", ["run nightly", "The audit failed"])
    assert webhook.received == [
        {
            "text": "Tidings: nightly failed\nrun nightly\nThe audit failed",
            "subject": "Tidings: nightly failed",
            "lines": ["run nightly", "The audit failed"],
        }
    ]


def test_a_failing_webhook_yields_a_warning_without_its_url(
    webhook: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A failed notification is a warning in the log; it contains no URL."""
    webhook.status = 500
    with caplog.at_level("WARNING", logger="tidings"):
        assert not notify("Tidings: nightly failed")
    assert "notification failed (status 500)" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "words"),
    [
        (
            "http://user:hidden@127.0.0.1:{port}/moved?token=hidden",
            "a redirect to 127.0.0.1: set TIDINGS_WEBHOOK",
        ),
        ("/moved?token=hidden", "a redirect to another path of the same host"),
    ],
)
def test_a_redirect_is_not_followed(
    webhook: Any, caplog: pytest.LogCaptureFixture, status: int, location: str, words: str
) -> None:
    """A redirected notification is not delivered; the log names the target's host, but neither its
    path nor its user.
    """
    port = webhook.origin.rpartition(":")[2]
    webhook.status, webhook.location = status, location.format(port=port)
    with caplog.at_level("WARNING", logger="tidings"):
        assert not notify("Tidings: nightly failed")
    assert len(webhook.received) == 1
    assert f"status {status}, {words}" in caplog.text
    assert "hidden" not in caplog.text


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "ftp://127.0.0.1/"])
def test_only_web_urls_are_used(monkeypatch: pytest.MonkeyPatch, url: Any) -> None:
    """Without a webhook, or with an invalid URL, the function sends nothing."""
    monkeypatch.setenv("TIDINGS_WEBHOOK", url)
    assert not notify("anything")
