"""Describe the API as an OpenAPI 3.1 document, from the parameters that validate a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.analysis.explore.answers import ANSWERS
from tidings.analysis.explore.question import MAX_SERIES, MAX_VALUES, PARAMETERS

if TYPE_CHECKING:
    from tidings.analysis.explore.question import Parameter

_TEXT: dict[str, Any] = {"type": "string"}
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
_ERROR = {
    "description": "One sentence that states the error.",
    "content": {
        "application/json": {
            "schema": {"type": "object", "properties": {"error": _TEXT}, "required": ["error"]}
        }
    },
}


def describe_api() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tidings Explore",
            "version": "1",
            "description": "Questions about a release of Tidings. Each answer contains its release,"
            " a citation, and the SQL that returns the same rows in `tidings sql`. A null value is"
            " unknown, for instance in a coverage gap.",
        },
        "paths": {f"/api/{name}": {"get": _describe(name)} for name in ANSWERS},
    }


def _describe(name: str) -> dict[str, Any]:
    answer = ANSWERS[name]
    properties = {
        "release": _RELEASE,
        "citation": _TEXT,
        "sql": _TEXT | {"description": "Query for `tidings sql`."},
        "url": _TEXT | {"description": "The question in Explore."},
        answer.rows: {"type": "array", "items": {"type": "object"}},
    }
    doc = " ".join((answer.function.__doc__ or "").split("\n\n    Raises")[0].split())
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {
        "operationId": name,
        "summary": answer.summary,
        "description": doc,
        "parameters": [_parameter(PARAMETERS[parameter]) for parameter in answer.parameters],
        "responses": {
            "200": {
                "description": answer.summary,
                "content": {
                    "application/json": {"schema": schema},
                    "text/csv": {"schema": _TEXT},
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
                        "schema": {}
                    },
                },
            },
            "400": _ERROR,
            "503": _ERROR | {"headers": {"Retry-After": {"schema": {"type": "integer"}}}},
        },
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema = parameter.schema
    if parameter.is_repeated:
        most = MAX_SERIES if parameter.name == "s" else MAX_VALUES
        schema = {"type": "array", "items": schema, "maxItems": most, "uniqueItems": True}
    described = {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "schema": schema,
    }
    return described | ({"style": "form", "explode": True} if parameter.is_repeated else {})
