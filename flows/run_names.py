"""Name runs after their work: when they start, and while they wait in a queue. Names that a user
chose remain.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import logging
import re
from typing import TYPE_CHECKING, Any

from prefect.exceptions import PrefectException
from prefect.runtime import flow_run
from pydantic import Field

from tidings.base.messages import message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from prefect.client.orchestration import PrefectClient

FLOWS = ("nightly", "backfill", "maintain", "release")
EVERY_SECONDS = 2.0
PAGE, MAX_KNOWN = 200, 2_000  # runs in a response; runs that the next request leaves out
MAX_CHOSEN = 3  # sources that a name lists
# The form of Prefect 3.9 proposes one of these words and an animal as the run's name.
_FORM_NAME = re.compile(
    "(?:Awesome|Ergonomic|Fantastic|Generic|Gorgeous|Handcrafted|Handmade|Incredible|Intelligent|Licensed|Practical|Refined|Rustic"
    r"|Sleek|Small|Tasty|Unbranded)-\S.{0,5}"
)


def label(title: str) -> Any:
    """Return the annotation that gives a flow's parameter this label in the form."""
    return Field(json_schema_extra={"title": title})


def name_run(flow: str, parameters: Mapping[str, Any], at: dt.datetime | None) -> str:
    """Return a name that describes a run: ``refetch 2026-06-08 to 2026-06-12, sample_ministry``.

    Args:
        flow: The name of the flow.
        parameters: The parameters, as Python values or as JSON. Missing parameters have their
            defaults.
        at: The scheduled time of the run, or None if it is unknown.
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


def is_generated(name: str) -> bool:
    """Return whether Prefect invented a run's name, in its form (``Sleek-Yak``) or in its API
    (``hot-narwhal``).
    """
    return bool(_FORM_NAME.fullmatch(name)) or (
        name.count("-") == 1 and _words().issuperset(name.split("-"))
    )


@functools.cache
def _words() -> frozenset[str]:
    """Return the words of which Prefect's API makes names."""
    from coolname.data import config  # noqa: PLC0415 - 30 ms

    parts: Any = config  # its stub omits the structure
    return frozenset(word for part in parts.values() for word in part.get("words", ()))


def current_name() -> str:
    """Return the name of the run that is starting: its own if a user chose it, otherwise a
    description.
    """
    if not is_generated(flow_run.name):
        return str(flow_run.name)
    return name_run(flow_run.flow_name, flow_run.parameters, flow_run.scheduled_start_time)


async def name_waiting_runs(client: PrefectClient, known: Sequence[UUID] = ()) -> list[UUID]:
    """Rename at most PAGE scheduled and queued runs that have a generated name.

    Returns:
        The IDs of the last MAX_KNOWN runs that need no other name. The next call leaves them out
        if ``known`` contains them.
    """
    from prefect.client.schemas import filters  # noqa: PLC0415 - loaded by the client
    from prefect.client.schemas.objects import StateType  # noqa: PLC0415 - as above

    waiting = filters.FlowRunFilterState(
        type=filters.FlowRunFilterStateType(any_=[StateType.SCHEDULED, StateType.PENDING])
    )
    flows = filters.FlowFilter(name=filters.FlowFilterName(any_=list(FLOWS)))
    wanted = filters.FlowRunFilter(state=waiting, id=filters.FlowRunFilterId(not_any_=list(known)))
    found = await client.read_flow_runs(flow_filter=flows, flow_run_filter=wanted, limit=PAGE)
    names = (
        {flow.id: flow.name for flow in await client.read_flows(flow_filter=flows)} if found else {}
    )
    for run in found:
        if is_generated(run.name):
            await client.set_flow_run_name(
                run.id, name_run(names[run.flow_id], run.parameters, run.expected_start_time)
            )
    return [*known, *(run.id for run in found)][-MAX_KNOWN:]


async def keep_naming_runs() -> None:
    """Rename waiting runs every EVERY_SECONDS until the task is cancelled. A failed request is
    repeated.
    """
    import httpx  # noqa: PLC0415 - loaded by the client
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - needs the URL of the server

    known: list[UUID] = []
    async with get_client() as client:
        while True:
            try:
                known = await name_waiting_runs(client, known)
            except (httpx.HTTPError, PrefectException) as error:
                logging.getLogger("tidings").debug("runs not named: %s", type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)
