"""Serve the coding sheet to a browser on this machine.

Each URL contains a random token, so other users of the machine have no access; ``OriginGuard``
refuses foreign web pages. Prefect installs starlette and uvicorn.
"""

from __future__ import annotations

import secrets
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from tidings.base.messages import message
from tidings.base.origin_guard import LOOPBACK, serve
from tidings.storage.lake import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from tidings.analysis.coding.labels import CodingSheet

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
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


def serve_sheet(sheet: CodingSheet, port: int, show: Callable[[str], None]) -> None:
    """Serve a coding sheet on loopback until Ctrl-C, and pass its URL to ``show``. Port 0 means any
    free port.

    Raises:
        PortError: If the port is not available.
    """
    token = secrets.token_urlsafe(16)
    serve(
        create_app(sheet, token),
        port,
        lambda own_port: show(f"http://{LOOPBACK}:{own_port}/{token}/"),
    )


def create_app(sheet: CodingSheet, token: str) -> Starlette:
    """Return the app: the page and its files, ``themes``, and ``article`` to read (GET) and to
    label (POST) an article.
    """

    async def send_file(request: Request) -> Response:
        path = _FILES[request.url.path.rpartition("/")[2]]
        return Response(path.read_bytes(), media_type=_TYPES[path.suffix], headers=_HEADERS)

    async def send_themes(_: Request) -> Response:
        return JSONResponse({"coder": sheet.coder, "themes": sheet.themes}, headers=_HEADERS)

    async def send_article(request: Request) -> Response:
        """Return an article: the next one without labels, or that of a place. Null means that all
        articles are coded.
        """
        query = request.query_params
        try:
            place: int | None = (
                int(query["place"])
                if "place" in query
                else sheet.next_place(int(query.get("after", -1)))
            )
            if request.method == "POST" and place is not None:
                labels = await request.json()
                sheet.save(place, dict(labels["roles"]), is_any=labels["is_any"] is True)
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
