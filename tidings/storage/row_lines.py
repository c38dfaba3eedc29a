"""JSON lines, the form in which the archive stores facts that no body contains."""

from __future__ import annotations

import datetime as dt
import functools
import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any, get_type_hints
from uuid import UUID

import orjson

from tidings.base.records import Capture, FeedEntry, FeedGap, FeedState, Forgotten

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = {kind.TABLE: kind for kind in (Capture, FeedEntry, FeedState, FeedGap, Forgotten)}
# known from the archive file itself
PLACE = ("warc_file", "warc_offset", "warc_length", "is_revisit")
LEFT_OUT = {Capture: PLACE, FeedState: ("entry_ids",)}  # known from the entries


def to_line(row: Any, now: dt.datetime) -> str:
    """Return a row as one line of JSON, with the time of the run that wrote it."""
    names, read = _fields(row.__class__)
    given = zip(names, read(row), strict=True)
    fields = {name: value for name, value in given if value is not None}
    return orjson.dumps({"table": row.TABLE, "now": now, "row": fields}).decode()


@functools.cache
def _fields(kind: type) -> tuple[list[str], Callable[[Any], tuple[Any, ...]]]:
    dropped = LEFT_OUT.get(kind, ())
    names = [name for name in kind.__slots__ if name not in dropped]  # type: ignore[attr-defined]
    return names, attrgetter(*names)


def from_line(text: str, **more: Any) -> tuple[Any, dt.datetime] | None:
    """Return the row of a line and the time of its run, or None if the line is invalid; ``more``
    adds or replaces fields. A missing field is None, or an empty list.
    """
    try:
        content = orjson.loads(text)
        kind = KINDS[content["table"]]
        given = {"is_revisit": False, **content["row"], **more}
        values = {name: _typed(hint, given.get(name)) for name, hint in _hints(kind).items()}
        return kind(**values), read_time(content["now"])
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None


@functools.cache
def _hints(kind: type) -> dict[str, str]:
    return {
        name: str(hint)
        for name, hint in get_type_hints(kind).items()
        if name in kind.__slots__  # type: ignore[attr-defined]
    }


def parse_lines(body: bytes) -> list[tuple[Any, dt.datetime]]:
    """Return the rows of the valid lines of a record, with the times of their runs."""
    lines = body.decode("utf-8", "replace").split("\n")
    return [found for text in lines if (found := from_line(text))]


def _typed(hint: str, value: Any) -> Any:
    if hint.startswith("list["):
        return [_typed(hint.removeprefix("list[").removesuffix("]"), item) for item in value or ()]
    if value is None and "None" in hint:
        return None
    if "UUID" in hint:
        return UUID(value)
    if "datetime" in hint:
        return read_time(value)
    if type(value).__name__ not in re.split(r"\W+", hint):
        raise TypeError(value)
    return value


def read_time(text: str) -> dt.datetime:
    """Return an ISO 8601 time. Raises ValueError if it is invalid or has no zone."""
    at = dt.datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at
