"""Rows as lines of JSON, as the archive stores them: the facts that no body tells."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import json
from typing import TYPE_CHECKING, Any, get_type_hints
from uuid import UUID

from tidings.warehouse.records import Capture, FeedEntry, FeedGap, FeedState, Forgotten

if TYPE_CHECKING:
    from collections.abc import Iterable

KINDS = {kind.TABLE: kind for kind in (Capture, FeedEntry, FeedState, FeedGap, Forgotten)}
PLACE = ("warc_file", "warc_offset", "warc_length", "is_revisit")  # the archive itself tells them
_PLAIN_TYPES = {"str": str, "int": int, "bool": bool}
LEFT_OUT = {Capture: PLACE, FeedState: ("entry_ids",)}  # a feed's body tells its entries


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A row of the archive, the instant of the run that wrote it, and the window of days that a backfill asked for."""

    row: Any
    now: dt.datetime
    window: tuple[dt.date, dt.date] | None = None


def to_line(line: Line) -> str:
    """Return a row as one line of ASCII."""
    row = line.row
    dropped = LEFT_OUT.get(type(row), ())
    given = {name: getattr(row, name) for name in row.__slots__ if name not in dropped}
    fields = {name: value for name, value in given.items() if value is not None}
    told = {"table": row.TABLE, "now": line.now, "row": fields} | ({"window": line.window} if line.window else {})
    return json.dumps(told, default=_plain, separators=(",", ":"))


def from_line(text: str, **more: Any) -> Line | None:
    """Return the row of a line, with further fields by name; None where the line is none.

    A field that the line lacks is None, or empty where it is a list; one that this program does not know is left out.
    """
    try:
        told = json.loads(text)
        kind = KINDS[told["table"]]
        given = {"is_revisit": False, **told["row"], **more}
        values = {name: _typed(hint, given.get(name)) for name, hint in _hints(kind).items()}
        window = told.get("window")
        days = (dt.date.fromisoformat(window[0]), dt.date.fromisoformat(window[1])) if window else None
        if days and days[1] < days[0]:
            return None
        return Line(kind(**values), _instant(told["now"]), days)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, IndexError):
        return None


@functools.cache
def _hints(kind: type) -> dict[str, str]:
    return {name: str(hint) for name, hint in get_type_hints(kind).items() if name in kind.__slots__}  # type: ignore[attr-defined]


def parse_lines(lines: Iterable[str]) -> list[Line]:
    """Return the rows of lines; those that are none are left out."""
    return [line for text in lines if (line := from_line(text))]


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _typed(hint: str, value: Any) -> Any:
    if hint.startswith("list["):
        return [_typed(hint.removeprefix("list[").removesuffix("]"), one) for one in value or ()]
    if value is None and "None" in hint:
        return None
    if "UUID" in hint:
        return UUID(value)
    if "datetime" in hint:
        return _instant(value)
    if type(value) is not next(kind for name, kind in _PLAIN_TYPES.items() if name in hint):
        raise TypeError(value)
    return value


def _instant(text: str) -> dt.datetime:
    at = dt.datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at
