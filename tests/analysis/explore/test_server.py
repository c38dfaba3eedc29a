"""Explore's server sends only its own pages, validates each parameter and describes itself."""

import asyncio
import csv
import html
import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
import uvicorn
from starlette.testclient import TestClient

from tests.analysis.explore.conftest import example
from tests.cases import cases
from tidings.analysis.explore import server, word_index
from tidings.analysis.explore.answers import ANSWERS, answer
from tidings.analysis.explore.database import (
    OpenRelease,
    QueryTimeoutError,
    ReleaseReader,
)
from tidings.analysis.explore.question import KINDS, PARAMETERS, Question, Series, parse_question
from tidings.analysis.explore.saved import SavedQuestions
from tidings.analysis.explore.server import create_app, serve_explore
from tidings.analysis.explore.word_index import index_path, update_index
from tidings.base.origin_guard import PortError


@pytest.fixture(scope="module")
def client(release: OpenRelease) -> TestClient:
    return TestClient(create_app(ReleaseReader(release.path)), base_url="http://127.0.0.1")


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_carries_its_source(client: TestClient, name: str) -> None:
    """Answers name release, word list, citation, SQL and URL; CSV and XLSX have all rows."""
    query = example(name)
    answered = client.get(f"/api/{name}", params=query).json()
    facts = "release_id released_at lexicon_version code_version notice"
    assert set(answered["release"]) == set(facts.split())
    assert answered["release"]["release_id"] in answered["citation"]
    assert answered["sql"]
    assert answered["url"].startswith("/")
    text = client.get(f"/api/{name}", params=query | {"format": "csv"})
    assert text.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(text.content.decode("utf-8-sig"))))
    expected = answered[ANSWERS[name].rows]
    if name == "series":
        assert len(rows) == sum(len(entry["rows"]) for entry in expected)
    assert len(rows) >= len(expected) > 0
    assert "attachment" in text.headers["content-disposition"]
    content = client.get(f"/api/{name}", params=query | {"format": "xlsx"}).content
    book = zipfile.ZipFile(io.BytesIO(content))
    assert sum("worksheets/sheet" in entry for entry in book.namelist()) == 2


@cases(
    "query, words",
    ("s=theme", "KIND:ID"),
    ("s=theme:nowhere", "Unknown series"),
    ("s=planet:mars", "kinds"),
    ("s=words:%20|-", "Invalid words"),
    ("s=words:tax AND", "before and after"),
    ("&".join(f"s=words:w{number}" for number in range(6)), "Too many"),
    ("by=year", "day"),
    ("by=day&by=week", "Too many"),
    ("from=2026-02-30", "2026-08-31"),
    ("from=2026-02-03&to=2026-02-01", "after"),
    ("page=0", "from 1"),
    ("page=9999999999999999999", "from 1"),
    ("language=xx", "Unknown language"),
    ("theme=' or 1=1 --", "Unknown theme"),
    ("outlet=%00", "Invalid outlet"),
    ("q=" + "x" * 501, "500"),
    ("surprise=1", "Unknown parameter"),
)
def test_invalid_input_is_one_sentence(client: TestClient, query: str, words: str) -> None:
    """Invalid parameters yield status 400 and a sentence that states the error."""
    response = client.get(f"/api/articles?{query}")
    assert response.status_code == 400
    assert words in response.json()["error"]


def test_hostile_values_are_literals(client: TestClient) -> None:
    """Quotes and SQL in typed words are words, also in the answer's URL and SQL."""
    hostile = "rail' union select 1 --|\"<b>x</b>\"|');drop table articles"
    answered = client.get("/api/series", params={"s": f"words:{hostile}", "by": "month"}).json()
    assert answered["series"][0]["id"] == hostile
    again = client.get("/api/series" + answered["url"][1:]).json()
    assert again["series"] == answered["series"]
    assert client.get("/api/articles", params={"s": f"words:{hostile}"}).status_code == 200


def test_url_is_canonical() -> None:
    """A question's URL is its whole state without defaults; parsing it returns the question."""
    asked = Question(
        series=(Series("words", "铁路|quiet corridors*"), Series("outlet", "a&b=c")),
        by="day",
        value="index",
        filters={"language": ("de", "zh"), "theme": ("x",)},
        page=3,
        layout="multiples",
    )
    address = TestClient(create_app(None)).build_request("GET", asked.url).url  # type: ignore[arg-type]
    assert parse_question(address.params.multi_items()) == asked
    assert Question().url == "/"


def test_description_names_every_parameter(client: TestClient) -> None:
    """The OpenAPI document lists each path with the parameters that the server validates."""
    document = client.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {f"/api/{name}" for name in ANSWERS}
    described = {
        entry["name"]: entry
        for path in document["paths"].values()
        for entry in path["get"]["parameters"]
    }
    assert set(described) == set(PARAMETERS) - {"layout"}
    assert described["s"]["schema"]["maxItems"] == 5
    assert all(kind in described["s"]["schema"]["items"]["pattern"] for kind in KINDS)
    assert client.get("/api").json() == document


def test_the_page_of_the_api_has_working_examples(client: TestClient) -> None:
    """In a browser, /api shows each path and parameter, and examples that return rows."""
    page = client.get("/api", headers={"accept": "text/html,*/*;q=0.8"}).text
    examples = re.findall(r'class="example"><a href="([^"]+)"', page)
    assert [url.split("?")[0] for url in examples] == [f"/api/{name}" for name in ANSWERS]
    for name, url in zip(ANSWERS, examples, strict=True):
        assert client.get(html.unescape(url)).json()[ANSWERS[name].rows], url
    assert page.count("<code>publisher_type</code></th>") == sum(
        "publisher_type" in entry.parameters for entry in ANSWERS.values()
    )


def test_questions_are_saved_by_json_only(release: OpenRelease, tmp_path: Path) -> None:
    """POST and DELETE need a short JSON object, which no foreign form can send; a server without
    permission only lists, and states the reason.
    """
    for refusal, status in (("", 200), ("This server only reads.", 400)):
        app = create_app(ReleaseReader(release.path), SavedQuestions((tmp_path,), refusal))
        client = TestClient(app, base_url="http://127.0.0.1")
        values = {"name": f"Rail {status}", "query": "?s=words:rail"}
        assert client.post("/saved", data=values).status_code == 415
        for body in ('{"name": "x"}', "[" * 50_000, '"x"', f'{{"name": "{"x" * 100_000}"}}'):
            sent = client.post("/saved", content=body, headers={"content-type": "application/json"})
            assert sent.status_code == 400, body[:9]
            assert sent.json()["error"].startswith("Send an object with name and query")
        answered = client.post("/saved", json=values)
        assert (answered.status_code, answered.json().get("error", "")) == (status, refusal)
        listed = client.get("/saved").json()
        assert [row["name"] for row in listed["saved"]] == ["Rail 200"]
        assert listed["refusal"] == refusal
    assert client.request("DELETE", "/saved", json={"question_id": "rail_200"}).status_code == 400


def test_pages_continue(client: TestClient) -> None:
    """Pages of articles contain every article once, newest first."""
    pages = [client.get("/api/articles", params={"page": page}).json() for page in range(1, 4)]
    ids = [article["article_id"] for page in pages for article in page["articles"]]
    assert len(ids) == len(set(ids)) == 60
    days = [article["published_on"] for page in pages for article in page["articles"]]
    assert days == sorted(days, reverse=True)
    assert pages[0]["page_count"] == -(-pages[0]["article_count"] // 20)
    assert client.get("/api/articles", params={"page": 1000}).json()["articles"] == []


def test_facets_ignore_their_own_filter(client: TestClient) -> None:
    """A facet lists the values to choose instead, with counts under the other filters."""
    everything, filtered = (
        client.get(f"/api/articles?s=theme:digital_economy{more}").json()
        for more in ("", "&language=zh")
    )
    languages = everything["facets"]["language"]
    assert filtered["facets"]["language"] == languages
    counts = {entry["id"]: entry["count"] for entry in languages}
    outlets = filtered["facets"]["outlet"]
    assert filtered["article_count"] == counts["zh"] == sum(entry["count"] for entry in outlets)


def test_the_number_of_a_facet_is_that_of_its_articles(client: TestClient) -> None:
    """Each value chooses as many articles as its facet states, also if only another version of a
    text has the theme.
    """
    query = "/api/articles?s=outlet:sample_gazette"
    facets = client.get(query).json()["facets"]
    for name in ("language", "theme"):
        shown = {entry["id"]: entry["count"] for entry in facets[name]}
        assert len(shown) > 2
        found = {key: client.get(f"{query}&{name}={key}").json()["article_count"] for key in shown}
        assert found == shown, name


def test_a_mention_is_marked_where_it_is(client: TestClient) -> None:
    """``match_end`` is its place in the snippet, although longer words contain the same letters."""
    params = {"s": "words:a|数字", "by": "week"}
    mentions = client.get("/api/mentions", params=params).json()["mentions"]
    places = [(m["snippet"], m["match_end"], m["match"]) for m in mentions]
    parts = [(text[: end - len(match)], match, text[end:]) for text, end, match in places]
    assert ["".join(part) for part in parts] == [text for text, *_ in places]
    assert any("a" in before for before, match, _ in parts if match == "a")
    assert not any(
        re.search(r"\w$", before) or re.match(r"\w", after)
        for before, match, after in parts
        if match == "a"
    )


def test_snippets_are_the_mentions(client: TestClient) -> None:
    """A snippet is a mention's sentence, in three scripts; its gloss is English."""
    words = "数字经济|digital economy|digitale Wirtschaft|Digitalwirtschaft"
    articles = client.get("/api/articles", params={"s": f"words:{words}"}).json()["articles"]
    snippets = [(article["language"], row) for article in articles for row in article["snippets"]]
    assert snippets
    assert all(article["headline"] in article["title"] for article in articles)
    assert {row["match"].lower() for _, row in snippets} <= set(words.lower().split("|"))
    glosses = [row["gloss"] for language, row in snippets if language == "zh"]
    assert "数字经济" in str(glosses[0])


def test_slow_queries_end(release: OpenRelease, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow query is interrupted, also between statements, and the next one is answered."""
    with pytest.raises(QueryTimeoutError), release.cursor(0.2) as con:
        con.execute("select count(*) from range(100000000) a, range(100000) b").fetchall()
    assert release.rows("select 1 as n") == [{"n": 1}]
    with pytest.raises(QueryTimeoutError), release.cursor(0.05) as con:
        threading.Event().wait(0.3)
        con.execute("select count(*) from range(100000000) a, range(100000) b").fetchall()


def test_only_the_release_is_readable(release: OpenRelease) -> None:
    """Queries read no other file, write nothing and change no setting."""
    reading, writing = "from read_text('/etc/hostname')", "copy (select 1) to 'x'"
    for query in (reading, writing, "create table t as select 1", "set threads = 64"):
        with pytest.raises(duckdb.Error), release.cursor() as con:
            con.execute(query)


def test_server_refuses_foreign_pages(
    release: OpenRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server listens on loopback with strict headers, and refuses foreign hosts and origins."""
    urls: list[str] = []
    ready, servers = threading.Event(), []
    monkeypatch.setattr(server, "_prepare", lambda _: None)

    class Recorded(uvicorn.Server):
        def __init__(self, config: Any) -> None:
            super().__init__(config)
            servers.append(self)

    monkeypatch.setattr("uvicorn.Server", Recorded)

    def show(url: str) -> None:
        urls.append(url)
        ready.set()

    running = threading.Thread(target=serve_explore, args=(release.path, 0, show))
    running.start()
    assert ready.wait(60)
    try:
        answered = httpx.get(f"{urls[0]}api/choices", timeout=30)
        assert answered.status_code == 200
        policy = answered.headers["content-security-policy"]
        assert ("default-src 'none'" in policy, "unsafe" in policy) == (True, False)
        assert answered.headers["x-content-type-options"] == "nosniff"
        assert answered.headers["cross-origin-resource-policy"] == "same-origin"
        assert servers[0].config.http == "h11"
        assert "access-control-allow-origin" not in answered.headers
        evil = {"host": "evil.example"}
        for headers in (evil, {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
            refused = httpx.get(f"{urls[0]}api/choices", headers=headers, timeout=30)
            assert refused.status_code == 403
        assert httpx.post(f"{urls[0]}api/choices", timeout=30).status_code == 405
        assert httpx.get(f"{urls[0]}static/..%2fserver.py", timeout=30).status_code == 404
        with pytest.raises(PortError, match="not available"):
            serve_explore(release.path, int(urls[0].split(":")[2].strip("/")), print)
    finally:
        servers[0].should_exit = True
        running.join(20)


def test_a_new_release_is_shown(release: OpenRelease, tmp_path: Path) -> None:
    """When another file replaces the release file, the next question opens it."""
    path = tmp_path / "tidings.duckdb"
    replace(path, release.path.read_bytes())
    reader = ReleaseReader(path)
    first = reader.get()
    assert reader.get() is first
    replace(path, release.path.read_bytes())
    assert reader.get() is not first
    identity = reader.get()
    replace(path, release.path.read_bytes()[:100_000])
    assert reader.get() is identity


def replace(path: Path, content: bytes) -> None:
    path.with_name("new").write_bytes(content)
    path.with_name("new").replace(path)


@pytest.mark.slow
@cases("delay", 0.2, 0.8)
def test_ctrl_c_ends_the_command_while_it_still_reads(
    release: OpenRelease, tmp_path: Path, delay: float
) -> None:
    """Ctrl-C to all processes of the command ends it quietly soon after it prints the URL."""
    (tmp_path / "tidings.duckdb").write_bytes(release.path.read_bytes())
    started = subprocess.Popen(
        [sys.executable, "-m", "tidings.cli", "explore", "--no-open", "--port", "0"],
        env=os.environ | {"TIDINGS_WAREHOUSE": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert started.stdout
    assert "http://127.0.0.1:" in started.stdout.readline()
    started.stdout.readline()
    time.sleep(delay)
    os.killpg(started.pid, signal.SIGINT)
    out, err = started.communicate(timeout=60)
    assert (started.returncode, out, err) == (0, "\n", "")


def test_the_first_release_replaces_the_demo(release: OpenRelease, tmp_path: Path) -> None:
    """A reader of the demo opens the data folder's first release once it exists, and later ones."""
    demo, later = tmp_path / "demo.duckdb", tmp_path / "tidings.duckdb"
    demo.write_bytes(release.path.read_bytes())
    reader = ReleaseReader(demo, later)
    assert reader.get().path == demo
    replace(later, release.path.read_bytes())
    first = reader.get()
    assert first.path == later
    replace(later, release.path.read_bytes())
    assert (reader.get().path, reader.get() is first) == (later, False)


def test_a_damaged_index_is_dropped(
    release: OpenRelease, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words are counted without a damaged index, which is deleted, so a run writes another."""
    monkeypatch.setattr(word_index, "FEW_ARTICLES", 0)
    path = tmp_path / "tidings.duckdb"
    path.write_bytes(release.path.read_bytes())
    assert update_index(path)
    question = parse_question([("s", "words:harbour*|粮食安全")])
    expected = answer(release, "series", question)["series"]
    index = index_path(path)
    whole = index.read_bytes()
    places = range(100_000, len(whole) - 2_000, 400_000)
    for damaged in (
        whole,
        whole[: len(whole) // 2],
        *(whole[:at] + b"x" * 2_000 + whole[at + 2_000 :] for at in places),
    ):
        index.write_bytes(damaged)
        opened = OpenRelease(path)
        assert answer(opened, "series", question)["series"] == expected
        opened.close()
    index.write_bytes(whole[: len(whole) // 2])
    OpenRelease(path).close()
    assert update_index(path)
    assert index.stat().st_size > len(whole) // 2


def test_waiting_questions_are_limited(
    release: OpenRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While questions run, page and choices are sent; too many waiting questions are refused."""
    started, finish = threading.Semaphore(0), threading.Event()

    def wait(*_: Any) -> Any:
        started.release()
        finish.wait(60)
        return {"series": [], "sql": ""}

    monkeypatch.setitem(ANSWERS, "series", ANSWERS["series"]._replace(function=wait))
    monkeypatch.setattr(server, "MAX_WAITING", 1)
    with TestClient(create_app(ReleaseReader(release.path)), base_url="http://127.0.0.1") as client:
        threads = [
            threading.Thread(target=client.get, args=("/api/series",))
            for _ in range(server.MAX_QUESTIONS + 1)
        ]
        for thread in threads:
            thread.start()
        for _ in range(server.MAX_QUESTIONS):
            assert started.acquire(timeout=60)
        threading.Event().wait(0.5)  # until the last of the threads waits
        assert client.get("/").status_code == 200
        refused = client.get("/api/series")
        assert (refused.status_code, "waiting" in refused.json()["error"]) == (503, True)
        assert int(refused.headers["retry-after"]) > 0
        assert client.get("/api/choices").status_code == 200
        finish.set()
        for thread in threads:
            thread.join(60)


@cases("error", QueryTimeoutError("Stopped."), duckdb.OutOfMemoryException("x"))
def test_a_refused_question_may_be_repeated(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Status 503 names the seconds to wait, in every case, with one sentence as JSON."""

    def fail(*_: Any) -> Any:
        raise error

    monkeypatch.setitem(ANSWERS, "series", ANSWERS["series"]._replace(function=fail))
    refused = client.get("/api/series")
    assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (503, True)
    assert refused.json()["error"].endswith(".")


@pytest.mark.slow
def test_fifty_clients_are_answered(release: OpenRelease) -> None:
    """All 150 questions that clients ask at once receive answers."""
    app = create_app(ReleaseReader(release.path))

    async def run() -> list[int]:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), timeout=None)  # noqa: S113
        async with client:
            urls = [
                f"http://127.0.0.1/api/{name}?from=2026-07-{number % 28 + 1:02}"
                for number in range(50)
                for name in ("series", "articles", "events")
            ]
            answered = await asyncio.gather(*map(client.get, urls))
        return [response.status_code for response in answered]

    assert asyncio.run(run()) == [200] * 150


def test_unknown_paths_are_one_sentence(client: TestClient) -> None:
    """Unknown paths and methods yield a sentence; only files of the static folder are sent."""
    paths = (
        f"/x /api/series/x /static/..%2fserver.py /static/%00.js /static/{'a' * 5000}.js /static/"
    )
    for path in paths.split():
        response = client.get(path)
        assert (response.status_code, bool(response.json()["error"])) == (404, True)
    assert client.delete("/api/series").json()["error"]
