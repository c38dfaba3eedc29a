"""A page before it is rendered."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from tidings.flows.report.figure import Figure


@dataclass(frozen=True, slots=True)
class Page:
    """A page's path below the report's folder, its template, its values and its figures, those of its sections included."""

    path: str
    template: str
    values: dict[str, Any]
    figures: list[Figure] = field(default_factory=list)

    def content_key(self) -> str:
        """Return a text that differs when the page's content does; the release's own name is no part of it."""
        return json.dumps([self.values, [figure.as_data() for figure in self.figures]], default=_plain, sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Figure):  # its rows are in the key already, once, and are most of a page
        return value.words()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    return str(value)
