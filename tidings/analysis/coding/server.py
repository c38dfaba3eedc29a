"""Serve a sheet of items to decide about, under a URL with a random token, on this machine."""

from __future__ import annotations

import secrets
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from starlette.applications import Starlette
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from tidings.base.messages import message
from tidings.base.origin_guard import LOOPBACK, read_object, serve
from tidings.storage.lake import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request


_OWN, _REPORT = (
    Path(str(files(package))) / "static"
    for package in ("tidings.analysis.coding", "tidings.analysis.report")
)
_FILES = {
    "": _OWN / "sheet.html",
    "sheet.js": _OWN / "sheet.js",
    "sheet.css": _OWN / "sheet.css",
    "report.css": _REPORT / "report.css",
}
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class Sheet(Protocol):
    """Items with the decisions of one person. ``kind`` selects the page's texts and controls."""

    kind: str
    coder: str
    themes: list[dict[str, Any]]

    def next_place(self, after: int = -1) -> int | None:
        """Return the place of the next item without a decision, or None."""

    def article(self, place: int) -> dict[str, Any]:
        """Return an item for display, with the decision about it."""

    def store(self, place: int, answer: dict[str, Any]) -> None:
        """Store a decision that the page sent. Raises ValueError, LookupError or TypeError."""


def serve_sheet(sheet: Sheet, port: int, show: Callable[[str], None]) -> None:
    """Serve a sheet on loopback until Ctrl-C, and pass its URL to ``show``. Port 0 is any free
    port. Raises PortError.
    """
    token = secrets.token_urlsafe(16)
    serve(
        create_app(sheet, token),
        port,
        lambda own_port: show(f"http://{LOOPBACK}:{own_port}/{token}/"),
    )


def create_app(sheet: Sheet, token: str) -> Starlette:
    """Return the app: the page, its files, ``themes``, and ``article`` to read (GET) or to decide
    about (POST).
    """

    async def send_file(request: Request) -> Response:
        return FileResponse(_FILES[request.url.path.rpartition("/")[2]], headers=_HEADERS)

    async def send_themes(_: Request) -> Response:
        head = {"coder": sheet.coder, "kind": sheet.kind, "themes": sheet.themes}
        return JSONResponse(head, headers=_HEADERS)

    async def send_article(request: Request) -> Response:
        """Return the item of a place, or the next one without a decision, or null."""
        try:
            place = _find_place(sheet, request.query_params)
            if request.method == "POST" and place is not None:
                sheet.store(place, await read_object(request.stream()))
                place = sheet.next_place(place)
            article = None if place is None else sheet.article(place)
        except (ValueError, LookupError, TypeError, WarehouseError) as error:
            return PlainTextResponse(message(str(error)), 400, headers=_HEADERS)
        return JSONResponse(article, headers=_HEADERS)

    routes = [
        Route("/themes", send_themes),
        Route("/article", send_article, methods=["GET", "POST"]),
        *[Route(f"/{name}", send_file) for name in _FILES],
    ]
    return Starlette(routes=[Mount(f"/{token}", routes=routes)])


def _find_place(sheet: Sheet, query: Mapping[str, str]) -> int | None:
    after = int(query.get("after", -1))
    place = int(query["place"]) if "place" in query else sheet.next_place(after)
    if place is not None and place < 0:
        raise LookupError(f"There is no item {place}.")
    return place
