"""Messages contain no secrets and no control characters."""

import datetime as dt
import json
import logging
import resource
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.cases import cases
from tests.flows.nights import settings_with
from tests.web_server import web_server
from tidings.base.messages import explain, guard_logs, markdown, message, printable, redact, scrub
from tidings.flows.backfill import backfill
from tidings.flows.maintain import maintain
from tidings.flows.nightly import nightly
from tidings.flows.release import release
from tidings.flows.tasks import guarded
from tidings.stages.poll import poll
from tidings.stages.prepare import prepare
from tidings.stages.run import start_run
from tidings.storage.project import ProjectError
from tidings.storage.writer_lock import LockedError

ENV = {
    "TIDINGS_WEBHOOK": "https://hooks.example/services/T0/B0/XyZ123",
    "PGPASSWORD": "hunter22",
    "PREFECT_API_AUTH_STRING": "admin:pw123456",
    "TIDINGS_WAREHOUSE": "postgresql://tidings:s%40cret99@db/tidings?data=/srv",
}
SECRETS = r"""
attach 'ducklake:postgres:postgresql://user:LEAK@ss@db.example/x?sslmode=a' as lake
https://proxy:LEAK@proxy.example:3128
redis://:LEAK@cache.example/0
postgresql://db/x?user=a&password=LEAK&sslmode=require
connection to host=db user=x password='it\'s LEAK' failed
password=LEAK host=db
password=a,b;LEAK host=db
password = "LEAK" host=db
passwd=LEAK
pwd=LEAK
pass=LEAK
auth=LEAK
passphrase: LEAK
create secret t (type s3, key_id 'LEAK', secret 'a''LEAK', session_token 'LEAK')
CREATE SECRET (TYPE s3, KEY_ID 'LEAK', SECRET 'LEAK')
secret_access_key := 'LEAK'
pass := 'LEAK'
set s3_secret_access_key='LEAK'
GET https://feeds.example/rss?token=LEAK&page=2
GET https://feeds.example/rss?page=2&access_token=LEAK
GET https://feeds.example/rss?key=LEAK
GET https://feeds.example/rss?a=1&key=LEAK&b=2
GET https://feeds.example/rss?api_key=LEAK
GET https://feeds.example/rss?apikey=LEAK
GET https://feeds.example/rss?api-key=LEAK
GET https://feeds.example/rss?auth=LEAK
GET https://feeds.example/rss?pass=LEAK
GET https://feeds.example/go?to=https%3A%2F%2Fa.example%3Ftoken%3DLEAK
PUT https://a.blob.example/c?sv=2024&se=2026&sig=LEAK%2B1
GET https://bucket.example/k?X-Amz-Credential=LEAK%2F2026%2Fs3&X-Amz-Date=1
X-Amz-Signature=LEAK&X-Amz-Date=1
GET https://bucket.example/k?X-Amz-Security-Token=LEAK
DefaultEndpointsProtocol=https;AccountName=a;AccountKey=LEAK==;EndpointSuffix=x
{"api_key": "LEAK", "page": 2}
{"password":"a \"LEAK","page":2}
{"auth": "LEAK"}
{\"token\": \"LEAK\"}
{'password': b'LEAK', 'page': 2}
- password: LEAK
client_secret: "LEAK"
Authorization: Bearer LEAK.LEAK
Authorization: Basic LEAK==
authorization: token LEAK
Authorization: Digest username="a", realm="b", response="LEAK"
Authorization: AWS4-HMAC-SHA256 Credential=LEAK/20260101/s3, SignedHeaders=host, Signature=LEAK
{'Authorization': 'Bearer LEAK', 'Accept': 'text/html'}
[(b'Authorization', b'Bearer LEAK'), (b'Cookie', b'sid=LEAK; b=LEAK')]
Cookie: sid=LEAK; theme=LEAK
Set-Cookie: sid=LEAK; Path=/; HttpOnly
X-Api-Key: LEAK
X-Auth-Token: LEAK
AWS_SECRET_ACCESS_KEY=LEAK
AWS_ACCESS_KEY_ID=LEAK
PGPASSWORD=LEAK
PREFECT_API_AUTH_STRING=admin:LEAK
export MY_TOKEN="LEAK"
-----BEGIN RSA PRIVATE KEY-----LEAK-----END RSA PRIVATE KEY-----
""".strip().splitlines()
ORDINARY = """
http://h.example:80/a@b
mailto:a@b.example
The token was refused.
postgresql://tidings@db/x
keyness=0.7 and monkey=banana
select value from ducklake_metadata where key = 'version'
{"key": "theme", "pages": 3}
Write pass= or auth= before the value.
The tests pass: 12 of 12. A bypass=3 is no password
author: A. Reader; authority=high; signal=2; keyword=tax
compass=north, passage: 3, cookies: 4, Cookie banners are dropped
https://h.example/?keys=1&design=2&passenger=3&sigma=4
Authorization is missing, and the host needs authorization, then a new request.
"""
ORDINARY_TEXTS = ORDINARY.strip().splitlines()


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_recognised_by_its_form(text: Any) -> None:
    """Passwords in URLs, pairs of libpq and DuckDB, query strings, JSON and headers are hidden."""
    shown = redact(text, {})
    assert "LEAK" not in shown
    assert "…" in shown


def test_a_secret_is_recognised_by_its_value() -> None:
    """Values of secret variables are hidden in every position, also their parts and their Base64
    encoding. Ordinary texts do not change, also not by short or boolean values.
    """
    text = "hunter22 pw123456 s@cret99 s%40cret99 YWRtaW46cHcxMjM0NTY= to /services/T0/B0/XyZ123"
    assert set(redact(text, ENV).split()) == {"…", "to", "/…"}
    for text in ORDINARY_TEXTS:
        assert redact(text, {}) == text
    text = "is_enabled is false, 103 tests passed of 4096"
    short = {"TOKENIZERS_PARALLELISM": "false", "POSTGRES_PASSWORD": "tests", "MAX_TOKENS": "4096"}
    assert redact(text, short) == text


def test_the_rest_of_a_text_stays_readable() -> None:
    """Only the value of a secret is hidden. Control characters, direction overrides, separators and
    lone surrogates become JSON escapes; JSON keeps its meaning.
    """
    for text, shown in {
        "GET https://a.example/?token=abc&page=2": "GET https://a.example/?token=…&page=2",
        "host=db password='a b' port=1": "host=db password=… port=1",
        "{'Cookie': 'a=1; b=2', 'Accept': '*/*'}": "{'Cookie': …, 'Accept': '*/*'}",
        "The header Authorization: Bearer abc was": "The header Authorization: Bearer … was",
    }.items():
        assert redact(text, {}) == shown
    evil = "a\x1b[2J\x9b1m\u202e\u2028\ud800\U000e0041\u200b"
    assert printable(evil).isprintable()
    assert message("one\nline\tonly\x1b") == "one line only\\u001b"
    data = {"text": "a\x9b\u202e\U000e0041 Straße 推进 \u3000\xa0"}
    assert json.loads(printable(json.dumps(data, ensure_ascii=False))) == data
    assert markdown("<b>[x](javascript:1)|`") == "\\<b\\>\\[x\\](javascript:1)\\|\\`"


def _python_writes(_folder: Path) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as file:
        file.write("x")


def _sqlite_writes(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as con:
        con.execute("pragma max_page_count = 2")
        con.execute("create table a as select hex(randomblob(20000))")


def _duckdb_writes(folder: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with duckdb.connect() as con:
            con.execute(f"copy (select uuid() from range(100000)) to '{folder}/tidings.parquet'")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@cases("write", _python_writes, _sqlite_writes, _duckdb_writes)
def test_a_full_disk_is_named_first(tmp_path: Path, write: Any) -> None:
    """Whichever library meets a full disk, the message begins with it, also behind others."""
    with pytest.raises(Exception) as failure:  # noqa: PT011 - the type depends on the library
        write(tmp_path)
    sentence = "free some space and run the command again."
    wrapped = ProjectError(f"The model theme_daily failed: {failure.value}")
    wrapped.__cause__ = failure.value
    later = RuntimeError("cannot rollback: no transaction is active")
    later.__context__ = wrapped
    for error in (failure.value, wrapped, later, ExceptionGroup("", [failure.value])):
        shown = explain(error) or ""
        assert shown.startswith("The disk is full")
        assert shown.endswith(sentence)


def test_every_log_record_is_clean(caplog: pytest.LogCaptureFixture) -> None:
    """Records and tracebacks of all packages are clean; expected failures have no traceback."""
    before = logging.getLogRecordFactory()
    guard_logs()
    try:
        try:
            Path("/nowhere?postgresql://u:LEAK@h/d").read_text()
        except OSError:
            logging.getLogger("another").exception("failed: %s", "password=LEAK\x1b")
        assert "Traceback" not in caplog.text
        try:
            _ = dict[str, str]()["postgresql:/u:LEAK@h/d"]
        except KeyError:
            logging.getLogger("another").exception("failed")
    finally:
        logging.setLogRecordFactory(before)
    assert "LEAK" not in caplog.text
    assert "\x1b" not in caplog.text
    assert "Traceback" in caplog.text


def test_a_flow_fails_with_the_sentence_and_no_secret() -> None:
    """Expected failures become the state's message, locks cancel, other errors are raised."""

    def fail(error: Any) -> Any:
        def run() -> None:
            raise error

        return guarded(run)

    state = fail(ProjectError("dbt could not run: postgresql://user:LEAK@db/x\x1b"))()
    found = (state.name, state.message)
    assert found == ("Failed", "dbt could not run: postgresql://user:…@db/x\\u001b")
    assert fail(LockedError("Another nightly is running."))().name == "Cancelled"
    full = fail(OSError(28, "No space left on device", "/srv/x"))()
    assert full.message.startswith("The disk is full at /srv/x")
    with pytest.raises(KeyError, match="password=…"):
        fail(KeyError("password=LEAK"))()
    assert explain(KeyError("x")) is None
    assert explain(ExceptionGroup("several", [LockedError("One.")])) == "One."
    assert str(scrub(ValueError("secret 'LEAK'"))) == "secret …"


def test_every_flow_is_guarded_and_keeps_its_form() -> None:
    """Flows turn expected failures into a sentence; Prefect reads their fields and defaults."""
    assert all(hasattr(flow.fn, "__wrapped__") for flow in (nightly, backfill, maintain, release))
    values = backfill.validate_parameters({"start": "2026-06-08", "end": "2026-06-12"})
    assert values["start"] == dt.date(2026, 6, 8)
    fields = backfill.parameters.properties
    assert fields["start"]["format"] == "date"
    assert fields["mode"]["enum"] == ["refetch", "reprocess", "retag"]


def test_a_header_cannot_control_the_terminal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, command: Any
) -> None:
    """The log and ``tidings status`` escape control characters in Content-Encoding."""

    def respond(path: str, _: bytes) -> tuple[int, dict[str, str], bytes]:
        headers = {"Content-Encoding": "\x1b[2J\x1b]0;owned\x07"}
        return (200 if path == "/feed" else 404), headers, b""

    guard_logs()
    with web_server(respond) as origin, caplog.at_level(logging.INFO, logger="tidings"):
        settings = settings_with(tmp_path, [f"bad,{origin}/feed"], [origin.removeprefix("http://")])
        run = start_run(settings, now=None, log=logging.getLogger("tidings").info)
        poll(run, prepare(run))
    assert "protocol_error" in caplog.text
    assert "\x1b" not in caplog.text
    status, out, _ = command("status", TIDINGS_WAREHOUSE=str(tmp_path / "data"))
    assert status == 0
    assert "owned" in out
    assert "\x1b" not in out
    assert "\x07" not in out
