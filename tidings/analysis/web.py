"""Send pages, files and JSON to a browser, with the headers that confine a page to this server."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from tidings.analysis.charts import charts_script
from tidings.analysis.report.release import NONE
from tidings.analysis.report.render import render

_FILES = {
    path.name: path
    for name in ("explore", "report", "coding")
    for path in (Path(str(files(f"tidings.analysis.{name}"))) / "static").iterdir()
}
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


def send_json(value: Any, status: int = 200, **headers: str) -> Response:
    """Return a response with a value, which is not formatted for display."""
    return JSONResponse(value, status, headers=HEADERS | headers)


def send_error(text: str, status: int, **headers: str) -> Response:
    """Return a response with a sentence for the user in ``error``."""
    return send_json({"error": text}, status, **headers)


def send_page(template: str, **values: Any) -> Response:
    """Return a page from a template of the report."""
    return HTMLResponse(render(template, **{"invented": NONE} | values), headers=HEADERS)


def send_file(name: str) -> Response:
    """Return a script or style sheet of Explore, the sheet or the report, or an error."""
    if name == "charts.js":
        return Response(charts_script(), media_type="text/javascript", headers=HEADERS)
    if name not in _FILES:
        return send_error("There is no such file.", 404)
    return FileResponse(_FILES[name], headers=HEADERS)
