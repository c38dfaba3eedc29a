"""No secret and no terminal's command leaves the process in a message."""

import datetime as dt
import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.flows.nights import settings_for
from tidings.flows.backfill import backfill
from tidings.flows.failures import explain, guard_logs, guarded, scrub
from tidings.flows.maintain import maintain
from tidings.flows.messages import markdown, message, printable, redact
from tidings.flows.nightly import nightly
from tidings.flows.release import release
from tidings.flows.stages.poll import poll
from tidings.flows.stages.prepare import prepare
from tidings.flows.stages.run import start_run
from tidings.transforms.run import TransformsError
from tidings.warehouse.writer_lock import LockedError

ENV = {
    "TIDINGS_WEBHOOK": "https://hooks.example/services/T0/B0/XyZ123",
    "PGPASSWORD": "hunter22",
    "PREFECT_API_AUTH_STRING": "admin:pw123456",
    "TIDINGS_WAREHOUSE": "postgresql://tidings:s%40cret99@db/tidings?data=/srv",
}
HELD = [
    "attach 'ducklake:postgres:postgresql://user:LEAK@ss@db.example/x?sslmode=a' as lake",
    "connection to host=db user=x password='it\\'s LEAK' failed",
    "password=LEAK host=db",
    "create secret t (type s3, key_id 'LEAK', secret 'a''LEAK', session_token 'LEAK')",
    "GET https://feeds.example/rss?token=LEAK&page=2",
    '{"api_key": "LEAK", "page": 2}',
    "Authorization: Bearer LEAK.LEAK",
    "https://proxy:LEAK@proxy.example:3128",
    "X-Amz-Signature=LEAK&X-Amz-Date=1",
]


@pytest.mark.parametrize("text", HELD)
def test_a_secret_is_known_by_its_form(text):
    """Passwords in URLs, libpq's and DuckDB's pairs, query strings, JSON and headers are hidden; the rest stays."""
    shown = redact(text, {})
    assert "LEAK" not in shown
    assert "…" in shown


def test_a_secret_is_known_by_its_value():
    """What variables with secrets hold is hidden wherever it stands, in parts and in Basic's encoding too."""
    told = "hunter22 pw123456 s@cret99 s%40cret99 YWRtaW46cHcxMjM0NTY= posting to /services/T0/B0/XyZ123"
    assert set(redact(told, ENV).split()) == {"…", "posting", "to", "/…"}


def test_sentences_without_secrets_stay_as_they_are():
    """Addresses with ports, e-mail addresses and words such as token are no secrets."""
    for text in ("http://h.example:80/a@b", "mailto:a@b.example", "The token was refused.", "postgresql://tidings@db/x"):
        assert redact(text, {}) == text


def test_a_switch_is_no_secret():
    """A variable whose name only looks like a secret's hides no ordinary word."""
    text = "is_enabled is false, 103 tests passed of 4096"
    assert redact(text, {"TOKENIZERS_PARALLELISM": "false", "POSTGRES_PASSWORD": "tests", "MAX_TOKENS": "4096"}) == text


def test_a_terminal_obeys_no_message():
    """Controls, overrides of direction, separators and half pairs are escaped as JSON does, so that JSON keeps its meaning."""
    evil = "a\x1b[2J\x9b1m\u202e\u2028\ud800\U000e0041\u200b"
    assert printable(evil).isprintable()
    assert message("one\nline\tonly\x1b") == "one line only\\u001b"
    told = {"text": "a\x9b\u202e\U000e0041 Straße 推进 \u3000\xa0"}
    assert json.loads(printable(json.dumps(told, ensure_ascii=False))) == told
    assert markdown("<b>[x](javascript:1)|`") == "\\<b\\>\\[x\\](javascript:1)\\|\\`"


def test_every_log_record_is_clean(caplog):
    """Also those of other packages, and the tracebacks in them; a failure with a sentence of its own has no traceback."""
    before = logging.getLogRecordFactory()
    guard_logs()
    try:
        try:
            Path("/nowhere?postgresql://u:LEAK@h/d").read_text()
        except OSError:
            logging.getLogger("anybody").exception("failed: %s", "password=LEAK\x1b")
        assert "Traceback" not in caplog.text
        try:
            _ = {}["postgresql:/u:LEAK@h/d"]
        except KeyError:
            logging.getLogger("anybody").exception("failed")
    finally:
        logging.setLogRecordFactory(before)
    assert "LEAK" not in caplog.text
    assert "\x1b" not in caplog.text
    assert "Traceback" in caplog.text


def test_a_flow_fails_with_the_sentence_and_no_secret():
    """A failure that a person can put right is the state's message; another run's lock cancels; a mistake is raised, clean."""

    def fail(error):
        def run():
            raise error

        return guarded(run)

    state = fail(TransformsError("dbt could not run: postgresql://user:LEAK@db/x\x1b"))()
    assert (state.name, state.message) == ("Failed", "dbt could not run: postgresql://user:…@db/x\\u001b")
    assert fail(LockedError("Another nightly is running."))().name == "Cancelled"
    assert fail(OSError(28, "No space left on device", "/srv/x"))().message.startswith("The disk is full at /srv/x")
    with pytest.raises(KeyError, match="password=…"):
        fail(KeyError("password=LEAK"))()
    assert explain(KeyError("x")) is None
    assert explain(ExceptionGroup("several", [LockedError("One.")])) == "One."
    assert str(scrub(ValueError("secret 'LEAK'"))) == "secret …"


def test_every_flow_is_guarded():
    """Each flow of the program, the release without a night too, ends an expected failure in a sentence."""
    assert all(hasattr(flow.fn, "__wrapped__") for flow in (nightly, backfill, maintain, release))


def test_a_guarded_flow_keeps_its_form():
    """Prefect reads the fields, their types and their defaults as if there were no guard."""
    given = backfill.validate_parameters({"start": "2026-06-08", "end": "2026-06-12"})
    assert given["start"] == dt.date(2026, 6, 8)
    fields = backfill.parameters.properties
    assert fields["start"]["format"] == "date"
    assert fields["mode"]["enum"] == ["refetch", "reprocess", "retag"]


@pytest.fixture
def hostile():
    """The address of a server whose headers hold a terminal's commands."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            is_feed = self.path == "/feed"
            self.send_response(200 if is_feed else 404)
            self.send_header("Content-Encoding", "\x1b[2J\x1b]0;owned\x07")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_header_steers_no_terminal(hostile, tmp_path, caplog, command):
    """An escape sequence in Content-Encoding reaches neither the log nor ``tidings status`` as such."""
    (tmp_path / "feeds.csv").write_text(f"feed_id,url\nbad,http://{hostile}/feed\n")
    settings = settings_for(tmp_path / "data", tmp_path / "feeds.csv", [hostile])
    guard_logs()
    with caplog.at_level(logging.INFO, logger="tidings"):
        run = start_run(settings, now=None, log=logging.getLogger("tidings").info)
        poll(run, prepare(run))
    assert "protocol_error" in caplog.text
    assert "\x1b" not in caplog.text
    status, out, _ = command("status", TIDINGS_WAREHOUSE=str(tmp_path / "data"))
    assert status == 0
    assert "owned" in out
    assert "\x1b" not in out
    assert "\x07" not in out
