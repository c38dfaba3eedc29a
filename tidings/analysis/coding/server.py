"""Serve a sheet of items to decide about, under a URL with a random token, on this machine."""

import secrets
from collections.abc import Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from tidings.analysis.coding.labels import Sheet
from tidings.analysis.web import send_error, send_file, send_json, send_page
from tidings.base.messages import message
from tidings.base.origin_guard import LOOPBACK, read_object, serve
from tidings.storage.lake import WarehouseError


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

    async def send_themes(_: Request) -> Response:
        facts = {name: getattr(sheet, name) for name in ("coder", "kind", "themes")}
        return send_json(facts | {"count": len(sheet.rows)})

    async def send_article(request: Request) -> Response:
        """Return the item of a place, or the next one without a decision, or null."""
        try:
            place = _find_place(sheet, request.query_params)
            if request.method == "POST" and place is not None:
                sheet.store(place, await read_object(request.stream()))
                place = sheet.next_place(place)
            article = None if place is None else sheet.article(place)
            coded = {"place": place, "coded_count": len(sheet.decided())}
        except (ValueError, LookupError, TypeError, WarehouseError) as error:
            return send_error(message(str(error)), 400)
        return send_json(article and article | coded)

    routes = [
        Route("/themes", send_themes),
        Route("/article", send_article, methods=["GET", "POST"]),
        Route("/", lambda _: send_page("sheet.html")),
        Route("/{name}", lambda request: send_file(request.path_params["name"])),
    ]
    return Starlette(routes=[Mount(f"/{token}", routes=routes)])


def _find_place(sheet: Sheet, query: Mapping[str, str]) -> int | None:
    after = int(query.get("after", -1))
    place = int(query["place"]) if "place" in query else sheet.next_place(after)
    if place is not None and place < 0:
        raise LookupError(f"There is no item {place}.")
    return place
