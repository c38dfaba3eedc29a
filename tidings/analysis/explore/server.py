"""Serve Explore on loopback: its page, and the same questions as JSON, CSV and XLSX below ``/api``.

``OriginGuard`` refuses requests of foreign web pages and unknown Host headers.
"""

import datetime as dt
import io
import itertools
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from operator import itemgetter
from pathlib import Path
from urllib.parse import urlencode

import duckdb
from anyio import CapacityLimiter, create_task_group, sleep
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tidings.analysis.answers import Row
from tidings.analysis.explore.answers import ANSWERS, answer, as_json, as_table, check_question
from tidings.analysis.explore.articles import read_mentions
from tidings.analysis.explore.database import PROBLEM, OpenRelease, QueryTimeoutError, ReleaseReader
from tidings.analysis.explore.question import DAYS, PARAMETERS, Parameter, Question, parse_question
from tidings.analysis.explore.saved import SavedQuestions
from tidings.analysis.explore.word_index import write_index
from tidings.analysis.inputs import InputError
from tidings.analysis.web import HEADERS, send_error, send_file, send_json, send_page
from tidings.base.guarded_pool import without_interrupts
from tidings.base.origin_guard import LOOPBACK, MAX_BYTES, listen_address, read_object, serve
from tidings.base.tables import write_csv, write_xlsx
from tidings.storage.lake import WarehouseError

MAX_QUESTIONS = 4  # answered at the same time; others wait
MAX_WAITING = 200  # further questions are refused
RETRY_AFTER = 30  # seconds after which a program may repeat a refused question
_NO_MEMORY = "The query needs too much memory. Choose fewer days, series or words."
_UNEXPECTED = "An unexpected error occurred: the output of tidings explore has the details."
_FILES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_TEXT: Row = {"type": "string"}
_RELEASE = {
    "type": "object",
    "properties": dict.fromkeys(
        ("release_id", "released_at", "lexicon_version", "code_version"), _TEXT
    )
    | {
        "notice": {
            "type": ["string", "null"],
            "description": "States that data are invented, as in the demo.",
        }
    },
}
_PROBLEMS = {
    "type": "array",
    "description": "The times in which the data of an outlet that the question counts differ from"
    " the outlet's own past, and have not ended: what happened, and what a user can do.",
    "items": {"type": "object", "properties": dict.fromkeys(PROBLEM, _TEXT)},
}
_ERROR = {
    "description": "One sentence that states the error.",
    "content": {
        "application/json": {
            "schema": {"type": "object", "properties": {"error": _TEXT}, "required": ["error"]}
        }
    },
}


def serve_explore(
    path: Path,
    port: int,
    show: Callable[[str], None],
    later: Path | None = None,
    saved: SavedQuestions | None = None,
) -> None:
    """Serve a release file until Ctrl-C, or ``later`` once it exists, and pass the page's URL to
    ``show``. Port 0 means any free port. Without ``saved``, the page saves no question.

    Raises PortError and SettingsError.
    """
    reader = ReleaseReader(path, later)

    def begin(own_port: int) -> None:
        threading.Thread(target=_prepare, args=(reader,), daemon=True).start()
        show(f"http://{LOOPBACK}:{own_port}/")

    serve(create_app(reader, saved), port, begin, listen_address())


def _prepare(reader: ReleaseReader) -> None:
    """Write the index of words in another process, and load the lists of glosses and matcher."""
    release = reader.get()
    process = multiprocessing.get_context("spawn").Process(
        target=write_index, args=(release.path,), daemon=True
    )
    with without_interrupts():
        process.start()
    release.gloss("", {"language": "zh", "published_on": None})
    with release.cursor() as con:
        release.typed.read(con, "tidings")
    process.join()


def create_app(reader: ReleaseReader, saved: SavedQuestions | None = None) -> Starlette:
    """Return the app: ``/``, ``/static/…``, ``/saved``, ``/api`` and below it a path for each
    answer.
    """
    limiter = CapacityLimiter(MAX_QUESTIONS)

    async def send_answer(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in ANSWERS:
            return send_error(f"Unknown path: /api has {', '.join(ANSWERS)} and openapi.json.", 404)
        pairs = request.query_params.multi_items()
        if name == "choices":  # it reads memory only
            return await run_in_threadpool(_respond, reader, name, pairs)
        if limiter.statistics().tasks_waiting >= MAX_WAITING:
            return _refuse("Too many questions are waiting for an answer. Try again in a minute.")
        if not await _wait_for_turn(limiter, request):
            return Response(status_code=204)
        try:
            return await run_in_threadpool(_respond, reader, name, pairs)
        finally:
            limiter.release()

    def send_explore(_: Request) -> Response:
        return send_page("explore.html", root="/", path="", invented=reader.get().invented)

    app = Starlette(
        routes=[
            Route("/", send_explore),
            Route("/static/{name:path}", lambda request: send_file(request.path_params["name"])),
            Route("/saved", _send_saved, methods=["GET", "POST", "DELETE"]),
            Route("/api", _send_description),
            Route("/api/openapi.json", _send_description),
            Route("/api/{name}", send_answer),
        ],
        exception_handlers={
            HTTPException: lambda _, error: send_error(
                f"{error.detail}: the pages are / and /api.", error.status_code
            ),
            InputError: lambda _, error: send_error(str(error), 400),
            WarehouseError: lambda _, error: send_error(str(error), 400),
            QueryTimeoutError: lambda _, error: _refuse(str(error)),
            duckdb.OutOfMemoryException: lambda *_: _refuse(_NO_MEMORY),
            Exception: lambda *_: send_error(_UNEXPECTED, 500),
        },
    )
    app.state.reader = reader
    app.state.saved = saved or SavedQuestions((), "This server saves no questions.")
    return app


async def _wait_for_turn(limiter: CapacityLimiter, request: Request) -> bool:
    """Return whether the question may be answered now: False if nobody waits for the answer."""
    async with create_task_group() as tasks:

        async def watch() -> None:
            # a request has no event for its end
            while not await request.is_disconnected():  # noqa: ASYNC110
                await sleep(1)
            tasks.cancel_scope.cancel()

        tasks.start_soon(watch)
        await limiter.acquire()
        tasks.cancel_scope.cancel()
        return True
    return False


async def _send_saved(request: Request) -> Response:
    """Return the saved questions (GET), after one was added (POST) or deleted (DELETE)."""
    questions: SavedQuestions = request.app.state.saved
    if request.method != "GET":
        if request.headers.get("content-type") != "application/json":  # no form sends it
            return send_error("Send JSON with the content type application/json.", 415)
        try:
            values = await read_object(request.stream())
            if request.method == "POST":
                await run_in_threadpool(questions.add, str(values["name"]), str(values["query"]))
            else:
                await run_in_threadpool(questions.delete, values["question_id"])
        except InputError:
            raise
        except (LookupError, TypeError, ValueError):
            return send_error(
                "Send an object with name and query, or with question_id, of at most"
                f" {MAX_BYTES:,} bytes.",
                400,
            )
    rows = await run_in_threadpool(questions.rows)
    return send_json({"saved": rows, "refusal": questions.refusal})


async def _send_description(request: Request) -> Response:
    """Return the OpenAPI document, or a page for a browser."""
    is_page = not request.url.path.endswith(".json")
    if not (is_page and "text/html" in request.headers.get("accept", "")):
        return send_json(describe_api())
    return await run_in_threadpool(
        _send_api_page, request.app.state.reader.get(), str(request.base_url)
    )


def _send_api_page(release: OpenRelease, address: str) -> Response:
    document, routes = describe_api(), []
    for path, methods in document["paths"].items():
        route = methods["get"]
        answer = ANSWERS[route["operationId"]]
        example = f"{path}?{urlencode(_example(release, answer.parameters), safe=':')}"
        parameters = [
            found | {"schema": found["schema"].get("items", found["schema"])}
            for found in route["parameters"]
        ]
        facts = {"path": path, "example": example, "rows": answer.rows, "parameters": parameters}
        routes.append(route | facts)
    values = {"about": document["info"]["description"], "address": address.rstrip("/")}
    values |= {"root": "/", "path": "api"}
    return send_page("api.html", routes=routes, invented=release.invented, **values)


def _example(release: OpenRelease, parameters: tuple[str, ...]) -> list[tuple[str, object]]:
    """Return the parameters of a question that a path answers with rows."""
    themes = [row for row in release.choices.values() if row["kind"] == "theme"]
    largest = max(themes, key=itemgetter("count"), default={"key": "words:the", "id": ""})
    if "q" in parameters:
        return [("q", largest["id"][:4])]
    values: list[tuple[str, object]] = [("s", largest["key"])] if "s" in parameters else []
    if "previous_from" in parameters and release.days:
        days = (13, 0, 27, 14)
        values += zip(DAYS, (release.days[1] - dt.timedelta(day) for day in days), strict=True)
    return values + ([("by", "month")] if "by" in parameters else [])


def _respond(reader: ReleaseReader, name: str, pairs: list[tuple[str, str]]) -> Response:
    question, release = parse_question(pairs), reader.get()
    label = release.invented.label.replace(" ", "-")
    stem = "-".join(filter(None, ("tidings", label, name, release.facts["release_id"])))
    headers = HEADERS | {"content-disposition": f'attachment; filename="{stem}.{question.format}"'}
    if (name, question.format) == ("mentions", "csv") and question.series:
        check_question(release, question)
        lines = _stream_csv(release, question)
        # The first lines are read before the response starts, so that an error has its status.
        return StreamingResponse(
            itertools.chain([next(lines)], lines), media_type=_FILES["csv"], headers=headers
        )
    answered = answer(release, name, question)
    if question.format == "json":
        return send_json(as_json(answered))
    columns, rows = as_table(name, answered, release.facts["notice"])
    file = io.BytesIO()
    if question.format == "csv":
        write_csv(file, columns, rows)
    else:
        facts = {
            "Citation": answered["citation"],
            "SQL": answered["sql"],
            "Question in Explore": answered["url"],
        }
        if answered["data_problems"]:
            facts["Data problems"] = "\n".join(
                "{name}, {first_on} to {last_on}: {what}".format(**found)
                for found in answered["data_problems"]
            )
        write_xlsx(file, columns, rows, facts)
    return Response(file.getvalue(), media_type=_FILES[question.format], headers=headers)


def _stream_csv(release: OpenRelease, question: Question) -> Iterator[bytes]:
    """Yield the lines of a CSV file of all mentions, which may be too many for memory."""
    for number, block in enumerate(read_mentions(release, question)):
        file = io.BytesIO()
        write_csv(file, *as_table("mentions", {"mentions": block}, release.facts["notice"]))
        # one header line
        yield file.getvalue().partition(b"\r\n")[2] if number else file.getvalue()


def _refuse(text: str) -> Response:
    return send_error(text, 503, **{"retry-after": str(RETRY_AFTER)})


def describe_api() -> Row:
    """Return the OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tidings Explore",
            "version": "1",
            "description": "Questions about a release of Tidings. Each answer contains its release,"
            " a citation, the data problems of its outlets, and the SQL that returns the same rows"
            " in `tidings sql`. A null value is unknown, for instance in a coverage gap.",
        },
        "paths": {f"/api/{name}": {"get": _describe(name)} for name in ANSWERS},
    }


def _describe(name: str) -> Row:
    answer = ANSWERS[name]
    properties = {
        "release": _RELEASE,
        "citation": _TEXT,
        "data_problems": _PROBLEMS,
        "sql": _TEXT | {"description": "Query for `tidings sql`."},
        "url": _TEXT | {"description": "The question in Explore."},
        answer.rows: {"type": "array", "items": {"type": "object"}},
    }
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {
        "operationId": name,
        "summary": answer.summary,
        "description": answer.description,
        "parameters": [_parameter(PARAMETERS[parameter]) for parameter in answer.parameters],
        "responses": {
            "200": {
                "description": answer.summary,
                "content": {
                    "application/json": {"schema": schema},
                    "text/csv": {"schema": _TEXT},
                    _FILES["xlsx"]: {"schema": {}},
                },
            },
            "400": _ERROR,
            "503": _ERROR | {"headers": {"Retry-After": {"schema": {"type": "integer"}}}},
        },
    }


def _parameter(parameter: Parameter) -> Row:
    schema, more = parameter.schema, {}
    if parameter.most > 1:
        schema = {"type": "array", "items": schema, "maxItems": parameter.most, "uniqueItems": True}
        more = {"style": "form", "explode": True}
    described = {"name": parameter.name, "in": "query", "description": parameter.description}
    return described | {"schema": schema} | more
