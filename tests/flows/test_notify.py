"""Notifications to the webhook."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from tidings.flows.automations import notify


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a web server that records notifications and returns a chosen status."""
    received: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        status = 204
        location = ""

        def do_GET(self) -> None:
            received.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(type(self).status)
            if self.location:
                self.send_header("Location", self.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield SimpleNamespace(server_port=server.server_port, received=received, handler=Handler)
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_webhook_receives_subject_and_lines(
    webhook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notification arrives as JSON with a text that chat services display."""
    monkeypatch.setenv(
        "TIDINGS_WEBHOOK", f"http://127.0.0.1:{webhook.server_port}/hook?token=secret"
    )
    assert notify("Tidings: nightly failed", ["run nightly", "The audit failed"])
    assert webhook.received == [
        {
            "text": "Tidings: nightly failed\nrun nightly\nThe audit failed",
            "subject": "Tidings: nightly failed",
            "lines": ["run nightly", "The audit failed"],
        }
    ]


def test_a_failing_webhook_yields_a_warning_without_its_url(
    webhook: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A failed notification is a warning in the log; it contains no URL."""
    webhook.handler.status = 500
    monkeypatch.setenv(
        "TIDINGS_WEBHOOK", f"http://127.0.0.1:{webhook.server_port}/hook?token=secret"
    )
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
def test_a_redirect_is_not_followed(  # noqa: PLR0917 - fixtures and parameters
    webhook: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    status: int,
    location: str,
    words: str,
) -> None:
    """A redirected notification is not delivered; the log names the target's host, but neither its
    path nor its user.
    """
    webhook.handler.status, webhook.handler.location = (
        status,
        location.format(port=webhook.server_port),
    )
    monkeypatch.setenv("TIDINGS_WEBHOOK", f"http://127.0.0.1:{webhook.server_port}/hook")
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
