"""``tidings extract`` reads pages from URLs, files and standard input."""

import base64
import json
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.extraction.documents import column, pdf

TEXT = (
    "The town will plant four hundred limes along the canal before the end of the year, the"
    " gardener said."
)
DATE = '<meta property="article:published_time" content="2024-05-02T09:00:00+02:00">'
HTML = f"<h1>Limes</h1>{DATE}<article><p>{TEXT}</p><p>{TEXT[::-1]}.</p></article>"


@pytest.fixture
def run(command: Any) -> Any:
    """Return a function that runs the command with these lines on standard input."""
    return lambda lines, *arguments: command("extract", *arguments, typed="\n".join(lines))


def test_pages_come_back_as_json_lines_in_order(run: Any) -> None:
    """Pages as text and base64 yield all fields; an empty page and random bytes an outcome."""
    noise = random.Random(1).randbytes(5_000)
    lines = [
        json.dumps({"id": 1, "url": "https://town.example/a", "html": HTML}),
        json.dumps(
            {
                "id": 2,
                "url": "https://town.example/b",
                "html_base64": base64.b64encode(HTML.encode("utf-16")).decode(),
            }
        ),
        json.dumps({"id": 3, "url": "https://town.example/c", "html": ""}),
        json.dumps(
            {
                "id": 4,
                "url": "https://town.example/d",
                "html_base64": base64.b64encode(noise).decode(),
            }
        ),
        json.dumps(
            {"id": 5, "url": "https://town.example/e", "html": noise.decode("utf-8", "replace")}
        ),
    ]
    done = run(lines, "--workers", "1")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == [1, 2, 3, 4, 5], done.stderr
    assert list(rows[0]) == [
        "id",
        "title",
        "text",
        "published_at",
        "authors",
        "section",
        "language",
        "page_kind",
        "extractor",
        "agreement",
        "extraction_confidence",
    ]
    assert (rows[0]["title"], rows[0]["published_at"], rows[0]["language"]) == (
        "Limes",
        "2024-05-02T09:00:00+02:00",
        "en",
    )
    assert rows[1]["text"] == rows[0]["text"]
    assert (rows[2]["text"], rows[2]["outcome"]) == ("", "empty")
    assert [(row["text"], row["outcome"]) for row in rows[3:]] == [("", "not_html")] * 2
    assert done.stderr == ""


def test_explanations_and_invalid_lines(run: Any) -> None:
    """The explanation has candidates and text. An invalid line is named by number; status 1."""
    done = run([json.dumps({"id": 1, "url": "https://town.example/a", "html": HTML})], "--explain")
    assert "candidates" in done.stdout
    assert TEXT in done.stdout
    done = run(['{"id": 1}'], "--workers", "1")
    assert done.returncode == 1
    assert "Invalid input line 1" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_saved_page_is_named_as_a_file(run: Any, tmp_path: Path) -> None:
    """The explanation uses the URL that the file declares, or the URL in --url."""
    path = tmp_path / "page.html"
    path.write_text(f"<link rel=canonical href=https://town.example/limes>{HTML}")
    assert f"== {path}  https://town.example/limes" in run([], "--explain", str(path)).stdout
    assert (
        "https://town.example/b"
        in run([], "--explain", "--url", "https://town.example/b", str(path)).stdout
    )


def test_a_url_is_requested(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of a URL is cleaned; a refused URL ends the command with a sentence with it."""

    class Town(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/a" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(HTML.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Town) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        home = f"http://127.0.0.1:{server.server_port}"
        refused = run([], f"{home}/a")
        monkeypatch.setenv("TIDINGS_ALLOW_HOSTS", f"127.0.0.1:{server.server_port}")
        found = run([], "--workers", "1", f"{home}/a")
        server.shutdown()
    assert json.loads(found.stdout)["title"] == "Limes", found.stderr
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"tidings: {home}/a: ")


def test_rule_of_a_publisher_in_the_feed_list_applies(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A publisher that only the feed list names has its rules, as in a nightly run."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "extraction_rules.csv").write_text(
        "rule_id,publisher_id,body\ntown_body,town,article\n", encoding="utf-8"
    )
    feeds = tmp_path / "feeds.csv"
    feeds.write_text(
        "feed_id,url,publisher_id\ntown_news,https://town.example/feed.xml,town\n", encoding="utf-8"
    )
    monkeypatch.setenv("TIDINGS_SEEDS", str(seeds))
    monkeypatch.setenv("TIDINGS_FEEDS", str(feeds))
    done = run(
        [json.dumps({"id": 1, "url": "https://town.example/a", "html": HTML})], "--workers", "1"
    )
    assert json.loads(done.stdout)["extractor"] == "rule:town_body", done.stderr


def test_a_document_is_read_with_its_pages(run: Any, tmp_path: Path) -> None:
    """A PDF file yields its text and the offset of each page."""
    path = tmp_path / "order.pdf"
    path.write_bytes(
        pdf([column([TEXT[:50], TEXT[50:]]), column(["A second page."])], title="Order on limes")
    )
    row = json.loads(run([], str(path)).stdout)
    assert (row["extractor"], row["title"]) == ("pdf", "Order on limes")
    assert row["text"][row["page_offsets"][1] :] == "A second page."
