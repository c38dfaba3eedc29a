"""Prefect automations for failed runs, missing nightly runs and silent sources, as code. ``tidings
serve`` registers them.

Each automation records its activations in the event feed of the UI. It also sends a notification if
the server has a notification block named ``tidings``.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.events.actions import DoNothing, SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.server.schemas.schedules import CronSchedule

from tidings.base.messages import message
from tidings.flows.run_names import FLOWS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from prefect.client.orchestration import PrefectClient

BLOCK = "tidings"  # the name of the notification block, of any type
ALERT = "tidings.sources.alert"  # event with the alerts of a run
RUN: dict[str, str | list[str]] = {"prefect.resource.id": "prefect.flow-run.*"}
SPARE = dt.timedelta(hours=2)  # for the nightly run itself, after its scheduled time
SCHEDULED = 200  # runs that are searched for the longest pause: more than a week of hourly runs


def emit_alerts(alerts: Sequence[str]) -> None:
    """Send the alerts about sources to Prefect as one event."""
    emit_event(
        ALERT,
        resource={
            "prefect.resource.id": "tidings.sources",
            "prefect.resource.name": "Tidings: sources",
        },
        payload={"lines": [message(line) for line in alerts]},
    )


async def register_automations(cron: str, zone: str) -> None:
    """Create the automations, or update those that differ from the code. ``cron`` and ``zone`` are
    the nightly run's schedule.

    An automation that a user disabled remains disabled, and actions that a user chose remain.
    """
    async with get_client() as client:
        await _register(client, await longest_pause(cron, zone))


async def _register(client: PrefectClient, pause: dt.timedelta) -> None:
    block = next(
        (
            document.id
            for document in await client.read_block_documents(include_secrets=False)
            if document.name == BLOCK
            and "notify" in ((document.block_schema and document.block_schema.capabilities) or ())
        ),
        None,
    )
    for wanted in define_automations(pause, block):
        found = await client.read_automations_by_name(wanted.name)
        if not found:
            await client.create_automation(wanted)
            continue
        wanted.enabled = found[0].enabled
        if any(action.type != DoNothing().type for action in found[0].actions):
            wanted.actions = found[0].actions
        if _content(wanted) != _content(found[0]):  # an update restarts the wait for a missing run
            # The client omits fields that were not set, even those that the server requires.
            await client.update_automation(
                found[0].id, AutomationCore.model_validate(_content(wanted))
            )


def define_automations(pause: dt.timedelta, block: UUID | None) -> list[AutomationCore]:
    """Return the automations for a longest ``pause`` between nightly runs and the ID of a
    notification ``block``, if any.
    """
    hours = f"{(pause + SPARE) / dt.timedelta(hours=1):g}"
    run = "Run: {{ flow_run.name }}\n{{ flow_run.state.message }}"
    return [
        _automation(
            "Tidings: a run failed or crashed",
            "A nightly run, backfill, maintenance or release ended with an error.",
            EventTrigger(
                expect={"prefect.flow-run.Failed", "prefect.flow-run.Crashed"},
                match=RUN,
                match_related=_of_flows(*FLOWS),
            ),
            block,
            run,
        ),
        _automation(
            "Tidings: no nightly run completed",
            f"No nightly run completed within {hours} hours, the longest pause of the schedule"
            f" plus two.",
            EventTrigger(
                expect={"prefect.flow-run.Completed"},
                match=RUN,
                match_related=_of_flows("nightly"),
                posture=Posture.Proactive,
                within=pause + SPARE,
            ),
            block,
            f"No nightly run completed within {hours} hours.",
        ),
        _automation(
            "Tidings: sources fail or are silent",
            "A run found sources that failed three times in a row or were retired, or silent"
            " outlets.",
            EventTrigger(expect={ALERT}, match={"prefect.resource.id": "tidings.sources"}),
            block,
            "{{ event.payload.lines | join('\n') }}",
        ),
    ]


def _of_flows(*names: str) -> dict[str, Any]:
    return {"prefect.resource.role": "flow", "prefect.resource.name": list(names)}


def _automation(
    name: str, description: str, trigger: EventTrigger, block: UUID | None, body: str
) -> AutomationCore:
    action = (
        SendNotification(block_document_id=block, subject=name, body=body) if block else DoNothing()
    )
    if not block:
        description += (
            f" The event feed records it. For notifications, create a notification"
            f" block named {BLOCK} and restart."
        )
    return AutomationCore(
        name=name, description=description, trigger=trigger, actions=[action], tags=["tidings"]
    )


async def longest_pause(cron: str, zone: str) -> dt.timedelta:
    """Return the longest time between two of the next SCHEDULED runs of a schedule."""
    dates = await CronSchedule(cron=cron, timezone=zone).get_dates(SCHEDULED)
    return dt.timedelta(
        seconds=max((after - before).total_seconds() for before, after in pairwise(dates))
    )


def _content(automation: AutomationCore) -> dict[str, Any]:
    return automation.model_dump(
        include={"name", "description", "enabled", "trigger", "actions", "tags"}
    )


if __name__ == "__main__":
    asyncio.run(register_automations(*sys.argv[1:3]))
