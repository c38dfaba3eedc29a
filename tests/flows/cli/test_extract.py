"""``tidings extract`` reads pages from standard input."""

from __future__ import annotations

import base64
import json
import subprocess
import sys

TEXT = "The town will plant four hundred limes along the canal before the end of the year, the gardener said."
DATE = '<meta property="article:published_time" content="2024-05-02T09:00:00+02:00">'
HTML = f"<h1>Limes</h1>{DATE}<article><p>{TEXT}</p><p>{TEXT[::-1]}.</p></article>"


def run(lines, *arguments):
    """Return what the command does with these lines."""
    command = [sys.executable, "-m", "flows.cli", "extract", *arguments]
    return subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=False, timeout=120)


def test_pages_come_back_as_json_lines_in_order():
    """A page as text and one as base64 each give a line with the promised fields; what is no page gives an outcome."""
    lines = [
        json.dumps({"id": 1, "url": "https://town.example/a", "html": HTML}),
        json.dumps({"id": 2, "url": "https://town.example/b", "html_base64": base64.b64encode(HTML.encode("utf-16")).decode()}),
        json.dumps({"id": 3, "url": "https://town.example/c", "html": ""}),
    ]
    done = run(lines, "--workers", "1")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == [1, 2, 3], done.stderr
    assert list(rows[0]) == ["id", "title", "text", "published_at", "authors", "section", "language", "extractor", "agreement"]
    assert (rows[0]["title"], rows[0]["published_at"], rows[0]["language"]) == ("Limes", "2024-05-02T09:00:00+02:00", "en")
    assert rows[1]["text"] == rows[0]["text"]
    assert (rows[2]["text"], rows[2]["outcome"]) == ("", "empty")
    assert done.stderr == ""


def test_explain_tells_what_each_candidate_picked():
    """The account names candidates, places and the text."""
    done = run([json.dumps({"id": 1, "url": "https://town.example/a", "html": HTML})], "--explain")
    assert "candidates" in done.stdout
    assert TEXT in done.stdout


def test_a_line_that_is_no_page_is_one_clear_sentence():
    """The message names the line; the exit status is not zero."""
    done = run(['{"id": 1}'], "--workers", "1")
    assert done.returncode == 1
    assert "line 1 of the input is no page" in done.stderr
    assert len(done.stderr.splitlines()) == 1
