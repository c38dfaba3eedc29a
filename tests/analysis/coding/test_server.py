"""The coding sheet's server accepts only its own page, on loopback, with its token."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn

from tests.cases import cases
from tidings.analysis.coding import server
from tidings.base.origin_guard import PortError


@contextmanager
def serving(sheet: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve a sheet in a thread and return its URL."""
    urls: list[str] = []
    ready, servers = threading.Event(), []

    class Recorded(uvicorn.Server):
        def __init__(self, config: Any) -> None:
            super().__init__(config)
            servers.append(self)

    def show(url: str) -> None:
        urls.append(url)
        ready.set()

    monkeypatch.setattr("uvicorn.Server", Recorded)
    running = threading.Thread(target=server.serve_sheet, args=(sheet, 0, show))
    running.start()
    assert ready.wait(20)
    try:
        yield urls[0]
    finally:
        servers[0].should_exit = True
        running.join(20)


@pytest.fixture
def url(open_sheet: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with serving(open_sheet(), monkeypatch) as address:
        yield address


def send(url: str, path: str = "", method: str = "GET", body: Any = None, **headers: str) -> Any:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), int(parts.port or 0), timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = json.dumps(body) if isinstance(body, dict) else body
    connection.request(method, f"{parts.path}{path}", body=content, headers=named)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response, text


def test_the_sheet_is_read_and_labelled(url: str, open_sheet: Any) -> None:
    """A label is stored when the response arrives, and the response is the next article."""
    page, text = send(url)
    assert page.status == 200
    assert "sheet.js" in text
    themes = json.loads(send(url, "themes")[1])
    assert (themes["coder"], themes["kind"]) == ("Anna", "codings")
    assert {theme["theme_id"] for theme in themes["themes"]} == {"industry", "robots", "water"}
    first = json.loads(send(url, "article")[1])
    label = {"roles": {"water": "main"}, "is_any": False}
    following = json.loads(send(url, "article?place=0", "POST", label)[1])
    assert (first["place"], following["place"], following["coded_count"]) == (0, 1, 1)
    assert open_sheet().article(0)["roles"] == {"water": "main"}
    assert json.loads(send(url, "article?place=0")[1])["roles"] == {"water": "main"}
    assert json.loads(send(url, "article?after=3")[1])["place"] == 4


def test_responses_forbid_foreign_scripts_frames_and_caches(url: str) -> None:
    """Scripts and styles come only from the page's origin, and no other page can frame it."""
    for path in ("", "sheet.js", "sheet.css", "report.css", "themes", "article"):
        response, _ = send(url, path)
        assert response.status == 200, path
        policy = response.getheader("content-security-policy") or ""
        assert "unsafe" not in policy
        assert all(part in policy for part in ("default-src 'none'", "frame-ancestors 'none'"))
        expected = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
        origins = ("cross-origin-resource-policy", "cross-origin-opener-policy")
        for name, value in {**expected, **dict.fromkeys(origins, "same-origin")}.items():
            assert response.getheader(name) == value


@cases(
    "headers",
    {"Host": "evil.example"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"},
)
def test_foreign_pages_are_refused(url: str, open_sheet: Any, headers: dict[str, str]) -> None:
    """Requests under a foreign host name or from another origin read and store nothing."""
    label = {"roles": {"water": "main"}, "is_any": False}
    for response, text in (
        send(url, "article", **headers),
        send(url, "article?place=0", "POST", label, **headers),
    ):
        assert response.status == 403
        assert "title" not in text
    assert open_sheet().coded() == {}


def test_the_token_is_required(url: str) -> None:
    """Without the token or with another one, no page exists, and each start has a new token."""
    parts = urlsplit(url)
    for path in ("/", "/article", "/x/article", f"/{parts.path.strip('/')[:-1]}/article"):
        assert send(f"http://{parts.netloc}", path)[0].status == 404
    assert len(parts.path.strip("/")) >= 22


@cases(
    "path, body",
    ("article?place=0", {"roles": {"nonsense": "main"}, "is_any": False}),
    ("article?place=0", {"roles": ["water"], "is_any": False}),
    ("article?place=0", {"labels": 1}),
    ("article?place=0", None),
    ("article?place=99", {"roles": {}, "is_any": False}),
    ("article?place=x", {"roles": {}, "is_any": False}),
    ("article?place=-1", {"roles": {}, "is_any": False}),
    ("article?after=-9", {"roles": {}, "is_any": False}),
    ("article?place=0", {"roles": {}, "is_any": False, "more": "x" * 1_000_000}),
    ("article?place=0", "[" * 60_000),
)
def test_invalid_labels_are_refused(url: str, open_sheet: Any, path: str, body: Any) -> None:
    """An invalid place, theme or body yields status 400 and stores nothing."""
    assert send(url, path, "POST", body)[0].status == 400
    assert open_sheet().coded() == {}


def test_a_port_in_use_is_explained(url: str, open_sheet: Any) -> None:
    """The message suggests another port."""
    with pytest.raises(PortError, match="choose another --port"):
        server.serve_sheet(open_sheet(), int(urlsplit(url).port or 0), print)
