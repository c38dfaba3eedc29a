"""Offer a release's answers as tools of the Model Context Protocol (MCP), over standard input.

The tools only read; ``query`` runs one SELECT in a process of its own, with limits.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import duckdb
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from tidings.analysis.answers import Row
from tidings.analysis.explore.answers import ANSWERS, answer, as_json, describe_release
from tidings.analysis.explore.database import OpenRelease, QueryTimeoutError
from tidings.analysis.explore.query_process import MAX_TEXT_LENGTH, QueryError, QueryProcess
from tidings.analysis.explore.question import PARAMETERS, Question, parse_question
from tidings.analysis.inputs import InputError
from tidings.analysis.report.release import read_dictionary
from tidings.version import __version__

MAX_ROWS = 500
INSTRUCTIONS = """Tidings counts which policy themes the news mentions, and who is quoted. Name a
series KIND:ID, such as theme:digital_economy, outlet:us_white_house, speaker:xi_jinping, or
words:quiet corridors|宁静走廊 for any words, which AND, OR, NOT and NEAR/5 may join. `describe`
finds series by name. Days are YYYY-MM-DD in the outlet's time zone. A null value is unknown (as in
a coverage gap), not zero. is_open marks a period that is not over yet. Cite the release, and give
shares with their interval (low, high). If release.notice states that data are invented, state it
with each figure. data_problems lists the times in which an outlet's data differ from its own
past: state those that concern a figure."""
Names = list[str]
_NAMES = {"s": "series", "from": "first_day", "to": "last_day"}


class StrictServer(MCPServer[Any]):
    """A server that refuses arguments that a tool does not have; the library ignores them."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Call a tool. Raises ToolError if it has no such argument."""
        for tool in await self.list_tools():
            known = tool.input_schema["properties"]
            if tool.name == name and (unknown := sorted(arguments.keys() - known)):
                raise ToolError(
                    f"{name} has no argument {unknown[0]!r}: it has {', '.join(known)}."
                )
        return await super().call_tool(name, arguments, context)


def create_server(get_release: Callable[[], OpenRelease]) -> MCPServer[Any]:
    """Return the server of the tools. ``get_release`` returns the release for a question."""
    server = StrictServer(
        "tidings", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING"
    )
    hints = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    for tool in list_tools(get_release):
        server.add_tool(tool, annotations=hints)
    return server


def list_tools(get_release: Callable[[], OpenRelease]) -> list[Callable[..., dict[str, Any]]]:
    """Return the tools. Their docstrings and parameters are what an assistant reads."""
    tools = Tools(get_release)
    asking = [_asking_tool(get_release, name) for name in ANSWERS if ANSWERS[name].tool]
    return [tools.describe, tools.query, *asking]


def _asking_tool(get_release: Callable[[], OpenRelease], name: str) -> Callable[..., Any]:
    """Return the tool that gives an answer of the API, with the parameters of its path."""
    names = {_NAMES.get(key, key): key for key in ANSWERS[name].parameters if key != "format"}

    def ask(**values: Names | str | int | None) -> dict[str, Any]:
        pairs = {names[key]: value for key, value in values.items()}
        return _run(lambda: answer(get_release(), name, _parse(pairs)))

    arguments, keyword = [], inspect.Parameter.KEYWORD_ONLY
    for own, key in names.items():
        default = PARAMETERS[key].schema.get("default", None if PARAMETERS[key].most > 1 else "")
        if (name, key) == ("articles", "measure"):
            default = "mentions"  # as the name of the tool
        kind = Names | None if default is None else type(default)
        field = Field(description=PARAMETERS[key].description)
        described = Annotated[kind, field]  # type: ignore[valid-type]
        arguments.append(inspect.Parameter(own, keyword, default=default, annotation=described))
    ask.__name__, ask.__doc__ = ANSWERS[name].tool, ANSWERS[name].description
    ask.__signature__ = inspect.Signature(arguments, return_annotation=dict[str, Any])  # type: ignore[attr-defined]
    return ask


class Tools:
    """The tools that give other answers than the API."""

    def __init__(self, get_release: Callable[[], OpenRelease]) -> None:
        self._get_release = get_release
        self._queries = QueryProcess()

    def describe(self, table: str = "", search: str = "") -> dict[str, Any]:
        """Return the tables of the release with their meaning, or the columns of one
        `table`.

        `outlet_breaks` lists the times in which an outlet's data differ from its own past, and
        `revised_figures` the figures that differ from an earlier release, with the reasons.

        With `search`, return the series (themes, areas, phrases, outlets, languages, countries,
        speakers, and comparison series of other sources) whose name contains it.
        """
        release = self._get_release()
        if search:
            found = _run(lambda: answer(release, "choices", _parse({"q": search})))
            return {name: value for name, value in found.items() if name != "sql"}  # it is long
        with release.cursor() as con:
            tables = {entry.name: entry for entry in read_dictionary(con)}
        if table:
            return _run(lambda: describe_release(release) | _describe_table(tables, table))
        first, last = release.days or (None, None)
        listed_tables = [
            {"table": name, "description": entry.description, "row_count": entry.row_count}
            for name, entry in tables.items()
        ]
        days = {"first_day": first, "last_day": last}
        return _run(lambda: describe_release(release) | days | {"tables": listed_tables})

    def query(self, sql: str, row_limit: int = 100) -> dict[str, Any]:
        """Run one SELECT in DuckDB's SQL on the release. At most 500 rows and 4 MB; texts end after
        2,000 characters with "…".

        The search path contains marts, core, ops and ref. word_hits(title, body_text, language,
        'a|b') finds words in articles.
        """
        path, most = self._get_release().path, max(1, min(row_limit, MAX_ROWS))
        return _run(lambda: self._queries.run(path, sql, most))


def _describe_table(tables: dict[str, Any], table: str) -> Row:
    known = {name.partition(".")[2]: entry for name, entry in tables.items()} | tables
    if (found := known.get(table)) is None:
        raise ToolError(f"Unknown table {table!r}: call describe without a table for the list.")
    return {
        "table": found.name,
        "description": found.description,
        "row_count": found.row_count,
        "columns": [
            {"name": col.name, "type": col.kind, "description": col.description}
            for col in found.columns
        ],
    }


def _parse(values: Mapping[str, Any]) -> Question:
    lists = {name: value if isinstance(value, list) else [value] for name, value in values.items()}
    return parse_question(
        [(name, str(value)) for name in lists for value in lists[name] if value is not None]
    )


def _run(function: Callable[[], Row]) -> dict[str, Any]:
    """Return an answer with JSON values, or raise ToolError with a message for the assistant."""
    try:
        result: dict[str, Any] = as_json(function())
    except (InputError, QueryError, QueryTimeoutError, duckdb.Error) as error:
        raise ToolError(str(error).strip()[:MAX_TEXT_LENGTH]) from error
    return result
