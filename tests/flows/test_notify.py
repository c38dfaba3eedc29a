"""The webhook."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tidings.flows.notify import notify


@pytest.fixture
def webhook():
    """A web server that remembers what it was told and answers as it is bidden."""
    told = []

    class Handler(BaseHTTPRequestHandler):
        status = 204

        def do_POST(self):
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(type(self).status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    server.told, server.handler = told, Handler
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_webhook_hears_subject_and_lines(webhook, monkeypatch):
    """A message arrives as JSON with a text that chat services show."""
    monkeypatch.setenv("TIDINGS_WEBHOOK", f"http://127.0.0.1:{webhook.server_port}/hook?token=secret")
    assert notify("Tidings: nightly failed", ["run nightly", "The audit failed"])
    assert webhook.told == [
        {
            "text": "Tidings: nightly failed\nrun nightly\nThe audit failed",
            "subject": "Tidings: nightly failed",
            "lines": ["run nightly", "The audit failed"],
        }
    ]


def test_a_failing_webhook_fails_nothing_and_keeps_its_address_secret(webhook, monkeypatch, caplog):
    """An error of the webhook's is a warning without its address."""
    webhook.handler.status = 500
    monkeypatch.setenv("TIDINGS_WEBHOOK", f"http://127.0.0.1:{webhook.server_port}/hook?token=secret")
    with caplog.at_level("WARNING", logger="tidings"):
        assert not notify("Tidings: nightly failed")
    assert "did not take the message" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("address", ["", "file:///etc/passwd", "ftp://127.0.0.1/"])
def test_only_web_addresses_are_asked(monkeypatch, address):
    """Without a webhook, or with something that is none, nothing is sent."""
    monkeypatch.setenv("TIDINGS_WEBHOOK", address)
    assert not notify("anything")
