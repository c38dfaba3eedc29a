"""Name runs after their work when they start. Names without a hyphen remain."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from prefect.runtime import flow_run
from pydantic import Field

from tidings.base.messages import message

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_CHOSEN = 3  # sources that a name lists


def label(title: str) -> Any:
    """Return the annotation that gives a flow's parameter this label in the form."""
    return Field(json_schema_extra={"title": title})


def name_run(flow: str, parameters: Mapping[str, Any], at: dt.datetime | None) -> str:
    """Return a name that describes a run: ``refetch 2026-06-08 to 2026-06-12, sample_ministry``.
    Missing ``parameters`` have their defaults; ``at`` is the scheduled time, if it is known.
    """
    dry = "dry run: " if parameters.get("dry_run") else ""
    if flow == "backfill":
        return dry + message(
            f"{parameters.get('mode') or 'refetch'} {_days(parameters)}{_chosen(parameters)}"
        )
    if now := parameters.get("now"):
        return f"{dry}{flow} as of {message(str(now))}"
    return f"{dry}{flow} {at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC" if at else f"{dry}{flow}"


def _days(parameters: Mapping[str, Any]) -> str:
    start, end = parameters.get("start"), parameters.get("end")
    if not start and not end:
        return "all days"
    return str(start) if start == end else f"{start or '…'} to {end or '…'}"


def _chosen(parameters: Mapping[str, Any]) -> str:
    names = [
        str(name) for key in ("publishers", "topics", "feeds") for name in parameters.get(key) or ()
    ]
    more = f" and {len(names) - MAX_CHOSEN} more" if len(names) > MAX_CHOSEN else ""
    return f", {', '.join(names[:MAX_CHOSEN])}{more}" if names else ""


def current_name() -> str:
    """Return the name of the starting run, or a description if Prefect named it (with a hyphen)."""
    if "-" not in flow_run.name:
        return str(flow_run.name)
    return name_run(flow_run.flow_name, flow_run.parameters, flow_run.scheduled_start_time)
