"""Notifications to the URL in TIDINGS_WEBHOOK, and by the Prefect automations of
``automations.yaml``, which ``tidings serve`` registers.

Each automation records its activations in the event feed of the UI. It also sends a notification if
the server has a notification block named ``tidings``.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import yaml
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import BlockDocument, FlowRun, State
from prefect.events import emit_event
from prefect.events.schemas.automations import AutomationCore
from prefect.server.schemas.schedules import CronSchedule

from tidings.base.messages import message

log = logging.getLogger("tidings")
SECONDS = 10


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Makes every redirect an HTTPError: urllib would follow it without the notification."""

    def redirect_request(self, *_: object) -> None:
        """Follow no redirect."""


def notify(subject: str, lines: Sequence[str] = ()) -> bool:
    """Post ``{"text": …, "subject": …, "lines": […]}`` to TIDINGS_WEBHOOK, if set, and return
    whether it was accepted. A failure is logged without the URL, which may contain a secret.
    """
    url = os.environ.get("TIDINGS_WEBHOOK", "")
    if not url.startswith(("http://", "https://")):
        return False
    subject, lines = message(subject), [message(line) for line in lines]
    body = json.dumps(
        {"text": "\n".join([subject, *lines]), "subject": subject, "lines": lines}
    ).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=SECONDS):
            return True
    except urllib.error.HTTPError as error:
        reason = _explain_status(error)
    except (OSError, ValueError) as error:
        reason = type(error).__name__
    log.warning("webhook: notification failed (%s)", message(reason))
    return False


def _explain_status(error: urllib.error.HTTPError) -> str:
    """Return the reason for a status other than 2xx, with only the host of a redirect's target."""
    location = error.headers.get("Location", "")
    if not 300 <= error.code < 400 or not location:
        return f"status {error.code}"
    host = urlsplit(location).hostname or "another path of the same host"
    return f"status {error.code}, a redirect to {host}: set TIDINGS_WEBHOOK to the final URL"


def notify_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Notify the webhook that a run failed or crashed: a hook of Prefect."""
    notify(
        f"Tidings: {flow.name} {str(state.name).lower()}",
        [f"run {flow_run.name}", state.message or ""],
    )


DEFINED = Path(__file__).with_suffix(".yaml")
BLOCK = "tidings"  # the name of the notification block, of any type
ALERT = "tidings.sources.alert"  # event with the alerts of a run
SPARE = dt.timedelta(hours=2)  # for the nightly run itself, after its scheduled time
SCHEDULED = 200  # runs that are searched for the longest pause: more than a week of hourly runs
SILENT = (
    f" The event feed records it. For notifications, create a notification block named {BLOCK} and"
    f" restart."
)


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
    """Create the automations, or update those that differ from the file, except for what a user
    disabled or chose. ``cron`` and ``zone`` are the nightly schedule.
    """
    dates = await CronSchedule(cron=cron, timezone=zone).get_dates(SCHEDULED)
    pause = max((after - before).total_seconds() for before, after in pairwise(dates))
    async with get_client() as client:
        blocks = filter(_can_notify, await client.read_block_documents(include_secrets=False))
        block = next((block.id for block in blocks), None)
        for wanted in define_automations(dt.timedelta(seconds=pause), block):
            found = await client.read_automations_by_name(wanted.name)
            if not found:
                await client.create_automation(wanted)
                continue
            wanted.enabled = found[0].enabled
            if any(action.type != "do-nothing" for action in found[0].actions):
                wanted.actions = found[0].actions
            # an update restarts the wait for a missing run
            if _content(wanted) != _content(found[0]):
                # The client omits fields that were not set, even those that the server requires.
                await client.update_automation(
                    found[0].id, AutomationCore.model_validate(_content(wanted))
                )


def _can_notify(block: BlockDocument) -> bool:
    schema = block.block_schema
    return block.name == BLOCK and bool(schema and "notify" in schema.capabilities)


def define_automations(pause: dt.timedelta, block: UUID | None) -> list[AutomationCore]:
    """Return the automations for a longest pause between nights, and a block that can notify."""
    defined = yaml.safe_load(DEFINED.read_text(encoding="utf-8"))["automations"]
    for automation in defined:
        if automation["trigger"]["posture"] == "Proactive":
            automation["trigger"]["within"] = pause + SPARE
        if block:
            automation["actions"][0]["block_document_id"] = block
        else:
            automation["actions"] = [{"type": "do-nothing"}]
            automation["description"] += SILENT
    return [AutomationCore.model_validate(automation) for automation in defined]


def _content(automation: AutomationCore) -> dict[str, Any]:
    return automation.model_dump(
        include={"name", "description", "enabled", "trigger", "actions", "tags"}
    )


if __name__ == "__main__":
    asyncio.run(register_automations(*sys.argv[1:3]))
